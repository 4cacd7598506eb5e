"""查找: indicators, measures, regions and pages by name, as far as the actor may see them; the nearest when nothing fits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keshu.desk import shell
from keshu.desk.organisations.finding import units_named
from keshu.directory.actors import Actor, Can
from keshu.figures.book import Book, book
from keshu.journal import moments
from keshu.terms.text import clean_name, nearest

PER_GROUP = 20


@dataclass(frozen=True)
class Thing:
    """Something that can be found: its names, what it is, and where it opens (empty: it has no page yet)."""

    label: str
    names: tuple[str, ...]
    note: str
    href: str = ""


@require_GET
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """The page of ``/``: groups of what was found, else what it may have meant."""
    query = request.GET.get("q", "").strip()[:100]
    actor = request.actor  # type: ignore[attr-defined]
    groups = [
        {"title": title, "found": found(query, things)}
        for title, things in everything(actor).items()
        if query
    ]
    groups.append({"title": "单位", "found": _units(actor, query)})
    near: list[str] = []
    if query and not any(group["found"] for group in groups):
        near = nearest(query, (thing.label for things in everything(actor).values() for thing in things), 5)
    context = {
        "query": query,
        "groups": [group for group in groups if group["found"]],
        "near": [{"label": label, "href": f"?{urlencode({'q': label})}"} for label in near],
        "crumbs": [{"label": "查找"}],
    }
    return render(request, "people/search.html", context)


def found(query: str, things: Iterable[Thing]) -> list[Thing]:
    """The things whose names hold every word of the query, those that begin with it first."""
    words = [clean_name(word).casefold() for word in query.split()]
    hits = []
    for thing in things:
        names = [clean_name(name).casefold() for name in thing.names]
        if words and all(any(word in name for name in names) for word in words):
            hits.append((not any(name.startswith(words[0]) for name in names), len(thing.label), thing))
    return [thing for _, _, thing in sorted(hits, key=lambda hit: hit[:2])][:PER_GROUP]


def everything(actor: Actor) -> dict[str, list[Thing]]:
    """What an actor may find, by group. Pages are those of its own rail; the three administrators find nothing else."""
    pages = [
        Thing(row["label"], (row["label"], f"打开{row['label']}"), "页面", row["href"])
        for row in shell.commands(actor)
    ]
    if not actor.can(Can.SEE_DISPATCH):
        return {"页面": pages}
    definitions = book(moments.latest())
    return {
        "页面": pages,
        "指标": _indicators(definitions),
        "计量": [
            Thing(row.name, (row.name, row.code, *row.aliases), row.authority)
            for row in _ordered(definitions)
        ],
        "地区": _regions(definitions, actor),
    }


def _indicators(definitions: Book) -> list[Thing]:
    rows = sorted(definitions.indicators.values(), key=lambda row: row.pk)
    return [
        Thing(
            row.name,
            (row.name, row.short_name, row.code),
            row.definition_label,
            _asked("desk:indicator", "name", row.code),
        )
        for row in rows
    ]


def _asked(route: str, field: str, value: str) -> str:
    """The address of a page that is asked for one thing; "" where the page does not exist."""
    address = shell.href(route)
    return f"{address}?{field}={value}" if address else ""


def _units(actor: Actor, query: str) -> list[Thing]:
    """Organisations are looked up in the database: there are too many to be read for every search."""
    return [Thing(name, (name,), note, href) for name, note, href in units_named(actor, query, PER_GROUP)]


def _ordered(definitions: Book) -> list[Any]:
    return sorted(definitions.measures.values(), key=lambda row: row.pk)


def _regions(definitions: Book, actor: Actor) -> list[Thing]:
    shown = [row for row in definitions.regions.values() if actor.sees_all or row.pk in actor.region_ids]
    return [
        Thing(
            row.name,
            (row.name, row.short_name, row.code),
            row.get_level_display(),
            _asked("desk:county", "region", row.code) if row.parent_id else "",
        )
        for row in sorted(shown, key=lambda row: (row.order, row.code))
    ]
