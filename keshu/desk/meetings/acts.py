"""What is done on the page of a meeting: its steps, its preparation, its notes, its minutes."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.guard import needs
from keshu.desk.meetings.finding import meeting_of
from keshu.desk.meetings.page import meeting_page
from keshu.desk.registers.fields import answers
from keshu.desk.typed import key
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.duties.issuing import NotYours
from keshu.ledger.classified import Classified
from keshu.meetings import asking, minutes, preparing
from keshu.meetings.models import AgreedItem, Attendee, Meeting, Request
from keshu.meetings.moving import PROCEDURE, advance, advance_request, urge
from keshu.meetings.noting import note
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState
from keshu.terms import clock

CONFLICT, REFUSED = 409, 422
REFUSALS = (MoveRefused, NotYourTurn, NotYours, Classified, *preparing.NO_TABLE)
Act = Callable[[HttpRequest, Meeting, Actor], str]


def _took(request: HttpRequest, meeting: Meeting, act: Act, anchor: str = "") -> HttpResponse:
    """Do it and go back to the page; refused, the page says why and keeps what was typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        said = act(request, meeting, actor)
    except StaleState as refusal:
        return _refused(request, meeting, refusal, CONFLICT)
    except REFUSALS as refusal:
        return _refused(request, meeting, refusal, REFUSED)
    if said:
        messages.success(request, said)
    where = reverse("desk:meeting", args=[meeting.pk])
    return redirect(f"{where}#{anchor}" if anchor else where)


def _refused(request: HttpRequest, meeting: Meeting, refusal: Exception, status: int) -> HttpResponse:
    typed = {name: str(value) for name, value in request.POST.items()}
    fresh = meeting_of(request, meeting.pk)
    return meeting_page(fresh, request, problem=str(refusal), typed=typed, status=status)


