"""测算: a row as it would stand if its numerator or denominator moved. Reads a dispatch, never writes."""

from dataclasses import dataclass
from decimal import Decimal

from keshu.figures.arithmetic import whatif
from keshu.figures.arithmetic.completion import completion, met
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.figures.dispatch import Dispatch, Row
from keshu.figures.models import Indicator, Measure
from keshu.rules.lamps import Lamp, lamp, load_rule

#: Growth of the denominator for which 不增反降 is shown where nothing else is asked, in %.
SHOWN_GROWTH = Decimal(10)


@dataclass(frozen=True)
class Supposed:
    """What would be: value, place and lamp, and what each goal still takes. Amounts in the numerator's stored unit."""

    numerator: Decimal
    denominator: Decimal | None
    growth: Decimal
    value: Decimal
    place: int | None
    completion: Decimal | None
    lamp: Lamp | None
    needs: tuple[whatif.Need, ...]
    falls: str | None


def numerator_measure(table: Dispatch, indicator: Indicator) -> Measure:
    """The (first) measure of an indicator's numerator: what a missing amount is counted in."""
    assert table.reader is not None
    definitions = table.reader.book
    return definitions.symbols[definitions.ratio(indicator).numerator.names[0]]


def growth_of_denominator(row: Row) -> Decimal | None:
    """How the denominator moved since the same period of last year, in %; None where an end is missing."""
    now, before = row.figure.denominator, row.previous.denominator
    if now is None or before is None or now.value is None or before.value is None or before.value <= 0:
        return None
    return WIDE.divide(WIDE.multiply(WIDE.subtract(now.value, before.value), HUNDRED), before.value)


def may_suppose(row: Row) -> bool:
    """Whether a row can be moved: an indicator of this year whose sides are held. 已定 figures are past moving."""
    held = row.figure.numerator.value is not None and row.figure.held
    return held and not row.fixed and not row.indicator.change_as_growth


def needs(
    table: Dispatch, row: Row, growth: Decimal = Decimal(0), places_up: int | None = 3
) -> tuple[whatif.Need, ...]:
    """The rows of 要多少: target, the next places up, the mean. ``growth`` is that of the denominator from now on, in %."""
    peers = {r.region.pk: r for r in table.rows if r.indicator.pk == row.indicator.pk and r.region.is_ranked}
    one = Decimal(1)
    target = None
    if row.target is not None:
        target = row.target.high if row.target.high is not None else row.target.low
    return whatif.needs_table(
        {pk: peer.figure.value for pk, peer in peers.items()},
        row.region.pk,
        {pk: peer.figure.numerator.value for pk, peer in {**peers, row.region.pk: row}.items()},
        {
            pk: (peer.figure.denominator.value if peer.figure.denominator else one)
            for pk, peer in {**peers, row.region.pk: row}.items()
        },
        row.figure.factor,
        target=target,
        growth_of_denominator=growth,
        direction=row.indicator.direction,
        places_up=places_up,
    )


def needed_for_next(row: Row) -> Decimal | None:
    """The numerator that is missing to the value of the next place up; None for who leads or has no value."""
    if row.gap_to_next is None or row.figure.value is None:
        return None
    up = row.indicator.direction == Indicator.Direction.UP
    goal = (
        WIDE.add(row.figure.value, row.gap_to_next)
        if up
        else WIDE.subtract(row.figure.value, row.gap_to_next)
    )
    under = row.figure.denominator.value if row.figure.denominator else Decimal(1)
    return whatif.needed(
        goal, row.figure.numerator.value, under, row.figure.factor, direction=row.indicator.direction
    )


def suppose(table: Dispatch, row: Row, numerator: Decimal, growth: Decimal) -> Supposed | None:
    """``row`` with this numerator and its denominator grown by ``growth`` % from now; None where it cannot be computed."""
    if row.figure.numerator.value is None:
        return None
    ratio_like = row.figure.denominator is not None
    under = row.figure.denominator.value if row.figure.denominator else Decimal(1)
    delta = WIDE.subtract(numerator, row.figure.numerator.value)
    grown = growth if ratio_like else Decimal(0)
    value = whatif.moved(row.figure.numerator.value, under, row.figure.factor, delta, grown)
    if value is None or under is None:
        return None
    peers = {
        r.region.pk: r.figure.value
        for r in table.rows
        if r.indicator.pk == row.indicator.pk and r.region.is_ranked
    }
    place = (
        whatif.place_after(peers, row.region.pk, value, row.indicator.direction)
        if row.region.pk in peers
        else None
    )
    low, high = (row.target.low, row.target.high) if row.target else (None, None)
    done = completion(value, low, high, row.indicator.direction)
    return Supposed(
        numerator=numerator,
        denominator=WIDE.divide(WIDE.multiply(under, WIDE.add(HUNDRED, grown)), HUNDRED)
        if ratio_like
        else None,
        growth=grown,
        value=value,
        place=place,
        completion=done,
        lamp=_lamp(table, row, done, met(value, low, high, row.indicator.direction)),
        needs=needs(table, row, grown),
        falls=_falls(row),
    )


def _lamp(table: Dispatch, row: Row, done: Decimal | None, is_met: bool | None) -> Lamp | None:
    if row.fixed or row.target is None:
        return None
    rule = table.lamp_rule
    if row.item.lamp_rule:
        assert table.reader is not None and table.reader.on is not None
        rule = table.reader.book.rule("lamps", row.item.lamp_rule, table.reader.on)
    if rule is None:
        return None
    loaded = load_rule({**rule.data, "code": rule.code, "name": rule.name})
    return lamp(loaded, completion=done, progress=row.progress, missing_reason=None, met=is_met)


def _falls(row: Row) -> str | None:
    """The sentence of 不增反降 for a denominator that grows while the numerator stays."""
    under = row.figure.denominator
    if under is None or under.value is None:
        return None
    indicator = row.indicator
    return whatif.falls_without(
        row.figure.numerator.value,
        under.value,
        row.figure.factor,
        SHOWN_GROWTH,
        numerator_name=indicator.numerator_label or "分子",
        denominator_name=indicator.denominator_label or "分母",
        name=indicator.short_name,
        unit=indicator.unit,
        places=indicator.decimals,
    )
