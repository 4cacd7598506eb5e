"""Places among siblings whose values are held, and the distances they give."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .ratio import WIDE, Direction

#: "1,1,3": a tie uses up the places it covers (default); "1,1,2": it uses up one.
Ties = Literal["1,1,3", "1,1,2"]


@dataclass(frozen=True)
class Ranking:
    """Places of one comparison. ``order``: keys best first (ties in the order given); ``of``: how many are
    held; ``missing``: keys without a value, which have no place.
    """

    order: tuple[Hashable, ...]
    place: Mapping[Hashable, int]
    tied: Mapping[Hashable, bool]
    of: int
    missing: tuple[Hashable, ...]

    def said(self, key: Hashable) -> str | None:
        """Place in words, 第 6（共 7，缺 1） or 并列第 1（共 8）; None when the key has no place."""
        if key not in self.place:
            return None
        lacking = f"，缺 {len(self.missing)}" if self.missing else ""
        return f"{'并列' if self.tied[key] else ''}第 {self.place[key]}（共 {self.of}{lacking}）"


@dataclass(frozen=True)
class NextUp:
    """The nearest better place: who holds it, at which place and value, and the distance to it (≥ 0, in the
    figure's unit).
    """

    keys: tuple[Hashable, ...]
    place: int
    value: Decimal
    gap: Decimal


def rank(
    values: Mapping[Hashable, Decimal | None], direction: Direction = "up", ties: Ties = "1,1,3"
) -> Ranking:
    """Rank the held values of ``values`` (finite Decimals, unrounded); None is left out and counted as
    missing.

    Equal values share a place. Callers pass siblings only: 市本级 and zones are not ranked.
    """
    held = {key: value for key, value in values.items() if value is not None}
    # Equal values stay in the order given (sorted is stable, also with reverse), so pages do not flicker.
    order = sorted(held, key=held.__getitem__, reverse=direction == "up")
    place: dict[Hashable, int] = {}
    tied = dict.fromkeys(order, False)
    different = 0
    before: Hashable = None
    for position, key in enumerate(order, start=1):
        if position > 1 and held[key] == held[before]:
            place[key] = place[before]
            tied[key] = tied[before] = True
        else:
            different += 1
            place[key] = position if ties == "1,1,3" else different
        before = key
    return Ranking(tuple(order), place, tied, len(order), tuple(key for key in values if values[key] is None))


def rank_within(
    values: Mapping[Hashable, Decimal | None],
    classes: Mapping[Hashable, str | None],
    direction: Direction = "up",
    ties: Ties = "1,1,3",
) -> dict[str, Ranking]:
    """A ranking inside each class (一类, 二类). Keys without a class are in none."""
    grouped: dict[str, dict[Hashable, Decimal | None]] = {}
    for key, value in values.items():
        name = classes.get(key)
        if name is not None:
            grouped.setdefault(name, {})[key] = value
    return {name: rank(members, direction, ties) for name, members in grouped.items()}


def rank_change(now_place: int | None, before_place: int | None) -> int | None:
    """Places moved up (positive) or down (negative) since the previous comparable period; None when either is
    missing.
    """
    return None if now_place is None or before_place is None else before_place - now_place


def mean(values: Iterable[Decimal | None]) -> Decimal | None:
    """Simple mean of the held values, unrounded; None when none is held."""
    held = [value for value in values if value is not None]
    if not held:
        return None
    total = Decimal(0)
    for value in held:
        total = WIDE.add(total, value)
    return WIDE.divide(total, Decimal(len(held)))


def gap_to(value: Decimal | None, reference: Decimal | None) -> Decimal | None:
    """``value`` minus ``reference`` (a mean, the parent's own value), signed; None when either is missing."""
    return None if value is None or reference is None else WIDE.subtract(value, reference)


def gap_to_mean(value: Decimal | None, values: Iterable[Decimal | None]) -> Decimal | None:
    """``value`` minus the mean of the held ``values``. For many keys take :func:`mean` once and
    :func:`gap_to` for each.
    """
    return gap_to(value, mean(values))


def gaps_to_next(
    values: Mapping[Hashable, Decimal | None],
    direction: Direction = "up",
    ties: Ties = "1,1,3",
    ranking: Ranking | None = None,
) -> dict[Hashable, NextUp | None]:
    """For every key the distance to the next better place, in one pass. None for who leads (居首) or has no
    value.

    Tied keys look past each other to the next better value; several holders of that value are all named. ``ranking``:
    the ranking of these values where it is known already.
    """
    ranking = ranking or rank(values, direction, ties)
    holders: dict[int, list[Hashable]] = {}
    for key in ranking.order:
        holders.setdefault(ranking.place[key], []).append(key)
    gaps: dict[Hashable, NextUp | None] = dict.fromkeys(values)
    for better, place in zip(holders, list(holders)[1:], strict=False):
        ahead, own = values[holders[better][0]], values[holders[place][0]]
        assert ahead is not None and own is not None  # only held values have a place
        following = NextUp(tuple(holders[better]), better, ahead, WIDE.abs(WIDE.subtract(ahead, own)))
        gaps.update(dict.fromkeys(holders[place], following))
    return gaps


def gap_to_next(
    values: Mapping[Hashable, Decimal | None],
    key: Hashable,
    direction: Direction = "up",
    ties: Ties = "1,1,3",
) -> NextUp | None:
    """:func:`gaps_to_next` of one key; also None for a key that is not among ``values``."""
    return gaps_to_next(values, direction, ties).get(key)
