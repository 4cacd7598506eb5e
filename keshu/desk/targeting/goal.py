"""One target: what it says, what was reached and the records behind it, its way, its adjustments; and what can be done with it."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.guard import needs
from keshu.desk.registers.fields import answers, field
from keshu.desk.targeting.finding import seen_goal
from keshu.desk.targeting.rows import names, number, percent, plainly, told
from keshu.desk.targeting.splitting import NotANumber, read_number
from keshu.desk.typed import key
from keshu.directory.actors import Actor, Can
from keshu.figures.book import UnknownName, book
from keshu.goals import adjusting
from keshu.goals.actuals import Actual
from keshu.goals.counting import CounterRefused, add_counter, drop_counter
from keshu.goals.decomposing import GoalFixed, branch, children_of, set_number
from keshu.goals.documents import DocumentRefused, correct, correct_whole
from keshu.goals.letters import LetterRefused, draw_up
from keshu.goals.models import Adjustment, Counter, Goal, SourceDocument
from keshu.goals.moving import PROCEDURE, UnitDiffers, advance
from keshu.goals.tracing import PartBehind, behind, seen_by
from keshu.journal import moments
from keshu.journal.models import Revision
from keshu.ledger.classified import Classified
from keshu.procedure.asking import read
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.terms import clock
from keshu.terms.quantity import TooManyDecimals, show_number

REFUSED = 422
PROBLEMS = (
    MoveRefused, NotYourTurn, GoalFixed, TooManyDecimals, NotANumber, DocumentRefused, UnitDiffers, Classified,
    CounterRefused, UnknownName,
)  # fmt: skip


@require_GET
@needs(Can.SEE_DISPATCH)
def goal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One target."""
    return draw(seen_goal(request, pk), request)


