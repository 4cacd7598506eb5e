"""位次为什么变: what we did and what the others did, and who passed whom; for reported ranks only what was reported."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.assessment.siblings import Held, held
from keshu.directory.models import Region
from keshu.figures.arithmetic import ranking
from keshu.figures.arithmetic.change import Change, Split, change, split
from keshu.figures.arithmetic.ratio import Direction
from keshu.figures.arithmetic.whatif import place_after
from keshu.figures.evaluating import Side
from keshu.figures.models import Indicator, Standing
from keshu.terms.period import Period
from keshu.terms.quantity import plain

#: Ranking two needs two.
FEWEST = 2


@dataclass(frozen=True)
class Overtaking:
    """Two rankings of the same keys. ``after`` − ``before`` is always the number of ``passed_us`` minus that of ``we_passed``.

    ``alone``: the place now if only we had moved; ``still``: the place now if we alone had stayed. ``ahead`` and ``behind``: the
    nearest better and worse place now, with the distance. ``left_out``: keys without a value at one of the periods.
    """

    before: int
    after: int
    of: int
    passed_us: tuple[Hashable, ...]
    we_passed: tuple[Hashable, ...]
    alone: int
    still: int
    ahead: ranking.NextUp | None
    behind: ranking.NextUp | None
    left_out: tuple[Hashable, ...] = ()
    tied: bool = False
    tied_before: bool = False


def overtaking(
    before: Mapping[Hashable, Decimal | None],
    after: Mapping[Hashable, Decimal | None],
    key: Hashable,
    direction: Direction = "up",
) -> Overtaking | None:
    """Who passed ``key`` and whom it passed between two sets of values, among the keys held in both. Ties are 1,1,3: who was
    level and is now better has passed.

    None where ``key`` lacks a value or nobody else is held in both.
    """
    both = [one for one in after if after[one] is not None and before.get(one) is not None]
    if key not in both or len(both) < FEWEST:
        return None
    then = {one: before[one] for one in both}
    now = {one: after[one] for one in both}
    first, last = ranking.rank(then, direction), ranking.rank(now, direction)
    better_then = {one for one in both if first.place[one] < first.place[key]}
    better_now = [one for one in last.order if last.place[one] < last.place[key]]
    own_now, own_then = now[key], then[key]
    assert own_now is not None and own_then is not None  # held in both
    opposite: Direction = "down" if direction == "up" else "up"
    return Overtaking(
        before=first.place[key],
        after=last.place[key],
        of=len(both),
        passed_us=tuple(one for one in better_now if one not in better_then),
        we_passed=tuple(one for one in first.order if one in better_then and one not in better_now),
        alone=place_after(then, key, own_now, direction),
        still=place_after(now, key, own_then, direction),
        ahead=ranking.gap_to_next(now, key, direction),
        behind=ranking.gap_to_next(now, key, opposite),
        left_out=tuple(one for one in after if one not in both),
        tied=last.tied[key],
        tied_before=first.tied[key],
    )


@dataclass(frozen=True)
class Reported:
    """The ranks that somebody else published for two periods; ``differences`` say what does not compare."""

    before: Standing | None
    after: Standing | None

    @property
    def differences(self) -> tuple[str, ...]:
        """What differs between the two lists, each a Chinese clause; () when nothing known does."""
        if self.before is None or self.after is None:
            return ()
        one, other = self.before, self.after
        found = []
        if one.population != other.population:
            found.append(f"参评数由 {one.population or '未写'} 变为 {other.population or '未写'}")
        if one.exclusions != other.exclusions:
            found.append(f"不参评由“{one.exclusions or '没有写'}”变为“{other.exclusions or '没有写'}”")
        if one.assessor != other.assessor:
            found.append(f"评定单位由{one.assessor}变为{other.assessor}")
        return tuple(found)

    @property
    def places(self) -> int | None:
        """Places up (positive) or down; None where one rank is missing."""
        if self.before is None or self.after is None:
            return None
        return int(self.before.value - self.after.value)


@dataclass(frozen=True)
class Moved:
    """Why the rank of a region moved between two periods. ``ranks`` is None where siblings are not held, ``why`` then says so."""

    ground: Held
    region: Region
    own: Change
    split: Split | None
    mixes: bool
    ranks: Overtaking | None
    reported: Reported
    why: str

    @property
    def indicator(self) -> Indicator:
        """The indicator."""
        return self.ground.indicator


def why_moved(
    indicator: Indicator,
    region: Region,
    regions: Sequence[Region],
    earlier: Period,
    later: Period,
    *,
    revision: int | None = None,
    vintage: str = "latest",
) -> Moved:
    """What moved the rank of ``region`` among ``regions`` (itself and those ranked with it) between two periods.

    The computed part needs the values of siblings at both periods; the reported part stands beside it and is never mixed in.
    """
    everyone = list(regions) if any(one.pk == region.pk for one in regions) else [region, *regions]
    ground = held(indicator, everyone, earlier, later, own=region, revision=revision, vintage=vintage)
    indicator = ground.indicator
    now, then = ground.figures[region.pk], ground.figures_before[region.pk]
    parts = None
    if now.denominator is not None and then.denominator is not None:
        parts = split(
            then.numerator.value,
            then.denominator.value,
            now.numerator.value,
            now.denominator.value,
            now.factor,
        )
    rate = now.is_ratio or any(measure.nature == "rate" for measure, _, _ in now.numerator.parts)
    own = change(now.value, then.value, rate, base=earlier.label)
    if rate and indicator.unit != "%":
        own = own._replace(unit=indicator.unit)
    peers = [one.pk for one in everyone if one.is_ranked]
    ranks = None
    if region.is_ranked and not indicator.change_as_growth:
        ranks = overtaking(
            {pk: ground.before[pk] for pk in peers},
            {pk: ground.values[pk] for pk in peers},
            region.pk,
            indicator.direction,  # type: ignore[arg-type]
        )
    return Moved(
        ground,
        region,
        own,
        parts,
        now.held and then.held and not _same(now.numerator, then.numerator),
        ranks,
        reported(indicator, region, earlier, later, revision=revision),
        "" if ranks is not None else _why(ground, region),
    )


def _same(one: Side, other: Side) -> bool:
    return one.releases == other.releases


def _why(ground: Held, region: Region) -> str:
    if not region.is_ranked:
        return f"{region.name}不排位。"
    if ground.indicator.change_as_growth:
        return "看增速的指标本身就是同比，两期位次不再分解。"
    others = [one for one in ground.regions if one.pk != region.pk]
    if not others:
        return f"和{region.name}一起排位的地区没有建档，没有它们的数值，谁超过了谁无从说起。"
    for values, period in ((ground.values, ground.later), (ground.before, ground.earlier)):
        if values[region.pk] is None:
            return f"{region.name}{period.label}没有数，位次算不出。"
    return "别的地区没有两期都有的数值，谁超过了谁无从说起。"


def reported(
    indicator: Indicator, region: Region, earlier: Period, later: Period, *, revision: int | None = None
) -> Reported:
    """The ranks published for a region at two periods: the newest publication where there are several. One query.

    A stock stands at its December, the rank of it is published for the year.
    """
    named = {code: period for period in (earlier, later) for code in _codes(period)}
    if revision is None:
        rows = list(
            Standing.objects.for_system("位次为什么变").filter(
                indicator=indicator, subject_id=region.pk, kind=Standing.Kind.RANK, period__in=named
            )
        )
    else:
        rows = [
            one
            for one in Standing.as_of(revision)
            if one.indicator_id == indicator.pk
            and one.subject_id == region.pk
            and one.kind == Standing.Kind.RANK
            and one.period in named
        ]
    found: dict[Period, Standing] = {}
    for row in sorted(rows, key=lambda one: (str(one.released_on or ""), one.pk)):
        found[named[row.period]] = row
    return Reported(found.get(earlier), found.get(later))


def _codes(period: Period) -> tuple[str, ...]:
    whole = Period.year(period.year).code
    return (period.code, whole) if period.end.month == 12 and period.code != whole else (period.code,)


def place_words(standing: Standing) -> str:
    """第 8 位（共 13 个，不含省会）."""
    inside = [f"共 {standing.population} 个"] if standing.population else ["没有写共几个"]
    if standing.exclusions:
        inside.append(f"不参评：{standing.exclusions}")
    return f"第 {plain(standing.value)} 位（{'，'.join(inside)}）"
