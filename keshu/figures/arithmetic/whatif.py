"""测算: what it takes to reach a value, and what happens if one side moves. Nothing here changes a figure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Literal

from keshu.terms.quantity import round_half_up, show_number

from .ranking import Ties, mean, rank
from .ratio import HUNDRED, WIDE, Direction, ratio


@dataclass(frozen=True)
class Need:
    """One row of 要多少. ``extra``: numerator still needed in its own unit, unrounded; 0 where the row is
    already reached, negative where less is better and the numerator must fall; None where the numerator or
    denominator is missing. ``place`` and ``keys`` (who stands there) only for kind "place".
    """

    kind: Literal["target", "place", "mean"]
    ratio: Decimal
    extra: Decimal | None
    place: int | None = None
    keys: tuple[Hashable, ...] = ()


def rounded_up(value: Decimal, places: int = 0) -> Decimal:
    """For presentation of a need: the smallest amount with ``places`` decimals that suffices (4207.01 万元 →
    4208).
    """
    return value.quantize(Decimal(1).scaleb(-places), ROUND_CEILING, context=WIDE)


def needed(
    target_ratio: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    factor: Decimal = HUNDRED,
    growth_of_denominator: Decimal = Decimal(0),
    *,
    direction: Direction = "up",
) -> Decimal | None:
    """Numerator still needed for ``factor`` × n / d = ``target_ratio``, if the denominator grows by
    ``growth_of_denominator`` % (10 = 10 %) from its present value. 0 when already reached; negative (to be
    taken away) only for direction "down".

    None when anything is missing or the denominator is not positive.
    """
    if target_ratio is None or numerator is None or denominator is None or denominator <= 0:
        return None
    with localcontext(WIDE):
        extra = (
            target_ratio * denominator * (HUNDRED + growth_of_denominator) / (HUNDRED * factor) - numerator
        )
    return max(extra, Decimal(0)) if direction == "up" else min(extra, Decimal(0))


def needs_table(
    values: Mapping[Hashable, Decimal | None],
    key: Hashable,
    numerators: Mapping[Hashable, Decimal | None],
    denominators: Mapping[Hashable, Decimal | None],
    factor: Decimal = HUNDRED,
    *,
    target: Decimal | None = None,
    growth_of_denominator: Decimal = Decimal(0),
    direction: Direction = "up",
    ties: Ties = "1,1,3",
    places_up: int | None = None,
) -> tuple[Need, ...]:
    """Rows of 要多少 for ``key``: its target, each better place from the nearest up (at most ``places_up``),
    the mean of siblings.

    The others stay where they are: a place is caught up with (追平) at its present value, and the mean is
    today's, own value included. ``values`` are the siblings' ratios in the unit that ``factor`` gives.
    """

    def need(
        kind: Literal["target", "place", "mean"],
        goal: Decimal,
        place: int | None = None,
        keys: tuple[Hashable, ...] = (),
    ) -> Need:
        extra = needed(
            goal,
            numerators.get(key),
            denominators.get(key),
            factor,
            growth_of_denominator,
            direction=direction,
        )
        return Need(kind, goal, extra, place, keys)

    rows = [] if target is None else [need("target", target)]
    ranking = rank(values, direction, ties)
    above: dict[int, list[Hashable]] = {}
    if key in ranking.place:
        for other in ranking.order:
            if ranking.place[other] < ranking.place[key]:
                above.setdefault(ranking.place[other], []).append(other)
    for place in sorted(above, reverse=True)[:places_up]:
        goal = values[above[place][0]]
        assert goal is not None  # only held values have a place
        rows.append(need("place", goal, place, tuple(above[place])))
    middle = mean(values.values())
    if middle is not None:
        rows.append(need("mean", middle))
    return tuple(rows)


def moved(
    numerator: Decimal | None,
    denominator: Decimal | None,
    factor: Decimal = HUNDRED,
    numerator_delta: Decimal = Decimal(0),
    denominator_growth: Decimal = Decimal(0),
) -> Decimal | None:
    """The ratio after the numerator moves by ``numerator_delta`` (its unit) and the denominator by
    ``denominator_growth`` %.
    """
    if numerator is None or denominator is None:
        return None
    with localcontext(WIDE):
        grown = denominator * (HUNDRED + denominator_growth) / HUNDRED
        return ratio(numerator + numerator_delta, grown, factor)


def place_after(
    values: Mapping[Hashable, Decimal | None],
    key: Hashable,
    value: Decimal,
    direction: Direction = "up",
    ties: Ties = "1,1,3",
) -> int:
    """Place of ``key`` if its value were ``value`` and the others stayed."""
    return rank({**values, key: value}, direction, ties).place[key]


def falls_without(
    numerator: Decimal | None,
    denominator: Decimal | None,
    factor: Decimal,
    g: Decimal,
    *,
    numerator_name: str = "分子",
    denominator_name: str = "分母",
    name: str = "占比",
    unit: str = "%",
    places: int = 2,
) -> str | None:
    """The sentence of 不增反降: the numerator stays and the denominator grows by ``g`` %. None where nothing
    would fall.
    """
    now, after = ratio(numerator, denominator, factor), moved(numerator, denominator, factor, Decimal(0), g)
    if now is None or after is None or after >= now:
        return None
    # More decimals where two would show no fall at all; four more are enough for any growth worth a sentence.
    shown = next(
        (p for p in range(places, places + 5) if round_half_up(now, p) != round_half_up(after, p)), places + 4
    )
    then, later = (show_number(value, shown) for value in (now, after))
    growth = show_number(g, 1).removesuffix(".0")
    suffix = unit if unit == "%" else f" {unit}"
    return (
        f"若{denominator_name}再增 {growth}% 而{numerator_name}不动，"
        f"{name}由 {then}{suffix} 降到 {later}{suffix}，即“不增反降”"
    )
