"""Building one column of a dispatch: figures of all regions, their ranks, the whole, and a row for each."""

from datetime import date
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic import aggregate, ranking
from keshu.figures.arithmetic.change import Change, change, split
from keshu.figures.arithmetic.completion import completion, met, time_progress
from keshu.figures.arithmetic.forecast import Forecast
from keshu.figures.arithmetic.ratio import Refused
from keshu.figures.evaluating import Evaluation, Figure, Side, evaluate, growth, side
from keshu.figures.forecasting import year_end
from keshu.figures.models import Indicator, SchemeItem, Target
from keshu.figures.reading import NOT_APPLICABLE, Reader
from keshu.figures.table import Column, Dispatch, Row
from keshu.figures.whole import from_total, total_of
from keshu.rules.lamps import LampRule, lamp, load_rule
from keshu.terms.period import Period

SPARK_MONTHS = 12
OTHER_REGIONS = "两期含的地区不同"


def spark_periods(indicator: Indicator, period: Period) -> list[Period]:
    """The points of a row's small curve: twelve years, month-ends or single months up to the period."""
    if indicator.period_rule == Indicator.PeriodRule.ANNUAL or period.kind == "year":
        return [Period.year(period.year - back) for back in reversed(range(SPARK_MONTHS))]
    months = []
    year, month = period.end.year, period.end.month
    for _ in range(SPARK_MONTHS):
        months.append(Period.month(year, month))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return months[::-1]


