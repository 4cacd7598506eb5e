"""What a cell of a form means: a figure of a region and period in a unit, something typed by hand, or the period's name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.figures.book import Book, UnknownName, book
from keshu.figures.models import Indicator, Measure
from keshu.filling.layout import Layout, NoSuchCell
from keshu.filling.models import Blank
from keshu.filling.models import Mapping as KeptMapping
from keshu.filling.relations import Relation, read_relations
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.giving import is_rate, previous_period
from keshu.reports.parsing import Thing
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.units import IncompatibleUnits, UnknownUnit, convert, unit

FIGURE, HAND, REMARK, PERIOD = "figure", "hand", "remark", "period"
KINDS = {FIGURE: "系统里的数", HAND: "手填", REMARK: "手填，可空", PERIOD: "写上期间"}
BY_HAND = (HAND, REMARK)
VALUE, CHANGE = "value", "change"
ASPECTS = {VALUE: "数值", CHANGE: "比上年同期"}
MOST_DECIMALS = 6
#: What a period rule is called on the page, in the order in which it is offered.
RULES = {
    "current": "当期",
    "to_date": "本年累计",
    "year_ago": "上年同期",
    "year_ago_to_date": "上年同期累计",
    "previous": "上期",
    "year": "本年全年",
    "last_year": "上年全年",
    "month": "期末当月",
    "last_year_end": "上年末",
}


class MayNotFill(PermissionError):
    """The post fills no forms."""


class BadMapping(ValueError):
    """A cell cannot be mapped this way."""


@dataclass(frozen=True)
class MappedCell:
    """One cell: ``key`` (1!C12), ``kind``; of a figure the code, the region's code, the aspect, the period rule, the unit and the
    decimals in which it is written. ``label``: what the heads of the form call it."""

    key: str
    kind: str = FIGURE
    code: str = ""
    region: str = ""
    aspect: str = VALUE
    rule: str = "current"
    unit: str = ""
    decimals: int = 2
    label: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "MappedCell":
        """Rebuilt from what is kept; what it does not know is left out."""
        return cls(**{name: kept[name] for name in cls.__dataclass_fields__ if name in kept})


def thing_called(definitions: Book, code: str) -> Thing:
    """The indicator or measure of a code; UnknownName."""
    try:
        return definitions.indicator(code)
    except UnknownName:
        return definitions.measure(code)


def period_for(thing: Thing, rule: str, period: Period) -> Period | None:
    """The period that a rule asks of a thing when the form is filled for ``period``; None where there is none (上期 of January).

    An annual figure stands for a whole year: of a form within a year that is the year before, the last one decided.
    """
    asked = {
        "current": lambda: period,
        "to_date": period.to_date,
        "year_ago": period.previous_year,
        "year_ago_to_date": lambda: period.to_date().previous_year(),
        "previous": lambda: previous_period(period),
        "year": lambda: Period.year(period.year),
        "last_year": lambda: Period.year(period.year - 1),
        "month": period.single_month,
        "last_year_end": lambda: Period.month(period.year - 1, 12),
    }[rule]()
    if asked is None or isinstance(thing, Measure):
        return asked
    if thing.period_rule == Indicator.PeriodRule.ANNUAL and asked.kind != "year":
        return Period.year(asked.year - 1)
    if thing.period_rule == Indicator.PeriodRule.STOCK:
        return asked if asked.kind == "day" else asked.single_month()
    return asked


def checked(cell: MappedCell, layout: Layout, definitions: Book) -> MappedCell:
    """The cell as it may be kept: its key moved to the first cell of a merged area. BadMapping says what is wrong with it."""
    try:
        place, held = layout.place(cell.key), layout.cell(cell.key)
    except NoSuchCell as error:
        raise BadMapping(str(error)) from error
    where = f"{place.address} 格"
    if held.formula:
        raise BadMapping(f"{where}是公式（={held.formula[:40]}），留着由表自己算，不用对。")
    if cell.kind not in KINDS:
        raise BadMapping(f"{where}没有选填什么。请选系统里的数、手填或写上期间。")
    if cell.kind != PERIOD and not held.fillable:
        raise BadMapping(f"{where}里是文字“{held.text[:20]}”，填数会把它盖掉。请选空格子。")
    cell = replace(cell, key=place.key, label=cell.label[:80])
    if cell.kind != FIGURE:
        return replace(cell, code="", region="", aspect=VALUE, rule="current")
    try:
        thing = thing_called(definitions, cell.code)
    except UnknownName as error:
        raise BadMapping(f"{where}：{error}") from error
    region = next((r for r in definitions.regions.values() if r.code == cell.region), None)
    if region is None:
        raise BadMapping(f"{where}没有选地区，或没有代码为“{cell.region[:12]}”的地区。请选一个地区。")
    if cell.rule not in RULES or cell.aspect not in ASPECTS:
        raise BadMapping(f"{where}没有选期间。请选当期、本年累计、上年同期等。")
    if not 0 <= cell.decimals <= MOST_DECIMALS:
        raise BadMapping(f"{where}的小数位要在 0 到 {MOST_DECIMALS} 之间。")
    return replace(cell, code=thing.code, unit=_unit(cell, thing, definitions, where))


def _unit(cell: MappedCell, thing: Thing, definitions: Book, where: str) -> str:
    """The unit a cell is written in, known and of the same kind as the figure's own."""
    if cell.aspect == CHANGE:
        points = is_rate(definitions, thing)
        if points and unit(thing.unit).name != "%":
            return thing.unit
        return "百分点" if points else "%"
    wanted = cell.unit.strip() or shown_unit(thing)
    try:
        convert(Decimal(1), thing.unit, wanted)
    except (UnknownUnit, IncompatibleUnits) as error:
        raise BadMapping(f"{where}：{error}") from error
    return unit(wanted).name


