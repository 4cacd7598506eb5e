"""An order as one line of a list: what is asked, by whom, of whom, until when, what was last said of it, and what happens next."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.urls import reverse

from keshu.diary.days import Workdays
from keshu.duties.escalating import announced
from keshu.duties.lateness import Lighting, Rise, overdue_days
from keshu.duties.models import OPEN, Feedback, Order
from keshu.duties.register import CODE
from keshu.ledger.models import Evidence

SAID = 60
#: The list announces what rises within so many days, the page of an order whatever comes next: our own configuration.
NEAR = 14


def href(pk: int) -> str:
    """The page of an order."""
    return reverse("desk:record", args=[CODE, pk])


def lines(orders: Sequence[Order], lights: Lighting) -> list[dict[str, Any]]:
    """The lines of a list; two queries whatever their number, and the working days once."""
    pks = [order.pk for order in orders]
    last = Feedback.objects.filter(order__in=pks).values("order").annotate(last=Max("pk")).values("last")
    told = {row.order_id: row for row in Feedback.objects.filter(pk__in=last)}
    papers = dict(
        Evidence.objects.for_system("佐证份数")
        .filter(model=Order._meta.label, object_pk__in=pks)
        .values_list("object_pk")
        .annotate(Count("pk"))
        .order_by()
    )
    days = Workdays()
    return [_line(order, lights, told.get(order.pk), papers.get(order.pk, 0), days) for order in orders]


def _line(
    order: Order, lights: Lighting, told: Feedback | None, papers: int, days: Workdays
) -> dict[str, Any]:
    open_ = order.state in OPEN
    rise = next_of(order, lights)
    return {
        "order": order,
        "href": href(order.pk),
        "lamp": lights.lamp(order) if open_ else None,
        "state": order.get_state_display(),
        "due": due_words(order, lights.on, days),
        "late": overdue_days(order, lights.on) if open_ else 0,
        "moved": order.due_on != order.first_due_on,
        "told": {"on": told.on, "said": told.said[:SAID] + ("…" if len(told.said) > SAID else "")}
        if told
        else None,
        "papers": papers,
        "rise": announced(rise, []) if rise and (rise.on - lights.on).days <= NEAR else "",
    }


def due_words(order: Order, on: date, days: Workdays) -> str:
    """剩 9 天, 今日, 超期 2 天; what has ended says how."""
    if order.state == Order.State.CLOSED:
        return order.get_outcome_display()
    if order.state not in OPEN:
        return order.get_state_display()
    late = overdue_days(order, on)
    if order.state in (Order.State.REPORTED, Order.State.VERIFIED):
        return f"超期 {late} 天反馈" if late else "已反馈"
    if order.state == Order.State.SUSPENDED:
        return "暂停"
    return days.left(on, order.due_on).short


def next_of(order: Order, lights: Lighting) -> Rise | None:
    """The rise that comes first if nothing is done."""
    found = [rise for rise in (lights.next_rise(order), lights.next_silence(order)) if rise is not None]
    return min(found, key=lambda rise: rise.on, default=None)
