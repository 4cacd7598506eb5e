"""The procedures of the room: a meeting from its preparation to its minutes, a request from asking to its answer."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from keshu.diary import outbox
from keshu.directory.actors import Actor
from keshu.directory.models import Unit
from keshu.journal.writing import writing
from keshu.ledger.classified import Classified, refuse_classified
from keshu.meetings.models import Meeting, Request
from keshu.meetings.noting import settle_notes
from keshu.meetings.who import (
    OPEN_TO_CHANGE,
    OWED,
    TAKES_ANSWERS,
    answers,
    at,
    holds,
    holds_or_chairs,
    require,
)
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, following, move
from keshu.rules.dated import in_force
from keshu.terms import clock

S, R = Meeting.State, Request.State


class AnswerTooLong(MoveRefused):
    """Cause and measures together are longer than the dated limit."""


def most_characters(on: date) -> int:
    """How many characters cause and measures may have together, by the dated rule. Raises NoRuleInForce."""
    return int(in_force("limit", "meeting-answer", on).data["characters"])


# ---- the answer of a unit -----------------------------------------------------------------------------------


def _still_taken(record: Any, actor: Actor) -> str | None:
    if record.meeting.state not in TAKES_ANSWERS:
        return f"“{record.meeting}”已经是“{record.meeting.get_state_display()}”，不再收原因措施。有话请直接找规划科。"
    return None


def _closes(actor: Actor, record: Any) -> bool:
    """Only with the end of its meeting."""
    return record.meeting.state == S.DRAFTING and holds_or_chairs(actor, record.meeting)


def _asked(record: Any, step: Step) -> None:
    record.due_on = record.meeting.answer_by


def _answered(record: Any, step: Step) -> None:
    cause, measures = step.given["cause"].strip(), step.given["measures"].strip()
    most = most_characters(clock.today())
    written = len(cause) + len(measures)
    if written > most:
        raise AnswerTooLong(
            f"原因写了 {len(cause)} 字、措施写了 {len(measures)} 字，合起来 {written} 字，最多 {most} 字。"
            f"请删去 {written - most} 字再交。"
        )
    try:
        refuse_classified(cause, measures)
    except Classified as refusal:
        raise MoveRefused(str(refusal)) from refusal
    record.cause, record.measures = cause, measures
    record.answered_on, record.answered_by = clock.today(), step.actor.name
    record.returned_for = ""


def _returned(record: Any, step: Step) -> None:
    if len(step.note.strip()) > 300:
        raise MoveRefused(f"退回原因写了 {len(step.note.strip())} 字，最多 300 字。请删减后再退。")
    record.returned_for = step.note.strip()


ANSWERING = Procedure(
    code="原因措施",
    version="1",
    states={str(value): str(label) for value, label in R.choices},
    transitions=(
        Transition("ask", "问", at(R.DRAFT), str(R.ASKED), holds, effect=_asked),
        Transition(
            "answer",
            "交原因措施",
            OWED,
            str(R.ANSWERED),
            answers,
            needs=(_still_taken,),
            effect=_answered,
            asks=(
                Ask("cause", "原因", "long", hint="和措施合起来不超过 200 字"),
                Ask("measures", "措施", "long", hint="做什么、谁来做、到哪一天"),
            ),
        ),
        Transition(
            "return",
            "退回重写",
            at(R.ANSWERED),
            str(R.RETURNED),
            holds,
            needs=(_still_taken,),
            effect=_returned,
            note_required=True,
        ),
        Transition("miss", "没有答", OWED, str(R.MISSED), _closes),
        Transition(
            "drop",
            "不再要",
            at(R.DRAFT, R.ASKED, R.RETURNED, R.ANSWERED),
            str(R.DROPPED),
            holds,
            note_required=True,
            danger=True,
        ),
    ),
)


def advance_request(
    request: Request,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Request:
    """One step of a request: answer, return, drop. Raises MoveRefused (AnswerTooLong), StaleState, NotYourTurn."""
    return move(request, action, actor, procedure=ANSWERING, note=note, given=given, expected=expected)


def send_requests(meeting: Meeting, actor: Actor) -> int:
    """Requests made after the notice leave at once, with a message to each unit in the outbox; how many. Inside ``writing``."""
    waiting = _let_go(meeting, actor)
    _tell(meeting, actor, waiting, "请报原因措施")
    return len(waiting)


def _let_go(meeting: Meeting, actor: Actor) -> list[Request]:
    rows = meeting.requests.for_system("发出").filter(state=R.DRAFT).select_related("unit").order_by("pk")
    waiting = list(rows)
    if waiting and meeting.answer_by < clock.today():
        raise MoveRefused(
            f"原因措施截止 {meeting.answer_by} 已经过去，现在问就是逾期。先在“改会议”里改截止日期。"
        )
    for request in waiting:
        advance_request(request, "ask", actor)
    return waiting


def owed_count(actor: Actor) -> int:
    """How many causes and measures the actor's unit still owes to meetings that take them. One query, none without a unit."""
    if not actor.unit_ids:
        return 0
    rows = Request.objects.visible_to(actor).filter(
        unit__in=actor.unit_ids, state__in=OWED, meeting__state__in=TAKES_ANSWERS
    )
    return rows.count()


