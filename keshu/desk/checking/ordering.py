"""下达督办单 from a line that is behind: what is asked, of whom, by when; the order says which month and which figure it came from."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keshu.checking.lighting import percent
from keshu.checking.models import ItemHelper
from keshu.checking.monthly import Line, month_sheet, ref
from keshu.checking.opening import last_month
from keshu.desk.checking.asking import Asked, month_of
from keshu.desk.checking.lines import figure_href
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.duties.issuing import AlreadyOrdered, Origin, issue_order
from keshu.duties.models import Order
from keshu.ledger.classified import Classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period

REFUSED = 422
FIELDS = ("what", "requirement", "evidence_wanted", "due_on")


@require_http_methods(["GET", "POST"])
@needs(Can.ISSUE_ORDERS)
def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with what the line says, and the order that comes of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else request.GET
    asked = Asked(month_of(given.get("month", "")[:20], default=last_month()))
    line = _line(actor, asked.month, pk)
    if request.method == "GET":
        return _page(request, line, asked, _begins(line, asked.month))
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        order = issue_order(
            actor=actor,
            what=typed["what"],
            holder=_holder(line),
            due_on=_day(typed["due_on"]),
            origin=Origin(
                str(Order.Kind.CHECK),
                ref(line.item, asked.month),
                _said(line, asked.month),
                settled=asked.month
                < last_month(),  # an older month is over: the newest sheet is what can still be caught up
            ),
            helpers=[row.unit for row in ItemHelper.objects.filter(item=line.item).select_related("unit")],
            requirement=typed["requirement"],
            evidence_wanted=typed["evidence_wanted"],
            leader=line.item.leader,
        )
    except AlreadyOrdered as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:record", code="orders", pk=refusal.order.pk)
    except (MoveRefused, NotYourTurn, Classified) as refusal:
        return _page(request, line, asked, typed, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已下达 {order.number}，交{order.unit}办。")
    return redirect("desk:record", code="orders", pk=order.pk)


def _line(actor: Actor, month: Period, pk: int) -> Line:
    """The line of an item that the actor sees; 404 otherwise, and where nothing is behind."""
    found = next((line for line in month_sheet(actor, month).lines if line.item.pk == pk), None)
    if found is None:
        raise Http404("没有这一项责任事项，或它不在现在这个岗位的范围里。")
    if not found.behind:
        raise Http404(f"“{found.item.name}”{month.label}没有落后，不用督办。")
    return found


def _holder(line: Line) -> Unit:
    assert line.item.unit is not None
    return line.item.unit


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MoveRefused(f"完成时限“{text[:20]}”不是日期。请写成 2026-10-31。") from error


def _said(line: Line, month: Period) -> str:
    done = line.shown_completion or line.missing or "缺数"
    return f"{month.label}对照检查：{line.item.name}完成 {done}，应到 {percent(line.planned)}，亮{line.lamp.word}"


def _begins(line: Line, month: Period) -> dict[str, str]:
    today = clock.today()
    check = line.check
    return {
        "what": f"{line.item.name}赶上进度"[:200],
        "requirement": "\n".join(
            filter(None, (_said(line, month) + "。", check.next_step if check is not None else ""))
        ),
        "evidence_wanted": line.item.evidence_wanted,
        "due_on": Period.month(today.year, today.month).end.isoformat(),
    }


def _page(
    request: HttpRequest,
    line: Line,
    asked: Asked,
    typed: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "line": line,
        "asked": asked,
        "typed": typed,
        "problem": problem,
        "figure": figure_href(line, asked),
        "planned": percent(line.planned),
        "already": line.order,
        "already_href": reverse("desk:record", args=["orders", line.order.pk]) if line.order else "",
        "asof": [{"value": asked.month.label}, {"label": "承办", "value": str(line.item.unit)}],
        "crumbs": [{"label": "对照", "href": asked.href()}, {"label": "下达督办单"}],
    }
    return render(request, "checking/order.html", context, status=status)
