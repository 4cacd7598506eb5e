"""The procedure of an application: from draft to acceptance, with what each step asks for."""

import hashlib
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from keshu.directory.actors import Actor, Can
from keshu.journal.rows import canonical
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.programmes.models import Application, Call
from keshu.rules.calendar import add_workdays
from keshu.terms import clock
from keshu.terms.quantity import wan

S = Application.State
#: The states in which a project counts as approved (已立项), whatever became of it later; a revoked one does not.
STANDING = frozenset(
    str(state)
    for state in (S.APPROVED, S.RUNNING, S.ACCEPTING, S.PASSED, S.CONCLUDED, S.FAILED, S.TERMINATED)
)
CONTENT = ("call_id", "title", "unit_id", "leader", "summary", "goals", "asked")


# ---- who --------------------------------------------------------------------------------------------------------


def _own(actor: Actor, record: Any) -> bool:
    return actor.can(Can.APPLY) and record.unit_id in actor.unit_ids


def _recommends(actor: Actor, record: Any) -> bool:
    return actor.can(Can.RECOMMEND) and record.region_id in actor.region_ids


def _handles(actor: Actor, record: Any) -> bool:
    return actor.can(Can.HANDLE_PROGRAMMES)


def _decides(actor: Actor, record: Any) -> bool:
    return actor.can(Can.DECIDE_PROGRAMMES)


# ---- what must hold ---------------------------------------------------------------------------------------------


def _complete(record: Any, actor: Actor) -> str | None:
    absent = [
        Application._meta.get_field(name).verbose_name
        for name in ("title", "leader", "summary", "goals", "asked")
        if not getattr(record, name)
    ]
    return f"还没有填：{'、'.join(str(name) for name in absent)}。补齐后再提交。" if absent else None


def _window(record: Any, actor: Actor) -> str | None:
    call: Call = record.call
    now = clock.now()
    if call.state != Call.State.OPEN:
        return f"“{call}”现在是{call.get_state_display()}，不收申报。"
    if now < call.opens_at:
        return f"“{call}”{call.opens_at.astimezone(clock.TZ):%Y-%m-%d %H:%M} 开始申报。"
    if now > call.apply_until:
        return f"“{call}”已于 {call.apply_until.astimezone(clock.TZ):%Y-%m-%d %H:%M:%S} 截止申报。"
    return None


def _recommend_window(record: Any, actor: Actor) -> str | None:
    until = record.call.recommend_until
    return f"推荐已于 {until.astimezone(clock.TZ):%Y-%m-%d %H:%M} 截止。" if clock.now() > until else None


def _within_limits(record: Any, actor: Actor) -> str | None:
    call: Call = record.call
    if call.most_each is not None and record.asked > call.most_each:
        return f"申请 {wan(record.asked)} 万元，超过单项最高 {wan(call.most_each)} 万元。"
    if call.most_per_unit is not None:
        # The call's row is locked: two applications of one unit submitted at once are counted one after the other.
        Call._base_manager.select_for_update().get(pk=call.pk)
        count = sent_by(record.unit_id, call, besides=record.pk)
        if count >= call.most_per_unit:
            return f"{record.unit} 已报 {count} 项，“{call}”每个单位最多 {call.most_per_unit} 项。"
    return None


def sent_by(unit: int, call: Call, *, besides: int | None) -> int:
    """How many applications of a unit to a call count against its limit; drafts and refused ones do not."""
    sent = Application.objects.for_system("限项").filter(call=call, unit_id=unit)
    return sent.exclude(state__in=[S.DRAFT, S.REFUSED]).exclude(pk=besides).count()


def _superiors(record: Any, actor: Actor) -> str | None:
    if record.call.track != Call.Track.RECOMMENDED:
        return f"“{record.call}”由本局受理，不报上级。请点“受理”。"
    return None


def _notice_over(record: Any, actor: Actor) -> str | None:
    if record.notice_until is None or clock.today() <= record.notice_until:
        return f"公示到 {record.notice_until} 止，期满后再立项。"
    return None


# ---- what follows -----------------------------------------------------------------------------------------------


def _submit(record: Any, step: Step) -> None:
    record.submitted_at = clock.now()
    record.content_hash = content_hash(record)
    if not record.number:
        record.number = next_number("SB", record.year)


def content_hash(record: Application) -> str:
    """SHA-256 over what the applicant typed; it stands on the receipt and on the printed copy (版本码)."""
    data = record.recorded_data()
    return hashlib.sha256(canonical([data[name] for name in CONTENT]).encode()).hexdigest()


def _withdraw(record: Any, step: Step) -> None:
    record.submitted_at, record.content_hash = None, ""


def _recommend(record: Any, step: Step) -> None:
    record.recommended_by_id = step.actor.unit_id


def _reason(record: Any, step: Step) -> None:
    record.reason_code = step.note.split(" ", 1)[0][:20]


def _publish(record: Any, step: Step) -> None:
    record.notice_from = clock.today()
    record.notice_until = add_workdays(clock.today(), record.call.notice_days)


def _approve(record: Any, step: Step) -> None:
    """The number, the date and the money; never more than the call holds, however many are approved at once."""
    call = Call._base_manager.select_for_update().get(pk=record.call_id)
    if record.granted is None:
        record.granted = record.asked
    if call.budget is not None:
        spent = (
            Application.objects.for_system("额度")
            .filter(call=call, state__in=STANDING)
            .exclude(pk=record.pk)
            .aggregate(Sum("granted"))["granted__sum"]
        ) or Decimal(0)
        if spent + record.granted > call.budget:
            raise MoveRefused(
                f"“{call}”总额度 {wan(call.budget)} 万元，已立项 {wan(spent)} 万元，再立 {wan(record.granted)} 万元就超了。"
            )
    if not step.note.strip():
        raise MoveRefused("立项要写立项文件的文号。")
    record.decided_doc = step.note.strip()[:100]
    record.approved_on = record.counts_on = clock.today()
    record.number = next_number("XM", record.year)


