"""调度会 page: 上次议定事项 first, then what is asked, who speaks, what is noted, what is agreed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.dispatching import earlier
from keshu.desk.dispatching.lead import lead_of
from keshu.desk.dispatching.sheet import Sheet
from keshu.desk.guard import needs
from keshu.desk.meetings.finding import figures, holds, meeting_of, whole
from keshu.desk.meetings.lists import crumbs
from keshu.desk.registers.fields import field
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.duties.issuing import holders
from keshu.figures.dispatch import Row
from keshu.journal import moments
from keshu.meetings.lagging import Lag, lagging
from keshu.meetings.minutes import Standing, carried_over, items_of, standings
from keshu.meetings.models import AgreedItem, Attendee, Meeting, Request
from keshu.meetings.moving import PROCEDURE
from keshu.meetings.noting import notes_of
from keshu.meetings.who import OPEN_TO_CHANGE, OWED, TAKES_ANSWERS, holds_or_chairs
from keshu.procedure.moving import moves_of
from keshu.reports.conclusions import row_amount
from keshu.reports.meeting_papers import overall_words, when_words
from keshu.reports.wording import minute_words
from keshu.terms import clock
from keshu.terms.period import Period

S, R = Meeting.State, Request.State
WAY = (S.PREPARING, S.NOTIFIED, S.SITTING, S.DRAFTING, S.ISSUED)


@require_GET
@needs(Can.SEE_DISPATCH)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting."""
    return meeting_page(meeting_of(request, pk), request)


