"""Steps after the approval: contract, chase, acceptance, conclusion, failure, termination, revocation, money taken back."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from keshu.directory.actors import Actor
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.programmes.acceptance import acceptance_needs
from keshu.programmes.contracts import goals_of
from keshu.programmes.dating import accept_by, add_months, extend_by, is_overdue, ruled
from keshu.programmes.models import Application, Goal
from keshu.programmes.steps.who import STANDING, at, decides, handles, own
from keshu.terms import clock
from keshu.terms.quantity import wan

S = Application.State
WAYS = (("meeting", "会议验收"), ("letters", "通信评议"), ("papers", "材料审查"))
FINANCE = (("passed", "通过"), ("failed", "不通过"))


# ---- contract -----------------------------------------------------------------------------------------------


def _has_goals(record: Any, actor: Actor) -> str | None:
    if goals_of(record):
        return None
    return "任务书还没有考核指标。请先在“任务书与指标”里逐条写上，再签。"


def _sign(record: Any, step: Step) -> None:
    """The days are what the task contract says; by when it is to be accepted follows from the rule of the day of signing."""
    starts, ends = step.given["starts_on"], step.given["ends_on"]
    if ends <= starts:
        raise MoveRefused(f"执行止 {ends} 不在执行起 {starts} 之后。请核对任务书。")
    record.starts_on, record.ends_on, record.contract_doc = starts, ends, step.given["doc_no"][:100]
    record.accept_by, record.extend_by = accept_by(ends), extend_by(ends)


# ---- chase --------------------------------------------------------------------------------------------------


def form_of(record: Any, steps: Sequence[Mapping[str, Any]]) -> str:
    """The form of the next step of the chase; the last step is repeated."""
    form: str = steps[min(record.chased, len(steps) - 1)]["form"]
    return form


def next_chase(record: Any) -> Sequence[tuple[str, str]]:
    """The form of the next step, as the only choice."""
    form = form_of(record, ruled("deadline", "project-chasing")["steps"])
    return ((form, form),)


def _interval(record: Any, actor: Actor) -> str | None:
    """The steps are apart as the rule says."""
    if record.chased_on is None:
        return None
    steps = ruled("deadline", "project-chasing")["steps"]
    days = int(steps[min(record.chased, len(steps) - 1)]["days"])
    gone = (clock.today() - record.chased_on).days
    if gone >= days:
        return None
    return f"上次催办是 {record.chased_on}，才过 {gone} 天；按规则隔 {days} 天再催。"


def _chase(record: Any, step: Step) -> None:
    record.chased += 1
    record.chased_on = clock.today()


def _overdue_and(may: Callable[[Actor, Any], bool]) -> Callable[[Actor, Any], bool]:
    return lambda actor, record: may(actor, record) and is_overdue(record)


# ---- acceptance ---------------------------------------------------------------------------------------------


def _goals_reached(record: Any, actor: Actor) -> str | None:
    goals = goals_of(record)
    if not goals:
        return "任务书没有考核指标，没法验收。请业务科室先补登任务书。"
    lacking = [str(goal.order) for goal in goals if not (goal.reached and goal.proof)]
    return f"第 {'、'.join(lacking)} 条指标还没有填完成值和佐证。补齐后再申请。" if lacking else None


def _once_more(record: Any, actor: Actor) -> str | None:
    """After a failure: as often as the rule allows, and in its time."""
    if record.state != S.FAILED:
        return None
    again = int(ruled("deadline", "project-reacceptance")["again"])
    if record.closed_on is not None or record.failures > again:
        return f"已有 {record.failures} 次没有通过验收，整改后只能再验收 {again} 次。这个项目按未通过结案。"
    if record.accept_by is not None and clock.today() > record.accept_by:
        return f"整改后要在 {record.accept_by} 前再申请验收，今天 {clock.today()}，已经过期。"
    return None


def _judge_anew(record: Any, step: Step) -> None:
    for goal in goals_of(record):
        if goal.verdict != Goal.Verdict.OPEN:
            goal.verdict = Goal.Verdict.OPEN
            goal.save()


def _all_there(record: Any, actor: Actor) -> str | None:
    lacking = [need for need in acceptance_needs(record) if not need.holds]
    if not lacking:
        return None
    return f"还不能通过：{'；'.join(f'{need.what}（{need.fact}）' for need in lacking)}。办好后再通过。"


def _judged(record: Any, actor: Actor) -> str | None:
    lacking = [
        n for n in acceptance_needs(record) if not n.holds and n.what in ("逐条对照指标", "检查已销号")
    ]
    return f"还不能定结论：{'；'.join(f'{n.what}（{n.fact}）' for n in lacking)}。" if lacking else None


def close(record: Any, step: Step) -> None:
    record.closed_on = clock.today()


def _accept(record: Any, step: Step) -> None:
    """Passed only where task and finance are both found good (任务与财务均通过)."""
    if ruled("limit", "project-acceptance-needs").get("finance") and step.given["finance"] != "passed":
        raise MoveRefused("财务验收没有通过，任务和财务都通过才算通过。请点“不通过”，写明要整改什么。")
    close(record, step)


def _fail(record: Any, step: Step) -> None:
    """One time to put it right, in the rule's months; after that it is closed as failed."""
    rule = ruled("deadline", "project-reacceptance")
    record.failures += 1
    if record.failures > int(rule["again"]):
        close(record, step)
    else:
        record.accept_by = add_months(clock.today(), int(rule["months"]))


