"""Small files of figures for the tests, as CSV and as workbooks, and one way to send them."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl

from keshu.directory.actors import Actor
from keshu.figures.book import book
from keshu.figures.imports.applying import apply
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.staging import stage
from keshu.figures.models import ReportedValue
from keshu.figures.values import Outcome
from keshu.journal import moments
from keshu.ledger.intake.batches import open_batch

HEAD = ("期间", "地区", "指标", "数值", "单位")


class Desk:
    """Sends files for one actor and tells what became of them."""

    def __init__(self, folder: Path, actor: Actor) -> None:
        self.folder, self.actor = folder, actor
        self.sent = 0

    def file(self, content: bytes, name: str = "数据.csv") -> Path:
        self.sent += 1
        path = self.folder / f"{self.sent}-{name}"
        path.write_bytes(content)
        return path

    def csv(self, *rows: Sequence[object], head: Sequence[str] = HEAD, encoding: str = "utf-8") -> Path:
        lines = [
            ",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in row) for row in (head, *rows)
        ]
        return self.file("\n".join(lines).encode(encoding))

    def xlsx(self, *rows: Sequence[object], head: Sequence[str] = HEAD, hidden: Sequence[str] = ()) -> Path:
        made = openpyxl.Workbook()
        for row in (head, *rows):
            made.active.append(list(row))
        for name in hidden:
            made.create_sheet(name).sheet_state = "hidden"
        return self.book(made)

    def book(self, made: openpyxl.Workbook) -> Path:
        out = io.BytesIO()
        made.save(out)
        return self.file(out.getvalue(), "数据.xlsx")

    def read(self, path: Path) -> ImportBatch:
        """Stage a file."""
        content = path.read_bytes()
        batch = open_batch(
            ImportBatch, path.name, self.actor, size=len(content), sha256=hashlib.sha256(content).hexdigest()
        )
        return stage(batch, path, self.actor)

    def take(self, path: Path) -> tuple[ImportBatch, Outcome]:
        """Stage and apply a file."""
        batch = self.read(path)
        return batch, apply(batch, self.actor)


def counts(batch: ImportBatch) -> dict[str, int]:
    """The counts that are not zero."""
    return {verdict: count for verdict, count in batch.counts.items() if count}


def refusals(batch: ImportBatch) -> list[tuple[int, str, str]]:
    """(row, column, reason) of each refused row."""
    rows = StagedRow.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    return [(row.number, row.column, row.reason) for row in rows]


def reason(batch: ImportBatch) -> str:
    """The reason of the only refused row."""
    ((_, _, said),) = refusals(batch)
    return said


def values(measure: str, region: str, period: str) -> list[ReportedValue]:
    """Every version of a figure under every release, oldest first."""
    definitions = book(moments.latest())
    rows = ReportedValue.objects.for_system("测试").filter(
        measure_id=definitions.measure(measure).pk, subject_id=definitions.region(region).pk, period=period
    )
    return list(rows.select_related("measure", "release").order_by("pk"))
