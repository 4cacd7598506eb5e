"""The way of a superior's prize: received, recommended, through the notice, and what the superior decided."""

from typing import Any

from keshu.awards import holds
from keshu.awards.models import Grade, Nomination
from keshu.awards.steps.deciding import spend
from keshu.awards.steps.nominating import refuse_second
from keshu.awards.steps.who import at, decides, handles_above
from keshu.directory.actors import Actor
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.terms import clock

S = Nomination.State


def _unanswered(record: Any, actor: Actor) -> str | None:
    return holds.unanswered(record)


def _receive(record: Any, step: Step) -> None:
    refuse_second(record)
    record.received_on = record.counts_on = clock.today()
    record.reason_code = ""


def _recommend(record: Any, step: Step) -> None:
    record.recommend_doc, record.recommended_on = step.given["doc_no"], _past(step.given["on"], "推荐日期")


def _pass(record: Any, step: Step) -> None:
    record.passed_on = _past(step.given["on"], "通过公示日期")


def _past(day: Any, label: str) -> Any:
    if day > clock.today():
        raise MoveRefused(f"{label} {day} 还没有到。")
    return day


def _award(record: Any, step: Step) -> None:
    """The superior's decision as its document says it; its quota is the superior's business, the basis is spent all the same."""
    keys = holds.keys_of(record)
    holds.lock_basis(keys)
    problem = holds.basis_free(record, keys)
    if problem:
        raise MoveRefused(problem)
    given = step.given
    record.decided_doc, record.grade = given["doc_no"], given["grade"]
    record.awarded_on = _past(given["on"], "授奖日期")
    record.certificate_number = given.get("certificate", "")
    spend(record, True)


ABOVE = (
    Transition("receive", "受理", at(S.SUBMITTED), str(S.RECEIVED), handles_above, effect=_receive),
    Transition(
        "recommend",
        "推荐上报",
        at(S.RECEIVED),
        str(S.RECOMMENDED),
        handles_above,
        needs=(_unanswered,),
        effect=_recommend,
        asks=(Ask("doc_no", "推荐函文号"), Ask("on", "推荐日期", "date")),
    ),
    Transition(
        "not_recommended",
        "不推荐",
        at(S.RECEIVED),
        str(S.NOT_AWARDED),
        decides,
        note_required=True,
        danger=True,
    ),
    Transition(
        "pass_notice",
        "登记通过公示",
        at(S.RECOMMENDED),
        str(S.NOTICED),
        handles_above,
        needs=(_unanswered,),
        effect=_pass,
        asks=(Ask("on", "通过公示日期", "date"),),
    ),
    Transition(
        "award_above",
        "登记上级授奖",
        at(S.RECOMMENDED, S.NOTICED),
        str(S.AWARDED),
        handles_above,
        effect=_award,
        asks=(
            Ask("grade", "等级", "choice", choices=Grade.choices),
            Ask("doc_no", "授奖文号"),
            Ask("on", "授奖日期", "date"),
            Ask("certificate", "证书号", required=False),
        ),
    ),
    Transition(
        "not_awarded_above",
        "登记上级未授奖",
        at(S.RECOMMENDED, S.NOTICED),
        str(S.NOT_AWARDED),
        handles_above,
        note_required=True,
        danger=True,
    ),
)
