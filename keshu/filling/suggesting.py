"""What the cells of a form probably mean, read from its heads. A clerk confirms every one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from keshu.directory.models import Region
from keshu.figures.book import Book
from keshu.figures.evaluating import measures_of
from keshu.figures.models import Measure
from keshu.filling.layout import LaidSheet, Layout, Place
from keshu.filling.mapping import (
    CHANGE,
    FIGURE,
    VALUE,
    MappedCell,
    shown_decimals,
    shown_unit,
    thing_called,
)
from keshu.ledger.intake.cells import letter
from keshu.reports.giving import is_rate
from keshu.reports.parsing import SAID_SHORT, WHOLE, Thing, names_of
from keshu.terms.text import clean_name, region_key
from keshu.terms.units import IncompatibleUnits, UnknownUnit, convert, unit

_BRACKETS = re.compile(r"[（(]([^（）()]{1,8})[）)]")
_UNIT_SAID = re.compile(r"(?:计量)?单位[:：]\s*([^\s，,；;（）()]+)")
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[）)]|\d+[、.．]|其中[:：]?|#)"
)
#: Words of a head that say which period, not which figure. The longer come first.
PERIOD_WORDS = (
    (("上年同期累计", "去年同期累计"), "year_ago_to_date"),
    (("上年同期", "去年同期", "同期数"), "year_ago"),
    (("上年末", "去年末", "年初数", "上年年末"), "last_year_end"),
    (("上年全年", "去年全年", "上年实际", "上年数", "上年", "去年"), "last_year"),
    (("本年累计", "累计数", "累计", "年初至今", "本月止累计"), "to_date"),
    (("上期", "上月", "上季"), "previous"),
    (("期末数", "期末", "月末"), "month"),
    (("本期", "当期", "本月", "本季", "当月", "当季"), "current"),
)
GROWTH_WORDS = (
    "同比增长",
    "同比增减",
    "比上年同期",
    "比上年增长",
    "较上年同期",
    "增长率",
    "增幅",
    "增速",
    "同比",
    "增长",
)
REMARKS = ("备注", "说明", "情况说明", "原因说明")
TOTALS = ("合计", "总计", "全市", "全县", "全区", "总数")
SHORTEST = 3


@dataclass(frozen=True)
class Words:
    """The names that heads are compared with."""

    things: dict[str, Thing]
    regions: dict[str, Region]
    root: Region | None
    used: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, definitions: Book, root: Region | None) -> "Words":
        """Measures and indicators by every name; the region of the house and the regions under it."""
        things: dict[str, Thing] = {}
        for thing in (*definitions.measures.values(), *definitions.indicators.values()):
            if isinstance(thing, Measure) and thing.estimated:
                continue
            for name in names_of(thing):
                things.setdefault(_key(name), thing)
        regions: dict[str, Region] = {}
        if root is not None:
            for pk in definitions.below(root.pk):
                region = definitions.regions[pk]
                for name in (region.name, region.short_name, region_key(region.name, county=True)):
                    regions.setdefault(clean_name(name), region)
            regions |= dict.fromkeys((*WHOLE, *TOTALS), root)
        # Of names that fit alike, the one of a figure that is dispatched, the first of them first.
        used: dict[str, int] = {}
        for item in definitions.items:
            for measure in measures_of(definitions, definitions.indicators[item.indicator_id]):
                used.setdefault(measure.code, len(used))
        return cls(things, regions, root, used)

    def thing(self, heads: list[str]) -> Thing | None:
        """What heads name: the whole of one, two of them together, else the longest name inside or around them."""
        keys = [key for head in heads if (key := _bare(head))]
        together = ["".join(keys), *("".join(pair) for pair in pairwise(keys))]
        for key in (*together, *reversed(keys)):
            if key in self.things:
                return self.things[key]
        joined = "".join(keys)
        inside = [name for name in self.things if len(name) >= SHORTEST and name in joined]
        if inside:
            return self.things[max(inside, key=len)]
        around = [
            (self.used.get(self.things[name].code, len(self.used)), len(name), name)
            for key in keys
            if len(key) > SHORTEST
            for name in self.things
            if key in name and not name.isascii()
        ]
        return self.things[min(around)[2]] if around else None

    def region(self, heads: list[str]) -> Region | None:
        """The region that a head names."""
        for head in heads:
            found = self.regions.get(clean_name(_NUMBERED.sub("", head)))
            if found is not None:
                return found
        return None


def _key(name: str) -> str:
    folded = clean_name(name).casefold()
    for long, short in SAID_SHORT:
        folded = folded.replace(long, short)
    return folded


def _bare(head: str) -> str:
    """A head without its unit, its number and the words that say a period."""
    text = _BRACKETS.sub("", clean_name(head))
    while (shorter := _NUMBERED.sub("", text)) != text:
        text = shorter
    for words, _ in PERIOD_WORDS:
        for word in words:
            text = text.replace(word, "")
    for word in GROWTH_WORDS:
        text = text.replace(word, "")
    try:
        unit(text)
        return ""
    except UnknownUnit:
        return _key(text.strip("：:、—-#"))


def open_cells(layout: Layout) -> Iterator[tuple[LaidSheet, Place]]:
    """The cells of a form that may be filled and that a reader sees, in reading order, where a head stands over or before them."""
    for sheet in layout.sheets:
        if sheet.hidden:
            continue
        for row in range(1, sheet.rows + 1):
            for column in range(sheet.columns):
                if (
                    row in sheet.hidden_rows
                    or column in sheet.hidden_columns
                    or sheet.is_covered(row, column)
                ):
                    continue
                if not sheet.at(row, column).fillable:
                    continue
                if sheet.column_heads(row, column) and sheet.row_heads(row, column):
                    yield sheet, Place(sheet.number, row, column)


def label_of(sheet: LaidSheet, row: int, column: int) -> str:
    """What the heads call a cell: 望岭县 技术合同成交额（万元）."""
    return " ".join([*sheet.row_heads(row, column), *sheet.column_heads(row, column)])[:80]


def suggest(layout: Layout, definitions: Book, root: Region | None) -> list[MappedCell]:
    """Every cell whose heads name a figure, with region, period rule, unit and decimals as the heads say them."""
    words = Words.of(definitions, root)
    found = []
    for sheet, place in open_cells(layout):
        cell = _suggested(sheet, place, words)
        if cell is not None:
            found.append(cell)
    return found


def suggested_for(layout: Layout, key: str, definitions: Book, root: Region | None) -> MappedCell | None:
    """The suggestion for one cell."""
    place = layout.place(key)
    return _suggested(layout.sheet(place.sheet), place, Words.of(definitions, root))


def same_column(layout: Layout, cell: MappedCell, definitions: Book, root: int) -> list[MappedCell]:
    """The other open cells of a mapped cell's column whose row names a region: the same figure, each of its own region."""
    at = layout.place(cell.key)
    words = Words.of(definitions, definitions.regions.get(root))
    found = []
    for sheet, place in open_cells(layout):
        if (place.sheet, place.column) != (at.sheet, at.column) or place.key == cell.key:
            continue
        region = words.region(list(reversed(sheet.row_heads(place.row, place.column))))
        if region is not None:
            label = label_of(sheet, place.row, place.column)
            found.append(replace(cell, key=place.key, region=region.code, label=label))
    return found