def draw(goal: Goal, request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of a target; a refused form comes back with what was typed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    today = clock.today()
    until = today if today.year <= goal.year else today.replace(year=goal.year, month=12, day=31)
    reached, parts = behind(goal, until=until)
    children = children_of(goal)
    tree = branch(goal)
    total = tree.sum_of(goal)
    sets = actor.can(Can.SET_TARGETS)
    inner = [child for child in tree.children.get(goal.pk, ()) if child.within]
    context = {
        "goal": goal,
        "told": told(goal),
        "who": names([goal]).get(goal.subject_id or 0, ("", ""))[0],
        "stretch": number(goal.stretch, goal),
        "last_year": number(goal.last_year, goal),
        "margin": plainly(goal.margin),
        "reached": reached,
        "value": number(reached.value, goal) if reached.value is not None else "",
        "percent": percent(reached),
        "parts": [_part(goal, one, reached, actor) for one in parts],
        "total": number(total.total, goal) if total and total.total is not None else "",
        "children": [{"goal": one, "told": told(one), "who": str(one.subject or "")} for one in children],
        "whole_region": _whole_region(goal, reached),
        "inner": [{"goal": one, "told": told(one)} for one in inner],
        "steps": _steps(goal, request) if sets else [],
        "branch_steps": _branch_steps(children, request) if sets else [],
        "sets": sets,
        "asks": adjusting.may_ask(actor, goal) and goal.given and not goal.flawed,
        "corrections": _corrections(goal)
        if sets and (goal.flawed or any(one.flawed for one in inner))
        else None,
        "adjustments": _adjustments(actor, goal),
        "moves": [
            {"entry": entry, "label": PROCEDURE.transition(entry.action).label}
            for entry in moves_of(goal).order_by("-revision")
        ],
        "history": _history(goal),
        "counters": list(Counter.objects.for_system("目标页").filter(goal=goal).select_related("measure")),
        "typed": {
            name: request.POST.get(name, plainly(getattr(goal, name))) for name in ("low", "high", "stretch")
        },
        "why": request.POST.get("why", ""),
        "problem": problem,
        "tree_href": f"{reverse('desk:targets')}?year={goal.year}#g{goal.pk}",
        "crumbs": [
            {"label": "目标", "href": f"{reverse('desk:targets')}?year={goal.year}"},
            {"label": goal.name[:20]},
        ],
        "asof": [
            {"value": f"{goal.year}年"},
            {"value": goal.get_kind_display()},
            {"value": goal.get_state_display()},
            {"label": "算到", "value": reached.period.label},
        ],
    }
    return render(request, "targeting/goal.html", context, status=status)


def _whole_region(goal: Goal, reached: Actual) -> str:
    """The region that is counted as a whole for a unit's or a person's goal; empty where the goal is a region's own or narrowed."""
    if goal.subject_id is None or goal.subject_id == reached.region_id or not reached.parts:
        return ""
    region = book(moments.latest()).regions.get(reached.region_id or 0)
    return "" if region is None or all(part.where for part in reached.parts) else region.short_name


def _part(goal: Goal, one: PartBehind, reached: Actual, actor: Actor) -> dict[str, Any]:
    """One counter with the records that it counts, as far as the reader may see them."""
    part = one.part
    region = book(moments.latest()).regions.get(reached.region_id or 0)
    href = ""
    if region is not None and not part.where and actor.can(Can.SEE_TRACE) and goal.kind != Goal.Kind.RANK:
        asked = {
            "name": part.measure_code or part.label,
            "region": region.code,
            "period": reached.period.code,
        }
        href = f"{reverse('desk:trace')}?{urlencode(asked)}"
    return {
        "label": part.label,
        "said": part.said,
        "where": part.where,
        "value": show_number(part.value, part.decimals) if part.value is not None else "",
        "unit": part.unit,
        "missing": part.missing,
        "href": href,
        "held": one.held,
        "records": [
            {
                "title": row.title,
                "number": row.number,
                "amount": plainly(row.amount),
                "href": reverse("desk:record", args=[row.register, row.pk]),
            }
            for row in seen_by(actor, one)
        ],
    }


def _steps(goal: Goal, request: HttpRequest) -> list[dict[str, Any]]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    possible = [
        one for one in PROCEDURE.possible(goal, actor) if one.action != "sign"
    ]  # signed with its letter
    return [_step(transition, goal, request) for transition in possible]


def _step(transition: Any, goal: Goal, request: HttpRequest) -> dict[str, Any]:
    return {
        "transition": transition,
        "fields": [field(transition, ask, goal, request.POST) for ask in transition.asks],
    }


def _branch_steps(children: list[Goal], request: HttpRequest) -> list[dict[str, Any]]:
    """The next step of all children that stand where most of them stand."""
    if not children:
        return []
    states = [child.state for child in children]
    state = max(set(states), key=lambda one: (states.count(one), one))
    first = next(child for child in children if child.state == state)
    found = _steps(first, request)
    return [{**step, "count": states.count(state), "state": state} for step in found[:1]]


def _corrections(goal: Goal) -> list[tuple[int, str]]:
    rows = SourceDocument.objects.filter(corrects=goal.document_id, kind=SourceDocument.Kind.CORRECTION)
    return [(row.pk, str(row)) for row in rows.order_by("-pk")]


def _adjustments(actor: Actor, goal: Goal) -> list[dict[str, Any]]:
    rows = Adjustment.objects.visible_to(actor).filter(goal=goal).select_related("document").order_by("-pk")
    return [
        {
            "row": row,
            "before": number(row.low_before, goal),
            "after": number(row.low_after, goal),
            "href": reverse("desk:record", args=["goal_adjustments", row.pk]),
        }
        for row in rows
    ]


def _history(goal: Goal) -> list[dict[str, Any]]:
    """Every number the goal has had, newest first: when, who, why."""
    rows = list(goal.history())
    revisions = Revision.objects.in_bulk([row.revision for row in rows])
    found: list[dict[str, Any]] = []
    before = ""
    for row in rows:
        if row.data is None or row.revision not in revisions:
            continue
        said = told(Goal.from_recorded(row.data))
        if said == before:
            continue
        revision = revisions[row.revision]
        found.append(
            {
                "told": said,
                "before": before,
                "at": revision.at.astimezone(clock.TZ),
                "who": revision.actor_name,
                "why": revision.reason,
                "number": revision.number,
            }
        )
        before = said
    return found[::-1]


# ---- what can be done -------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> dict[str, Decimal | None]:
    words = {"low": "基本目标", "high": "上限", "stretch": "奋斗目标"}
    return {name: read_number(request.POST.get(name, "")[:40], word) for name, word in words.items()}


def _document(request: HttpRequest) -> SourceDocument:
    found = SourceDocument.objects.filter(pk=key(request.POST.get("document"))).first()
    if found is None:
        raise DocumentRefused("没有选更正文件。先在“来源文件”里登记，再引用它。")
    return found


@require_POST
@needs(Can.SET_TARGETS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a draft's numbers by hand, or put a 原文有误 right by citing the correcting document."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    goal = seen_goal(request, pk)
    try:
        if request.POST.get("do") == "correct":
            numbers = _asked(request)
            if goal.flawed:
                correct(goal, actor, document=_document(request), **numbers)
            else:
                low = numbers["low"]
                if low is None:
                    raise DocumentRefused("没有写更正为多少。")
                correct_whole(goal, actor, document=_document(request), low=low)
        elif request.POST.get("do") == "count":
            add_counter(
                goal,
                actor,
                measure=request.POST.get("measure", "")[:80],
                where=request.POST.get("where", "")[:500],
            )
        elif request.POST.get("do") == "uncount":
            drop_counter(goal, actor, counter=request.POST.get("counter", ""))
        else:
            set_number(goal, actor, **_asked(request))
    except PROBLEMS as refusal:
        return draw(goal, request, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已存 {clock.now().astimezone(clock.TZ):%H:%M:%S}")
    return redirect("desk:target", pk=pk)


@require_POST
@needs(Can.SET_TARGETS)
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of the goal, or of all its children that stand where most stand."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    goal = seen_goal(request, pk)
    action = request.POST.get("action", "")[:20]
    of_children = request.POST.get("of") == "children"
    try:
        transition = PROCEDURE.transition(action)
        moved = [goal]
        if of_children:
            moved = [child for child in children_of(goal) if child.state in transition.before]
        given = read(transition.asks, answers(request, action), goal)
        advance(moved, action, actor, given=given, note=request.POST.get("note", "").strip()[:2000])
    except PROBLEMS as refusal:
        return draw(goal, request, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已办：{transition.label}，{len(moved)} 个目标。")
    return redirect("desk:target", pk=pk)


@require_POST
@needs(Can.SET_TARGETS, Can.CHECK_ITEMS)
def adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another number of an issued target."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    goal = seen_goal(request, pk)
    try:
        numbers = _asked(request)
        made = adjusting.ask(goal, actor, why=request.POST.get("why", "")[:500], **numbers)
    except PROBLEMS as refusal:
        return draw(goal, request, problem=str(refusal), status=REFUSED)
    messages.success(request, f"已提出调整申请 {made.number}，批准以前仍按原目标算。")
    return redirect("desk:record", code="goal_adjustments", pk=made.pk)


@require_POST
@needs(Can.SET_TARGETS)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """生成责任书 for whoever bears this goal."""
    goal = seen_goal(request, pk)
    try:
        if goal.subject is None:
            raise LetterRefused("这个目标没有承担对象，不能生成责任书。")
        made = draw_up(goal.subject, goal.year, request.actor)  # type: ignore[attr-defined]
    except PROBLEMS as refusal:
        return draw(goal, request, problem=str(refusal), status=REFUSED)
    return redirect("desk:record", code="goal_letters", pk=made.pk)
