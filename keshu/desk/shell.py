"""What the shell around every page needs: the rail by role, the crumb, the person, the fixed today."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context of the shell; entries whose page does not exist are absent."""
    actor: Actor | None = getattr(request, "actor", None)
    entries = []
    if actor is not None:
        for entry in ENTRIES:
            if not entry.may(actor):
                continue
            try:
                href = reverse(entry.route)
            except NoReverseMatch:
                continue
            current = request.path.startswith(href)
            entries.append({"label": entry.label, "icon": entry.icon, "href": href, "current": current, "badge": 0})
    return {
        "actor": actor,
        "nav": entries,
        "posts": posts(request.user) if actor is not None else [],
        "today": clock.today(),
        "elder": bool(actor is not None and request.user.elder),
    }
