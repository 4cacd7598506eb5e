"""One filling: every figure opens, what is missing says why, last period beside it; checking, exporting, noting as sent, feedback."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.dispatching.asking import door
from keshu.desk.filling.finding import REFUSALS, actor_of, filled_of, told
from keshu.desk.filling.grid import draw
from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Can
from keshu.figures.models import Release
from keshu.filling.adopting import adopt, adoptable
from keshu.filling.composing import Sheet
from keshu.filling.computing import FILLED, MISSING, STATES, TYPED, CellValue, compute
from keshu.filling.feedback import DIFFERS, VERDICTS, differences, import_feedback
from keshu.filling.layout import LaidCell
from keshu.filling.mapping import BY_HAND, FIGURE, PERIOD
from keshu.filling.models import Filled
from keshu.filling.working import (
    changed,
    check,
    earlier,
    export,
    fill_period,
    moved_since,
    record_sent,
    same_cell,
    sheet_of,
    type_in,
    values_of,
)
from keshu.journal import audit
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import plain, show_change, show_number

HAND_FIELD = "hand-"


def _trace(value: CellValue, revision: int) -> dict[str, str | None]:
    """The doors of a figure's trace as of the revision it was taken at."""
    pairs = {
        "name": value.cell.code,
        "region": value.cell.region,
        "period": value.period,
        "asof": f"r{revision}",
    }
    query = urlencode(pairs)
    return {"href": door("desk:trace", query), "trace": door("desk:trace_card", query)}


@require_GET
@needs(Can.FILL_FORMS)
def filled(request: HttpRequest, pk: int) -> HttpResponse:
    """The filled form."""
    return _page(request, filled_of(request, pk))


def _page(request: HttpRequest, row: Filled, *, problem: str = "") -> HttpResponse:
    actor = actor_of(request)
    values, sheet = values_of(row), sheet_of(row)
    by_key = {value.cell.key: value for value in values}
    warnings = [] if row.issued_id else changed(actor, row)
    checks = told([] if row.issued_id else check(actor, row, warnings))
    before = earlier(row, actor)
    layout = sheet.layout
    number = _number(request, len(layout.sheets))
    grid = draw(layout.sheet(number), lambda key, cell: _drawn(key, cell, by_key, sheet, row, checks["at"]))
    counts = row.counts
    context: dict[str, Any] = {
        "row": row,
        "grid": grid,
        "sheets": [
            {"name": one.name, "href": f"?sheet={one.number}", "current": one.number == number}
            for one in layout.sheets
            if not one.hidden
        ],
        "checks": checks,
        "lead": _lead(row, values, len(checks["wrong"])),
        "warnings": warnings,
        "lines": _lines(row, values, before),
        "before": before,
        "back": _feedback(row),
        "adopts": _adopts(row, actor.can(Can.IMPORT_FIGURES)),
        "problem": problem,
        "newer": [] if row.issued_id else moved_since(row),
        "hand": any(value.cell.kind in BY_HAND for value in values) and not row.issued_id,
        "receiver": row.template.receiver,
        "crumbs": [
            {"label": "套表上报", "href": reverse("desk:filling_forms")},
            {"label": row.template.name, "href": reverse("desk:filling_form", args=[row.template_id])},
            {"label": row.stretch.label},
        ],
        "asof": [
            {"label": "期间", "value": row.stretch.label},
            {
                "label": "取数",
                "value": f"r{row.revision}",
                "note": f"{row.filled_at.astimezone(clock.TZ):%m-%d %H:%M}",
            },
            *(
                {"label": STATES[s], "value": f"{counts[s]} 格"}
                for s in (FILLED, TYPED, MISSING)
                if counts.get(s)
            ),
            {"label": "状态", "value": row.standing},
        ],
    }
    return render(request, "filling/filled.html", context, status=422 if problem else 200)


def _lead(row: Filled, values: list[CellValue], wrong: int) -> str:
    """What is there, what is missing and where, what has to be looked at."""
    lacking = [value for value in values if value.state == MISSING]
    named = "；".join(f"{value.cell.label or value.cell.key} {value.missing}" for value in lacking[:3])
    more = f"等 {len(lacking)} 格" if len(lacking) > 3 else ""
    told = [f"{row.stretch.label}填了 {row.counts.get(FILLED, 0)} 格"]
    told.append(f"缺 {len(lacking)} 格（{named}{more}）" if lacking else "没有缺的")
    if not row.issued_id:
        told.append(f"校核有 {wrong} 处要改或说明" if wrong else "校核没有要改的")
    return "，".join(told) + "。"


