"""逾期催办: projects past their last day to apply for acceptance, chased step by step; meanwhile their organisation may not apply."""

from collections.abc import Iterable

from keshu.directory.actors import Actor
from keshu.procedure.moving import MoveRefused
from keshu.programmes.dating import is_overdue
from keshu.programmes.models import Application
from keshu.programmes.moving import advance
from keshu.programmes.steps.running import next_chase


class NotOverdue(MoveRefused):
    """A project that is not late is not chased."""


def chase(application: Application, actor: Actor, note: str = "") -> Application:
    """The next step of the chase. Raises NotOverdue, MoveRefused (too soon), NotYourTurn."""
    if not is_overdue(application):
        raise NotOverdue(
            f"“{application}”没有逾期，验收期限是 {application.accept_by or '还没有定'}。不用催办。"
        )
    action = "chase_failed" if application.state == Application.State.FAILED else "chase"
    form = next_chase(application)[0][0]
    return advance(application, action, actor, note=note, given={"form": form})


def chase_all(applications: Iterable[Application], actor: Actor) -> tuple[list[Application], list[str]]:
    """The next step for each: those that were chased, and of the others why not."""
    done: list[Application] = []
    refused: list[str] = []
    for application in applications:
        try:
            done.append(chase(application, actor))
        except MoveRefused as refusal:
            refused.append(f"{application}：{refusal}")
    return done, refused
