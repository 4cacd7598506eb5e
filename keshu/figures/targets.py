"""Targets from a file: read, compared with what stands, applied as a whole or not at all."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from keshu.directory.actors import Actor, Can
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.models import Indicator, Target
from keshu.figures.packages import put
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.intake.cells import BLANK, Cell
from keshu.ledger.intake.heads import Column, Holds
from keshu.ledger.intake.reading import open_table
from keshu.terms.quantity import (
    IncompatibleUnits,
    TooManyDecimals,
    UnknownUnit,
    UnreadableNumber,
    convert,
    is_missing,
    read_quantity,
    scale,
)

COLUMNS = (
    Column("indicator", ("指标", "指标名称", "indicator"), True, Holds.TEXT, "指标的名称或简称"),
    Column("region", ("地区", "县（市、区）", "县区", "region"), True, Holds.TEXT, "名称或代码"),
    Column("year", ("年度", "年", "数据年", "year"), True, Holds.TEXT, "目标所说的数据年"),
    Column("low", ("目标", "基本目标", "目标下限", "下限", "low"), True, Holds.NUMBER, "区间目标填下限"),
    Column("high", ("上限", "目标上限", "high"), False, Holds.NUMBER, "区间目标的上限，完成率按上限算"),
    Column("stretch", ("奋斗目标", "stretch"), False, Holds.NUMBER, ""),
    Column("unit", ("单位", "unit"), False, Holds.TEXT, "空着按指标的单位"),
    Column("doc_no", ("文号", "依据文号", "doc_no"), False, Holds.TEXT, "下达目标的文件"),
)
PLACES = 6


class MayNotSetTargets(PermissionError):
    """The actor may not set targets."""


class TargetsRefused(ValueError):
    """Some rows cannot be taken, so none is."""


@dataclass(frozen=True)
class Proposed:
    """One target of a file against what stands."""

    row: int
    indicator: Indicator
    subject_id: int
    region: str
    year: int
    low: Decimal
    high: Decimal | None
    stretch: Decimal | None
    doc_no: str
    before: Target | None

    @property
    def verdict(self) -> str:
        """新增、改动或相同。"""
        if self.before is None:
            return "新增"
        now = (self.before.low, self.before.high, self.before.stretch, self.before.doc_no)
        return "相同" if now == (self.low, self.high, self.stretch, self.doc_no) else "改动"


@dataclass(frozen=True)
class Refusal:
    """One row that cannot be taken."""

    row: int
    column: str
    reason: str


def read_targets(path: Path, filename: str) -> tuple[list[Proposed], list[Refusal]]:
    """The targets of a file and the rows that cannot be taken. Raises IntakeError for a file that cannot be read."""
    definitions = book(moments.latest())
    proposed: list[Proposed] = []
    refused: list[Refusal] = []
    seen: dict[tuple[int, int, int], int] = {}
    with open_table(path, filename, columns=COLUMNS) as table:
        assert table.head is not None
        unit = table.head.unit_of("low")
        for row in table.body():
            cells = table.head.pick(row)
            try:
                one = _read(definitions, row.number, cells, unit)
                key = (one.indicator.pk, one.subject_id, one.year)
                if key in seen:
                    raise _Bad("整行", f"和第 {seen[key]} 行说的是同一个目标。请只留一行。")
                seen[key] = row.number
                proposed.append(one)
            except _Bad as bad:
                refused.append(Refusal(row.number, bad.column, str(bad)))
    standing = {
        (t.indicator_id, t.subject_id, t.year): t
        for t in Target.objects.for_system("比对现有目标").filter(year__in={p.year for p in proposed})
    }
    compared = [
        Proposed(**{**p.__dict__, "before": standing.get((p.indicator.pk, p.subject_id, p.year))})
        for p in proposed
    ]
    return compared, refused


class _Bad(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        super().__init__(reason)


def _read(definitions: Book, number: int, cells: dict[str, Cell], head_unit: str) -> Proposed:
    def text(key: str) -> str:
        return cells.get(key, BLANK).text.strip()

    try:
        indicator = definitions.indicator(text("indicator"))
    except UnknownName as unknown:
        raise _Bad("指标", str(unknown)) from unknown
    try:
        region = definitions.region(text("region"))
    except UnknownName as unknown:
        raise _Bad("地区", str(unknown)) from unknown
    year = text("year").removesuffix("年").removesuffix(".0")
    if not (year.isdigit() and 1990 <= int(year) <= 2199):
        raise _Bad("年度", f"年度“{text('year')}”读不懂。写成 2026。")
    unit = text("unit") or head_unit or indicator.unit
    low, high = (
        _amount(cells, "low", "目标", unit, indicator),
        _amount(cells, "high", "上限", unit, indicator),
    )
    if low is None:
        raise _Bad("目标", "目标空着。没有目标的行请删去。")
    if high is not None and high < low:
        raise _Bad("上限", f"上限 {high} 小于下限 {low}。请对调或改正。")
    stretch = _amount(cells, "stretch", "奋斗目标", unit, indicator)
    return Proposed(
        number, indicator, region.pk, region.short_name, int(year), low, high, stretch, text("doc_no"), None
    )


def _amount(cells: dict[str, Cell], key: str, name: str, unit: str, indicator: Indicator) -> Decimal | None:
    cell = cells.get(key, BLANK)
    if cell.problem:
        raise _Bad(name, cell.problem)
    if is_missing(cell.text):
        return None
    try:
        value, tail = read_quantity(cell.text)
        converted = convert(value, tail or unit, indicator.unit)
        scale(converted, PLACES)
    except (UnreadableNumber, UnknownUnit, IncompatibleUnits, TooManyDecimals) as wrong:
        raise _Bad(name, str(wrong)) from wrong
    return converted


def apply_targets(path: Path, filename: str, actor: Actor) -> list[Proposed]:
    """Write the targets of a file: all of them, or none when any row is refused (TargetsRefused). Equal ones take no revision."""
    if not actor.can(Can.SET_TARGETS):
        raise MayNotSetTargets(f"{actor.name}不能定目标。请由规划科导入。")
    proposed, refused = read_targets(path, filename)
    if refused:
        first = refused[0]
        raise TargetsRefused(
            f"有 {len(refused)} 行不能导入，全部没有写入。第一处：第 {first.row} 行“{first.column}”：{first.reason}"
        )
    with writing(actor, f"导入目标 {filename}"):
        for one in proposed:
            put(
                Target,
                {"indicator": one.indicator, "subject_id": one.subject_id, "year": one.year},
                {"low": one.low, "high": one.high, "stretch": one.stretch, "doc_no": one.doc_no},
            )
    return proposed
