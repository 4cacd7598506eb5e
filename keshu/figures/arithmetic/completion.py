"""Completion of a target, whether it is met, and where the calendar stands."""

from collections.abc import Mapping
from decimal import Decimal

from .ratio import WIDE, Direction

ONE = Decimal(1)
ZERO = Decimal(0)


def completion(
    actual: Decimal | None,
    target_low: Decimal | None,
    target_high: Decimal | None,
    direction: Direction = "up",
) -> Decimal | None:
    """Completion as a share (1 = 100 %), unrounded; may exceed 1.

    The target is the upper bound of a range (1—2 名 divides by 2), or the one bound given. "up": actual /
    target. "down": target / actual. Missing or non-positive target → None, as a quotient by it would say
    nothing. "down" with an actual of zero or below → None too: it is met, but no percentage expresses it
    (:func:`why_no_completion` says so).
    """
    target = target_high if target_high is not None else target_low
    if actual is None or target is None or target <= 0:
        return None
    if direction == "up":
        return WIDE.divide(actual, target)
    return WIDE.divide(target, actual) if actual > 0 else None


def why_no_completion(
    actual: Decimal | None,
    target_low: Decimal | None,
    target_high: Decimal | None,
    direction: Direction = "up",
) -> str | None:
    """Chinese reason why :func:`completion` gives None, or None when it gives a value."""
    target = target_high if target_high is not None else target_low
    if target is None:
        return "没有目标"
    if actual is None:
        return "本期缺数"
    if target == 0:
        return "目标为零，不算完成率"
    if target < 0:
        return "目标为负，不算完成率"
    if direction == "down" and actual <= 0:
        return "实际不大于零，已达，不算完成率"
    return None


def met(
    actual: Decimal | None,
    target_low: Decimal | None,
    target_high: Decimal | None,
    direction: Direction = "up",
) -> bool | None:
    """已达 (True) / 未达 (False); None when actual or target is missing.

    A range is met from its easier bound: the lower one when more is better, the upper one when less is
    better. Unlike completion this needs no quotient, so zero and negative targets are judged too.
    """
    bounds = [bound for bound in (target_low, target_high) if bound is not None]
    if actual is None or not bounds:
        return None
    return actual >= min(bounds) if direction == "up" else actual <= max(bounds)


def time_progress(
    elapsed_share: Decimal | None,
    plan: Mapping[int, Decimal] | None = None,
    month: int | None = None,
    *,
    period_ratio: bool = False,
) -> Decimal | None:
    """The progress due now, as a share of the year (1 = 100 %).

    ``period_ratio``: a ratio of the period has nothing to accumulate, its due is 1. Otherwise ``plan`` (month
    1—12 → cumulative share, by month or by batch) decides for ``month``: a month not in the plan keeps the
    share of the last planned month before it, because nothing new falls due between two batches; before the
    first planned month nothing is due (0). Without a plan: ``elapsed_share`` (9 months → 0.75).
    """
    if period_ratio:
        return ONE
    if plan and month is not None:
        given = [planned for planned in plan if planned <= month]
        return plan[max(given)] if given else ZERO
    return elapsed_share
