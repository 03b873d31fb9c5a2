"""The container in which a survey file's columns travel and are kept: a header as JSON, then the columns as bytes.

Standard library only, because the child that makes one should start fast. Columns stand one after another in
little-endian order: 8 bytes a number (nan is no answer), 4 bytes a day since 1970-01-01 (the lowest number is no
answer), and for texts 4 bytes a length (-1 is no answer) with the UTF-8 behind all lengths. Nothing in it has to be
believed by the one who reads it: every length follows from the header and is checked.
"""

import json
import math
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any

NO_DAY = -(2**31)
_MAGIC = b"KVMICRO1"
_LENGTH = struct.Struct("<Q")


class BadContainer(ValueError):
    """Bytes that are no container, or one that contradicts itself."""


def pack(header: dict[str, Any], columns: Sequence[bytes]) -> bytes:
    """Put a header and its columns in one container."""
    text = json.dumps(header | {"sizes": list(map(len, columns))}, ensure_ascii=False).encode()
    # Blanks behind the header, so that numbers start where they can be read without copying them.
    text += b" " * (-(len(_MAGIC) + _LENGTH.size + len(text)) % 8)
    return b"".join([_MAGIC, _LENGTH.pack(len(text)), text, *columns])


def unpack(data: bytes | memoryview) -> tuple[dict[str, Any], list[memoryview]]:
    """Return the header and the bytes of each column; raises BadContainer."""
    view, start = memoryview(data), len(_MAGIC) + _LENGTH.size
    if len(view) < start or view[: len(_MAGIC)] != _MAGIC:
        raise BadContainer("These bytes are no container of columns.")
    body = start + _LENGTH.unpack(view[len(_MAGIC) : start])[0]
    try:
        header = json.loads(bytes(view[start:body]))
        sizes = header["sizes"]
        if not all(isinstance(size, int) and size >= 0 for size in sizes):
            raise BadContainer("A size is a count of bytes.")
        ends = list(accumulate(sizes, initial=body))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise BadContainer("The header of the container is damaged.") from None
    if ends[-1] != len(view):
        raise BadContainer("The columns are not as long as the header says.")
    return header, [view[first:last] for first, last in pairwise(ends)]


def number_bytes(numbers: Iterable[float | None]) -> bytes:
    """Pack a column of numbers."""
    return _little("d", (math.nan if number is None else number for number in numbers))


def day_bytes(days: Iterable[int | None]) -> bytes:
    """Pack a column of days since 1970-01-01; raises OverflowError for a day that is none."""
    return _little("i", (NO_DAY if day is None else day for day in days))


def text_bytes(texts: Iterable[str | None]) -> bytes:
    """Pack a column of texts."""
    encoded = [None if text is None else text.encode() for text in texts]
    lengths = _little("i", (-1 if text is None else len(text) for text in encoded))
    return lengths + b"".join(text for text in encoded if text)


def _little(kind: str, values: Iterable[float]) -> bytes:
    column = array(kind, values)
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()
