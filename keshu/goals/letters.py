"""责任书: drawn up from what was issued to one bearer for a year, signed on paper, registered with the scan."""

from datetime import date
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Subject
from keshu.goals.adjusting import place_of
from keshu.goals.models import Goal, Letter, SourceDocument
from keshu.goals.moving import PROCEDURE as GOALS
from keshu.goals.moving import refuse_others
from keshu.journal.writing import writing
from keshu.ledger.evidence import evidence_of
from keshu.ledger.numbering import next_number
from keshu.procedure.models import Move
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move, moves_of
from keshu.terms import clock

L = Letter.State


class LetterRefused(MoveRefused):
    """A letter that cannot be drawn up or registered; the message says why."""


def goals_of(letter: Letter) -> list[Goal]:
    """The goals that a letter names, in their order: those issued that wait for a signature; of a signed letter those it was
    signed for, with their numbers of that moment, whatever was issued or adjusted afterwards."""
    signed = moves_of(letter).filter(action="sign").last()
    return _waiting(letter) if signed is None else _signed(letter, signed.revision)


def _waiting(letter: Letter) -> list[Goal]:
    rows = Goal.objects.for_system("责任书所列目标").filter(
        subject=letter.subject_id, year=letter.year, state=Goal.State.ISSUED
    )
    return list(rows.select_related("document", "indicator").order_by("document_id", "order", "pk"))


def _signed(letter: Letter, revision: int) -> list[Goal]:
    moved = Move.objects.filter(model=Goal._meta.label, action="sign", revision=revision)
    goals = [
        goal
        for goal in Goal.as_of(revision, moved.values_list("object_pk", flat=True))
        if (goal.subject_id, goal.year) == (letter.subject_id, letter.year)
    ]
    documents = SourceDocument.objects.in_bulk({goal.document_id for goal in goals})
    for goal in goals:
        goal.document = documents[goal.document_id]
    return sorted(goals, key=lambda goal: (goal.document_id, goal.order, goal.pk))


def draw_up(subject: Subject, year: int, actor: Actor) -> Letter:
    """生成责任书 for a county, an office or a person: the record its paper is made from.

    One that waits for its signature is given back; what was issued after a letter was signed gets a letter of its own. Raises
    LetterRefused, MayNotSetGoals.
    """
    refuse_others(actor, "生成责任书")
    with writing(actor, f"生成责任书 {subject.name} {year}年"):
        standing = Letter.objects.for_system("同一对象的责任书").filter(subject=subject, year=year)
        waiting = standing.filter(state=L.DRAWN).first()
        if waiting is not None:
            return waiting
        letter = Letter(
            year=year,
            subject=subject,
            holder=subject.name,
            counts_on=clock.today(),
            source="按下达的目标生成",
            **place_of(subject.pk),
        )
        if not _waiting(letter):
            signed = standing.filter(state=L.SIGNED).order_by("-pk").first()
            if signed is not None:
                return signed
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
    for goal in _waiting(letter):
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
