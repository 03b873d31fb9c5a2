"""Unpack gzip and deflate bit by bit, with a limit on what comes out. Pure; standard library only.

A bomb is stopped at the limit, not after it: no call ever makes more than the limit plus one piece.
"""

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 64 * 1024


class UnpacksTooLarge(ValueError):
    """More comes out than the limit allows."""


class DamagedPacking(ValueError):
    """The packed bytes are damaged, cut off, or followed by something else."""


class Unpacker:
    """Takes bytes as they arrive and gives them unpacked; `packing` is "", "gzip" or "deflate"."""

    def __init__(self, packing: str, *, limit: int) -> None:
        if packing not in {"", "gzip", "deflate"}:
            raise ValueError(f"Unknown packing {packing!r}.")
        self._packing = packing
        self._limit = limit
        self._made = 0
        self._machine = zlib.decompressobj(_GZIP) if packing == "gzip" else None
        self._begin = b""

    def feed(self, data: bytes) -> bytes:
        """Unpack one piece. Raises UnpacksTooLarge or DamagedPacking."""
        if not self._packing:
            self._count(len(data))
            return data
        if self._machine is None:
            self._begin += data
            if len(self._begin) < 2:
                return b""
            # What is called deflate is zlib (RFC 9110), but some servers send it without zlib's two bytes.
            is_zlib = self._begin[0] & 0x0F == 8 and int.from_bytes(self._begin[:2], "big") % 31 == 0
            self._machine = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
            data, self._begin = self._begin, b""
        return self._inflate(data)

    def finish(self) -> None:
        """Say that nothing follows. Raises DamagedPacking when the packed bytes were cut off."""
        if self._packing and (self._machine is None or not self._machine.eof):
            raise DamagedPacking("cut off")

    def _inflate(self, data: bytes) -> bytes:
        pieces = []
        while data:
            if self._machine is None or self._machine.eof:
                if self._packing != "gzip":
                    raise DamagedPacking("bytes after the end")
                self._machine = zlib.decompressobj(_GZIP)  # a gzip file may have several members
            try:
                piece = self._machine.decompress(data, min(_PIECE, self._limit - self._made + 1))
            except zlib.error as error:
                raise DamagedPacking(str(error)) from None
            self._count(len(piece))
            pieces.append(piece)
            data = self._machine.unused_data if self._machine.eof else self._machine.unconsumed_tail
        return b"".join(pieces)

    def _count(self, size: int) -> None:
        self._made += size
        if self._made > self._limit:
            raise UnpacksTooLarge(self._limit)


def unpack(data: bytes, packing: str, *, limit: int) -> bytes:
    """Unpack bytes that are here whole. Raises UnpacksTooLarge or DamagedPacking."""
    unpacker, packed = Unpacker(packing, limit=limit), memoryview(data)
    # A little at a time: each piece that comes out copies all that is still to be unpacked.
    pieces = [unpacker.feed(bytes(packed[first : first + _PIECE])) for first in range(0, len(packed), _PIECE)]
    unpacker.finish()
    return b"".join(pieces)
