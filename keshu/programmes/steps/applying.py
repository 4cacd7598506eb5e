"""Steps up to the approval: submission, recommendation, formality check, review, notice, approval; and the way of what superiors approve."""

import hashlib
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from keshu.directory.actors import Actor
from keshu.journal.rows import canonical
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.programmes.models import Application, Call
from keshu.programmes.steps.who import STANDING, at, decides, handles, own, recommends
from keshu.rules.calendar import add_workdays
from keshu.terms import clock
from keshu.terms.quantity import wan

S = Application.State
CONTENT = ("call_id", "title", "unit_id", "leader", "summary", "goals", "asked")


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


def _submit(record: Any, step: Step) -> None:
    record.submitted_at, record.submitted_on = clock.now(), clock.today()
    record.content_hash = content_hash(record)
    if not record.number:
        record.number = next_number("SB", record.year)


def content_hash(record: Application) -> str:
    """SHA-256 over what the applicant typed; it stands on the receipt and on the printed copy (版本码)."""
    data = record.recorded_data()
    return hashlib.sha256(canonical([data[name] for name in CONTENT]).encode()).hexdigest()


def _withdraw(record: Any, step: Step) -> None:
    record.submitted_at, record.submitted_on, record.content_hash = None, None, ""


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


APPLYING = (
    Transition(
        "submit",
        "提交",
        at(S.DRAFT, S.RETURNED),
        str(S.SUBMITTED),
        own,
        needs=(_complete, _window, _within_limits),
        effect=_submit,
    ),
    Transition(
        "withdraw", "撤回修改", at(S.SUBMITTED), str(S.DRAFT), own, needs=(_window,), effect=_withdraw
    ),
    Transition(
        "recommend",
        "推荐",
        at(S.SUBMITTED),
        str(S.RECOMMENDED),
        recommends,
        needs=(_recommend_window,),
        effect=_recommend,
    ),
    Transition(
        "send_back",
        "退回补正",
        at(S.SUBMITTED),
        str(S.RETURNED),
        recommends,
        effect=_reason,
        note_required=True,
    ),
    Transition("admit", "受理", at(S.RECOMMENDED), str(S.ADMITTED), handles),
    Transition(
        "return",
        "退回补正",
        at(S.RECOMMENDED),
        str(S.RETURNED),
        handles,
        effect=_reason,
        note_required=True,
    ),
    Transition(
        "refuse",
        "不予受理",
        at(S.RECOMMENDED),
        str(S.REFUSED),
        handles,
        effect=_reason,
        note_required=True,
        danger=True,
    ),
    Transition("review", "登记评审结果", at(S.ADMITTED), str(S.REVIEWED), handles, note_required=True),
    Transition("propose", "拟立项公示", at(S.REVIEWED), str(S.NOTICE), decides, effect=_publish),
    Transition(
        "pass_over",
        "不立项",
        at(S.REVIEWED, S.OBJECTED),
        str(S.NOT_CHOSEN),
        decides,
        note_required=True,
        danger=True,
    ),
    Transition("object", "登记异议", at(S.NOTICE), str(S.OBJECTED), handles, note_required=True),
    Transition("settle", "异议不成立", at(S.OBJECTED), str(S.NOTICE), handles, note_required=True),
    Transition(
        "approve",
        "立项",
        at(S.NOTICE),
        str(S.APPROVED),
        handles,
        needs=(_notice_over,),
        effect=_approve,
    ),
    Transition(
        "forward",
        "推荐上报",
        at(S.RECOMMENDED),
        str(S.FORWARDED),
        handles,
        needs=(_superiors,),
        effect=_forward,
        asks=(Ask("doc_no", "推荐函文号"), Ask("on", "上报日期", "date")),
    ),
    Transition(
        "approve_above",
        "登记上级立项",
        at(S.FORWARDED),
        str(S.APPROVED),
        handles,
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
        at(S.FORWARDED),
        str(S.NOT_CHOSEN),
        handles,
        note_required=True,
        danger=True,
    ),
)
