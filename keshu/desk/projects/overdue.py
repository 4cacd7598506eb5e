"""逾期未验收: who is late, how often they were chased, and the next step for those chosen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import needs
from keshu.desk.projects.finding import REFUSALS
from keshu.directory.actors import Actor, Can
from keshu.programmes import chasing
from keshu.programmes import overdue as late
from keshu.programmes.dating import due_for_acceptance, months_to_accept, ruled
from keshu.programmes.steps.running import form_of
from keshu.terms import clock


@require_GET
@needs(Can.HANDLE_PROGRAMMES, Can.DECIDE_PROGRAMMES, Can.RECOMMEND)
def overdue(request: HttpRequest) -> HttpResponse:
    """The late projects that this reader may see, the longest late first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    today = clock.today()
    lines = []
    months, steps = months_to_accept(), ruled("deadline", "project-chasing")["steps"]
    for row in late.overdue(actor):
        due = due_for_acceptance(row, months)
        lines.append(
            {
                "row": row,
                "due": due,
                "days": (today - due).days if due else 0,
                "next": form_of(row, steps),
                "href": reverse("desk:record", args=["programmes", row.pk]),
            }
        )
    context = {
        "lines": lines,
        "may": actor.can(Can.HANDLE_PROGRAMMES),
        "steps": steps,
        "crumbs": [{"label": "台账", "href": reverse("desk:registers")}, {"label": "逾期未验收"}],
    }
    return render(request, "projects/overdue.html", context)


@require_POST
@needs(Can.HANDLE_PROGRAMMES)
def chase(request: HttpRequest) -> HttpResponse:
    """The next step of the chase for the chosen ones; those that are too soon are named."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    chosen = {int(key) for key in request.POST.getlist("project") if key.isascii() and key.isdigit()}
    try:
        done, refused = chasing.chase_all([row for row in late.overdue(actor) if row.pk in chosen], actor)
    except REFUSALS as refusal:
        done, refused = [], [str(refusal)]
    if done:
        messages.success(request, f"已催办 {len(done)} 个项目，记在各自的历史里。")
    elif not refused:
        messages.warning(request, "没有选项目。勾上要催的再点。")
    for said in refused[:5]:
        messages.warning(request, said)
    return redirect("desk:projects_overdue")
