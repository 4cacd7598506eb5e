"""Reading one row of a figures file: which measure, region, period, unit and release it means, or why it is refused."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from keshu.directory.actors import Actor
from keshu.directory.models import Region
from keshu.figures.book import Book, UnknownName
from keshu.figures.models import Measure
from keshu.figures.reading import measure_period
from keshu.ledger.intake.cells import BLANK, Cell, Kind
from keshu.ledger.intake.heads import Column, HeadMap, Holds
from keshu.terms.period import Period, UnreadablePeriod
from keshu.terms.quantity import (
    IncompatibleUnits,
    TooManyDecimals,
    UnknownUnit,
    UnreadableNumber,
    convert,
    is_missing,
    plain,
    read_quantity,
    scale,
)
from keshu.terms.quantity import unit as named_unit
from keshu.terms.text import clean_name, region_key

COLUMNS = (
    Column(
        "period",
        ("期间", "年份", "年", "时期", "数据期", "year", "period"),
        True,
        Holds.PERIOD,
        "2026年、2026年1—9月、2026-09",
    ),
    Column(
        "region_code",
        ("地区代码", "行政区划代码", "区划代码", "region_code"),
        False,
        Holds.TEXT,
        "GB/T 2260 六位代码，和地区名称至少填一个",
    ),
    Column(
        "region",
        ("地区", "地区名称", "单位名称", "县（市、区）", "县区", "region"),
        False,
        Holds.TEXT,
        "名称或简称",
    ),
    Column(
        "measure", ("指标", "指标名称", "计量", "项目", "measure"), True, Holds.TEXT, "用指标包里的名称或别名"
    ),
    Column("value", ("数值", "值", "数据", "value"), True, Holds.NUMBER, "只填数；没有数留空或填 —"),
    Column(
        "unit", ("单位", "计量单位", "unit"), False, Holds.TEXT, "亿元、万元、%、家……；空着按该指标的填报单位"
    ),
    Column("vintage", ("版次", "口径", "vintage"), False, Holds.TEXT, "首次发布、修订、初步核算、推算……"),
    Column("source", ("来源", "数据来源", "source"), False, Holds.TEXT, "出自哪一种公报、年鉴或部门"),
    Column(
        "release",
        ("发布", "发布名称", "release"),
        False,
        Holds.TEXT,
        "同一次发布里的多年数写同一个名称，如 2023年公报",
    ),
    Column("released_on", ("发布日期", "released_on"), False, Holds.DATE, "2024-10-02"),
    Column("note", ("备注", "说明", "note"), False, Holds.TEXT, ""),
)
PUBLICATION = re.compile(r"(首次|初步|修订|最终|终审|核实|快报|公布|发布|第.+版)")
REVISED = re.compile(r"(修订|最终|终审|核实)")
ESTIMATED = re.compile(r"(推算|反推|估算|估计|预计|测算)")
UNNAMED_SOURCE = "未注明来源"
ESTIMATES = "推算"
# What a county sends of itself stands beside the authority's figure and never becomes a version of it.
SELF_REPORTED = "县局上传·"


class RowRefused(ValueError):
    """A row that cannot be taken: the column it fails in and a sentence that says what to do."""

    def __init__(self, column: str, reason: str) -> None:
        self.column, self.reason = column, reason
        super().__init__(reason)


class Refusal(NamedTuple):
    """A refusal that is remembered for the next row with the same text (an exception kept would keep its frames)."""

    column: str
    reason: str


@dataclass(frozen=True)
class ReleaseKey:
    """A publication as one row names it; ``source`` and ``label`` tell it from others."""

    source: str
    label: str
    released_on: date | None
    revised: bool
    estimated: bool
    self_reported: bool = False


@dataclass(frozen=True)
class Taken:
    """A row that was understood; ``scaled`` None means that the file leaves the value empty."""

    measure: Measure
    region: Region
    period: str
    release: ReleaseKey
    scaled: int | None
    estimated: bool
    note: str
    definition_note: str


class RowReader:
    """Reads rows against one book of definitions and one actor's scope. Names once understood are remembered."""

    def __init__(self, book: Book, actor: Actor, head: HeadMap) -> None:
        self.book, self.actor, self.head = book, actor, head
        self.head_unit = head.unit_of("value") if "value" in head.index else ""
        self._measures: dict[str, Measure | Refusal] = {}
        self._regions: dict[tuple[str, str], Region | Refusal] = {}
        self._periods: dict[str, Period | Refusal] = {}

    def read(self, cells: dict[str, Cell]) -> Taken:
        """The row's meaning; RowRefused with column and reason."""
        for key, cell in cells.items():
            if cell.problem:
                raise RowRefused(self.name(key), cell.problem)
        measure = self.measure(_text(cells, "measure"))
        region = self.region(_text(cells, "region_code"), _text(cells, "region"))
        period = self.period(_text(cells, "period"))
        vintage = _text(cells, "vintage")
        estimated = measure.estimated or bool(ESTIMATED.search(vintage))
        note, definition_note = _text(cells, "note")[:200], ""
        if vintage and not PUBLICATION.search(vintage) and not ESTIMATED.search(vintage):
            definition_note = vintage
        release = self.release(cells, period, vintage, estimated)
        code = measure_period(measure, period).code
        cell = cells.get("value", BLANK)
        if cell.kind is Kind.BLANK or is_missing(cell.text):
            return Taken(measure, region, code, release, None, estimated, note, definition_note)
        value = self.value(measure, cell, _text(cells, "unit"))
        self._check_range(measure, value)
        scaled = self._scaled(measure, value)
        return Taken(measure, region, code, release, scaled, estimated, note, definition_note)

    def name(self, key: str) -> str:
        """The column's name as it stands in the file."""
        at = self.head.index.get(key)
        return self.head.names[at] if at is not None else next(c.name for c in COLUMNS if c.key == key)

    def measure(self, text: str) -> Measure:
        """The measure a text names."""
        found = self._measures.get(text)
        if found is None:
            try:
                if not text:
                    raise UnknownName("没有写指标名称，不知道是什么数。请按模板里的名称填写。")
                found = self.book.measure(text)
            except UnknownName as unknown:
                found = Refusal(self.name("measure"), str(unknown))
            self._measures[text] = found
        return _taken(found)

    def region(self, code: str, name: str) -> Region:
        """The region of a code and a name that must agree, inside the uploader's scope."""
        key = (code, name)
        found = self._regions.get(key)
        if found is None:
            try:
                found = self._find_region(code, name)
            except RowRefused as refused:
                found = Refusal(refused.column, refused.reason)
            self._regions[key] = found
        return _taken(found)

    def _find_region(self, code: str, name: str) -> Region:
        by_code, by_name = self._by_code(code), self._by_name(name, code)
        column = self.name("region_code" if by_name is None else "region")
        region = by_code or by_name
        if region is None:
            raise RowRefused(column, "地区代码和地区名称都空着，不知道是哪里的数。请至少填一个。")
        if by_code and by_name and by_code.pk != by_name.pk and not _same_place(by_code, name):
            raise RowRefused(
                column, f"代码 {code} 是{by_code.name}，名称写的是“{name}”，两样对不上。请改成一致。"
            )
        if not self.actor.sees_all and region.pk not in self.actor.region_ids:
            raise RowRefused(
                column,
                f"{region.name}不在现在这个岗位的范围里。请由管{region.name}的科技局上传，或交市局导入。",
            )
        return region

    def _by_code(self, code: str) -> Region | None:
        if not code:
            return None
        try:
            return self.book.region(code)
        except UnknownName as unknown:
            raise RowRefused(self.name("region_code"), str(unknown)) from unknown

    def _by_name(self, name: str, code: str) -> Region | None:
        """The region a name means; where several of one level share it, the code must tell them apart."""
        if not name:
            return None
        try:
            found = self.book.region(name)
        except UnknownName as unknown:
            raise RowRefused(self.name("region"), str(unknown)) from unknown
        names = self.book.region_names
        wanted = clean_name(name)
        called = names.get(wanted) or names.get(region_key(wanted), [])
        mine = [r for r in called if not self.actor.sees_all and r.pk in self.actor.region_ids]
        if len(mine) == 1:
            return mine[0]
        alike = [r for r in called if r.level == found.level]
        if len(alike) > 1 and not code:
            codes = "、".join(sorted(r.code for r in alike)[:5])
            raise RowRefused(
                self.name("region"),
                f"叫“{name}”的有 {len(alike)} 个（{codes}），分不清是哪一个。请填地区代码。",
            )
        return next((r for r in alike if r.code == code), found)

    def period(self, text: str) -> Period:
        """The period a text names."""
        found = self._periods.get(text)
        if found is None:
            try:
                found = Period.parse(text)
            except UnreadablePeriod as unreadable:
                found = Refusal(self.name("period"), str(unreadable))
            self._periods[text] = found
        return _taken(found)

    def release(self, cells: dict[str, Cell], period: Period, vintage: str, estimated: bool) -> ReleaseKey:
        """The publication: named, or told from source and 版次 (each data year's first release is a publication of its own)."""
        source = clean_name(_text(cells, "source")) or UNNAMED_SOURCE
        named = _text(cells, "release")
        if named:
            label = named
        elif PUBLICATION.search(vintage):
            label = vintage if vintage.startswith(str(period.year)) else f"{period.year}年{vintage}"
        else:
            label = ESTIMATES if estimated else ""
        cell = cells.get("released_on", BLANK)
        day: date | None = None
        if cell.kind is not Kind.BLANK:
            value = cell.value
            if isinstance(value, date):
                day = date(value.year, value.month, value.day)
            else:
                try:
                    day = date.fromisoformat(cell.text.strip().replace("/", "-"))
                except ValueError as error:
                    raise RowRefused(
                        self.name("released_on"), f"发布日期“{cell.text}”读不懂。写成 2024-10-02。"
                    ) from error
        own = not self.actor.sees_all
        source = f"{SELF_REPORTED if own else ''}{source}"[:100]
        return ReleaseKey(source, label[:60], day, bool(REVISED.search(vintage)), estimated, own)

    def value(self, measure: Measure, cell: Cell, unit_text: str) -> Decimal:
        """The value in the measure's stored unit."""
        try:
            number, tail = read_quantity(cell.text)
        except UnreadableNumber as unreadable:
            raise RowRefused(self.name("value"), str(unreadable)) from unreadable
        declared = unit_text or self.head_unit
        if tail and declared and not _same_unit(tail, declared):
            raise RowRefused(
                self.name("value"), f"数值里写着“{tail}”，单位列是“{declared}”，两样不同。请只留一个。"
            )
        unit = tail or declared or measure.shown_unit
        try:
            return convert(number, unit, measure.unit)
        except (UnknownUnit, IncompatibleUnits) as wrong:
            raise RowRefused(
                self.name("unit"),
                f"{measure.name}用{measure.shown_unit}，这里写“{unit}”，换算不了。请改单位。",
            ) from wrong

    def _scaled(self, measure: Measure, value: Decimal) -> int:
        try:
            scaled = scale(value, measure.decimals)
        except TooManyDecimals as error:
            raise RowRefused(
                self.name("value"),
                f"折成{measure.unit}是 {plain(value)}，超过 {measure.decimals} 位小数。请按 {measure.shown_unit} 核对后重填。",
            ) from error
        if abs(scaled) > 9 * 10**18:
            raise RowRefused(self.name("value"), f"{plain(value)}{measure.unit} 太大，存不下。请核对单位。")
        return scaled

    def _check_range(self, measure: Measure, value: Decimal) -> None:
        shown = convert(value, measure.unit, measure.shown_unit)
        if shown < 0 and not measure.negative_allowed:
            raise RowRefused(
                self.name("value"),
                f"{measure.name}不会是负数，这里是 {plain(shown)}{measure.shown_unit}。请核对正负号。",
            )
        if measure.lowest and shown < Decimal(measure.lowest):
            raise RowRefused(
                self.name("value"),
                f"{measure.name} {plain(shown)}{measure.shown_unit} 低于下限 {measure.lowest}。请核对正负号和单位。",
            )
        if measure.highest and shown > Decimal(measure.highest):
            raise RowRefused(
                self.name("value"),
                f"{measure.name} {plain(shown)}{measure.shown_unit} 高于上限 {measure.highest}。请核对单位和小数点。",
            )


Found = TypeVar("Found")


def _taken(found: Found | Refusal) -> Found:
    if isinstance(found, Refusal):
        raise RowRefused(*found)
    return found


def _same_unit(left: str, right: str) -> bool:
    if clean_name(left) == clean_name(right):
        return True
    try:
        return named_unit(left).name == named_unit(right).name
    except UnknownUnit:
        return False


def _text(cells: dict[str, Cell], key: str) -> str:
    cell = cells.get(key)
    return cell.text.strip() if cell is not None else ""


def _same_place(region: Region, name: str) -> bool:
    return region_key(name) in (region_key(region.name), region_key(region.short_name))
