"""Staging: the file is read in a stream, every row gets its verdict, nothing is written to the figures yet."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, F

from keshu.directory.actors import Actor
from keshu.figures.book import book
from keshu.figures.imports.magnitudes import CHECKED, Magnitudes
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.publications import Publications
from keshu.figures.imports.refused import kept_cells
from keshu.figures.imports.repeated import refuse_repeated
from keshu.figures.imports.rows import COLUMNS, RowReader, RowRefused, Taken
from keshu.figures.values import ValueChange, classify, standing
from keshu.journal import moments
from keshu.journal.rows import Shape
from keshu.ledger.intake.cells import Cell, Row
from keshu.ledger.intake.hazards import DiskFull, IntakeError
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.reading import Table, open_table
from keshu.terms import clock

LIMITS = Limits(upload_bytes=settings.MAX_UPLOAD_BYTES)
CHUNK = 2000
NOTES = 30
State = ImportBatch.State


class BatchState(ValueError):
    """The batch is not in the state this needs."""


class ReadElsewhere(BatchState):
    """Another reading of the batch began, or it was given up, while this one was under way."""


def open_batch(filename: str, actor: Actor, *, size: int = 0, sha256: str = "") -> ImportBatch:
    """A new batch that waits for its reading."""
    now = clock.now()
    return ImportBatch._base_manager.create(
        filename=filename[:200],
        size=size,
        sha256=sha256,
        account=actor.account_id,
        employment=actor.employment_id,
        uploaded_by=actor.name,
        uploaded_at=now,
        beat_at=now,
    )


def wait(batch: ImportBatch) -> None:
    """Put a batch back in the queue: the worker takes it from here."""
    waiting = ImportBatch._base_manager.filter(pk=batch.pk).exclude(
        state__in=[State.APPLIED, State.DISCARDED]
    )
    waiting.update(state=State.WAITING, beat_at=clock.now(), rows_read=0, failure="")
    batch.refresh_from_db()


def path_of(batch: ImportBatch) -> Path:
    """Where the file of a batch lies."""
    return Path(settings.MEDIA_ROOT) / batch.sha256[:2] / batch.sha256


def stage(batch: ImportBatch, path: Path, actor: Actor) -> ImportBatch:
    """Read the file into staged rows, from the beginning; a reading that broke off leaves nothing behind.

    A file that cannot be read leaves the batch failed with the sentence for the clerk, and raises it (IntakeError).
    ReadElsewhere: another reading took over.
    """
    _begin(batch)
    try:
        with open_table(path, batch.filename, columns=COLUMNS, limits=LIMITS) as table:
            _stage_table(batch, table, actor)
    except IntakeError as refusal:
        _fail(batch, str(refusal))
        raise
    except OSError as error:
        _fail(
            batch,
            f"读到第 {batch.rows_read} 行时磁盘出错（{error.strerror}），没有读完，已有的数没有变。请清理磁盘后重读。",
        )
        raise
    except DatabaseError as error:
        if not is_disk_full(error):
            raise
        full = DiskFull()
        _fail(batch, str(full))
        raise full from error
    return batch


def is_disk_full(error: DatabaseError) -> bool:
    """Whether a database gave up because nothing more fits: SQLITE_FULL, or 53100 of the PostgreSQL family."""
    return "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", "") == "53100"


def _begin(batch: ImportBatch) -> None:
    """Take the batch for this reading; an earlier one that is still under way finds its attempt gone."""
    revision = moments.latest()
    with transaction.atomic():
        began = ImportBatch._base_manager.filter(
            pk=batch.pk, state__in=[State.WAITING, State.READING, State.READY, State.FAILED]
        ).update(
            state=State.READING,
            attempt=F("attempt") + 1,
            beat_at=clock.now(),
            rows_read=0,
            failure="",
            counts={},
            notes=[],
            releases=[],
            measure_notes={},
            read_at_revision=revision,
        )
        batch.refresh_from_db()
        if not began:
            raise BatchState(f"{batch}现在是“{State(batch.state).label}”，不能再读。请重新上传。")
        StagedRow.objects.filter(batch=batch).delete()


def _update(batch: ImportBatch, **values: object) -> None:
    """Change the batch as long as it is this reading's; ReadElsewhere otherwise."""
    mine = ImportBatch._base_manager.filter(pk=batch.pk, attempt=batch.attempt, state=State.READING)
    if not mine.update(beat_at=clock.now(), **values):
        raise ReadElsewhere(f"{batch}已经在别处重读或放弃了，这一次没有读完，数没有变。")
    for name, value in values.items():
        setattr(batch, name, value)


def _fail(batch: ImportBatch, reason: str) -> None:
    """Say why the reading ended. Where even that cannot be written, the batch goes silent and is shown as 没读完."""
    with contextlib.suppress(DatabaseError, ReadElsewhere), transaction.atomic():
        _update(batch, state=State.FAILED, failure=reason)
        StagedRow.objects.filter(batch=batch).delete()


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
    _update(batch, head=[name or "" for name in stager.head.names], sheet_unit=stager.head.sheet_unit)
    for chunk in _chunks(table.body()):
        with transaction.atomic():
            stager.write(chunk)
            _update(batch, rows_read=batch.rows_read + len(chunk))
    with transaction.atomic():
        refuse_repeated(batch, table)
        counted = (
            StagedRow.objects.filter(batch=batch).values_list("verdict").annotate(Count("pk")).order_by()
        )
        counts = Counter(dict(counted))
        _update(
            batch,
            counts={verdict: counts.get(verdict, 0) for verdict in Verdict.values},
            notes=[*table.notes, *stager.notes()],
            measure_notes={code: sorted(notes) for code, notes in stager.definition_notes.items()},
            releases=stager.publications.to_json(),
            state=State.READY,
        )


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