class ColumnBuilder:
    """Builds one column of the table."""

    def __init__(
        self,
        table: Dispatch,
        reader: Reader,
        item: SchemeItem,
        period: Period,
        targets: dict[tuple[int, int], Target],
        on: date,
        sparks: bool,
        forecasts: bool,
    ) -> None:
        self.table, self.reader, self.item, self.targets = table, reader, item, targets
        self.book = reader.book
        self.indicator = self.book.indicators[item.indicator_id]
        self.period = period
        self.before = self.period.previous_year()
        self.sparks, self.forecasts = sparks, forecasts
        self.plan = self.book.rule("plan", item.plan, on) if item.plan not in ("", "full") else None
        rule = self.book.rule("lamps", item.lamp_rule, on) if item.lamp_rule else table.lamp_rule
        self.lamps: LampRule | None = (
            load_rule({**rule.data, "code": rule.code, "name": rule.name}) if rule else None
        )

    @property
    def fixed(self) -> bool:
        return self.indicator.period_rule == Indicator.PeriodRule.ANNUAL

    def progress(self) -> Decimal | None:
        """Where the calendar or the plan stands; nothing for a fixed figure."""
        if self.fixed:
            return None
        if self.item.plan == "full":
            return Decimal(1)
        plan = (
            {int(month): Decimal(share) for month, share in self.plan.data["months"].items()}
            if self.plan
            else None
        )
        return time_progress(self.period.elapsed_share(), plan, self.period.end.month)

    def build(self) -> tuple[Column, list[Row]]:
        at_present = Evaluation(self.reader, self.indicator, self.period)
        a_year_ago = Evaluation(self.reader, self.indicator, self.before)
        now = {r.id: at_present.figure(r.id) for r in self.table.regions}
        then = {r.id: a_year_ago.figure(r.id, like=now[r.id]) for r in self.table.regions}
        ranked = [region for region in self.table.regions if region.is_ranked]
        shown = {r.id: self.shown(now[r.id], then[r.id]) for r in self.table.regions}
        places = ranking.rank({r.id: shown[r.id] for r in ranked}, self.indicator.direction)
        places_then = ranking.rank({r.id: then[r.id].value for r in ranked}, self.indicator.direction)
        by_class = ranking.rank_within(
            {r.id: shown[r.id] for r in ranked},
            {r.id: r.group or None for r in ranked},
            self.indicator.direction,
        )
        middle = ranking.mean(shown[r.id] for r in ranked)
        parent = evaluate(self.reader, self.indicator, self.table.parent.id, self.period)
        parent_then = evaluate(self.reader, self.indicator, self.table.parent.id, self.before, like=parent)
        total, total_then = self.total(now), self.total(then)
        progress = self.progress()
        total_row = self.total_row(parent, parent_then, total, total_then, progress)
        above = ranking.gaps_to_next(
            {r.id: shown[r.id] for r in ranked}, self.indicator.direction, ranking=places
        )
        names = {region.id: region for region in self.table.regions}
        rows = []
        for region in self.table.regions:
            figure, previous = now[region.id], then[region.id]
            place = places.place.get(region.id)
            ahead = above.get(region.id)
            members = by_class.get(region.group) if region.is_ranked else None
            value = shown[region.id]
            rows.append(
                self.row(
                    region,
                    figure,
                    previous,
                    progress,
                    rank=place,
                    tied=places.tied.get(region.id, False),
                    of=places.of,
                    rank_change=ranking.rank_change(place, places_then.place.get(region.id))
                    if not self.indicator.change_as_growth
                    else None,
                    mean=middle,
                    gap_to_mean=ranking.gap_to(value, middle) if region.is_ranked else None,
                    gap_to_parent=ranking.gap_to(value, total_row.value),
                    next_up=names[ahead.keys[-1]] if ahead else None,  # type: ignore[index]
                    gap_to_next=ahead.gap if ahead else None,
                    class_rank=members.place.get(region.id) if members else None,
                    class_of=members.of if members else None,
                )
            )
        column = Column(
            item=self.item,
            indicator=self.indicator,
            period=self.period,
            total=total,
            parent=parent,
            previous_total=total_then,
            previous_parent=parent_then,
            mean=middle,
            of=places.of,
            missing=tuple(names[pk].name for pk in places.missing),  # type: ignore[index]
            progress=progress,
            plan=self.plan,
            total_row=total_row,
        )
        return column, rows

    def shown(self, figure: Figure, previous: Figure) -> Decimal | None:
        return growth(figure, previous) if self.indicator.change_as_growth else figure.value

    def total(self, figures: dict[int, Figure]) -> aggregate.Total | None:
        return total_of(self.book, self.indicator, self.table.regions, figures)

    def row(
        self, region: Region, figure: Figure, previous: Figure, progress: Decimal | None, **facts: object
    ) -> Row:
        """A row with target, completion, lamp, change and forecast."""
        target = self.targets.get((self.indicator.id, region.id))
        value = self.shown(figure, previous)
        low, high = (target.low, target.high) if target else (None, None)
        direction = self.indicator.direction
        done = completion(value, low, high, direction)
        is_met = met(value, low, high, direction)
        lit = None
        if not self.fixed and self.lamps is not None and (target is not None or not figure.held):
            reason = None if value is not None else (figure.missing or "去年同期无")
            lit = lamp(self.lamps, completion=done, progress=progress, missing_reason=reason, met=is_met)
        amount = self.amount(region, figure)
        if amount is not None:
            return self.amount_row(region, figure, previous, amount, facts)
        figure, applicable = _not_applicable(region, figure, previous)
        if not applicable:
            lit = None
        moved = self.change(figure, previous)
        parts = None
        if figure.denominator is not None and previous.denominator is not None:
            parts = split(
                previous.numerator.value,
                previous.denominator.value,
                figure.numerator.value,
                figure.denominator.value,
                figure.factor,
            )
        mixes = figure.held and previous.held and not _of_same_releases(figure, previous)
        return Row(
            item=self.item,
            region=region,
            figure=figure,
            previous=previous,
            target=target,
            completion=done,
            met=is_met,
            progress=progress,
            lamp=lit,
            change=moved,
            split=parts,
            mixes=mixes,
            forecast=self.forecast(figure, region.id),
            spark=self.spark(region.id),
            **facts,  # type: ignore[arg-type]
        )

    def amount(self, region: Region, figure: Figure) -> Decimal | None:
        """The numerator of a part that has no denominator of its own and whose numerator belongs to the whole."""
        if region.is_ranked or region.id == self.table.parent.id or figure.held:
            return None
        return figure.numerator.value if self.indicator.own_numerator_counts else None

    def amount_row(
        self, region: Region, figure: Figure, previous: Figure, amount: Decimal, facts: dict[str, object]
    ) -> Row:
        """A row that shows an amount against a target of that amount, paced by the calendar and compared in percent."""
        bare = self.book.amount_indicator(self.indicator)
        target = self.targets.get((bare.id, region.id)) if bare else None
        low, high = (target.low, target.high) if target else (None, None)
        done = completion(amount, low, high, self.indicator.direction)
        progress = self.period.elapsed_share()
        lit = None
        if target is not None and self.lamps is not None:
            lit = lamp(self.lamps, completion=done, progress=progress)
        return Row(
            item=self.item,
            region=region,
            figure=figure,
            previous=previous,
            target=target,
            completion=done,
            met=met(amount, low, high, self.indicator.direction),
            progress=progress,
            lamp=lit,
            change=change(amount, previous.numerator.value, False),
            split=None,
            mixes=False,
            forecast=None,
            spark=self.spark(region.id),
            amount=amount,
            **facts,  # type: ignore[arg-type]
        )

    def change(self, figure: Figure, previous: Figure) -> Change:
        """Percentage points (or the indicator's own unit) for ratios, rates and scores; percent for amounts."""
        if self.indicator.change_as_growth:
            return Change(None, "%", "本身就是同比")
        difference = figure.is_ratio or any(m.nature == "rate" for m, _, _ in figure.numerator.parts)
        moved = change(figure.value, previous.value, difference)
        if difference and self.indicator.unit != "%":
            return Change(moved.value, self.indicator.unit, moved.reason)
        return moved

    def total_row(
        self,
        parent: Figure,
        parent_then: Figure,
        total: aggregate.Total | None,
        total_then: aggregate.Total | None,
        progress: Decimal | None,
    ) -> Row:
        """The whole as a row: the parent's own published figure where it is held, else the sum of its parts.

        Two sums over different regions are no two ends of one change: it is left out and says so.
        """
        figure = parent if parent.held or total is None else from_total(parent, total)
        previous = (
            parent_then if parent_then.held or total_then is None else from_total(parent_then, total_then)
        )
        differ = (
            total is not None
            and total_then is not None
            and (figure is not parent and previous is not parent_then)
            and (figure.held and previous.held)
            and total.included != total_then.included
        )
        if differ and self.indicator.change_as_growth:
            figure = figure._replace(value=None, missing=OTHER_REGIONS)
        row = self.row(
            self.table.parent,
            figure,
            previous,
            progress,
            rank=None,
            tied=False,
            of=0,
            rank_change=None,
            mean=None,
            gap_to_mean=None,
            gap_to_parent=None,
            next_up=None,
            gap_to_next=None,
        )
        if differ and not self.indicator.change_as_growth:
            return row._replace(change=Change(None, row.change.unit, OTHER_REGIONS), split=None)
        return row

    def forecast(self, figure: Figure, subject: int) -> Forecast | Refused | None:
        """The year-end range where one is asked for."""
        return year_end(self.reader, self.indicator, self.period, figure, subject) if self.forecasts else None

    def spark(self, subject: int) -> tuple[Decimal | None, ...]:
        """The small curve: yearly values, month-end stocks, or the numerator month by month."""
        if not self.sparks:
            return ()
        periods = spark_periods(self.indicator, self.period)
        if self.indicator.period_rule == Indicator.PeriodRule.TO_DATE and self.period.kind != "year":
            expression = self.book.ratio(self.indicator).numerator
            return tuple(side(self.reader, expression, subject, period).value for period in periods)
        return tuple(evaluate(self.reader, self.indicator, subject, period).value for period in periods)


def _of_same_releases(one: Figure, other: Figure) -> bool:
    """Whether both sides of two figures of one indicator are taken from the same releases."""
    return _alike(one.numerator, other.numerator) and _alike(one.denominator, other.denominator)


def _alike(one: Side | None, other: Side | None) -> bool:
    if one is None or other is None:
        return one is other
    if len(one.parts) == len(other.parts) == 1 and one.parts[0][2].releases == other.parts[0][2].releases:
        return True  # nearly always: one measure, one release
    return one.releases == other.releases


def _not_applicable(region: Region, figure: Figure, previous: Figure) -> tuple[Figure, bool]:
    """A part (市本级, zone) that never had a value of this indicator is 不单列, which is not the same as missing."""
    if region.is_ranked or figure.held or figure.numerator.value is not None:
        return figure, True
    if previous.held or previous.numerator.value is not None:
        return figure, True
    changed = Figure(
        figure.indicator,
        figure.subject_id,
        figure.period,
        None,
        figure.numerator,
        figure.denominator,
        figure.factor,
        NOT_APPLICABLE,
    )
    return changed, False
