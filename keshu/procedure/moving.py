"""The one function that changes a state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models

from keshu.directory.actors import Actor
from keshu.journal.recorded import Recorded
from keshu.journal.writing import writing
from keshu.procedure.asking import Ask, MoveRefused, complete, shown
from keshu.procedure.models import Move
from keshu.terms import clock

__all__ = (
    "Ask", "MoveRefused", "NotYourTurn", "Procedure", "StaleState", "Step", "Transition", "following", "move", "moves_of",
)  # fmt: skip


class NotYourTurn(PermissionError):
    """The actor may not take this action on this record."""


class StaleState(MoveRefused):
    """Somebody moved the record first."""


@dataclass(frozen=True)
class Step:
    """One taking of a transition, as its effect sees it: who, what was written, what was given, which files (by SHA-256)."""

    actor: Actor
    note: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transition:
    """One action: from which states to which, who may, what must hold, what it asks for, what follows in the same transaction.

    ``asks``: typed inputs beside the note. A step whose state stays the
    same records something on the way.
    """

    action: str
    label: str
    before: frozenset[str]
    after: str
    who: Callable[[Actor, Any], bool]
    needs: tuple[Callable[[Any, Actor], str | None], ...] = ()
    effect: Callable[[Any, Step], None] | None = None
    note_required: bool = False
    danger: bool = False  # ends something: its button warns by its colour
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Procedure:
    """A versioned set of transitions over the ``state`` column of a recorded model."""

    code: str
    version: str
    states: dict[str, str]
    transitions: tuple[Transition, ...] = field(default=())

    def transition(self, action: str) -> Transition:
        """The transition of an action, or MoveRefused."""
        for transition in self.transitions:
            if transition.action == action:
                return transition
        raise MoveRefused(f"流程“{self.code}”没有“{action}”这一步。")

    def possible(self, record: Any, actor: Actor) -> list[Transition]:
        """What this actor may do with the record in its present state."""
        return [t for t in self.transitions if record.state in t.before and t.who(actor, record)]


Follower = Callable[[Any, Step], None]
_followers: dict[tuple[str, str], list[Follower]] = {}


def following(procedure: str, *actions: str) -> Callable[[Follower], Follower]:
    """Declare what another room does after a step of a procedure, in the same transaction: ``follower(moved record, step)``.

    Declared once, when the application starts, so that what follows does not depend on who remembered it. What it raises
    undoes the step.
    """

    def declare(follower: Follower) -> Follower:
        for action in actions:
            known = _followers.setdefault((procedure, action), [])
            if follower not in known:
                known.append(follower)
        return follower

    return declare


R = TypeVar("R", bound=Recorded)


def move(
    record: R,
    action: str,
    actor: Actor,
    *,
    procedure: Procedure,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    evidence: Iterable[str] = (),
    expected: str | None = None,
) -> R:
    """Lock the row, compare the state, check who and what must hold, write the entry and the effects: one transaction.

    ``given`` holds the typed answers to what the transition asks (``asking.read`` makes them from texts). ``expected`` is the
    state the person saw; another state by now raises StaleState. Returns the fresh record.
    """
    transition = procedure.transition(action)
    step = Step(actor, note, complete(transition.asks, given or {}), tuple(evidence))
    model = type(record)
    with writing(actor, f"{transition.label} {record}") as block:
        locked = model._base_manager.select_for_update().get(pk=record.pk)
        if expected is not None and locked.state != expected:
            raise StaleState(f"这一份已经是“{procedure.states[locked.state]}”，有人先办了。请刷新后再看。")
        if locked.state not in transition.before:
            raise StaleState(
                f"现在是“{procedure.states[locked.state]}”，不能{transition.label}。请刷新后再看。"
            )
        if not transition.who(actor, locked):
            raise NotYourTurn(f"{actor.name} 不能{transition.label}。请由有这一步权限的人办理。")
        if transition.note_required and not note.strip():
            raise MoveRefused(f"{transition.label}要写明原因。")
        for need in transition.needs:
            problem = need(locked, actor)
            if problem:
                raise MoveRefused(problem)
        before = locked.state
        locked.state = transition.after
        if transition.effect is not None:
            transition.effect(locked, step)
        locked.save()
        entry = Move(
            model=model._meta.label,
            object_pk=locked.pk,
            procedure=procedure.code,
            version=procedure.version,
            action=action,
            before=before,
            after=transition.after,
            at=clock.now(),
            actor_id=actor.account_id,
            actor_name=actor.name,
            note=_told(transition, locked, step),
            evidence=list(step.evidence),
        )
        block.stamp(lambda number: [_numbered(entry, number)])
        for follower in _followers.get((procedure.code, action), ()):
            follower(locked, step)
    return locked


def _told(transition: Transition, record: Recorded, step: Step) -> str:
    """The note of the entry: what was written, then what was given."""
    answers = [
        f"{ask.label} {shown(ask, record, step.given[ask.name])}"
        for ask in transition.asks
        if step.given.get(ask.name) not in (None, "")
    ]
    return "；".join(filter(None, (step.note, *answers)))


def _numbered(entry: Move, number: int) -> Move:
    entry.revision = number
    return entry


def moves_of(record: models.Model) -> models.QuerySet[Move]:
    """The entries of a record, oldest first."""
    return Move.objects.filter(model=record._meta.label, object_pk=record.pk).order_by("revision", "pk")
