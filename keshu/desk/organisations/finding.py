"""Organisations by name or code, for the search."""

from django.db.models import Q
from django.urls import reverse

from keshu.diary.organisation import once_named, opens_to, units_open_to
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit


def file_href(actor: Actor, unit: Unit | None) -> str:
    """The address of an organisation's file; empty where the actor may not open it."""
    return reverse("desk:organisation", args=[unit.pk]) if unit is not None and opens_to(actor, unit) else ""


def units_named(actor: Actor, text: str, most: int) -> list[tuple[str, str, str]]:
    """(name, note, address) of the organisations whose file the actor may open and whose name or code holds every word; a
    renamed one is found by its earlier names too, and the note says under which. Two queries."""
    words = text.split()
    if not words or not actor.can(Can.SEE_REGISTERS):
        return []
    rows = units_open_to(actor)
    for word in words:
        rows = rows.filter(
            Q(name__icontains=word) | Q(code__icontains=word) | Q(pk__in=once_named(word).values("object_pk"))
        )
    found = list(rows.order_by("name", "pk")[:most])
    earlier: dict[int, str] = {}
    for pk, name in (
        once_named(words[0])
        .filter(object_pk__in=[unit.pk for unit in found])
        .values_list("object_pk", "data__name")
    ):
        earlier[pk] = name
    return [
        (
            unit.name,
            f"{_once(unit, words, earlier)}{unit.region.name} · 一企一档",
            reverse("desk:organisation", args=[unit.pk]),
        )
        for unit in found
    ]


def _once(unit: Unit, words: list[str], earlier: dict[int, str]) -> str:
    """曾用名 …, where the present name and code do not hold what was asked for."""
    here = f"{unit.name} {unit.code}".lower()
    name = earlier.get(unit.pk, unit.name)
    return "" if name == unit.name or all(word.lower() in here for word in words) else f"曾用名 {name} · "