def _suggested(sheet: LaidSheet, place: Place, words: Words) -> MappedCell | None:
    before, over = sheet.row_heads(place.row, place.column), sheet.column_heads(place.row, place.column)
    # Words beside a figure are a hand's, though the row names that figure.
    if any(clean_name(head) in REMARKS for head in over):
        return None
    # A region in the heads is no part of the figure's name.
    heads = [head for head in (*over, *before) if words.region([head]) is None]
    thing = words.thing(heads) or words.thing([*before, *over])
    if thing is None:
        return None
    region = words.region([*reversed(before), *reversed(over)]) or words.root
    if region is None:
        return None
    said = "".join(map(clean_name, (*before, *over)))
    growth = any(word in said for word in GROWTH_WORDS) and not any(
        w in said for w in ("上年同期数", "同期数")
    )
    named = thing.name + (getattr(thing, "short_name", "") or "")
    aspect = CHANGE if growth and not any(word in named for word in GROWTH_WORDS) else VALUE
    rule = next((rule for names, rule in PERIOD_WORDS if any(n in said for n in names)), "current")
    if aspect == CHANGE:
        rule = "to_date" if "累计" in said else "current"
    held = sheet.at(place.row, place.column)
    decimals = held.decimals
    if decimals is None:
        decimals = 1 if aspect == CHANGE else shown_decimals(thing)
    if aspect == CHANGE:
        in_unit = ""
    else:
        in_unit = _unit_said(
            thing, [*reversed(before), *reversed(over)], sheet.titles(place.row), held.percent
        )
    label = label_of(sheet, place.row, place.column)
    return MappedCell(
        place.key, "figure", thing.code, region.code, aspect, rule, in_unit, min(decimals, 6), label
    )


def _unit_said(thing: Thing, heads: list[str], titles: list[str], percent: bool) -> str:
    """The unit that the nearest head, then a line over the form, says; else the one the thing is shown in."""
    said = ["%"] if percent else []
    for head in heads:
        said += [*_BRACKETS.findall(head), head]
    for title in titles:
        said += _UNIT_SAID.findall(title)
    for text in said:
        try:
            name = unit(text).name
            convert(Decimal(1), thing.unit, name)
        except (UnknownUnit, IncompatibleUnits):
            continue
        return name
    return shown_unit(thing)


def suggest_sums(layout: Layout, cells: Iterable[MappedCell], definitions: Book) -> list[str]:
    """合计 rows over mapped rows, as lines: C12 = C5:C11. Cells of formulas need none: the form sums them itself."""
    lines: list[str] = []
    mapped: dict[tuple[int, int], set[int]] = {}
    shapes: dict[tuple[int, int, int], tuple[str, str, str]] = {}
    for cell in cells:
        # Shares are not summed.
        if cell.kind == FIGURE and cell.aspect == VALUE:
            if is_rate(definitions, thing_called(definitions, cell.code)):
                continue
            place = layout.place(cell.key)
            mapped.setdefault((place.sheet, place.column), set()).add(place.row)
            shapes[place.sheet, place.column, place.row] = (cell.code, cell.rule, cell.unit)
    for (number, column), rows in sorted(mapped.items()):
        sheet = layout.sheet(number)
        totals = {row for row in rows if _is_total(sheet, row, column)}
        for total in sorted(totals):
            shape = shapes[number, column, total]
            same = sorted(r for r in rows - totals if shapes[number, column, r] == shape)
            if len(same) < 2:
                continue
            prefix = "" if number == 1 else f"{number}!"
            parts = " + ".join(f"{prefix}{letter(column)}{a}:{letter(column)}{b}" for a, b in _runs(same))
            lines.append(f"{prefix}{letter(column)}{total} = {parts}")
    return lines


def _is_total(sheet: LaidSheet, row: int, column: int) -> bool:
    return any(clean_name(head) in TOTALS for head in sheet.row_heads(row, column))


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
