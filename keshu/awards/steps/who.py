"""Whose step it is, and the states that steps begin in."""

from typing import Any

from keshu.awards.models import Nomination, Objection, Track
from keshu.directory.actors import Actor, Can

S = Nomination.State
#: In these states a nomination takes a place of its grade's quota.
PLACED = frozenset(str(state) for state in (S.PROPOSED, S.FINAL_NOTICE, S.APPROVED, S.AWARDED))
#: In these states a nomination no longer stands for a prize.
GONE = frozenset(str(state) for state in (S.DRAFT, S.FAILED, S.WITHDRAWN))
#: An objection that nobody has answered yet stops everything.
OPEN_OBJECTION = frozenset(
    str(state)
    for state in (Objection.State.RECEIVED, Objection.State.ADMITTED, Objection.State.INVESTIGATING)
)


def at(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


def nominates(actor: Actor, record: Any) -> bool:
    """The nominating unit; for experts, the unit that keeps their nomination (the bureau enters it for those without a unit)."""
    return (actor.can(Can.NOMINATE) or actor.can(Can.HANDLE_AWARDS)) and record.nominator_id in actor.unit_ids


def handles(actor: Actor, record: Any) -> bool:
    return actor.can(Can.HANDLE_AWARDS)


def handles_ours(actor: Actor, record: Any) -> bool:
    return actor.can(Can.HANDLE_AWARDS) and record.track == Track.OURS


def handles_above(actor: Actor, record: Any) -> bool:
    return actor.can(Can.HANDLE_AWARDS) and record.track == Track.ABOVE


def decides(actor: Actor, record: Any) -> bool:
    return actor.can(Can.DECIDE_AWARDS)


def decides_ours(actor: Actor, record: Any) -> bool:
    return actor.can(Can.DECIDE_AWARDS) and record.track == Track.OURS
