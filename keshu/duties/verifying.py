"""The other side's steps: verify, send back, write off, look back; and the issuer's: decide an extension, transfer, suspend, merge, cancel."""

from collections.abc import Sequence
from typing import Any

from keshu.directory.actors import Actor
from keshu.duties import lateness
from keshu.duties.handling import NoEvidence, no_proof
from keshu.duties.issuing import DueInThePast, OrderRefused, handlers, sign_by
from keshu.duties.models import OPEN, RUNNING, Extension, Order
from keshu.duties.ruled import first_feedback, ruled
from keshu.duties.who import at, issued, own_side, verifies, verifies_or_issued
from keshu.ledger.classified import refuse_classified
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.terms import clock

S = Order.State
WAYS = (("papers", "查资料"), ("site", "实地查看"), ("figures", "核对数据"))


class SamePerson(MoveRefused):
    """Two people are asked for, and this is one of them already."""


def _proved(order: Any, actor: Actor) -> str | None:
    """未经核验不得销号: without evidence nothing is verified and nothing is written off."""
    problem = no_proof(order, actor)
    if problem:
        raise NoEvidence(problem)
    return None


def _other_side(order: Any, actor: Actor) -> str | None:
    problem = own_side(order, actor)
    if problem:
        raise SamePerson(problem)
    return None


def _another(order: Any, actor: Actor) -> str | None:
    """Where the rule asks for a third person, whoever verified does not write off."""
    third = ruled("order-closing", clock.today(), "limit").get("third_person")
    if third and order.verified_by_id == actor.account_id:
        raise SamePerson(f"{order.number} 是 {actor.name} 核实的，按规则要另一个人销号。请换一个人办。")
    return None


def _verify(order: Any, step: Step) -> None:
    refuse_classified(step.given["finding"])
    order.verified_on, order.verified_by_id = clock.today(), step.actor.account_id
    order.verifier, order.finding = step.actor.name, step.given["finding"]


def _unreport(order: Any) -> None:
    """The report does not stand any more, so its delay counts on."""
    order.reported_on = order.reported_by_id = None
    order.verified_on = order.verified_by_id = None
    order.verifier = ""


def _send_back(order: Any, step: Step) -> None:
    _unreport(order)


def _close(order: Any, step: Step) -> None:
    today = clock.today()
    order.closed_on = order.ended_on = today
    order.outcome = lateness.outcome(order, today)
    order.feedback_due_on = None


def _anew(order: Any, due_on: Any) -> None:
    """A new deadline begins to run today."""
    today = clock.today()
    if due_on < today:
        raise DueInThePast(f"完成时限 {due_on} 已经过去，今天是 {today}。请定今天或以后的日子。")
    order.due_on, order.overdue_from = due_on, None
    order.feedback_due_on = first_feedback(order.feedback_every, today, due_on)
    order.level = 0


def _look_back(order: Any, step: Step) -> None:
    """回头看: it counts as open again; what it was overdue before is kept."""
    order.overdue_before += lateness.overdue_days(order, clock.today())
    order.closed_on = order.ended_on = None
    order.outcome = ""
    _unreport(order)
    order.reopened += 1
    order.asked_at = clock.now()
    _anew(order, step.given["due_on"])


def pending_extension(order: Any) -> Extension:
    """The extension that waits for a decision."""
    return Extension.objects.filter(order=order.pk, granted=None).latest("pk")


def _decide(order: Any, step: Step, granted: bool) -> Extension:
    asked = pending_extension(order)
    asked.granted, asked.decided_on, asked.decided_by = granted, clock.today(), step.actor.name
    asked.said = step.note.strip()
    asked.save()
    return asked


def _grant(order: Any, step: Step) -> None:
    """The new deadline runs; days overdue on the day of asking stay in the record, days of waiting are not the holder's."""
    asked = _decide(order, step, True)
    order.overdue_before += asked.overdue
    order.extended += 1
    _anew(order, asked.until)


def _deny(order: Any, step: Step) -> None:
    _decide(order, step, False)


def _suspend(order: Any, step: Step) -> None:
    order.suspended_on = clock.today()


def _resume(order: Any, step: Step) -> None:
    order.overdue_before += lateness.overdue_days(order, clock.today())
    order.suspended_on = None
    _anew(order, step.given["due_on"])


