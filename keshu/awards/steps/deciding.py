"""Steps from review to award: scores, the committee's vote, the proposed list, the final notice, approval, certificate, revocation."""

from decimal import Decimal, InvalidOperation
from typing import Any

from keshu.awards import holds
from keshu.awards.models import Days, Grade, Nomination
from keshu.awards.policy import Span, Tally, carries, majority_said, refuse_invalid
from keshu.awards.steps.who import at, decides, decides_ours, handles_ours
from keshu.directory.actors import Actor
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.terms import clock

S = Nomination.State
HIGHEST_SCORE = Decimal(100)


def _unanswered(record: Any, actor: Actor) -> str | None:
    return holds.unanswered(record)


def _accept_notice_over(record: Any, actor: Actor) -> str | None:
    until = record.accept_notice_until
    if until is None or clock.today() <= until:
        return f"受理公示到 {until} 止，期满后再评审。"
    return None


def _final_notice_over(record: Any, actor: Actor) -> str | None:
    until = record.final_notice_until
    if until is None or clock.today() <= until:
        return f"拟奖公示到 {until} 止，期满后再批准。"
    return None


def read_score(text: str) -> Decimal:
    """A score of 0 to 100 with at most two places. Raises MoveRefused."""
    try:
        score = Decimal(text.strip())
    except InvalidOperation:
        raise MoveRefused(f"评审得分“{text[:20]}”不是数。请写 0 到 100，可带两位小数。") from None
    if not score.is_finite() or not 0 <= score <= HIGHEST_SCORE or score != score.quantize(Decimal("0.01")):
        raise MoveRefused(f"评审得分“{text[:20]}”不对。请写 0 到 100，最多两位小数。")
    return score


def _score(record: Any, step: Step) -> None:
    rank = step.given["rank"]
    if rank < 1:
        raise MoveRefused("评审名次从 1 起。")
    holds.lock_round(record)
    same = Nomination.objects.for_system("名次").filter(round_id=record.round_id, rank=rank)
    taken = same.exclude(pk=record.pk).exclude(score=read_score(step.given["score"])).first()
    if taken is not None:
        raise MoveRefused(f"“{taken.title}”已经是第 {rank} 名，得分不同不能并列。核对后再填。")
    record.score, record.rank = read_score(step.given["score"]), rank
    record.review_minutes = step.given["minutes"]


def grades_of(record: Any) -> list[tuple[str, str]]:
    """The grades that the nomination's round gives."""
    return [(str(grade), str(grade.label)) for grade in record.round.grades]


def _vote(record: Any, step: Step) -> None:
    given = step.given
    tally = Tally(given["committee"], given["present"], given["votes_for"], given["votes_against"])
    refuse_invalid(tally, given["on"])
    if given["on"] > clock.today():
        raise MoveRefused(f"表决日期 {given['on']} 还没有到。")
    if given["grade"] not in record.round.quotas:
        raise MoveRefused(f"“{record.round}”不设{Grade(given['grade']).label}。请选列出的等级。")
    record.committee, record.present = tally.committee, tally.present
    record.votes_for, record.votes_against = tally.votes_for, tally.votes_against
    record.voted_on, record.vote_minutes = given["on"], given["minutes"]
    record.voted_grade = given["grade"]
    record.carried = carries(tally, given["grade"], given["on"])


def _vote_again(record: Any, step: Step) -> None:
    """The vote that was recorded stays in the history; the nomination waits for a new one."""
    record.voted_on, record.carried, record.voted_grade, record.vote_minutes = None, None, "", ""
    record.committee = record.present = record.votes_for = record.votes_against = None


def _carried(record: Any, actor: Actor) -> str | None:
    if record.carried:
        return None
    said = majority_said(record.voted_grade, record.voted_on)
    label = record.get_voted_grade_display()
    return (
        f"{label}要到会委员 {said}赞成，{record.present} 人到会、{record.votes_for} 票赞成，没有通过。"
        "请按未授奖办，或退回重新表决。"
    )


def _propose(record: Any, step: Step) -> None:
    """Onto the proposed list: the grade must have a place, and no more people than it allows."""
    refuse_unplaced(record, record.voted_grade)


def refuse_unplaced(record: Any, grade: str) -> None:
    """Raises MoveRefused when the grade has no place left, too many people for it, or a spent basis. Locks the round."""
    locked = holds.lock_round(record)
    keys, units = holds.keys_of(record), 1 + len(record.other_units)
    holds.lock_basis(keys)
    problem = holds.first_problem(
        [
            holds.quota_left(record, grade, locked),
            holds.people_in_order(holds.orders_of(record), units, locked.limits.get(grade), grade),
            holds.basis_free(record, keys),
        ]
    )
    if problem:
        raise MoveRefused(problem)


