"""What a line of business adds to the page of its records: cards of its own, declared by the desk rooms when they are loaded.

A room registers ``@panel("programmes")`` on a function ``(request, record) -> Panel | None``; None leaves the card out. The
template gets ``panel.context`` as ``panel`` and the request's variables.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import HttpRequest

from keshu.ledger.records import Record

Place = Literal["main", "side"]


@dataclass(frozen=True)
class Panel:
    """One card: its template, what the template needs, and in which column it stands."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    place: Place = "main"


Builder = Callable[[HttpRequest, Record], Panel | None]
_builders: dict[str, list[Builder]] = defaultdict(list)


def panel(register: str) -> Callable[[Builder], Builder]:
    """Declare a card of a register's record page (of every register's: empty code); cards stand in the order of their declaration."""

    def declare(builder: Builder) -> Builder:
        if builder not in _builders[register]:
            _builders[register].append(builder)
        return builder

    return declare


def panels_of(register: str, request: HttpRequest, record: Record) -> list[Panel]:
    """The cards of one record's page for this reader."""
    found = (builder(request, record) for builder in (*_builders[""], *_builders[register]))
    return [card for card in found if card is not None]
