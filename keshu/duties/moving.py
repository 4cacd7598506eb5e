"""The procedure of an order: from issuing to writing off, with its bypasses."""

from collections.abc import Mapping
from typing import Any

from keshu.directory.actors import Actor
from keshu.duties.handling import HANDLING
from keshu.duties.models import Order
from keshu.duties.verifying import VERIFYING
from keshu.procedure.moving import Procedure, move

PROCEDURE = Procedure(
    code="督办",
    version="1",
    states={str(value): str(label) for value, label in Order.State.choices},
    transitions=(*HANDLING, *VERIFYING),
)


def advance(
    order: Order,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Order:
    """One step of an order. Raises MoveRefused (NoEvidence, SamePerson, OutsideTheOffice, ExtensionRefused …), StaleState, NotYourTurn."""
    return move(order, action, actor, procedure=PROCEDURE, note=note, given=given, expected=expected)
