"""揭榜挂帅: the procedure of a need, and what its steps do to the sealed answers."""

from typing import Any

from keshu.directory.actors import Actor
from keshu.ledger.records import Record
from keshu.procedure.moving import Procedure, Step, following, move
from keshu.reserves import answering
from keshu.reserves.filling import Given
from keshu.reserves.models import Answer, Need
from keshu.reserves.steps.choosing import CHOOSING, answers
from keshu.reserves.steps.running import RUNNING

PROCEDURE = Procedure(
    code="揭榜挂帅",
    version="1",
    states={str(value): str(label) for value, label in Need.State.choices},
    transitions=(*CHOOSING, *RUNNING),
)


def step(need: Record, action: str, actor: Actor, *, note: str = "", given: Given | None = None) -> Need:
    """One step of a need. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(need, action, actor, procedure=PROCEDURE, note=note, given=given)


@following(PROCEDURE.code, "open")
def _unseal(need: Any, taken: Step) -> None:
    for answer in answers(need, Answer.State.SEALED):
        answering.step(answer, "open", taken.actor)


@following(PROCEDURE.code, "confirm", "nobody", "terminate")
def _settle(need: Any, taken: Step) -> None:
    """After the notice the chosen answer has won; when nothing comes of the need, none has."""
    for answer in answers(need, Answer.State.OPENED):
        won = answer.pk == need.chosen_id and need.state == Need.State.SIGNING
        answering.step(answer, "choose" if won else "pass_over", taken.actor)
