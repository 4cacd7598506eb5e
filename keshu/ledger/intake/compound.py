"""A compound file (MS-CFB), the package of old Office programs: one stream of it, found by name.

The whole file is held: what old programs write is small, and the bound is ours. Every chain is as long as the file has sectors at
most, so that a file that points at itself ends as a damaged one.
"""

import struct
from typing import BinaryIO

from keshu.ledger.intake.limits import MEGABYTE
from keshu.ledger.intake.sniffing import OLE_HEADER

#: 65,536 rows × 256 columns of numbers take about 240 MB in the old format; nobody sends that, and it is held in memory.
MOST_BYTES = 64 * MEGABYTE
_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF
_ENTRY = 128


class CompoundBroken(ValueError):
    """The structure cannot be followed, or the stream is not there."""


def stream_of(source: BinaryIO, *names: str) -> bytes:
    """The bytes of the first of the named streams that is there. CompoundBroken."""
    size = source.seek(0, 2)
    if size > MOST_BYTES:
        raise CompoundBroken("too large")
    source.seek(0)
    return _Compound(source.read()).stream(names)


class _Compound:
    def __init__(self, data: bytes) -> None:
        if not data.startswith(OLE_HEADER) or len(data) < 512:
            raise CompoundBroken("header")
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise CompoundBroken("sector size")
        self._data, self._sector, self._small = data, 1 << shift, 1 << small_shift
        self._most = len(data) // self._sector + 1
        (directory,) = struct.unpack_from("<I", data, 48)
        self._cutoff, small_first, _, difat, _ = struct.unpack_from("<IIIII", data, 56)
        self._fat = self._table(self._fat_sectors(difat))
        self._entries = self._joined(directory)
        self._small_fat = self._table(self._chain(small_first)) if small_first < _END else []
        self._root = b""

    def _at(self, sector: int) -> bytes:
        begin = (sector + 1) * self._sector
        piece = self._data[begin : begin + self._sector]
        if not piece:
            raise CompoundBroken("sector outside the file")
        return piece

    def _fat_sectors(self, difat: int) -> list[int]:
        """Where the allocation table lies: 109 places in the header, the rest in sectors that name the next one last."""
        found = list(struct.unpack_from("<109I", self._data, 76))
        for _ in range(self._most):
            if difat >= _END:
                return [one for one in found if one < _END]
            more = struct.unpack(f"<{self._sector // 4}I", self._at(difat).ljust(self._sector, b"\xff"))
            found += more[:-1]
            difat = more[-1]
        raise CompoundBroken("chain without end")

    def _table(self, sectors: list[int]) -> list[int]:
        raw = b"".join(self._at(one).ljust(self._sector, b"\xff") for one in sectors)
        return list(struct.unpack(f"<{len(raw) // 4}I", raw))

    def _chain(self, first: int) -> list[int]:
        found: list[int] = []
        while first < _END:
            if first >= len(self._fat) or len(found) > self._most:
                raise CompoundBroken("chain")
            found.append(first)
            first = self._fat[first]
        return found

    def _joined(self, first: int) -> bytes:
        return b"".join(self._at(one) for one in self._chain(first))

    def stream(self, names: tuple[str, ...]) -> bytes:
        """The named stream; one shorter than the cutoff lies in the small sectors of the root."""
        found: dict[str, tuple[int, int]] = {}
        for begin in range(0, len(self._entries) - _ENTRY + 1, _ENTRY):
            entry = self._entries[begin : begin + _ENTRY]
            (length,) = struct.unpack_from("<H", entry, 64)
            name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            first, size = struct.unpack_from("<II", entry, 116)
            if entry[66] == 5:
                self._root = self._joined(first) if first < _END else b""
            elif entry[66] == 2:
                found.setdefault(name, (first, size))
        for name in names:
            if name in found:
                first, size = found[name]
                return self._small_stream(first, size) if size < self._cutoff else self._joined(first)[:size]
        raise CompoundBroken("no such stream")

    def _small_stream(self, first: int, size: int) -> bytes:
        pieces: list[bytes] = []
        while first < _END:
            if first >= len(self._small_fat) or len(pieces) > len(self._small_fat):
                raise CompoundBroken("chain")
            pieces.append(self._root[first * self._small : (first + 1) * self._small])
            first = self._small_fat[first]
        return b"".join(pieces)[:size]
