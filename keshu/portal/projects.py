"""项目库 and 公示: what anyone may search and object to."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keshu.ledger.evidence import evidence_of, path_of
from keshu.portal.needs import noticed
from keshu.programmes import public
from keshu.programmes.calls import facts
from keshu.programmes.models import Call, Field, Level
from keshu.programmes.objecting import how
from keshu.programmes.steps.applying import said
from keshu.programmes.superiors import LIST
from keshu.terms import clock

PER_PAGE = 30
LONGEST = 60
#: Files of a call that are not for the public: lists that superiors sent.
LISTED = (LIST,)


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
    context = {"rows": rows, "today": clock.today(), "how": how(), "noticed": noticed()}
    return render(request, "portal/notices.html", context)


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Every published call, those that take applications first."""
    now = clock.now()
    rows = [
        {
            "call": call,
            "taking": public.is_taking(call, now),
            "when": public.left(call.apply_until) if call.opens_at <= now else f"{said(call.opens_at)} 开始",
        }
        for call in public.every_call()
    ]
    return render(request, "portal/calls.html", {"rows": rows, "now": said(now, "%H:%M:%S")})


def _public_call(pk: int) -> Call:
    call = Call.objects.filter(pk=pk).first()
    if call is None or not public.is_public(call):
        raise Http404("没有这个申报通知，或它还没有发布。")
    return call


@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """One call for everybody: guide, who may apply, money, until when by the server's clock, notices of extension, downloads."""
    found = _public_call(pk)
    now = clock.now()
    context = {
        "call": found,
        "facts": facts(found),
        "taking": public.is_taking(found, now),
        "early": found.state == Call.State.OPEN and now < found.opens_at,
        "left": public.left(found.apply_until),
        "now": said(now, "%Y-%m-%d %H:%M:%S"),
        "files": [row for row in evidence_of(found) if row.caption not in LISTED],
    }
    return render(request, "portal/call.html", context)


@require_safe
def call_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """One file of a published call. What a superior sent us as its list is no part of the call."""
    found = _public_call(pk)
    row = next((one for one in evidence_of(found) if one.pk == file and one.caption not in LISTED), None)
    if row is None or not path_of(row).is_file():
        raise Http404("这里没有这份材料。")
    return FileResponse(
        path_of(row).open("rb"), as_attachment=True, filename=row.name, content_type=row.media_type
    )
