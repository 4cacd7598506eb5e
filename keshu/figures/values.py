"""Writing values: versions, deltas and the difference to what stands, decided under the writers' lock."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import models

from keshu.figures.models import CubeDelta, ReportedValue
from keshu.journal.rows import Plain, Shape
from keshu.journal.writing import Writing

CHUNK = 2000
KEY = ("measure_id", "subject_id", "period", "release_id")
VALUES = Shape(
    ReportedValue,
    *(*KEY, "version", "scaled", "missing", "estimated", "note"),
    *("origin", "origin_pk", "entered_by", "verified_by", "revision"),
)
DELTAS = Shape(CubeDelta, *KEY, "amount", "held", "estimated", "revision")
Key = tuple[int, int, str, int]


@dataclass(frozen=True)
class ValueChange:
    """One value to record: key, scaled value (None retracts), and where it comes from."""

    measure_id: int
    subject_id: int
    period: str
    release_id: int
    scaled: int | None
    missing: str = ""
    estimated: bool = False
    note: str = ""
    origin: str = ""
    origin_pk: int | None = None
    entered_by: str = ""
    verified_by: str = ""

    @property
    def key(self) -> Key:
        """The figure and the release it is of."""
        return (self.measure_id, self.subject_id, self.period, self.release_id)


@dataclass(frozen=True)
class Standing:
    """What stands under a key: its last version."""

    version: int
    scaled: int | None
    missing: str
    estimated: bool
    note: str
    verified_by: str = ""


@dataclass
class Outcome:
    """How many values a writing made new, changed or found identical."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def new(self) -> int:
        return self.counts["new"]

    @property
    def changed(self) -> int:
        return self.counts["changed"]

    @property
    def identical(self) -> int:
        return self.counts["identical"]


def standing(keys: Iterable[Key]) -> dict[Key, Standing]:
    """The last version under each of the keys that has one. A handful of queries, whatever the number of keys."""
    wanted = set(keys)
    found: dict[Key, Standing] = {}
    groups: dict[tuple[int, str], set[tuple[int, int]]] = {}
    for measure, subject, period, release in wanted:
        groups.setdefault((measure, period), set()).add((subject, release))
    for condition in _conditions(groups):
        rows = (
            ReportedValue.objects.for_system("比对现值")
            .filter(condition)
            .order_by("version")
            .values_list(
                "measure_id",
                "subject_id",
                "period",
                "release_id",
                "version",
                "scaled",
                "missing",
                "estimated",
                "note",
                "verified_by",
            )
        )
        for *key, version, scaled, missing, estimated, note, verified_by in rows.iterator(chunk_size=CHUNK):
            if tuple(key) in wanted:
                found[tuple(key)] = Standing(version, scaled, missing, estimated, note, verified_by)  # type: ignore[index]
    return found


def _conditions(groups: dict[tuple[int, str], set[tuple[int, int]]]) -> Iterator[models.Q]:
    """Few queries that cover all keys: one box for a dense chunk, else one per (measure, period) in bundles of 100."""
    measures = {m for m, _ in groups}
    periods = {p for _, p in groups}
    subjects = {s for pairs in groups.values() for s, _ in pairs}
    releases = {r for pairs in groups.values() for _, r in pairs}
    if len(measures) * len(periods) * len(subjects) <= 20 * sum(len(pairs) for pairs in groups.values()):
        yield models.Q(
            measure_id__in=measures, period__in=periods, subject_id__in=subjects, release_id__in=releases
        )
        return
    items = iter(groups.items())
    while bundle := list(islice(items, 100)):
        condition = models.Q(pk__in=[])
        for (measure, period), pairs in bundle:
            condition |= models.Q(measure_id=measure, period=period, subject_id__in={s for s, _ in pairs})
        yield condition


def classify(change: ValueChange, now: Standing | None) -> str:
    """``new``, ``changed`` or ``identical`` against what stands."""
    if now is None:
        return "new"
    same = (now.scaled, now.missing, now.estimated) == (change.scaled, change.missing, change.estimated)
    words = not change.note or change.note == now.note
    # A verification changes no figure, but who stands behind it: that is a version of its own.
    verified = not change.verified_by or change.verified_by == now.verified_by
    return "identical" if same and words and verified else "changed"


def record_values(block: Writing, changes: Iterable[ValueChange]) -> Outcome:
    """Record values in an open writing block. Identical ones are left alone; nothing to change takes no revision.

    The counts are final only after the block has ended, because versions are given under the lock.
    """
    listed = list(changes)
    before = standing(change.key for change in listed)
    outcome = Outcome()
    if any(classify(change, before.get(change.key)) != "identical" for change in listed):
        stream_values(block, lambda: listed, outcome)
    else:
        outcome.counts["identical"] = len(listed)
    return outcome


def stream_values(block: Writing, source: Callable[[], Iterable[ValueChange]], outcome: Outcome) -> None:
    """Like ``record_values`` for any number of values: ``source()`` is consumed in chunks under the lock."""

    def rows(number: int) -> Iterator[Plain]:
        iterator = iter(source())
        while chunk := list(islice(iterator, CHUNK)):
            now = standing(change.key for change in chunk)
            for change in chunk:
                stands = now.get(change.key)
                verdict = classify(change, stands)
                outcome.counts[verdict] += 1
                if verdict != "identical":
                    version = stands.version + 1 if stands else 1
                    yield _value(change, version, number)
                    delta = _delta(change, stands, number)
                    if delta is not None:
                        yield delta
                    now[change.key] = Standing(
                        version,
                        change.scaled,
                        change.missing,
                        change.estimated,
                        change.note,
                        change.verified_by,
                    )

    block.stamp(rows)


def _value(change: ValueChange, version: int, number: int) -> Plain:
    key = change.measure_id, change.subject_id, change.period, change.release_id
    content = change.scaled, change.missing, change.estimated, change.note
    origin = change.origin, change.origin_pk, change.entered_by, change.verified_by
    return Plain(VALUES, (*key, version, *content, *origin, number))


def _delta(change: ValueChange, stands: Standing | None, number: int) -> Plain | None:
    """The difference of the cell; None when only words changed."""
    old_held = stands is not None and stands.scaled is not None
    new_held = change.scaled is not None
    old = stands.scaled or 0 if stands else 0
    amount = (change.scaled or 0) - old
    held = int(new_held) - int(old_held)
    was_estimated = int(old_held and stands is not None and stands.estimated)
    estimated = int(new_held and change.estimated) - was_estimated
    if not (amount or held or estimated):
        return None
    key = change.measure_id, change.subject_id, change.period, change.release_id
    return Plain(DELTAS, (*key, amount, held, estimated, number))
