"""Whose step it is, and the states that steps begin in."""

from typing import Any

from django.db.models import Q

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
    """The body that the application names, else the bureau of its county."""
    if not actor.can(Can.RECOMMEND):
        return False
    if record.recommender_id is not None:
        return record.recommender_id in actor.unit_ids
    return record.region_id in actor.region_ids


def awaits(actor: Actor) -> Q:
    """Of applications that wait for a recommendation, those that wait for this actor: ``recommends`` as a condition."""
    if actor.sees_all:
        return Q()
    return Q(recommender__in=actor.unit_ids) | Q(recommender__isnull=True, region__in=actor.region_ids)


def handles(actor: Actor, record: Any) -> bool:
    return actor.can(Can.HANDLE_PROGRAMMES)


def handles_ours(actor: Actor, record: Any) -> bool:
    """What the bureau itself admits and reviews."""
    return handles(actor, record) and not record.call.is_above


def handles_above(actor: Actor, record: Any) -> bool:
    """What a superior reviews: it is forwarded, never admitted here."""
    return handles(actor, record) and record.call.is_above


def decides(actor: Actor, record: Any) -> bool:
    return actor.can(Can.DECIDE_PROGRAMMES)
