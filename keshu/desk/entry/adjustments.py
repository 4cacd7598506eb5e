"""追溯调整: the county asks with old → new and a reason, the city verifies or does not agree."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.entry.finding import actor_of, find_form, find_region, seen_sheet
from keshu.desk.entry.month import address
from keshu.desk.guard import needs
from keshu.directory.actors import Can
from keshu.figures.entry.adjusting import NotAdjustable, ask, refuse_adjustment, verify_adjustment
from keshu.figures.entry.models import Adjustment
from keshu.figures.entry.periods import NotAFormPeriod
from keshu.figures.entry.sheets import rows_of
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms.period import UnreadablePeriod


@require_POST
@needs(Can.FILL_MONTH)
def ask_adjustment(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Ask for a change of an earlier period's figure."""
    actor = actor_of(request)
    found = find_form(form)
    place = find_region(actor, found, region)
    row = next((r for r in rows_of(found) if str(r.pk) == request.POST.get("row")), None)
    if row is None:
        raise Http404
    try:
        ask(
            found,
            place,
            row,
            request.POST.get("period", ""),
            request.POST.get("new", ""),
            request.POST.get("reason", ""),
            actor,
        )
        messages.success(request, "已申请追溯调整，等市局核实。已出的表不变。")
    except (NotAdjustable, NotAFormPeriod, UnreadablePeriod) as refusal:
        messages.error(request, str(refusal))
    return redirect(address(seen_sheet(request, form, region, period)))


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
