"""A store in which each file is encrypted with a key of its own, which lies in the file, wrapped by the master key.

AES-256-GCM throughout. To destroy a file is to destroy its wrapped key: what a disk or a backup still holds of the rest
opens for nobody who lacks that key. A file says of nobody what is in it: names are random, and errors hold no data.

Form of a file: a head (magic, id of the master key, nonce, wrapped data key), the size of a chunk and the size of the
data, then the chunks with their tags. What the data belongs to (`context`) is sealed along with each chunk, so a file
that is moved to another name, wave or municipality does not open.
"""

import hashlib
import io
import os
import re
import secrets
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from koersvast.connectors.whole_files import sync_folder, write_whole_in_pieces

KEY_BYTES = 32
_MAGIC = b"KVSEAL1\0"
_KEY_ID_BYTES, _NONCE_BYTES, _TAG_BYTES = 8, 12, 16
_HEAD_BYTES = len(_MAGIC) + _KEY_ID_BYTES + _NONCE_BYTES + KEY_BYTES + _TAG_BYTES
_SIZES = struct.Struct(">IQ")
_CHUNK_BYTES = 1024 * 1024
_LARGEST_CHUNK = 64 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{32}\Z")
_SUFFIX = ".sealed"


class SealBroken(Exception):
    """A file that was changed, moved, cut off, or sealed with a key that is not here."""


class Destroyed(Exception):
    """A file that is no longer there, or whose key was destroyed."""


