"""What of the awards anyone may see: nominations in public notice with the last day to object, and what was awarded.

Shown outside are title, prize, year, field, units and people in their order, nominator, grade and certificate number; no scores,
no votes, no opinions, no titles of people, nothing of objections.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Q

from keshu.awards.medals import given
from keshu.awards.models import Grade, Level, Nomination, Winner
from keshu.terms import clock

S = Nomination.State


@dataclass(frozen=True)
class Search:
    """A question to the awards; empty parts ask for all. Values that do not exist find nothing."""

    text: str = ""
    year: str = ""
    level: str = ""
    grade: str = ""
    field: str = ""


def everything() -> models.QuerySet[Nomination]:
    """All nominations, for counting what was awarded."""
    return Nomination.objects.for_system("公开奖励榜")


def awards(search: Search) -> models.QuerySet[Nomination]:
    """Awards that fit, newest year first, highest grade first."""
    found = given(everything())
    if search.text:
        found = found.filter(
            Q(title__icontains=search.text)
            | Q(unit_name__icontains=search.text)
            | Q(certificate_number__iexact=search.text)
        )
    if search.year:
        plain = search.year.isascii() and search.year.isdigit() and len(search.year) == 4
        found = found.filter(year=int(search.year)) if plain else found.none()
    for name in ("level", "grade", "field"):
        value = getattr(search, name)
        if value:
            found = found.filter(**{name: value})
    places = models.Case(
        *(models.When(grade=grade, then=place) for place, grade in enumerate(Grade)), default=len(Grade)
    )
    levels = models.Case(
        *(models.When(level=level, then=place) for place, level in enumerate(Level)), default=len(Level)
    )
    ordered = found.annotate(place=places, height=levels).order_by(
        "-year", "height", "place", "certificate_number", "pk"
    )
    return ordered.select_related("round__prize").prefetch_related(_people())


def years() -> list[int]:
    """The years of which there are awards, newest first."""
    return sorted(set(given(everything()).values_list("year", flat=True)), reverse=True)


def notices() -> models.QuerySet[Nomination]:
    """Nominations in notice today, those that end first above; ``until`` is the last day to object."""
    today = clock.today()
    accept = Q(state=S.ACCEPT_NOTICE, accept_notice_until__gte=today)
    final = Q(state=S.FINAL_NOTICE, final_notice_until__gte=today)
    until = models.Case(
        models.When(state=S.FINAL_NOTICE, then=F("final_notice_until")), default=F("accept_notice_until")
    )
    found = everything().filter(accept | final).annotate(until=until).order_by("until", "pk")
    return found.select_related("round__prize", "nominator", "region").prefetch_related(_people())


def _people() -> models.Prefetch:
    return models.Prefetch(
        "winners", Winner.objects.for_system("公示完成人").order_by("order"), to_attr="people"
    )