def _given_up(actor: Actor, record: Any) -> bool:
    return handles(actor, record) and record.closed_on is None and is_overdue(record)


# ---- ends before its time -----------------------------------------------------------------------------------


def _settle(record: Any, step: Step) -> None:
    """终止: what is left of what was paid goes back (结余收回)."""
    paid = record.paid or Decimal(0)
    if step.given["spent"] > paid:
        raise MoveRefused(
            f"已用 {wan(step.given['spent'])} 万元，比已拨付 {wan(paid)} 万元还多。请按审计认定的财政经费填。"
        )
    record.spent, record.to_return = step.given["spent"], paid - step.given["spent"]
    close(record, step)


def _recover(record: Any, step: Step) -> None:
    """撤销: everything that was paid is taken back (追回)."""
    record.to_return = record.paid or Decimal(0)
    close(record, step)


def _owes(actor: Actor, record: Any) -> bool:
    return handles(actor, record) and (record.to_return or 0) > (record.returned or 0)


def _returned(record: Any, step: Step) -> None:
    total = (record.returned or Decimal(0)) + step.given["amount"]
    if step.given["amount"] <= 0 or total > record.to_return:
        raise MoveRefused(
            f"应收回 {wan(record.to_return)} 万元，已收回 {wan(record.returned or Decimal(0))} 万元，"
            f"这次 {wan(step.given['amount'])} 万元对不上。请核对缴款书。"
        )
    record.returned = total


_CHASE_ASKS = (Ask("form", "方式", "choice", choices=next_chase),)
_BACK_ASKS = (Ask("amount", "收回金额", "money"), Ask("on", "收回日期", "date"))


RUNNING = (
    Transition(
        "sign",
        "签任务书",
        at(S.APPROVED),
        str(S.RUNNING),
        handles,
        needs=(_has_goals,),
        effect=_sign,
        asks=(
            Ask("starts_on", "执行起", "date"),
            Ask("ends_on", "执行止", "date"),
            Ask("doc_no", "任务书文号"),
        ),
    ),
    *(
        Transition(
            action,
            "催办",
            at(state),
            str(state),
            _overdue_and(handles),
            needs=(_interval,),
            effect=_chase,
            asks=_CHASE_ASKS,
        )
        for action, state in (("chase", S.RUNNING), ("chase_failed", S.FAILED))
    ),
    Transition(
        "apply_acceptance",
        "申请验收",
        at(S.RUNNING, S.FAILED),
        str(S.ACCEPTING),
        own,
        needs=(_once_more, _goals_reached),
        effect=_judge_anew,
    ),
    Transition(
        "accept",
        "通过验收",
        at(S.ACCEPTING),
        str(S.PASSED),
        handles,
        needs=(_all_there,),
        effect=_accept,
        note_required=True,
        asks=(
            Ask("way", "验收方式", "choice", choices=WAYS),
            Ask("finance", "财务验收", "choice", choices=FINANCE),
        ),
    ),
    Transition(
        "conclude",
        "结题",
        at(S.ACCEPTING),
        str(S.CONCLUDED),
        handles,
        needs=(_judged,),
        effect=close,
        note_required=True,
    ),
    Transition(
        "fail",
        "不通过",
        at(S.ACCEPTING),
        str(S.FAILED),
        handles,
        effect=_fail,
        note_required=True,
        danger=True,
    ),
    Transition(
        "end_failed",
        "按未通过结案",
        at(S.FAILED),
        str(S.FAILED),
        _given_up,
        effect=close,
        note_required=True,
        danger=True,
    ),
    Transition(
        "terminate",
        "终止",
        at(S.APPROVED, S.RUNNING),
        str(S.TERMINATED),
        handles,
        effect=_settle,
        note_required=True,
        danger=True,
        asks=(Ask("spent", "已用财政经费", "money", hint="按审计认定的；余下的收回"),),
    ),
    Transition(
        "revoke",
        "撤销",
        at(*STANDING),
        str(S.REVOKED),
        decides,
        effect=_recover,
        note_required=True,
        danger=True,
    ),
    *(
        Transition(action, "登记收回", at(state), str(state), _owes, effect=_returned, asks=_BACK_ASKS)
        for action, state in (("return_left", S.TERMINATED), ("return_all", S.REVOKED))
    ),
)
