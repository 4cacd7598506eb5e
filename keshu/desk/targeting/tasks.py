"""导入任务: a 任务分解 file is shown as it would be read, then taken; what is refused comes back as a workbook."""

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import address, needs
from keshu.desk.importing.uploading import bounded
from keshu.desk.limits import UPLOAD, limited
from keshu.desk.targeting.views import XLSX
from keshu.desk.typed import key
from keshu.directory.actors import Actor, Can
from keshu.goals.demands import flaw_of
from keshu.goals.importing import GoalsRefused, bring_goals
from keshu.goals.models import Goal, SourceDocument
from keshu.goals.taskfile import COLUMNS, Read, read_goals
from keshu.journal import audit
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.templates import write_template
from keshu.ledger.intake.uploads import check_upload, found_again, safe_name, store
from keshu.terms import clock
from keshu.terms.quantity import plain

REFUSED = 422
NOTES = [
    "目标值照文件写：150件、1—2名、保9争8、净增20家、60项以上，其中……；没有数的任务写要做到什么。",
    "能读的行写入，读不了的行带原因发回，改好再传。",
]


@require_GET
@needs(Can.SET_TARGETS)
def tasks(request: HttpRequest) -> HttpResponse:
    """The form: which document, which file."""
    return _form(request)


def _form(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "documents": [(row.pk, str(row)) for row in SourceDocument.objects.order_by("-year", "-pk")[:200]],
        "year": request.POST.get("year") or clock.today().year,
        "chosen": request.POST.get("document", ""),
        "problem": problem,
        "crumbs": [{"label": "目标", "href": reverse("desk:targets")}, {"label": "导入任务"}],
    }
    return render(request, "targeting/tasks.html", context, status=status)


@require_GET
@needs(Can.SET_TARGETS)
def template(request: HttpRequest) -> HttpResponse:
    """The blank workbook for tasks."""
    out = io.BytesIO()
    example = {"number": "1", "task": "专利申请", "value": "150件", "last": "120", "owner": "规划科"}
    write_template(COLUMNS, out, title="任务导入", examples=[example], notes=NOTES)
    return _workbook(out, "tasks.xlsx")


def _workbook(out: io.BytesIO, name: str) -> HttpResponse:
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename={name}"
    return response


@require_POST
@needs(Can.SET_TARGETS)
@limited(UPLOAD)
@bounded("desk:target_tasks")
def preview(request: HttpRequest) -> HttpResponse:
    """Read an uploaded file and show what it would write; nothing is written yet."""
    uploaded = request.FILES.get("file")
    try:
        document, year = _chosen(request.POST)
        if uploaded is None:
            raise GoalsRefused("没有选文件。请选一份 xlsx、xls、et 或 csv 再传。")
        name = safe_name(uploaded.name or "任务.xlsx")
        check_upload(uploaded.file, name, accept={Found.XLSX, Found.OLD_WORKBOOK, Found.TEXT})
        kept = store(uploaded.file, Path(settings.MEDIA_ROOT), name=name)
        found = read_goals(kept.path, name, document=document, year=year)
    except (GoalsRefused, IntakeError) as refusal:
        return _form(request, problem=str(refusal), status=REFUSED)
    context = {
        "rows": [_row(one) for one in found.rows],
        "refused": [
            {"row": one.row.number, "said": "；".join(reason for _, reason in one.reasons)}
            for one in found.refused
        ],
        "preview": {
            "new": found.count("新增"),
            "changed": found.count("改动"),
            "same": found.count("相同"),
            "refused": len(found.refused),
        },
        "sources": found.sources,
        "kept": {"sha256": kept.sha256, "name": name, "document": document.pk, "year": year},
        "document": document,
        "issued": document.kind != SourceDocument.Kind.BUREAU,
        "crumbs": [
            {"label": "目标", "href": reverse("desk:targets")},
            {"label": "导入任务", "href": reverse("desk:target_tasks")},
            {"label": "核对"},
        ],
    }
    return render(request, "targeting/tasks_preview.html", context)


def _row(one: Read) -> dict[str, Any]:
    demand = one.demand
    low = "" if demand.low is None else plain(demand.low)
    flaw = one.flaw
    for part in demand.inner:
        flaw = flaw or flaw_of(demand.high or demand.low, demand.unit, part.low, part.unit)
    return {
        "one": one,
        "kind": Goal.Kind(demand.kind).label,
        "low": f"{low}—{plain(demand.high)}" if demand.high is not None else low,
        "stretch": "" if demand.stretch is None else plain(demand.stretch),
        "inner": "；".join(part.text for part in demand.inner),
        "flaw": flaw,
        "counts": "、".join(measure.name for measure in one.measures)
        or (one.indicator.name if one.indicator else ""),
    }


def _chosen(posted: Any) -> tuple[SourceDocument, int]:
    year = posted.get("year", "").strip()
    found = SourceDocument.objects.filter(pk=key(posted.get("document"))).first()
    if found is None:
        raise GoalsRefused("没有选这批任务出自哪份文件。先在“来源文件”里登记，再选它。")
    if not (year.isascii() and year.isdigit() and 1990 <= int(year) <= 2199):
        raise GoalsRefused(f"年度“{year[:10]}”读不懂。写成 2026。")
    return found, int(year)


def _path(posted: Any) -> Path:
    path = found_again(posted.get("sha256", ""))
    if path is None:
        raise GoalsRefused("传过的文件找不到了。请重新上传。")
    return path


@require_POST
@needs(Can.SET_TARGETS)
def apply(request: HttpRequest) -> HttpResponse:
    """Write what was shown; or give the refused rows back as a workbook."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    name = safe_name(request.POST.get("name", "任务.xlsx"))
    try:
        document, year = _chosen(request.POST)
        path = _path(request.POST)
        if request.POST.get("do") == "refused":
            out = io.BytesIO()
            read_goals(path, name, document=document, year=year).write_refused(out)
            return _workbook(out, "refused.xlsx")
        found = bring_goals(
            path, name, actor, document=document, year=year, issued=request.POST.get("issued") == "1"
        )
    except (GoalsRefused, IntakeError) as refusal:
        return _form(request, problem=str(refusal), status=REFUSED)
    done = found.count("新增") + found.count("改动")
    audit.note(
        actor, "导入任务", name, address=address(request), detail={"写入": done, "拒收": len(found.refused)}
    )
    refused = f"，{len(found.refused)} 行没有读入" if found.refused else ""
    messages.success(request, f"已写入 {done} 个目标{refused}。" if done else "全部相同，没有要改的。")
    return redirect(f"{reverse('desk:targets')}?year={year}")
