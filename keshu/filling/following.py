"""A form whose layout changed: which mapped cells are found again by their heads, which are not, and what is new in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from keshu.filling.layout import LaidSheet, Layout, Place
from keshu.filling.mapping import MappedCell
from keshu.filling.relations import Relation, UnreadableRelation, read_relation
from keshu.filling.suggesting import label_of, open_cells
from keshu.ledger.intake.cells import letter
from keshu.terms.text import clean_name

_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[）)]|\d+[、.．])")
_DATES = re.compile(r"[0-9]+(?=年|月|日|季)")

Signature = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Moved:
    """A mapped cell and where its heads stand now."""

    before: MappedCell
    after: MappedCell

    @property
    def stays(self) -> bool:
        """Whether it is where it was."""
        return self.before.key == self.after.key


@dataclass(frozen=True)
class Change:
    """What became of a mapping in a new blank. ``lost``: (cell, why); ``new``: sentences about rows, columns and sheets that the
    old blank did not have; ``sums``: the relations in the new addresses; ``sums_lost``: lines that no longer can be."""

    moved: tuple[Moved, ...]
    lost: tuple[tuple[MappedCell, str], ...]
    new: tuple[str, ...]
    sums: tuple[str, ...] = ()
    sums_lost: tuple[str, ...] = ()

    @property
    def cells(self) -> list[MappedCell]:
        """The cells that can be followed, at their new places."""
        return [one.after for one in self.moved]


def head_key(text: str) -> str:
    """A head as it is compared: without its number in a list and without dates."""
    return _DATES.sub("#", _NUMBERING.sub("", clean_name(text)))


def signature(layout: Layout, sheet: LaidSheet, place: Place) -> Signature:
    """What names a cell wherever it stands: its sheet and its heads."""
    return (
        clean_name(sheet.name) if layout.kind == "xlsx" else str(sheet.number),
        tuple(map(head_key, sheet.row_heads(place.row, place.column))),
        tuple(map(head_key, sheet.column_heads(place.row, place.column))),
    )


def follow(cells: Iterable[MappedCell], sums: Iterable[str], old: Layout, new: Layout) -> Change:
    """Find every mapped cell of the old blank in the new one.

    A cell is followed where its heads name exactly one place, or as many places as before (then in their order). A cell without
    heads stays only where nothing around it moved.
    """
    places_old, places_new = _places(old), _places(new)
    moved: list[Moved] = []
    lost: list[tuple[MappedCell, str]] = []
    for cell in cells:
        place = old.place(cell.key)
        sheet = old.sheet(place.sheet)
        name = signature(old, sheet, place)
        before, after = places_old.get(name, []), places_new.get(name, [])
        if place in before and len(before) == len(after):
            there = after[before.index(place)]
            label = label_of(new.sheet(there.sheet), there.row, there.column)
            moved.append(Moved(cell, replace(cell, key=there.key, label=label or cell.label)))
        elif place not in before and _unmoved(place, sheet, new):
            moved.append(Moved(cell, cell))
        else:
            lost.append((cell, _why(name, after, sheet, place)))
    where = {one.before.key: one.after.key for one in moved}
    kept, gone = _sums(sums, where, old)
    return Change(tuple(moved), tuple(lost), tuple(_news(old, new)), tuple(kept), tuple(gone))


def _places(layout: Layout) -> dict[Signature, list[Place]]:
    found: dict[Signature, list[Place]] = {}
    for sheet, place in open_cells(layout):
        found.setdefault(signature(layout, sheet, place), []).append(place)
    return found


def _unmoved(place: Place, sheet: LaidSheet, new: Layout) -> bool:
    """A cell that no head names (填表人 at the foot) stays where the words of its row are the same as before."""
    if place.sheet > len(new.sheets):
        return False
    there = new.sheet(place.sheet)
    words = [
        [head_key(s.at(place.row, c).text) for c in range(s.columns) if s.at(place.row, c).text]
        for s in (sheet, there)
    ]
    return words[0] == words[1] and place.row <= there.rows and there.at(place.row, place.column).fillable


def _why(name: Signature, after: list[Place], sheet: LaidSheet, place: Place) -> str:
    row = "".join(sheet.row_heads(place.row, place.column)[-1:]) or f"第 {place.row} 行"
    column = "".join(sheet.column_heads(place.row, place.column)[-1:]) or f"{letter(place.column)} 列"
    if after:
        return f"新表里有 {len(after)} 处叫“{row}”“{column}”，分不清是哪一格"
    return f"新表里没有“{row}”“{column}”这一格"


def _news(old: Layout, new: Layout) -> list[str]:
    """Rows, columns and sheets that the new blank has and the old one had not."""
    told: list[str] = []
    former = {_sheet_key(old, sheet): sheet for sheet in old.sheets}
    for sheet in new.sheets:
        before = former.get(_sheet_key(new, sheet))
        if before is None:
            told.append(f"多了一张“{sheet.name}”，没有对上")
            continue
        opened = [place for one, place in open_cells(new) if one is sheet]
        opened_before = [place for one, place in open_cells(old) if one is before]
        rows = _told_by(sheet, opened, rows=True)
        rows_before = set(_told_by(before, opened_before, rows=True).values())
        columns = _told_by(sheet, opened, rows=False)
        columns_before = set(_told_by(before, opened_before, rows=False).values())
        at = f"“{sheet.name}”" if len(new.sheets) > 1 else ""
        told += [
            f"{at}第 {number} 行多了一项“{'／'.join(heads)}”，没有对上"
            for number, heads in rows.items()
            if heads not in rows_before
        ]
        told += [
            f"{at}{letter(number)} 列多了一项“{'／'.join(heads)}”，没有对上"
            for number, heads in columns.items()
            if heads not in columns_before
        ]
    return told


def _sheet_key(layout: Layout, sheet: LaidSheet) -> str:
    return clean_name(sheet.name) if layout.kind == "xlsx" else str(sheet.number)


def _told_by(sheet: LaidSheet, places: Iterable[Place], *, rows: bool) -> dict[int, tuple[str, ...]]:
    """Row (or column) number → its heads, of the rows that have a cell to fill."""
    found: dict[int, tuple[str, ...]] = {}
    for place in places:
        heads = (
            sheet.row_heads(place.row, place.column) if rows else sheet.column_heads(place.row, place.column)
        )
        found.setdefault(place.row if rows else place.column, tuple(map(head_key, heads)))
    return found


def _sums(lines: Iterable[str], where: dict[str, str], old: Layout) -> tuple[list[str], list[str]]:
    """The relations with the new addresses; those that name a cell which was not found are lost."""
    kept, lost = [], []
    for line in lines:
        try:
            relation: Relation = read_relation(line, old)
        except UnreadableRelation:
            lost.append(line)
            continue
        keys = (relation.total, *relation.parts)
        if all(key in where for key in keys):
            parts = "+".join(where[key] for key in relation.parts)
            kept.append(f"{where[relation.total]}{relation.mark}{parts}")
        else:
            lost.append(line)
    return kept, lost
