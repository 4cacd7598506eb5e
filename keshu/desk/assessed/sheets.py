"""The superior's score sheet coming in: what it would write, then the good rows written and the refused ones given back."""

import io
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.assessment.models import Assessment
from keshu.assessment.sheet import COLUMNS, Sheet, apply_sheet, read_sheet, write_back
from keshu.desk.assessed.pages import points, seen_one
from keshu.desk.guard import address, needs
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.templates import write_template
from keshu.ledger.intake.uploads import check_upload, found_again, safe_name, store

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@needs(Can.KEEP_ASSESSMENT)
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """The blank score sheet."""
    found = seen_one(request.actor, pk)  # type: ignore[attr-defined]
    out = io.BytesIO()
    write_template(
        COLUMNS,
        out,
        title="考核得分",
        examples=[
            {
                "name": "研发经费投入强度",
                "weight": "20",
                "full": "20",
                "score": "17.5",
                "rank": "4",
                "data_year": str(found.year - 1),
                "reason": "投入增长慢于地区生产总值",
            }
        ],
        notes=[
            "列的先后不限，多出来的列不读；合计行只拿来核对，不当考核项。",
            "得分照通报填，加不起来的照样登记，页面上写明差在哪里。",
            "能读的行写入，读不了的行退回，改好再传。",
        ],
    )
    return _sent(out, "考核得分模板.xlsx")


@require_POST
@needs(Can.KEEP_ASSESSMENT)
@limited(UPLOAD)
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """What a sheet would write; nothing is written yet."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = seen_one(actor, pk)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份 xlsx 或 csv 再传。")
        return redirect("desk:assessed_one", pk=pk)
    name = safe_name(uploaded.name or "得分.xlsx")
    try:
        check_upload(cast(BinaryIO, uploaded.file), name, accept={Found.XLSX, Found.TEXT})
        kept = store(cast(BinaryIO, uploaded.file), Path(settings.MEDIA_ROOT), name=name)
        read = read_sheet(kept.path, name, found, actor)
    except IntakeError as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:assessed_one", pk=pk)
    return render(request, "assessed/preview.html", _preview(found, read, kept.sha256, name))


def _preview(found: Assessment, read: Sheet, sha256: str, name: str) -> dict[str, object]:
    here = reverse("desk:assessed_one", args=[found.pk])
    return {
        "found": found,
        "preview": read.counts(),
        "rows": [
            {
                "one": one,
                "full": points(one.values["full"]),
                "score": points(one.values["score"]),
                "changes": "、".join(one.changes),
            }
            for one in read.proposed
            if one.verdict != "相同"
        ],
        "refused": [
            {"number": one.row.number, "reason": "；".join(text for _, text in one.reasons)}
            for one in read.refused
        ],
        "notes": read.notes,
        "sha256": sha256,
        "name": name,
        "writes": any(one.verdict != "相同" for one in read.proposed),
        "crumbs": [
            {"label": "被考核", "href": reverse("desk:assessed")},
            {"label": f"{found.year}年度", "href": here},
            {"label": "核对得分"},
        ],
    }


def _kept(request: HttpRequest) -> tuple[Path, str] | None:
    """The file that was shown, found again by its digest."""
    path = found_again(request.POST.get("sha256", ""))
    return None if path is None else (path, safe_name(request.POST.get("name", "得分.xlsx")))


@require_POST
@needs(Can.KEEP_ASSESSMENT)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the good rows of the file that was shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = seen_one(actor, pk)
    kept = _kept(request)
    if kept is None:
        messages.error(request, "传过的文件找不到了。请重新上传。")
        return redirect("desk:assessed_one", pk=pk)
    path, name = kept
    try:
        read = apply_sheet(path, name, found, actor)
    except IntakeError as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:assessed_one", pk=pk)
    counts = read.counts()
    audit.note(actor, "导入考核得分", name, address=address(request), detail=counts)
    written = counts["new"] + counts["changed"]
    messages.success(request, f"已写入 {written} 项。" if written else "全部相同，没有要改的。")
    if counts["refused"]:
        messages.warning(request, f"退回 {counts['refused']} 行没有写入，改好再传。")
    return redirect("desk:assessed_one", pk=pk)


@require_POST
@needs(Can.KEEP_ASSESSMENT)
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows of the file that was shown, as a workbook with reasons."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = seen_one(actor, pk)
    kept = _kept(request)
    if kept is None:
        messages.error(request, "传过的文件找不到了。请重新上传。")
        return redirect("desk:assessed_one", pk=pk)
    path, name = kept
    try:
        read = read_sheet(path, name, found, actor)
    except IntakeError as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:assessed_one", pk=pk)
    out = io.BytesIO()
    write_back(read, out)
    return _sent(out, f"{name.rsplit('.', 1)[0]}-退回.xlsx")


def _sent(out: BinaryIO, name: str) -> FileResponse:
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=name, content_type=XLSX)
