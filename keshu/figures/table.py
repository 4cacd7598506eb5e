"""The nouns of a dispatch: its rows, its columns and the table itself."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from keshu.directory.models import Region
from keshu.figures.arithmetic import aggregate
from keshu.figures.arithmetic.change import Change, Split
from keshu.figures.arithmetic.forecast import Forecast
from keshu.figures.arithmetic.ratio import Refused
from keshu.figures.evaluating import Figure, growth
from keshu.figures.models import Indicator, Scheme, SchemeItem, Target
from keshu.figures.reading import Reader
from keshu.rules.lamps import Lamp
from keshu.rules.models import Rule
from keshu.terms.period import Period


class NoSuchDispatch(LookupError):
    """The scheme has no indicators or the level has no regions."""


class Row(NamedTuple):
    """One indicator of one region. Decimals are unrounded; completion and progress are shares (1 = 100 %).

    ``amount``: a part without a denominator of its own (市本级) shows its numerator, judged by a target of that amount.
    """

    item: SchemeItem
    region: Region
    figure: Figure
    previous: Figure
    target: Target | None
    completion: Decimal | None
    met: bool | None
    progress: Decimal | None
    lamp: Lamp | None
    rank: int | None
    tied: bool
    of: int
    rank_change: int | None
    change: Change
    split: Split | None
    mixes: bool
    mean: Decimal | None
    gap_to_mean: Decimal | None
    gap_to_parent: Decimal | None
    next_up: Region | None
    gap_to_next: Decimal | None
    forecast: Forecast | Refused | None
    spark: tuple[Decimal | None, ...] = ()
    amount: Decimal | None = None
    class_rank: int | None = None
    class_of: int | None = None

    @property
    def indicator(self) -> Indicator:
        """The row's indicator."""
        return self.figure.indicator

    @property
    def value(self) -> Decimal | None:
        """The value shown: the figure's, or the growth where the indicator is watched by its growth."""
        if self.indicator.change_as_growth:
            return growth(self.figure, self.previous)
        return self.figure.value

    @property
    def fixed(self) -> bool:
        """已定: an annual figure; no lamp, no time progress, no supervision on itself."""
        return self.indicator.period_rule == Indicator.PeriodRule.ANNUAL

    @property
    def missing(self) -> str:
        """Why there is no value, empty when there is one."""
        if self.figure.missing:
            return self.figure.missing
        return "去年同期无" if self.value is None else ""


@dataclass(frozen=True)
class Column:
    """What belongs to an indicator as a whole: data period, total, mean, missing."""

    item: SchemeItem
    indicator: Indicator
    period: Period
    total: aggregate.Total | None
    parent: Figure
    previous_total: aggregate.Total | None
    previous_parent: Figure
    mean: Decimal | None
    of: int
    missing: tuple[str, ...]
    progress: Decimal | None
    plan: Rule | None
    total_row: Row | None = None


@dataclass
class Dispatch:
    """A dispatch table as of a revision."""

    scheme: Scheme
    period: Period
    level: str
    parent: Region
    revision: int
    as_of: datetime | None
    asked: str
    vintage: str
    lamp_rule: Rule | None
    regions: list[Region] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    leading: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    leading_rows: list[Row] = field(default_factory=list)
    reader: Reader | None = None

    def row(self, indicator: Indicator, region: Region) -> Row:
        """The row of an indicator and a region."""
        for row in (*self.rows, *self.leading_rows):
            if row.indicator.pk == indicator.pk and row.region.pk == region.pk:
                return row
        raise NoSuchDispatch(f"{region} 不在这张调度表里。")