# ---- the meeting --------------------------------------------------------------------------------------------


def _complete(record: Any, actor: Actor) -> str | None:
    """A notice says who chairs and is sent to somebody; its day has not passed."""
    if record.chair_id is None:
        return "主持人没有定。定了再发通知。"
    if not record.attendees.exists():
        return "还没有参会单位。加上再发通知。"
    if record.held_at < clock.now():
        return f"开会时间 {record.held_at.astimezone(clock.TZ):%Y-%m-%d %H:%M} 已经过去。改了再发通知。"
    return None


def _figures_taken(record: Any, actor: Actor) -> str | None:
    return None if record.revision else "还没有取数，会上说的数没有依据。先“取数”再办。"


def _day_come(record: Any, actor: Actor) -> str | None:
    if clock.today() < record.counts_on:
        return f"开会日期 {record.counts_on} 还没有到。要提前开，先改会议时间。"
    return None


def _notified(record: Any, step: Step) -> None:
    """Requests leave with the notice; one message per invited unit says both."""
    record.notified_on = clock.today()
    asked: dict[int, list[Request]] = {}
    for request in _let_go(record, step.actor):
        asked.setdefault(request.unit_id or 0, []).append(request)
    for row in record.attendees.select_related("unit"):
        outbox.write(
            step.actor,
            row.unit,
            subject=f"{record.title}通知"[:200],
            text=notice_words(record, row.unit, asked.get(row.unit_id, [])),
            due_on=record.answer_by if row.unit_id in asked else None,
        )


def notice_words(meeting: Meeting, unit: Unit, asked: list[Request]) -> str:
    """The notice to one unit in plain words: when, where, and what it has to hand in by when."""
    held = meeting.held_at.astimezone(clock.TZ)
    lines = [
        f"{unit.name}：",
        f"定于 {held:%Y-%m-%d %H:%M} 在{meeting.place}召开{meeting.title}，请按时参加。",
    ]
    if asked:
        lines += [
            f"请在 {meeting.answer_by} 前报下列项次的原因和措施，每项不超过 {most_characters(clock.today())} 字，在“调度会材料”里写：",
            *(f"{number}. {request.title}（{request.lamp_word}）" for number, request in enumerate(asked, 1)),
        ]
    return "\n".join(lines)


def _tell(meeting: Meeting, actor: Actor, requests: list[Request], why: str) -> int:
    """One message per unit about what it owes; it waits in the outbox. The number of messages."""
    by_unit: dict[int, list[Request]] = {}
    for request in requests:
        by_unit.setdefault(request.unit_id or 0, []).append(request)
    for owed in by_unit.values():
        unit = owed[0].unit
        assert unit is not None
        lines = [
            f"{unit.name}：",
            f"{meeting.title}还等着下列项次的原因和措施，请在 {meeting.answer_by} 前在“调度会材料”里写：",
        ]
        lines += [f"{number}. {one.title}（{one.lamp_word}）" for number, one in enumerate(owed, 1)]
        outbox.write(
            actor,
            unit,
            subject=f"{why}：{meeting.title}"[:200],
            text="\n".join(lines),
            due_on=meeting.answer_by,
        )
    return len(by_unit)