def _drawn(
    key: str, cell: LaidCell, by_key: dict[str, CellValue], sheet: Sheet, row: Filled, wrong: set[str]
) -> dict[str, Any]:
    value = by_key.get(key)
    if value is None:
        if cell.formula:
            made = sheet.number(key)
            shown = (
                "" if made is None else show_number(made, cell.decimals if cell.decimals is not None else 2)
            )
            return {"kind": "formula", "text": shown or f"={cell.formula}"[:20], "wrong": key in wrong}
        return {"kind": "words" if cell.text and not cell.fillable else "plain", "text": cell.text}
    found: dict[str, Any] = {
        "kind": value.state,
        "text": sheet.entries.get(key) if value.cell.kind == PERIOD else value.said,
        "wrong": key in wrong,
        "note": value.note,
        "label": value.cell.label,
    }
    if value.state == FILLED:
        found |= _trace(value, row.revision)
    if value.cell.kind in BY_HAND and not row.issued_id:
        found |= {"field": HAND_FIELD + key, "typed": value.text}
    return found


def _lines(row: Filled, values: list[CellValue], before: Filled | None) -> list[dict[str, Any]]:
    """Every cell: this period, last period as it is now, what was sent then."""
    sent = {same_cell(one): one for one in values_of(before)} if before else {}
    now: dict[str, CellValue] = {}
    if before is not None:
        cells = [value.cell for value in values if value.cell.kind == FIGURE]
        made = compute(cells, Period.parse(before.period), {}, row.revision)
        now = {one.cell.key: one for one in made}
    found = []
    for value in values:
        if not value.said or value.cell.kind == PERIOD:
            continue
        then, again = sent.get(same_cell(value)), now.get(value.cell.key)
        line: dict[str, Any] = {
            "value": value,
            "state": STATES[value.state],
            "then": then.said if then else "",
            "again": again.said if again else "",
            "moved": bool(then and again and then.written is not None and then.written != again.written),
        }
        if value.state == FILLED:
            line |= _trace(value, row.revision)
        if again is not None and again.state == FILLED:
            line["before"] = _trace(again, row.revision)
        found.append(line)
    return found


def _feedback(row: Filled) -> dict[str, Any]:
    rows = differences(row)
    return {
        "rows": [
            {
                "address": one.key.partition("!")[2] if one.key.startswith("1!") else one.key,
                "label": one.label,
                "sent": "" if one.sent is None else plain(one.sent),
                "back": "" if one.back is None else plain(one.back),
                "by": "" if not one.by else show_change(one.by, max(0, -int(one.by.as_tuple().exponent))),
                "unit": one.unit,
                "verdict": VERDICTS[one.verdict],
                "differs": one.verdict == DIFFERS,
            }
            for one in rows
            if one.verdict != "same"
        ],
        "same": sum(one.verdict == "same" for one in rows),
        "of": len(rows),
        "file": row.feedback.get("file", ""),
        "at": row.feedback.get("at", ""),
        "by": row.feedback.get("by", ""),
    }


def _adopts(row: Filled, may: bool) -> dict[str, Any]:
    """How much of the feedback can stand as reported values, and the release they stand in where that was done."""
    if not row.feedback:
        return {}
    return {
        "count": len(adoptable(row)),
        "release": Release.objects.filter(pk=row.feedback.get("release")).first(),
        "may": may,
    }


def _number(request: HttpRequest, of: int) -> int:
    text = request.GET.get("sheet", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return number if 1 <= number <= of else 1


@require_POST
@needs(Can.FILL_FORMS)
def filled_act(request: HttpRequest, pk: int) -> HttpResponse:
    """存手填, 重新取数, 导出上报, 记下已报, 按反馈数记为反馈版."""
    row, actor = filled_of(request, pk), actor_of(request)
    action = request.POST.get("action", "")
    typed = {
        name.removeprefix(HAND_FIELD): text
        for name, text in request.POST.items()
        if name.startswith(HAND_FIELD)
    }
    try:
        if typed and not row.issued_id:
            row = type_in(actor, row, typed)
        if action == "again":
            row = fill_period(actor, row.template, row.period)
        elif action == "export":
            row = export(actor, row, note=request.POST.get("note", ""))
            audit.note(actor, "导出", str(row), address=address(request), detail={"修订": row.revision})
        elif action == "sent":
            issued = record_sent(
                actor,
                row,
                receiver=request.POST.get("receiver", ""),
                purpose=request.POST.get("purpose", ""),
                known=request.POST.get("known") == "1",
            )
            messages.success(request, f"已记入报出数台账：给{issued.receiver}。")
        elif action == "adopt":
            adopt(actor, row)
    except REFUSALS as refusal:
        return _page(request, filled_of(request, pk), problem=str(refusal))
    return redirect("desk:filling_filled", pk=row.pk)


@require_POST
@needs(Can.FILL_FORMS)
@limited(UPLOAD)
@bounded("desk:filling_filled")
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """收反馈: the form or a list as it came back."""
    row = filled_of(request, pk)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选上级反馈的表或清单再传。")
        return redirect("desk:filling_filled", pk=pk)
    try:
        import_feedback(actor_of(request), row, uploaded.file, uploaded.name or "")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:filling_filled", pk=pk)
