"""Cells of a refused row as a batch keeps them, so that they can be given back as they stood."""

from datetime import date
from decimal import Decimal
from typing import Any

from keshu.ledger.intake.cells import BLANK, Cell, Kind, Row, text_cell


def kept_cells(row: Row) -> list[Any]:
    """A row as a batch keeps it: null for a blank, text as it is, anything else as [kind, text, merged area]."""
    kept: list[Any] = []
    for cell in row.cells:
        if cell.kind is Kind.BLANK:
            kept.append(None)
        elif cell.kind is Kind.TEXT and not cell.merged:
            kept.append(cell.text)
        else:
            kept.append([cell.kind.value, cell.text, cell.merged])
    return kept


def restored_cells(kept: list[Any]) -> list[Cell]:
    """The cells of a kept row, as far as writing them down again needs them."""
    return [_restored(one) for one in kept]


def _restored(kept: Any) -> Cell:
    if kept is None:
        return BLANK
    if isinstance(kept, str):
        return text_cell(kept)
    kind, text, merged = Kind(kept[0]), kept[1], kept[2]
    value: object = text
    if kind is Kind.NUMBER and not text.endswith("%"):
        value = Decimal(text)
    elif kind is Kind.DATE and len(text) == 10:
        value = date.fromisoformat(text)
    return Cell(kind, text, value, merged=merged)
