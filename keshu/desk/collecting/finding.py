"""Collections, senders and replies that a person may open; anything else is not there."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from keshu.collecting.models import Collection, Reply, Sender
from keshu.collecting.who import may_answer
from keshu.desk.guard import address
from keshu.directory.actors import Actor, Can
from keshu.journal import audit

REFUSED = 422


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request."""
    return request.actor  # type: ignore[attr-defined, no-any-return]


def collection_of(request: HttpRequest, pk: int) -> Collection:
    """A collection of the actor's house; 404 otherwise."""
    rows = Collection.objects.visible_to(actor_of(request)).select_related("unit", "region", "follows")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("这里没有这一次收表。")
    return found


def sender_of(request: HttpRequest, pk: int, *, own: bool) -> Sender:
    """A sender that the clerk handles, or with ``own`` one that the actor answers for; 404 otherwise, and the try is kept."""
    rows = Sender.objects.for_system("下面按人核对").select_related(
        "collection", "collection__unit", "subject", "region", "unit"
    )
    found = rows.filter(pk=pk).first()
    actor = actor_of(request)
    sent = found is not None and found.collection.state not in (
        Collection.State.DRAFT,
        Collection.State.WITHDRAWN,
    )
    if found is not None and ((sent and may_answer(actor, found)) if own else actor.can(Can.COLLECT)):
        return found
    if found is not None:
        audit.note(
            actor, "拒绝", f"收表 {found.collection} {found}", outcome="拒绝", address=address(request)
        )
    raise Http404("这里没有要您报的这张表。")


def reply_of(request: HttpRequest, pk: int) -> Reply:
    """A reply that the clerk handles or that is the actor's own; 404 otherwise, and the try is kept."""
    rows = Reply.objects.for_system("下面按人核对").select_related(
        "collection", "sender", "sender__subject", "sender__region", "sender__unit"
    )
    found = rows.filter(pk=pk).first()
    actor = actor_of(request)
    if found is not None:
        if actor.can(Can.COLLECT) or (found.sender is not None and may_answer(actor, found.sender)):
            return found
        audit.note(actor, "拒绝", f"报来的表 {found.pk}", outcome="拒绝", address=address(request))
    raise Http404("这里没有这份表。")


def number_in(text: str | None) -> int | None:
    """A primary key out of an address or a form, None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the clerk's pages are."""
    return [{"label": "合表", "href": reverse("desk:collecting_home")}, *more]
