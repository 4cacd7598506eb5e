"""Refused rows given back to the clerk: the same columns, and behind them the row, the column and the reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from keshu.ledger.intake.cells import Cell, Kind, Row, letter
from keshu.ledger.intake.heads import HeadMap, Holds
from keshu.ledger.intake.writing import Value, write_table

ROW_NUMBER, COLUMN, REASON = "行号", "列", "原因"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken. ``reasons``: (column key, or empty for the row as a whole; sentence for the clerk)."""

    row: Row
    reasons: Sequence[tuple[str, str]]


def write_refused(rows: Iterable[Refused], head: HeadMap, out: Path | BinaryIO) -> int:
    """Stream refused rows into an xlsx that can be corrected and uploaded as it is; returns the number of rows.

    The original columns keep their letters; a unit written above the table stands above this one too. A number out of a
    merged area is left blank, since repeating it in each row would multiply it. Errors: DiskFull.
    """
    unit = f"　单位：{head.sheet_unit}" if head.sheet_unit else ""
    names = [*head.names, ROW_NUMBER, COLUMN, REASON]
    return write_table(
        names,
        _lines(rows, head),
        out,
        # Said above the head: a note below would be read as a row when the workbook comes back.
        title=f"没有读入的行{unit}　改好后可以直接上传本表，后三列不会读",
        kind="xlsx",
        sheet="没有读入的行",
        tinted=[REASON],
    )


def _lines(rows: Iterable[Refused], head: HeadMap) -> Iterator[list[Value]]:
    width = len(head.names)
    counting = {
        head.index[column.key]
        for column in head.columns
        if column.key in head.index and column.holds is Holds.NUMBER
    }
    for refused in rows:
        cells = refused.row.cells[:width]
        line = [None if cell.merged and at in counting else original(cell) for at, cell in enumerate(cells)]
        line += [None] * (width - len(line))
        places = dict.fromkeys(_place(head, key) for key, _ in refused.reasons if key)
        reasons = "；".join(reason for _, reason in refused.reasons)
        yield [*line, refused.row.number, "、".join(places), reasons]


def _place(head: HeadMap, key: str) -> str:
    if key not in head.index:
        return next((column.name for column in head.columns if column.key == key), key)
    at = head.index[key]
    return f"{letter(at)} {head.names[at]}"


def original(cell: Cell) -> Value:
    """What to write so that the cell reads the same again: text where a number would lose digits or its percent sign."""
    if cell.kind is Kind.NUMBER and isinstance(cell.value, Decimal):
        exact = len(cell.value.as_tuple().digits) <= 15 and not cell.text.endswith("%")
        return cell.value if exact else cell.text
    if cell.kind is Kind.DATE and type(cell.value) is date and cell.text == cell.value.isoformat():
        return cell.value
    return cell.text or None
