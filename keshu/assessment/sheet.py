"""The superior's score sheet: read in any order of columns, compared with what stands, good rows written, refused rows back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from keshu.assessment.keeping import report, stated_by
from keshu.assessment.models import Assessment, Item
from keshu.assessment.moving import keeps
from keshu.directory.actors import Actor
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.models import Indicator, Standing
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.bringing.places import Places
from keshu.ledger.bringing.values import ValueRefused
from keshu.ledger.classified import Classified, refuse_classified
from keshu.ledger.intake.cells import BLANK, Cell, Row, day_of
from keshu.ledger.intake.heads import Column, HeadMap, Holds
from keshu.ledger.intake.reading import open_table
from keshu.ledger.intake.refusals import Refused, write_refused
from keshu.ledger.numbering import next_numbers
from keshu.procedure.moving import NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import (
    IncompatibleUnits,
    TooManyDecimals,
    UnknownUnit,
    UnreadableNumber,
    is_missing,
    plain,
    read_number,
    scale,
)

COLUMNS = (
    Column("name", ("考核项", "考核指标", "指标", "指标名称", "考核内容", "项目"), True, Holds.TEXT, "照通报写"),
    Column("weight", ("权重", "权重（%）"), False, Holds.NUMBER, "各项加起来是 100"),
    Column("full", ("满分", "分值", "标准分"), True, Holds.NUMBER, "加减分项写 0"),
    Column("score", ("得分", "考核得分", "实得分"), True, Holds.NUMBER, ""),
    Column("deduction", ("扣分", "通报扣分"), False, Holds.NUMBER, "通报写了才填，和满分减得分核对"),
    Column("rank", ("位次", "排名", "全省位次", "全省排名"), False, Holds.NUMBER, "要同时对上指标"),
    Column("reason", ("扣分原因", "原因"), False, Holds.TEXT, ""),
    Column("data_year", ("数据年", "数据年度"), False, Holds.TEXT, "考核用的是哪一年的数，空着不知道"),
    Column("indicator", ("对应指标", "指标代码", "系统指标"), False, Holds.TEXT, "本系统指标的名称或简称，空着按考核项名称找"),
    Column("unit", ("责任科室", "责任单位"), False, Holds.TEXT, "名称或代码"),
    Column("region", ("责任县区", "责任县（市、区）", "县区"), False, Holds.TEXT, "名称或代码，空着是本级"),
    Column("regainable", ("可争取分值", "可挽回分值"), False, Holds.NUMBER, "不超过扣分"),
    Column("regain_by", ("争取期限", "挽回期限"), False, Holds.DATE, ""),
    Column("appeal_by", ("申诉截止", "申诉期限"), False, Holds.DATE, ""),
)  # fmt: skip
#: The row that only sums the others up; it is compared, never taken for an item.
TOTALS = frozenset(("合计", "总计", "总分", "小计合计"))
PLACES = 4
#: What a row may change of an item, and what the page calls it.
CHANGED = {
    "order": "序号",
    "weight": "权重",
    "full": "满分",
    "score": "得分",
    "deduction": "通报扣分",
    "reason": "扣分原因",
    "data_year": "数据年",
    "indicator_id": "对应指标",
    "unit_id": "责任科室",
    "region_id": "责任县区",
    "regainable": "可争取分值",
    "regain_by": "争取期限",
    "appeal_by": "申诉截止",
}
#: What a sheet leaves as it stands where it says nothing of it (column key → field).
KEPT = {
    "deduction": "deduction",
    "weight": "weight",
    "reason": "reason",
    "data_year": "data_year",
    "unit": "unit_id",
    "region": "region_id",
    "regainable": "regainable",
    "regain_by": "regain_by",
    "appeal_by": "appeal_by",
}


@dataclass(frozen=True)
class Proposed:
    """One row of a sheet against what stands. ``values`` by field; ``place`` the reported rank."""

    row: int
    name: str
    values: Mapping[str, Any]
    place: int | None
    before: Item | None

    @property
    def changes(self) -> tuple[str, ...]:
        """What would differ, in words; () for a new item."""
        if self.before is None:
            return ()
        found = [CHANGED[name] for name, value in self.values.items() if getattr(self.before, name) != value]
        stands = int(self.before.rank.value) if self.before.rank is not None else None
        if self.place is not None and self.place != stands:
            found.append("位次")
        return tuple(found)

    @property
    def verdict(self) -> str:
        """新增、改动或相同。"""
        if self.before is None:
            return "新增"
        return "改动" if self.changes else "相同"


@dataclass
class Sheet:
    """What a file says: rows that can be taken, rows that cannot, what was noticed. ``head`` is needed to give rows back."""

    proposed: list[Proposed] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: HeadMap | None = None

    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, the same, refused."""
        found = {
            key: sum(one.verdict == word for one in self.proposed)
            for key, word in (("new", "新增"), ("changed", "改动"), ("same", "相同"))
        }
        return found | {"refused": len(self.refused)}


