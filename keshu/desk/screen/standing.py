"""Published places of the city (省内第 10 ↑3): the newest of each indicator and the move against the one before."""

from dataclasses import dataclass

from keshu.directory.models import Region
from keshu.figures.models import Standing
from keshu.terms.period import Period


@dataclass(frozen=True)
class Place:
    """One published place; ``move`` is how many places it rose, None without an earlier one of the same kind of period."""

    standing: Standing
    period: Period
    place: int
    move: int | None


def places_of(region: Region) -> dict[int, Place]:
    """The newest published place of the region by indicator. One query."""
    rows = (
        Standing.objects.for_system("本市在省里的位次")
        .filter(subject=region, kind=Standing.Kind.RANK)
        .select_related("indicator")
    )
    by_indicator: dict[int, list[tuple[Period, Standing]]] = {}
    for row in rows:
        by_indicator.setdefault(row.indicator_id, []).append((Period.parse(row.period), row))
    found = {}
    for indicator, held in by_indicator.items():
        held.sort(key=lambda pair: (pair[0].end, pair[1].pk))
        period, last = held[-1]
        earlier = [row for then, row in held[:-1] if then == period.previous_year()]
        move = int(earlier[-1].value - last.value) if earlier else None
        found[indicator] = Place(last, period, int(last.value), move)
    return found
