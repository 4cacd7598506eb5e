"""补登与批量导入: a file of records into any register that takes them; what it would change is seen before it is written."""

import io
import tempfile
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.bringing.applying import MayNotBring, apply, write_refused_book
from keshu.bringing.columns import bringing_of, from_json, template
from keshu.bringing.models import Batch, StagedRecord
from keshu.bringing.receiving import read, read_again, receive
from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.registers.doors import Door, door
from keshu.desk.registers.listing import register_of
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.journal import audit
from keshu.ledger.bringing.values import written
from keshu.ledger.intake.batches import BatchState, Verdict, discard, path_of
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.registers import Column, Register
from keshu.reports.exports import MEDIA_TYPES
from keshu.terms import clock

PER_PAGE = 50
LIMIT = "xlsx 或 csv，小于 200 MB"
State = Batch.State


@door
def import_door(request: HttpRequest, register: Register) -> Door | None:
    """导入, for those who may bring."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if register.bringing is None or not register.bringing.may(actor):
        return None
    return Door("导入", reverse("desk:register_import", args=[register.code]), "upload")


def _open(request: HttpRequest, code: str) -> tuple[Register, Actor]:
    """The register and the person, when that register takes files and this person may bring them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    register = register_of(code)
    if register.bringing is None:
        raise Http404(f"台账“{register.name}”不收文件导入。")
    if not register.bringing.may(actor):
        audit.note(actor, "拒绝", f"导入 {register.name}", outcome="拒绝", address=address(request))
        raise PermissionDenied(f"往“{register.name}”里导入，要由能登记这个台账的岗位来办。")
    return register, actor


def _batch(register: Register, actor: Actor, pk: int) -> Batch:
    """The actor's own batch, or anybody's for who sees all; 404 otherwise."""
    batch = Batch.objects.visible_to(actor).filter(pk=pk, register=register.code).first()
    if batch is None:
        raise Http404
    return batch


def _crumbs(register: Register, *more: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"label": "台账", "href": reverse("desk:registers")},
        {"label": register.name, "href": reverse("desk:register", args=[register.code])},
        *more,
    ]


@require_GET
@needs(Can.SEE_REGISTERS)
def imports(request: HttpRequest, code: str) -> HttpResponse:
    """The way in for a new file, and the batches of this register, newest first."""
    register, actor = _open(request, code)
    bringing = bringing_of(register)
    batches = Batch.objects.visible_to(actor).filter(register=register.code).order_by("-pk")
    return render(
        request,
        "registers/import.html",
        {
            "register": register,
            "columns": [column.label for column in bringing.columns],
            "key": [column.label for column in bringing.columns if column.path in bringing.key],
            "page": Paginator(batches, PER_PAGE).get_page(request.GET.get("page")),
            "page_href_prefix": "?page=",
            "limit": LIMIT,
            "crumbs": _crumbs(register, {"label": "导入"}),
        },
    )


@require_GET
@needs(Can.SEE_REGISTERS)
def import_template(request: HttpRequest, code: str) -> HttpResponse:
    """The blank workbook."""
    register, actor = _open(request, code)
    out = io.BytesIO()
    template(register, actor, out)
    return attachment(out.getvalue(), f"{register.name}导入模板.xlsx", MEDIA_TYPES["xlsx"])


@require_POST
@needs(Can.SEE_REGISTERS)
@limited(UPLOAD)
@bounded("desk:register_import")
def import_upload(request: HttpRequest, code: str) -> HttpResponse:
    """Take a file in and stage it: at once when it is small, by the worker when it is large."""
    register, actor = _open(request, code)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份 xlsx 或 csv 再传。")
        return redirect("desk:register_import", code=code)
    batch: Batch | None = None
    try:
        batch = receive(uploaded.file, uploaded.name or "", actor, register)
        target = f"{register.name} {batch}"
        audit.note(actor, "上传", target, address=address(request), detail={"摘要": batch.sha256})
        read(batch, actor, register)
    except IntakeError as refusal:
        if batch is None:
            messages.error(request, str(refusal))
            return redirect("desk:register_import", code=code)
    return redirect("desk:register_batch", code=code, pk=batch.pk)


