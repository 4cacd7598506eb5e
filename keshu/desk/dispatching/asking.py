"""What a dispatch page was asked for: everything stands in its address, so a link shows the same thing to everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

CHOICES: dict[str, tuple[str, ...]] = {
    "sort": ("value", "rank", "completion", "change", "region"),
    "dir": ("", "asc", "desc"),
    "group": ("", "class"),
    "lamp": ("", "late", "slow", "near", "ok", "none"),
    "compare": ("year", "mean", "whole"),
    "vintage": ("latest", "first"),
    "view": ("table", "chart", "map"),
    "diff": ("", "1"),
    "span": ("quarters", "years"),
}
#: What a link to a trace, an indicator or a county carries along from the table.
CARRIED = ("asof", "vintage")


@dataclass(frozen=True)
class Asked:
    """The parts of an address. Empty means the default, which is left out of links."""

    scheme: str = ""
    period: str = ""
    level: str = ""
    region: str = ""
    open: str = ""
    sort: str = "value"
    dir: str = ""
    group: str = ""
    lamp: str = ""
    asof: str = ""
    compare: str = "year"
    vintage: str = "latest"
    view: str = "table"
    whatif: str = ""
    diff: str = ""
    name: str = ""
    subject: str = ""
    span: str = "quarters"
    add: str = ""
    growth: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read an address; a choice that does not exist counts as not made."""
        found = {}
        for field in fields(cls):
            value = str(query.get(field.name, field.default)).strip()
            if field.name in CHOICES and value not in CHOICES[field.name]:
                value = str(field.default)
            found[field.name] = value
        return cls(**found)

    def changed(self, **changes: str) -> Self:
        """The same question with some parts changed."""
        return replace(self, **changes)

    def query(self, **changes: str) -> str:
        """The address after the question mark, without what is at its default."""
        wanted = self.changed(**changes)
        pairs = [
            (f.name, getattr(wanted, f.name)) for f in fields(self) if getattr(wanted, f.name) != f.default
        ]
        return urlencode(pairs)

    def address(self, **changes: str) -> str:
        """The address of the dispatch page, by default with nothing of a drawer or a list of differences."""
        return at(
            "desk:dispatch",
            self.query(**{"name": "", "subject": "", "add": "", "growth": "", "span": "quarters", **changes}),
        )


def at(route: str, query: str = "") -> str:
    """The address of a route that exists."""
    return reverse(route) + (f"?{query}" if query else "")


def door(route: str, query: str = "") -> str | None:
    """The address of a route that may not be built in this house; None then, and the page draws no door."""
    try:
        return at(route, query)
    except NoReverseMatch:
        return None


class Doors:
    """Addresses of the traces of one table: only name, region and period differ from figure to figure."""

    def __init__(self, asked: Asked) -> None:
        self._tail = urlencode(
            {key: getattr(asked, key) for key in CARRIED if getattr(asked, key) not in ("", "latest")}
        )
        self._page = reverse("desk:trace")
        self._card = reverse("desk:trace_card")

    def query(self, name: str, region: str, period: str, level: str = "") -> str:
        """name, region, period and what is carried along."""
        pairs = f"name={name}&region={region}&period={period}"
        return "&".join(part for part in (pairs, f"level={level}" if level else "", self._tail) if part)

    def figure(self, name: str, region: str, period: str, level: str = "") -> tuple[str, str]:
        """(page, fragment) of a figure's trace."""
        query = self.query(name, region, period, level)
        return f"{self._page}?{query}", f"{self._card}?{query}"
