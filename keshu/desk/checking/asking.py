"""What the pages of the monthly check are asked: which month, which lamps, which office. All of it stands in the address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse

from keshu.checking.opening import last_month
from keshu.directory.actors import Actor
from keshu.terms import clock
from keshu.terms.period import Period, UnreadablePeriod

OWN = "own"


def month_of(text: str, *, default: Period) -> Period:
    """The month that an address names. 404 for what is no month."""
    if not text:
        return default
    try:
        period = Period.parse(text)
    except UnreadablePeriod as refusal:
        raise Http404(str(refusal)) from refusal
    if period.kind != "month":
        raise Http404(f"“{text[:20]}”不是一个月。写成 2026-09。")
    return period


def this_month() -> Period:
    """The month of today."""
    today = clock.today()
    return Period.month(today.year, today.month)


@dataclass(frozen=True)
class Asked:
    """One question to the sheet of a month. ``unit``: the key of one office, ``own`` for the reader's, empty for all."""

    month: Period
    lamps: str = ""
    unit: str = ""

    @classmethod
    def of(cls, request: HttpRequest, default: Period | None = None) -> "Asked":
        """From the address."""
        query = request.GET
        return cls(
            month_of(query.get("month", "")[:20], default=default or last_month()),
            query.get("lamps", "")[:60],
            query.get("unit", "")[:15],
        )

    def units(self, actor: Actor) -> list[int] | None:
        """The offices asked for; None for all."""
        if self.unit == OWN:
            return sorted(actor.unit_ids)
        return [int(self.unit)] if self.unit.isascii() and self.unit.isdigit() else None

    def href(self, route: str = "desk:checking", **changes: str) -> str:
        """The address of this question with some parts changed."""
        parts = {"month": self.month.code, "lamps": self.lamps, "unit": self.unit} | changes
        return f"{reverse(route)}?{urlencode({name: value for name, value in parts.items() if value})}"
