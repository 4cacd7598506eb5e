"""Applying a staged batch: all of its good rows in one transaction, or none. Repeating a file changes nothing."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from django.db import DatabaseError, transaction

from keshu.directory.actors import Actor, Can
from keshu.figures.book import book
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.models import Measure, Release, ReportedValue
from keshu.figures.values import Outcome, ValueChange, stream_values
from keshu.journal import moments
from keshu.journal.models import RevisionHead
from keshu.journal.writing import head_row, writing
from keshu.ledger.intake.batches import BatchState, PreviewStale, is_disk_full, lock, require_ready
from keshu.ledger.intake.hazards import DiskFull
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import convert, plain, unscale

CHUNK = 2000
NAMED = 3
WRITES = (Verdict.NEW, Verdict.CHANGED)
State = ImportBatch.State


class MayNotImport(PermissionError):
    """The actor has no right to import figures, or not these."""


def apply(batch: ImportBatch, actor: Actor) -> Outcome:
    """Write the batch's new and changed values, all or none. A batch with nothing to write takes no revision.

    Two browsers confirming one batch: the second finds it applied (BatchState). Two batches of one file: the second finds
    every value standing already and writes nothing. A value that somebody changed to something else since the preview:
    PreviewStale, nothing is written. Also MayNotImport, DiskFull.
    """
    if not actor.can(Can.IMPORT_FIGURES):
        raise MayNotImport(f"{actor.name}没有导入权限。请由规划科导入，或找安全管理员授权。")
    outcome = Outcome()
    try:
        with transaction.atomic():
            locked = lock(batch)
            require_ready(locked)
            good = StagedRow.objects.filter(batch=batch, verdict__in=WRITES)
            if not actor.sees_all and good.exclude(subject_id__in=actor.region_ids).exists():
                raise MayNotImport(f"{batch}里有不在现在这个岗位范围里的地区。请换回上传时的岗位再导入。")
            _write(locked, actor, outcome)
            outcome.counts["identical"] += locked.counts.get(Verdict.IDENTICAL, 0)
            locked.state, locked.applied_at = State.APPLIED, clock.now()
            locked.save()
    except DatabaseError as error:
        if is_disk_full(error):
            raise DiskFull from error
        raise
    batch.refresh_from_db()
    return outcome


def forget(batch: ImportBatch) -> None:
    """Remove a batch that was only a trial, with its rows. BatchState when it is applied."""
    if ImportBatch._base_manager.filter(pk=batch.pk, state=State.APPLIED).exists():
        raise BatchState(f"{batch}已经导入，导入过的批次要留着备查。")
    ImportBatch._base_manager.filter(pk=batch.pk).delete()


def pending_notes(batch: ImportBatch) -> dict[Measure, list[str]]:
    """What the file says of whole measures (流量,非有效存量) and their definitions do not say yet."""
    found = {}
    for code, notes in sorted(batch.measure_notes.items()):
        measure = Measure.objects.get(code=code)
        fresh = [note for note in notes if note not in measure.notes]
        if fresh:
            found[measure] = fresh
    return found


def _write(batch: ImportBatch, actor: Actor, outcome: Outcome) -> None:
    """All writing of one batch, under the writers' lock from here on."""
    head_row(RevisionHead)
    _refuse_stale(batch)
    good = StagedRow.objects.filter(batch=batch, verdict__in=WRITES)
    with writing(actor, f"导入 {batch}") as block:
        for measure, notes in pending_notes(batch).items():
            measure.notes = [*measure.notes, *notes]
            measure.save()
        if good.exists():
            releases = _releases(batch, set(good.values_list("release", flat=True).distinct()))
            stream_values(block, lambda: _changes(batch, releases, actor), outcome)
    batch.revision = block.revision.number if block.revision else None


