"""Workbooks of the old format (xls, and et of WPS): the records of BIFF8 (MS-XLS) read into the same rows as any other workbook."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from keshu.ledger.intake.cells import (
    BLANK,
    FORMULA_READ,
    Cell,
    Kind,
    Row,
    Shown,
    letter,
    number_cell,
    shown_by,
    text_cell,
)
from keshu.ledger.intake.compound import CompoundBroken, stream_of
from keshu.ledger.intake.hazards import CellTooLong, EncryptedWorkbook, OldWorkbook, TooManyMerges, TooWide
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.merges import Area

_BOF, _EOF, _CONTINUE, _FILEPASS = 0x0809, 0x000A, 0x003C, 0x002F
_BOUNDSHEET, _SST, _FORMAT, _XF, _DATEMODE = 0x0085, 0x00FC, 0x041E, 0x00E0, 0x0022
_ROW, _LABELSST, _LABEL, _RSTRING, _NUMBER = 0x0208, 0x00FD, 0x0204, 0x00D6, 0x0203
_RK, _MULRK, _FORMULA, _STRING, _BOOLERR, _MERGED = 0x027E, 0x00BD, 0x0006, 0x0207, 0x0205, 0x00E5
_BIFF8, _WORKSHEET = 0x0600, 0
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
Record = tuple[int, bytes]


@dataclass
class OldSheet:
    """A worksheet of an old workbook; ``areas`` are its merged areas, known once it has been looked at."""

    name: str
    hidden: bool
    at: int
    areas: list[Area] = field(default_factory=list)


class OldBook:
    """An open BIFF8 workbook. OldWorkbook where the structure is another (Excel 95 and before) or broken, EncryptedWorkbook."""

    def __init__(self, stream: BinaryIO, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.sheets: list[OldSheet] = []
        self._strings: list[str] = []
        self._formats: dict[int, str] = {}
        self._xfs: list[int] = []
        self._shown: dict[int, Shown] = {}
        self._epoch_1904 = False
        try:
            self._data = stream_of(stream, "Workbook")
            self._read_globals()
        except (CompoundBroken, struct.error, IndexError) as error:
            raise OldWorkbook(name) from error
        if not self.sheets:
            raise OldWorkbook(name)

    def close(self) -> None:
        """Nothing is held open."""

    def _records(self, at: int) -> Iterator[Record]:
        """The records from a place on, to the end of their substream; what is nested (charts) is left out."""
        depth = 0
        while at + 4 <= len(self._data):
            kind, size = struct.unpack_from("<HH", self._data, at)
            body = self._data[at + 4 : at + 4 + size]
            at += 4 + size
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            if depth == 1:
                yield kind, body

    def _read_globals(self) -> None:
        strings: list[bytes] = []
        last = 0
        for kind, body in self._records(0):
            if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
                raise OldWorkbook(self.name)
            if kind == _FILEPASS:
                raise EncryptedWorkbook(self.name)
            if kind == _BOUNDSHEET:
                self._sheet(body)
            elif kind == _SST or (kind == _CONTINUE and last == _SST):
                strings.append(body)
                last = _SST
                continue
            elif kind == _FORMAT:
                self._formats[struct.unpack_from("<H", body)[0]] = _string(body, 2)
            elif kind == _XF:
                self._xfs.append(struct.unpack_from("<H", body, 2)[0])
            elif kind == _DATEMODE:
                self._epoch_1904 = struct.unpack_from("<H", body)[0] == 1
            last = kind
        if strings:
            self._strings = _shared(strings, self.limits)

    def _sheet(self, body: bytes) -> None:
        at, state, kind, count, wide = struct.unpack_from("<IBBBB", body)
        if kind == _WORKSHEET:
            raw = body[8 : 8 + count * (2 if wide & 1 else 1)]
            self.sheets.append(OldSheet(_decoded(raw, wide), state & 3 != 0, at))

    def rows(self, sheet: OldSheet) -> Iterator[Row]:
        """The rows of a sheet from the top, merged areas not spread; ``sheet.areas`` is filled. TooWide, TooManyMerges, OldWorkbook."""
        try:
            yield from self._rows(sheet)
        except (struct.error, IndexError) as error:
            raise OldWorkbook(self.name) from error

    def _rows(self, sheet: OldSheet) -> Iterator[Row]:
        held: dict[int, dict[int, Cell]] = {}
        hidden: set[int] = set()
        areas: list[Area] = []
        waiting: tuple[int, int] | None = None
        for kind, body in self._records(sheet.at):
            if kind == _STRING and waiting is not None:
                row, column = waiting
                held.setdefault(row, {})[column] = _from_formula(text_cell(_string(body, 0)))
                waiting = None
            elif kind == _FORMULA:
                row, column = struct.unpack_from("<HH", body)
                cell = self._formula(body)
                waiting = (row, column) if cell is None else None
                if cell is not None:
                    held.setdefault(row, {})[column] = _from_formula(cell)
            elif kind == _ROW:
                if struct.unpack_from("<H", body, 12)[0] & 0x20:
                    hidden.add(struct.unpack_from("<H", body)[0])
            elif kind == _MERGED:
                areas += _areas(body)
                if len(areas) > self.limits.merges:
                    raise TooManyMerges(sheet.name, len(areas), self.limits.merges)
            else:
                for row, column, cell in self._cells(kind, body):
                    held.setdefault(row, {})[column] = cell
        sheet.areas = sorted(areas)
        for row in sorted(held):
            yield Row(row + 1, self._line(row, held[row]), row in hidden)

    def _line(self, row: int, cells: dict[int, Cell]) -> list[Cell]:
        filled = [column for column, cell in cells.items() if cell is not BLANK]
        if filled and max(filled) >= self.limits.columns:
            raise TooWide(row + 1, letter(max(filled)), self.limits.columns)
        line = [cells.get(column, BLANK) for column in range(max(filled) + 1)] if filled else []
        if any(len(cell.text) > self.limits.cell_chars for cell in line):
            raise CellTooLong(row + 1, self.limits.cell_chars)
        return line

    def _cells(self, kind: int, body: bytes) -> Iterator[tuple[int, int, Cell]]:
        if kind == _LABELSST:
            row, column, _, index = struct.unpack_from("<HHHI", body)
            yield row, column, text_cell(self._strings[index])
        elif kind == _NUMBER:
            row, column, style, value = struct.unpack_from("<HHHd", body)
            yield row, column, self._number(value, style)
        elif kind == _RK:
            row, column, style, raw = struct.unpack_from("<HHHI", body)
            yield row, column, self._number(_rk(raw), style)
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for at in range((len(body) - 6) // 6):
                style, raw = struct.unpack_from("<HI", body, 4 + 6 * at)
                yield row, first + at, self._number(_rk(raw), style)
        elif kind in (_LABEL, _RSTRING):
            row, column = struct.unpack_from("<HH", body)
            yield row, column, text_cell(_string(body, 6))
        elif kind == _BOOLERR:
            row, column, _, value, is_error = struct.unpack_from("<HHHBB", body)
            yield row, column, _error(value) if is_error else _boolean(value)

    def _number(self, value: float, style: int) -> Cell:
        shown = self._shown.get(style)
        if shown is None:
            number = self._xfs[style] if style < len(self._xfs) else 0
            shown = self._shown[style] = shown_by(number, self._formats.get(number) if number > 49 else None)
        return number_cell(repr(value), shown, self._epoch_1904)

    def _formula(self, body: bytes) -> Cell | None:
        """The result that was saved; None when it is a text, which stands in the next record."""
        style = struct.unpack_from("<H", body, 4)[0]
        result = body[6:14]
        if result[6:8] != b"\xff\xff":
            return self._number(struct.unpack("<d", result)[0], style)
        if result[0] == 0:
            return None
        if result[0] == 3:
            return BLANK
        return _error(result[2]) if result[0] == 2 else _boolean(result[2])


def _from_formula(cell: Cell) -> Cell:
    if cell is BLANK:
        return cell
    return cell._replace(note=f"{FORMULA_READ}；{cell.note}" if cell.note else FORMULA_READ)


def _boolean(value: int) -> Cell:
    return Cell(Kind.BOOLEAN, "TRUE" if value else "FALSE", bool(value))


def _error(value: int) -> Cell:
    said = _ERRORS.get(value, "#N/A")
    return Cell(Kind.ERROR, said, None, problem=f"是错误值 {said}，请改正公式或直接填数后再传")


def _rk(raw: int) -> float:
    """A number in four bytes: an integer of 30 bits or the upper half of a double, either of them perhaps a hundredfold."""
    if raw & 2:
        value: float = struct.unpack("<i", struct.pack("<I", raw))[0] >> 2
    else:
        value = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", raw & 0xFFFFFFFC))[0]
    return value / 100 if raw & 1 else value


def _areas(body: bytes) -> Iterator[Area]:
    (count,) = struct.unpack_from("<H", body)
    for at in range(count):
        top, bottom, left, right = struct.unpack_from("<HHHH", body, 2 + 8 * at)
        if top <= bottom and left <= right:
            yield Area(top + 1, left, bottom + 1, right)


def _decoded(raw: bytes, flags: int) -> str:
    return raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")


def _string(body: bytes, at: int) -> str:
    """A string with its length in two bytes that lies within one record."""
    count, flags = struct.unpack_from("<HB", body, at)
    at += 3 + (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
    return _decoded(body[at : at + count * (2 if flags & 1 else 1)], flags)


def _shared(pieces: list[bytes], limits: Limits) -> list[str]:
    """The shared strings; one that is cut at the end of a record goes on in the next, whose first byte says how wide it is now."""
    reader = _Pieces(pieces)
    count = struct.unpack("<II", reader.take(8))[1]
    strings: list[str] = []
    for _ in range(count):
        if reader.ended:
            break
        length, flags = struct.unpack("<HB", reader.take(3))
        runs = struct.unpack("<H", reader.take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", reader.take(4))[0] if flags & 4 else 0
        strings.append(reader.text(length, flags))
        reader.take(4 * runs + extra)
    return strings


class _Pieces:
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces, self._piece, self._at = pieces, 0, 0

    @property
    def ended(self) -> bool:
        self._step()
        return self._piece >= len(self._pieces)

    def _step(self) -> None:
        while self._piece < len(self._pieces) and self._at >= len(self._pieces[self._piece]):
            self._piece, self._at = self._piece + 1, 0

    def take(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            self._step()
            piece = self._pieces[self._piece]
            part = piece[self._at : self._at + size - len(found)]
            found += part
            self._at += len(part)
        return bytes(found)

    def text(self, length: int, flags: int) -> str:
        found: list[str] = []
        while length > 0:
            if self._at >= len(self._pieces[self._piece]):
                self._piece, self._at = self._piece + 1, 0
                flags = self.take(1)[0]
            width = 2 if flags & 1 else 1
            piece = self._pieces[self._piece]
            part = piece[self._at : self._at + length * width]
            self._at += len(part)
            length -= max(1, len(part) // width)
            found.append(_decoded(part, flags))
        return "".join(found)
