"""申请变更: what the organisation asks for, with what the rules say beside it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from keshu.desk.guard import needs
from keshu.desk.projects.finding import REFUSALS, REFUSED, Unreadable, crumbs, day, href, project_of
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.programmes import changes
from keshu.programmes.contracts import goals_of
from keshu.programmes.dating import add_months, extend_by, ruled
from keshu.programmes.models import Application, Change, Goal
from keshu.terms import clock


@needs(Can.APPLY)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of one change; a POST asks for it. What was typed comes back with the reason of a refusal."""
    application = project_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _form(request, application, {"kind": request.GET.get("kind", "")})
    typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
    try:
        made = changes.ask(
            application,
            typed.get("kind", ""),
            actor,
            after=typed.get("after", ""),
            reason=typed.get("reason", "")[:4000],
            new_end=day(typed, "new_end", "延至") if typed.get("kind") == Change.Kind.EXTEND else None,
            goal=_goal(application, typed),
            new_unit=_unit(typed),
        )
    except REFUSALS as refusal:
        return _form(request, application, typed, problem=str(refusal), status=REFUSED)
    messages.success(request, f"{made.get_kind_display()} {made.number} {made.get_state_display()}。")
    return redirect("desk:record", code="changes", pk=made.pk)


def _goal(application: Application, typed: dict[str, str]) -> Goal | None:
    if typed.get("kind") != Change.Kind.CONTENT or not typed.get("goal"):
        return None
    for goal in goals_of(application):
        if str(goal.pk) == typed["goal"]:
            return goal
    raise Unreadable("选的指标不在这份任务书里。请重选。")


def _unit(typed: dict[str, str]) -> Unit | None:
    """The new organisation by its code or whole name: an organisation looks nobody up here."""
    if typed.get("kind") != Change.Kind.UNIT:
        return None
    named = typed.get("unit", "").strip()
    if not named:
        return None
    found = Unit.objects.filter(code=named).first() or Unit.objects.filter(name=named).first()
    if found is None:
        raise Unreadable(
            f"没有找到单位“{named[:40]}”。请写统一社会信用代码或单位全称；还没有账号的先开账号。"
        )
    return found


def _form(
    request: HttpRequest,
    application: Application,
    typed: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    filed = set(ruled("limit", "project-changes")["filed"])
    context: dict[str, Any] = {
        "project": application,
        "problem": problem,
        "typed": typed,
        "kinds": [
            {
                "value": value,
                "label": f"{label}（{'备案' if value in filed else '须批准'}）",
                "on": value == typed.get("kind"),
            }
            for value, label in Change.Kind.choices
        ],
        "goals": [
            {
                "value": str(goal.pk),
                "label": f"{goal.order}. {goal}：{goal.promised}",
                "on": str(goal.pk) == typed.get("goal"),
            }
            for goal in goals_of(application)
        ],
        "extension": _extension(application),
        "back": href(application),
        "crumbs": crumbs(application, "申请变更"),
    }
    return render(request, "projects/change.html", context, status=status)


def _extension(application: Application) -> str:
    """What the rule allows this project, in one sentence with its days."""
    if application.ends_on is None:
        return "任务书没有登记执行止，不能申请延期。"
    rule = ruled("limit", "project-extension")
    if application.extensions >= int(rule["times"]):
        return f"已延期 {application.extensions} 次，到 {application.ends_on}，不能再延。"
    last, longest = extend_by(application.ends_on), add_months(application.ends_on, int(rule["months"]))
    late = f"；今天 {clock.today()} 已晚" if clock.today() > last else ""
    return f"现在执行到 {application.ends_on}；延期最迟 {last} 提出{late}，最晚延到 {longest}，只延 {rule['times']} 次。"
