"""What an assessment amounts to: whose the losses are, what can still be had back, how it stands against the year before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keshu.assessment.models import Assessment, Item
from keshu.directory.actors import Actor
from keshu.directory.models import Region, Unit
from keshu.figures.arithmetic.ratio import HUNDRED, ratio

ZERO = Decimal(0)


@dataclass(frozen=True)
class Share:
    """The losses of one office or county: how many items, how many points. ``who`` is None for items that are nobody's yet."""

    who: Unit | Region | None
    items: tuple[Item, ...]

    @property
    def lost(self) -> Decimal:
        """Points lost in its items."""
        return sum((item.lost for item in self.items), ZERO)


def by_office(items: Iterable[Item]) -> list[Share]:
    """The losses by responsible office, the greatest first; items without an office last."""
    return _grouped([(item, item.unit) for item in items])


def by_county(items: Iterable[Item], assessed: int) -> list[Share]:
    """The losses by responsible county, the greatest first; items of the ``assessed`` region itself are no county's and last."""
    return _grouped([(item, item.region if item.region_id != assessed else None) for item in items])


def _grouped(pairs: Iterable[tuple[Item, Unit | Region | None]]) -> list[Share]:
    groups: dict[int | None, list[Item]] = {}
    who: dict[int | None, Unit | Region | None] = {}
    for item, whose in pairs:
        if item.lost:
            key = whose.pk if whose is not None else None
            who[key] = whose
            groups.setdefault(key, []).append(item)
    shares = [Share(who[key], tuple(members)) for key, members in groups.items()]
    return sorted(shares, key=lambda share: (share.who is None, -share.lost))


@dataclass(frozen=True)
class Chance:
    """Points of one item that can still be had back, and how many days are left (negative: gone by; None: no date)."""

    item: Item
    points: Decimal
    days: int | None

    @property
    def gone(self) -> bool:
        """Whether the day has passed."""
        return self.days is not None and self.days < 0


def chances(items: Iterable[Item], today: date) -> list[Chance]:
    """What can still be regained: most points first, among equals the nearest day; what is past its day or filed comes last.

    Points already given back by an appeal are taken off.
    """
    found = []
    for item in items:
        points = (item.regainable or ZERO) - (item.returned or ZERO)
        if points <= 0 or item.state == Item.State.FILED:
            continue
        days = (item.regain_by - today).days if item.regain_by is not None else None
        found.append(Chance(item, points, days))
    return sorted(found, key=lambda one: (one.gone, -one.points, one.item.regain_by or date.max))


@dataclass(frozen=True)
class Pair:
    """An item of this year beside the same of the year before: by its indicator, else by its name. One side may be None."""

    now: Item | None
    before: Item | None

    @property
    def name(self) -> str:
        """What it is called, this year's name first."""
        item = self.now or self.before
        assert item is not None
        return item.name

    @property
    def rate(self) -> Decimal | None:
        """得分率 this year in %, unrounded; None for a 加减分项."""
        return _rate(self.now)

    @property
    def rate_before(self) -> Decimal | None:
        """得分率 of the year before in %."""
        return _rate(self.before)

    @property
    def moved(self) -> Decimal | None:
        """Points more or less than the year before; None where full marks differ, since then points do not compare."""
        if self.now is None or self.before is None or self.now.full != self.before.full:
            return None
        return self.now.score - self.before.score

    @property
    def places(self) -> int | None:
        """Places up (positive) or down in the reported rank; None where either year has none."""
        if self.now is None or self.before is None or self.now.rank is None or self.before.rank is None:
            return None
        return int(self.before.rank.value - self.now.rank.value)


def _rate(item: Item | None) -> Decimal | None:
    return None if item is None else ratio(item.score, item.full, HUNDRED)


def paired(now: Sequence[Item], before: Sequence[Item]) -> list[Pair]:
    """Items of two years side by side in this year's order, then those that are no longer asked."""
    by_indicator = {item.indicator_id: item for item in before if item.indicator_id}
    by_name = {item.name: item for item in before}
    used: set[int] = set()
    pairs = []
    for item in now:
        other = by_indicator.get(item.indicator_id) if item.indicator_id else None
        other = other or by_name.get(item.name)
        if other is not None and other.pk in used:
            other = None
        if other is not None:
            used.add(other.pk)
        pairs.append(Pair(item, other))
    return pairs + [Pair(None, item) for item in before if item.pk not in used]


def previous(assessment: Assessment, actor: Actor) -> Assessment | None:
    """The assessment of the year before by the same assessor, by the same scheme where there are several."""
    rows = Assessment.objects.visible_to(actor).distinct().select_related("score", "rank")
    found = list(
        rows.filter(
            region=assessment.region_id, year=assessment.year - 1, assessor=assessment.assessor
        ).order_by("pk")
    )
    return next(
        (row for row in found if row.scheme == assessment.scheme), found[0] if len(found) == 1 else None
    )


def items_of(assessment: Assessment, actor: Actor) -> list[Item]:
    """The items of an assessment that an actor sees and that were not struck, in their order, with what a page shows of them. One
    query.
    """
    rows = Item.objects.visible_to(actor).filter(assessment=assessment).exclude(state=Item.State.STRUCK)
    return list(rows.select_related("region", "unit", "indicator", "rank").order_by("order", "pk"))
