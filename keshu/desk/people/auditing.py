"""日志: what was done that matters for security, its export, and the check of both chains."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as time_of_day
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk import typed
from keshu.desk.guard import address, needs
from keshu.directory.actors import Can
from keshu.journal import audit, moments
from keshu.journal.models import AuditEntry
from keshu.terms import clock
from keshu.terms.text import guard_cell

PER_PAGE = 100
SHOWN_BREAKS = 50
HEAD = ("序号", "时刻", "主体", "类型", "客体", "结果", "来源地址", "详情", "链值")


@require_GET
@needs(Can.READ_AUDIT)
def log(request: HttpRequest) -> HttpResponse:
    """The audit entries, newest first, filtered by the address of the page."""
    problem = ""
    try:
        rows = _filtered(request)
    except typed.UnreadableField as refusal:
        problem, rows = str(refusal), AuditEntry.objects.none()
    return render(request, "people/audit.html", _context(request, rows, problem))


@require_GET
@needs(Can.READ_AUDIT)
def log_export(request: HttpRequest) -> HttpResponse:
    """The filtered entries as CSV for Excel; cells that a spreadsheet would run are made harmless, the export is itself an entry."""
    try:
        rows = _filtered(request)
    except typed.UnreadableField as refusal:
        return render(
            request,
            "people/audit.html",
            _context(request, AuditEntry.objects.none(), str(refusal)),
            status=422,
        )
    filters = {name: value for name, value in request.GET.items() if value}
    audit.note(request.actor, "导出", "审计日志", address=address(request), detail=filters)  # type: ignore[attr-defined]
    answer = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{clock.today()}.csv"'
    return answer


@require_POST
@needs(Can.READ_AUDIT)
def log_chain(request: HttpRequest) -> HttpResponse:
    """校验链: walk the audit chain and the chain of revisions, and name every break."""
    entries = audit.broken_entries()
    links = list(moments.broken_links())
    found = len(entries) + len(links)
    audit.note(
        request.actor,  # type: ignore[attr-defined]
        "校验链",
        "审计链、修订链",
        outcome="成功" if not found else "有断点",
        address=address(request),
        detail={"审计链断": len(entries), "修订链断": len(links)},
    )
    context = _context(request, _filtered(request), "")
    context["chain"] = {
        "sound": not found,
        "entries": entries[:SHOWN_BREAKS],
        "links": links[:SHOWN_BREAKS],
        "more": max(0, len(entries) - SHOWN_BREAKS) + max(0, len(links) - SHOWN_BREAKS),
        "count": AuditEntry.objects.count(),
        "revision": moments.latest(),
    }
    return render(request, "people/audit.html", context)


def _filtered(request: HttpRequest) -> QuerySet[AuditEntry]:
    asked = request.GET
    rows = AuditEntry.objects.order_by("-pk")
    if kind := asked.get("kind", "").strip():
        rows = rows.filter(kind=kind)
    if who := asked.get("who", "").strip():
        rows = rows.filter(actor_name__icontains=who) | rows.filter(target__icontains=who)
    if outcome := asked.get("outcome", "").strip():
        rows = rows.filter(outcome=outcome)
    if (first := typed.day(asked.get("from"))) is not None:
        rows = rows.filter(at__gte=datetime.combine(first, time_of_day(), clock.TZ))
    if (last := typed.day(asked.get("to"))) is not None:
        rows = rows.filter(at__lt=datetime.combine(last + timedelta(days=1), time_of_day(), clock.TZ))
    return rows


def _context(request: HttpRequest, rows: QuerySet[AuditEntry], problem: str) -> dict[str, object]:
    asked = {name: request.GET.get(name, "") for name in ("kind", "who", "outcome", "from", "to")}
    query = urlencode({name: value for name, value in asked.items() if value})
    return {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": AuditEntry.objects.order_by("kind").values_list("kind", flat=True).distinct(),
        "outcomes": AuditEntry.objects.order_by("outcome").values_list("outcome", flat=True).distinct(),
        "asked": asked,
        "first": asked["from"],
        "problem": problem,
        "page_href_prefix": f"?{query}&page=" if query else "?page=",
        "export_href": f"{reverse('desk:audit_export')}?{query}",
        "crumbs": [{"label": "日志"}],
    }


def _csv(rows: QuerySet[AuditEntry]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"  # Excel reads UTF-8 only with this mark
    yield _line(HEAD)
    for entry in rows.iterator(chunk_size=1000):
        detail = "；".join(f"{name}：{value}" for name, value in entry.detail.items() if value)
        at = entry.at.astimezone(clock.TZ).strftime("%Y-%m-%d %H:%M:%S")
        cells = (entry.actor_name, entry.kind, entry.target, entry.outcome, entry.address, detail)
        yield _line((str(entry.pk), at, *(guard_cell(cell) for cell in cells), entry.digest))


def _line(cells: tuple[str, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
