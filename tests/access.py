"""The table of who may open what: each room declares its routes in a ``routes.py`` beside its tests, tests/test_routes.py tries them all.

A row says who gets in. Everybody else who has signed in is refused (403), and who has not is sent to the sign-in page:

    ROUTES = {"desk:dispatch": only(*BUREAU, *COUNTY), "desk:import_upload": only("planning", method="POST")}
"""

from dataclasses import dataclass

from keshu.directory.actors import ADMIN_ROLES, BUREAU_ROLES, COUNTY_ROLES, Role

ANONYMOUS = "anonymous"
BUREAU = tuple(sorted(role.value for role in BUREAU_ROLES))
COUNTY = tuple(sorted(role.value for role in COUNTY_ROLES))
ADMINS = tuple(sorted(role.value for role in ADMIN_ROLES))
EVERY_ROLE = tuple(role.value for role in Role)
WHO = (ANONYMOUS, *EVERY_ROLE)
IN, OUT, TO_SIGN_IN = "进得去", "不让进", "先登录"


@dataclass(frozen=True)
class Route:
    """Who gets in, and by which method the route is tried."""

    roles: frozenset[str]
    method: str = "GET"

    def expected(self, who: str) -> str:
        """What a person of this role meets."""
        if who in self.roles:
            return IN
        return TO_SIGN_IN if who == ANONYMOUS else OUT


def only(*roles: str, method: str = "GET") -> Route:
    """A route for these roles."""
    unknown = set(roles) - set(WHO)
    if unknown:
        raise ValueError(f"no such role: {sorted(unknown)}")
    return Route(frozenset(roles), method)


def signed_in(method: str = "GET") -> Route:
    """A route for everybody who has signed in."""
    return Route(frozenset(EVERY_ROLE), method)


def public(method: str = "GET") -> Route:
    """A route for everybody."""
    return Route(frozenset(WHO), method)
