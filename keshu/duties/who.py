"""Whose step it is: the holder's people, the issuer, and those who verify and may not belong to either side of the work."""

from typing import Any

from django.db.models import Q

from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Employment
from keshu.duties.models import OrderHelper


def at(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


def holds(actor: Actor, order: Any) -> bool:
    """The holder's own people; for an organisation without accounts who enters for others (代录)."""
    if not actor.can(Can.HANDLE_ORDERS):
        return False
    if order.unit_id in actor.unit_ids:
        return True
    return actor.account_id is not None and actor.can(Can.ENTER_FOR_OTHERS) and not order.unit.has_account


def held(actor: Actor) -> Q:
    """``holds`` as a condition on orders."""
    own = Q(unit__in=actor.unit_ids)
    return own | Q(unit__has_account=False) if actor.can(Can.ENTER_FOR_OTHERS) else own


def issued(actor: Actor, order: Any) -> bool:
    """Who issued it: the account, its office, or a leader of the bureau."""
    if actor.account_id is None or not actor.can(Can.ISSUE_ORDERS):
        return False
    if order.issuing_unit_id is None or Role.LEADER in actor.roles:
        return True
    return order.issued_by_id == actor.account_id or order.issuing_unit_id in actor.unit_ids


def issued_by(actor: Actor) -> Q:
    """The orders whose issuer's turn is this actor's: its own and its office's."""
    return Q(issuing_unit=None) | Q(issued_by=actor.account_id) | Q(issuing_unit__in=actor.unit_ids)


def verifies(actor: Actor, order: Any) -> bool:
    """A person who verifies, not in the holder's office."""
    return (
        actor.account_id is not None and actor.can(Can.VERIFY_ORDERS) and order.unit_id not in actor.unit_ids
    )


def verified_by_others(actor: Actor) -> Q:
    """``verifies`` as a condition on orders."""
    return ~Q(unit__in=actor.unit_ids)


def verifies_or_issued(actor: Actor, order: Any) -> bool:
    """Who may write off or look back: those who verify, or the issuer; never the holder's office."""
    return order.unit_id not in actor.unit_ids and (verifies(actor, order) or issued(actor, order))


def own_side(order: Any, actor: Actor) -> str | None:
    """Why this person belongs to the work that is verified: a post in the holding or helping office, or the report itself."""
    if order.reported_by_id is not None and order.reported_by_id == actor.account_id:
        return f"办结反馈是 {actor.name} 交的，不能自己核实自己。请承办单位以外的人核实。"
    units = [order.unit_id, *OrderHelper.objects.filter(order=order.pk).values_list("unit", flat=True)]
    posts = Employment.objects.filter(person=actor.person_id, unit__in=units).select_related("unit")
    for post in posts:
        if post.in_force():
            return f"{actor.name} 在 {post.unit.name} 任职，这件事是它承办或协办的。请承办单位以外的人核实。"
    return None