def _others(order: Any) -> Sequence[tuple[str, str]]:
    """The bureau's offices it may be transferred to: those of the same region (转办不出本局)."""
    rows = handlers().filter(region=order.region_id).exclude(pk=order.unit_id)
    return [(str(unit.pk), unit.name) for unit in rows.order_by("pk")]


def _transfer(order: Any, step: Step) -> None:
    """Another office signs for it anew; deadline and delay go along."""
    if step.given["unit"] not in dict(_others(order)):
        raise OrderRefused("只能转给同一地区、能办督办的科室或单位。要交别的县（市、区），请撤销后另行下达。")
    order.unit_id = int(step.given["unit"])
    order.person_id = order.signed_at = None
    order.signed_by = ""
    order.sign_by = sign_by(clock.now())


def _merge(order: Any, step: Step) -> None:
    """What two orders ask of one holder is followed under one of them."""
    into = (
        Order.objects.for_system("并入").filter(number=step.given["into"].strip(), unit=order.unit_id).first()
    )
    if into is None or into.pk == order.pk or into.state not in OPEN:
        raise OrderRefused(
            f"没有 {order.unit.name} 在办的“{step.given['into'][:30]}”。写同一承办单位一张没办结的督办单的编号。"
        )
    order.merged_into = into
    _end(order, step)


def _end(order: Any, step: Step) -> None:
    order.ended_on, order.feedback_due_on = clock.today(), None


BEFORE_REPORT = RUNNING | at(S.ISSUED)
VERIFYING = (
    Transition(
        "verify",
        "核实",
        at(S.REPORTED),
        str(S.VERIFIED),
        verifies,
        needs=(_other_side, _proved),
        effect=_verify,
        asks=(
            Ask("way", "核实方式", "choice", choices=WAYS),
            Ask("finding", "核实意见", "long", hint="看了什么、数对不对"),
        ),
    ),
    Transition(
        "close",
        "销号",
        at(S.VERIFIED),
        str(S.CLOSED),
        verifies_or_issued,
        needs=(_other_side, _proved, _another),
        effect=_close,
    ),
    Transition(
        "return",
        "退回",
        at(S.REPORTED, S.VERIFIED),
        str(S.RETURNED),
        verifies_or_issued,
        needs=(_other_side,),
        effect=_send_back,
        note_required=True,
        danger=True,
    ),
    Transition(
        "look_back",
        "回头看",
        at(S.CLOSED),
        str(S.REOPENED),
        verifies_or_issued,
        needs=(_other_side,),
        effect=_look_back,
        note_required=True,
        asks=(Ask("due_on", "再办到", "date"),),
    ),
    Transition("grant", "同意延期", at(S.EXTENDING), str(S.WORKING), issued, effect=_grant),
    Transition(
        "deny",
        "不同意延期",
        at(S.EXTENDING),
        str(S.WORKING),
        issued,
        effect=_deny,
        note_required=True,
        danger=True,
    ),
    Transition(
        "transfer",
        "转办",
        BEFORE_REPORT,
        str(S.ISSUED),
        issued,
        effect=_transfer,
        note_required=True,
        danger=True,
        asks=(Ask("unit", "转给", "choice", choices=_others),),
    ),
    Transition(
        "suspend",
        "暂停",
        BEFORE_REPORT,
        str(S.SUSPENDED),
        issued,
        effect=_suspend,
        note_required=True,
        danger=True,
    ),
    Transition(
        "resume",
        "恢复",
        at(S.SUSPENDED),
        str(S.WORKING),
        issued,
        effect=_resume,
        asks=(Ask("due_on", "完成时限", "date"),),
    ),
    Transition(
        "merge",
        "并入",
        BEFORE_REPORT,
        str(S.MERGED),
        issued,
        effect=_merge,
        note_required=True,
        danger=True,
        asks=(Ask("into", "并入哪一单", hint="督办单编号"),),
    ),
    Transition(
        "cancel",
        "撤销",
        BEFORE_REPORT | at(S.SUSPENDED, S.EXTENDING),
        str(S.CANCELLED),
        issued,
        effect=_end,
        note_required=True,
        danger=True,
    ),
)
