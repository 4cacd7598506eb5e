"""报出数台账: who got which figure, when and for what; each giving beside what its figures are now."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.dispatching.asking import door
from keshu.desk.guard import address, needs
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.reports.exports import MEDIA_TYPES
from keshu.reports.issued_sheets import register_csv, register_xlsx
from keshu.reports.issuing import Search, register
from keshu.reports.models import Issued, IssuedFigure
from keshu.reports.since import Since, since
from keshu.terms import clock
from keshu.terms.clock import UnreadableMoment

PER_PAGE = 30
FIGURES_PER_PAGE = 100


def _search(query: Mapping[str, str]) -> Search:
    channel = query.get("channel", "")
    return Search(
        text=query.get("q", "").strip()[:100],
        figure=query.get("figure", "").strip()[:80],
        channel=channel if channel in Issued.Channel.values else "",
        since=query.get("from", "").strip()[:20],
        until=query.get("to", "").strip()[:20],
    )


def _found(request: HttpRequest) -> tuple[Search, QuerySet[Issued], str]:
    """The search, what it finds, and why it finds nothing when a date cannot be read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    search = _search(request.GET)
    try:
        return search, register(actor, search), ""
    except UnreadableMoment as refusal:
        return search, Issued.objects.visible_to(actor).none(), str(refusal)


def _query(search: Search) -> str:
    pairs = {
        "q": search.text,
        "figure": search.figure,
        "channel": search.channel,
        "from": search.since,
        "to": search.until,
    }
    return urlencode({name: value for name, value in pairs.items() if value})


@require_GET
@needs(Can.SEE_ISSUED)
def issued(request: HttpRequest) -> HttpResponse:
    """The register, newest first, filtered by the address of the page."""
    search, rows, problem = _found(request)
    page = Paginator(rows.annotate(count=Count("figures")), PER_PAGE).get_page(request.GET.get("page"))
    query = _query(search)
    context = {
        "page": page,
        "search": search,
        "channels": Issued.Channel.choices,
        "problem": problem,
        "page_href_prefix": f"?{query}&page=" if query else "?page=",
        "export_query": query,
        "filtered": bool(query),
        "crumbs": [{"label": "台账"}, {"label": "报出数台账"}],
        "asof": [{"label": "共", "value": f"{page.paginator.count} 次"}],
    }
    return render(request, "reporting/issued.html", context, status=422 if problem else 200)


@require_GET
@needs(Can.SEE_ISSUED)
def issued_export(request: HttpRequest) -> HttpResponse:
    """The filtered register as Excel or CSV, one line per figure."""
    search, rows, problem = _found(request)
    if problem:
        return issued(request)
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    content = register_csv(rows) if kind == "csv" else register_xlsx(rows)
    detail = {"条件": _query(search), "格式": kind}
    audit.note(request.actor, "导出", "报出数台账", address=address(request), detail=detail)  # type: ignore[attr-defined]
    return attachment(content, f"报出数台账_{clock.today()}.{kind}", MEDIA_TYPES[kind])


@require_GET
@needs(Can.SEE_ISSUED)
def issued_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One giving: its words, its figures as they were, and what they are now."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = Issued.objects.visible_to(actor).select_related("composed").filter(pk=pk).first()
    if row is None:
        raise Http404
    figures = row.figures.for_system("报出明细，已按范围取").select_related("subject").order_by("pk")
    page = Paginator(figures, FIGURES_PER_PAGE).get_page(request.GET.get("page"))
    told = since(row, list(page.object_list))
    context = {
        "row": row,
        "channel": Issued.Channel(row.channel).label,
        "page": page,
        "page_href_prefix": "?page=",
        "lines": [_line(one) for one in told],
        "different": sum(not one.same for one in told),
        "crumbs": [{"label": "报出数台账", "href": reverse("desk:issued")}, {"label": row.receiver}],
        "asof": [
            {"label": "给出", "value": f"{row.given_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}"},
            {"label": "经办", "value": row.given_by},
            {"label": "复现码", "value": f"r{row.revision}"},
        ],
    }
    return render(request, "reporting/issued_detail.html", context)


def _line(one: Since) -> dict[str, Any]:
    """A given figure; what left opens to its trace as of then, what is now to its trace of today. What was typed into a form
    opens to nothing."""
    if one.figure.kind == IssuedFigure.Kind.FORM:
        return {"told": one, "again": f"{reverse('desk:issued')}?{urlencode({'figure': one.figure.name})}"}
    pairs = {"name": one.figure.code, "region": one.region_code, "period": one.figure.period}
    then = urlencode({**pairs, "asof": f"r{one.figure.revision}"})
    return {
        "told": one,
        "then_href": door("desk:trace", then),
        "then_trace": door("desk:trace_card", then),
        "now_href": door("desk:trace", urlencode(pairs)),
        "now_trace": door("desk:trace_card", urlencode(pairs)),
        "again": f"{reverse('desk:issued')}?{urlencode({'figure': one.figure.code})}",
    }
