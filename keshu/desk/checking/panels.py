"""Cards on the record pages of items and checks: the months of an item, where a check stands now beside what was frozen."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from keshu.checking.lighting import percent
from keshu.checking.models import Check, Item, ItemHelper
from keshu.checking.steps import standing_of
from keshu.desk.checking.asking import Asked
from keshu.desk.registers.doors import Door, door
from keshu.desk.registers.panels import Panel, panel
from keshu.directory.actors import Actor, Can
from keshu.ledger.records import Record
from keshu.ledger.registers import Register
from keshu.rules.lamps import Lamp
from keshu.terms.quantity import plain, show_number


@panel("items")
def months(request: HttpRequest, record: Record) -> Panel | None:
    """逐月对照 of an item, with who helps."""
    assert isinstance(record, Item)
    rows = Check.objects.for_system("事项的对照，随事项一起看").filter(item=record).order_by("period")
    context = {
        "rows": [_month(row) for row in rows],
        "helpers": [row.unit for row in ItemHelper.objects.filter(item=record).select_related("unit")],
    }
    return Panel("checking/months.html", context)


def _month(check: Check) -> dict[str, Any]:
    frozen = check.frozen
    return {
        "check": check,
        "href": reverse("desk:record", args=["checks", check.pk]),
        "lamp": Lamp(**frozen["lamp"]) if frozen else None,
        "planned": "" if check.planned is None else f"{show_number(check.planned, 1)}%",
        "completion": "" if check.completion is None else f"{show_number(check.completion, 1)}%",
    }


@panel("checks")
def stands(request: HttpRequest, record: Record) -> Panel | None:
    """Where the item stands at the end of the month by the records of now, beside what was frozen."""
    assert isinstance(record, Check)
    now = standing_of(record)
    frozen = record.frozen
    completion = "" if now.completion is None else percent(now.completion)
    kept = ""
    if record.completion is not None:
        kept = f"{show_number(record.completion, 1)}%"
    context = {
        "now": now,
        "completion": completion,
        "value": "" if now.value is None else f"{plain(now.value)} {now.unit}".strip(),
        "planned": percent(now.planned_share),
        "frozen": frozen or None,
        "kept": kept or "缺数",
        "differs": bool(frozen) and kept != completion,
        "lamp": Lamp(**frozen["lamp"]) if frozen else now.lamp,
        "figure": f"{reverse('desk:checking_figure', args=[record.item_id])}?month={record.period}",
        "item_href": reverse("desk:record", args=["items", record.item_id]),
        "sheet_href": f"{Asked(record.month).href()}#item-{record.item_id}",
        "fills": record.state in (Check.State.OPEN, Check.State.RETURNED),
    }
    return Panel("checking/stands.html", context)


@door
def sheet_door(request: HttpRequest, register: Register) -> Door | None:
    """月度对照, above the lists of items and of checks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if register.code not in ("items", "checks") or not actor.can(Can.SEE_DISPATCH):
        return None
    return Door("月度对照", reverse("desk:checking"), "check")


@door
def goals_door(request: HttpRequest, register: Register) -> Door | None:
    """由目标生成, above the list of items."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if register.code != "items" or not actor.can(Can.REVIEW_CHECKS):
        return None
    return Door("由目标生成", reverse("desk:checking_goals"), "target")