@require_GET
@needs(Can.SEE_REGISTERS)
def import_batch(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What the file would do, row by row."""
    register, actor = _open(request, code)
    batch = _batch(register, actor, pk)
    imports_href = reverse("desk:register_import", args=[code])
    context: dict[str, Any] = {
        "register": register,
        "batch": batch,
        "rereadable": bool(batch.sha256) and path_of(batch).is_file(),
        "crumbs": _crumbs(register, {"label": "导入", "href": imports_href}, {"label": batch.filename}),
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
        context |= _preview(request, register, batch)
    return render(request, "registers/import_batch.html", context)


ORDER = (Verdict.CHANGED, Verdict.NEW, Verdict.REFUSED, Verdict.IDENTICAL)


def _preview(request: HttpRequest, register: Register, batch: Batch) -> dict[str, Any]:
    counts = {verdict: batch.counts.get(verdict, 0) for verdict in Verdict.values}
    shown = request.GET.get("show", "")
    if not counts.get(shown):
        first = (Verdict.REFUSED, *ORDER) if batch.state == State.READY else ORDER
        shown = next((verdict.value for verdict in first if counts[verdict]), Verdict.NEW.value)
    rows = StagedRecord.objects.filter(batch=batch, verdict=shown).order_by("number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    columns = bringing_of(register).columns
    return {
        "preview": {
            "new": counts["new"],
            "changed": counts["changed"],
            "same": counts["identical"],
            "refused": counts["refused"],
        },
        "lead": _lead(batch, counts),
        "writes": counts["new"] + counts["changed"],
        "refused": counts["refused"],
        "notes": batch.notes,
        "tabs": [
            {
                "label": verdict.label,
                "count": counts[verdict],
                "href": f"?show={verdict.value}#rows",
                "current": verdict.value == shown,
            }
            for verdict in ORDER
            if counts[verdict]
        ],
        "shown": shown,
        "page": page,
        "page_href_prefix": f"?show={shown}&page=",
        "heads": [column.label for column in columns],
        "lines": _lines(list(page), columns),
    }


def _lead(batch: Batch, counts: dict[str, int]) -> list[dict[str, Any]]:
    """结论句: what confirming will do, or what it did."""
    writes = counts["new"] + counts["changed"]
    said = [f"{word} {counts[key]} 条" for word, key in (("新增", "new"), ("改动", "changed")) if counts[key]]
    many = f"，共代表 {batch.standing_for} 件" if batch.standing_for > sum(counts.values()) else ""
    if batch.state == State.APPLIED:
        if batch.revision is None:
            return [{"text": "全部相同，没有要改的，没有占修订号。"}]
        head: list[dict[str, Any]] = [
            {"text": "已导入 "},
            {"text": f"{writes} 条记录", "strong": True},
            {"text": f"，修订号 r{batch.revision}。"},
        ]
    elif writes:
        head = [
            {"text": "确认后写入 "},
            {"text": f"{writes} 条记录", "strong": True},
            {"text": f"：{'、'.join(said)}{many}。"},
        ]
    elif counts["identical"]:
        head = [{"text": "读得了的都相同，没有要改的。"}]
    else:
        head = [{"text": "没有能写入的记录。"}]
    if counts["refused"]:
        refused = {"text": f"{counts['refused']} 行", "strong": True}
        head += [{"text": "拒收 "}, refused, {"text": "，改好再传。"}]
    return head


def _lines(rows: list[StagedRecord], columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Rows of the preview; names of regions and organisations are fetched together."""
    names = _names(rows, columns)

    def cell(column: Column, value: Any) -> str:
        if column.kind in ("region", "unit"):
            return names.get((column.kind, value), "")
        return written(column, from_json(column, value))

    return [
        {
            "row": row,
            "cells": [
                {
                    "text": cell(column, (row.content or {}).get(column.path)),
                    "was": cell(column, row.before[column.path]) or "空"
                    if column.path in (row.before or {})
                    else "",
                    "number": column.kind in ("money", "number", "count"),
                }
                for column in columns
            ],
        }
        for row in rows
    ]


def _names(rows: list[StagedRecord], columns: tuple[Column, ...]) -> dict[tuple[str, Any], str]:
    found: dict[tuple[str, Any], str] = {}
    for kind, model in (("region", Region), ("unit", Unit)):
        paths = [column.path for column in columns if column.kind == kind]
        pks = {
            data[path]
            for row in rows
            for data in (row.content, row.before)
            if data
            for path in paths
            if data.get(path)
        }
        if pks:
            named = model.objects.filter(pk__in=pks).values_list("pk", "name")  # type: ignore[attr-defined]
            found |= {(kind, pk): name for pk, name in named}
    return found


@require_GET
@needs(Can.SEE_REGISTERS)
def import_progress(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """How far the reading is; sends the page on when it is done or has stopped."""
    register, actor = _open(request, code)
    batch = _batch(register, actor, pk)
    response = render(request, "registers/import_progress.html", {"register": register, "batch": batch})
    if not batch.is_underway or batch.is_stalled:
        response["HX-Redirect"] = reverse("desk:register_batch", args=[code, pk])
    return response


@require_GET
@needs(Can.SEE_REGISTERS)
def import_refused(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The refused rows as a workbook with reasons; corrected, it can be uploaded again."""
    register, actor = _open(request, code)
    batch = _batch(register, actor, pk)
    if not batch.counts.get(Verdict.REFUSED):
        raise Http404
    audit.note(actor, "导出", f"{register.name} {batch} 拒收表", address=address(request))
    with tempfile.TemporaryFile() as out:
        write_refused_book(batch, register, out)
        out.seek(0)
        return attachment(out.read(), f"{batch.filename.rsplit('.', 1)[0]}_拒收.xlsx", MEDIA_TYPES["xlsx"])


@require_POST
@needs(Can.SEE_REGISTERS)
def import_act(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Apply the batch, read it again, or give it up."""
    register, actor = _open(request, code)
    batch = _batch(register, actor, pk)
    action = request.POST.get("action")
    try:
        if action == "apply":
            count = apply(batch, actor, register)
            target = f"{register.name} {batch}"
            audit.note(actor, "导入", target, address=address(request), detail={"写入": count})
        elif action == "discard":
            discard(batch)
            messages.success(request, f"{batch.filename} 已放弃，台账没有变。")
            return redirect("desk:register_import", code=code)
        elif action == "again":
            read_again(batch, actor, register)
    except (BatchState, MayNotBring, IntakeError) as refusal:
        batch.refresh_from_db()
        if batch.failure != str(refusal):  # what stands on the page already is not said twice
            messages.error(request, str(refusal))
    return redirect("desk:register_batch", code=code, pk=pk)
