"""Steps after the notice: the contract of three parties, milestones with their money, acceptance led by the owner, payment or termination."""

from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum

from keshu.directory.actors import Actor
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.programmes.steps.who import at, decides, handles, own
from keshu.reserves.models import Milestone, Need
from keshu.terms import clock
from keshu.terms.quantity import wan

S = Need.State


def _accepts(actor: Actor, record: Any) -> bool:
    """成果验收由用户主导: who put the need up, or the office for one that does not work in this house."""
    return own(actor, record) or handles(actor, record)


def milestones(need: Any) -> list[Milestone]:
    """The milestones of a need in order."""
    return list(Milestone.objects.for_system("里程碑").filter(need=need).order_by("order"))


def _sign(record: Any, step: Step) -> None:
    given = step.given
    if not given.get("three"):
        raise MoveRefused("合同要出题方、揭榜方、科技局三方都签。签齐了再登记。")
    if given["amount"] > record.budget:
        raise MoveRefused(
            f"合同额 {wan(given['amount'])} 万元，超过需求的总投入 {wan(record.budget)} 万元。请核对。"
        )
    if given["ends_on"] <= given["on"]:
        raise MoveRefused(f"完成期限 {given['ends_on']} 不晚于签约日期 {given['on']}。请核对。")
    record.contract_number, record.contract_amount = given["number"], given["amount"]
    record.signed_on, record.ends_on = given["on"], given["ends_on"]


def _plan(record: Any, step: Step) -> None:
    given = step.given
    planned = Milestone.objects.for_system("里程碑").filter(need=record)
    so_far = planned.aggregate(amount=Sum("amount"), last=Max("order"))
    total = (so_far["amount"] or Decimal(0)) + given["amount"]
    if total > record.contract_amount:
        raise MoveRefused(
            f"各里程碑合计 {wan(total)} 万元，超过合同额 {wan(record.contract_amount)} 万元。改小再列。"
        )
    Milestone(
        need=record,
        order=(so_far["last"] or 0) + 1,
        text=given["text"],
        due_on=given["due_on"],
        amount=given["amount"],
    ).save()


def _planned(record: Any) -> list[tuple[str, str]]:
    """The milestones as choices; those reached stay, because the history names what was chosen."""
    return [(str(row.pk), f"{row}（已完成）" if row.reached_on else str(row)) for row in milestones(record)]


def _reach(record: Any, step: Step) -> None:
    row = Milestone._base_manager.select_for_update().get(pk=int(step.given["milestone"]))
    if row.reached_on is not None:
        raise MoveRefused(f"“{row}”{row.reached_on} 已经完成。请选还没有完成的。")
    row.reached_on, row.doc_no = step.given["on"], step.given["doc_no"]
    row.save()
    _add(record, row.amount)


def _pay(record: Any, step: Step) -> None:
    _add(record, step.given["amount"])
    record.closed_on = step.given["on"]


def _add(record: Any, amount: Decimal) -> None:
    total = (record.paid or Decimal(0)) + amount
    if total > record.contract_amount:
        raise MoveRefused(
            f"已兑付 {wan(record.paid or Decimal(0))} 万元，再付 {wan(amount)} 万元就超过合同额 {wan(record.contract_amount)} 万元。"
        )
    record.paid = total


def _accept(record: Any, step: Step) -> None:
    record.accepted_on = step.given["on"]


def _close(record: Any, step: Step) -> None:
    record.closed_on = clock.today()


RUNNING = (
    Transition(
        "sign",
        "登记签约",
        at(S.SIGNING),
        str(S.RUNNING),
        handles,
        effect=_sign,
        asks=(
            Ask("number", "合同编号"),
            Ask("on", "签约日期", "date"),
            Ask("amount", "合同额", "money"),
            Ask("ends_on", "完成期限", "date"),
            Ask("three", "出题方、揭榜方、科技局三方已签", "flag"),
        ),
    ),
    Transition(
        "plan",
        "列里程碑",
        at(S.RUNNING),
        str(S.RUNNING),
        handles,
        effect=_plan,
        asks=(
            Ask("text", "里程碑"),
            Ask("due_on", "期限", "date"),
            Ask("amount", "约定拨付", "money"),
        ),
    ),
    Transition(
        "reach",
        "里程碑完成",
        at(S.RUNNING),
        str(S.RUNNING),
        handles,
        effect=_reach,
        asks=(
            Ask("milestone", "里程碑", "choice", choices=_planned),
            Ask("on", "完成日期", "date"),
            Ask("doc_no", "拨付凭证"),
        ),
    ),
    Transition(
        "accept",
        "验收通过",
        at(S.RUNNING),
        str(S.ACCEPTED),
        _accepts,
        effect=_accept,
        asks=(Ask("on", "验收日期", "date"), Ask("opinion", "出题方验收意见", "long")),
    ),
    Transition("fail", "验收不通过", at(S.RUNNING), str(S.FAILED), _accepts, note_required=True, danger=True),
    Transition("again", "限期整改", at(S.FAILED), str(S.RUNNING), handles, note_required=True),
    Transition(
        "pay",
        "兑付",
        at(S.ACCEPTED),
        str(S.PAID),
        handles,
        effect=_pay,
        asks=(Ask("amount", "本次兑付", "money"), Ask("on", "兑付日期", "date"), Ask("doc_no", "凭证")),
    ),
    Transition(
        "terminate",
        "终止",
        at(S.OBJECTED, S.SIGNING, S.RUNNING, S.FAILED),
        str(S.TERMINATED),
        decides,
        effect=_close,
        note_required=True,
        danger=True,
    ),
)
