"""督办通报: how many orders each organisation was given, had due, closed and closed in time; every count opens to its orders."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import needs
from keshu.desk.orders.board import Question, day_of
from keshu.directory.actors import Actor, Can
from keshu.duties.tallying import COUNTS, Tally, tallies
from keshu.terms import clock
from keshu.terms.quantity import show_number


def span(since: str, until: str) -> tuple[date, date]:
    """The days asked for; this year until today where they are not said or run backwards."""
    today = clock.today()
    first, last = day_of(since) or date(today.year, 1, 1), day_of(until) or today
    return (first, last) if first <= last else (last, first)


@require_GET
@needs(Can.HANDLE_ORDERS, Can.ISSUE_ORDERS, Can.VERIFY_ORDERS)
def page(request: HttpRequest) -> HttpResponse:
    """The table by organisation, with its sum."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    since, until = span(request.GET.get("since", ""), request.GET.get("until", ""))
    rows, total = tallies(actor, since, until)
    context = {
        "since": since,
        "until": until,
        "heads": COUNTS,
        "rows": [_row(one, since, until) for one in rows],
        "total": _row(total, since, until),
        "lead": _lead(rows, total, since, until),
        "spans": _spans(since, until),
        "asof": [
            {"value": f"{since} 至 {until}"},
            {"label": "数据截至", "value": f"{clock.now().astimezone(clock.TZ):%Y-%m-%d %H:%M}"},
        ],
        "crumbs": [{"label": "督办", "href": reverse("desk:orders")}, {"label": "通报"}],
    }
    return render(request, "orders/circular.html", context)


def _row(tally: Tally, since: date, until: date) -> dict[str, Any]:
    unit = str(tally.unit_id or "")
    asked = Question(unit=unit, since=since.isoformat(), until=until.isoformat())
    cells = [
        {
            "text": str(tally.counts[one.code]),
            "href": asked.href(count=one.code) if tally.counts[one.code] else "",
        }
        for one in COUNTS
    ]
    share = tally.share
    return {
        "name": tally.name,
        "cells": cells,
        "share": "" if share is None else show_number(share * 100, 1),
    }


def _lead(rows: list[Tally], total: Tally, since: date, until: date) -> list[dict[str, Any]]:
    if not rows:
        return []
    asked = Question(since=since.isoformat(), until=until.isoformat())
    said: list[dict[str, Any]] = [
        {"text": "交办 "},
        {"text": str(total.counts["issued"]), "href": asked.href(count="issued")},
        {"text": " 件，销号 "},
        {"text": str(total.counts["closed"]), "href": asked.href(count="closed")},
        {"text": " 件"},
    ]
    if total.share is not None:
        said.append({"text": f"，按期率 {show_number(total.share * 100, 1)}%"})
    if total.counts["late"]:
        most = max(one.counts["late"] for one in rows)
        names = "、".join(one.name for one in rows if one.counts["late"] == most)
        said += [
            {"text": "；现在超期 "},
            {"text": str(total.counts["late"]), "href": asked.href(count="late")},
            {"text": f" 件，最多的是{names}，{most} 件"},
        ]
    return [*said, {"text": "。"}]


def _spans(since: date, until: date) -> list[dict[str, Any]]:
    today = clock.today()
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    choices = (
        ("今年", date(today.year, 1, 1)),
        ("本季", quarter),
        ("本月", date(today.year, today.month, 1)),
    )
    return [
        {
            "label": label,
            "href": "?" + urlencode({"since": first.isoformat(), "until": today.isoformat()}),
            "current": (first, today) == (since, until),
        }
        for label, first in choices
    ]
