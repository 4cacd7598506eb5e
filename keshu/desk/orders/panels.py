"""Cards on the page of an order: deadline with lamp and next rise, origin with its way back, feedback, extensions."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from keshu.desk.orders.lines import due_words, next_of
from keshu.desk.orders.linking import origin_href
from keshu.desk.registers.panels import Panel, panel
from keshu.diary.days import Workdays
from keshu.duties.escalating import announced, recipients
from keshu.duties.lateness import Lighting, lighting, overdue_in_all
from keshu.duties.models import OPEN, RUNNING, Order
from keshu.duties.register import CODE
from keshu.ledger.records import Record
from keshu.terms import clock


@panel(CODE)
def standing(request: HttpRequest, record: Record) -> Panel | None:
    """时限 and 来源, beside the steps."""
    assert isinstance(record, Order)
    today = clock.today()
    lights = lighting(today)
    open_ = record.state in OPEN
    rise = next_of(record, lights)
    late = overdue_in_all(record, today)
    context: dict[str, Any] = {
        "order": record,
        "lamp": lights.lamp(record) if open_ else None,
        "due": due_words(record, today, Workdays()),
        "late": late,
        "all_late": late if record.overdue_before or not open_ else 0,
        "moved": record.due_on != record.first_due_on,
        "signing": _signing(record),
        "missed": len(lights.missed(record)),
        "feedback_due": record.feedback_due_on if record.state in RUNNING else None,
        "rise": announced(rise, recipients(record, rise.tells)) if rise is not None else "",
        "escalations": list(record.escalations.all()),
        "rules": _rules(lights, today),
        "origin_href": origin_href(record),
        "helpers": "、".join(helper.unit.name for helper in record.helpers.select_related("unit")),
    }
    return Panel("orders/side.html", context, place="side")


def _signing(order: Order) -> str:
    if order.signed_at is not None:
        return f"{order.signed_at.astimezone(clock.TZ):%Y-%m-%d %H:%M} {order.signed_by}"
    if order.sign_by is None or order.state != Order.State.ISSUED:
        return ""
    late = order.sign_by < clock.now()
    return f"{order.sign_by.astimezone(clock.TZ):%m-%d %H:%M} 前签收{'，已过' if late else ''}"


def _rules(lights: Lighting, on: date) -> str:
    return f"亮灯按“{lights.lamps.name}”，升级和反馈按 {on} 生效的规则；预告 {lights.announce} 天"


@panel(CODE)
def told(request: HttpRequest, record: Record) -> Panel | None:
    """反馈 and 延期."""
    assert isinstance(record, Order)
    context = {
        "told": list(record.feedback.order_by("-pk")),
        "missed": len(lighting(clock.today()).missed(record)),
        "extensions": list(record.extensions.all()),
    }
    return Panel("orders/told.html", context)
