"""The holder's steps: sign for it, hand it to a person of the office, report progress, report it done, ask for more time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from keshu.directory.actors import Actor
from keshu.directory.models import Employment
from keshu.duties.lateness import overdue_days
from keshu.duties.models import RUNNING, Extension, Feedback, Order
from keshu.duties.ruled import feedback_after, ruled
from keshu.duties.who import at, holds
from keshu.ledger.classified import refuse_classified
from keshu.ledger.evidence import evidence_of
from keshu.ledger.models import Evidence
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.terms import clock

S = Order.State


class NoEvidence(MoveRefused):
    """Nothing proves that it is done."""


class OutsideTheOffice(MoveRefused):
    """A person who does not work in the organisation that holds the order."""


class ExtensionRefused(MoveRefused):
    """An extension that cannot be asked for like this."""


def proof(order: Any) -> list[Evidence]:
    """The files that came since the order was issued or last looked back at; earlier ones prove an earlier round, and the paper
    it was issued upon proves nothing."""
    return [
        paper
        for paper in evidence_of(order)
        if paper.added_at >= order.asked_at and paper.sha256 != order.origin_paper
    ]


def no_proof(order: Any, actor: Actor) -> str | None:
    """Why it cannot be reported, verified or written off for want of evidence."""
    if proof(order):
        return None
    wanted = f"这一单要交：{order.evidence_wanted}。" if order.evidence_wanted else ""
    round_ = "回头看以后还没有新的佐证" if order.reopened else "一份佐证也没有"
    return f"{order.number} {round_}，不能办结。{wanted}请先在“材料”里传上，或随这一步带上。"


def _need_proof(order: Any, actor: Actor) -> str | None:
    problem = no_proof(order, actor)
    if problem:
        raise NoEvidence(problem)
    return None


def _sign(order: Any, step: Step) -> None:
    order.signed_at, order.signed_by = clock.now(), step.actor.name


def people_of(order: Any) -> Sequence[tuple[str, str]]:
    """Who holds a post in the holding office today: primary key of the person, name and title."""
    posts = Employment.objects.filter(unit=order.unit_id).select_related("person").order_by("person_id")
    return [(str(post.person_id), f"{post.person.name} {post.title}") for post in posts if post.in_force()]


def _hand(order: Any, step: Step) -> None:
    """交办 inside the office only: another office's people take no orders from this one."""
    chosen = step.given["person"]
    if chosen not in dict(people_of(order)):
        raise OutsideTheOffice(
            f"选的人不在 {order.unit.name} 任职，不能交给他办。请从本单位的人里选；要换单位，请下达人转办。"
        )
    order.person_id = int(chosen)


def _feed(order: Any, step: Step, *, final: bool) -> Feedback:
    given = step.given
    refuse_classified(*(str(value) for value in given.values()))
    today = clock.today()
    row = Feedback(
        order=order,
        on=today,
        answers=order.feedback_due_on,
        final=final,
        said=given["said"],
        problem=given.get("problem", ""),
        next_step=given.get("next_step", ""),
        wanted=given.get("wanted", ""),
        by=step.actor.name,
        evidence=list(step.evidence),
    )
    row.save()
    return row


def _progress(order: Any, step: Step) -> None:
    """What is told today answers the feedback day of the period it falls in; the next one is the period after."""
    _feed(order, step, final=False)
    today = clock.today()
    day = order.feedback_due_on
    while day is not None and day < today:
        day = feedback_after(order.feedback_every, day)
    order.feedback_due_on = None if day is None else feedback_after(order.feedback_every, day)


def _report(order: Any, step: Step) -> None:
    _feed(order, step, final=True)
    order.reported_on, order.reported_by_id = clock.today(), step.actor.account_id
    if order.reported_on > order.due_on:
        order.overdue_from = order.due_on + timedelta(days=1)


def _may_ask(order: Any, actor: Actor) -> str | None:
    times = int(ruled("order-extension", clock.today(), "limit")["times"])
    if order.extended >= times:
        raise ExtensionRefused(
            f"{order.number} 已延期 {order.extended} 次，按规则最多 {times} 次。请按 {order.due_on} 办结，"
            "确有困难请下达人定。"
        )
    return None


def _ask_extension(order: Any, step: Step) -> None:
    """The present deadline stays until the issuer has decided."""
    today, until = clock.today(), step.given["until"]
    days = int(ruled("order-extension", today, "limit")["days"])
    if until <= order.due_on:
        raise ExtensionRefused(f"申请延到 {until}，不晚于现在的时限 {order.due_on}。请写一个更晚的日子。")
    if until <= today:
        raise ExtensionRefused(f"申请延到 {until}，今天已经是 {today}。请写一个以后的日子。")
    begins = max(order.due_on, today)  # what is late already is extended from today
    if until > begins + timedelta(days=days):
        raise ExtensionRefused(
            f"申请延到 {until}，从 {begins} 起算 {(until - begins).days} 天，一次最多 {days} 天。请改近些。"
        )
    refuse_classified(step.note)
    Extension(
        order=order,
        asked_on=today,
        asked_by=step.actor.name,
        reason=step.note.strip(),
        due_before=order.due_on,
        until=until,
        overdue=overdue_days(order, today),
    ).save()


_TOLD = (
    Ask("problem", "存在问题", "long", required=False),
    Ask("next_step", "下步措施", "long", required=False),
    Ask("wanted", "需协调事项", "long", required=False),
)
HANDLING = (
    Transition("sign", "签收", at(S.ISSUED), str(S.SIGNED), holds, effect=_sign),
    Transition(
        "progress",
        "反馈进展",
        RUNNING,
        str(S.WORKING),
        holds,
        effect=_progress,
        asks=(Ask("said", "进展", "long"), *_TOLD),
    ),
    Transition(
        "report",
        "反馈办结",
        RUNNING,
        str(S.REPORTED),
        holds,
        needs=(_need_proof,),
        effect=_report,
        asks=(Ask("said", "完成情况", "long", hint="写清完成到什么数、哪份佐证证明"), *_TOLD[:1]),
    ),
    Transition(
        "hand",
        "交办",
        RUNNING,
        str(S.WORKING),
        holds,
        effect=_hand,
        asks=(Ask("person", "责任人", "choice", choices=people_of),),
    ),
    Transition(
        "ask_extension",
        "申请延期",
        RUNNING,
        str(S.EXTENDING),
        holds,
        needs=(_may_ask,),
        effect=_ask_extension,
        note_required=True,
        asks=(Ask("until", "申请延到", "date"),),
    ),
)
