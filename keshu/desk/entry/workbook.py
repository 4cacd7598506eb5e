"""The county's own workbook: the form to fill offline, and its figures against the cells before they go in."""

import io
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.entry.finding import SEES, actor_of, opened_sheet, seen_sheet
from keshu.desk.entry.month import address
from keshu.desk.guard import needs
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Can
from keshu.figures.entry.cells import CellConflict, CellLocked, Fill, TooLong, fill_cells
from keshu.figures.entry.sheets import content_of
from keshu.figures.entry.workbooks import read_workbook, write_form
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_upload, found_again, safe_name, store

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILLS = (Can.FILL_MONTH, Can.ENTER_FOR_OTHERS)


@require_GET
@needs(*SEES)
def download(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """The form as a workbook, with what stands in its cells."""
    sheet = seen_sheet(request, form, region, period)
    response = HttpResponse(write_form(content_of(sheet)), content_type=XLSX)
    name = f"{sheet.region.short_name}{sheet.stretch.label}{sheet.form.name}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_POST
@needs(*FILLS)
@limited(UPLOAD)
def upload(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """What the workbook would put into the cells; nothing is written yet."""
    sheet = opened_sheet(request, form, region, period)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选填好的表再传。")
        return redirect(address(sheet))
    name = safe_name(uploaded.name or "月报.xlsx")
    try:
        check_upload(uploaded.file, name, accept={Found.XLSX, Found.TEXT})
        kept = store(uploaded.file, Path(settings.MEDIA_ROOT), name=name)
        content = content_of(sheet)
        with kept.path.open("rb") as stream:
            preview = read_workbook(content, stream, name)
    except IntakeError as refusal:
        messages.error(request, str(refusal))
        return redirect(address(sheet))
    versions = {entry.row.pk: entry.cell.version for entry in content.entries}
    context = {
        "sheet": sheet,
        "seen": [(line.row.pk, versions[line.row.pk]) for line in preview.fills if line.row is not None],
        "preview": {
            "new": preview.count("new"),
            "changed": preview.count("changed"),
            "same": preview.count("same"),
            "refused": preview.count("refused"),
        },
        "lines": preview.lines,
        "notes": preview.notes,
        "fills": len(preview.fills),
        "sha256": kept.sha256,
        "name": name,
        "back": address(sheet),
        "action": address(sheet, "desk:sheet_fill"),
        "crumbs": [{"label": "填报", "href": address(sheet)}, {"label": name}],
    }
    return render(request, "entry/workbook.html", context)


@require_POST
@needs(*FILLS)
def fill(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Put the workbook's figures into the cells, all or none."""
    actor = actor_of(request)
    sheet = opened_sheet(request, form, region, period)
    path = found_again(request.POST.get("sha256", ""))
    if path is None:
        messages.error(request, "传过的文件找不到了。请重新上传。")
        return redirect(address(sheet))
    name = safe_name(request.POST.get("name", "月报.xlsx"))
    try:
        content = content_of(sheet)
        preview = read_workbook(content, io.BytesIO(path.read_bytes()), name)
        fills = [
            Fill(line.row, line.new, line.note, line.estimate, _seen(request, line.row.pk))
            for line in preview.fills
            if line.row is not None
        ]
        fill_cells(sheet, actor, fills)
    except (IntakeError, CellConflict, CellLocked, TooLong) as refusal:
        messages.error(request, f"{refusal} 一格都没有写。")
        return redirect(address(sheet))
    messages.success(request, f"已填入 {len(preview.fills)} 格，请看检查。")
    return redirect(address(sheet))


def _seen(request: HttpRequest, row: int) -> int | None:
    """The version of a cell that the preview showed."""
    text = request.POST.get(f"seen-{row}", "")
    return int(text) if text.isdigit() else None
