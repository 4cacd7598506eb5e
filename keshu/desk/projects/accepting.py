"""验收对照: the organisation's reached values, the office's verdicts, what is still lacking, and the proposal of the rule."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from keshu.desk.guard import needs
from keshu.desk.projects.finding import REFUSALS, REFUSED, crumbs, href, project_of
from keshu.directory.actors import Actor, Can
from keshu.programmes import acceptance as accepting
from keshu.programmes.acceptance import Reached
from keshu.programmes.contracts import goals_of
from keshu.programmes.dating import rule_of
from keshu.programmes.models import Application, Goal
from keshu.terms.quantity import round_half_up

S = Application.State


@needs(Can.APPLY, Can.HANDLE_PROGRAMMES)
def acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    """The goals with what was reached and how it was judged; a POST writes what this reader may write."""
    application = project_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _form(request, application, {})
    typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
    try:
        if "achievement" in typed or "report" in typed:
            accepting.register_results(
                application,
                actor,
                achievement=typed.get("achievement", ""),
                report=typed.get("report", ""),
            )
        if writes(application, actor):
            accepting.write_reached(application, _reached(application, typed), actor)
        if judges(application, actor):
            verdicts = {
                order: typed[f"verdict.{order}"]
                for order in _orders(application)
                if typed.get(f"verdict.{order}")
            }
            accepting.judge(application, verdicts, actor)
    except REFUSALS as refusal:
        return _form(request, application, typed, problem=str(refusal), status=REFUSED)
    messages.success(request, "已存。")
    return redirect(href(application) if typed.get("do") != "stay" else request.path)


def writes(application: Application, actor: Actor) -> bool:
    """Whether the reached values are this reader's to write now."""
    own = actor.can(Can.APPLY) and application.unit_id in actor.unit_ids
    return own and application.state in (S.RUNNING, S.FAILED)


def judges(application: Application, actor: Actor) -> bool:
    """Whether the verdicts are this reader's to give now."""
    return actor.can(Can.HANDLE_PROGRAMMES) and application.state == S.ACCEPTING


def registers(application: Application, actor: Actor) -> bool:
    """Whether the numbers of the results are this reader's to write now."""
    own = actor.can(Can.APPLY) and application.unit_id in actor.unit_ids
    return application.state in (S.RUNNING, S.FAILED, S.ACCEPTING) and (
        own or actor.can(Can.HANDLE_PROGRAMMES)
    )


def _orders(application: Application) -> list[int]:
    return [goal.order for goal in goals_of(application)]


def _reached(application: Application, typed: dict[str, str]) -> dict[int, Reached]:
    return {
        order: Reached(typed.get(f"reached.{order}", ""), typed.get(f"proof.{order}", ""))
        for order in _orders(application)
    }


def _form(
    request: HttpRequest,
    application: Application,
    typed: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    goals = goals_of(application)
    context: dict[str, Any] = {
        "project": application,
        "problem": problem,
        "goals": [
            {
                "goal": goal,
                "reached": typed.get(f"reached.{goal.order}", goal.reached),
                "proof": typed.get(f"proof.{goal.order}", goal.proof),
                "verdicts": [
                    {
                        "value": value,
                        "label": label,
                        "on": value == typed.get(f"verdict.{goal.order}", goal.verdict),
                    }
                    for value, label in Goal.Verdict.choices
                ],
            }
            for goal in goals
        ],
        "writes": writes(application, actor),
        "judges": judges(application, actor),
        "registers": registers(application, actor),
        "achievement": typed.get("achievement", application.achievement_number),
        "report": typed.get("report", application.technology_report),
        "needs": accepting.acceptance_needs(application),
        "proposal": suggestion(goals),
        "back": href(application),
        "crumbs": crumbs(application, "验收对照"),
    }
    return render(request, "projects/acceptance.html", context, status=status)


def suggestion(goals: list[Goal]) -> dict[str, str] | None:
    """The proposal as a clerk reads it, with the lines of the rule; None while a goal is open."""
    found = accepting.proposed(goals)
    if found is None:
        return None
    rule = rule_of("rate", "project-conclusion")
    percent = round_half_up(found.share.numerator * 100 / Decimal(found.share.denominator), 1)
    return {
        "word": found.word,
        "percent": str(percent),
        "told": found.told,
        "rule": f"低于 {_percent(rule.data['fail_below'])} 不通过，低于 {_percent(rule.data['review_below'])} 复议",
        "mark": rule.source_mark,
    }


def _percent(text: str) -> str:
    return f"{(Decimal(text) * 100).normalize():f}%"
