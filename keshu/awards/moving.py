"""The procedures of the room: a nomination from draft to award, a round from preparation to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keshu.awards.models import Nomination, Round
from keshu.awards.steps.above import ABOVE
from keshu.awards.steps.deciding import DECIDING, STRIKE
from keshu.awards.steps.nominating import NOMINATING
from keshu.awards.steps.who import at, handles
from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, Procedure, Transition, move

PROCEDURE = Procedure(
    code="科学技术奖",
    version="1",
    states={str(value): str(label) for value, label in Nomination.State.choices},
    # 撤项 is known by its name and nobody's to take: only the settlement of an objection takes it.
    transitions=(*NOMINATING, *DECIDING, *ABOVE, replace(STRIKE, who=lambda actor, record: False)),
)
#: The one step that the settlement of an objection takes with a nomination.
SETTLING = Procedure(PROCEDURE.code, PROCEDURE.version, PROCEDURE.states, (STRIKE,))
R = Round.State


def _has_quota(record: Any, actor: Actor) -> str | None:
    """A round of our own has places to give; a superior's prize has none of ours."""
    if record.prize.track == "ours" and not any(record.quotas.values()):
        return "各等名额都是 0。定了名额再开始提名。"
    return None


ROUND_PROCEDURE = Procedure(
    code="年度评奖",
    version="1",
    states={str(value): str(label) for value, label in R.choices},
    transitions=(
        Transition("open", "开始提名", at(R.DRAFT), str(R.OPEN), handles, needs=(_has_quota,)),
        Transition("close", "截止提名", at(R.OPEN), str(R.CLOSED), handles),
        Transition("reopen", "恢复提名", at(R.CLOSED), str(R.OPEN), handles, note_required=True),
        Transition("finish", "结束本轮", at(R.CLOSED), str(R.FINISHED), handles),
    ),
)


def advance(
    nomination: Nomination,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Nomination:
    """One step of a nomination. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(nomination, action, actor, procedure=PROCEDURE, note=note, given=given, expected=expected)


def advance_round(found: Round, action: str, actor: Actor, *, note: str = "") -> Round:
    """One step of a round. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(found, action, actor, procedure=ROUND_PROCEDURE, note=note)


class NotAll(MoveRefused):
    """Some of many could not be moved, so none was; ``problems`` says why, by title."""

    def __init__(self, problems: Sequence[tuple[str, str]], asked: int) -> None:
        self.problems = list(problems)
        first = "；".join(f"{title}：{why}" for title, why in self.problems[:3])
        super().__init__(f"{asked} 项里有 {len(self.problems)} 项不能办，一项也没有办。{first}")


def advance_each(
    nominations: Sequence[Nomination], action: str, actor: Actor, given: Mapping[int, Mapping[str, Any]]
) -> list[Nomination]:
    """One step of many nominations, each with its own answers (by primary key): all in one transaction, or none.

    Raises NotAll naming each that cannot and why. For the same answers to all there is ``ledger.bulk.move_all``.
    """
    moved: list[Nomination] = []
    problems: list[tuple[str, str]] = []
    with writing(actor, f"{PROCEDURE.transition(action).label} {len(nominations)} 项"):
        # All rows first, in one order: two people with overlapping choices wait for each other instead of blocking one another.
        pks = sorted(row.pk for row in nominations)
        list(Nomination._base_manager.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))
        for row in nominations:
            try:
                moved.append(advance(row, action, actor, given=given[row.pk]))
            except (MoveRefused, NotYourTurn) as refusal:
                problems.append((row.title, str(refusal)))
        if problems:
            raise NotAll(problems, len(nominations))
    return moved