def _forward(record: Any, step: Step) -> None:
    record.forwarded_doc, record.forwarded_on = step.given["doc_no"], step.given["on"]


def _approve_above(record: Any, step: Step) -> None:
    """The superior's decision as its document says it; the money is the superior's, no call of ours limits it."""
    record.decided_doc, record.granted = step.given["doc_no"], step.given["granted"]
    record.approved_on = record.counts_on = step.given["on"]
    record.number = next_number("XM", record.year)


def _sign(record: Any, step: Step) -> None:
    # The end is what the task contract says, never a length of ours: no document fixes one.
    record.starts_on = record.starts_on or clock.today()


def _close(record: Any, step: Step) -> None:
    record.closed_on = clock.today()


def _at(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


PROCEDURE = Procedure(
    code="科技计划项目",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition(
            "submit",
            "提交",
            _at(S.DRAFT, S.RETURNED),
            str(S.SUBMITTED),
            _own,
            needs=(_complete, _window, _within_limits),
            effect=_submit,
        ),
        Transition(
            "withdraw", "撤回修改", _at(S.SUBMITTED), str(S.DRAFT), _own, needs=(_window,), effect=_withdraw
        ),
        Transition(
            "recommend",
            "推荐",
            _at(S.SUBMITTED),
            str(S.RECOMMENDED),
            _recommends,
            needs=(_recommend_window,),
            effect=_recommend,
        ),
        Transition(
            "send_back",
            "退回补正",
            _at(S.SUBMITTED),
            str(S.RETURNED),
            _recommends,
            effect=_reason,
            note_required=True,
        ),
        Transition("admit", "受理", _at(S.RECOMMENDED), str(S.ADMITTED), _handles),
        Transition(
            "return",
            "退回补正",
            _at(S.RECOMMENDED),
            str(S.RETURNED),
            _handles,
            effect=_reason,
            note_required=True,
        ),
        Transition(
            "refuse",
            "不予受理",
            _at(S.RECOMMENDED),
            str(S.REFUSED),
            _handles,
            effect=_reason,
            note_required=True,
            danger=True,
        ),
        Transition("review", "登记评审结果", _at(S.ADMITTED), str(S.REVIEWED), _handles, note_required=True),
        Transition("propose", "拟立项公示", _at(S.REVIEWED), str(S.NOTICE), _decides, effect=_publish),
        Transition(
            "pass_over",
            "不立项",
            _at(S.REVIEWED, S.OBJECTED),
            str(S.NOT_CHOSEN),
            _decides,
            note_required=True,
            danger=True,
        ),
        Transition("object", "登记异议", _at(S.NOTICE), str(S.OBJECTED), _handles, note_required=True),
        Transition("settle", "异议不成立", _at(S.OBJECTED), str(S.NOTICE), _handles, note_required=True),
        Transition(
            "approve",
            "立项",
            _at(S.NOTICE),
            str(S.APPROVED),
            _handles,
            needs=(_notice_over,),
            effect=_approve,
        ),
        Transition(
            "forward",
            "推荐上报",
            _at(S.RECOMMENDED),
            str(S.FORWARDED),
            _handles,
            needs=(_superiors,),
            effect=_forward,
            asks=(Ask("doc_no", "推荐函文号"), Ask("on", "上报日期", "date")),
        ),
        Transition(
            "approve_above",
            "登记上级立项",
            _at(S.FORWARDED),
            str(S.APPROVED),
            _handles,
            effect=_approve_above,
            asks=(
                Ask("doc_no", "立项文号"),
                Ask("on", "立项日期", "date"),
                Ask("granted", "立项经费", "money"),
            ),
        ),
        Transition(
            "refuse_above",
            "登记上级未立项",
            _at(S.FORWARDED),
            str(S.NOT_CHOSEN),
            _handles,
            note_required=True,
            danger=True,
        ),
        Transition("sign", "签任务书", _at(S.APPROVED), str(S.RUNNING), _handles, effect=_sign),
        Transition("apply_acceptance", "申请验收", _at(S.RUNNING, S.FAILED), str(S.ACCEPTING), _own),
        Transition(
            "accept", "通过验收", _at(S.ACCEPTING), str(S.PASSED), _handles, effect=_close, note_required=True
        ),
        Transition(
            "conclude",
            "结题",
            _at(S.ACCEPTING),
            str(S.CONCLUDED),
            _handles,
            effect=_close,
            note_required=True,
        ),
        Transition(
            "fail",
            "不通过",
            _at(S.ACCEPTING),
            str(S.FAILED),
            _handles,
            effect=_close,
            note_required=True,
            danger=True,
        ),
        Transition(
            "terminate",
            "终止",
            _at(S.APPROVED, S.RUNNING),
            str(S.TERMINATED),
            _handles,
            effect=_close,
            note_required=True,
            danger=True,
        ),
        Transition(
            "revoke",
            "撤销",
            _at(*STANDING),
            str(S.REVOKED),
            _decides,
            effect=_close,
            note_required=True,
            danger=True,
        ),
    ),
)


def advance(
    application: Application, action: str, actor: Actor, *, note: str = "", expected: str | None = None
) -> Application:
    """One step of an application. Raises MoveRefused, StaleState, NotYourTurn."""
    moved = move(application, action, actor, procedure=PROCEDURE, note=note, expected=expected)
    assert isinstance(moved, Application)
    return moved
