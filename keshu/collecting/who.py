"""Who may do what with a collection, and which of its senders somebody answers for."""

from django.db.models import QuerySet

from keshu.collecting.models import Collection, Sender
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import NotYourTurn


def may_collect(actor: Actor, record: object = None) -> bool:
    """Whether the actor sends forms out and merges what comes back."""
    return actor.can(Can.COLLECT)


def require_collect(actor: Actor) -> None:
    """NotYourTurn for others."""
    if not may_collect(actor):
        raise NotYourTurn(f"{actor.name} 不能收表。请由有“{Can.COLLECT.value}”权限的人办理。")


def may_answer(actor: Actor, sender: Sender) -> bool:
    """Whether the actor answers for a sender: its own organisation, or its own county."""
    if not actor.can(Can.ANSWER_COLLECTION):
        return False
    if sender.unit_id is not None and sender.unit_id in actor.unit_ids:
        return True
    return sender.subject_id in actor.region_ids


def asked_of(actor: Actor) -> QuerySet[Sender]:
    """The sender rows the actor answers for, of collections that were sent out, the latest due first."""
    rows = Sender.objects.for_system("交表，按单位和地区筛").exclude(
        collection__state__in=[Collection.State.DRAFT, Collection.State.WITHDRAWN]
    )
    mine = rows.filter(subject__in=actor.region_ids) | rows.filter(unit__in=actor.unit_ids)
    if not actor.can(Can.ANSWER_COLLECTION):
        mine = mine.none()
    return mine.select_related("collection__unit", "subject", "region", "unit").order_by(
        "-collection__due_at", "pk"
    )


def waiting_answers(actor: Actor) -> int:
    """How many open collections wait for this actor's answer."""
    open_ones = asked_of(actor).filter(collection__state=Collection.State.OPEN)
    return open_ones.exclude(replies__state__in=["counted", "rival"]).distinct().count()
