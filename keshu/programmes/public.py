"""What of the programmes anyone may see: approved projects (项目库), and projects in public notice with the last day to object.

Shown outside are number, title, organisation, region, level, class, year and state; no money, no people, no content.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from keshu.diary.organisation import renamed_from
from keshu.programmes.models import Application, Call
from keshu.programmes.steps.who import STANDING
from keshu.terms import clock


@dataclass(frozen=True)
class Search:
    """A question to the 项目库; empty parts ask for all. Values that do not exist find nothing."""

    text: str = ""
    year: str = ""
    level: str = ""
    field: str = ""


def projects(search: Search) -> models.QuerySet[Application]:
    """Approved projects that fit, newest approval first; only the columns that may be shown are read."""
    found = Application.objects.for_system("公开项目库").filter(state__in=STANDING)
    if search.text:
        found = found.filter(
            Q(title__icontains=search.text)
            | Q(unit__name__icontains=search.text)
            | Q(unit_id__in=renamed_from(search.text).values("object_pk"))
            | Q(number__iexact=search.text)
        )
    if search.year:
        found = found.filter(year=int(search.year)) if _is_year(search.year) else found.none()
    if search.level:
        found = found.filter(level=search.level)
    if search.field:
        found = found.filter(field=search.field)
    return found.select_related("unit", "region").order_by("-approved_on", "-pk")


def years() -> list[int]:
    """The plan years of which there are approved projects, newest first."""
    found = Application.objects.for_system("公开项目库").filter(state__in=STANDING)
    return sorted(set(found.values_list("year", flat=True)), reverse=True)


def notices() -> models.QuerySet[Application]:
    """Projects in public notice today, those that end first above. One that somebody objects to stays until its notice ends."""
    noticed = (Application.State.NOTICE, Application.State.OBJECTED)
    found = Application.objects.for_system("公示").filter(state__in=noticed, notice_until__gte=clock.today())
    return found.select_related("unit", "region", "call").order_by("notice_until", "pk")


def calls() -> list[Call]:
    """Calls that take applications now."""
    now = clock.now()
    rows = Call.objects.filter(state=Call.State.OPEN, opens_at__lte=now, apply_until__gte=now)
    return list(rows.order_by("apply_until", "pk"))


def is_public(call: Call) -> bool:
    """Whether anybody may read a call: published, whether or not it is over. One entered closed, for old projects, never was."""
    open_now = call.state == Call.State.OPEN
    return open_now or (call.state == Call.State.CLOSED and call.published_on is not None)


def is_taking(call: Call, now: datetime) -> bool:
    """Whether it takes applications at a moment; the second of the deadline is in time."""
    return call.state == Call.State.OPEN and call.opens_at <= now <= call.apply_until


def every_call() -> list[Call]:
    """Published calls: those that take applications first, by deadline; then those to come and those that are over, newest first."""
    now = clock.now()
    rows = [call for call in Call.objects.exclude(state=Call.State.DRAFT) if is_public(call)]
    running = sorted((c for c in rows if is_taking(c, now)), key=lambda c: (c.apply_until, c.pk))
    others = [c for c in rows if not is_taking(c, now)]
    return [*running, *sorted(others, key=lambda c: (c.apply_until, c.pk), reverse=True)]


def left(until: datetime) -> str:
    """The time left by the server's clock: days, or hours and minutes on the last day."""
    seconds = (until - clock.now()).total_seconds()
    if seconds < 0:
        return "已截止"
    days = int(seconds // 86400)
    if days >= 1:
        return f"还剩 {days} 天"
    minutes = int(seconds // 60)
    return f"还剩 {minutes // 60} 小时 {minutes % 60} 分"


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 4