@require_POST
@needs(Can.HOLD_MEETINGS, Can.ISSUE_ORDERS)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of the meeting: by who prepares it, opening and closing also by who chairs it."""
    return _took(request, meeting_of(request, pk), _step)


def _step(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    action = request.POST.get("action", "")[:40]
    given = read(PROCEDURE.transition(action).asks, answers(request, action), meeting)
    moved = advance(
        meeting,
        action,
        actor,
        note=request.POST.get("note", "").strip()[:2000],
        given=given,
        expected=request.POST.get("state") or None,
    )
    if action == "notify":
        return "已通知。给各单位的消息在“提醒”里等着，看过再发。"
    return f"已办：{moved.get_state_display()}"


# ---- preparation --------------------------------------------------------------------------------------------


@require_POST
@needs(Can.HOLD_MEETINGS)
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """取数、问原因措施、催、请、不请、排发言."""
    meeting = meeting_of(request, pk)
    found = PREPARING.get(request.POST.get("do", ""))
    if found is None:
        raise Http404("没有这一项办理。")
    doing, anchor = found
    return _took(request, meeting, doing, anchor)


def _take(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    made = preparing.take_figures(actor, meeting)
    return f"已取数，复现码 {made.code}。"


def _ask(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    made = asking.ask(actor, meeting, request.POST.getlist("key"))
    if meeting.state == Meeting.State.NOTIFIED:
        return f"已问 {len(made)} 项，消息在“提醒”里等着发。"
    return f"已列 {len(made)} 项，随通知发出。"


def _urge(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    return f"已写 {urge(actor, meeting)} 个单位的催办，在“提醒”里等着发。"


def _invite(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    unit = _unit(request.POST.get("unit", ""))
    if unit is None:
        raise MoveRefused("没有选单位。选一个再加。")
    preparing.invite(
        actor,
        meeting,
        unit,
        name=request.POST.get("name", ""),
        speaks=request.POST.get("speaks") == "1",
    )
    return f"已存 {unit.name}。"


def _leave_out(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    preparing.leave_out(actor, _attendee(request, meeting))
    return ""


def _up(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    preparing.move_speaker(actor, _attendee(request, meeting), up=True)
    return ""


def _down(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    preparing.move_speaker(actor, _attendee(request, meeting), up=False)
    return ""


def _propose(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    units = preparing.propose_order(actor, meeting)
    return f"已按落后程度排，{units[0].name}先说。" if units else "没有发言的单位。"


PREPARING: dict[str, tuple[Act, str]] = {
    "take": (_take, ""),
    "ask": (_ask, "requests"),
    "urge": (_urge, "requests"),
    "invite": (_invite, "speakers"),
    "leave": (_leave_out, "speakers"),
    "up": (_up, "speakers"),
    "down": (_down, "speakers"),
    "propose": (_propose, "speakers"),
}


def _unit(text: str) -> Unit | None:
    return Unit.objects.filter(pk=key(text)).first()


def _attendee(request: HttpRequest, meeting: Meeting) -> Attendee:
    wanted = key(request.POST.get("attendee"))
    found = meeting.attendees.select_related("meeting", "unit").filter(pk=wanted).first()
    if found is None:
        raise MoveRefused("这个单位不在参会单位里，可能刚被撤下。请刷新后再看。")
    return found


@require_POST
@needs(Can.HOLD_MEETINGS)
def request_act(request: HttpRequest, pk: int, request_pk: int) -> HttpResponse:
    """退回重写 with words, or 不再要."""
    meeting = meeting_of(request, pk)
    rows = Request.objects.visible_to(request.actor).select_related("meeting")  # type: ignore[attr-defined]
    found = rows.filter(meeting=meeting, pk=request_pk).first()
    if found is None:
        raise Http404("这次会没有问这一项。")

    def doing(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
        action = request.POST.get("action", "")[:20]
        if action not in ("return", "drop"):
            raise MoveRefused("没有这一步。请刷新后再看。")
        moved = advance_request(
            found,
            action,
            actor,
            note=request.POST.get("note", "").strip()[:2000],
            expected=request.POST.get("state") or None,
        )
        return f"{moved.title}：{moved.get_state_display()}"

    return _took(request, meeting, doing, "requests")


# ---- notes --------------------------------------------------------------------------------------------------


@require_POST
@needs(Can.HOLD_MEETINGS, Can.ISSUE_ORDERS)
def keep_note(request: HttpRequest, pk: int) -> HttpResponse:
    """One note as typed; the answer says when it was kept, or why it was not."""
    meeting = meeting_of(request, pk)
    name = next((key for key in request.POST if key.startswith(("unit-", "item-", "came-"))), "")
    problem, saved = "", ""
    try:
        note(request.actor, meeting, name, request.POST.get(name, ""))  # type: ignore[attr-defined]
        saved = f"已存 {clock.now().astimezone(clock.TZ):%H:%M:%S}"
    except REFUSALS as refusal:
        # Not an error of the page: htmx puts only answers of success into it, and the reader has to see why.
        problem = str(refusal)
    return render(request, "meetings/noted.html", {"saved": saved, "problem": problem})


# ---- minutes ------------------------------------------------------------------------------------------------


@require_POST
@needs(Can.HOLD_MEETINGS, Can.ISSUE_ORDERS)
def write_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """写、改、删、移议定事项，写概况，下达督办单."""
    meeting = meeting_of(request, pk)
    doing = MINUTES.get(request.POST.get("do", ""))
    if doing is None:
        raise Http404("没有这一项办理。")
    return _took(request, meeting, doing, "minutes")


def _keep_item(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    texts = request.POST
    about = texts.get("about", "")
    wanted = texts.get("item", "")
    item = _item(request, meeting) if wanted else None
    minutes.keep_item(
        actor,
        meeting,
        text=texts.get("text", ""),
        holder=_unit(texts.get("holder", "")),
        due_on=_day(texts.get("due_on", "")),
        evidence_wanted=texts.get("evidence_wanted", ""),
        helpers=[unit for one in texts.getlist("helpers") if (unit := _unit(one)) is not None],
        about=meeting.requests.for_system("议定事项对着的").filter(pk=key(about)).first(),
        item=item,
    )
    return f"已存 {clock.now().astimezone(clock.TZ):%H:%M:%S}"


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise minutes.NoDate(f"完成时限“{text[:20]}”不是日期，请写成 2026-11-30。") from None


def _item(request: HttpRequest, meeting: Meeting) -> AgreedItem:
    wanted = key(request.POST.get("item"))
    found = meeting.agreed.select_related("meeting").filter(pk=wanted).first()
    if found is None:
        raise MoveRefused("这一条议定事项不在了，可能刚被删去。请刷新后再看。")
    return found


def _strike(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    minutes.strike_item(actor, _item(request, meeting))
    return ""


def _item_up(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    minutes.move_item(actor, _item(request, meeting), up=True)
    return ""


def _item_down(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    minutes.move_item(actor, _item(request, meeting), up=False)
    return ""


def _overall(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    minutes.keep_overall(actor, meeting, request.POST.get("overall", ""))
    return f"已存 {clock.now().astimezone(clock.TZ):%H:%M:%S}"


def _orders(request: HttpRequest, meeting: Meeting, actor: Actor) -> str:
    issued = minutes.issue_orders(actor, meeting)
    if not issued.made:
        return f"{len(issued.held)} 项都已经下达过，没有再下第二单。"
    return f"已下达 {len(issued.made)} 份督办单：{issued.made[0].number} 起。"


MINUTES: dict[str, Act] = {
    "item": _keep_item,
    "strike": _strike,
    "up": _item_up,
    "down": _item_down,
    "overall": _overall,
    "orders": _orders,
}
