"""业务设置: which lines of business are in use in which year."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import needs
from keshu.diary import lines
from keshu.diary.models import Line
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.models import RegionShown
from keshu.ledger.registers import registers
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

REFUSED = 422


@require_GET
@needs(Can.KEEP_LEDGERS)
def page(request: HttpRequest) -> HttpResponse:
    """Every register with what holds this year, and everything that was ever switched."""
    return _page(request)


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    year = clock.today().year
    known, standing = registers(), lines.offs()
    names = {register.code: register.name for register in known}
    rows = Line.objects.select_related("region").order_by("ended_at", "-pk")
    context = {
        "year": year,
        "problem": problem,
        "typed": request.POST,
        "registers": [
            {
                "register": register,
                "off": [one.line for one in standing if one.register == register.code and one.covers(year)],
                "count": register.rows(actor).count(),
                "href": reverse("desk:register", args=[register.code]),
            }
            for register in known
        ],
        "lines": [{"row": row, "name": names.get(row.register, row.register)} for row in rows],
        "regions": _regions(),
        "crumbs": [{"label": "业务设置"}],
    }
    return render(request, "diary/lines.html", context, status=status)


def _regions() -> list[Region]:
    shown = RegionShown.objects.first()
    if shown is None:
        return []
    rows = Region.objects.filter(parent=shown.region_id, valid_to__isnull=True, part=Region.Part.AREA)
    return list(rows.order_by("order", "code"))


@require_POST
@needs(Can.KEEP_LEDGERS)
def switch_off(request: HttpRequest) -> HttpResponse:
    """Switch a line off for years, with a reason."""
    typed = request.POST
    region = None
    if typed.get("region"):
        region = next((one for one in _regions() if str(one.pk) == typed["region"]), None)
        if region is None:
            return _page(request, problem="没有这个地区。请从列出的里面选。", status=REFUSED)
    try:
        line = lines.switch_off(
            request.actor,  # type: ignore[attr-defined]
            typed.get("register", ""),
            first_year=_year(typed.get("first_year", "")),
            last_year=_year(typed["last_year"]) if typed.get("last_year") else None,
            region=region,
            reason=typed.get("reason", ""),
        )
    except (MoveRefused, NotYourTurn) as refusal:
        return _page(request, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已停用：{line.years}，{line.reason}")
    return redirect("desk:lines")


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise MoveRefused(f"年份“{text[:10]}”要写四位数，如 2026。")
    return int(text)


@require_POST
@needs(Can.KEEP_LEDGERS)
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a line on again, with a reason."""
    line: Any = Line.objects.filter(pk=pk).first()
    if line is None:
        raise Http404("没有这条停用。")
    try:
        lines.switch_on(line, request.actor, request.POST.get("reason", ""))  # type: ignore[attr-defined]
    except (MoveRefused, NotYourTurn) as refusal:
        return _page(request, problem=str(refusal), status=REFUSED)
    messages.success(request, "已启用，历史里留着停用过的这一段。")
    return redirect("desk:lines")
