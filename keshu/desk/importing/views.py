"""Uploading a file of figures, seeing what it would change, applying it or giving it up."""

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.importing.lines import changed_lines
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.figures.book import book
from keshu.figures.imports.applying import apply, discard
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.refused import write_refused_book
from keshu.figures.imports.rows import COLUMNS
from keshu.figures.imports.staging import BatchState, open_batch, stage
from keshu.figures.imports.tasks import stage_later
from keshu.journal import audit, moments
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.templates import write_template
from keshu.ledger.intake.uploads import check_upload, safe_name, store

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_REQUEST = 1024 * 1024  # larger files are read by the worker, and the page shows how far it is
PER_PAGE = 50


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
    page = Paginator(batches, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "importing/imports.html",
        {
            "page": page,
            "page_href_prefix": "?page=",
            "crumbs": [{"label": "导入"}],
            "limit": "xlsx 或 csv，不超过 200 MB",
        },
    )


@require_GET
@needs(Can.IMPORT_FIGURES)
def template(request: HttpRequest) -> HttpResponse:
    """The blank workbook with the measures and regions that the actor may enter."""
    actor = _actor(request)
    definitions = book(moments.latest())
    regions = [r for r in definitions.regions.values() if actor.sees_all or r.pk in actor.region_ids]
    out = io.BytesIO()
    write_template(
        COLUMNS,
        out,
        title="指标数导入",
        examples=[
            {
                "period": "2026年1—9月",
                "region": regions[-1].name if regions else "",
                "measure": "财政科技支出",
                "value": "1980",
                "unit": "万元",
                "source": "财政局月报",
            }
        ],
        notes=[
            "一行一个数。数值只填数，单位写在单位列；没有数留空或填 —，不要填 0。",
            "同一次发布里的多年数，发布列写同一个名称；修订过的数在版次列写“修订”。",
            "推算、估计的数在版次列写“推算”，系统会标明，不进指标的分子分母。",
        ],
        dropdowns={
            "measure": sorted(measure.name for measure in definitions.measures.values()),
            "region": [region.name for region in sorted(regions, key=lambda r: r.code)][:2000],
        },
    )
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = "attachment; filename=figures.xlsx"
    return response


@require_POST
@needs(Can.IMPORT_FIGURES)
@limited(UPLOAD)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in and stage it: at once when it is small, by the worker when it is large."""
    actor = _actor(request)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份 xlsx 或 csv 再传。")
        return redirect("desk:imports")
    name = safe_name(uploaded.name or "数据.xlsx")
    try:
        check_upload(uploaded.file, name, accept={Found.XLSX, Found.TEXT})
        kept = store(uploaded.file, Path(settings.MEDIA_ROOT), name=name)
    except IntakeError as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:imports")
    batch = open_batch(name, actor, size=kept.size, sha256=kept.sha256)
    if kept.size > IN_REQUEST:
        stage_later(batch, request.user.pk, actor.employment_id)
    else:
        try:
            stage(batch, kept.path, actor)
        except IntakeError as refusal:
            messages.error(request, str(refusal))
            return redirect("desk:imports")
    return redirect("desk:import_detail", pk=batch.pk)


@require_GET
@needs(Can.IMPORT_FIGURES)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do, row by row where it matters."""
    batch = _batch(request, pk)
    shown = request.GET.get("show", "")
    if shown not in Verdict.values:
        counts = batch.counts
        order = (Verdict.REFUSED, Verdict.CHANGED, Verdict.NEW)
        shown = next((verdict.value for verdict in order if counts.get(verdict)), Verdict.NEW.value)
    rows = StagedRow.objects.filter(batch=batch, verdict=shown).order_by("number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "importing/detail.html",
        {
            "batch": batch,
            "preview": {
                "new": batch.counts.get(Verdict.NEW, 0),
                "changed": batch.counts.get(Verdict.CHANGED, 0),
                "same": batch.counts.get(Verdict.IDENTICAL, 0),
                "refused": batch.counts.get(Verdict.REFUSED, 0),
            },
            "writes": batch.counts.get(Verdict.NEW, 0) + batch.counts.get(Verdict.CHANGED, 0),
            "tabs": _tabs(batch, shown),
            "shown": shown,
            "page": page,
            "page_href_prefix": f"?show={shown}&page=",
            "lines": changed_lines(list(page)),
            "crumbs": [{"label": "导入", "href": reverse("desk:imports")}, {"label": batch.filename}],
            "asof": [
                {"value": f"第 {batch.pk} 批"},
                {"label": "上传", "value": batch.uploaded_by},
                {"label": "读到", "value": f"{batch.rows_read} 行"},
                {"label": "状态", "value": ImportBatch.State(batch.state).label},
                *([{"label": "修订号", "value": str(batch.revision)}] if batch.revision else []),
            ],
        },
    )


def _tabs(batch: ImportBatch, shown: str) -> list[dict[str, Any]]:
    return [
        {
            "label": verdict.label,
            "count": batch.counts.get(verdict, 0),
            "href": f"?show={verdict.value}",
            "current": verdict.value == shown,
        }
        for verdict in Verdict
        if batch.counts.get(verdict)
    ]


@require_GET
@needs(Can.IMPORT_FIGURES)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the reading is; tells the page to reload when it is done."""
    batch = _batch(request, pk)
    response = render(request, "importing/progress.html", {"batch": batch})
    if batch.state != ImportBatch.State.READING:
        response["HX-Redirect"] = reverse("desk:import_detail", args=[pk])
    return response


@require_GET
@needs(Can.IMPORT_FIGURES)
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a workbook with reasons; corrected, it can be uploaded again."""
    batch = _batch(request, pk)
    out = io.BytesIO()
    write_refused_book(batch, out)
    audit.note(_actor(request), "导出", f"{batch} 拒收表", address=address(request))
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=refused-{batch.pk}.xlsx"
    return response


@require_POST
@needs(Can.IMPORT_FIGURES)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the batch, read it again, or give it up."""
    actor, batch = _actor(request), _batch(request, pk)
    action = request.POST.get("action")
    try:
        if action == "apply":
            outcome = apply(batch, actor)
            done = outcome.new + outcome.changed
            messages.success(request, f"已导入 {done} 个数。" if done else "全部相同，没有要改的。")
            audit.note(actor, "导入", str(batch), address=address(request), detail={"写入": done})
        elif action == "discard":
            discard(batch)
            messages.success(request, "已放弃，数没有变。")
            return redirect("desk:imports")
        elif action == "again" and batch.state in (ImportBatch.State.READING, ImportBatch.State.FAILED):
            StagedRow.objects.filter(batch=batch).delete()
            batch.state, batch.rows_read, batch.failure = ImportBatch.State.READING, 0, ""
            batch.save()
            stage_later(batch, request.user.pk, actor.employment_id)
    except BatchState as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:import_detail", pk=pk)
