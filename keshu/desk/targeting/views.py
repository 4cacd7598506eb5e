"""The table of targets and the way in for new ones."""

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
from keshu.desk.limits import UPLOAD, limited
from keshu.directory.actors import Can
from keshu.figures.book import book
from keshu.figures.canonical import number
from keshu.figures.models import RegionShown, Scheme, Target
from keshu.figures.targets import COLUMNS, TargetsRefused, apply_targets, read_targets
from keshu.journal import audit, moments
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.templates import write_template
from keshu.ledger.intake.uploads import check_upload, found_again, safe_name, store
from keshu.terms import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _table(request: HttpRequest) -> dict[str, Any]:
    """Targets of one year by indicator (rows) and region (columns), as the actor may see them."""
    actor = request.actor  # type: ignore[attr-defined]
    definitions = book(moments.latest())
    shown = RegionShown.objects.select_related("region").first()
    scheme = Scheme.objects.filter(annual=False).order_by("pk").first()
    year = request.GET.get("year", "")
    chosen = int(year) if year.isdigit() else clock.today().year
    targets = Target.objects.visible_to(actor).filter(year__in=[chosen, chosen - 1])
    held = {(t.indicator_id, t.subject_id, t.year): t for t in targets}
    years = sorted(set(Target.objects.visible_to(actor).values_list("year", flat=True)), reverse=True)
    top = shown.region if shown else None
    regions = definitions.under(top, "county") or definitions.under(top, "town") if top else []
    if not actor.sees_all:
        regions = [region for region in regions if region.pk in actor.region_ids]
    elif top is not None:
        regions = [definitions.regions[top.pk], *regions]
    rows = []
    items = [*definitions.items_of(scheme), *definitions.items_of(scheme, leading=True)] if scheme else []
    for item in items:
        indicator = definitions.indicators[item.indicator_id]
        of_year = chosen - 1 if indicator.period_rule == "annual" else chosen
        cells = []
        for region in regions:
            target = held.get((indicator.pk, region.pk, of_year))
            cells.append(_shown(target) if target else None)
        rows.append({"indicator": indicator, "year": of_year, "leading": bool(item.leads_id), "cells": cells})
    return {"rows": rows, "regions": regions, "year": chosen, "years": years, "scheme": scheme}


def _shown(target: Target) -> dict[str, str]:
    low, high = number(target.low), number(target.high)
    stretch = number(target.stretch)
    return {"text": f"{low}—{high}" if high else low or "", "stretch": stretch or "", "doc_no": target.doc_no}


@require_GET
@needs(Can.SEE_DISPATCH)
def targets(request: HttpRequest) -> HttpResponse:
    """What was promised for a year."""
    actor = request.actor  # type: ignore[attr-defined]
    context = _table(request)
    context["may_set"] = actor.can(Can.SET_TARGETS)
    context["crumbs"] = [{"label": "目标", "href": reverse("desk:targets")}, {"label": "按指标看"}]
    context["asof"] = [
        {"value": f"{context['year']}年"},
        {"label": "年度数按上年", "value": f"{context['year'] - 1}年", "wide": True},
    ]
    return render(request, "targeting/targets.html", context)


@require_GET
@needs(Can.SET_TARGETS)
def template(request: HttpRequest) -> HttpResponse:
    """The blank workbook for targets."""
    out = io.BytesIO()
    write_template(
        COLUMNS,
        out,
        title="目标导入",
        examples=[
            {
                "indicator": "技术合同占比",
                "region": "望岭县",
                "year": "2026",
                "low": "0.60",
                "doc_no": "〔2026〕8号",
            }
        ],
        notes=[
            "区间目标（如 1—2 名）下限填“目标”，上限填“上限”，完成率按上限算。",
            "整张表要么全部写入，要么都不写。",
        ],
    )
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = "attachment; filename=targets.xlsx"
    return response


@require_POST
@needs(Can.SET_TARGETS)
@limited(UPLOAD)
def upload(request: HttpRequest) -> HttpResponse:
    """Read an uploaded file and show what it would change; nothing is written yet."""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        messages.error(request, "没有选文件。请选一份 xlsx 或 csv 再传。")
        return redirect("desk:targets_by_indicator")
    name = safe_name(uploaded.name or "目标.xlsx")
    try:
        check_upload(uploaded.file, name, accept={Found.XLSX, Found.TEXT})
        kept = store(uploaded.file, Path(settings.MEDIA_ROOT), name=name)
        proposed, refused = read_targets(kept.path, name)
    except IntakeError as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:targets_by_indicator")
    counts = {word: sum(one.verdict == word for one in proposed) for word in ("新增", "改动", "相同")}
    context = {
        "proposed": [one for one in proposed if one.verdict != "相同"],
        "refused": refused,
        "preview": {
            "new": counts["新增"],
            "changed": counts["改动"],
            "same": counts["相同"],
            "refused": len(refused),
        },
        "sha256": kept.sha256,
        "name": name,
        "crumbs": [
            {"label": "目标", "href": "../"},
            {"label": "按指标看", "href": "../indicators/"},
            {"label": "导入"},
        ],
    }
    return render(request, "targeting/preview.html", context)


@require_POST
@needs(Can.SET_TARGETS)
def confirm(request: HttpRequest) -> HttpResponse:
    """Write the targets of the file that was shown, all or none."""
    actor = request.actor  # type: ignore[attr-defined]
    name, path = safe_name(request.POST.get("name", "目标.xlsx")), found_again(request.POST.get("sha256", ""))
    if path is None:
        messages.error(request, "传过的文件找不到了。请重新上传。")
        return redirect("desk:targets_by_indicator")
    try:
        proposed = apply_targets(path, name, actor)
    except (TargetsRefused, IntakeError) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:targets_by_indicator")
    done = sum(one.verdict != "相同" for one in proposed)
    audit.note(actor, "导入目标", name, address=address(request), detail={"写入": done})
    messages.success(request, f"已写入 {done} 个目标。" if done else "全部相同，没有要改的。")
    return redirect("desk:targets_by_indicator")
