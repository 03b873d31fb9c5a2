"""What the dictionary of a .sav or .zsav file says that its reader does not tell: the weight, and sets with text codes.

Pure. Facts of the format: the PSPP developers' guide, chapter "System File Format". Runs in the child only. Whatever
does not fit is left out, because the reader of the file itself decides whether it is a file.
"""

import codecs
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_HEADER_BYTES = 176
_MOST_RECORDS = 200_000
_VARIABLE, _LABELS, _LABELLED, _DOCUMENT, _EXTENSION, _END = 2, 3, 4, 6, 7, 999
_SETS, _LONG_NAMES, _SETS_WITH_LABELS, _ENCODING = 7, 13, 19, 20
_DICHOTOMY = re.compile(rb"D(\d{1,4}) ")
_EXTENDED = re.compile(rb"E (?:1|11) (\d{1,4}) ")
_LENGTH = re.compile(rb" ?(\d{1,5}) ")


Decode = Callable[[bytes], str]


@dataclass(frozen=True, kw_only=True)
class ResponseSet:
    """A multiple-response set: long names of its variables; `counted` is the text of the code for yes, or absent."""

    name: str
    label: str
    variables: tuple[str, ...]
    counted: str | None


@dataclass(frozen=True, kw_only=True)
class Dictionary:
    """The name of the weight ("" without one) and the sets."""

    weight: str = ""
    sets: tuple[ResponseSet, ...] = ()


@dataclass
class _Walk:
    short_names: list[str] = field(default_factory=list)
    extensions: dict[int, list[bytes]] = field(default_factory=dict)


def read_dictionary(data: bytes, *, encoding: str = "") -> Dictionary:
    """Walk the dictionary of a file; an empty result when it cannot be walked to its end."""
    order = "<" if data[64:68] in (b"\2\0\0\0", b"\3\0\0\0") else ">"
    try:
        walk = _walk(data, order)
        position = struct.unpack_from(order + "i", data, 76)[0]
        named = next(iter(walk.extensions.get(_ENCODING, [])), b"").decode("ascii", "replace")
        text = _decoder(encoding or named)
        long_names = _long_names(walk, text)
        weight = walk.short_names[position - 1] if 0 < position <= len(walk.short_names) else ""
        sets = [
            found
            for kind in (_SETS, _SETS_WITH_LABELS)
            for record in walk.extensions.get(kind, [])
            for line in record.split(b"\n")
            if (found := _set_from(line, long_names, text))
        ]
    except (struct.error, ValueError, IndexError, LookupError):
        return Dictionary()
    return Dictionary(weight=long_names.get(weight.lower(), weight), sets=tuple(sets))


def _walk(data: bytes, order: str) -> _Walk:
    place, walk = _HEADER_BYTES, _Walk()
    for _ in range(_MOST_RECORDS):
        kind = _whole(data, place, order)
        if kind == _END:
            return walk
        place = _record(data, place + 4, kind, order, walk)
    raise ValueError("The dictionary does not end.")


def _record(data: bytes, place: int, kind: int, order: str, walk: _Walk) -> int:
    """Take one record in and return where the next begins; every step forward is at least one byte."""
    if kind == _VARIABLE:
        width, has_label, missing = struct.unpack_from(order + "3i", data, place)
        walk.short_names.append("" if width < 0 else data[place + 20 : place + 28].decode("latin-1").rstrip())
        place += 28
        if has_label == 1:
            place += 4 + -(-_size(data, place, order) // 4) * 4
        return place + 8 * abs(int(missing))
    if kind == _LABELS:
        count, place = _size(data, place, order), place + 4
        for _ in range(count):
            place += 8 + -(-(data[place + 8] + 1) // 8) * 8
        return place
    if kind == _LABELLED:
        return place + 4 + 4 * _size(data, place, order)
    if kind == _DOCUMENT:
        return place + 4 + 80 * _size(data, place, order)
    if kind == _EXTENSION:
        subtype, size, count = _whole(data, place, order), _size(data, place + 4, order), _size(data, place + 8, order)
        end = place + 12 + size * count
        walk.extensions.setdefault(subtype, []).append(data[place + 12 : end])
        return end
    raise ValueError("A record of an unknown kind.")


def _whole(data: bytes, place: int, order: str) -> int:
    found: int = struct.unpack_from(order + "i", data, place)[0]
    return found


def _size(data: bytes, place: int, order: str) -> int:
    size = _whole(data, place, order)
    if not 0 <= size <= len(data):
        raise ValueError("A size that does not fit in the file.")
    return size


def _decoder(encoding: str) -> Decode:
    codec = codecs.lookup(encoding or "cp1252")
    return lambda text: codec.decode(text, "replace")[0]


def _long_names(walk: _Walk, text: Decode) -> dict[str, str]:
    pairs = [
        pair.split(b"=", 1)
        for record in walk.extensions.get(_LONG_NAMES, [])
        for pair in record.split(b"\t")
        if b"=" in pair
    ]
    short = {name.lower(): name for name in walk.short_names if name}
    return short | {text(name).lower(): text(long).rstrip("\0 ") for name, long in pairs}


def _set_from(line: bytes, long_names: dict[str, str], text: Decode) -> ResponseSet | None:
    name, found, rest = line.partition(b"=")
    if not found or not name.startswith(b"$"):
        return None
    counted: str | None = None
    if rest.startswith(b"C"):
        rest = rest[1:]
    else:
        match = _DICHOTOMY.match(rest) or _EXTENDED.match(rest)
        if match is None:
            return None
        end = match.end() + int(match.group(1))
        counted, rest = text(rest[match.end() : end]).rstrip(), rest[end:]
    length = _LENGTH.match(rest)
    if length is None:
        return None
    end = length.end() + int(length.group(1))
    members = tuple(_members(rest[end:], long_names, text))
    label = text(rest[length.end() : end]).strip()
    return ResponseSet(name=text(name[1:]), label=label, variables=members, counted=counted) if members else None


def _members(rest: bytes, long_names: dict[str, str], text: Decode) -> Iterator[str]:
    for name in rest.split():
        short = text(name)
        yield long_names.get(short.lower(), short)
