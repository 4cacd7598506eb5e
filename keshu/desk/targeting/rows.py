"""The lines of the tree of targets: numbers as the office writes them, sums against the parent, lamp, completion, lock."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from keshu.checking.lighting import lamps_for
from keshu.directory.models import Region, Subject
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.goals.actuals import Actual, actuals
from keshu.goals.models import Goal
from keshu.goals.spreading import Sum
from keshu.goals.tree import Tree
from keshu.rules.lamps import Lamp, lamp
from keshu.terms.period import Period
from keshu.terms.quantity import plain, show_growth, show_number

ONE = Decimal(1)


def number(value: Decimal | None, goal: Goal) -> str:
    """A number of a goal as its document writes it: at least its own decimals, more where it has more."""
    if value is None:
        return ""
    held = -int(value.normalize().as_tuple().exponent) if value else 0
    return show_number(value, max(goal.decimals, held))


def told(goal: Goal) -> str:
    """The 基本目标 of a goal: 150, 1—2, 第 9, or the sentence of a qualitative one."""
    if goal.kind == Goal.Kind.QUALITY:
        return goal.demand
    low = number(goal.low, goal)
    if goal.high is not None:
        return f"{low}—{number(goal.high, goal)}"
    return f"第 {low}" if goal.kind == Goal.Kind.RANK and low else low


@dataclass(frozen=True)
class Line:
    """One line of the tree."""

    goal: Goal
    title: str
    depth: int
    children: int
    opened: bool
    who: str
    tags: tuple[str, ...]
    low: str
    stretch: str
    last_year: str
    growth: str
    total: str
    gap: str
    short: bool
    drafts: int
    lamp: Lamp | None
    completion: str
    actual: str
    missing: str
    links: dict[str, str]

    @property
    def indent(self) -> int:
        """How far its name stands in, 0 to 5."""
        return min(self.depth, 5)


def lines(
    tree: Tree,
    shown: Iterable[tuple[Goal, int]],
    *,
    until: date,
    revision: int | None,
    opened: Collection[int],
    address: dict[str, str],
) -> list[Line]:
    """The lines of the goals shown. ``address``: the parts of the page's address that links keep."""
    listed = list(shown)
    found = actuals([goal for goal, _ in listed], until=until, revision=revision)
    rule = lamps_for(until, revision=revision).loaded
    subjects = names([goal for goal, _ in listed])
    out = []
    for goal, depth in listed:
        reached = found[goal.pk]
        total = tree.sum_of(goal)
        who, tags = subjects.get(goal.subject_id or 0, ("", ""))
        out.append(
            Line(
                goal,
                who if who and _like_its_parent(tree, goal) else goal.name,
                depth,
                len(tree.children.get(goal.pk, ())),
                goal.pk in opened,
                who,
                tuple(
                    filter(
                        None, (tags, "其中" if goal.within else "", "已调整" if _adjusted(reached) else "")
                    )
                ),
                told(goal),
                number(goal.stretch, goal),
                number(goal.last_year, goal),
                _growth(goal),
                number(total.total, goal) if total and total.total is not None else "",
                gap(total, goal),
                bool(total and total.short is not None),
                total.drafts if total else 0,
                _lamp(goal, reached, rule, until),
                percent(reached),
                number(reached.value, goal) if reached.value is not None else "",
                reached.waits or reached.missing,
                _links(goal, opened, address),
            )
        )
    return out


def _like_its_parent(tree: Tree, goal: Goal) -> bool:
    """Whether a goal is its parent's task given on: then it is told from its brothers by who bears it."""
    above = tree.goals.get(goal.parent_id or 0)
    return above is not None and above.name == goal.name


def names(goals: Iterable[Goal]) -> dict[int, tuple[str, str]]:
    """Subject → its name and what is said of it (不排位). Two queries."""
    pks = {goal.subject_id for goal in goals if goal.subject_id}
    said = dict(Subject._base_manager.filter(pk__in=pks).values_list("pk", "name"))
    parts = dict(Region._base_manager.filter(pk__in=pks).values_list("pk", "part"))
    return {
        pk: (name, "" if parts.get(pk, "area") == Region.Part.AREA else "不排位") for pk, name in said.items()
    }


def _adjusted(reached: Actual) -> bool:
    return reached.bounds is not None and reached.bounds.adjusted


def percent(reached: Actual) -> str:
    """Completion with one decimal, without its sign; empty where it waits."""
    return (
        show_number(WIDE.multiply(reached.completion, HUNDRED), 1) if reached.completion is not None else ""
    )


def gap(total: Sum | None, goal: Goal) -> str:
    """与上级目标差额: 少 3, 多 1.20, 相等."""
    if total is None or total.difference is None:
        return ""
    if total.difference == 0:
        return "相等"
    return f"{'多' if total.difference > 0 else '少'} {number(abs(total.difference), goal)}"


def _growth(goal: Goal) -> str:
    if goal.kind in (Goal.Kind.QUALITY, Goal.Kind.RANK, Goal.Kind.RATE) or goal.last_year is None:
        return ""
    return show_growth(goal.low, goal.last_year) if goal.low is not None else ""


def _lamp(goal: Goal, reached: Actual, rule: Any, until: date) -> Lamp | None:
    if goal.kind in (Goal.Kind.QUALITY, Goal.Kind.RANK):
        return None
    progress = ONE if goal.kind == Goal.Kind.RATE else Period.day(until).elapsed_share()
    if until.year != goal.year:
        progress = ONE
    return lamp(
        rule,
        completion=reached.completion,
        progress=progress,
        missing_reason=reached.waits or reached.missing or None,
    )


def _links(goal: Goal, opened: Collection[int], address: dict[str, str]) -> dict[str, str]:
    page = reverse("desk:targets")
    turned = set(opened) ^ {goal.pk}
    return {
        "goal": reverse("desk:target", args=[goal.pk]),
        "toggle": f"{page}?{urlencode({**address, 'open': ','.join(map(str, sorted(turned))) or '0'})}#g{goal.pk}",
        "branch": f"{page}?{urlencode({**address, 'at': goal.pk})}",
        "split": f"{page}?{urlencode({**address, 'split': goal.pk})}#split",
        "lock": reverse("desk:target_lock", args=[goal.pk]),
    }


def plainly(value: Decimal | None) -> str:
    """A number for an input field."""
    return "" if value is None else plain(value)
