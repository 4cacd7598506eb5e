"""Refused rows go back as a workbook: as they stood, with line, column and reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.ledger.intake.refusals import COLUMN, REASON, ROW_NUMBER
from keshu.ledger.intake.writing import Value, write_table


def write_refused_book(batch: ImportBatch, out: Path | BinaryIO) -> int:
    """Write the workbook of refused rows and return their number; corrected, it can be uploaded as it is."""
    return write_table(
        [*batch.head, ROW_NUMBER, COLUMN, REASON],
        _lines(batch),
        out,
        title="没有读入的行",
        notes=["改好后可以直接上传本表，“行号、列、原因”三列不会读。"],
        kind="xlsx",
        sheet="没有读入的行",
        tinted=[REASON],
    )


def _lines(batch: ImportBatch) -> Iterator[list[Value]]:
    width = len(batch.head)
    rows = StagedRow.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    for row in rows.iterator(chunk_size=2000):
        cells: list[Value] = list((row.cells or [])[:width])
        cells += [None] * (width - len(cells))
        yield [*cells, row.number, row.column, row.reason]
