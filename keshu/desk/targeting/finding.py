"""One goal or document that a page asks for: as the actor may see it, else it is not there."""

from django.http import Http404, HttpRequest

from keshu.desk.guard import address
from keshu.goals.models import Goal
from keshu.journal import audit


def seen_goal(request: HttpRequest, pk: int) -> Goal:
    """A goal within the actor's scope. Raises Http404, with an entry where it exists outside."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = Goal.objects.visible_to(actor).select_related(
        "document", "subject", "indicator", "parent", "corrected_by"
    )
    goal = rows.filter(pk=pk).first()
    if goal is None:
        if Goal._base_manager.filter(pk=pk).exists():
            audit.note(actor, "拒绝", f"目标 {pk}", outcome="拒绝", address=address(request))
        raise Http404("没有这个目标，或不归现在的岗位看。")
    return goal
