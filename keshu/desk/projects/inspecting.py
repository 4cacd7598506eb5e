"""安排检查: one check of many projects at once, chosen by conditions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keshu.desk.guard import needs
from keshu.desk.projects.finding import REFUSALS, REFUSED
from keshu.directory.actors import Actor, Can
from keshu.programmes import inspections
from keshu.programmes.dating import ruled
from keshu.programmes.models import Application, Inspection, Level
from keshu.programmes.running_registers import INSPECTIONS
from keshu.programmes.steps.who import STANDING
from keshu.terms import clock

S = Application.State
MOST = 500
#: Which projects a check is planned for, by the state of the project.
SCOPES = {
    "open": ("没有验收的", (S.APPROVED, S.RUNNING, S.ACCEPTING, S.FAILED)),
    "half": ("执行过半的", (S.RUNNING,)),
    "closed": ("已验收、结题的", (S.PASSED, S.CONCLUDED)),
    "all": ("全部立项的", tuple(STANDING)),
}


@needs(Can.HANDLE_PROGRAMMES)
def plan(request: HttpRequest) -> HttpResponse:
    """The projects that fit the conditions with a box each; a POST plans the check for those chosen."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _form(request, {})
    typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
    chosen = [int(key) for key in request.POST.getlist("project") if key.isascii() and key.isdigit()]
    rows = list(Application.objects.visible_to(actor).filter(pk__in=chosen[:MOST]).order_by("pk"))
    try:
        made = inspections.plan(
            rows,
            typed.get("kind", ""),
            actor,
            year=clock.today().year,
            campaign=typed.get("campaign", ""),
        )
    except REFUSALS as refusal:
        return _form(request, typed, chosen=set(chosen), problem=str(refusal), status=REFUSED)
    if len(made) == 1:
        return redirect("desk:record", code=INSPECTIONS.code, pk=made[0].pk)
    left = len(rows) - len(made)
    messages.success(
        request, f"已安排 {len(made)} 个项目。" + (f"另有 {left} 个这一批已安排过。" if left else "")
    )
    return redirect(reverse("desk:register", args=[INSPECTIONS.code]) + "?view=mine")


def _form(
    request: HttpRequest,
    typed: dict[str, str],
    *,
    chosen: set[int] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    today = clock.today()
    asked = request.POST if request.method == "POST" else request.GET
    scope = asked.get("scope", "open") if asked.get("scope", "open") in SCOPES else "open"
    level = asked.get("level", "") if asked.get("level", "") in Level.values else ""
    since = asked.get("since", "")
    first = int(since) if since.isascii() and since.isdigit() and len(since) == 4 else today.year - 2
    rows = Application.objects.visible_to(actor).filter(state__in=SCOPES[scope][1], year__gte=first)
    if level:
        rows = rows.filter(level=level)
    if asked.get("only", "").isdigit():
        rows = rows.filter(pk=int(asked["only"][:12]))
    shown = list(rows.select_related("unit", "region").order_by("-year", "number")[: MOST + 1])
    if scope == "half":
        rule = ruled("deadline", "project-mid-term")
        shown = [row for row in shown if inspections.due_for_mid_term(row, today, rule)]
    context: dict[str, Any] = {
        "problem": problem,
        "typed": typed,
        "kinds": [
            {"value": value, "label": label, "on": value == typed.get("kind", request.GET.get("kind"))}
            for value, label in Inspection.Kind.choices
        ],
        "scopes": [{"value": key, "label": said[0], "on": key == scope} for key, said in SCOPES.items()],
        "levels": [{"value": value, "label": label, "on": value == level} for value, label in Level.choices],
        "since": first,
        "only": asked.get("only", ""),
        "lines": [{"row": row, "on": chosen is None or row.pk in chosen} for row in shown[:MOST]],
        "more": len(shown) > MOST,
        "crumbs": [
            {"label": "台账", "href": reverse("desk:registers")},
            {"label": INSPECTIONS.name, "href": reverse("desk:register", args=[INSPECTIONS.code])},
            {"label": "安排检查"},
        ],
    }
    return render(request, "projects/plan.html", context, status=status)
