"""项目库 and 公示: what anyone may search and object to."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from keshu.programmes import public
from keshu.programmes.models import Field, Level
from keshu.terms import clock

PER_PAGE = 30
LONGEST = 60


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """The searchable register of approved projects."""
    search = public.Search(
        text=request.GET.get("q", "").strip()[:LONGEST],
        year=request.GET.get("year", "")[:4],
        level=request.GET.get("level", "")[:12],
        field=request.GET.get("field", "")[:12],
    )
    page = Paginator(public.projects(search), PER_PAGE).get_page(request.GET.get("page"))
    pairs = {"q": search.text, "year": search.year, "level": search.level, "field": search.field}
    query = urlencode({name: value for name, value in pairs.items() if value})
    context = {
        "page": page,
        "search": search,
        "filtered": bool(query),
        "page_href_prefix": f"?{query}&page=" if query else "?page=",
        "years": [str(year) for year in public.years()],
        "levels": Level.choices,
        "fields": Field.choices,
    }
    return render(request, "portal/projects.html", context)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Projects in public notice, with the last day to object."""
    rows = list(public.notices())
    return render(request, "portal/notices.html", {"rows": rows, "today": clock.today()})


def doors() -> list[dict[str, Any]]:
    """The doors of the front page that have something behind them."""
    found: list[dict[str, Any]] = []
    open_calls = public.calls()
    if open_calls:
        found.append(
            {
                "label": "网上申报",
                "href": reverse("desk:apply"),
                "count": len(open_calls),
                "unit": "个通知正在申报",
                "note": f"最近截止 {open_calls[0].apply_until.astimezone(clock.TZ):%m-%d %H:%M}",
            }
        )
    approved = public.projects(public.Search()).count()
    if approved:
        found.append(
            {
                "label": "项目库",
                "href": reverse("portal:projects"),
                "count": approved,
                "unit": "个立项项目可查",
            }
        )
    noticed = public.notices().count()
    if noticed or approved:
        found.append(
            {"label": "公示", "href": reverse("portal:notices"), "count": noticed, "unit": "个项目在公示"}
        )
    return found