def shown_unit(thing: Thing) -> str:
    """The unit in which a thing is shown by default."""
    return thing.unit if isinstance(thing, Indicator) else thing.shown_unit


def shown_decimals(thing: Thing) -> int:
    """The decimals in which a thing is shown by default."""
    return thing.decimals if isinstance(thing, Indicator) else thing.shown_decimals


def cells_of(mapping: KeptMapping) -> list[MappedCell]:
    """The cells of a confirmed mapping."""
    return [MappedCell.of(kept) for kept in mapping.cells]


def may_fill(actor: Actor) -> None:
    """MayNotFill where the actor's post fills no forms."""
    if not actor.can(Can.FILL_FORMS):
        raise MayNotFill("您现在的岗位不办套表上报。请市局规划科办，或请安全管理员授权。")


def confirm_mapping(
    actor: Actor, blank: Blank, cells: Iterable[MappedCell], sums: Sequence[str] = ()
) -> KeptMapping:
    """Keep a mapping of a blank as the form's next version. BadMapping names the first cell or line that cannot stand."""
    may_fill(actor)
    layout = Layout.of(blank.layout)
    definitions = book(moments.latest())
    kept: dict[str, MappedCell] = {}
    for cell in cells:
        made = checked(cell, layout, definitions)
        if made.key in kept:
            raise BadMapping(f"{layout.place(made.key).address} 格对了两次（合并的格算一格）。请去掉一个。")
        kept[made.key] = made
    if not kept:
        raise BadMapping("还没有一格对上。至少对上一格，再记下对应。")
    relations: list[Relation] = read_relations(sums, layout)
    with writing(actor, f"对表：{blank.template}"):
        last = (
            KeptMapping._base_manager.select_for_update()
            .filter(template=blank.template)
            .order_by("-number")
            .first()
        )
        mapping = KeptMapping(
            template=blank.template,
            blank=blank,
            number=(last.number if last else 0) + 1,
            cells=[cell.plain() for cell in _in_order(kept.values(), layout)],
            sums=[relation.said for relation in relations],
            made_by=actor.name,
            made_at=clock.now(),
        )
        mapping.save()
    return mapping


def _in_order(cells: Iterable[MappedCell], layout: Layout) -> list[MappedCell]:
    def order(cell: MappedCell) -> tuple[int, int, int]:
        place = layout.place(cell.key)
        return place.sheet, place.row, place.column

    return sorted(cells, key=order)
