"""Saving what is typed, cell by cell, and answering with what changed: readings, remarks, the foot."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from keshu.desk.entry.faces import RowFace, faces, foot
from keshu.desk.entry.finding import actor_of, opened_sheet
from keshu.desk.guard import needs
from keshu.directory.actors import Can
from keshu.figures.entry.cells import (
    CellChange,
    CellConflict,
    CellLocked,
    NothingToDerive,
    TooLong,
    UnknownReason,
    change_cell,
    paste_column,
    report_all_zero,
    report_zero,
)
from keshu.figures.entry.doubting import doubts_of
from keshu.figures.entry.models import FormRow, Sheet
from keshu.figures.entry.sheets import content_of, rows_of
from keshu.terms import clock

REFUSALS = (CellLocked, TooLong, UnknownReason, NothingToDerive)
TYPES = (Can.FILL_MONTH, Can.ENTER_FOR_OTHERS)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        data = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _text(data: dict[str, Any], key: str) -> str | None:
    """A text of the request, None where it is absent or no text."""
    found = data.get(key)
    return found if isinstance(found, str) else None


def _row(rows: list[FormRow], data: dict[str, Any]) -> FormRow | None:
    return next((row for row in rows if str(row.pk) == str(data.get("row"))), None)


def _refused(message: str, status: int = 400, **more: Any) -> JsonResponse:
    return JsonResponse({"problem": message, **more}, status=status)


def _answer(sheet: Sheet, rows: list[FormRow], status: int = 200, **more: Any) -> JsonResponse:
    """The whole sheet's readings and remarks: one change moves sums and identities elsewhere."""
    content = content_of(sheet, rows)
    answer = {
        "saved": f"{clock.now():%H:%M:%S}",
        "rows": {str(face.row.pk): _face(face) for face in faces(content, doubts_of([sheet]))},
        "foot": foot(content),
    }
    return JsonResponse({**answer, **more}, status=status)


def _face(face: RowFace) -> dict[str, Any]:
    cell = face.entry.cell
    return {
        "text": cell.text,
        "zero": cell.zero,
        "absence": cell.absence,
        "note": cell.note,
        "estimate": cell.estimate_text,
        "version": cell.version,
        "single": face.single,
        "cumulative": face.cumulative,
        "severity": face.severity,
        "remarks": render_to_string("entry/remarks.html", {"remarks": face.remarks}) if face.span else None,
    }


@require_POST
@needs(*TYPES)
def cell(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Save one cell. 409 with the other's text when somebody changed it in between."""
    sheet = opened_sheet(request, form, region, period)
    rows = rows_of(sheet.form)
    data = _body(request)
    row = _row(rows, data)
    if row is None:
        return _refused("没有这一行。请刷新页面。", 404)
    seen = data.get("version")
    version = seen if isinstance(seen, int) else 0
    try:
        if data.get("zero"):
            report_zero(sheet, row, actor_of(request), version=version)
        else:
            change = CellChange(
                text=_text(data, "text"),
                estimate=_text(data, "estimate"),
                note=_text(data, "note"),
                absence=_text(data, "absence"),
            )
            change_cell(sheet, row, actor_of(request), change, version=version)
    except CellConflict as conflict:
        theirs = conflict.cell
        at = f"{theirs.changed_at.astimezone(clock.TZ):%H:%M}" if theirs.changed_at else ""
        return _answer(
            sheet,
            rows,
            409,
            problem=f"{theirs.changed_by} {at} 已改成“{theirs.text or theirs.absence or '空着'}”，您写的还在。",
        )
    except REFUSALS as refusal:
        return _refused(str(refusal))
    return _answer(sheet, rows)


@require_POST
@needs(*TYPES)
def paste(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Save a pasted column from one row down, all or nothing."""
    sheet = opened_sheet(request, form, region, period)
    rows = rows_of(sheet.form)
    data = _body(request)
    row = _row(rows, data)
    texts = data.get("texts")
    if row is None or not isinstance(texts, list):
        return _refused("没有可贴的数。请从表格里复制一列再贴。")
    try:
        paste_column(sheet, row, actor_of(request), [str(text) for text in texts][:500])
    except (CellConflict, *REFUSALS) as refusal:
        return _refused(str(refusal))
    return _answer(sheet, rows)


@require_POST
@needs(*TYPES)
def all_zero(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """全表零报告: every open row that is still empty."""
    sheet = opened_sheet(request, form, region, period)
    try:
        report_all_zero(sheet, actor_of(request))
    except REFUSALS as refusal:
        return _refused(str(refusal))
    return _answer(sheet, rows_of(sheet.form))
