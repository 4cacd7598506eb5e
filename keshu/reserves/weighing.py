"""What must hold before a need is put up: the owner pays, and the terms stay within the dated rules."""

from decimal import Decimal
from typing import Any

from keshu.programmes.dating import ruled
from keshu.programmes.limits import Check
from keshu.terms import clock
from keshu.terms.quantity import plain, wan


def terms(
    budget: Decimal | None, bounty: Decimal | None, support: Decimal | None, months: int | None
) -> list[Check]:
    """The terms of a need (amounts in 元) against the dated rules; a term that is not given yet is not checked.

    出题方出资: the total against the public money asked for, and what of it goes to who meets the need. No document of our own
    fixes these; the rules say where they come from.
    """
    today = clock.today()
    found: list[Check] = []
    if budget is not None and bounty is not None:
        found.append(
            Check(
                "榜金不超过总投入",
                bounty <= budget,
                f"榜金 {wan(bounty)}，总投入 {wan(budget)} 万元",
                "bounty",
            )
        )
    if support and budget is not None:
        times = Decimal(ruled("limit", "need-budget-times", today)["times"])
        holds = budget >= support * times
        fact = f"总投入 {wan(budget)}，财政支持 {wan(support)} 万元"
        found.append(Check(f"总投入不少于财政支持的 {plain(times)} 倍", holds, fact, "budget"))
    if support and bounty is not None:
        percent = Decimal(ruled("rate", "need-bounty-share", today)["percent"])
        holds = bounty * 100 >= support * percent
        fact = f"榜金 {wan(bounty)}，财政支持 {wan(support)} 万元"
        found.append(Check(f"榜金不少于财政支持的 {plain(percent)}%", holds, fact, "bounty"))
    if months is not None:
        most = int(ruled("limit", "need-months", today)["months"])
        found.append(Check(f"完成时限 1—{most} 个月", 1 <= months <= most, f"写的是 {months} 个月", "months"))
    return found


def unmet(need: Any) -> str | None:
    """The rules that a need does not keep, as a sentence; None when it keeps all."""
    failed = [c for c in terms(need.budget, need.bounty, need.support, need.months) if not c.holds]
    if not failed:
        return None
    return f"不符合：{'；'.join(f'{check.rule}（{check.fact}）' for check in failed)}。请退回出题方改。"