def _releases(batch: ImportBatch, used: Iterable[int | None]) -> dict[int, int]:
    """The publications that the batch writes to, by their number; made where they are new, dated where they were not."""
    found = {}
    for number in sorted(n for n in used if n is not None):
        data = batch.releases[number]
        day = date.fromisoformat(data["released_on"]) if data["released_on"] else None
        row = Release.objects.filter(source=data["source"], label=data["label"]).first()
        if row is None:
            row = Release(
                source=data["source"],
                label=data["label"],
                released_on=day,
                revised=data["revised"],
                kind=data["kind"],
            )
            row.save()
        elif day is not None and row.released_on is None:
            row.released_on = day
            row.save()
        found[number] = row.pk
    return found


def _refuse_stale(batch: ImportBatch) -> None:
    """PreviewStale when a value of the batch was changed, since it was read, to something the file does not say."""
    if moments.latest() == batch.read_at_revision:
        return
    names = {(data["source"], data["label"]): number for number, data in enumerate(batch.releases)}
    numbers = {
        row.pk: names[row.source, row.label]
        for row in Release.objects.all()
        if (row.source, row.label) in names
    }
    since = (
        ReportedValue.objects.for_system("预览之后的改动")
        .filter(revision__gt=batch.read_at_revision, release_id__in=numbers)
        .order_by("revision", "pk")
        .values_list("measure_id", "subject_id", "period", "release_id", "scaled", "entered_by")
    )
    moved: dict[tuple[int, int, str, int], tuple[int | None, str]] = {}
    iterator = since.iterator(chunk_size=CHUNK)
    while chunk := list(islice(iterator, CHUNK)):
        for measure, subject, period, release, scaled, by in chunk:
            moved[measure, subject, period, numbers[release]] = (scaled, by)
    if moved:
        _tell_moved(batch, moved)


def _tell_moved(batch: ImportBatch, moved: dict[tuple[int, int, str, int], tuple[int | None, str]]) -> None:
    rows = StagedRow.objects.filter(
        batch=batch,
        verdict__in=[*WRITES, Verdict.IDENTICAL],
        measure_id__in={key[0] for key in moved},
        period__in={key[2] for key in moved},
    ).order_by("number")
    said, count = [], 0
    definitions = book(moments.latest())
    for row in rows.iterator(chunk_size=CHUNK):
        key = (row.measure_id, row.subject_id, row.period, row.release)
        if key not in moved or moved[key][0] == row.scaled:  # type: ignore[index]
            continue
        count += 1
        if count <= NAMED:
            scaled, by = moved[key]  # type: ignore[index]
            measure = definitions.measures[key[0]]  # type: ignore[index]
            now = "已撤回" if scaled is None else shown(measure, scaled)
            where = f"{definitions.regions[key[1]].short_name}{Period.parse(key[2]).label}{measure.name}"  # type: ignore[index]
            said.append(f"{where}现在是 {now}（{by or '别处'}）")
    if count:
        more = f"等 {count} 个" if count > NAMED else ""
        raise PreviewStale(
            f"预览之后，有人改了同样的数：{'；'.join(said)}{more}。这一次没有写。请重新比对，看过再导入。"
        )


def shown(measure: Measure, scaled: int) -> str:
    """A scaled value in the unit people type it in, with the unit."""
    value = convert(unscale(scaled, measure.decimals), measure.unit, measure.shown_unit)
    return f"{plain(value)}{measure.shown_unit}"


def _changes(batch: ImportBatch, releases: dict[int, int], actor: Actor) -> Iterator[ValueChange]:
    # One verdict after the other, each in the order of its index: a sort of all rows would stand in memory.
    for verdict in WRITES:
        rows = (
            StagedRow.objects.filter(batch=batch, verdict=verdict)
            .order_by("number")
            .values_list(
                "number", "measure_id", "subject_id", "period", "release", "scaled", "estimated", "note"
            )
        )
        for number, measure, subject, period, release, scaled, estimated, note in rows.iterator(CHUNK):
            yield ValueChange(
                measure,
                subject,
                period,
                releases[release],
                scaled,
                estimated=estimated,
                note=note,
                origin=f"导入第{batch.pk}批第{number}行",
                origin_pk=batch.pk,
                entered_by=actor.name,
            )
