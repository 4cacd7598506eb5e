"""Refused rows go back as a workbook: as they stood, with line, column and reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.rows import COLUMNS
from keshu.ledger.intake.cells import Row, text_cell
from keshu.ledger.intake.heads import HeadMap, match_head
from keshu.ledger.intake.kept import restored_cells
from keshu.ledger.intake.refusals import Refused, write_refused


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
