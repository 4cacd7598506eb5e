"""The cube: a cell is the sum of its deltas, now or up to a revision. It is recounted from the values by ``verify``."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Sum

from keshu.figures.models import CubeDelta, Measure, ReportedValue

Cell = tuple[int, int, str]


class Held(NamedTuple):
    """A cell's content under one release: scaled value and whether it is an estimate."""

    release_id: int
    scaled: int
    estimated: bool


Cells = dict[Cell, list[Held]]


def read(
    measures: Iterable[int], subjects: Iterable[int], periods: Iterable[str], revision: int | None = None
) -> Cells:
    """The held cells of measures × subjects × periods as of a revision (None = now). One query.

    Keys are (measure, subject, period code); a cell lists what each release holds. Empty cells are absent.
    """
    rows = CubeDelta.objects.filter(
        measure_id__in=set(measures), period__in=set(periods), subject_id__in=set(subjects)
    )
    if revision is not None:
        rows = rows.filter(revision__lte=revision)
    summed = rows.values_list("measure_id", "subject_id", "period", "release_id").annotate(
        Sum("amount"), Sum("held"), Sum("estimated")
    )
    cells: Cells = {}
    for measure, subject, period, release, amount, held, estimated in summed.order_by():
        if held:
            cells.setdefault((measure, subject, period), []).append(
                Held(release, int(amount), bool(estimated))
            )
    return cells


def held_periods(
    measures: Iterable[int], subjects: Iterable[int], year: int, revision: int | None = None
) -> list[tuple[int, str]]:
    """(measure, period code) pairs of one year under which any of the subjects holds a value. One query."""
    rows = CubeDelta.objects.filter(
        measure_id__in=set(measures), subject_id__in=set(subjects), period__startswith=str(year)
    )
    if revision is not None:
        rows = rows.filter(revision__lte=revision)
    summed = rows.values_list("measure_id", "period").annotate(count=Sum("held")).filter(count__gt=0)
    return [(measure, period) for measure, period, _ in summed.order_by()]


@dataclass(frozen=True)
class Difference:
    """A cell whose deltas do not add up to the value it stands for."""

    measure_id: int
    subject_id: int
    period: str
    release_id: int
    recounted: int | None
    cube: int | None


def verify() -> tuple[int, list[Difference]]:
    """Recount every reported cell from its values; (number of cells, those that differ). Constant memory by measure.

    Cells of registers are recounted from their records by ``counting.differing``.
    """
    count = 0
    differences: list[Difference] = []
    counted = set(Measure.objects.exclude(register="").values_list("pk", flat=True))
    measures = set(
        ReportedValue.objects.for_system("重算立方").values_list("measure_id", flat=True).distinct()
    )
    measures |= set(CubeDelta.objects.values_list("measure_id", flat=True).distinct())
    for measure in sorted(measures - counted):
        recounted: dict[tuple[int, str, int], int] = {}
        seen: set[tuple[int, str, int]] = set()
        values = ReportedValue.objects.for_system("重算立方").filter(measure_id=measure).order_by("version")
        for subject, period, release, scaled in values.values_list(
            "subject_id", "period", "release_id", "scaled"
        ).iterator(chunk_size=5000):
            key = (subject, period, release)
            seen.add(key)
            if scaled is None:
                recounted.pop(key, None)
            else:
                recounted[key] = scaled
        cube: dict[tuple[int, str, int], int] = {}
        sums = CubeDelta.objects.filter(measure_id=measure).values_list("subject_id", "period", "release_id")
        for subject, period, release, amount, held in (
            sums.annotate(Sum("amount"), Sum("held")).order_by().iterator(chunk_size=5000)
        ):
            seen.add((subject, period, release))
            if held:
                cube[(subject, period, release)] = int(amount)
        count += len(seen)
        for key in sorted(seen):
            if recounted.get(key) != cube.get(key):
                differences.append(Difference(measure, *key, recounted.get(key), cube.get(key)))
    return count, differences
