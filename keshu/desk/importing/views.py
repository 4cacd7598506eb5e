"""Uploading a file of figures, seeing what it would change, applying it or giving it up."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.importing import downloads
from keshu.desk.importing.lines import lead_of, lines_of, notes_of, publications_of
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.figures.book import book
from keshu.figures.imports.applying import MayNotImport, apply, pending_notes
from keshu.figures.imports.models import ImportBatch, StagedRow
from keshu.figures.imports.receiving import read, read_again, receive
from keshu.journal import audit, moments
from keshu.ledger.intake.batches import BatchState, Verdict, discard, path_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.terms import clock

PER_PAGE = 50
LIMIT = "xlsx 或 csv，小于 200 MB"
State = ImportBatch.State


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    """The actor's own batch, or anybody's for who sees all; 404 otherwise."""
    batch = ImportBatch.objects.visible_to(_actor(request)).filter(pk=pk).first()
    if batch is None:
        raise Http404
    return batch


@require_GET
@needs(Can.IMPORT_FIGURES)
def imports(request: HttpRequest) -> HttpResponse:
    """Batches, newest first, and the way in for a new file."""
    batches = ImportBatch.objects.visible_to(_actor(request)).order_by("-pk")
    return render(
        request,
        "importing/imports.html",
        {
            "page": Paginator(batches, PER_PAGE).get_page(request.GET.get("page")),
            "page_href_prefix": "?page=",
            "crumbs": [{"label": "导入"}],
            "limit": LIMIT,
        },
    )


@require_GET
@needs(Can.IMPORT_FIGURES)
def template(request: HttpRequest) -> HttpResponse:
    """The blank workbook with the measures and regions that the actor may enter."""
    return downloads.template_for(_actor(request), book(moments.latest()))


@require_POST
@needs(Can.IMPORT_FIGURES)
@limited(UPLOAD)
@bounded("desk:imports")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in and stage it: at once when it is small, by the worker when it is large."""
    actor = _actor(request)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份 xlsx 或 csv 再传。")
        return redirect("desk:imports")
    batch: ImportBatch | None = None
    try:
        batch = receive(uploaded.file, uploaded.name or "", actor)
        audit.note(actor, "上传", str(batch), address=address(request), detail={"摘要": batch.sha256})
        read(batch, actor)
    except IntakeError as refusal:
        if batch is None:
            messages.error(request, str(refusal))
            return redirect("desk:imports")
    return redirect("desk:import_detail", pk=batch.pk)


@require_GET
@needs(Can.IMPORT_FIGURES)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do, row by row where it matters."""
    batch = _batch(request, pk)
    context: dict[str, Any] = {
        "batch": batch,
        "rereadable": bool(batch.sha256) and path_of(batch).is_file(),
        "crumbs": [{"label": "导入", "href": reverse("desk:imports")}, {"label": batch.filename}],
        "asof": [
            {"value": f"第 {batch.pk} 批"},
            {
                "label": "上传",
                "value": batch.uploaded_by,
                "note": f"{batch.uploaded_at.astimezone(clock.TZ):%m-%d %H:%M}",
            },
            {"label": "读到", "value": f"{batch.rows_read} 行"},
            {"label": "状态", "value": batch.standing},
            *([{"label": "修订号", "value": f"r{batch.revision}"}] if batch.revision else []),
        ],
    }
    if batch.state in (State.READY, State.APPLIED):
        context |= _preview(request, batch)
    return render(request, "importing/detail.html", context)


def _preview(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    counts = {verdict: batch.counts.get(verdict, 0) for verdict in Verdict.values}
    shown = request.GET.get("show", "")
    if not counts.get(shown):
        first = Verdict.NEW if batch.state == State.APPLIED else Verdict.REFUSED
        order = (Verdict.CHANGED, first, Verdict.NEW, Verdict.REFUSED, Verdict.IDENTICAL, Verdict.EMPTY)
        shown = next((verdict.value for verdict in order if counts[verdict]), Verdict.NEW.value)
    rows = StagedRow.objects.filter(batch=batch, verdict=shown).order_by("number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "preview": {
            "new": counts["new"],
            "changed": counts["changed"],
            "same": counts["identical"],
            "refused": counts["refused"],
        },
        "lead": lead_of(batch),
        "writes": counts["new"] + counts["changed"],
        "says": batch.state == State.READY and bool(pending_notes(batch)),
        "refused": counts["refused"],
        "notes": notes_of(batch),
        "publications": publications_of(batch),
        "tabs": [
            {
                "label": verdict.label,
                "count": counts[verdict],
                "href": f"?show={verdict.value}#rows",
                "current": verdict.value == shown,
            }
            for verdict in (Verdict.CHANGED, Verdict.NEW, Verdict.IDENTICAL, Verdict.EMPTY, Verdict.REFUSED)
            if counts[verdict]
        ],
        "shown": shown,
        "page": page,
        "page_href_prefix": f"?show={shown}&page=",
        "lines": lines_of(page, book(moments.latest()), applied=batch.state == State.APPLIED),
    }


@require_GET
@needs(Can.IMPORT_FIGURES)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the reading is; sends the page on when it is done or has stopped."""
    batch = _batch(request, pk)
    response = render(request, "importing/progress.html", {"batch": batch})
    if not batch.is_underway or batch.is_stalled:
        response["HX-Redirect"] = reverse("desk:import_detail", args=[pk])
    return response


@require_GET
@needs(Can.IMPORT_FIGURES)
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a workbook with reasons; corrected, it can be uploaded again."""
    batch = _batch(request, pk)
    if not batch.counts.get(Verdict.REFUSED):
        raise Http404
    audit.note(_actor(request), "导出", f"{batch} 拒收表", address=address(request))
    return downloads.refused_of(batch)


@require_POST
@needs(Can.IMPORT_FIGURES)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the batch, read it again, or give it up."""
    actor, batch = _actor(request), _batch(request, pk)
    action = request.POST.get("action")
    try:
        if action == "apply":
            outcome = apply(batch, actor)
            audit.note(
                actor,
                "导入",
                str(batch),
                address=address(request),
                detail={"写入": outcome.new + outcome.changed},
            )
        elif action == "discard":
            discard(batch)
            messages.success(request, f"{batch.filename} 已放弃，数没有变。")
            return redirect("desk:imports")
        elif action == "again":
            read_again(batch, actor)
    except (BatchState, MayNotImport, IntakeError) as refusal:
        batch.refresh_from_db()
        if batch.failure != str(refusal):  # what stands on the page already is not said twice
            messages.error(request, str(refusal))
    return redirect("desk:import_detail", pk=pk)
