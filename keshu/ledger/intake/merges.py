"""Merged areas of a sheet. They stand behind the rows in the file, so they are looked up before the rows are read."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from keshu.ledger.intake.cells import BLANK, Cell, column_index, letter
from keshu.ledger.intake.hazards import TooManyMerges

_AREA = re.compile(
    rb"""<(?:[A-Za-z0-9_]+:)?mergeCell\s[^>]*?ref\s*=\s*["']\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)["']"""
)
_ROWS_END = re.compile(rb"</(?:[A-Za-z0-9_]+:)?sheetData\s*>|<(?:[A-Za-z0-9_]+:)?sheetData\s*/>")
_OVERLAP = 256


class Area(NamedTuple):
    """A merged area: rows 1-based, columns 0-based, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def text(self) -> str:
        return f"{letter(self.left)}{self.top}:{letter(self.right)}{self.bottom}"


def find_areas(chunks: Iterable[bytes], sheet: str, most: int) -> list[Area]:
    """All merged areas of a sheet's XML, by first row; the rows themselves are only skimmed as bytes. TooManyMerges."""
    areas: list[Area] = []
    count = 0
    behind = False
    data = b""
    for chunk in chunks:
        data += chunk
        if not behind:
            end = _ROWS_END.search(data) if b"sheetData" in data else None
            if end is None:
                data = data[-_OVERLAP:]
                continue
            behind, data = True, data[end.end() :]
        last = 0
        for match in _AREA.finditer(data):
            last = match.end()
            count += 1
            if count <= most:
                areas.extend(_area(match))
        data = data[max(last, len(data) - _OVERLAP) :]
    if count > most:
        raise TooManyMerges(sheet, count, most)
    areas.sort()
    return areas


def _area(match: re.Match[bytes]) -> Iterator[Area]:
    try:
        left, right = column_index(match[1].decode()), column_index(match[3].decode())
    except ValueError:
        return
    top, bottom = int(match[2]), int(match[4])
    if left <= right and top <= bottom:
        yield Area(top, left, bottom, right)


class Spreading:
    """Carries the value of each merged area's first cell to its other cells, row by row from the top."""

    def __init__(self, areas: list[Area], columns: int) -> None:
        self._areas, self._columns = areas, columns
        self._next = 0
        self._open: list[tuple[Area, Cell]] = []

    def spread(self, number: int, cells: list[Cell]) -> None:
        """Fill the merged cells of row ``number`` in place."""
        if self._open:
            self._open = [(area, cell) for area, cell in self._open if area.bottom >= number]
        while self._next < len(self._areas) and self._areas[self._next].top <= number:
            area = self._areas[self._next]
            self._next += 1
            # Excel never lets areas overlap; a file that does so must not cost a row more than its columns.
            free = area.left < self._columns and not any(
                other.left <= area.right and area.left <= other.right for other, _ in self._open
            )
            if free and area.bottom >= number:
                # A first row that the file leaves out holds nothing to carry.
                anchor = cells[area.left] if area.top == number and area.left < len(cells) else BLANK
                self._open.append((area, anchor._replace(merged=area.text)))
        for area, cell in self._open:
            if cell.text == "" and not cell.problem:
                continue
            right = min(area.right, self._columns - 1)
            if len(cells) <= right:
                cells.extend([BLANK] * (right + 1 - len(cells)))
            cells[area.left : right + 1] = [cell] * (right + 1 - area.left)
