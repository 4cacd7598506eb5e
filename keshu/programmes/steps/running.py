"""Steps after the approval: contract, acceptance, conclusion, failure, termination, revocation."""

from typing import Any

from keshu.procedure.moving import Step, Transition
from keshu.programmes.models import Application
from keshu.programmes.steps.who import STANDING, at, decides, handles, own
from keshu.terms import clock

S = Application.State


def _sign(record: Any, step: Step) -> None:
    # The end is what the task contract says, never a length of ours: no document fixes one.
    record.starts_on = record.starts_on or clock.today()


def close(record: Any, step: Step) -> None:
    record.closed_on = clock.today()


RUNNING = (
    Transition("sign", "签任务书", at(S.APPROVED), str(S.RUNNING), handles, effect=_sign),
    Transition("apply_acceptance", "申请验收", at(S.RUNNING, S.FAILED), str(S.ACCEPTING), own),
    Transition(
        "accept", "通过验收", at(S.ACCEPTING), str(S.PASSED), handles, effect=close, note_required=True
    ),
    Transition(
        "conclude",
        "结题",
        at(S.ACCEPTING),
        str(S.CONCLUDED),
        handles,
        effect=close,
        note_required=True,
    ),
    Transition(
        "fail",
        "不通过",
        at(S.ACCEPTING),
        str(S.FAILED),
        handles,
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
        effect=close,
        note_required=True,
        danger=True,
    ),
    Transition(
        "revoke",
        "撤销",
        at(*STANDING),
        str(S.REVOKED),
        decides,
        effect=close,
        note_required=True,
        danger=True,
    ),
)
