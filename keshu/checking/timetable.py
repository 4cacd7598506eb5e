"""How much of the year's work is due by the end of each month: equal, seasonal, or by milestones. Pure arithmetic, no database."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import accumulate

from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.terms.quantity import plain

ONE, ZERO = Decimal(1), Decimal(0)
DECEMBER = 12
_NODE = re.compile(r"(\d{1,2})月(?:底|末|份)?[:：]?(?:完成|达到|到)?(\d{1,3}(?:\.\d{1,4})?)[%％]")
_BETWEEN = re.compile(r"[、，,；;。\s]+")


class PlanBroken(ValueError):
    """A time table that cannot be followed as written."""


class DueBeforeStart(PlanBroken):
    """The deadline lies before the start."""


def check_dates(begins_on: date, due_on: date) -> None:
    """An item belongs to one year and ends after it begins. Raises DueBeforeStart, PlanBroken."""
    if due_on < begins_on:
        raise DueBeforeStart(
            f"完成时限 {due_on} 早于开始日期 {begins_on}。请核对这两个日期，把时限改到开始以后。"
        )
    if due_on.year != begins_on.year:
        raise PlanBroken(
            f"从 {begins_on} 到 {due_on} 跨了年度，责任事项按年度管。请按年度分成两项，各写各的时限。"
        )


def planned(timetable: str, begins_on: date, due_on: date, plan: Mapping[str, str]) -> dict[int, Decimal]:
    """Month (1—12) → share of the item that is due by the end of that month, cumulated and unrounded (1 = all of it).

    "equal": the months from the beginning to the deadline weigh the same. "seasonal": ``plan`` holds the share of each month, which add up
    to 1. "milestones": ``plan`` holds the share reached by the end of a month; between two nodes nothing new falls due. From the month of
    the deadline on the whole is due. Raises PlanBroken, DueBeforeStart.
    """
    check_dates(begins_on, due_on)
    first, last = begins_on.month, due_on.month
    if timetable == "equal":
        if plan:
            raise PlanBroken("按月均衡的事项不写进度安排。去掉进度安排，或改成按季节、按节点。")
        many = last - first + 1
        reached = {
            month: WIDE.divide(Decimal(month - first + 1), Decimal(many)) for month in range(first, last + 1)
        }
    elif timetable == "seasonal":
        reached = _seasonal(plan, first, last)
    elif timetable == "milestones":
        reached = _milestones(plan, first, last)
    else:
        raise PlanBroken(f"没有“{timetable}”这种时间表。可以写 按月均衡、按季节、按节点。")
    found, so_far = {}, ZERO
    for month in range(1, DECEMBER + 1):
        so_far = ONE if month >= last else reached.get(month, so_far)
        found[month] = so_far
    return found


def planned_by(
    timetable: str, begins_on: date, due_on: date, plan: Mapping[str, str], *, year: int, month: int
) -> Decimal:
    """The share due by the end of one month of any year: nothing before the item's year, all of it after."""
    if year != due_on.year:
        return ONE if year > due_on.year else ZERO
    return planned(timetable, begins_on, due_on, plan)[month]


def _shares(plan: Mapping[str, str], first: int, last: int) -> dict[int, Decimal]:
    if not plan:
        raise PlanBroken(
            "按季节、按节点的事项要写进度安排，如“3月20%、6月50%、12月100%”。补上，或改成按月均衡。"
        )
    found: dict[int, Decimal] = {}
    for name, text in plan.items():
        try:
            month, share = int(name), Decimal(text)
        except (ValueError, ArithmeticError) as error:
            raise PlanBroken(f"进度安排里的“{name}: {text}”读不懂。请写成“6月50%”。") from error
        if not first <= month <= last:
            raise PlanBroken(
                f"进度安排写了 {month} 月，事项从 {first} 月到 {last} 月。把节点改到这几个月里，或改起止日期。"
            )
        if not share.is_finite() or not ZERO <= share <= ONE:
            raise PlanBroken(f"{month} 月的进度读到 {text}，应在 0 到 100% 之间。")
        found[month] = share
    return dict(sorted(found.items()))


def _seasonal(plan: Mapping[str, str], first: int, last: int) -> dict[int, Decimal]:
    shares = _shares(plan, first, last)
    total = sum(shares.values(), ZERO)
    if total != ONE:
        raise PlanBroken(
            f"按季节的各月进度加起来是 {plain(total * HUNDRED)}%，应当正好 100%。请改到合计 100%。"
        )
    return dict(zip(shares, accumulate(shares.values()), strict=True))


def _milestones(plan: Mapping[str, str], first: int, last: int) -> dict[int, Decimal]:
    shares = _shares(plan, first, last)
    before = ZERO
    for month, share in shares.items():
        if share < before:
            raise PlanBroken(
                f"{month} 月的节点 {plain(share * HUNDRED)}% 低于前一个节点 {plain(before * HUNDRED)}%。节点写累计进度，逐个不减。"
            )
        before = share
    if before != ONE:
        raise PlanBroken(
            f"最后一个节点只到 {plain(before * HUNDRED)}%。节点写累计进度，最后一个写 100%，如“12月100%”。"
        )
    return shares


def read_plan(text: str) -> dict[str, str]:
    """A plan as clerks write it (``3月20%、6月底50%、12月100%``) as month → share. Empty text → empty plan. Raises PlanBroken."""
    found: dict[str, str] = {}
    for part in filter(None, _BETWEEN.split(text)):
        node = _NODE.fullmatch(part)
        if node is None:
            raise PlanBroken(f"进度安排里的“{part[:20]}”读不懂。请写成“3月20%、6月50%、12月100%”。")
        month = str(int(node.group(1)))
        if month in found:
            raise PlanBroken(f"进度安排里 {month} 月写了两次。留一个。")
        found[month] = plain(WIDE.divide(Decimal(node.group(2)), HUNDRED))
    return found


def say_plan(plan: Mapping[str, str]) -> str:
    """A plan in the words of ``read_plan``."""
    months = sorted((int(month), share) for month, share in plan.items())
    return "、".join(f"{month}月{plain(Decimal(share) * HUNDRED)}%" for month, share in months)
