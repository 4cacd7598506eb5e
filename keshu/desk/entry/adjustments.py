"""追溯调整: the county asks with old → new and a reason, the city verifies or does not agree."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.entry.finding import actor_of, find_form, find_region, seen_sheet
from keshu.desk.entry.month import address
from keshu.desk.guard import needs
from keshu.directory.actors import Can
from keshu.figures.entry.adjusting import (
    NotAdjustable,
    Wanted,
    ask,
    refuse_adjustment,
    verify_adjustment,
    wanted,
)
from keshu.figures.entry.models import Adjustment, FormRow
from keshu.figures.entry.periods import NotAFormPeriod
from keshu.figures.entry.reading_cells import in_unit, shown_in
from keshu.figures.entry.sheets import rows_of
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms.period import UnreadablePeriod


@require_POST
@needs(Can.FILL_MONTH)
def ask_adjustment(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Ask for a change of an earlier period's figure: first shown old → new with what lies after it, then asked."""
    actor = actor_of(request)
    found = find_form(form)
    place = find_region(actor, found, region)
    row = next((r for r in rows_of(found) if str(r.pk) == request.POST.get("row")), None)
    if row is None:
        raise Http404
    named, new, reason = (request.POST.get(name, "") for name in ("period", "new", "reason"))
    back = address(seen_sheet(request, form, region, period))
    try:
        if request.POST.get("confirmed") != "1":
            look = wanted(found, place, row, named, new, reason, actor)
            return render(request, "entry/adjust.html", _shown(look, period, new, reason, back))
        ask(found, place, row, named, new, reason, actor, carry=request.POST.getlist("carry"))
        messages.success(request, "已申请追溯调整，等市局核实。已出的表不变。")
    except (NotAdjustable, NotAFormPeriod, UnreadablePeriod) as refusal:
        messages.error(request, str(refusal))
    return redirect(back)


def _shown(look: Wanted, period: str, new: str, reason: str, back: str) -> dict[str, Any]:
    """What the page of an adjustment says before it is asked for."""
    row = look.row

    def text(scaled: int | None) -> str:
        return shown_in(row, in_unit(row, scaled))

    sums = row.typed == FormRow.Typed.SINGLE
    return {
        "row": row,
        "form": row.form,
        "region": look.region,
        "stretch": look.stretch,
        "page_period": period,
        "typed_new": new,
        "reason": reason,
        "old": text(look.old) or "没有数",
        "new": text(look.new),
        "difference": _signed(text, look.new - look.old) if look.old is not None else "",
        "later": [
            {
                "code": one.period.code,
                "label": one.period.short_label,
                "standing": text(one.standing),
                "needed": text(one.needed),
                "month": text(one.month),
                "month_alone": text(one.month_alone),
                "asked": one.asked,
            }
            for one in look.later
        ],
        "sums": sums,
        "back": back,
        "crumbs": [{"label": "填报", "href": back}, {"label": "追溯调整"}],
    }


def _signed(text: Callable[[int | None], str], scaled: int) -> str:
    return f"{'+' if scaled > 0 else '−'}{text(abs(scaled))}"


@require_POST
@needs(Can.VERIFY_MONTH)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The city's answer to an adjustment."""
    actor = actor_of(request)
    found = Adjustment.objects.visible_to(actor).select_related("row__form", "region").filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        if request.POST.get("action") == "verify":
            verify_adjustment(found, actor, request.POST.get("note", ""))
            messages.success(request, "已核实，从现在起按新数算。")
        else:
            refuse_adjustment(found, actor, request.POST.get("note", ""))
            messages.success(request, "已回复不同意，数不变。")
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("desk:collection") + f"?form={found.row.form.code}")
