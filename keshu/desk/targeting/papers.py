"""责任书 as a Word file; the cards on the pages of letters and adjustments."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.desk.guard import address, needs
from keshu.desk.registers.panels import Panel, panel
from keshu.desk.targeting.rows import number, told
from keshu.directory.actors import Actor, Can
from keshu.goals.letters import goals_of
from keshu.goals.models import Adjustment, Goal, Letter
from keshu.goals.registers import LETTERS
from keshu.journal import audit
from keshu.ledger.records import Record
from keshu.reports.responsibility import letter_word
from keshu.terms import clock

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_GET
@needs(Can.SEE_REGISTERS)
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter of responsibility on the official page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = LETTERS.rows(actor).select_related("subject", "region", "unit").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这份责任书，或不归现在的岗位看。")
    audit.note(actor, "导出", f"责任书 {found.number}", address=address(request))
    response = HttpResponse(letter_word(found, clock.now()), content_type=WORD)
    response["Content-Disposition"] = f"attachment; filename={found.number or 'letter'}.docx"
    return response


@panel("goal_letters")
def letter_goals(request: HttpRequest, record: Record) -> Panel:
    """The goals that a letter names, and its Word file."""
    assert isinstance(record, Letter)
    return Panel(
        "targeting/letter_card.html",
        {
            "subject": record.subject.name,
            "rows": [
                {"goal": goal, "told": told(goal), "stretch": number(goal.stretch, goal)}
                for goal in goals_of(record)
            ],
            "word": reverse("desk:target_letter_word", args=[record.pk]),
        },
    )


@panel("goal_adjustments")
def adjusted_goal(request: HttpRequest, record: Record) -> Panel | None:
    """The target that an adjustment is about."""
    assert isinstance(record, Adjustment)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    goal = Goal.objects.visible_to(actor).select_related("document").filter(pk=record.goal_id).first()
    if goal is None:
        return None
    return Panel(
        "targeting/adjusted_card.html",
        {
            "goal": goal,
            "told": told(goal),
            "before": number(record.low_before, goal),
            "after": number(record.low_after, goal),
        },
        "side",
    )
