"""Staging: the file is read in a stream, every row gets its verdict, nothing is written to the figures yet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.db.models import Count, Min

from keshu.directory.actors import Actor
from keshu.figures.book import book
from keshu.figures.imports.magnitudes import Magnitudes
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.rows import COLUMNS, ReleaseKey, RowReader, RowRefused
from keshu.figures.models import Release
from keshu.figures.values import ValueChange, classify, standing
from keshu.journal import moments
from keshu.ledger.intake.cells import Row
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.reading import Table, open_table
from keshu.terms import clock

CHUNK = 2000
MOST_RELEASES = 2000


class TooManyReleases(IntakeError):
    """A file that names a publication per row: the column was misread."""


class BatchState(ValueError):
    """The batch is not in the state this needs."""


def open_batch(filename: str, actor: Actor, *, size: int = 0, sha256: str = "") -> ImportBatch:
    """A new batch in state reading."""
    return ImportBatch._base_manager.create(
        filename=filename[:200],
        size=size,
        sha256=sha256,
        account=actor.account_id,
        uploaded_by=actor.name,
        uploaded_at=clock.now(),
    )


def stage(batch: ImportBatch, path: Path, actor: Actor) -> ImportBatch:
    """Read the file into staged rows. A file that cannot be read leaves the batch failed with the sentence for the clerk."""
    try:
        with open_table(path, batch.filename, columns=COLUMNS) as table:
            _stage_table(batch, table, actor)
    except IntakeError as refusal:
        _fail(batch, str(refusal))
        raise
    except OSError as error:
        _fail(
            batch,
            f"读到第 {batch.rows_read} 行时磁盘出错（{error.strerror}）。请清理磁盘后重传，已有的数没有变。",
        )
        raise
    return batch


def _fail(batch: ImportBatch, reason: str) -> None:
    StagedRow.objects.filter(batch=batch).delete()
    batch.state = ImportBatch.State.FAILED
    batch.failure = reason
    batch.save()


class _Stager:
    """What stays the same over all chunks of one file."""

    def __init__(self, batch: ImportBatch, table: Table, actor: Actor) -> None:
        assert table.head is not None
        self.batch, self.head = batch, table.head
        self.reader = RowReader(book(moments.latest()), actor, table.head, Magnitudes())
        self.keys: dict[ReleaseKey, int] = {}
        self.known: dict[ReleaseKey, int | None] = {}
        self.definition_notes: dict[str, set[str]] = {}

    def release(self, key: ReleaseKey) -> int:
        """The number of a publication within the batch."""
        if key not in self.keys:
            if len(self.keys) >= MOST_RELEASES:
                raise TooManyReleases(
                    f"文件里写了 {MOST_RELEASES} 种以上的来源或版次，多半是列对错了。请按模板核对。"
                )
            self.keys[key] = len(self.keys)
            row = (
                Release.objects.filter(source=key.source, label=key.label)
                .values_list("pk", flat=True)
                .first()
            )
            self.known[key] = row
        return self.keys[key]

    def rows(self, chunk: list[Row]) -> list[StagedRow]:
        """Verdicts of a chunk; values are compared with what stands in a handful of queries."""
        staged: list[StagedRow] = []
        compare: list[tuple[StagedRow, ValueChange]] = []
        for row in chunk:
            try:
                taken = self.reader.read(self.head.pick(row))
            except RowRefused as refused:
                staged.append(
                    StagedRow(
                        batch=self.batch,
                        number=row.number,
                        verdict=Verdict.REFUSED,
                        column=refused.column[:40],
                        reason=str(refused)[:300],
                        cells=[cell.text for cell in row.cells],
                    )
                )
                continue
            if taken.definition_note:
                self.definition_notes.setdefault(taken.measure.code, set()).add(taken.definition_note)
            number = self.release(taken.release)
            made = StagedRow(
                batch=self.batch,
                number=row.number,
                verdict=Verdict.EMPTY if taken.scaled is None else Verdict.NEW,
                measure_id=taken.measure.pk,
                subject_id=taken.region.pk,
                period=taken.period,
                release=number,
                scaled=taken.scaled,
                estimated=taken.estimated,
                note=taken.note,
            )
            staged.append(made)
            release_pk = self.known[taken.release]
            if taken.scaled is not None and release_pk is not None:
                change = ValueChange(
                    taken.measure.pk,
                    taken.region.pk,
                    taken.period,
                    release_pk,
                    taken.scaled,
                    estimated=taken.estimated,
                    note=taken.note,
                )
                compare.append((made, change))
        stands = standing(change.key for _, change in compare)
        for made, change in compare:
            now = stands.get(change.key)
            made.verdict = classify(change, now)
            made.before = now.scaled if now else None
        return staged


def _stage_table(batch: ImportBatch, table: Table, actor: Actor) -> None:
    stager = _Stager(batch, table, actor)
    batch.head = [name or "" for name in stager.head.names]
    batch.save()
    for chunk in _chunks(table.body()):
        with transaction.atomic():
            StagedRow.objects.bulk_create(stager.rows(chunk))
            batch.rows_read += len(chunk)
            ImportBatch._base_manager.filter(pk=batch.pk).update(rows_read=batch.rows_read)
    _refuse_repeated(batch)
    counts = Counter(
        dict(StagedRow.objects.filter(batch=batch).values_list("verdict").annotate(Count("pk")).order_by())
    )
    batch.counts = {verdict: counts.get(verdict, 0) for verdict in Verdict.values}
    batch.notes = list(table.notes)
    batch.measure_notes = {code: sorted(notes) for code, notes in stager.definition_notes.items()}
    batch.releases = [
        {
            "source": key.source,
            "label": key.label,
            "released_on": key.released_on.isoformat() if key.released_on else None,
            "revised": key.revised,
            "estimated": key.estimated,
        }
        for key in stager.keys
    ]
    batch.state = ImportBatch.State.READY
    batch.save()


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _refuse_repeated(batch: ImportBatch) -> None:
    """Two rows for one key are both refused: nobody can tell which is meant."""
    fields: tuple[str, ...] = ("measure_id", "subject_id", "period", "release")
    taken = StagedRow.objects.filter(batch=batch).exclude(verdict__in=[Verdict.REFUSED, Verdict.EMPTY])
    repeated = (
        taken.values_list(*fields).annotate(Count("pk"), Min("number")).filter(pk__count__gt=1).order_by()
    )
    for *key, count, first in list(repeated):
        rows = taken.filter(**dict(zip(fields, key, strict=True)))
        numbers = list(rows.order_by("number").values_list("number", flat=True)[:5])
        listed = "、".join(str(number) for number in numbers)
        rows.update(
            verdict=Verdict.REFUSED,
            column="整行",
            reason=f"第 {listed} 行说的是同一个数（共 {count} 行，从第 {first} 行起）。请只留一行。",
        )
