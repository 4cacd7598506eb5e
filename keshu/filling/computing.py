"""The value of every mapped cell: computed from the figures as of a revision, converted to the cell's unit, rounded once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from keshu.figures.arithmetic.change import change
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.canonical import number
from keshu.figures.reading import Reader
from keshu.filling.layout import Layout
from keshu.filling.mapping import (
    BY_HAND,
    CHANGE,
    FIGURE,
    PERIOD,
    REMARK,
    RULES,
    MappedCell,
    period_for,
    thing_called,
)
from keshu.filling.office.sheets import Entry
from keshu.journal import moments
from keshu.reports.giving import Held, hold, is_rate
from keshu.reports.parsing import Thing
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import UnreadableNumber, is_missing, plain, read_number, round_half_up, show_number
from keshu.terms.units import convert, shift

FILLED, TYPED, MISSING, TEXT = "filled", "hand", "missing", "text"
STATES = {FILLED: "已填", TYPED: "手填", MISSING: "缺数", TEXT: "文字"}
NOT_TYPED = "还没填"
LONGEST_TYPED = 200
_PERIOD_BLANK = re.compile(
    r"[0-9_＿〇]*[ 　]*年(?:[ 　]*[0-9_＿—\-至一二三四上下第]*[ 　]*(?:月份?|季度?|半年))?|[0-9_＿]+[ 　]*月份?"
)


@dataclass(frozen=True)
class CellValue:
    """What a cell holds in a filling. ``value``: unrounded, in the figure's own unit; ``written``: rounded, in the cell's unit.

    ``missing`` says why there is none. ``note`` travels with a value: 未含…, 推算数.
    """

    cell: MappedCell
    state: str
    value: Decimal | None = None
    written: Decimal | None = None
    text: str = ""
    missing: str = ""
    note: str = ""
    name: str = ""
    region_name: str = ""
    subject_id: int = 0
    period: str = ""

    def plain(self) -> dict[str, object]:
        """As it is kept with the filling."""
        return {
            **self.cell.plain(),
            "state": self.state,
            "value": number(self.value) or "",
            "written": "" if self.written is None else plain(self.written),
            "text": self.text,
            "missing": self.missing,
            "note": self.note,
            "name": self.name,
            "region_name": self.region_name,
            "subject_id": self.subject_id,
            "period": self.period,
        }

    @classmethod
    def of(cls, kept: Mapping[str, object]) -> "CellValue":
        """Rebuilt from what is kept."""
        return cls(
            MappedCell.of(kept),
            str(kept["state"]),
            Decimal(str(kept["value"])) if kept["value"] else None,
            Decimal(str(kept["written"])) if kept["written"] else None,
            text=str(kept["text"]),
            missing=str(kept["missing"]),
            note=str(kept["note"]),
            name=str(kept["name"]),
            region_name=str(kept["region_name"]),
            subject_id=int(str(kept["subject_id"])),
            period=str(kept["period"]),
        )

    @property
    def said(self) -> str:
        """As it stands on the page: 7,000.00, or why there is nothing."""
        if self.written is not None:
            return show_number(self.written, self.cell.decimals)
        return self.text or self.missing


def compute(
    cells: Iterable[MappedCell], period: Period, typed: Mapping[str, str], revision: int
) -> list[CellValue]:
    """Every cell's value for a period as of a revision, in the order given; ``typed`` holds what was typed by key. All figures
    are read together."""
    listed = list(cells)
    definitions = book(revision)
    moment = moments.moment_of(revision)
    reader = Reader(definitions, revision, on=moment.date() if moment else clock.today())
    regions = {region.code: region for region in definitions.regions.values()}
    wanted: list[tuple[Thing, int, Period]] = []
    asked: dict[str, tuple[Thing, list[Period]]] = {}
    for cell in listed:
        if cell.kind != FIGURE or cell.region not in regions:
            continue
        try:
            thing = thing_called(definitions, cell.code)
        except UnknownName:
            continue
        own = period_for(thing, cell.rule, period)
        if own is not None:
            periods = [own, own.previous_year()] if cell.aspect == CHANGE else [own]
            asked[cell.key] = (thing, periods)
            wanted += [(thing, regions[cell.region].pk, one) for one in periods]
    distinct = list({(type(t).__name__, t.pk, r, p): (t, r, p) for t, r, p in wanted}.values())
    held = hold(reader, [(t, definitions.regions[r], p) for t, r, p in distinct]) if distinct else []
    found = {(t.code, r, p): value for (t, r, p), value in zip(distinct, held, strict=True)}
    made = []
    for cell in listed:
        if cell.kind == FIGURE and cell.key in asked:
            thing, periods = asked[cell.key]
            region = regions[cell.region]
            values = [found[thing.code, region.pk, one] for one in periods]
            made.append(_figure(definitions, cell, thing, values, periods[0], region.name, region.pk))
        elif cell.kind == FIGURE:
            why = "口径已停用" if cell.rule != "previous" else f"没有{RULES[cell.rule]}"
            made.append(CellValue(cell, MISSING, missing=why))
        else:
            made.append(_by_hand(cell, period, typed.get(cell.key, "")))
    return made


def _figure(
    definitions: Book,
    cell: MappedCell,
    thing: Thing,
    values: list[Held],
    period: Period,
    region: str,
    pk: int,
) -> CellValue:
    now = values[0]
    value, missing, own_unit = now.value, now.missing or "缺数", thing.unit
    if cell.aspect == CHANGE:
        moved = change(now.value, values[1].value, is_rate(definitions, thing))
        value, missing = moved.value, moved.reason or missing
        own_unit = cell.unit
    notes = [now.note, "推算数" if now.estimated else ""]
    name = f"{thing.name}{'比上年同期' if cell.aspect == CHANGE else ''}"
    state = MISSING if value is None else FILLED
    written = None if value is None else round_half_up(convert(value, own_unit, cell.unit), cell.decimals)
    return CellValue(
        cell,
        state,
        value,
        written,
        "",
        missing if value is None else "",
        "；".join(filter(None, notes)),
        name,
        region,
        pk,
        period.code,
    )


def _by_hand(cell: MappedCell, period: Period, typed: str) -> CellValue:
    if cell.kind == PERIOD:
        return CellValue(cell, TEXT, text=period.label, name=cell.label, period=period.code)
    typed = " ".join(typed.split())[:LONGEST_TYPED]
    if not typed and cell.kind == REMARK:
        return CellValue(cell, TEXT, name=cell.label, period=period.code)
    if not typed:
        return CellValue(cell, MISSING, missing=NOT_TYPED, name=cell.label, period=period.code)
    return CellValue(cell, TYPED, None, _number(typed), typed, name=cell.label, period=period.code)


def _number(typed: str) -> Decimal | None:
    """The number that was typed; None for words, and for what begins with a zero (a telephone, a code)."""
    if is_missing(typed) or re.match(r"0\d", typed):
        return None
    try:
        return read_number(typed)
    except UnreadableNumber:
        return None


def dated(text: str, label: str) -> str:
    """The words of a cell with the period in the place of its blank or earlier one: …月报表（2026年  月） → …（2026年9月）."""
    found = _PERIOD_BLANK.search(text)
    return text[: found.start()] + label + text[found.end() :] if found else label


def entries_of(values: Iterable[CellValue], layout: Layout, missing_text: str) -> dict[str, Entry]:
    """What is written into the file, by key. A missing figure leaves its cell empty or holds the text agreed for it; never 0.

    Excel shows a cell of percent format a hundredfold: 2.44 % is written 0.0244 there.
    """
    found: dict[str, Entry] = {}
    for value in values:
        key = value.cell.key
        held = layout.cell(key)
        if value.state == MISSING:
            found[key] = None if value.cell.kind in BY_HAND else missing_text or None
        elif value.state == TEXT and not value.text:
            continue  # nothing was typed where nothing has to be
        elif value.cell.kind == PERIOD:
            found[key] = dated(held.text, value.text)
        elif value.written is None:
            found[key] = value.text
        elif layout.kind == "docx":
            found[key] = (
                value.text if value.state == TYPED else format(value.written, f".{value.cell.decimals}f")
            )
        else:
            found[key] = shift(value.written, -2) if held.percent else value.written
    return found
