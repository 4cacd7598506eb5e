"""What the shell around every page needs: the rail by role, the crumb, the person, the fixed today."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from keshu.directory.accounts import posts
from keshu.directory.actors import Actor, Can
from keshu.terms import clock


@dataclass(frozen=True)
class Entry:
    """One entry of the rail: a two-character word, an icon, a route, and who sees it."""

    label: str
    icon: str
    route: str
    may: Callable[[Actor], bool]


ENTRIES = (
    Entry("调度", "dispatch", "desk:dispatch", lambda a: a.can(Can.SEE_DISPATCH) and not a.is_county),
    Entry("填报", "entry", "desk:entry", lambda a: a.is_county),
    Entry("位次", "dispatch", "desk:dispatch", lambda a: a.is_county),
    Entry("收表", "register", "desk:collection", lambda a: a.can(Can.VERIFY_MONTH)),
    Entry("导入", "import", "desk:imports", lambda a: a.can(Can.IMPORT_FIGURES)),
    Entry("给数", "give", "desk:give", lambda a: a.can(Can.GIVE_FIGURES)),
    Entry("台账", "register", "desk:issued", lambda a: a.can(Can.SEE_ISSUED)),
    Entry("账号", "people", "desk:accounts", lambda a: a.can(Can.MANAGE_ACCOUNTS)),
    Entry("权限", "key", "desk:grants", lambda a: a.can(Can.GRANT_ROLES)),
    Entry("日志", "log", "desk:audit", lambda a: a.can(Can.READ_AUDIT)),
)

#: Links of the frame by the name that the templates use; a page that does not exist is not linked.
LINKS = {
    "home": "desk:landing",
    "search": "desk:search",
    "give": "desk:give",
    "posts": "desk:post",
    "mode": "desk:mode",
    "keepalive": "desk:keepalive",
    "help": "desk:help",
    "login": "login",
    "logout": "logout",
}
#: Remembers 大字版 for those who have not signed in.
MODE_COOKIE = "keshu_mode"


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell; entries whose page does not exist are absent."""
    actor: Actor | None = getattr(request, "actor", None)
    entries = []
    if actor is not None:
        for entry in ENTRIES:
            if not entry.may(actor):
                continue
            href = _href(entry.route)
            if href is None:
                continue
            current = request.path.startswith(href)
            entries.append(
                {"label": entry.label, "icon": entry.icon, "href": href, "current": current, "badge": 0}
            )
    elder = request.user.elder if actor is not None else request.COOKIES.get(MODE_COOKIE) == "elder"
    return {
        "actor": actor,
        "nav": entries,
        "person": _person(request, actor) if actor is not None else None,
        "links": {name: href for name, route in LINKS.items() if (href := _href(route))},
        "mode": "elder" if elder else "",
        "session_seconds": settings.SESSION_COOKIE_AGE if actor is not None else 0,
        "today": clock.today(),
    }


def _href(route: str) -> str | None:
    """The address of a route, None where its page does not exist yet."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return None


def _person(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Who is here and in which of their posts, as the person menu shows it."""
    held = [
        {
            "id": row.pk,
            "label": f"{row.unit.name} {row.title}".strip(),
            "current": row.pk == actor.employment_id,
        }
        for row in posts(request.user)
    ]
    return {"name": actor.name, "initial": actor.name[:1], "post": actor.post, "posts": held}
