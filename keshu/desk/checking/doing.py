"""What is done from the sheet: it is made for a month, a line is reviewed and frozen."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from keshu.checking.models import Check
from keshu.checking.opening import last_month, open_month
from keshu.checking.register import CHECKS
from keshu.checking.steps import step
from keshu.desk.checking.asking import Asked, month_of
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import MoveRefused, NotYourTurn


@require_POST
@needs(Can.REVIEW_CHECKS)
def open_sheet(request: HttpRequest) -> HttpResponse:
    """Make the checks of a month that do not stand yet."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    month = month_of(request.POST.get("month", "")[:20], default=last_month())
    try:
        made = open_month(month, actor)
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
    else:
        done = f"{month.label}对照表已生成 {made} 项。" if made else "对照表已经生成过，没有要补的。"
        messages.success(request, done)
    return redirect(Asked(month).href())


@require_POST
@needs(Can.REVIEW_CHECKS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Review one line: the month is frozen for this item."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check: Check | None = CHECKS.rows(actor).filter(pk=pk).first()
    if check is None:
        raise Http404("没有这一项对照，或它不在现在这个岗位的范围里。")
    try:
        step(check, "review", actor, expected=str(Check.State.SUBMITTED))
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, f"“{check.name}”：{refusal}")
    else:
        messages.success(request, f"“{check.name}”已审定，{check.month.label}已冻结。")
    return redirect(f"{Asked(check.month).href()}#item-{check.item_id}")
