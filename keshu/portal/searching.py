"""What the public lists share: the question in the address, its pages, and how often one address may ask."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from keshu.desk.errors import too_many
from keshu.desk.guard import View
from keshu.desk.limits import PUBLIC_SEARCH, TooOften, use, who
from keshu.reserves.public import Search

PER_PAGE = 30
LONGEST = 60


def searched(view: View) -> View:
    """A public list whose searches are limited by address. Only a request that searches is counted: a page view writes nothing."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("q", "").strip():
            try:
                use(PUBLIC_SEARCH, who(request))
            except TooOften as refusal:
                return too_many(request, str(refusal), refusal.wait)
        return view(request, *args, **kwargs)

    return counted


def asked(request: HttpRequest, *, kind: str = "kind") -> Search:
    """The question of an address; ``kind`` is the name under which the list asks for its kind."""
    return Search(
        text=request.GET.get("q", "").strip()[:LONGEST].replace("\x00", ""),
        kind=request.GET.get(kind, "")[:12],
        field=request.GET.get("field", "")[:12],
        year=request.GET.get("year", "")[:4],
    )


def paged(request: HttpRequest, rows: QuerySet[Any], search: Search, *, kind: str = "kind") -> dict[str, Any]:
    """One page of a list with the addresses around it."""
    pairs = {"q": search.text, kind: search.kind, "field": search.field, "year": search.year}
    query = urlencode({name: value for name, value in pairs.items() if value})
    return {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "filtered": bool(query),
        "page_href_prefix": f"?{query}&page=" if query else "?page=",
    }


def choices(
    pairs: list[tuple[str, str]], search: Search, *, name: str = "kind", every: str = "全部"
) -> list[dict[str, Any]]:
    """The kinds of a list as links that keep the text searched for."""
    kept = {"q": search.text} if search.text else {}
    return [
        {
            "label": label,
            "href": "?" + urlencode({**({name: value} if value else {}), **kept}),
            "current": value == search.kind,
        }
        for value, label in [("", every), *pairs]
    ]
