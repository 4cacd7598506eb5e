"""The sheet as a grid of the page: rows of cells with their spans, as a template draws them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from keshu.filling.layout import LaidCell, LaidSheet
from keshu.ledger.intake.cells import letter

#: What is drawn of a sheet; a form is seldom larger.
MOST_ROWS, MOST_COLUMNS = 250, 60

Draw = Callable[[str, LaidCell], dict[str, Any]]


@dataclass
class Grid:
    """Heads (A, B, C) and rows of a drawn sheet; ``left_out`` says what is not drawn."""

    name: str
    letters: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: str = ""


def draw(sheet: LaidSheet, cell_of: Draw) -> Grid:
    """The grid of a sheet. ``cell_of(key, cell)`` gives what a cell shows besides its address and spans; hidden rows and columns
    are not drawn."""
    columns = [c for c in range(min(sheet.columns, MOST_COLUMNS)) if c not in sheet.hidden_columns]
    rows = [r for r in range(1, min(sheet.rows, MOST_ROWS) + 1) if r not in sheet.hidden_rows]
    made = Grid(sheet.name, [letter(column) for column in columns])
    for row in rows:
        cells = []
        for column in columns:
            area = sheet.covers.get((row, column))
            if area is not None:
                seen_rows = [r for r in rows if area.top <= r <= area.bottom]
                seen_columns = [c for c in columns if area.left <= c <= area.right]
                if (row, column) != (seen_rows[0], seen_columns[0]):
                    continue
                key = f"{sheet.number}!{letter(area.left)}{area.top}"
                spans = {"rowspan": len(seen_rows), "colspan": len(seen_columns)}
            else:
                key, spans = f"{sheet.number}!{letter(column)}{row}", {"rowspan": 1, "colspan": 1}
            cells.append(
                {"key": key, "address": key.partition("!")[2], **spans, **cell_of(key, sheet.at(row, column))}
            )
        made.rows.append({"number": row, "cells": cells})
    made.left_out = _left_out(sheet)
    return made


def _left_out(sheet: LaidSheet) -> str:
    parts = []
    if sheet.hidden_columns:
        parts.append(f"隐藏的 {len(sheet.hidden_columns)} 列")
    if sheet.hidden_rows:
        parts.append(f"隐藏的 {len(sheet.hidden_rows)} 行")
    if sheet.rows > MOST_ROWS or sheet.columns > MOST_COLUMNS:
        parts.append(f"第 {MOST_ROWS} 行、第 {MOST_COLUMNS} 列以后的")
    return f"{'、'.join(parts)}没有画，文件里都在" if parts else ""
