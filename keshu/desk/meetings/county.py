"""一县一页: one unit's figures, causes, orders and what it took on last time; and 调度会材料, where it answers."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.dispatching.county import context as county_context
from keshu.desk.guard import address, needs
from keshu.desk.meetings.finding import figures, meeting_of, whole
from keshu.desk.meetings.lists import crumbs
from keshu.desk.meetings.page import asof, print_foot, requests_of
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.duties.issuing import open_orders
from keshu.duties.models import PENDING, Order
from keshu.journal import audit
from keshu.ledger.classified import Classified
from keshu.meetings.minutes import carried_over
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.moving import ANSWERING, advance_request, most_characters
from keshu.meetings.who import OWED, TAKES_ANSWERS
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState
from keshu.terms import clock

CONFLICT, REFUSED = 409, 422
R = Request.State


@require_GET
@needs(Can.SEE_DISPATCH)
def unit_page(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    """The page of one unit of a meeting; a county opens its own."""
    meeting = meeting_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = list(meeting.attendees.select_related("unit__region").order_by("order", "pk"))
    attendee = next((row for row in rows if row.unit_id == unit), None)
    if attendee is None:
        raise Http404("这个单位不参加这次会。")
    if not whole(actor) and unit not in actor.unit_ids:
        audit.note(actor, "拒绝", f"一县一页 {attendee.unit}", outcome="拒绝", address=address(request))
        raise PermissionDenied(f"{attendee.unit}的一页归它自己和市局看。请规划科代查。")
    region = region_of(meeting, attendee.unit)
    found, why = figures(meeting, actor)
    shown: dict[str, Any] = {}
    if found is not None and region is not None and found.opens(region.pk):
        shown = county_context(found, region)
    today = clock.today()
    speaking = [row for row in rows if row.speaks]
    context = {
        **shown,
        "meeting": meeting,
        "attendee": attendee,
        "place": speaking.index(attendee) + 1 if attendee in speaking else None,
        "of": len(speaking),
        "no_figures": why,
        "requests": [
            {"row": one, "late": one.late(today), "state": one.get_state_display()}
            for one in requests_of(meeting, actor)
            if one.unit_id == unit
        ],
        "orders": [
            {
                "row": one,
                "state": Order.State(one.state).label,
                "late": max((today - one.due_on).days, 0) if one.state in PENDING else 0,
                "href": _order_href(one),
            }
            for one in open_orders(actor).filter(unit=unit)
        ],
        "carried": [
            {"one": one, "href": _order_href(one.order) if one.order else ""}
            for one in carried_over(meeting, holder=attendee.unit)
        ],
        "others": _others(meeting, rows, attendee) if whole(actor) else [],
        "word_href": f"{reverse('desk:meeting_paper', args=[meeting.pk, 'compilation'])}?unit={unit}",
        "answers_href": reverse("desk:meeting_materials") if unit in actor.unit_ids else "",
        "asof": asof(meeting),
        "as_of_print": print_foot(meeting, actor),
        "crumbs": crumbs(
            {"label": str(meeting), "href": reverse("desk:meeting", args=[meeting.pk])},
            {"label": attendee.unit.name},
        ),
    }
    return render(request, "meetings/unit.html", context)


def region_of(meeting: Meeting, unit: Unit) -> Region | None:
    """The county whose figures a unit stands for; None for an office of the bureau itself."""
    return None if unit.region_id == meeting.region_id else unit.region


def _order_href(order: Order) -> str:
    return reverse("desk:record", args=["orders", order.pk])


def _others(meeting: Meeting, rows: list[Attendee], at: Attendee) -> list[dict[str, Any]]:
    options = [
        {
            "label": row.unit.name,
            "href": reverse("desk:meeting_unit", args=[meeting.pk, row.unit_id]),
            "current": row.pk == at.pk,
        }
        for row in rows
    ]
    return [{"label": "看", "value": at.unit.name, "options": options}]


# ---- 调度会材料 ---------------------------------------------------------------------------------------------


@require_GET
@needs(Can.HANDLE_ORDERS, Can.CHECK_ITEMS)
def materials(request: HttpRequest) -> HttpResponse:
    """What the reader's unit is asked before meetings, and what it answered."""
    return _materials(request)


def _materials(
    request: HttpRequest,
    *,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    at: int | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = Request.objects.visible_to(actor).filter(unit__in=actor.unit_ids)
    rows = rows.exclude(state__in=(R.DRAFT, R.DROPPED)).select_related(
        "meeting", "unit", "indicator", "region"
    )
    today, most = clock.today(), most_characters(clock.today())
    groups: dict[int, dict[str, Any]] = {}
    for one in rows.order_by("-meeting__held_at", "meeting", "due_on", "pk")[:200]:
        meeting = one.meeting
        group = groups.setdefault(
            meeting.pk,
            {
                "meeting": meeting,
                "held": meeting.held_at.astimezone(clock.TZ),
                "href": reverse("desk:meeting", args=[meeting.pk]),
                "unit_href": reverse("desk:meeting_unit", args=[meeting.pk, one.unit_id]),
                "rows": [],
                "owed": 0,
            },
        )
        owed = one.state in OWED and meeting.state in TAKES_ANSWERS
        mine = typed if typed is not None and at == one.pk else {}
        group["owed"] += owed
        group["rows"].append(
            {
                "row": one,
                "owed": owed,
                "state": one.get_state_display(),
                "late": one.late(today),
                "left": (one.due_on - today).days,
                "cause": mine.get("cause", one.cause),
                "measures": mine.get("measures", one.measures),
                "problem": problem if at == one.pk else "",
            }
        )
    context = {
        "groups": list(groups.values()),
        "most": most,
        "owed": sum(group["owed"] for group in groups.values()),
        "crumbs": [{"label": "会议", "href": reverse("desk:meetings")}, {"label": "调度会材料"}],
    }
    return render(request, "meetings/materials.html", context, status=status)


@require_POST
@needs(Can.HANDLE_ORDERS, Can.CHECK_ITEMS)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in cause and measures of one item; refused, what was typed stays."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = Request.objects.visible_to(actor).filter(unit__in=actor.unit_ids).exclude(state=R.DRAFT)
    found = rows.select_related("meeting").filter(pk=pk).first()
    if found is None:
        audit.note(actor, "拒绝", f"原因措施 {pk}", outcome="拒绝", address=address(request))
        raise Http404("没有问你们这一项，或它不归现在这个岗位答。")
    typed = {name: request.POST.get(name, "").strip() for name in ("cause", "measures")}
    try:
        given = read(ANSWERING.transition("answer").asks, typed, found)
        advance_request(found, "answer", actor, given=given, expected=request.POST.get("state") or None)
    except StaleState as refusal:
        return _materials(request, problem=str(refusal), typed=typed, at=pk, status=CONFLICT)
    except (MoveRefused, NotYourTurn, Classified) as refusal:
        return _materials(request, problem=str(refusal), typed=typed, at=pk, status=REFUSED)
    messages.success(request, f"{found.title}已交 {clock.now().astimezone(clock.TZ):%H:%M:%S}")
    return redirect(f"{reverse('desk:meeting_materials')}#r{pk}")
