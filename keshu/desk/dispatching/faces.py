"""How a column of the table is written: its unit, its texts, and what it shows in months without a denominator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic.change import Change
from keshu.figures.arithmetic.whatif import rounded_up
from keshu.figures.dispatch import Column, Dispatch, Row
from keshu.figures.instead import columns_shown
from keshu.figures.models import Indicator, Measure
from keshu.figures.reading import NOT_APPLICABLE
from keshu.figures.supposing import numerator_measure
from keshu.reports.wording import change_figure, change_unit, indicator_amount, is_money
from keshu.terms.quantity import YI, column_money_unit, show_change, show_money, show_number
from keshu.terms.units import convert


@dataclass(frozen=True)
class Face:
    """A column as it is shown. ``rows`` by region; ``lead`` the first 先行 column that points at a fixed one; ``instead`` the
    fixed or missing ratio this amount stands for in a month without denominator.
    """

    column: Column
    rows: dict[int, Row]
    unit: str
    numerator: Measure
    lead: "Face | None" = None
    instead: Indicator | None = None

    @property
    def indicator(self) -> Indicator:
        """The indicator whose values are shown."""
        return self.column.indicator

    @property
    def named(self) -> Indicator:
        """The indicator the column is about, also where an amount stands in for its ratio."""
        return self.instead or self.column.indicator

    @property
    def fixed(self) -> bool:
        """已定: an annual figure within a year."""
        return self.indicator.period_rule == Indicator.PeriodRule.ANNUAL

    @property
    def places(self) -> int:
        """Decimals shown."""
        return self.indicator.decimals

    def text(self, value: Decimal | None) -> str:
        """A value in the column's unit, without it; growth carries its sign."""
        if value is None:
            return ""
        if self.indicator.change_as_growth:
            return show_change(value, self.places)
        return indicator_amount(self.indicator, value, self.unit).text

    def target(self, row: Row) -> str:
        """A target in the form of its document: 2.40, 1—2."""
        if row.target is None:
            return ""
        low = indicator_amount(self.indicator, row.target.low, self.unit).text
        if row.target.high is None:
            return low
        return f"{low}—{indicator_amount(self.indicator, row.target.high, self.unit).text}"

    def moved(self, moved: Change) -> str:
        """A change with its sign, or the reason in words."""
        return change_figure(moved, self.indicator.unit, self.places)

    @property
    def moved_unit(self) -> str:
        """百分点 for a ratio in %, % for an amount, else the ratio's own unit."""
        if self.indicator.change_as_growth:
            return "百分点"
        sample = next(iter(self.rows.values()), None)
        if sample is None:
            return ""
        return change_unit(self.indicator.unit, sample.change)

    def shows_amount(self, row: Row) -> bool:
        """Whether a part without denominator (市本级 has no GDP) shows its numerator instead of a ratio."""
        figure = row.figure
        return (
            not row.region.is_ranked
            and figure.is_ratio
            and figure.value is None
            and figure.numerator.value is not None
        )

    def amount_held(self, row: Row) -> str:
        """额 3000.00 万元: the numerator of a ratio that lacks only its denominator; "" where there is nothing to show."""
        held = row.figure.numerator.value
        if row.figure.denominator is None or row.figure.denominator.value or held is None:
            return ""
        text, unit = amount_text(held, self.numerator)
        return f"额 {text} {unit}"

    @property
    def aimed(self) -> bool:
        """Whether any region of the column has a target; without one the column of completion shows the gap to the mean."""
        return any(row.target is not None for row in self.rows.values())

    def counted(self) -> bool:
        """Whether a ratio is better read as 104 / 106: both sides are counts of the same things."""
        sample = next(iter(self.rows.values()), None)
        if sample is None or sample.figure.denominator is None or self.indicator.unit != "%":
            return False
        measures = [
            m for side in (sample.figure.numerator, sample.figure.denominator) for m, _, _ in side.parts
        ]
        return bool(measures) and all(m.decimals == 0 for m in measures)


