"""Applying a staged batch: all of its good rows in one transaction and one revision, or none. Repeating a file changes nothing."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import DatabaseError, transaction

from keshu.bringing.columns import bringing_of, file_columns, from_json
from keshu.bringing.models import Batch, StagedRecord
from keshu.bringing.rows import Read, said_by
from keshu.bringing.staging import Finder
from keshu.directory.actors import Actor
from keshu.journal import moments
from keshu.journal.models import HistoryRow, RevisionHead
from keshu.journal.writing import head_row, writing
from keshu.ledger.intake.batches import (
    CHUNK,
    PreviewStale,
    Verdict,
    is_disk_full,
    lock,
    require_ready,
)
from keshu.ledger.intake.cells import Row, text_cell
from keshu.ledger.intake.hazards import DiskFull
from keshu.ledger.intake.heads import match_head
from keshu.ledger.intake.kept import restored_cells
from keshu.ledger.intake.refusals import Refused, write_refused
from keshu.ledger.numbering import next_numbers
from keshu.ledger.registers import Register
from keshu.terms import clock

WRITES = (Verdict.NEW, Verdict.CHANGED)


class MayNotBring(PermissionError):
    """The post may not bring records into this register."""


def apply(batch: Batch, actor: Actor, register: Register) -> int:
    """Write the batch's new and changed records, all or none; how many. A batch with nothing to write takes no revision.

    Two browsers confirming one batch: the second finds it applied (BatchState). A record that somebody changed since the preview:
    PreviewStale, nothing is written. Also MayNotBring, DiskFull.
    """
    bringing = bringing_of(register)
    if not bringing.may(actor):
        raise MayNotBring(f"{actor.name}不能往“{register.name}”里导入。请由能登记这个台账的岗位办理。")
    try:
        with transaction.atomic():
            locked = lock(batch)
            require_ready(locked)
            head_row(RevisionHead)
            _refuse_stale(locked, register)
            good = StagedRecord.objects.filter(batch=locked, verdict__in=WRITES)
            count = good.count()
            if count:
                with writing(actor, f"导入{register.name} {locked}") as block:
                    numbers = iter(_numbers(locked, register))
                    finish = bringing.prepare(_new_values(locked, register)) if bringing.prepare else None
                    block.bring(lambda: _records(locked, register, actor, numbers, finish))
                locked.revision = block.revision.number if block.revision else None
            locked.state, locked.applied_at = Batch.State.APPLIED, clock.now()
            locked.save()
    except DatabaseError as error:
        if is_disk_full(error):
            raise DiskFull from error
        raise
    batch.refresh_from_db()
    return count


def _numbers(batch: Batch, register: Register) -> list[str]:
    """Numbers for the new records, taken at once."""
    prefix = bringing_of(register).prefix
    new = StagedRecord.objects.filter(batch=batch, verdict=Verdict.NEW).count()
    return next_numbers(prefix, clock.today().year, new) if prefix and new else []


def _new_values(batch: Batch, register: Register) -> Iterator[dict[str, Any]]:
    columns = {column.path: column for column in bringing_of(register).columns}
    rows = StagedRecord.objects.filter(batch=batch, verdict=Verdict.NEW).order_by("number")
    for content in rows.values_list("content", flat=True).iterator(chunk_size=CHUNK):
        yield {path: from_json(columns[path], value) for path, value in content.items()}


def _records(
    batch: Batch,
    register: Register,
    actor: Actor,
    numbers: Iterator[str],
    finish: Callable[[Any], None] | None,
) -> Iterator[Any]:
    bringing = bringing_of(register)
    columns = {column.path: column for column in bringing.columns}
    source = f"导入第{batch.pk}批"
    for verdict in WRITES:
        rows = StagedRecord.objects.filter(batch=batch, verdict=verdict).order_by("number")
        found = rows.values_list("record_pk", "content", "number").iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            pks = [pk for pk, _, _ in chunk if pk is not None]
            there = register.records.select_for_update().in_bulk(pks) if pks else {}
            for pk, content, line in chunk:
                values = {path: from_json(columns[path], value) for path, value in content.items()}
                if pk is None:
                    record = bringing.build(values, actor)
                    record.number = record.number or next(numbers, "")
                    record.source = record.source or f"{source}第{line}行"
                    if finish is not None:
                        finish(record)
                else:
                    record = there[pk]
                    assert bringing.change is not None
                    bringing.change(record, values, actor)
                yield record


def _refuse_stale(batch: Batch, register: Register) -> None:
    """PreviewStale when a record of the file was entered or changed by somebody since it was read."""
    since = HistoryRow.objects.filter(model=register.label, revision__gt=batch.read_at_revision)
    if moments.latest() == batch.read_at_revision or not since.exists():
        return
    finder = Finder(register)
    columns = finder.columns
    rows = StagedRecord.objects.filter(batch=batch, verdict__in=[*WRITES, Verdict.IDENTICAL]).order_by(
        "number"
    )
    iterator = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(iterator, CHUNK)):
        read = [
            Read(
                Row(row.number, []),
                {path: from_json(columns[path], value) for path, value in row.content.items()},
                row.key,
                row.content,
            )
            for row in chunk
        ]
        standing = finder.standing(read)
        for row in chunk:
            now = standing.get(row.key, [])
            if [record.pk for record in now] != [pk for pk in (row.record_pk,) if pk] or (
                now and not _as_previewed(row, said_by(register, now[0]))
            ):
                name = str(now[0]) if now else "一条记录"
                raise PreviewStale(
                    f"预览之后，有人登记或改动了第 {row.number} 行说的记录（{name}）。这一次没有写。请重新比对，看过再导入。"
                )


def _as_previewed(row: StagedRecord, said: dict[str, Any]) -> bool:
    """Whether the record still says what the preview compared with."""
    return said == {**row.content, **(row.before or {})}


def write_refused_book(batch: Batch, register: Register, out: Path | BinaryIO) -> int:
    """Write the workbook of refused rows and return their number; corrected, it can be uploaded as it is. Errors: DiskFull."""
    columns = file_columns(register)
    head = match_head(Row(1, [text_cell(name) for name in batch.head]), columns)
    head.names = list(batch.head)
    head.sheet_unit = batch.sheet_unit
    keys = {column.name: column.key for column in columns}
    keys |= {head.names[at]: key for key, at in head.index.items()}
    rows = StagedRecord.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    refused = (
        Refused(Row(row.number, restored_cells(row.cells or [])), [(keys.get(row.column, ""), row.reason)])
        for row in rows.iterator(chunk_size=CHUNK)
    )
    return write_refused(refused, head, out)
