"""Organisations by name or code, for the search."""

from django.db.models import Q
from django.urls import reverse

from keshu.diary.organisation import opens_to, units_open_to
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit


def file_href(actor: Actor, unit: Unit | None) -> str:
    """The address of an organisation's file; empty where the actor may not open it."""
    return reverse("desk:organisation", args=[unit.pk]) if unit is not None and opens_to(actor, unit) else ""


def units_named(actor: Actor, text: str, most: int) -> list[tuple[str, str, str]]:
    """(name, note, address) of the organisations whose file the actor may open and whose name or code holds every word."""
    words = text.split()
    if not words or not actor.can(Can.SEE_REGISTERS):
        return []
    rows = units_open_to(actor)
    for word in words:
        rows = rows.filter(Q(name__icontains=word) | Q(code__icontains=word))
    return [
        (unit.name, f"{unit.region.name} · 一企一档", reverse("desk:organisation", args=[unit.pk]))
        for unit in rows.order_by("name", "pk")[:most]
    ]
