"""Staging: the file is read in a stream, every row gets its verdict, nothing is written to the register yet."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count

from keshu.bringing.columns import bringing_of, file_columns
from keshu.bringing.models import Batch, StagedRecord
from keshu.bringing.rows import Read, RowReader, RowRefused, attribute, digest, said_by
from keshu.directory.actors import Actor
from keshu.journal.rows import Shape, canonical
from keshu.ledger.intake.batches import Verdict, begin, chunks, fail, is_disk_full, update
from keshu.ledger.intake.cells import Cell, Row
from keshu.ledger.intake.hazards import DiskFull, IntakeError
from keshu.ledger.intake.kept import kept_cells
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.reading import Table, open_table
from keshu.ledger.intake.repeated import refuse_repeated
from keshu.ledger.registers import Register
from keshu.terms.cycles import looked_for_seldom

LIMITS = Limits(upload_bytes=settings.MAX_UPLOAD_BYTES)
NOTES = 30
STAGED = Shape(
    StagedRecord,
    *("batch_id", "number", "verdict", "key", "record_pk"),
    *("content", "before", "column", "reason", "cells"),
)


def stage(batch: Batch, path: Path, actor: Actor, register: Register) -> Batch:
    """Read the file into staged rows, from the beginning; a reading that broke off leaves nothing behind.

    A file that cannot be read leaves the batch failed with the sentence for the clerk, and raises it (IntakeError).
    ReadElsewhere: another reading took over.
    """
    begin(batch)
    try:
        with (
            looked_for_seldom(),
            open_table(path, batch.filename, columns=file_columns(register), limits=LIMITS) as table,
        ):
            _stage_table(batch, table, actor, register)
    except IntakeError as refusal:
        fail(batch, str(refusal))
        raise
    except OSError as error:
        fail(
            batch, f"读到第 {batch.rows_read} 行时磁盘出错（{error.strerror}），没有读完。请清理磁盘后重读。"
        )
        raise
    except DatabaseError as error:
        if not is_disk_full(error):
            raise
        full = DiskFull()
        fail(batch, str(full))
        raise full from error
    return batch


def _stage_table(batch: Batch, table: Table, actor: Actor, register: Register) -> None:
    assert table.head is not None
    stager = Stager(batch, register, RowReader(register, actor, table.head))
    update(batch, head=[name or "" for name in table.head.names], sheet_unit=table.head.sheet_unit)
    for chunk in chunks(table.body()):
        with transaction.atomic():
            stager.write(chunk)
            update(batch, rows_read=batch.rows_read + len(chunk))
    with transaction.atomic():
        taken = StagedRecord.objects.filter(
            batch=batch, verdict__in=[Verdict.NEW, Verdict.CHANGED, Verdict.IDENTICAL]
        )
        refuse_repeated(taken, ("key",), table, stager.said)
        counted = (
            StagedRecord.objects.filter(batch=batch).values_list("verdict").annotate(Count("pk")).order_by()
        )
        counts = Counter(dict(counted))
        update(
            batch,
            counts={verdict: counts.get(verdict, 0) for verdict in Verdict.values},
            notes=[*table.notes, *stager.notes()],
            standing_for=stager.standing_for,
            state=Batch.State.READY,
        )


class Stager:
    """What stays the same over all chunks of one file."""

    def __init__(self, batch: Batch, register: Register, reader: RowReader) -> None:
        self.batch, self.register, self.reader = batch, register, reader
        self.finder = Finder(register)
        self.cell_notes: dict[tuple[str, str], list[int]] = {}
        self.standing_for = 0
        key = [column.label for column in reader.columns if column.path in reader.bringing.key]
        self.said = f"的{'、'.join(key)}都相同" if key else "完全相同（真是几件的，留一行写件数）"

    def write(self, chunk: list[Row]) -> None:
        """Verdicts of a chunk, into the database; what stands already is fetched together."""
        read = self.reader.read(chunk)
        standing = self.finder.standing([one for one in read if isinstance(one, Read)])
        staged: list[tuple[Any, ...]] = []
        for row, one in zip(chunk, read, strict=True):
            try:
                if isinstance(one, RowRefused):
                    raise one
                staged.append(self._staged(one, standing.get(one.key, [])))
                self._note(row.number, one.cells)
            except RowRefused as refused:
                said = (refused.column[:40], refused.reason[:300], kept_cells(row))
                verdict = str(Verdict.REFUSED)
                staged.append((self.batch.pk, row.number, verdict, "", None, None, None, *said))
        STAGED.insert(staged)

    def _staged(self, read: Read, there: list[Any]) -> tuple[Any, ...]:
        """The row as ``STAGED`` takes it. RowRefused."""
        self.reader.check(read)
        verdict, record_pk, content, changed = self._compared(read, there)
        self.standing_for += int(read.values.get("items") or 1)
        row = (self.batch.pk, read.row.number, verdict, read.key, record_pk, content, changed)
        return *row, "", "", None

    def _compared(self, read: Read, there: list[Any]) -> tuple[str, int | None, dict[str, Any], Any]:
        """(verdict, the record that stands, what it is to say, what of that stood otherwise)."""
        if not there:
            return str(Verdict.NEW), None, read.content, None
        if len(there) > 1:
            numbers = "、".join(str(record.number) for record in there[:3])
            raise RowRefused(
                "整行", f"台账里这样的记录有 {len(there)} 条（{numbers}），不知道改哪一条，请到记录页改"
            )
        record = there[0]
        before = said_by(self.register, record)
        # A column that the file does not have says nothing about what stands there.
        content = {p: v if p in self.reader.head.index else before[p] for p, v in read.content.items()}
        if content == before:
            return str(Verdict.IDENTICAL), record.pk, content, None
        if self.reader.bringing.change is None or record.state in self.reader.bringing.fixed:
            raise RowRefused(
                "整行",
                f"{record.number or record} 已经是“{record.get_state_display()}”，文件不能改它，请到记录页办",
            )
        actor = self.reader.actor
        if not actor.sees_all and not (
            record.region_id in actor.region_ids or record.unit_id in actor.unit_ids
        ):
            raise RowRefused("整行", "同样的记录在别的地区已经登记，请和市局核对")
        changed = {path: before[path] for path in content if content[path] != before[path]}
        return str(Verdict.CHANGED), record.pk, content, changed

    def _note(self, number: int, cells: Mapping[str, Cell]) -> None:
        """What was assumed in reading a cell, told once with the first row and how often."""
        for key, cell in cells.items():
            if cell.note:
                known = self.cell_notes.get((key, cell.note))
                if known is not None:
                    known[1] += 1
                elif len(self.cell_notes) < NOTES:
                    self.cell_notes[key, cell.note] = [number, 1]

    def notes(self) -> list[str]:
        """The notes on cells as sentences, in the order of the file."""
        labels = {column.path: self.reader.name(column) for column in self.reader.columns}
        return [
            f"{f'第 {first} 行' if times == 1 else f'从第 {first} 行起 {times} 行'}“{labels[key]}”：{note}"
            for (key, note), (first, times) in self.cell_notes.items()
        ]


class Finder:
    """The records that stand already for the keys of some rows: one query per chunk, by the column that tells most apart."""

    def __init__(self, register: Register) -> None:
        self.register = register
        bringing = bringing_of(register)
        self.columns = {column.path: column for column in bringing.columns}
        self.keyed = bringing.key or tuple(self.columns)

    def standing(self, rows: list[Read]) -> dict[str, list[Any]]:
        """Records by key; struck ones are not there."""
        if not rows:
            return {}
        # A value in the file of its own for each row asks an index for little.
        by = self.keyed[0]
        if len(self.keyed) > 1:
            by = max(self.keyed, key=lambda path: len({canonical(row.content[path]) for row in rows}))
        wanted = {row.key for row in rows}
        values = {row.values[by] for row in rows if row.values[by] is not None}
        name = attribute(self.columns[by])
        found = self.register.records.filter(**{f"{name}__in": values})
        if any(row.values[by] is None for row in rows):
            found = found | self.register.records.filter(**{f"{name}__isnull": True})
        there: dict[str, list[Any]] = {}
        for record in found.exclude(state__in=self.register.struck).order_by("pk").iterator(chunk_size=2000):
            said = said_by(self.register, record)
            key = digest([said[path] for path in self.keyed])
            if key in wanted:
                there.setdefault(key, []).append(record)
        return there
