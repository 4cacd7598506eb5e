"""Applying a staged batch: all of its good rows in one transaction, or none. Repeating a file changes nothing."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction

from keshu.directory.actors import Actor, Can
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.staging import BatchState
from keshu.figures.models import Measure, Release
from keshu.figures.values import Outcome, ValueChange, stream_values
from keshu.journal.writing import writing
from keshu.terms import clock


class MayNotImport(PermissionError):
    """The actor has no right to import figures."""


def apply(batch: ImportBatch, actor: Actor) -> Outcome:
    """Write the batch's new and changed values. A batch with nothing to write takes no revision.

    Two browsers confirming one batch: the second finds it applied and gets BatchState. Two batches of one file: the
    second finds every value identical under the writers' lock and writes nothing.
    """
    if not actor.can(Can.IMPORT_FIGURES):
        raise MayNotImport(f"{actor.name}没有导入权限。请由规划科导入，或找安全管理员授权。")
    outcome = Outcome()
    with transaction.atomic():
        locked = ImportBatch._base_manager.select_for_update().get(pk=batch.pk)
        if locked.state != ImportBatch.State.READY:
            raise BatchState(f"{locked} 现在是“{ImportBatch.State(locked.state).label}”，不能再导入一次。")
        good = StagedRow.objects.filter(batch=batch, verdict__in=[Verdict.NEW, Verdict.CHANGED])
        revision = None
        if good.exists():
            with writing(actor, f"导入 {locked}") as block:
                releases = _releases(locked, set(good.values_list("release", flat=True).distinct()))
                _definition_notes(locked)
                stream_values(block, lambda: _changes(locked, releases, actor), outcome)
            revision = block.revision.number if block.revision else None
        outcome.counts["identical"] += locked.counts.get(Verdict.IDENTICAL, 0)
        locked.state = ImportBatch.State.APPLIED
        locked.revision = revision
        locked.applied_at = clock.now()
        locked.save()
    batch.refresh_from_db()
    return outcome


def discard(batch: ImportBatch) -> None:
    """Give a batch up; its rows go, the figures stay as they were."""
    with transaction.atomic():
        locked = ImportBatch._base_manager.select_for_update().get(pk=batch.pk)
        if locked.state == ImportBatch.State.APPLIED:
            raise BatchState(f"{locked} 已经导入，不能放弃。改数请再导入一份更正的。")
        StagedRow.objects.filter(batch=locked).delete()
        locked.state = ImportBatch.State.DISCARDED
        locked.save()


def _releases(batch: ImportBatch, used: set[int | None]) -> dict[int, int]:
    """The publications of the batch by their number, made where they are new."""
    found = {}
    for number, data in enumerate(batch.releases):
        if number not in used:
            continue
        day = date.fromisoformat(data["released_on"]) if data["released_on"] else None
        row = Release.objects.filter(source=data["source"], label=data["label"]).first()
        if row is None:
            row = Release(
                source=data["source"],
                label=data["label"],
                released_on=day,
                revised=data["revised"],
                kind=Release.Kind.ESTIMATE if data["estimated"] else Release.Kind.AUTHORITY,
            )
            row.save()
        elif day is not None and row.released_on is None:
            row.released_on = day
            row.save()
        found[number] = row.pk
    return found


def _definition_notes(batch: ImportBatch) -> None:
    """What a file says of a whole measure (流量,非有效存量) becomes a note of its definition."""
    for code, notes in batch.measure_notes.items():
        measure = Measure.objects.get(code=code)
        fresh = [note for note in notes if note not in measure.notes]
        if fresh:
            measure.notes = [*measure.notes, *fresh]
            measure.save()


def _changes(batch: ImportBatch, releases: dict[int, int], actor: Actor) -> Iterator[ValueChange]:
    rows = (
        StagedRow.objects.filter(batch=batch, verdict__in=[Verdict.NEW, Verdict.CHANGED])
        .order_by("pk")
        .values_list("number", "measure_id", "subject_id", "period", "release", "scaled", "estimated", "note")
    )
    for number, measure, subject, period, release, scaled, estimated, note in rows.iterator(chunk_size=2000):
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
