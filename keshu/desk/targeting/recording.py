"""What the panel does: works out, fills weights, records; shares a branch out again; locks."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from keshu.desk.guard import needs
from keshu.desk.targeting.finding import seen_goal
from keshu.desk.targeting.splitting import NotANumber, decimal, panel_of, portions, typed, weigh, work_out
from keshu.desk.targeting.tree import draw
from keshu.directory.actors import Actor, Can
from keshu.figures.book import UnknownName
from keshu.goals.decomposing import GoalFixed, NotDecomposed, decompose, lock, respread
from keshu.goals.models import SourceDocument
from keshu.goals.spreading import CannotSpread
from keshu.terms.quantity import TooManyDecimals

REFUSED = 422


@require_POST
@needs(Can.SET_TARGETS)
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Work a decomposition out (测算), fill the weights from a measure, or record it. What was typed comes back when refused."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    goal = seen_goal(request, pk)
    panel = panel_of(goal, request.POST.get("level", ""))
    typed(panel, request.POST)
    try:
        if request.POST.get("do") == "weigh":
            weigh(panel, request.POST)
            return draw(panel, request)
        asked = portions(panel)
        margins = (decimal(panel, "margin_low"), decimal(panel, "margin_high"))
        margin = decimal(panel, "margin")
        if request.POST.get("do") != "record":
            goal.margin_low, goal.margin_high = margins
            work_out(panel, asked, margin)
            return draw(panel, request)
        document = SourceDocument.objects.filter(pk=panel.chosen).first()
        if document is None:
            raise NotDecomposed("没有选分解依据的文件。先登记文件，再选它。")
        decompose(
            goal,
            actor,
            portions=asked,
            method=panel.method,
            document=document,
            margin=margin,
            margins=margins,
            margin_document=SourceDocument.objects.filter(pk=panel.margin_chosen).first(),
        )
    except (NotDecomposed, CannotSpread, GoalFixed, TooManyDecimals, NotANumber, UnknownName) as refusal:
        panel.problem = str(refusal)
        return draw(panel, request, status=REFUSED)
    messages.success(request, f"已分解“{goal.name}”，{len(asked)} 个承担对象。")
    return redirect(f"{reverse('desk:targets')}?year={goal.year}#g{goal.pk}")


@require_POST
@needs(Can.SET_TARGETS)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Share a branch out again; locked and issued ones stay."""
    goal = seen_goal(request, pk)
    try:
        changed = respread(goal, request.actor)  # type: ignore[attr-defined]
    except (CannotSpread, TooManyDecimals) as refusal:
        messages.error(request, str(refusal))
    else:
        said = (
            f"重新分解了“{goal.name}”，{len(changed)} 个数有变。" if changed else "各数都已合上，没有要改的。"
        )
        messages.success(request, said)
    return redirect(f"{reverse('desk:targets')}?year={goal.year}#g{goal.pk}")


@require_POST
@needs(Can.SET_TARGETS)
def toggle_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock a goal, or unlock it."""
    goal = seen_goal(request, pk)
    try:
        lock(goal, request.actor, not goal.locked)  # type: ignore[attr-defined]
    except GoalFixed as refusal:
        messages.error(request, str(refusal))
    kept = request.POST.get("back", "")[:300]
    page = reverse("desk:targets")
    query = kept if kept.startswith("?") and "\n" not in kept else f"?year={goal.year}"
    return redirect(f"{page}{query}#g{goal.pk}")