def meeting_page(
    meeting: Meeting,
    request: HttpRequest,
    *,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a meeting; what was typed into a refused form stands in it again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    today = clock.today()
    found, no_figures = figures(meeting, actor) if whole(actor) else (None, "")
    attendees = list(meeting.attendees.select_related("unit__region").order_by("order", "pk"))
    requests = requests_of(meeting, actor)
    items = items_of(meeting) if meeting.state in (S.SITTING, S.DRAFTING, S.ISSUED) else []
    shown_items = items if whole(actor) or meeting.state == S.ISSUED else []
    lags = lagging(found.table) if found and holds(actor) and meeting.state in OPEN_TO_CHANGE else []
    may_note = meeting.state == S.SITTING and holds_or_chairs(actor, meeting)
    writes = holds(actor) and meeting.state in (S.SITTING, S.DRAFTING)
    context: dict[str, Any] = {
        "meeting": meeting,
        "state": meeting.get_state_display(),
        "typed": typed or {},
        "problem": problem,
        "holds": holds(actor),
        "whole": whole(actor),
        "changeable": holds(actor) and meeting.state in OPEN_TO_CHANGE,
        "when": when_words(meeting.held_at),
        "asof": asof(meeting),
        "steps": _steps(meeting),
        "acts": _acts(meeting, actor, typed or {}),
        "carried": [_carried(one, actor) for one in carried_over(meeting)],
        "lead": lead_of(found) if found else [],
        "no_figures": no_figures,
        "moved_href": moved_href(meeting) if found else "",
        "requests": [_request(one, today, actor, meeting) for one in requests],
        "late_units": late_units(requests, today),
        "owed": sum(1 for one in requests if one.state in OWED),
        "missed": sum(1 for one in requests if one.state == R.MISSED),
        "urgeable": holds(actor) and meeting.state in TAKES_ANSWERS,
        "proposals": _proposals(lags, requests, meeting),
        "attendees": _attendees(meeting, attendees, requests),
        "speakers": sum(1 for row in attendees if row.speaks),
        "orderable": holds(actor) and meeting.state in (*OPEN_TO_CHANGE, S.SITTING),
        "units": _units(actor, {row.unit_id for row in attendees}) if holds(actor) else [],
        "notes": _notes(meeting, attendees, requests) if may_note else [],
        "kept_notes": [
            {"unit": row.unit.name, "said": row.said}
            for row in attendees
            if row.said and whole(actor) and meeting.state in (S.DRAFTING, S.ISSUED)
        ],
        "items": [_item(one, actor) for one in standings(shown_items, today)],
        "writes": writes,
        "holders": _holders(actor, attendees) if writes else [],
        "edited": _edited(items, request.GET.get("item", ""), request),
        "overall": _overall(meeting, found, attendees, len(items)),
        "ordered": sum(1 for one in items if one.issued_as_id),
        "to_order": sum(1 for one in items if not one.issued_as_id)
        if meeting.state == S.ISSUED and actor.can(Can.ISSUE_ORDERS)
        else 0,
        "own_unit": actor.unit_id if any(row.unit_id == actor.unit_id for row in attendees) else None,
        "answers": actor.can(Can.HANDLE_ORDERS) or actor.can(Can.CHECK_ITEMS),
        "history": _history(meeting) if whole(actor) else [],
        "as_of_print": print_foot(meeting, actor),
        "crumbs": crumbs({"label": str(meeting)}),
    }
    return render(request, "meetings/meeting.html", context, status=status)


def asof(meeting: Meeting) -> list[dict[str, str]]:
    """时点条: which period, when, where, as of when the figures stand."""
    found = [
        {"value": Period.parse(meeting.period).label},
        {"label": "开会", "value": minute_words(meeting.held_at.astimezone(clock.TZ))},
        {"label": "地点", "value": meeting.place},
    ]
    if meeting.chair:
        found.append({"label": "主持", "value": meeting.chair.name})
    if meeting.taken_at:
        found.append(
            {
                "label": "取数",
                "value": minute_words(meeting.taken_at.astimezone(clock.TZ)),
                "note": f"复现码 {meeting.code}",
            }
        )
    found.append({"label": "原因措施截止", "value": meeting.answer_by.isoformat()})
    return found


def print_foot(meeting: Meeting, actor: Actor) -> str:
    """The foot of a printout: who printed it when, and the code that gives the figures again."""
    now = clock.now().astimezone(clock.TZ)
    taken = f" · 数据截至 {minute_words(meeting.taken_at.astimezone(clock.TZ))}" if meeting.taken_at else ""
    code = f" · 复现码 {meeting.code}" if meeting.code else ""
    return f"{meeting.title}{taken} · {actor.name} {now:%Y-%m-%d %H:%M}{code}"


def requests_of(meeting: Meeting, actor: Actor) -> list[Request]:
    """What is asked, worst first: everything for the bureau, its own for a county; what waits for the notice for who prepares."""
    rows = meeting.requests.visible_to(actor).select_related("unit", "region", "indicator", "meeting")
    rows = rows.exclude(state=R.DROPPED)
    if not holds(actor):
        rows = rows.exclude(state=R.DRAFT)
    return sorted(rows, key=lambda one: (one.lamp_level != "late", one.pk))


def late_units(requests: Sequence[Request], today: date) -> list[str]:
    """Who is late: answers that came after the date, and those still owed after it."""
    found: dict[str, int] = {}
    for one in requests:
        days = one.late(today)
        if days and one.unit:
            found[one.unit.name] = max(days, found.get(one.unit.name, 0))
    return [f"{name} {days} 天" for name, days in found.items()]


def _request(one: Request, today: date, actor: Actor, meeting: Meeting) -> dict[str, Any]:
    late = one.late(today)
    takes = meeting.state in TAKES_ANSWERS
    return {
        "row": one,
        "state": one.get_state_display(),
        "late": f"迟答 {late} 天" if late and one.state == R.ANSWERED else f"超期 {late} 天" if late else "",
        "href": reverse("desk:meeting_unit", args=[meeting.pk, one.unit_id]),
        "returns": holds(actor) and takes and one.state == R.ANSWERED,
        "drops": holds(actor) and meeting.state in OPEN_TO_CHANGE,
        "mine": takes and one.state in OWED and one.unit_id in actor.unit_ids,
    }


def _proposals(lags: Sequence[Lag], requests: Sequence[Request], meeting: Meeting) -> list[dict[str, Any]]:
    """Lagging rows that nobody is asked about yet; before the notice the worst of them stand ticked."""
    asked = {(one.unit_id, one.indicator_id, one.region_id) for one in requests}
    return [
        {
            "key": lag.key,
            "name": f"{lag.row.region.name} {lag.row.indicator.short_name}",
            "kind": "先行" if lag.leading else "当期",
            "lamp": lag.row.lamp,
            "value": _value(lag.row),
            "done": lag.done,
            "unit": lag.unit.name if lag.unit else "",
            "ticked": meeting.state == S.PREPARING
            and lag.row.lamp is not None
            and lag.row.lamp.level == "late",
        }
        for lag in lags
        if lag.unit is None or (lag.unit.pk, lag.row.indicator.pk, lag.row.region.pk) not in asked
    ]


def _value(row: Row) -> str:
    if row.value is not None:
        return row_amount(row).spaced
    return row.missing.partition("（")[0]


def moved_href(meeting: Meeting) -> str:
    """Where the page asks, once it stands, what changed since the figures were taken; empty before, and where nothing was written."""
    if not meeting.code or moments.read_as_of(meeting.code) == moments.latest():
        return ""
    return reverse("desk:meeting_moved", args=[meeting.pk])


@require_GET
@needs(Can.SEE_DISPATCH)
def moved(request: HttpRequest, pk: int) -> HttpResponse:
    """What reads otherwise now than when the figures were taken. It takes a second table, so the page asks for it afterwards."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    meeting = meeting_of(request, pk)
    if not whole(actor):
        raise Http404("取数以后的变化归市局看。")
    found = figures(meeting, actor)[0] if meeting.code else None
    context = {
        "rows": earlier.differences(found) or [] if found else [],
        "changeable": holds(actor) and meeting.state in OPEN_TO_CHANGE,
    }
    return render(request, "meetings/moved.html", context)


def _attendees(
    meeting: Meeting, attendees: Sequence[Attendee], requests: Sequence[Request]
) -> list[dict[str, Any]]:
    asked: dict[int, list[Request]] = {}
    for one in requests:
        asked.setdefault(one.unit_id or 0, []).append(one)
    speaking = [row for row in attendees if row.speaks]
    places = {row.pk: number for number, row in enumerate(speaking, 1)}
    ordered = [*speaking, *(row for row in attendees if not row.speaks)]
    return [
        {
            "row": row,
            "place": places.get(row.pk),
            "first": places.get(row.pk) == 1,
            "last": places.get(row.pk) == len(speaking),
            "came": row.get_came_display() if row.came else "",
            "asked": len(asked.get(row.unit_id, [])),
            "owed": sum(1 for one in asked.get(row.unit_id, []) if one.state in OWED),
            "href": reverse("desk:meeting_unit", args=[meeting.pk, row.unit_id]),
        }
        for row in ordered
    ]


def _units(actor: Actor, invited: set[int]) -> list[Unit]:
    """Who else may be invited."""
    return [unit for unit in holders(actor) if unit.pk not in invited]


def _notes(
    meeting: Meeting, attendees: Sequence[Attendee], requests: Sequence[Request]
) -> list[dict[str, Any]]:
    """The fields of the notes in the order of speaking: what the unit said, then each of its items."""
    kept = notes_of(meeting)
    speaking = [row for row in attendees if row.speaks] + [row for row in attendees if not row.speaks]
    return [
        {
            "unit": row.unit.name,
            "name": f"unit-{row.pk}",
            "text": kept.get(f"unit-{row.pk}", ""),
            "came": f"came-{row.pk}",
            "came_options": [
                {"value": value, "label": label, "on": kept.get(f"came-{row.pk}", "") == value}
                for value, label in Attendee.Came.choices
            ],
            "href": reverse("desk:meeting_unit", args=[meeting.pk, row.unit_id]),
            "items": [
                {"request": one, "name": f"item-{one.pk}", "text": kept.get(f"item-{one.pk}", "")}
                for one in requests
                if one.unit_id == row.unit_id
            ],
        }
        for row in speaking
    ]


def _item(one: Standing, actor: Actor) -> dict[str, Any]:
    """One agreed item; its order opens for whoever may see it."""
    seen = one.order is not None and (whole(actor) or one.order.unit_id in actor.unit_ids)
    return {
        "item": one.item,
        "word": one.word if one.order else "",
        "level": one.level,
        "late": f"{one.days_late} 天" if one.days_late else "",
        "order": one.order,
        "href": reverse("desk:record", args=["orders", one.order.pk]) if seen and one.order else "",
    }


def _carried(one: Standing, actor: Actor) -> dict[str, Any]:
    return {**_item(one, actor), "word": one.word}


def _holders(actor: Actor, attendees: Sequence[Attendee]) -> list[Unit]:
    """Who may be given an agreed item: whoever attends, then whoever else handles orders."""
    there = {row.unit_id: row.unit for row in attendees}
    return [*there.values(), *(unit for unit in holders(actor) if unit.pk not in there)]


def _edited(items: Sequence[AgreedItem], wanted: str, request: HttpRequest) -> dict[str, Any]:
    """What stands in the form of an item: what was typed and refused, else the item of the address, else nothing."""
    if request.POST.get("do") == "item":
        names = ("item", "text", "holder", "due_on", "evidence_wanted", "about")
        typed = {name: request.POST.get(name, "") for name in names}
        return {**typed, "helpers": {int(pk) for pk in request.POST.getlist("helpers") if pk.isdigit()}}
    item = next((one for one in items if str(one.pk) == wanted), None)
    if item is None:
        return {"helpers": set()}
    return {
        "item": str(item.pk),
        "text": item.text,
        "holder": str(item.holder_id),
        "due_on": item.due_on.isoformat(),
        "evidence_wanted": item.evidence_wanted,
        "about": str(item.about_id or ""),
        "helpers": set(item.helpers.values_list("unit_id", flat=True)),
    }


def _overall(meeting: Meeting, found: Sheet | None, attendees: Sequence[Attendee], agreed: int) -> str:
    if meeting.state not in (S.DRAFTING, S.ISSUED):
        return ""
    return meeting.overall or overall_words(meeting, found.table if found else None, attendees, agreed)


def _steps(meeting: Meeting) -> list[dict[str, str]]:
    entries = {entry.after: entry for entry in moves_of(meeting)}
    way = [str(state) for state in WAY]
    if meeting.state not in way:
        way = [*(state for state in way if state in entries or state == way[0]), meeting.state]
    here = way.index(meeting.state)
    return [
        {
            "name": str(S(state).label),
            "state": "now" if n == here else "done" if n < here else "",
            "who": entries[state].actor_name if state in entries and n <= here else "",
            "note": f"{entries[state].at.astimezone(clock.TZ):%m-%d %H:%M}"
            if state in entries and n <= here
            else "",
        }
        for n, state in enumerate(way)
    ]


def _acts(meeting: Meeting, actor: Actor, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    possible = PROCEDURE.possible(meeting, actor)
    first = next((t for t in possible if not t.danger), None)
    return [
        {
            "label": t.label,
            "name": "action",
            "value": t.action,
            "danger": t.danger,
            # Without figures the first thing to press is 取数.
            "primary": t is first and bool(meeting.revision),
            "note": t.note_required,
            "asks": [field(t, ask, meeting, typed) for ask in t.asks],
        }
        for t in possible
    ]


def _history(meeting: Meeting) -> list[dict[str, Any]]:
    return [
        {
            "who": entry.actor_name,
            "did": PROCEDURE.transition(entry.action).label,
            "note": entry.note,
            "files": len(entry.evidence),
            "moment": f"{entry.at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
        }
        for entry in moves_of(meeting).order_by("-revision", "-pk")
    ]
