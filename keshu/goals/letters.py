"""责任书: drawn up from what was issued to one bearer for a year, signed on paper, registered with the scan."""

from datetime import date
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Subject
from keshu.goals.adjusting import place_of
from keshu.goals.models import Goal, Letter
from keshu.goals.moving import PROCEDURE as GOALS
from keshu.goals.moving import refuse_others
from keshu.journal.writing import writing
from keshu.ledger.evidence import evidence_of
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.terms import clock

L = Letter.State


class LetterRefused(MoveRefused):
    """A letter that cannot be drawn up or registered; the message says why."""


def goals_of(letter: Letter) -> list[Goal]:
    """The issued goals that a letter names, in their order."""
    rows = Goal.objects.for_system("责任书所列目标").filter(
        subject=letter.subject_id, year=letter.year, state__in=(Goal.State.ISSUED, Goal.State.SIGNED)
    )
    return list(rows.select_related("document", "indicator").order_by("document_id", "order", "pk"))


def draw_up(subject: Subject, year: int, actor: Actor) -> Letter:
    """生成责任书 for a county, an office or a person: the record its paper is made from. Raises LetterRefused, MayNotSetGoals."""
    refuse_others(actor, "生成责任书")
    with writing(actor, f"生成责任书 {subject.name} {year}年"):
        standing = Letter.objects.for_system("同一对象的责任书").filter(subject=subject, year=year)
        made = standing.exclude(state=L.VOID).first()
        if made is not None:
            return made
        letter = Letter(
            year=year,
            subject=subject,
            holder=subject.name,
            counts_on=clock.today(),
            source="按下达的目标生成",
            **place_of(subject.pk),
        )
        if not goals_of(letter):
            raise LetterRefused(
                f"{subject.name}{year}年没有已下达的目标，还不能生成责任书。请先把目标办到“文件下达”。"
            )
        letter.number = next_number("ZRS", year)
        letter.save()
    return letter


def _keeps(actor: Actor, _record: Any) -> bool:
    return actor.can(Can.SET_TARGETS)


def _sign(letter: Letter, step: Step) -> None:
    papers = step.evidence or tuple(paper.sha256 for paper in evidence_of(letter))
    if not papers:
        raise LetterRefused("没有签字盖章的扫描件。先传扫描件，再登记签订。")
    signed: date = step.given["signed_on"]
    if signed > clock.today():
        raise LetterRefused(f"签订日期 {signed} 还没到。请照扫描件填。")
    letter.signed_on, letter.signed_by = signed, step.given["signed_by"][:60]
    for goal in goals_of(letter):
        if goal.state == Goal.State.ISSUED:
            move(goal, "sign", step.actor, procedure=GOALS, given={"on": signed}, evidence=papers)


PROCEDURE = Procedure(
    code="goal_letters",
    version="1",
    states=dict(L.choices),
    transitions=(
        Transition(
            "sign",
            "登记签订",
            frozenset({str(L.DRAWN)}),
            str(L.SIGNED),
            _keeps,
            effect=_sign,
            asks=(Ask("signed_on", "签订日期", "date"), Ask("signed_by", "签字人")),
        ),
        Transition(
            "void", "作废", frozenset({str(L.DRAWN)}), str(L.VOID), _keeps, note_required=True, danger=True
        ),
    ),
)
