"""填报有误: writing a note beside a figure or a month, answering it, settling it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from keshu.desk.entry.finding import SEES, actor_of, seen_sheet
from keshu.desk.entry.month import address
from keshu.desk.guard import needs
from keshu.figures.entry.doubting import BadDoubt, act_on, write_doubt
from keshu.figures.entry.models import Doubt
from keshu.figures.entry.sheets import rows_of
from keshu.procedure.moving import MoveRefused, NotYourTurn


@require_POST
@needs(*SEES)
def write(request: HttpRequest, form: str, region: str, period: str) -> HttpResponse:
    """Write a note on a row, or on the whole month where no row is named."""
    sheet = seen_sheet(request, form, region, period)
    named = request.POST.get("row", "")
    row = next((one for one in rows_of(sheet.form) if str(one.pk) == named), None)
    if named and row is None:
        raise Http404
    try:
        write_doubt(sheet, row, request.POST.get("text", ""), actor_of(request))
        messages.success(request, "已写明，对方在这张表上看得到。数没有改。")
    except BadDoubt as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{address(sheet)}#doubts")


@require_POST
@needs(*SEES)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer, ask again, settle."""
    actor = actor_of(request)
    rows = Doubt.objects.visible_to(actor).select_related("row", "sheet__region", "sheet__form")
    doubt = rows.filter(pk=pk).first()
    if doubt is None:
        raise Http404
    try:
        done: Any = act_on(
            doubt,
            request.POST.get("action", ""),
            actor,
            request.POST.get("note", "").strip(),
            expected=request.POST.get("expected") or None,
        )
        messages.success(request, Doubt.State(done.state).label)
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{address(doubt.sheet)}#doubts")
