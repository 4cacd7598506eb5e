"""Which numbers of a goal hold on a day: an adjustment changes them from its day of effect on, not for what lies before it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keshu.goals.models import Adjustment, Goal


@dataclass(frozen=True)
class Bounds:
    """基本目标 (or lower end), upper end and 奋斗目标; ``adjusted`` says that an adjustment has taken effect."""

    low: Decimal | None
    high: Decimal | None
    stretch: Decimal | None
    adjusted: bool = False


def bounds_on(
    goals: Collection[Goal], day: date, revision: int | None = None, *, now: bool = True
) -> dict[int, Bounds]:
    """The numbers of each goal that hold on a day, by primary key. One query.

    A goal holds what it was last changed to; where that took effect only after ``day``, what it was before.
    """
    found = {goal.pk: Bounds(goal.low, goal.high, goal.stretch) for goal in goals}
    if now or revision is None:
        rows = list(
            Adjustment.objects.for_system("目标的调整，随目标一起看").filter(state=Adjustment.State.AGREED)
        )
    else:
        rows = [row for row in Adjustment.as_of(revision) if row.state == Adjustment.State.AGREED]
    rows.sort(key=lambda row: (row.effect_on or date.min, row.pk))
    for row in reversed(rows):
        if row.goal_id not in found or row.effect_on is None:
            continue
        if row.effect_on > day:
            found[row.goal_id] = Bounds(row.low_before, row.high_before, row.stretch_before)
        elif not found[row.goal_id].adjusted:
            kept = found[row.goal_id]
            found[row.goal_id] = Bounds(kept.low, kept.high, kept.stretch, adjusted=True)
    return found
