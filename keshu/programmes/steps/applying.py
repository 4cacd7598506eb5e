"""Steps up to the formality check: submission, recommendation, correction, the stamped paper, admission or refusal."""

import hashlib
from datetime import datetime
from typing import Any

from keshu.directory.actors import Actor
from keshu.journal.rows import canonical
from keshu.ledger.evidence import evidence_of
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.programmes import limits
from keshu.programmes.models import Application, Call
from keshu.programmes.reasons import codes
from keshu.programmes.steps.above import ABOVE
from keshu.programmes.steps.deciding import DECIDING
from keshu.programmes.steps.who import at, handles, handles_ours, own, recommends
from keshu.terms import clock

S = Application.State
CONTENT = (
    *("call_id", "title", "unit_id", "leader", "summary", "goals", "asked"),
    *("own_funds", "accepted_kind", "lead_kind", "committed"),
)
#: Characters of the content hash that stand on the printed copy and are typed when the stamped paper comes in.
VERSION_LENGTH = 8
SEALED = "盖章扫描件"


def said(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment as the applicant reads it, in Shanghai."""
    return format(moment.astimezone(clock.TZ), form)


def _complete(record: Any, actor: Actor) -> str | None:
    names = ["title", "leader", "asked"]
    if (
        not record.call.is_above
    ):  # the whole form of a superior's programme is filled in the superior's own system
        names += ["summary", "goals"]
    absent = [Application._meta.get_field(name).verbose_name for name in names if not getattr(record, name)]
    return f"还没有填：{'、'.join(str(name) for name in absent)}。补齐后再提交。" if absent else None


def window(call: Call, record: Application | None = None) -> str | None:
    """Why nothing can be submitted to a call now, None when it can. An application sent back has its own day of correction."""
    now = clock.now()
    if record is not None and record.state == S.RETURNED and record.correct_by is not None:
        late = clock.today() > record.correct_by
        return f"补正已于 {record.correct_by} 截止，这一份不再收。" if late else None
    if call.state != Call.State.OPEN:
        return f"“{call}”现在是{call.get_state_display()}，不收申报。"
    if now < call.opens_at:
        return f"“{call}”{said(call.opens_at)} 开始申报。"
    if now > call.apply_until:
        return f"“{call}”已于 {said(call.apply_until, '%Y-%m-%d %H:%M:%S')} 截止申报。"
    return None


def _window(record: Any, actor: Actor) -> str | None:
    return window(record.call, record)


def _recommend_window(record: Any, actor: Actor) -> str | None:
    until = record.call.recommend_until
    in_correction = record.correct_by is not None and clock.today() <= record.correct_by
    if clock.now() > until and not in_correction:
        return f"推荐已于 {said(until)} 截止。"
    return None


def missing_materials(call: Call, captions: set[str]) -> list[str]:
    """The materials that the call asks for and nobody has handed in."""
    return [name for name in call.attachments if name not in captions]


def _materials(record: Any, actor: Actor) -> str | None:
    if not record.call.attachments:
        return None
    absent = missing_materials(record.call, {paper.caption for paper in evidence_of(record)})
    return f"还没有传：{'、'.join(absent)}。传齐后再提交。" if absent else None


def _within_limits(record: Any, actor: Actor) -> str | None:
    if record.call.most_per_unit is not None:
        # The call's row is locked: two applications of one unit submitted at once are counted one after the other.
        Call._base_manager.select_for_update().get(pk=record.call_id)
    failed = [check for check in limits.checks(limits.Sought.of(record)) if not check.holds]
    return failed[0].problem if failed else None


def _submit(record: Any, step: Step) -> None:
    record.submitted_at, record.submitted_on = clock.now(), clock.today()
    record.content_hash = content_hash(record)
    record.paper_received_on = None  # a stamped paper of an earlier version does not stand for this one
    if not record.number:
        record.number = next_number("SB", record.year)


def content_hash(record: Application) -> str:
    """SHA-256 over what the applicant typed and the files handed in; it stands on the receipt and on the printed copy (版本码)."""
    data = record.recorded_data()
    files = [[paper.caption, paper.sha256] for paper in evidence_of(record) if not is_sealed(paper.caption)]
    return hashlib.sha256(canonical([*(data[name] for name in CONTENT), files]).encode()).hexdigest()


def is_sealed(caption: str) -> bool:
    """Whether a file is the stamped copy of the application, which is made after the content stands."""
    return caption.startswith(SEALED)


def version_code(record: Application) -> str:
    """版本码: the first characters of the content hash; empty before the submission."""
    return record.content_hash[:VERSION_LENGTH]


def _withdraw(record: Any, step: Step) -> None:
    record.submitted_at, record.submitted_on, record.content_hash = None, None, ""


def _recommend(record: Any, step: Step) -> None:
    record.recommended_by_id = step.actor.unit_id


def _send_back(record: Any, step: Step) -> None:
    record.reason_code = step.given.get("code", "")


def _return(record: Any, step: Step) -> None:
    until = step.given["until"]
    if until < clock.today():
        raise MoveRefused(f"补正截止 {until} 已经过去。请写今天或以后的日期。")
    record.reason_code, record.correct_by = step.given["code"], until


def _refuse(record: Any, step: Step) -> None:
    record.reason_code = step.given["code"]


def _paper(record: Any, step: Step) -> None:
    typed, now = step.given["code"].strip().lower(), version_code(record)
    if typed != now:
        raise MoveRefused(
            f"纸质件上的版本码是“{typed}”，现在这一版是“{now}”，不是同一版。请申报单位重打盖章。"
        )
    if step.given["on"] > clock.today():
        raise MoveRefused(f"收到日期 {step.given['on']} 还没有到。请写实际收到的日期。")
    record.paper_received_on = step.given["on"]


CODE = Ask("code", "理由码", "choice", choices=codes)

SUBMITTING = (
    Transition(
        "submit",
        "提交",
        at(S.DRAFT, S.RETURNED),
        str(S.SUBMITTED),
        own,
        needs=(_complete, _window, _materials, _within_limits),
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
        effect=_send_back,
        note_required=True,
        asks=(Ask("code", "理由码", "choice", required=False, choices=codes),),
    ),
    Transition(
        "receive_paper",
        "收纸质件",
        at(S.RECOMMENDED),
        str(S.RECOMMENDED),
        handles,
        effect=_paper,
        asks=(
            Ask("on", "收到日期", "date"),
            Ask("code", "纸上的版本码", hint="每页右上角的八位，与现在这一版不同的不收"),
        ),
    ),
    Transition("admit", "受理", at(S.RECOMMENDED), str(S.ADMITTED), handles_ours),
    Transition(
        "return",
        "退回补正",
        at(S.RECOMMENDED),
        str(S.RETURNED),
        handles,
        effect=_return,
        note_required=True,
        asks=(CODE, Ask("until", "补正截止", "date")),
    ),
    Transition(
        "refuse",
        "不予受理",
        at(S.RECOMMENDED),
        str(S.REFUSED),
        handles,
        effect=_refuse,
        note_required=True,
        danger=True,
        asks=(CODE,),
    ),
)
APPLYING = (*SUBMITTING, *DECIDING, *ABOVE)