def urge(actor: Actor, meeting: Meeting) -> int:
    """催原因措施: a message per unit that still owes something, in the outbox. Raises NotYourTurn, MoveRefused when nobody owes."""
    require(actor, meeting, *TAKES_ANSWERS)
    rows = meeting.requests.for_system("催").filter(state__in=OWED).select_related("unit").order_by("pk")
    owed = list(rows)
    if not owed:
        raise MoveRefused("原因措施都交齐了，没有要催的。")
    with writing(actor, f"催原因措施 {meeting}"):
        return _tell(meeting, actor, owed, "催报原因措施")


def _opened(record: Any, step: Step) -> None:
    record.opened_at = clock.now()


def _closed(record: Any, step: Step) -> None:
    record.closed_at = clock.now()
    settle_notes(record)


def _has_items(record: Any, actor: Actor) -> str | None:
    return None if record.agreed.exists() else "纪要里还没有议定事项。没有议定事项的会不出纪要，写上再印发。"


def _issued(record: Any, step: Step) -> None:
    number = step.given.get("minutes_no", "").strip()
    if len(number) > 60:
        raise MoveRefused(f"纪要文号写了 {len(number)} 字，最多 60 字。请删减后再印发。")
    record.issued_on, record.minutes_no = clock.today(), number


PROCEDURE = Procedure(
    code="调度会",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition(
            "notify",
            "发通知",
            at(S.PREPARING),
            str(S.NOTIFIED),
            holds,
            needs=(_complete, _figures_taken),
            effect=_notified,
        ),
        Transition(
            "open",
            "开会",
            at(S.NOTIFIED),
            str(S.SITTING),
            holds_or_chairs,
            needs=(_day_come,),
            effect=_opened,
        ),
        Transition(
            "close", "散会，起草纪要", at(S.SITTING), str(S.DRAFTING), holds_or_chairs, effect=_closed
        ),
        Transition(
            "issue",
            "印发纪要",
            at(S.DRAFTING),
            str(S.ISSUED),
            holds,
            needs=(_has_items,),
            effect=_issued,
            asks=(Ask("minutes_no", "纪要文号", required=False),),
        ),
        Transition(
            "cancel",
            "不开了",
            at(S.PREPARING, S.NOTIFIED),
            str(S.CANCELLED),
            holds,
            note_required=True,
            danger=True,
        ),
    ),
)


def advance(
    meeting: Meeting,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Meeting:
    """One step of a meeting: notify, open, close, issue, cancel. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(meeting, action, actor, procedure=PROCEDURE, note=note, given=given, expected=expected)


@following(PROCEDURE.code, "issue")
def open_the_next(meeting: Any, step: Step) -> None:
    """A later meeting that is being prepared already opens with what this one agreed, where this is now the last one before it."""
    later = Meeting.objects.for_system("下次会议").filter(
        scheme=meeting.scheme,
        region=meeting.region,
        state__in=(*OPEN_TO_CHANGE, S.SITTING),
        counts_on__gt=meeting.counts_on,
    )
    for row in later.select_related("previous"):
        if row.previous is None or row.previous.counts_on < meeting.counts_on:
            row.previous = meeting
            row.save()


# ---- what a meeting's end means for what is still owed ------------------------------------------------------


@following(PROCEDURE.code, "close")
def miss_what_is_owed(meeting: Any, step: Step) -> None:
    """What nobody answered until the end stays unanswered, and waits for nobody any more."""
    for request in meeting.requests.for_system("散会").filter(state__in=OWED):
        advance_request(request, "miss", step.actor)


@following(PROCEDURE.code, "cancel")
def drop_what_is_asked(meeting: Any, step: Step) -> None:
    """A meeting that is not held asks for nothing."""
    for request in meeting.requests.for_system("不开了").filter(state__in=(*OWED, R.DRAFT)):
        advance_request(request, "drop", step.actor, note="会不开了")
