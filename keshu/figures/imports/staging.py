"""Staging: the file is read in a stream, every row gets its verdict, nothing is written to the figures yet."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count

from keshu.directory.actors import Actor
from keshu.figures.book import book
from keshu.figures.imports.magnitudes import CHECKED, Magnitudes
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.publications import Publications
from keshu.figures.imports.rows import COLUMNS, RowReader, RowRefused, Taken
from keshu.figures.values import ValueChange, classify, standing
from keshu.journal.rows import Shape
from keshu.ledger.intake.batches import begin, chunks, fail, is_disk_full, update
from keshu.ledger.intake.cells import Cell, Row
from keshu.ledger.intake.hazards import DiskFull, IntakeError
from keshu.ledger.intake.kept import kept_cells
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.reading import Table, open_table
from keshu.ledger.intake.repeated import refuse_repeated

LIMITS = Limits(upload_bytes=settings.MAX_UPLOAD_BYTES)
NOTES = 30
State = ImportBatch.State


def stage(batch: ImportBatch, path: Path, actor: Actor) -> ImportBatch:
    """Read the file into staged rows, from the beginning; a reading that broke off leaves nothing behind.

    A file that cannot be read leaves the batch failed with the sentence for the clerk, and raises it (IntakeError).
    ReadElsewhere: another reading took over.
    """
    begin(batch)
    try:
        with open_table(path, batch.filename, columns=COLUMNS, limits=LIMITS) as table:
            _stage_table(batch, table, actor)
    except IntakeError as refusal:
        fail(batch, str(refusal))
        raise
    except OSError as error:
        fail(
            batch,
            f"读到第 {batch.rows_read} 行时磁盘出错（{error.strerror}），没有读完，已有的数没有变。请清理磁盘后重读。",
        )
        raise
    except DatabaseError as error:
        if not is_disk_full(error):
            raise
        full = DiskFull()
        fail(batch, str(full))
        raise full from error
    return batch


@dataclass(slots=True)
class _Staged:
    """A row that was understood, on its way into the batch."""

    batch_id: int
    number: int
    verdict: str
    measure_id: int
    subject_id: int
    period: str
    release: int
    scaled: int | None
    estimated: bool
    note: str
    before: int | None = None

    def values(self) -> tuple[object, ...]:
        """The columns of ``STAGED``."""
        key = (
            self.batch_id,
            self.number,
            self.verdict,
            self.measure_id,
            self.subject_id,
            self.period,
            self.release,
        )
        return *key, self.scaled, self.before, self.estimated, self.note, "", "", None


STAGED = Shape(
    StagedRow,
    *("batch_id", "number", "verdict", "measure_id", "subject_id", "period", "release"),
    *("scaled", "before", "estimated", "note", "column", "reason", "cells"),
)


class _Stager:
    """What stays the same over all chunks of one file."""

    def __init__(self, batch: ImportBatch, table: Table, actor: Actor) -> None:
        assert table.head is not None
        self.batch, self.head = batch, table.head
        self.reader = RowReader(book(batch.read_at_revision), actor, table.head)
        self.magnitudes = Magnitudes()
        self.publications = Publications(self.reader)
        self.definition_notes: dict[str, set[str]] = {}
        self.cell_notes: dict[tuple[str, str], list[int]] = {}
        self.more_notes = 0

    def write(self, chunk: list[Row]) -> None:
        """Verdicts of a chunk, into the database; values are compared with what stands in a handful of queries."""
        read = [(row, self._read(row)) for row in chunk]
        self.magnitudes.load(
            (taken.measure.id, taken.region.id, taken.period)
            for _, taken in read
            if isinstance(taken, Taken) and taken.scaled is not None
        )
        staged: list[_Staged] = []
        refusals: list[StagedRow] = []
        compare: list[tuple[_Staged, ValueChange]] = []
        for row, taken in read:
            try:
                if isinstance(taken, RowRefused):
                    raise taken
                made, change = self._staged(row, taken)
            except RowRefused as refused:
                refusals.append(
                    StagedRow(
                        batch=self.batch,
                        number=row.number,
                        verdict=Verdict.REFUSED,
                        column=refused.column[:40],
                        reason=refused.reason[:300],
                        cells=kept_cells(row),
                    )
                )
                continue
            staged.append(made)
            if change is not None:
                compare.append((made, change))
        stands = standing(change.key for _, change in compare)
        for made, change in compare:
            now = stands.get(change.key)
            made.verdict = classify(change, now)
            made.before = now.scaled if now else None
        STAGED.insert([made.values() for made in staged])
        StagedRow.objects.bulk_create(refusals)

    def _read(self, row: Row) -> Taken | RowRefused:
        cells = self.head.pick(row)
        try:
            taken = self.reader.read(cells)
        except RowRefused as refused:
            return refused
        self._note(row.number, cells)
        return taken

    def _staged(self, row: Row, taken: Taken) -> tuple[_Staged, ValueChange | None]:
        """The row as the batch keeps it and, where its publication is held, the change it would be. RowRefused."""
        publication = self.publications.take(taken.release)
        measure, scaled = taken.measure, taken.scaled
        if scaled is not None:
            problem = self.magnitudes.problem(measure, taken.region.id, taken.period, scaled)
            if problem and CHECKED not in taken.note:
                raise RowRefused(self.reader.name("value"), problem)
        if taken.definition_note:
            self.definition_notes.setdefault(measure.code, set()).add(taken.definition_note)
        made = _Staged(
            self.batch.id,
            row.number,
            "empty" if scaled is None else "new",
            measure.id,
            taken.region.id,
            taken.period,
            publication.number,
            scaled,
            taken.estimated,
            taken.note,
        )
        if scaled is None or publication.held is None:
            return made, None
        key = (measure.id, taken.region.id, taken.period, publication.held.id)
        return made, ValueChange(*key, scaled, estimated=taken.estimated, note=taken.note)

    def _note(self, number: int, cells: dict[str, Cell]) -> None:
        """What was assumed in reading a cell, told once with the first row and how often."""
        for key, cell in cells.items():
            if cell.note:
                known = self.cell_notes.get((key, cell.note))
                if known is not None:
                    known[1] += 1
                elif len(self.cell_notes) < NOTES:
                    self.cell_notes[key, cell.note] = [number, 1]
                else:
                    self.more_notes += 1

    def notes(self) -> list[str]:
        """The notes on cells as sentences, in the order of the file."""
        said = []
        for (key, note), (first, times) in self.cell_notes.items():
            where = f"第 {first} 行" if times == 1 else f"从第 {first} 行起 {times} 行"
            said.append(f"{where}“{self.reader.name(key)}”：{note}")
        if self.more_notes:
            said.append(f"还有 {self.more_notes} 处同类说明没有一一列出")
        return said


def _stage_table(batch: ImportBatch, table: Table, actor: Actor) -> None:
    stager = _Stager(batch, table, actor)
    update(batch, head=[name or "" for name in stager.head.names], sheet_unit=stager.head.sheet_unit)
    for chunk in chunks(table.body()):
        with transaction.atomic():
            stager.write(chunk)
            update(batch, rows_read=batch.rows_read + len(chunk))
    with transaction.atomic():
        taken = StagedRow.objects.filter(
            batch=batch, verdict__in=[Verdict.NEW, Verdict.CHANGED, Verdict.IDENTICAL]
        )
        refuse_repeated(taken, ("measure_id", "subject_id", "period", "release"), table, "说的是同一个数")
        counted = (
            StagedRow.objects.filter(batch=batch).values_list("verdict").annotate(Count("pk")).order_by()
        )
        counts = Counter(dict(counted))
        update(
            batch,
            counts={verdict: counts.get(verdict, 0) for verdict in Verdict.values},
            notes=[*table.notes, *stager.notes()],
            measure_notes={code: sorted(notes) for code, notes in stager.definition_notes.items()},
            releases=stager.publications.to_json(),
            state=State.READY,
        )
