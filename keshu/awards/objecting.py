"""Objections: received in writing, admitted or refused by the rules, verified, settled, told. An open one stops the nomination."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from keshu.awards.models import Grade, Nomination, Objection, Winner
from keshu.awards.moving import SETTLING
from keshu.awards.policy import reasons, span
from keshu.awards.steps.deciding import refuse_unplaced
from keshu.awards.steps.who import at, handles
from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, NotYourTurn, Procedure, Step, Transition, move
from keshu.terms import clock

S = Objection.State
About, Outcome = Objection.About, Objection.Outcome
#: Contents that are no objection, with the reason code of the refusal.
NOT_AN_OBJECTION = {
    About.GRADE: "YY-05",
    About.RESULT: "YY-05",
    About.ACADEMIC: "YY-06",
    About.UNRELATED: "YY-07",
}
#: Grades from the highest down: a downgrade goes down this row.
DOWN = (Grade.SPECIAL, Grade.FIRST, Grade.SECOND, Grade.THIRD)
PARKED = 1000  # added to places while people change them, so that no two ever share one


class NoNoticeYet(MoveRefused):
    """An objection against a nomination that was never in notice."""


def receive(
    nomination: Nomination,
    actor: Actor,
    *,
    about: str,
    text: str,
    received_on: date,
    objector: str = "",
    objector_kind: str = Objection.Objector.PERSON,
    sealed: bool = False,
    proof: str = "",
    contact: str = "",
) -> Objection:
    """Register an objection that arrived. Whether it is admitted is the next step; until then it stops the nomination.

    Raises NotYourTurn without the capability 办奖励, NoNoticeYet, MoveRefused for a day to come or nothing written, Classified.
    """
    if not handles(actor, nomination):
        raise NotYourTurn(f"{actor.name} 不能登记异议。异议由奖励工作的科室收。")
    if not text.strip():
        raise MoveRefused("还没有写异议内容。")
    if received_on > clock.today():
        raise MoveRefused(f"收到日期 {received_on} 还没有到。")
    refuse_classified(text, proof, objector)
    until = window(nomination, received_on)
    with writing(actor, f"登记异议 {nomination.title}"):
        # Its row is held: whoever moves it at this moment sees the objection, or has moved it before.
        Nomination._base_manager.select_for_update().get(pk=nomination.pk)
        row = Objection(
            nomination=nomination,
            title=nomination.title,
            year=nomination.year,
            region_id=nomination.region_id,
            unit_id=nomination.unit_id,
            number=next_number("YY", received_on.year),
            state=S.RECEIVED,
            about=About(about),
            text=text.strip(),
            proof=proof.strip(),
            objector=objector.strip()[:100],
            objector_kind=objector_kind,
            sealed=sealed,
            contact=contact.strip()[:60],
            received_on=received_on,
            counts_on=received_on,
            notice_until=until,
            source="书面异议",
        )
        row.save()
    return row


def window(nomination: Nomination, on: date) -> date:
    """The last day of the notice in which ``on`` falls, else of the last notice that began before. Raises NoNoticeYet."""
    spans = [
        (nomination.accept_notice_from, nomination.accept_notice_until),
        (nomination.final_notice_from, nomination.final_notice_until),
    ]
    begun = [until for first, until in spans if first is not None and until is not None and first <= on]
    if not begun:
        raise NoNoticeYet(
            f"“{nomination.title}”到 {on} 还没有公示，不能登记异议。公示后再登记，或作为来信处理。"
        )
    return begun[-1]


def not_admissible(objection: Objection) -> tuple[str, str] | None:
    """Why an objection cannot be admitted: (reason code, sentence), or None when it can."""
    if not objection.objector.strip():
        return "YY-01", "匿名异议不受理。异议要写真实姓名或单位名称。"
    if objection.objector_kind == Objection.Objector.UNIT and not objection.sealed:
        return "YY-02", "单位提的异议没有盖公章，不受理。请补盖公章后重新提出。"
    if not objection.proof.strip():
        return "YY-03", "没有证据或线索，不受理。"
    if objection.notice_until is not None and objection.received_on > objection.notice_until:
        return "YY-04", f"{objection.received_on} 收到，异议到 {objection.notice_until} 截止，逾期不受理。"
    code = NOT_AN_OBJECTION.get(About(objection.about))
    if code is not None:
        label = objection.get_about_display()
        return code, f"对{label}的不同意见不属于异议，不受理。" if code == "YY-05" else f"{label}，不受理。"
    return None


def _admissible(record: Any, actor: Actor) -> str | None:
    found = not_admissible(record)
    return f"{found[1]}请按 {found[0]} 不予受理。" if found else None


def _reasons(record: Any) -> list[tuple[str, str]]:
    return reasons("award-objection", clock.today())


def _refuse(record: Any, step: Step) -> None:
    record.reason_code = step.given["reason"]


def _assign(record: Any, step: Step) -> None:
    record.assigned_to = record.nomination.nominator
    record.answer_by = span("award-objection-answer", clock.today()).last(clock.today())


def _grades(record: Any) -> list[tuple[str, str]]:
    return [(str(grade), str(grade.label)) for grade in record.nomination.round.grades]


def _resolve(record: Any, step: Step) -> None:
    """The conclusion, and what it does to the nomination."""
    outcome = Outcome(step.given["outcome"])
    nomination = Nomination._base_manager.select_for_update().get(pk=record.nomination_id)
    record.outcome, record.resolved_on = outcome, clock.today()
    if outcome == Outcome.REORDERED:
        reorder(nomination, step.given.get("order", ""))
    elif outcome == Outcome.DOWNGRADED:
        record.new_grade = _downgrade(nomination, step.given.get("grade", ""))
    elif outcome == Outcome.REMOVED:
        note = f"异议 {record.number} 成立：{step.note}"
        move(nomination, "strike", step.actor, procedure=SETTLING, note=note)


def _downgrade(nomination: Nomination, grade: str) -> str:
    now = nomination.grade or nomination.voted_grade
    if not now:
        raise MoveRefused("这一项还没有定等级，不能降等。")
    if not grade or grade not in nomination.round.quotas:
        raise MoveRefused("降等要选降到哪一等。")
    order = [str(step) for step in DOWN]
    if now not in order or grade not in order or order.index(grade) <= order.index(now):
        raise MoveRefused(f"现在是{Grade(now).label}，只能往下降。")
    refuse_unplaced(nomination, grade)
    nomination.voted_grade = grade
    if nomination.grade:
        nomination.grade = grade
    nomination.save()
    return grade


def reorder(nomination: Nomination, text: str) -> None:
    """Put the people in a new order, written with their present places: ``2,1,3``. Inside ``writing`` only. Raises MoveRefused."""
    people = {w.order: w for w in Winner.objects.for_system("改正排序").filter(nomination=nomination)}
    parts = [part for part in text.replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if part]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise MoveRefused(f"新的排序“{text[:40]}”读不懂。请用现在的名次写，例如 2,1,3。")
    places = [int(part) for part in parts]
    if sorted(places) != sorted(people):
        wanted = "、".join(map(str, sorted(people)))
        raise MoveRefused(f"新的排序要正好包含现在的 {wanted}，每个一次。")
    for winner in people.values():
        winner.order += PARKED
        winner.save()
    for place, before in enumerate(places, 1):
        people[before].order = place
        people[before].save()


def _notify(record: Any, step: Step) -> None:
    record.notified_on = clock.today()


OBJECTING = Procedure(
    code="奖励异议",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition("admit", "受理异议", at(S.RECEIVED), str(S.ADMITTED), handles, needs=(_admissible,)),
        Transition(
            "refuse",
            "不予受理",
            at(S.RECEIVED),
            str(S.REFUSED),
            handles,
            effect=_refuse,
            asks=(Ask("reason", "理由", "choice", choices=_reasons),),
            danger=True,
        ),
        Transition("assign", "交提名单位核实", at(S.ADMITTED), str(S.INVESTIGATING), handles, effect=_assign),
        Transition(
            "resolve",
            "作出结论",
            at(S.ADMITTED, S.INVESTIGATING),
            str(S.RESOLVED),
            handles,
            effect=_resolve,
            note_required=True,
            asks=(
                Ask("outcome", "结论", "choice", choices=Outcome.choices),
                Ask("order", "新的排序", required=False, hint="改正排序时写，用现在的名次：2,1,3"),
                Ask("grade", "降到", "choice", required=False, choices=_grades),
            ),
        ),
        Transition("notify", "告知异议方", at(S.RESOLVED), str(S.NOTIFIED), handles, effect=_notify),
    ),
)


def settle(
    objection: Objection,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
) -> Objection:
    """One step of an objection. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(objection, action, actor, procedure=OBJECTING, note=note, given=given)
