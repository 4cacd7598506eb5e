"""Refused rows go back as a workbook: as they stood, with line, column and reason."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.rows import COLUMNS
from keshu.ledger.intake.cells import BLANK, Cell, Kind, Row, text_cell
from keshu.ledger.intake.heads import HeadMap, match_head
from keshu.ledger.intake.refusals import Refused, write_refused


def kept_cells(row: Row) -> list[Any]:
    """A row as a batch keeps it: null for a blank, text as it is, anything else as [kind, text, merged area]."""
    kept: list[Any] = []
    for cell in row.cells:
        if cell.kind is Kind.BLANK:
            kept.append(None)
        elif cell.kind is Kind.TEXT and not cell.merged:
            kept.append(cell.text)
        else:
            kept.append([cell.kind.value, cell.text, cell.merged])
    return kept


def restored_cells(kept: list[Any]) -> list[Cell]:
    """The cells of a kept row, as far as writing them down again needs them."""
    return [_restored(one) for one in kept]


def _restored(kept: Any) -> Cell:
    if kept is None:
        return BLANK
    if isinstance(kept, str):
        return text_cell(kept)
    kind, text, merged = Kind(kept[0]), kept[1], kept[2]
    value: object = text
    if kind is Kind.NUMBER and not text.endswith("%"):
        value = Decimal(text)
    elif kind is Kind.DATE and len(text) == 10:
        value = date.fromisoformat(text)
    return Cell(kind, text, value, merged=merged)


def write_refused_book(batch: ImportBatch, out: Path | BinaryIO) -> int:
    """Write the workbook of refused rows and return their number; corrected, it can be uploaded as it is. Errors: DiskFull."""
    head = match_head(Row(1, [text_cell(name) for name in batch.head]), COLUMNS)
    head.names = list(batch.head)
    head.sheet_unit = batch.sheet_unit
    return write_refused(_refused(batch, head), head, out)


def _refused(batch: ImportBatch, head: HeadMap) -> Iterator[Refused]:
    keys = {column.name: column.key for column in COLUMNS}
    keys |= {head.names[at]: key for key, at in head.index.items()}
    rows = StagedRow.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    for row in rows.iterator(chunk_size=2000):
        cells = Row(row.number, restored_cells(row.cells or []))
        yield Refused(cells, [(keys.get(row.column, ""), row.reason)])
