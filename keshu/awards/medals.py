"""奖励榜: awards by year, level and grade. A batch row counts as many as it stands for; what was revoked does not count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Sum

from keshu.awards.models import Grade, Level, Nomination


@dataclass(frozen=True)
class Cell:
    """How many awards of one year, level and grade (every grade where ``grade`` is empty)."""

    year: int
    level: str
    grade: str
    count: int


@dataclass(frozen=True)
class Board:
    """The board: columns are (level, grades that occur in it), lines are years, newest first, each cell in column order."""

    columns: Sequence[tuple[Level, Sequence[Grade]]]
    lines: Sequence[tuple[int, Sequence[Cell]]]
    total: int


def given(rows: models.QuerySet[Nomination]) -> models.QuerySet[Nomination]:
    """The awards among nominations that a reader may see."""
    return rows.filter(state=Nomination.State.AWARDED)


def board(rows: models.QuerySet[Nomination]) -> Board:
    """Years × levels × grades over the awards among ``rows``. One query."""
    grouped = given(rows).order_by().values_list("year", "level", "grade").annotate(many=Sum("items"))
    counts = {(year, level, grade or str(Grade.NONE)): many for year, level, grade, many in grouped}
    columns = [
        (level, grades)
        for level in Level
        if (grades := [grade for grade in Grade if any(k[1:] == (level, grade) for k in counts)])
    ]
    lines = []
    for year in sorted({key[0] for key in counts}, reverse=True):
        cells: list[Cell] = []
        for level, grades in columns:
            own = [Cell(year, str(level), str(g), counts.get((year, level, g), 0)) for g in grades]
            cells += [*own, Cell(year, str(level), "", sum(cell.count for cell in own))]
        lines.append((year, cells))
    return Board(columns, lines, sum(counts.values()))


def drawn(found: Board, href: Callable[[Cell], str]) -> dict[str, Any]:
    """The board as a template draws it: ``levels`` (label, grades, span), ``lines`` of cells with their addresses, ``total``.

    ``href``: where the awards of a cell are listed; a cell without any leads nowhere.
    """
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
