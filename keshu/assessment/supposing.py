"""测算 of an assessed item: if its indicator were x, the points would be y and the place z. Only the choice of a method is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from keshu.assessment.models import Item
from keshu.assessment.moving import keeps
from keshu.assessment.scoring import Given, Scored, needs_siblings, score
from keshu.assessment.siblings import Held, held, ranked_with
from keshu.directory.actors import Actor
from keshu.directory.models import Region
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.figures.arithmetic.whatif import place_after
from keshu.figures.book import book
from keshu.figures.models import Indicator, Target
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.rules.dated import NoRuleInForce, in_force
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period

#: Rules of this library are of this kind and begin with this.
KIND, PREFIX = "rate", "score-"


@dataclass(frozen=True)
class Supposed:
    """What would be at ``value``: ``points`` and ``place`` unrounded, each None with its Chinese reason."""

    value: Decimal
    points: Decimal | None
    why_no_points: str
    place: int | None
    of: int
    why_no_place: str


def methods() -> list[Rule]:
    """The ways of scoring in force today, one per code, by name."""
    today = clock.today()
    codes = Rule.objects.filter(kind=KIND, code__startswith=PREFIX).values_list("code", flat=True)
    found = []
    for code in sorted(set(codes)):
        try:
            found.append(in_force(KIND, code, today))
        except NoRuleInForce:
            continue
    return found


def unknown_siblings(ground: Held, region: Region, population: int | None) -> str:
    """Why a place among siblings cannot be computed; empty where the values of all of them are held."""
    others = len(ground.regions) - 1
    if others < 1:
        return f"和{region.name}一起参评的地区没有建档，没有它们的数值，得不出位次。"
    missing = [one.short_name for one in ground.missing() if one.pk != region.pk]
    if missing:
        listed = "、".join(missing[:5]) + (f"等 {len(missing)} 个" if len(missing) > 5 else "")
        return f"{ground.later.label}没有{listed}的数值，得不出位次。"
    if population is not None and population != len(ground.regions):
        return f"通报参评 {population} 个，这里有数的是 {len(ground.regions)} 个，范围不同，得不出位次。"
    return ""


def suppose(
    indicator: Indicator,
    region: Region,
    value: Decimal,
    ground: Held,
    *,
    weight: Decimal | None = None,
    data: Mapping[str, Any] | None = None,
    target: Decimal | None = None,
    population: int | None = None,
) -> Supposed:
    """Points and place of ``region`` if its indicator were ``value`` and the others stayed.

    ``ground``: what is held at the period (:func:`siblings.held`). ``data`` is the data of a rule of the library, ``weight`` the
    item's full marks. A method that looks at siblings gives no points where their values are not all held.
    """
    why = unknown_siblings(ground, region, population)
    values: dict[int, Decimal | None] = {**ground.values, region.pk: value}
    direction = indicator.direction
    place = None if why else place_after(values, region.pk, value, direction)  # type: ignore[arg-type]
    if data is None or weight is None:
        scored = Scored(None, "没有选计分办法，算不出得分。请在这一项选上级的计分办法。")
    elif needs_siblings(data) and why:
        scored = Scored(None, why)
    else:
        base = ground.before.get(region.pk)
        growths = {one: _growth(values[one], ground.before.get(one)) for one in values}
        given = Given(
            key=region.pk,
            value=value,
            values=values,
            target=target,
            growth=_growth(value, base),
            growths=growths,
            direction=direction,  # type: ignore[arg-type]
        )
        scored = score(weight, given, data)
        if scored.points is None:
            scored = replace(scored, reason=f"{scored.reason}，算不出得分。")
    return Supposed(value, scored.points, scored.reason, place, len(ground.regions), why)


def _growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    if now is None or before is None or before <= 0:
        return None
    return WIDE.divide(WIDE.multiply(WIDE.subtract(now, before), HUNDRED), before)


def suppose_item(item: Item, value: Decimal) -> Supposed | None:
    """:func:`suppose` for an item of an assessment, with its own rule, target and data year; None for one without indicator."""
    if item.indicator is None:
        return None
    region = item.assessment.region
    year = item.data_year or item.assessment.year
    definitions = book(moments.latest())
    ground = held(
        item.indicator,
        ranked_with(definitions, region),
        period_of(item.indicator, year - 1),
        period_of(item.indicator, year),
    )
    data = None
    if item.method:
        try:
            data = in_force(KIND, item.method, clock.today()).data
        except NoRuleInForce:
            data = None
    target = (
        Target.objects.for_system("考核测算")
        .filter(indicator=item.indicator, subject_id=region.pk, year=year)
        .first()
    )
    return suppose(
        item.indicator,
        region,
        value,
        ground,
        weight=item.full,
        data=data,
        target=(target.high if target.high is not None else target.low) if target else None,
        population=item.assessment.population,
    )


def period_of(indicator: Indicator, year: int) -> Period:
    """The period under which an indicator of a whole year stands: the year, or for a stock its December."""
    return (
        Period.month(year, 12) if indicator.period_rule == Indicator.PeriodRule.STOCK else Period.year(year)
    )


def keep_method(actor: Actor, item: Item, code: str) -> Item:
    """Choose the way of scoring of an item from those in force; empty takes it off. Raises NotYourTurn, MoveRefused."""
    if not keeps(actor, item):
        raise NotYourTurn(f"{actor.name} 不能定计分办法。请由规划科选。")
    if code and code not in {rule.code for rule in methods()}:
        raise MoveRefused("计分办法不在列出的里面。请从列出的里面选。")
    with writing(actor, f"选计分办法 {item}"):
        locked = Item._base_manager.select_for_update().get(pk=item.pk)
        if locked.method != code:
            locked.method = code
            locked.save()
    return locked
