"""归档: the list of a closed project's papers, its archive number, and the list as a workbook."""

import io
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.projects.finding import REFUSALS, REFUSED, crumbs, day, href, project_of
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.ledger.intake.writing import write_table
from keshu.programmes import archive as filing
from keshu.programmes.archive import Listed
from keshu.programmes.models import Application, Paper
from keshu.reports.exports import MEDIA_TYPES

EMPTY_ROWS, MOST_ROWS = 3, 60


@needs(Can.HANDLE_PROGRAMMES)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """The list as the project's records suggest it; a POST files the project. Once filed the list only stands there."""
    application = project_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _form(request, application, _suggested(application))
    typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
    try:
        filed = filing.file_away(application, _read(typed), actor)
    except REFUSALS as refusal:
        return _form(request, application, typed, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已归档，档号 {filed.archive_number}。")
    return redirect(href(application))


def _suggested(application: Application) -> dict[str, str]:
    typed: dict[str, str] = {}
    for number, row in enumerate(filing.suggested(application), 1):
        typed[f"{number}.kind"], typed[f"{number}.doc_no"] = row.kind, row.doc_no
        typed[f"{number}.dated"] = row.dated.isoformat() if row.dated else ""
        typed[f"{number}.keep"] = row.keep
    return typed


def _numbers(typed: dict[str, str]) -> list[int]:
    held = [
        int(head)
        for name, text in typed.items()
        if "." in name and text.strip() and (head := name.split(".", 1)[0]).isascii() and head.isdigit()
    ]
    return list(range(1, min(max(held, default=0), MOST_ROWS) + 1))


def _read(typed: dict[str, str]) -> list[Listed]:
    return [
        Listed(
            typed.get(f"{n}.kind", ""),
            typed.get(f"{n}.doc_no", ""),
            day(typed, f"{n}.dated", f"第 {n} 行的日期"),
            typed.get(f"{n}.keep", ""),
        )
        for n in _numbers(typed)
        if typed.get(f"{n}.kind", "").strip() or typed.get(f"{n}.doc_no", "").strip()
    ]


def _form(
    request: HttpRequest,
    application: Application,
    typed: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    last = max(_numbers(typed), default=0)
    context: dict[str, Any] = {
        "project": application,
        "problem": problem,
        "papers": filing.papers_of(application) if application.archive_number else [],
        "rows": [
            {
                "number": n,
                **{name: typed.get(f"{n}.{name}", "") for name in ("kind", "doc_no", "dated")},
                "terms": [{"value": term, "on": term == typed.get(f"{n}.keep")} for term in filing.terms()],
            }
            for n in range(1, min(last + EMPTY_ROWS, MOST_ROWS) + 1)
        ],
        "back": href(application),
        "crumbs": crumbs(application, "归档"),
    }
    return render(request, "projects/archive.html", context, status=status)


@require_GET
@needs(Can.SEE_REGISTERS)
def archive_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of one project's papers as a workbook."""
    application = project_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not application.archive_number:
        raise Http404("这个项目还没有归档。")
    rows = Paper.objects.visible_to(actor).filter(application=application)
    found = list(rows.select_related("application__unit").order_by("order", "pk"))
    return _workbook(request, found, f"归档清单_{application.archive_number}")


@require_GET
@needs(Can.SEE_REGISTERS)
def archive_year(request: HttpRequest, year: int) -> HttpResponse:
    """The lists of all projects closed in a year and filed, as far as this reader sees them, as one workbook."""
    if not 1949 <= year <= 9999:
        raise Http404("没有这一年。")
    return _workbook(request, filing.filed_in(year, request.actor), f"项目档案目录_{year}")  # type: ignore[attr-defined]


def _workbook(request: HttpRequest, rows: list[Paper], name: str) -> HttpResponse:
    out = io.BytesIO()
    write_table(filing.HEAD, filing.listed(rows), out, title=name.replace("_", " "), sheet="归档清单")
    audit.note(request.actor, "导出", name, address=address(request))  # type: ignore[attr-defined]
    return attachment(out.getvalue(), f"{name}.xlsx", MEDIA_TYPES["xlsx"])
