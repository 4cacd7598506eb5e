"""奖励公示 and 奖励榜: what anyone may object to, and what was awarded to whom."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from keshu.awards import public
from keshu.awards.medals import Cell, board, drawn
from keshu.awards.models import Field, Grade, Level, Nomination
from keshu.terms import clock

PER_PAGE = 30
LONGEST = 60


@require_safe
def awards(request: HttpRequest) -> HttpResponse:
    """The board by year, level and grade, and the awards behind it, searchable."""
    search = public.Search(
        text=request.GET.get("q", "").strip()[:LONGEST],
        **{name: request.GET.get(name, "")[:12] for name in ("year", "level", "grade", "field")},
    )
    page = Paginator(public.awards(search), PER_PAGE).get_page(request.GET.get("page"))
    pairs = {"q": search.text, **{n: getattr(search, n) for n in ("year", "level", "grade", "field")}}
    query = urlencode({name: value for name, value in pairs.items() if value})
    context = {
        "page": page,
        "search": search,
        "filtered": bool(query),
        "page_href_prefix": f"?{query}&page=" if query else "?page=",
        "years": [str(year) for year in public.years()],
        "level_choices": Level.choices,
        "grades": Grade.choices,
        "fields": Field.choices,
        **drawn(board(public.everything()), _found),
    }
    return render(request, "portal/awards.html", context)


def _found(cell: Cell) -> str:
    """The awards of one cell, on this page."""
    asked = {"year": cell.year, "level": cell.level, "grade": cell.grade}
    return "?" + urlencode({name: value for name, value in asked.items() if value}) + "#found"


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Nominations in notice, with the last day to object and how to."""
    rows = [
        {"row": row, "final": row.state == Nomination.State.FINAL_NOTICE, "until": row.until}  # type: ignore[attr-defined]
        for row in public.notices()
    ]
    return render(request, "portal/awards_notices.html", {"rows": rows, "today": clock.today()})


def notices_door() -> dict[str, Any] | None:
    """The door 奖励公示 of the front page, once there is something in notice or awarded."""
    noticed = public.notices().count()
    if not noticed and not public.awards(public.Search()).exists():
        return None
    return {
        "label": "奖励公示",
        "href": reverse("portal:award_notices"),
        "count": noticed,
        "unit": "项成果在公示",
    }


def awards_door() -> dict[str, Any] | None:
    """The door 奖励榜 of the front page, once something is awarded."""
    given = board(public.everything()).total
    if not given:
        return None
    return {"label": "奖励榜", "href": reverse("portal:awards"), "count": given, "unit": "项获奖成果可查"}
