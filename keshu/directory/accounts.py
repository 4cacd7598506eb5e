"""From an account to the actor it is in one of its posts."""

from collections.abc import Iterable

from keshu.directory.actors import ADMIN_ROLES, BUREAU_ROLES, COUNTY_ROLES, ROLE_CAN, Actor, Role
from keshu.directory.models import Account, Employment, Region, RoleGrant


def posts(account: Account) -> list[Employment]:
    """The posts the account's person holds today, with unit and region loaded, oldest first."""
    rows = (
        Employment.objects.filter(person=account.person_id)
        .select_related("unit__region", "person")
        .order_by("pk")
    )
    return [row for row in rows if row.in_force()]


def below(region_ids: Iterable[int]) -> frozenset[int]:
    """The regions and everything under them, level by level."""
    found = set(region_ids)
    edge = set(found)
    while edge:
        edge = set(Region.objects.filter(parent__in=edge).values_list("pk", flat=True)) - found
        found |= edge
    return frozenset(found)


def actor_of(account: Account, employment_id: int | None = None) -> Actor:
    """The actor of an account in the named post (or its first). Without a post or a role it sees nothing."""
    held = posts(account)
    post = next((row for row in held if row.pk == employment_id), held[0] if held else None)
    if post is None:
        return Actor(account_id=account.pk, name=account.person.name, person_id=account.person_id)
    grants = [g for g in RoleGrant.objects.filter(employment=post).select_related("region") if g.in_force()]
    roles = frozenset(Role(grant.role) for grant in grants)
    # Only a county's roles carry a scope: administrators see no business record, not even of their own unit.
    scope = {grant.region_id or post.unit.region_id for grant in grants if Role(grant.role) in COUNTY_ROLES}
    sees_all = bool(roles & BUREAU_ROLES)
    works = bool(roles - ADMIN_ROLES)
    return Actor(
        account_id=account.pk,
        name=post.person.name,
        post=f"{post.unit.name} {post.title}".strip(),
        person_id=post.person_id,
        employment_id=post.pk,
        unit_id=post.unit_id,
        region_id=post.unit.region_id,
        roles=roles,
        region_ids=below(scope) if scope and not sees_all else frozenset(),
        unit_ids=frozenset({post.unit_id}) if works else frozenset(),
        sees_all=sees_all,
        capabilities=frozenset(c for role in roles for c in ROLE_CAN[role]),
    )