def _publish(record: Any, step: Step) -> None:
    found = record.round
    record.grade = record.voted_grade
    record.final_notice_from = clock.today()
    record.final_notice_until = Span(found.final_days, Days(found.final_unit)).last(clock.today())


def _approve(record: Any, step: Step) -> None:
    record.decided_doc, record.passed_on = step.given["doc_no"], clock.today()


def _award(record: Any, step: Step) -> None:
    """The certificate and the date; the basis is spent from now on."""
    refuse_unplaced(record, record.grade)
    record.awarded_on = clock.today()
    record.certificate_number = next_number(record.round.prize.certificate_prefix or "ZS", record.year)
    spend(record, True)


def spend(record: Any, awarded: bool) -> None:
    """Mark the patents and papers behind a nomination as spent, or free again."""
    for basis in record.bases.for_system("支撑材料"):
        if basis.awarded != awarded:
            basis.awarded = awarded
            basis.save()


def _revoke(record: Any, step: Step) -> None:
    record.revoked_on = clock.today()
    spend(record, False)


DECIDING = (
    Transition(
        "begin_review",
        "进入评审",
        at(S.ACCEPT_NOTICE),
        str(S.REVIEWING),
        handles_ours,
        needs=(_accept_notice_over, _unanswered),
    ),
    Transition(
        "score",
        "登记评审结果",
        at(S.REVIEWING),
        str(S.REVIEWED),
        handles_ours,
        needs=(_unanswered,),
        effect=_score,
        asks=(
            Ask("score", "评审得分", hint="0 到 100，可带两位小数", confidential=True),
            Ask("rank", "评审名次", "number", hint="同分可以并列", confidential=True),
            Ask("minutes", "评审纪要"),
        ),
    ),
    Transition(
        "vote",
        "登记表决",
        at(S.REVIEWED),
        str(S.VOTED),
        handles_ours,
        needs=(_unanswered,),
        effect=_vote,
        asks=(
            Ask("grade", "表决的等级", "choice", choices=grades_of, confidential=True),
            Ask("committee", "应到委员", "number"),
            Ask("present", "到会委员", "number"),
            Ask("votes_for", "赞成", "number", confidential=True),
            Ask("votes_against", "反对", "number", hint="其余算弃权", confidential=True),
            Ask("on", "表决日期", "date"),
            Ask("minutes", "表决纪要"),
        ),
    ),
    Transition(
        "vote_again",
        "退回重新表决",
        at(S.VOTED),
        str(S.REVIEWED),
        handles_ours,
        effect=_vote_again,
        note_required=True,
    ),
    Transition(
        "propose",
        "列入拟奖",
        at(S.VOTED),
        str(S.PROPOSED),
        decides_ours,
        needs=(_unanswered, _carried),
        effect=_propose,
    ),
    Transition(
        "publish",
        "拟奖公示",
        at(S.PROPOSED),
        str(S.FINAL_NOTICE),
        handles_ours,
        needs=(_unanswered,),
        effect=_publish,
    ),
    Transition(
        "approve",
        "登记批准",
        at(S.FINAL_NOTICE),
        str(S.APPROVED),
        handles_ours,
        needs=(_final_notice_over, _unanswered),
        effect=_approve,
        asks=(Ask("doc_no", "授奖文号", hint="市政府批准授奖的决定"),),
    ),
    Transition(
        "award",
        "授奖发证",
        at(S.APPROVED),
        str(S.AWARDED),
        handles_ours,
        needs=(_unanswered,),
        effect=_award,
    ),
    Transition(
        "pass_over",
        "未授奖",
        at(S.REVIEWED, S.VOTED, S.PROPOSED, S.FINAL_NOTICE, S.APPROVED),
        str(S.NOT_AWARDED),
        decides_ours,
        note_required=True,
        danger=True,
    ),
    Transition(
        "revoke",
        "撤销奖励",
        at(S.AWARDED),
        str(S.REVOKED),
        decides,
        effect=_revoke,
        note_required=True,
        danger=True,
    ),
)
#: 撤项 as the outcome of an objection, taken by the settlement of the objection.
STRIKE = Transition(
    "strike",
    "撤项",
    at(S.ACCEPT_NOTICE, S.REVIEWING, S.REVIEWED, S.VOTED, S.PROPOSED, S.FINAL_NOTICE, S.APPROVED),
    str(S.NOT_AWARDED),
    handles_ours,
    note_required=True,
    danger=True,
)
