"""Whose step it is, and the states that steps begin in."""

from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.programmes.models import Application

S = Application.State
#: The states in which a project counts as approved (已立项), whatever became of it later; a revoked one does not.
STANDING = frozenset(
    str(state)
    for state in (S.APPROVED, S.RUNNING, S.ACCEPTING, S.PASSED, S.CONCLUDED, S.FAILED, S.TERMINATED)
)


def at(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


def own(actor: Actor, record: Any) -> bool:
    return actor.can(Can.APPLY) and record.unit_id in actor.unit_ids


def recommends(actor: Actor, record: Any) -> bool:
    return actor.can(Can.RECOMMEND) and record.region_id in actor.region_ids


def handles(actor: Actor, record: Any) -> bool:
    return actor.can(Can.HANDLE_PROGRAMMES)


def decides(actor: Actor, record: Any) -> bool:
    return actor.can(Can.DECIDE_PROGRAMMES)