class _Bad(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        super().__init__(reason)


def read_sheet(path: Path, filename: str, assessment: Assessment, actor: Actor) -> Sheet:
    """What a score sheet would write. Nothing is written. Raises IntakeError for a file that cannot be read at all."""
    found = Sheet()
    reading = _Reading(assessment, actor)
    with open_table(path, filename, columns=COLUMNS) as table:
        assert table.head is not None
        found.head = table.head
        totals: list[dict[str, Cell]] = []
        for row in table.body():
            cells = table.head.pick(row)
            if _text(cells, "name").replace(" ", "") in TOTALS:
                totals.append(cells)
                continue
            try:
                found.proposed.append(reading.row(row, cells))
            except _Bad as bad:
                kept = Row(row.number, list(row.cells), row.hidden)
                found.refused.append(Refused(kept, [(bad.column, str(bad))]))
        found.notes = [*table.notes, *(note for cells in totals for note in _total_notes(found, cells))]
    return found


def write_back(found: Sheet, out: Path | BinaryIO) -> int:
    """The refused rows as a workbook with line, column and reason; corrected, it can be uploaded as it is."""
    assert found.head is not None
    return write_refused(found.refused, found.head, out)


def apply_sheet(path: Path, filename: str, assessment: Assessment, actor: Actor) -> Sheet:
    """Write the good rows of a sheet; the refused ones stay out and are given back. Equal rows take no revision.

    Raises NotYourTurn without the capability, IntakeError.
    """
    if not keeps(actor, assessment):
        raise NotYourTurn(f"{actor.name} 不能导入考核得分。请由规划科导入。")
    with writing(actor, f"导入{assessment}得分 {filename}"):
        # Two people with the same file: the second reads what the first has written.
        Assessment._base_manager.select_for_update().get(pk=assessment.pk)
        found = read_sheet(path, filename, assessment, actor)
        changed = [one for one in found.proposed if one.verdict != "相同"]
        new = [one for one in changed if one.before is None]
        numbers = iter(next_numbers("KH", assessment.year, len(new)) if new else ())
        indicators = {row.pk: row for row in Indicator.objects.all()}
        for one in changed:
            _write(one, assessment, indicators, numbers, filename)
    return found


def _write(
    one: Proposed, assessment: Assessment, indicators: Mapping[int, Indicator], numbers: Any, filename: str
) -> None:
    item = one.before
    if item is None:
        item = Item(
            number=next(numbers),
            assessment=assessment,
            year=assessment.year,
            name=one.name,
            state=Item.State.RECEIVED,
            counts_on=assessment.released_on or clock.today(),
            source=filename[:200],
        )
    for name, value in one.values.items():
        setattr(item, name, value)
    if one.place is not None and item.indicator_id is not None:
        item.rank = report(
            indicator=indicators[item.indicator_id],
            subject=assessment.region,
            period=Period.year(item.data_year or assessment.year),
            kind=Standing.Kind.RANK,
            value=Decimal(one.place),
            assessment=assessment,
            correcting=stated_by(item.rank, assessment),
        )
    item.save()


class _Reading:
    """Rows of one sheet, with the look-ups they share."""

    def __init__(self, assessment: Assessment, actor: Actor) -> None:
        self.assessment = assessment
        self.book: Book = book(moments.latest())
        self.places = Places(actor)
        self.below = set(self.book.below(assessment.region_id))
        rows = Item.objects.for_system("比对现有考核项").filter(assessment=assessment)
        self.standing = {item.name: item for item in rows.select_related("rank")}
        self.last = max((item.order for item in self.standing.values()), default=0)
        self.seen: dict[str, int] = {}

    def row(self, row: Row, cells: dict[str, Cell]) -> Proposed:
        name = _text(cells, "name")
        if not name:
            raise _Bad("name", "考核项空着。空行请删去。")
        if len(name) > 120:
            raise _Bad("name", f"考核项写了 {len(name)} 字，最多 120 字。")
        if name in self.seen:
            raise _Bad("name", f"和第 {self.seen[name]} 行是同一项“{name}”。请只留一行。")
        before = self.standing.get(name)
        if before is not None and before.state != Item.State.RECEIVED:
            raise _Bad(
                "", f"“{name}”已经是“{before.get_state_display()}”，导入不再改它。要改请在这一项上重新核对。"
            )
        try:
            refuse_classified(name, _text(cells, "reason"))
        except Classified as refusal:
            raise _Bad("reason", str(refusal)) from refusal
        values = self._values(cells, name, before)
        if before is None:
            self.last += 1
        values["order"] = before.order if before is not None else self.last
        place = self._place(cells, values)
        self.seen[name] = row.number
        return Proposed(row.number, name, values, place, before)

    def _values(self, cells: dict[str, Cell], name: str, before: Item | None) -> dict[str, Any]:
        full, score = _points(cells, "full", "满分"), _points(cells, "score", "得分")
        if full is None:
            raise _Bad("full", "满分空着。加减分项写 0，其余照通报填。")
        if score is None:
            raise _Bad("score", "得分空着。照通报填；没有得分的写 0 并写明原因。")
        if full < 0:
            raise _Bad("full", f"满分 {plain(full)} 小于 0。减分项满分写 0，得分写负数。")
        if score < 0 and full > 0:
            raise _Bad("score", f"得分 {plain(score)} 小于 0。减分项满分写 0，得分写负数。")
        values: dict[str, Any] = {
            "full": full,
            "score": score,
            "weight": _points(cells, "weight", "权重"),
            "deduction": _points(cells, "deduction", "扣分"),
            "reason": _text(cells, "reason")[:4000],
            "data_year": self._year(cells),
            "indicator_id": self._indicator(cells, name),
            "unit_id": self._unit(cells),
            "region_id": self._region(cells),
            "regainable": _points(cells, "regainable", "可争取分值"),
            "regain_by": _day(cells, "regain_by", "争取期限"),
            "appeal_by": _day(cells, "appeal_by", "申诉截止"),
        }
        if before is not None:
            for key, name_of in KEPT.items():
                if not _text(cells, key):
                    values[name_of] = getattr(before, name_of)
        lost = max(full - score, Decimal(0))
        if values["regainable"] is not None and not 0 <= values["regainable"] <= lost:
            raise _Bad(
                "regainable",
                f"可争取 {plain(values['regainable'])} 分，这一项只扣了 {plain(lost)} 分。请核对。",
            )
        return values

    def _year(self, cells: dict[str, Cell]) -> int | None:
        text = _text(cells, "data_year").removesuffix("年").removesuffix(".0")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 2199):
            raise _Bad("data_year", f"数据年“{text[:20]}”读不懂。写成 2024。")
        if int(text) > self.assessment.year:
            raise _Bad("data_year", f"数据年 {text} 晚于考核年度 {self.assessment.year}。请核对。")
        return int(text)

    def _indicator(self, cells: dict[str, Cell], name: str) -> int | None:
        said = _text(cells, "indicator")
        try:
            return self.book.indicator(said or name).pk
        except UnknownName as unknown:
            if said:
                raise _Bad("indicator", str(unknown)) from unknown
            return None

    def _unit(self, cells: dict[str, Cell]) -> int | None:
        text = _text(cells, "unit")
        if not text:
            return None
        try:
            pk, region = self.places.unit(text)
        except ValueRefused as refusal:
            raise _Bad("unit", f"{refusal}。") from refusal
        if region not in self.below:
            raise _Bad("unit", f"“{text}”不在{self.assessment.region.name}。请写本市的科室或县区局。")
        return pk

    def _region(self, cells: dict[str, Cell]) -> int:
        text = _text(cells, "region")
        if not text:
            return self.assessment.region_id
        try:
            pk = self.places.region(text)
        except ValueRefused as refusal:
            raise _Bad("region", f"{refusal}。") from refusal
        if pk not in self.below:
            raise _Bad("region", f"“{text}”不归{self.assessment.region.name}。请写本市的县（市、区）。")
        return pk

    def _place(self, cells: dict[str, Cell], values: Mapping[str, Any]) -> int | None:
        place = _points(cells, "rank", "位次")
        if place is None:
            return None
        if place != int(place) or place < 1:
            raise _Bad("rank", f"位次 {plain(place)} 不是正整数。请照通报填。")
        population = self.assessment.population
        if population is not None and place > population:
            raise _Bad("rank", f"位次 {int(place)} 大于参评的 {population} 个。请核对位次和参评数。")
        if values["indicator_id"] is None:
            raise _Bad("indicator", "写了位次，没有对上指标，登记不了。请在“对应指标”写本系统指标的名称。")
        return int(place)


