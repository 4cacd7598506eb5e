"""奖励榜: awards by year, level and grade; every number opens to its records."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keshu.awards.medals import Board, Cell, board
from keshu.awards.models import Nomination
from keshu.awards.register import NOMINATIONS
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can


@require_GET
@needs(Can.SEE_REGISTERS)
def medals(request: HttpRequest) -> HttpResponse:
    """The board over what the reader may see; a number leads to the register with exactly its records."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = board(NOMINATIONS.rows(actor))
    context = {
        **drawn(
            found, reverse("desk:register", args=[NOMINATIONS.code]), {"state": str(Nomination.State.AWARDED)}
        ),
        "whole": actor.sees_all,
        "crumbs": [{"label": "奖励榜"}],
    }
    return render(request, "awarding/medals.html", context)


def drawn(found: Board, list_href: str, fixed: dict[str, str]) -> dict[str, Any]:
    """The board as a template draws it: heads, and lines of cells with their addresses."""

    def href(cell: Cell) -> str:
        asked = {
            "year": cell.year,
            "level": cell.level,
            **({"grade": cell.grade} if cell.grade else {}),
            **fixed,
        }
        return f"{list_href}?{urlencode(asked)}"

    return {
        "levels": [
            {"label": level.label, "grades": [grade.label for grade in grades], "span": len(grades) + 1}
            for level, grades in found.columns
        ],
        "lines": [
            {
                "year": year,
                "cells": [
                    {"count": cell.count, "href": href(cell) if cell.count else "", "sum": not cell.grade}
                    for cell in cells
                ],
            }
            for year, cells in found.lines
        ],
        "total": found.total,
    }
