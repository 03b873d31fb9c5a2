"""Keep what was fetched: bytes once, by their SHA-256, with a note of where they came from.

A snapshot is never changed. Large ones lie packed on disk, always under the digest of the unpacked bytes. The name that
a file had outside is kept in the note and is never part of a path here. Not for reading the bytes: see `tabular`.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from koersvast.connectors.unpacking import DamagedPacking, UnpacksTooLarge, unpack
from koersvast.connectors.whole_files import write_whole

# Pages of a table pack 20 to 1; what is small is left as it is, so that it can be looked at.
PACKED_FROM_BYTES = 64 * 1024
LARGEST_BYTES = 1024**3
# What a municipality delivered lies here as it came: for nobody else on the machine to read.
_OWNER_ONLY = 0o600
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class NoSuchSnapshot(KeyError):
    """The store has no bytes under this digest."""


class DamagedSnapshot(ValueError):
    """The bytes or the note on disk are no longer what was stored."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The note beside the bytes: where from, under what name, when, with what licence.

    `fetched_at` is aware of its time zone; `size_bytes` and `sha256` are of the bytes as received.
    """

    sha256: str
    size_bytes: int
    taken_from: str
    file_name: str
    fetched_at: datetime
    licence: str
    media_type: str

    def __post_init__(self) -> None:
        if not _DIGEST.match(self.sha256):
            raise ValueError("A snapshot is named by 64 hexadecimal digits.")
        if self.fetched_at.tzinfo is None:
            raise ValueError("The moment of fetching must have a time zone.")


@dataclass(frozen=True)
class SnapshotStore:
    """A directory of snapshots: `ab/cdef….bytes`, or packed `ab/cdef….bytes.gz`, with `ab/cdef….json` beside it.

    Two processes may keep the same bytes at once: each file appears whole, by a rename, or not at all.
    """

    directory: Path

    def keep(
        self,
        data: bytes,
        *,
        taken_from: str,
        file_name: str,
        fetched_at: datetime,
        licence: str,
        media_type: str,
    ) -> Snapshot:
        """Store bytes and their note; bytes that are already here keep their first note, which is returned."""
        snapshot = Snapshot(
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            taken_from=taken_from,
            file_name=file_name,
            fetched_at=fetched_at,
            licence=licence,
            media_type=media_type,
        )
        note_path = self._path(snapshot.sha256, ".json")
        if note_path.exists() and self._is_sound(snapshot.sha256):
            return self.note(snapshot.sha256)
        # The note comes last: a note on disk promises that its bytes are there.
        self._write(snapshot.sha256, data)
        if not note_path.exists():
            write_whole(note_path, _note_as_json(snapshot), mode=_OWNER_ONLY)
        return self.note(snapshot.sha256)

    def read(self, sha256: str) -> bytes:
        """Return the bytes after checking them against their digest."""
        data = self._bytes_on_disk(sha256)
        if data is None:
            raise NoSuchSnapshot(sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedSnapshot(f"The bytes of {sha256} have changed on disk.")
        return data

    def note(self, sha256: str) -> Snapshot:
        """Return the note of a snapshot."""
        note_path = self._path(sha256, ".json")
        try:
            found = json.loads(note_path.read_bytes())
            snapshot = Snapshot(**(found | {"fetched_at": datetime.fromisoformat(found["fetched_at"])}))
        except FileNotFoundError:
            raise NoSuchSnapshot(sha256) from None
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedSnapshot(f"The note of {sha256} cannot be read.") from error
        if snapshot.sha256 != sha256:
            raise DamagedSnapshot(f"The note of {sha256} belongs to other bytes.")
        return snapshot

    def __contains__(self, sha256: str) -> bool:
        has_bytes = any(self._path(sha256, ending).exists() for ending in (".bytes", ".bytes.gz"))
        return has_bytes and self._path(sha256, ".json").exists()

    def __iter__(self) -> Iterator[str]:
        """Return the digests of all snapshots, in order."""
        for note_path in sorted(self.directory.glob("??/*.json")):
            digest = note_path.parent.name + note_path.stem
            if _DIGEST.match(digest):
                yield digest

    def _path(self, sha256: str, ending: str) -> Path:
        if not _DIGEST.match(sha256):
            raise NoSuchSnapshot(sha256)
        return self.directory / sha256[:2] / f"{sha256[2:]}{ending}"

    def _write(self, sha256: str, data: bytes) -> None:
        plain, packed = self._path(sha256, ".bytes"), self._path(sha256, ".bytes.gz")
        if len(data) < PACKED_FROM_BYTES:
            write_whole(plain, data, mode=_OWNER_ONLY)
            packed.unlink(missing_ok=True)
        else:
            write_whole(packed, gzip.compress(data, compresslevel=6, mtime=0), mode=_OWNER_ONLY)
            plain.unlink(missing_ok=True)

    def _bytes_on_disk(self, sha256: str) -> bytes | None:
        """The bytes as they lie there, unpacked and not yet checked; None where there are none."""
        try:
            return self._path(sha256, ".bytes").read_bytes()
        except FileNotFoundError:
            pass
        try:
            return unpack(self._path(sha256, ".bytes.gz").read_bytes(), "gzip", limit=LARGEST_BYTES)
        except FileNotFoundError:
            return None
        except (DamagedPacking, UnpacksTooLarge) as error:
            raise DamagedSnapshot(f"The bytes of {sha256} cannot be unpacked.") from error

    def _is_sound(self, sha256: str) -> bool:
        try:
            data = self._bytes_on_disk(sha256)
        except DamagedSnapshot:
            return False
        return data is not None and hashlib.sha256(data).hexdigest() == sha256


def _note_as_json(snapshot: Snapshot) -> bytes:
    note = asdict(snapshot) | {"fetched_at": snapshot.fetched_at.isoformat()}
    return json.dumps(note, ensure_ascii=False, indent=1).encode()
