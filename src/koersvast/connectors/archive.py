"""Look a workbook's ZIP over before anything unpacks it, and unpack it without trusting what it says of itself.

Pure: bytes in, parts out, or FileRefused. Not for what the parts mean: see `workbook_facts`.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from koersvast.connectors.sheets import MIB, Limits, refuse

_CHUNK = 64 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
# Small parts may be all alike (an empty style sheet packs 100 to 1); a bomb needs size as well.
_RATIO_COUNTS_FROM = 2 * MIB
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_MACRO_MARKS = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "basic/", "scripts/")


class Archive:
    """The parts of a workbook by name, checked by what the directory declares; `stream` checks what is really there."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as directory:
                infos = directory.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OverflowError, struct.error, NotImplementedError):
            raise refuse("unreadable_file", reason="not_a_zip") from None
        _check_declared(infos, len(data), limits)
        self.parts = {info.filename: info for info in infos}
        self._starts = {info.filename: self._start_of(info) for info in infos}
        self._check_overlap()

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    def stream(self, name: str) -> Iterator[bytes]:
        """Unpack one part in pieces; stop as soon as it is larger or other than declared."""
        info = self.parts[name]
        packed = memoryview(self._data)[self._starts[name] : self._starts[name] + info.compress_size]
        size, check = 0, 0
        for piece in _stored(packed) if info.compress_type == zipfile.ZIP_STORED else _inflated(packed):
            size += len(piece)
            if size > info.file_size or size > self._limits.part_bytes:
                raise refuse("unsafe_part", part=name, reason="larger_than_declared")
            check = zlib.crc32(piece, check)
            yield piece
        if size != info.file_size or check != info.CRC:
            raise refuse("unreadable_file", reason="damaged_part")

    def read(self, name: str) -> bytes:
        return b"".join(self.stream(name))

    def check_contents(self) -> None:
        """Unpack every part once, keeping nothing: true sizes, no document types, no entities, no odd encodings."""
        for name in self.parts:
            is_xml = name.lower().endswith((".xml", ".rels", ".vml", ".rdf"))
            tail = b""
            for piece in self.stream(name):
                if is_xml:
                    _check_xml(name, tail + piece, first=not tail)
                    tail = (tail + piece)[-16:]

    def parse(self, name: str, parser: expat.XMLParserType) -> None:
        """Feed one XML part to an expat parser that refuses document types whatever else it does."""

        def no_document_type(*_: object) -> None:
            raise refuse("unsafe_part", part=name, reason="document_type")

        parser.StartDoctypeDeclHandler = no_document_type
        parser.EntityDeclHandler = no_document_type
        try:
            for piece in self.stream(name):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise refuse("unreadable_file", reason="damaged_xml") from None

    def _start_of(self, info: zipfile.ZipInfo) -> int:
        """Return where the packed bytes begin, by the part's own header, which must agree with the directory."""
        header = self._data[info.header_offset : info.header_offset + _LOCAL_HEADER.size]
        if info.header_offset < 0 or len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            raise refuse("unreadable_file", reason="damaged_directory")
        fields = _LOCAL_HEADER.unpack(header)
        method, name_length, extra_length = fields[3], fields[9], fields[10]
        name_start = info.header_offset + _LOCAL_HEADER.size
        name = self._data[name_start : name_start + name_length]
        if name not in (info.orig_filename.encode("utf-8", "replace"), info.orig_filename.encode("cp437", "replace")):
            raise refuse("unsafe_part", part=info.filename, reason="two_names")
        if method != info.compress_type:
            raise refuse("unsafe_part", part=info.filename, reason="two_methods")
        return int(name_start + name_length + extra_length)

    def _check_overlap(self) -> None:
        spans = sorted((info.header_offset, self._starts[n] + info.compress_size, n) for n, info in self.parts.items())
        end = 0
        for start, stop, name in spans:
            if start < end or stop > len(self._data):
                raise refuse("unsafe_part", part=name, reason="overlap")
            end = stop


def _check_declared(infos: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits) -> None:
    if len(infos) > limits.parts:
        raise refuse("too_many_parts", limit=limits.parts, found=len(infos))
    names: set[str] = set()
    for info in infos:
        _check_part(info, limits)
        if info.filename.casefold() in names:
            raise refuse("unsafe_part", part=info.filename, reason="twice")
        names.add(info.filename.casefold())
    total = sum(info.file_size for info in infos)
    most = min(limits.unpacked_bytes, max(_RATIO_COUNTS_FROM, packed_bytes * limits.unpack_ratio))
    if total > most:
        raise refuse("unpacks_too_large", limit=most, found=total)


def _check_part(info: zipfile.ZipInfo, limits: Limits) -> None:
    name = info.filename
    if reason := _unsafe_name(name) or _unsafe_kind(info):
        raise refuse("unsafe_part", part=name, reason=reason)
    if info.flag_bits & 0x41:
        raise refuse("password")
    if any(mark in f"/{name.lower()}" if mark[0] == "/" else _ends_or_begins(name, mark) for mark in _MACRO_MARKS):
        raise refuse("macros", part=name)
    if info.file_size > limits.part_bytes:
        raise refuse("unpacks_too_large", limit=limits.part_bytes, found=info.file_size)
    if info.file_size > max(_RATIO_COUNTS_FROM, info.compress_size * limits.unpack_ratio):
        raise refuse("unpacks_too_large", limit=info.compress_size * limits.unpack_ratio, found=info.file_size)


def _ends_or_begins(name: str, mark: str) -> bool:
    return name.lower().startswith(mark) if mark.endswith("/") else name.lower().endswith(mark)


def _unsafe_name(name: str) -> str:
    if not name or name.startswith("/") or "\\" in name or ":" in name or any(ord(letter) < 32 for letter in name):
        return "path"
    return "path" if ".." in name.split("/") else ""


def _unsafe_kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "not_a_file"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packing_method"
    return ""


def _stored(packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), _CHUNK):
        yield bytes(packed[start : start + _CHUNK])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), _CHUNK):
            rest = bytes(packed[start : start + _CHUNK])
            while rest and not inflater.eof:
                if piece := inflater.decompress(rest, _CHUNK):
                    yield piece
                rest = inflater.unconsumed_tail
        while piece := inflater.decompress(b"", _CHUNK) if not inflater.eof else b"":
            yield piece
    except zlib.error:
        raise refuse("unreadable_file", reason="damaged_part") from None
    if not inflater.eof or inflater.unused_data:
        raise refuse("unreadable_file", reason="damaged_part")


def _check_xml(name: str, text: bytes, *, first: bool) -> None:
    # Both forms demand UTF-8 in practice; another encoding could hide a declaration from the search below.
    if first and (b"\0" in text[:4] or text.startswith((b"\xff\xfe", b"\xfe\xff", b"+/v"))):
        raise refuse("unsafe_part", part=name, reason="encoding")
    if any(declaration in text for declaration in _DECLARATIONS):
        raise refuse("unsafe_part", part=name, reason="document_type")