def faces(table: Dispatch, columns: Sequence[Column], rows: Iterable[Row]) -> list[Face]:
    """The faces of columns, without leads."""
    by_indicator: dict[int, dict[int, Row]] = {}
    for row in rows:
        by_indicator.setdefault(row.indicator.pk, {})[row.region.pk] = row
    found = []
    for column in columns:
        held = by_indicator.get(column.indicator.pk, {})
        measure = numerator_measure(table, column.indicator)
        found.append(Face(column, held, _unit(column, held), measure))
    return found


def _unit(column: Column, rows: dict[int, Row]) -> str:
    indicator = column.indicator
    if indicator.change_as_growth:
        return "%"
    if is_money(indicator.unit):
        return column_money_unit(row.figure.value for row in rows.values() if row.region.is_ranked)
    return indicator.unit


def table_faces(table: Dispatch) -> tuple[list[Face], list[Face]]:
    """(columns, 先行 columns): a fixed column knows its first lead, a ratio without any denominator gives way to its lead."""
    leading = faces(table, table.leading, table.leading_rows)
    first: dict[int, Face] = {}
    for face in leading:
        if face.column.item.leads_id is not None:
            first.setdefault(face.column.item.leads_id, face)
    found = []
    for face, shown in zip(faces(table, table.columns, table.rows), columns_shown(table), strict=True):
        lead = first.get(face.indicator.pk)
        if lead is not None and shown.instead is not None:
            found.append(Face(lead.column, lead.rows, lead.unit, lead.numerator, instead=shown.instead))
        else:
            found.append(
                Face(face.column, face.rows, face.unit, face.numerator, lead if face.fixed else None)
            )
    return found, leading


def need_text(amount: Decimal, measure: Measure) -> tuple[str, str]:
    """(text, unit) of a numerator still needed, rounded up so that it suffices: 4208 万元, 1.05 亿元, 3 家."""
    if is_money(measure.unit):
        yuan = convert(amount, measure.unit, "元")
        if abs(yuan) >= YI:
            return show_number(rounded_up(convert(yuan, "元", "亿元"), 2), 2), "亿元"
        return show_number(rounded_up(convert(yuan, "元", "万元")), 0), "万元"
    return show_number(rounded_up(amount), 0), measure.unit


def amount_text(value: Decimal, measure: Measure) -> tuple[str, str]:
    """(text, unit) of a numerator or denominator as it is shown beside a ratio."""
    if is_money(measure.unit):
        return show_money(convert(value, measure.unit, "元"))
    shown = convert(value, measure.unit, measure.shown_unit) if measure.shown_unit != measure.unit else value
    return show_number(shown, measure.shown_decimals), measure.shown_unit


def reason(row: Row) -> tuple[str, str]:
    """(word, detail) of a missing value: 未发布（地区生产总值） → 未发布, 地区生产总值."""
    word, _, detail = row.missing.partition("（")
    return word, detail.removesuffix("）")


def no_items(face: Face, row: Row) -> str:
    """无到期: where nothing of a kind stands below the line there is nothing to count, and nothing is missing."""
    return f"无{face.indicator.denominator_label}" if reason(row)[0] == "分母为零" and face.counted() else ""


def not_single(row: Row) -> bool:
    """Whether a part never has this figure (不单列), which is not the same as missing."""
    return row.missing == NOT_APPLICABLE


def called(region: Region) -> str:
    """What a region is called in a table: provinces by their short name, all others in full, a zone inside a county 其中."""
    if region.level == Region.Level.PROVINCE:
        return region.short_name
    return f"{region.name}（其中）" if region.part == Region.Part.ZONE_INSIDE else region.name


def split_regions(regions: Iterable[Region]) -> tuple[list[Region], list[Region]]:
    """(ranked regions, the parts beside them: 市本级 and zones)."""
    listed = list(regions)
    return [r for r in listed if r.is_ranked], [r for r in listed if not r.is_ranked]
