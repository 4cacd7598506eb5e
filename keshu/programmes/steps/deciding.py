"""Steps of the decision: review, the party group's meeting, public notice, objections, approval."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from keshu.directory.actors import Actor
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.programmes.models import Application, Call, Objection
from keshu.programmes.objecting import refuse_anonymous
from keshu.programmes.steps.lengths import fitted
from keshu.programmes.steps.who import STANDING, at, decides, handles
from keshu.rules.calendar import add_workdays
from keshu.terms import clock
from keshu.terms.quantity import read_number, wan

S = Application.State
FULL_SCORE = Decimal(100)


def _reviewed(record: Any, step: Step) -> None:
    text = step.given.get("score", "")
    if text:
        try:
            score = read_number(text)
        except ValueError:
            score = Decimal(-1)
        if not 0 <= score <= FULL_SCORE or score != score.quantize(Decimal("0.01")):
            raise MoveRefused(f"得分“{text}”不是 0 到 100 的数。请写百分制得分，最多两位小数。")
        record.review_score = score
    record.review_minutes = step.given["minutes"]


def _publish(record: Any, step: Step) -> None:
    granted, most = step.given["granted"], record.call.most_each
    if record.asked is not None and granted > record.asked:
        raise MoveRefused(f"拟立项 {wan(granted)} 万元，多于申请的 {wan(record.asked)} 万元。请改立项经费。")
    if most is not None and granted > most:
        raise MoveRefused(f"拟立项 {wan(granted)} 万元，超过单项最高 {wan(most)} 万元。请改立项经费。")
    record.decision_minutes, record.granted = step.given["minutes"], granted
    record.notice_from = clock.today()
    record.notice_until = add_workdays(clock.today(), record.call.notice_days)


def _in_notice(record: Any, actor: Actor) -> str | None:
    if record.notice_until is not None and clock.today() > record.notice_until:
        return f"公示已于 {record.notice_until} 期满，逾期的异议不再受理；另有问题的按撤销办。"
    return None


def _object(record: Any, step: Step) -> None:
    refuse_anonymous(step.given["by"])
    Objection(
        application=record,
        by=fitted(Objection, "by", "异议人", step.given["by"]),
        contact=fitted(Objection, "contact", "联系方式", step.given.get("contact", "")),
        grounds=step.note,
        proof=step.given["proof"],
        received_on=clock.today(),
    ).save()


def _settle(record: Any, step: Step) -> None:
    """Every objection that is still open gets the outcome; an application approved over an open one is not possible."""
    for objection in Objection.objects.for_system("异议处理").filter(
        application=record, settled_on__isnull=True
    ):
        objection.settled_on, objection.outcome = clock.today(), step.note
        objection.save()


def _notice_over(record: Any, actor: Actor) -> str | None:
    if record.notice_until is None or clock.today() <= record.notice_until:
        return f"公示到 {record.notice_until} 止，期满后再立项。"
    return None


def _approve(record: Any, step: Step) -> None:
    """The number, the date and the money; never more than the call holds, however many are approved at once."""
    call = Call._base_manager.select_for_update().get(pk=record.call_id)
    if record.granted is None:
        record.granted = record.asked
    if call.budget is not None:
        spent = approved_sum(call, besides=record.pk)
        if spent + record.granted > call.budget:
            raise MoveRefused(
                f"“{call}”总额度 {wan(call.budget)} 万元，已立项 {wan(spent)} 万元，再立 {wan(record.granted)} 万元就超了。"
            )
    if not step.note.strip():
        raise MoveRefused("立项要写立项文件的文号。")
    record.decided_doc = step.note.strip()[:100]
    record.approved_on = record.counts_on = clock.today()
    record.number = next_number("XM", record.year)


def approved_sum(call: Call, *, besides: int | None = None) -> Decimal:
    """What a call's approved projects were granted, in 元."""
    standing = Application.objects.for_system("额度").filter(call=call, state__in=STANDING)
    return standing.exclude(pk=besides).aggregate(Sum("granted"))["granted__sum"] or Decimal(0)


DECIDING = (
    Transition(
        "review",
        "登记评审结果",
        at(S.ADMITTED),
        str(S.REVIEWED),
        handles,
        effect=_reviewed,
        asks=(
            Ask("minutes", "评审纪要", hint="纪要名称或编号"),
            Ask("score", "得分", required=False, hint="百分制"),
        ),
    ),
    Transition(
        "propose",
        "拟立项公示",
        at(S.REVIEWED),
        str(S.NOTICE),
        decides,
        effect=_publish,
        asks=(Ask("minutes", "局党组会纪要", hint="纪要编号"), Ask("granted", "立项经费", "money")),
    ),
    Transition(
        "pass_over",
        "不立项",
        at(S.REVIEWED, S.OBJECTED),
        str(S.NOT_CHOSEN),
        decides,
        effect=_settle,
        note_required=True,
        danger=True,
    ),
    Transition(
        "object",
        "登记异议",
        at(S.NOTICE, S.OBJECTED),  # a second person may object while the first objection is looked into
        str(S.OBJECTED),
        handles,
        needs=(_in_notice,),
        effect=_object,
        note_required=True,
        asks=(
            Ask("by", "异议人", hint="真实姓名或单位全称，只有本局看得到", confidential=True),
            Ask("contact", "联系方式", required=False, confidential=True),
            Ask("proof", "证明材料", hint="名称和份数；文件在异议卡片里传", confidential=True),
        ),
    ),
    Transition(
        "settle",
        "异议不成立",
        at(S.OBJECTED),
        str(S.NOTICE),
        handles,
        effect=_settle,
        note_required=True,
    ),
    Transition(
        "approve",
        "立项",
        at(S.NOTICE),
        str(S.APPROVED),
        handles,
        needs=(_notice_over,),
        effect=_approve,
    ),
)
