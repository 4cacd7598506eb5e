"""任务书: goals, stages and budget typed or taken from the application; on paper for the three parties."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.projects.contract_paper import contract_docx
from keshu.desk.projects.finding import REFUSALS, REFUSED, crumbs, day, href, in_wan, money, project_of
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Actor, Can
from keshu.journal import audit
from keshu.programmes import contracts
from keshu.programmes.contracts import Contract
from keshu.programmes.dating import ruled
from keshu.programmes.models import Application
from keshu.reports.exports import MEDIA_TYPES
from keshu.terms.quantity import wan

GOAL_ROWS, STAGE_ROWS = 8, 4
MONEY = (
    ("direct_cost", "直接费用"),
    ("equipment_cost", "其中设备购置费"),
    ("indirect_cost", "间接费用"),
    ("own_funds", "自筹"),
)


@needs(Can.APPLY, Can.HANDLE_PROGRAMMES)
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; a POST keeps it, or with ``do=check`` only works the indirect cost out. What was typed comes back."""
    application = project_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _form(request, application, _held(application))
    typed = {name: text for name, text in request.POST.items() if isinstance(text, str)}
    try:
        made = _read(typed)
        if typed.get("do") != "check":
            contracts.write_contract(application, made, actor)
            messages.success(request, "任务书已存。")
            return redirect(href(application))
    except REFUSALS as refusal:
        return _form(request, application, typed, problem=str(refusal), status=REFUSED)
    return _form(request, application, typed, made=made)


def _held(application: Application) -> dict[str, str]:
    """What the form begins with: what is kept, else the goals of the application taken apart."""
    goals = [(goal.text, goal.promised) for goal in contracts.goals_of(application)]
    held = {name: in_wan(getattr(application, name)) for name, _ in MONEY}
    for number, (text, promised) in enumerate(goals or contracts.split_goals(application.goals), 1):
        held[f"goal.{number}.text"], held[f"goal.{number}.promised"] = text, promised
    for number, phase in enumerate(contracts.phases_of(application), 1):
        held[f"stage.{number}.until"] = phase.until.isoformat()
        held[f"stage.{number}.task"] = phase.task
    return held


def _rows(typed: dict[str, str], kind: str, names: tuple[str, str], least: int) -> list[dict[str, Any]]:
    """The rows of the form: all that hold something, and empty ones up to a round number."""
    held = [
        int(parts[1])
        for name, text in typed.items()
        if text.strip()
        and len(parts := name.split(".")) == 3
        and parts[0] == kind
        and parts[1].isascii()
        and parts[1].isdigit()
    ]
    count = min(max(least, max(held, default=0) + 2), contracts.MOST_ROWS)
    return [
        {"number": number, **{name: typed.get(f"{kind}.{number}.{name}", "") for name in names}}
        for number in range(1, count + 1)
    ]


def _read(typed: dict[str, str]) -> Contract:
    goals = [
        (row["text"].strip(), row["promised"].strip())
        for row in _rows(typed, "goal", ("text", "promised"), 0)
        if row["text"].strip() or row["promised"].strip()
    ]
    stages = []
    for row in _rows(typed, "stage", ("until", "task"), 0):
        until = day(row, "until", f"第 {row['number']} 阶段的截止日期") if row["until"] else None
        if until is None and not row["task"].strip():
            continue
        if until is None or not row["task"].strip():
            raise contracts.ContractBroken(f"第 {row['number']} 阶段的日期和任务要一起填。")
        stages.append((until, row["task"]))
    return Contract(goals, stages, **{name: money(typed, name, label) for name, label in MONEY})


def _form(
    request: HttpRequest,
    application: Application,
    typed: dict[str, str],
    *,
    problem: str = "",
    made: Contract | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "project": application,
        "may": contracts.may_write(application, request.actor),  # type: ignore[attr-defined]
        "problem": problem,
        "goals": _rows(typed, "goal", ("text", "promised"), GOAL_ROWS),
        "stages": _rows(typed, "stage", ("until", "task"), STAGE_ROWS),
        "money": [{"name": name, "label": label, "text": typed.get(name, "")} for name, label in MONEY],
        "granted": in_wan(application.granted),
        "ladder": ladder(made.direct_cost, made.equipment_cost)
        if made
        else ladder(application.direct_cost, application.equipment_cost),
        "balance": balance(application, made),
        "taken_apart": not contracts.goals_of(application),
        "back": href(application),
        "crumbs": crumbs(application, "任务书"),
    }
    return render(request, "projects/contract.html", context, status=status)


def ladder(direct: Decimal | None, equipment: Decimal | None) -> dict[str, str] | None:
    """The limit of the indirect cost with its arithmetic, in 万元; None without a direct cost."""
    if direct is None:
        return None
    bands = contracts.indirect_cost_bands(direct, equipment or Decimal(0), ruled("rate", "indirect-cost"))
    return {
        "base": wan(max(direct - (equipment or Decimal(0)), Decimal(0))),
        "told": contracts.told_ladder(bands) or "0",
        "most": wan(sum((band.amount for band in bands), Decimal(0)).quantize(Decimal("0.01"))),
    }


def balance(application: Application, made: Contract | None) -> str:
    """A sentence where what is spent differs from where it comes from; empty while something is not filled in."""
    held = made or application
    direct, indirect = held.direct_cost, held.indirect_cost
    if direct is None or indirect is None or application.granted is None:
        return ""
    spent, comes = direct + indirect, application.granted + (held.own_funds or Decimal(0))
    if spent == comes:
        return ""
    return f"支出合计 {wan(spent)} 万元，立项加自筹 {wan(comes)} 万元，两边不等，请核对。"


@require_GET
@needs(Can.SEE_REGISTERS)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The task contract as a Word file, for printing and stamping."""
    application = project_of(request, pk)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    content = contract_docx(application)
    audit.note(actor, "导出", f"任务书 {application}", address=address(request))
    return attachment(content, f"任务书_{application.number}.docx", MEDIA_TYPES["docx"])