class SealedStore:
    """The files of one folder. `earlier_keys` open what was sealed before the master key was changed."""

    def __init__(self, directory: Path, key: bytes, *, earlier_keys: Sequence[bytes] = ()) -> None:
        if any(len(each) != KEY_BYTES for each in (key, *earlier_keys)):
            raise ValueError(f"A master key has {KEY_BYTES} bytes.")
        self._directory = directory
        self._key_id = key_id(key)
        self._keys = {key_id(each): AESGCM(each) for each in (key, *earlier_keys)}

    def seal(self, data: bytes, *, context: str) -> str:
        """Encrypt bytes into a new file and return its random name; at most a chunk is held twice."""
        name, data_key = secrets.token_hex(16), AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        head = self._wrapped(data_key, name=name)
        write_whole_in_pieces(self._path(name), _sealed(data, head, data_key, name, context), mode=0o600)
        return name

    def open(self, name: str, *, context: str) -> bytes:
        """Decrypt a file; raises SealBroken, or Destroyed for one that is gone."""
        try:
            with self._path(name).open("rb") as file:
                data_key = self._unwrapped(_head(file), name=name)
                return _opened(file, data_key, name, context)
        except FileNotFoundError:
            raise Destroyed("This file has been destroyed.") from None

    def destroy(self, name: str) -> None:
        """Overwrite the wrapped key on disk, then remove the file; one that is gone already stays gone.

        A disk that writes elsewhere (flash, snapshots) or a backup may keep an old copy of the file: see the page on
        privacy. Without the master key that copy opens for nobody.
        """
        path = self._path(name)
        try:
            with path.open("r+b") as file:
                file.write(bytes(_HEAD_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        path.unlink(missing_ok=True)
        sync_folder(self._directory)

    def rewrap(self, name: str) -> None:
        """Wrap the key of a file with the present master key; the data itself is copied as it is."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                head = _head(file)
                if _key_id_of(head) == self._key_id:
                    return
                data_key = self._unwrapped(head, name=name)
                pieces = (piece for piece in iter(lambda: file.read(_CHUNK_BYTES), b""))
                write_whole_in_pieces(path, _followed(self._wrapped(data_key, name=name), pieces), mode=0o600)
        except FileNotFoundError:
            raise Destroyed("This file has been destroyed.") from None

    def names(self) -> tuple[str, ...]:
        """Return the names of all files, in order."""
        found = (path.name.removesuffix(_SUFFIX) for path in self._directory.glob(f"*{_SUFFIX}"))
        return tuple(sorted(name for name in found if _NAME.match(name)))

    def names_under_another_key(self) -> tuple[str, ...]:
        """Return the names of files that none of the keys that are here will open."""
        return tuple(name for name in self.names() if self._wrapped_by(name) not in self._keys)

    def _wrapped_by(self, name: str) -> bytes:
        try:
            with self._path(name).open("rb") as file:
                return _key_id_of(_head(file))
        except (FileNotFoundError, Destroyed, SealBroken):
            return self._key_id  # gone or damaged: another key would not help

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            raise Destroyed("There is no file of this name.")
        return self._directory / f"{name}{_SUFFIX}"

    def _wrapped(self, data_key: bytes, *, name: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = self._keys[self._key_id].encrypt(nonce, data_key, _MAGIC + name.encode())
        return _MAGIC + self._key_id + nonce + wrapped

    def _unwrapped(self, head: bytes, *, name: str) -> bytes:
        master = self._keys.get(_key_id_of(head))
        if master is None:
            raise SealBroken("This file was sealed with another master key.")
        start = len(_MAGIC) + _KEY_ID_BYTES
        nonce, wrapped = head[start : start + _NONCE_BYTES], head[start + _NONCE_BYTES :]
        try:
            return master.decrypt(nonce, wrapped, _MAGIC + name.encode())
        except InvalidTag:
            raise SealBroken("The key of this file was changed.") from None


def key_id(key: bytes) -> bytes:
    """Return the first bytes of a digest that tells keys apart and tells nothing of them."""
    return hashlib.sha256(b"koersvast sealed store" + key).digest()[:_KEY_ID_BYTES]


def _key_id_of(head: bytes) -> bytes:
    return head[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES]


def _head(file: io.BufferedReader) -> bytes:
    head = file.read(_HEAD_BYTES)
    if head and not any(head):
        raise Destroyed("The key of this file has been destroyed.")
    if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
        raise SealBroken("This is no sealed file.")
    return head


def _sealed(data: bytes, head: bytes, data_key: bytes, name: str, context: str) -> Iterator[bytes]:
    sizes = _SIZES.pack(_CHUNK_BYTES, len(data))
    yield head + sizes
    cipher, view = AESGCM(data_key), memoryview(data)
    for number in range(_chunks(len(data), _CHUNK_BYTES)):
        piece = view[number * _CHUNK_BYTES : (number + 1) * _CHUNK_BYTES]
        yield cipher.encrypt(_nonce(number), piece, _belonging(sizes, name, context))


def _opened(file: io.BufferedReader, data_key: bytes, name: str, context: str) -> bytes:
    sizes = file.read(_SIZES.size)
    if len(sizes) < _SIZES.size:
        raise SealBroken("This file was cut off.")
    chunk, total = _SIZES.unpack(sizes)
    chunks = _chunks(total, chunk) if 0 < chunk <= _LARGEST_CHUNK else 0
    if os.fstat(file.fileno()).st_size != _HEAD_BYTES + _SIZES.size + total + chunks * _TAG_BYTES:
        raise SealBroken("This file was cut off or lengthened.")
    cipher, out = AESGCM(data_key), io.BytesIO()
    try:
        for number in range(chunks):
            out.write(cipher.decrypt(_nonce(number), file.read(chunk + _TAG_BYTES), _belonging(sizes, name, context)))
    except InvalidTag:
        raise SealBroken("This file was changed, or belongs elsewhere.") from None
    return out.getvalue()


def _chunks(total: int, chunk: int) -> int:
    """Return the number of chunks: nothing at all is one empty chunk, so that it is sealed too."""
    return max(-(-total // chunk), 1)


def _nonce(number: int) -> bytes:
    """Each data key seals one file once, so the place of a chunk is a nonce that is never used twice."""
    return number.to_bytes(_NONCE_BYTES, "big")


def _belonging(sizes: bytes, name: str, context: str) -> bytes:
    return _MAGIC + sizes + name.encode() + b"\0" + context.encode()


def _followed(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest
