"""The procedure of an application: from draft to acceptance."""

from collections.abc import Mapping
from typing import Any

from keshu.directory.actors import Actor
from keshu.procedure.moving import Procedure, move
from keshu.programmes.models import Application
from keshu.programmes.steps.applying import APPLYING
from keshu.programmes.steps.running import RUNNING

PROCEDURE = Procedure(
    code="科技计划项目",
    version="2",
    states={str(value): str(label) for value, label in Application.State.choices},
    transitions=(*APPLYING, *RUNNING),
)


def advance(
    application: Application,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
) -> Application:
    """One step of an application. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(application, action, actor, procedure=PROCEDURE, note=note, given=given, expected=expected)
