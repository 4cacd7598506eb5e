"""奖励榜: awards by year, level and grade; every number opens to its records."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.awards.medals import Cell, board, drawn
from keshu.awards.models import Nomination
from keshu.awards.register import NOMINATIONS
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can


@require_GET
@needs(Can.SEE_REGISTERS)
def medals(request: HttpRequest) -> HttpResponse:
    """The board over what the reader may see; a number leads to the register with exactly its records."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {
        **drawn(board(NOMINATIONS.rows(actor)), _listed),
        "whole": actor.sees_all,
        "crumbs": [{"label": "奖励榜"}],
    }
    return render(request, "awarding/medals.html", context)


def _listed(cell: Cell) -> str:
    """The register filtered to the awards of one cell."""
    asked = {
        "year": cell.year,
        "level": cell.level,
        "grade": cell.grade,
        "state": str(Nomination.State.AWARDED),
    }
    kept = {name: value for name, value in asked.items() if value}
    return f"{reverse('desk:register', args=[NOMINATIONS.code])}?{urlencode(kept)}"
