"""One line of the sheet with its texts and where its parts open; one sentence over all of them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from keshu.checking.lighting import percent
from keshu.checking.models import Check, Item
from keshu.checking.monthly import Line, Sheet, points
from keshu.checking.opening import last_month
from keshu.desk.checking.asking import Asked
from keshu.directory.actors import Actor, Can
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.terms import clock
from keshu.terms.quantity import show_number

C = Check.State
#: A value that nobody gave decimals is shown with no more than these.
MOST_PLACES = 4


def lead_of(sheet: Sheet, asked: Asked, *, opens: bool = True) -> list[dict[str, Any]]:
    """结论句: how many items, how many of each lamp, the worst with its gap. No items, no sentence."""
    if not sheet.lines:
        return []
    lamps = "，".join(f"{band['word']} {many}" for band, many in sheet.counts)
    found: list[dict[str, Any]] = [
        {"text": f"{sheet.month.label} "},
        {"text": f"{len(sheet.lines)} 项", "strong": True},
        {"text": f"，{lamps}。"},
    ]
    worst = sheet.worst
    if worst is None or worst.gap is None or worst.completion is None:
        known = any(line.completion is not None for line in sheet.lines)
        return [*found, {"text": "没有落后的。" if known else "还没有数，等各科室填报。"}]
    figure = {"text": percent(worst.completion)}
    if opens:
        figure["href"] = figure_href(worst, asked)
    found += [
        {"text": f"差得最多的是“{worst.item.name}”（{worst.item.unit}），完成 "},
        figure,
        {"text": f"，应到 {percent(worst.planned)}"},
    ]
    if worst.gap < 0:
        found += [{"text": "，差 "}, {"text": f"{points(worst.gap)} 个百分点", "strong": True}]
    return [*found, {"text": "。"}]


def asof_of(sheet: Sheet) -> list[dict[str, Any]]:
    """The 时点条: the month, the rule that lights, how far the review has come."""
    rule = sheet.lamps.rule
    backed = rule.doc_no or rule.source_mark
    reviewed = sum(line.frozen for line in sheet.lines)
    now = clock.now().astimezone(clock.TZ)
    return [
        {"value": sheet.month.label},
        {"label": "亮灯", "value": rule.name, "note": f"（{backed}）" if backed else "", "wide": True},
        {"label": "已审定", "value": f"{reviewed} / {len(sheet.lines)}", "note": "审定的已冻结"},
        {"label": "数据截至", "value": f"{now:%Y-%m-%d %H:%M}", "wide": True},
    ]


@dataclass(frozen=True)
class Doors:
    """Where the parts of the lines open, and what this reader may do from them; made once for a page."""

    actor: Actor
    month: str
    item: str
    check: str
    order: str
    figure: str
    review: str
    ordering: str

    @classmethod
    def of(cls, asked: Asked, actor: Actor) -> "Doors":
        """The addresses with a place for the key; orders come only from the newest sheet: an older month is over."""
        orders = actor.can(Can.ISSUE_ORDERS) and asked.month >= last_month()
        return cls(
            actor,
            asked.month.code,
            item=_place("desk:record", "items"),
            check=_place("desk:record", "checks"),
            order=_place("desk:record", "orders"),
            figure=_place("desk:checking_figure"),
            review=_place("desk:checking_review") if actor.can(Can.REVIEW_CHECKS) else "",
            ordering=_place("desk:checking_order") if orders else "",
        )

    def of_month(self, place: str, pk: int) -> str:
        """An address that says which month is meant."""
        return f"{place.format(pk)}?month={self.month}" if place else ""


def _place(route: str, *args: str) -> str:
    return reverse(route, args=[*args, 0]).replace("/0/", "/{}/")


def groups_of(sheet: Sheet, asked: Asked, actor: Actor) -> list[dict[str, Any]]:
    """Lines by office, as the page draws them."""
    doors = Doors.of(asked, actor)
    return [
        {
            "unit": unit,
            "rows": [row_of(line, doors) for line in lines],
            "late": sum(line.behind for line in lines),
        }
        for unit, lines in sheet.groups
    ]


def row_of(line: Line, doors: Doors) -> dict[str, Any]:
    """One line with its texts and where its parts open."""
    item, check = line.item, line.check
    submitted = check is not None and check.state == C.SUBMITTED
    mine = (
        check is not None and check.filled_by_id is not None and check.filled_by_id == doors.actor.account_id
    )
    reviews = submitted and not mine and bool(doors.review)
    ended = f"{item.closed_on:%m-%d} 销号" if item.closed_on else ""
    return {
        "line": line,
        "item": item,
        "check": check,
        "lamp": line.lamp,
        "under": " · ".join(filter(None, (item.person_name, f"{item.due_on:%m-%d} 前", ended))),
        "href": doors.item.format(item.pk),
        "check_href": doors.check.format(check.pk) if check else "",
        "state": check.get_state_display() if check else _without(item),
        "verdict": check.get_verdict_display() if check and check.verdict else "",
        "value": "" if line.value is None else f"{_number(line)} {line.unit}".strip(),
        "figure": doors.of_month(doors.figure, item.pk),
        "planned": percent(line.planned),
        "completion": line.shown_completion,
        "percent": None if line.completion is None else WIDE.multiply(line.completion, HUNDRED),
        "tick": WIDE.multiply(line.planned, HUNDRED),
        "now": f"冻结 {line.shown_completion or '缺数'}，现在 {line.now_completion}"
        if line.now_completion
        else "",
        "missing": line.missing or "缺数",
        "order": line.order,
        "order_open": doors.order.format(line.order.pk) if line.order else "",
        "order_href": doors.of_month(doors.ordering, item.pk) if line.behind and line.order is None else "",
        "may_review": reviews,
        "review_href": doors.review.format(check.pk) if check and reviews else "",
    }


def _without(item: Item) -> str:
    """What stands where a month has no check: the item was closed before, or nobody has made the sheet yet."""
    return item.get_state_display() if item.state == Item.State.CLOSED else "未生成"


def _number(line: Line) -> str:
    assert line.value is not None
    goal = line.item.goal
    if goal is not None and goal.decimals:
        return show_number(line.value, goal.decimals)
    exact = max(0, -int(line.value.normalize().as_tuple().exponent))
    return show_number(line.value, min(MOST_PLACES, exact))


def figure_href(line: Line, asked: Asked) -> str:
    """Where the figure of a line opens."""
    return f"{reverse('desk:checking_figure', args=[line.item.pk])}?month={asked.month.code}"
