"""A 任务分解 file read row by row against what stands; what cannot be read goes back with its reason. Nothing is written here."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from keshu.figures.book import Book, UnknownName, book
from keshu.figures.models import Indicator, Measure, RegionShown
from keshu.goals.counting import CounterRefused, check_counter
from keshu.goals.demands import (
    NET,
    QUALITY,
    RANK,
    RATE,
    TOTAL,
    Demand,
    DemandUnreadable,
    flaw_of,
    read_demand,
)
from keshu.goals.models import Goal, SourceDocument
from keshu.goals.moving import UnitDiffers, in_unit_of
from keshu.journal import moments
from keshu.ledger.intake.cells import BLANK, Cell, Row, day_of
from keshu.ledger.intake.heads import Column, HeadMap, Holds
from keshu.ledger.intake.reading import open_table
from keshu.ledger.intake.refusals import Refused, write_refused
from keshu.terms.quantity import TooManyDecimals, UnreadableNumber, is_missing, read_quantity, scale
from keshu.terms.text import clean_name
from keshu.terms.units import IncompatibleUnits, UnknownUnit, convert

PLACES = 6
COLUMNS = (
    Column("number", ("序号", "编号", "no"), False, Holds.TEXT, "1.1 写在 1 的下级"),
    Column(
        "task", ("任务", "任务名称", "工作任务", "目标任务", "指标任务", "task"), True, Holds.TEXT, "照文件写"
    ),
    Column("source", ("来源", "任务来源", "source"), False, Holds.TEXT, "空着算本次导入的文件"),
    Column(
        "value",
        ("目标值", "年度目标", "目标", "任务目标", "value"),
        True,
        Holds.TEXT,
        "150件、1—2名、保9争8、60项以上，其中……",
    ),
    Column("stretch", ("奋斗目标", "stretch"), False, Holds.TEXT, ""),
    Column(
        "last", ("上年完成", "去年完成", "上年数", "last_year"), False, Holds.TEXT, "写上单位，或与目标同单位"
    ),
    Column("unit", ("单位", "计量单位", "unit"), False, Holds.TEXT, "目标值里没有写单位时用"),
    Column(
        "owner",
        ("责任", "责任单位", "责任科室", "牵头科室", "责任人", "owner"),
        False,
        Holds.TEXT,
        "照文件写",
    ),
    Column("due", ("完成时限", "时限", "due"), False, Holds.DATE, "空着算年底"),
    Column("begins", ("开始时间", "起", "begins"), False, Holds.DATE, ""),
    Column(
        "year", ("年度", "节点年度", "year"), False, Holds.TEXT, "规划的年度节点写年份，空着算本次导入的年度"
    ),
    Column("indicator", ("对应指标", "指标", "indicator"), False, Holds.TEXT, "调度里的指标，完成数取自它"),
    Column("measure", ("计数来源", "计量", "measure"), False, Holds.TEXT, "台账的计量；几个相加用 + 连接"),
    Column("where", ("只计", "计数条件", "where"), False, Holds.TEXT, "如 级别 == “国家级”"),
)


@dataclass(frozen=True)
class Read:
    """One row of a file as a goal: what it demands, what counts, and whether such a goal stands already (``before``)."""

    row: Row
    number: str
    task: str
    source: str
    demand: Demand
    last_year: Decimal | None
    owner: str
    begins_on: date | None
    due_on: date | None
    indicator: Indicator | None
    measures: tuple[Measure, ...]
    where: str
    year: int = 0
    above: str = ""
    flaw: str = ""
    before: Goal | None = None

    @property
    def verdict(self) -> str:
        """新增、改动或相同。"""
        if self.before is None:
            return "新增"
        one = self.demand
        now = (self.before.kind, self.before.low, self.before.high, self.before.stretch, self.before.unit)
        return "相同" if now == (one.kind, one.low, one.high, one.stretch, one.unit) else "改动"


@dataclass
class Reading:
    """A file of goals: what it holds, what was refused, with the head that a workbook of refusals needs."""

    rows: list[Read] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    head: HeadMap | None = None

    def count(self, verdict: str) -> int:
        """How many rows are 新增, 改动 or 相同."""
        return sum(one.verdict == verdict for one in self.rows)

    def write_refused(self, out: Path | BinaryIO) -> int:
        """The refused rows as a workbook that can be corrected and uploaded again."""
        assert self.head is not None
        return write_refused(self.refused, self.head, out)


class _Bad(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        super().__init__(reason)


def read_goals(path: Path, filename: str, *, document: SourceDocument | None, year: int) -> Reading:
    """Read a file against what stands under the document; nothing is written. Raises IntakeError for what is no table."""
    definitions = book(moments.latest())
    found = Reading()
    seen: dict[tuple[str, int, str], int] = {}
    numbered: dict[str, Read] = {}
    with open_table(path, filename, columns=COLUMNS) as table:
        found.head = table.head
        assert table.head is not None
        for row in table.body():
            cells = table.head.pick(row)
            if _blank(cells):
                continue
            try:
                one = _read(definitions, row, cells, numbered, year)
                key = (one.source, one.year, clean_name(one.task))
                if key in seen:
                    raise _Bad("task", f"和第 {seen[key]} 行是同一个任务。请只留一行，或把任务名写得分得开。")
                seen[key] = row.number
            except _Bad as bad:
                found.refused.append(Refused(row, [(bad.column, str(bad))]))
                continue
            found.rows.append(one)
            numbered[one.number] = one
    _compare(found, document)
    return found


def _compare(found: Reading, document: SourceDocument | None) -> None:
    standing: dict[tuple[str, int, str], Goal] = {}
    rows = (
        Goal.objects.for_system("比对现有目标")
        .filter(year__in={one.year for one in found.rows}, within=False)
        .select_related("document")
    )
    for goal in rows.filter(subject__in=house()):
        source = "" if document is not None and goal.document_id == document.pk else goal.document.title
        standing[source, goal.year, clean_name(goal.name)] = goal
    kept: list[Read] = []
    for one in found.rows:
        before = standing.get((one.source, one.year, clean_name(one.task)))
        compared = replace(one, before=before)
        if before is not None and before.given and compared.verdict == "改动":
            found.refused.append(
                Refused(
                    one.row,
                    [
                        (
                            "value",
                            f"“{one.task}”已经下达为另一个数。下达的数只能走调整申请，或引用更正文件再改。",
                        )
                    ],
                )
            )
            continue
        kept.append(compared)
    found.rows = kept
    found.sources = list(dict.fromkeys(one.source for one in kept if one.source))


def house() -> list[int]:
    """The region of this installation, as a list that is empty before it is founded."""
    return list(RegionShown.objects.values_list("region_id", flat=True)[:1])


def _blank(cells: dict[str, Cell]) -> bool:
    said = [cell.text.strip() for key, cell in cells.items() if key not in ("number", "source")]
    return not any(said)


def _read(definitions: Book, row: Row, cells: dict[str, Cell], numbered: dict[str, Read], year: int) -> Read:
    def text(key: str) -> str:
        cell = cells.get(key, BLANK)
        if cell.problem:
            raise _Bad(key, cell.problem)
        return cell.text.strip()

    task = text("task")
    if not task:
        raise _Bad("task", "任务空着。合计、说明行请删去。")
    if len(task) > 200:
        raise _Bad("task", f"任务写了 {len(task)} 字，最多 200 字。请删减，细节写在目标值里。")
    demand = _demand(text("value"), text("unit"), text("stretch"), task)
    indicator = _indicator(definitions, text("indicator"), task, demand)
    measures = tuple(_measure(definitions, name) for name in text("measure").split("+") if name.strip())
    where = text("where")
    for measure in measures:
        _check_condition(measure, where, demand)
    begins, due = _day(cells, "begins"), _day(cells, "due")
    if begins and due and due < begins:
        raise _Bad("due", f"完成时限 {due} 早于开始时间 {begins}。请对照文件改正。")
    number = text("number").removesuffix(".0").strip("（）().、")
    above = number.rpartition(".")[0]
    above = above if above in numbered else ""
    flaw = ""
    own_year = _year(text("year"), year)
    if above and numbered[above].year == own_year:
        whole = numbered[above].demand
        flaw = flaw_of(whole.high or whole.low, whole.unit, demand.high or demand.low, demand.unit)
        if RATE in (whole.kind, demand.kind) and whole.kind != demand.kind:
            flaw = ""
    return Read(
        row,
        number,
        task,
        text("source"),
        demand,
        _last(text("last"), demand),
        text("owner")[:200],
        begins,
        due,
        indicator,
        measures,
        where,
        own_year,
        above,
        flaw,
    )


def _year(text: str, year: int) -> int:
    written = text.removesuffix(".0").removesuffix("年")
    if not written:
        return year
    if not (written.isascii() and written.isdigit() and 1990 <= int(written) <= 2199):
        raise _Bad("year", f"年度“{text}”读不懂。写成 2026。")
    return int(written)


def _demand(value: str, unit: str, stretch: str, task: str) -> Demand:
    try:
        found = read_demand(value, unit)
    except DemandUnreadable as wrong:
        raise _Bad("value", str(wrong)) from wrong
    if len(value) > 1000:
        raise _Bad("value", f"目标值写了 {len(value)} 字，最多 1000 字。请删减，附件另传。")
    if found.kind == TOTAL and "净增" in task:
        found = replace(found, kind=NET)
    if not is_missing(stretch):
        try:
            more = read_demand(stretch, found.unit)
        except DemandUnreadable as wrong:
            raise _Bad("stretch", str(wrong)) from wrong
        if more.low is None:
            raise _Bad("stretch", f"奋斗目标“{stretch}”里没有数。")
        found = replace(found, stretch=more.low, decimals=max(found.decimals, more.decimals))
    try:
        for number in (found.low, found.high, found.stretch, *(part.low for part in found.inner)):
            if number is not None:
                scale(number, PLACES)
    except TooManyDecimals as wrong:
        raise _Bad("value", str(wrong)) from wrong
    return found


def _indicator(definitions: Book, name: str, task: str, demand: Demand) -> Indicator | None:
    if demand.kind == QUALITY and not name:
        return None
    try:
        found = definitions.indicator(name or task)
    except UnknownName as unknown:
        if name:
            raise _Bad("indicator", str(unknown)) from unknown
        return None
    probe = Goal(name=task, unit=demand.unit, low=demand.low, kind=demand.kind)
    try:
        if demand.kind not in (RANK, QUALITY):
            in_unit_of(found, probe, "low")
    except UnitDiffers as wrong:
        if name:
            raise _Bad("value", str(wrong)) from wrong
        return None
    return found


def _measure(definitions: Book, name: str) -> Measure:
    try:
        return definitions.measure(name.strip())
    except UnknownName as unknown:
        raise _Bad("measure", str(unknown)) from unknown


def _check_condition(measure: Measure, where: str, demand: Demand) -> None:
    for column, condition in (("measure", ""), ("where", where)):
        try:
            check_counter(measure, condition, demand.unit)
        except CounterRefused as wrong:
            raise _Bad(column, str(wrong)) from wrong


def _last(text: str, demand: Demand) -> Decimal | None:
    if is_missing(text):
        return None
    try:
        value, named = read_quantity(text)
        found = (
            convert(value, named, demand.unit) if named and demand.unit and named != demand.unit else value
        )
        scale(found, PLACES)
    except (UnreadableNumber, IncompatibleUnits, UnknownUnit, TooManyDecimals) as wrong:
        raise _Bad("last", str(wrong)) from wrong
    return found


def _day(cells: dict[str, Cell], key: str) -> date | None:
    cell = cells.get(key, BLANK)
    if is_missing(cell.text):
        return None
    found = day_of(cell)
    if found is None:
        try:
            found = date.fromisoformat(cell.text.strip())
        except ValueError:
            raise _Bad(key, f"“{cell.text}”读不成日期。写成 2026-12-20。") from None
    return found