def _text(cells: dict[str, Cell], key: str) -> str:
    text = cells.get(key, BLANK).text.strip()
    return "" if is_missing(text) else text


def _points(cells: dict[str, Cell], key: str, name: str) -> Decimal | None:
    cell = cells.get(key, BLANK)
    if cell.problem:
        raise _Bad(key, cell.problem)
    if is_missing(cell.text):
        return None
    try:
        value = read_number(cell.text)
        scale(value, PLACES)
    except (UnreadableNumber, UnknownUnit, IncompatibleUnits, TooManyDecimals) as wrong:
        raise _Bad(key, f"{name}：{wrong}") from wrong
    return value


def _day(cells: dict[str, Cell], key: str, name: str) -> date | None:
    cell = cells.get(key, BLANK)
    if is_missing(cell.text):
        return None
    day = day_of(cell)
    if day is None:
        try:
            return date.fromisoformat(cell.text.strip())
        except ValueError:
            raise _Bad(key, f"{name}“{cell.text[:20]}”不是日期。写成 2026-11-30。") from None
    return day


def _total_notes(found: Sheet, cells: dict[str, Cell]) -> list[str]:
    """What a 合计 row says against the rows above it."""
    notes = []
    for key, name in (("full", "满分"), ("score", "得分")):
        try:
            stated = _points(cells, key, name)
        except _Bad:
            continue
        added = sum((one.values[key] for one in found.proposed), Decimal(0))
        if stated is not None and not found.refused and stated != added:
            notes.append(
                f"表上合计{name} {plain(stated)}，各行相加是 {plain(added)}。照原样登记，请向上级核实"
            )
    return notes
