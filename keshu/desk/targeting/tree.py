"""目标: the tree of a year, by document; one branch at a time on a phone; the panel that shares a goal out."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import needs
from keshu.desk.targeting.rows import Line, lines
from keshu.desk.targeting.splitting import Panel, panel_of
from keshu.directory.actors import Actor, Can
from keshu.goals.models import CyclicTree, Goal, SourceDocument
from keshu.goals.tree import Tree
from keshu.journal import moments
from keshu.terms import clock

MOST_OPEN = 60


@dataclass(frozen=True)
class Group:
    """The lines that stand under one document."""

    document: SourceDocument
    lines: list[Line]


@require_GET
@needs(Can.SEE_DISPATCH)
def tree_page(request: HttpRequest) -> HttpResponse:
    """The tree of targets of a year, now or as of a moment."""
    return draw(None, request)


def draw(panel: Panel | None, request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page, with the panel of a decomposition as it was just worked out, if any."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    years = sorted(set(Goal.objects.visible_to(actor).values_list("year", flat=True)), reverse=True)
    year = _number(request.GET.get("year", "")) or clock.today().year
    if panel is not None:
        year = panel.goal.year
    moment = request.GET.get("moment", "")[:10]
    revision, wrong = _revision(moment)
    problem = problem or wrong
    goals = _goals(actor, year, revision)
    until = _until(moment, year)
    address = {"year": str(year), **({"moment": moment} if moment and not wrong else {})}
    may_set = actor.can(Can.SET_TARGETS) and revision is None
    try:
        tree = Tree(goals)
    except CyclicTree as circle:
        problem, tree = str(circle), Tree([])
    opened = _opened(request.GET.get("open", ""), tree)
    at = _number(request.GET.get("at", ""))
    shown = _branch(tree, at) if at else _shown(tree, opened)
    drawn = lines(tree, shown, until=until, revision=revision, opened=opened, address=address)
    split = _number(request.GET.get("split", ""))
    if panel is None and split and may_set:
        goal = tree.goals.get(split)
        if goal is None:
            raise Http404("没有这个目标，或不归现在的岗位看。")
        panel = panel_of(goal, request.GET.get("level", ""))
    counts = _counts(drawn)
    context = {
        "groups": _grouped(drawn),
        "year": year,
        "years": years or [year],
        "panel": panel,
        "may_set": may_set,
        "problem": problem,
        "branch": at,
        "moment": moment,
        "lead": _lead(drawn, counts),
        "crumbs": _crumbs(tree, at, address),
        "asof": [
            {"value": f"{year}年"},
            {"label": "算到", "value": until.isoformat()},
            {"label": "目标数", "value": f"{len(goals)} 个"},
            *([{"label": "时点", "value": moment, "note": "只看不改"}] if revision is not None else []),
        ],
    }
    return render(request, "targeting/tree.html", context, status=status)


def _goals(actor: Actor, year: int, revision: int | None) -> list[Goal]:
    if revision is None:
        return list(Goal.objects.visible_to(actor).filter(year=year).select_related("document"))
    seen = None if actor.sees_all else actor.region_ids | actor.unit_ids
    goals = [
        goal
        for goal in Goal.as_of(revision)
        if goal.year == year
        and (seen is None or (goal.subject_id in seen and goal.state != Goal.State.DRAFTED))
    ]
    documents = {one.pk: one for one in SourceDocument.as_of(revision)}
    for goal in goals:
        goal.document = documents[goal.document_id]
    return goals


def _revision(moment: str) -> tuple[int | None, str]:
    if not moment:
        return None, ""
    try:
        return moments.read_as_of(moment), ""
    except ValueError:
        return None, f"时点“{moment}”读不成日期，下面按现在看。写成 2026-06-30。"


def _until(moment: str, year: int) -> date:
    today = clock.today()
    if moment:
        try:
            today = min(today, date.fromisoformat(moment))
        except ValueError:
            today = clock.today()
    return today if today.year <= year else date(year, 12, 31)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _opened(text: str, tree: Tree) -> set[int]:
    """The branches that are open: as the address says, else the first ones while the page stays short."""
    if text:
        return {pk for part in text.split(",") if (pk := _number(part)) and pk in tree.goals}
    opened: set[int] = set()
    room = MOST_OPEN - len(tree.roots)
    for goal in tree.roots:
        below = len(tree.children.get(goal.pk, ()))
        if below and below <= room:
            opened.add(goal.pk)
            room -= below
    return opened


def _shown(tree: Tree, opened: set[int]) -> list[tuple[Goal, int]]:
    return [
        (goal, depth)
        for goal, depth in tree.walk()
        if goal.parent_id not in tree.goals or _open_above(tree, goal, opened)
    ]


def _open_above(tree: Tree, goal: Goal, opened: set[int]) -> bool:
    above = goal.parent_id
    while above in tree.goals:
        if above not in opened:
            return False
        above = tree.goals[above].parent_id
    return True


def _branch(tree: Tree, at: int) -> list[tuple[Goal, int]]:
    goal = tree.goals.get(at)
    if goal is None:
        raise Http404("没有这个目标，或不归现在的岗位看。")
    return [(goal, 0), *((child, 1) for child in tree.children.get(at, ()))]


def _grouped(drawn: list[Line]) -> list[Group]:
    groups: list[Group] = []
    for line in drawn:
        if line.depth == 0 and (not groups or groups[-1].document.pk != line.goal.document_id):
            known = next((group for group in groups if group.document.pk == line.goal.document_id), None)
            if known is not None:
                groups.remove(known)
                groups.append(known)
            else:
                groups.append(Group(line.goal.document, []))
        groups[-1].lines.append(line)
    return sorted(groups, key=lambda group: group.document.pk)


def _counts(drawn: list[Line]) -> dict[str, int]:
    return {
        "short": sum(line.short for line in drawn),
        "flawed": sum(line.goal.flawed for line in drawn),
        "drafts": sum(not line.goal.given for line in drawn),
    }


def _lead(drawn: list[Line], counts: dict[str, int]) -> list[dict[str, Any]]:
    """结论句: the worst shortfall, then what contradicts itself, then what is not issued."""
    parts: list[dict[str, Any]] = []
    short = next((line for line in drawn if line.short), None)
    if short is not None:
        parts += [
            {"text": f"{short.goal.name}下级之和 {short.total}，比目标"},
            {"text": short.gap.replace(" ", " "), "strong": True, "href": short.links["split"]},
        ]
        if counts["short"] > 1:
            parts.append({"text": f"，还有 {counts['short'] - 1} 个目标也没有分够"})
    flawed = next((line for line in drawn if line.goal.flawed), None)
    if flawed is not None:
        parts += [
            {"text": "；" if parts else ""},
            {"text": f"“{flawed.goal.name}”原文有误，"},
            {"text": flawed.goal.flaw, "strong": True, "href": flawed.links["goal"]},
        ]
        if counts["flawed"] > 1:
            parts.append({"text": f"，还有 {counts['flawed'] - 1} 处也有误"})
    if counts["drafts"] and parts:
        parts.append({"text": f"；{counts['drafts']} 个还没有下达", "wide": True})
    return [*parts, {"text": "。"}] if parts else []


def _crumbs(tree: Tree, at: int | None, address: dict[str, str]) -> list[dict[str, str]]:
    crumbs: list[dict[str, str]] = [
        {"label": "目标", "href": f"{reverse('desk:targets')}?year={address['year']}"}
    ]
    goal = tree.goals.get(at or 0)
    above: list[dict[str, str]] = []
    while goal is not None:
        above.insert(
            0,
            {
                "label": goal.name[:16],
                "href": f"{reverse('desk:targets')}?year={address['year']}&at={goal.pk}",
            },
        )
        goal = tree.goals.get(goal.parent_id or 0)
    return crumbs + above if above else [{"label": "目标"}]
