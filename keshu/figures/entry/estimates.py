"""全年预计数 beside what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic.ratio import WIDE
from keshu.figures.book import book
from keshu.figures.entry.models import Form, FormRow, Sheet, YearEstimate
from keshu.figures.entry.past import in_row_unit, release_of
from keshu.figures.entry.reading_cells import in_unit
from keshu.figures.entry.sheets import rows_of
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.terms import clock
from keshu.terms.period import Period


@dataclass(frozen=True)
class Outcome:
    """One estimate and the year it was about, in the row's unit; ``outcome`` is None with its reason until the year is in."""

    row: FormRow
    region: Region
    made_in: Period
    estimate: Decimal
    outcome: Decimal | None
    missing: str

    @property
    def year(self) -> int:
        """The year it is about."""
        return self.made_in.year

    @property
    def error(self) -> Decimal | None:
        """Estimate less outcome."""
        return None if self.outcome is None else self.estimate - self.outcome

    @property
    def share(self) -> Decimal | None:
        """The error in percent of the outcome, unrounded; None without an outcome above zero."""
        if self.outcome is None or self.outcome <= 0:
            return None
        return WIDE.divide((self.estimate - self.outcome) * 100, self.outcome)


def record_estimate(
    row: FormRow, region: Region, made_in: Period, scaled: int, by: str, sheet: Sheet | None = None
) -> None:
    """Keep what a region expects of the year, in the measure's stored unit, once per period it is made in. Inside
    ``writing``; the same again writes nothing. ``sheet`` is None for one that was reported before this house was in use."""
    key = {"measure": row.measure, "region": region, "year": made_in.year, "made_in": made_in.code}
    made = YearEstimate._base_manager.filter(**key).first() or YearEstimate(**key)
    if (made.scaled, made.entered_by) != (scaled, by):
        made.scaled, made.entered_by, made.sheet = scaled, by, sheet
        made.save()


def estimated_years() -> list[int]:
    """The years that estimates were made for, newest first."""
    years = YearEstimate.objects.for_system("预计与结果").values_list("year", flat=True)
    return sorted(set(years), reverse=True)


def estimates_and_outcomes(form: Form, regions: Iterable[Region], year: int) -> list[Outcome]:
    """Every 全年预计数 of a year with the year's value: by region, row and the period it was made in."""
    rows = {row.measure_id: row for row in rows_of(form) if row.is_typed}
    listed = {region.pk: region for region in regions}
    made = list(
        YearEstimate.objects.for_system("预计与结果")
        .filter(measure_id__in=rows, region_id__in=listed, year=year)
        .order_by("made_in")
    )
    revision = moments.latest()
    reader = Reader(book(revision), revision, on=clock.today())
    whole = Period.year(year)
    reader.load([row.measure for row in rows.values()], list(listed), [whole])
    own = release_of(form).pk
    found = []
    for estimate in made:
        row = rows[estimate.measure_id]
        value = reader.value(row.measure, estimate.region_id, whole, own)
        amount = in_unit(row, estimate.scaled)
        assert amount is not None
        found.append(
            Outcome(
                row,
                listed[estimate.region_id],
                Period.parse(estimate.made_in),
                amount,
                in_row_unit(row, value.value),
                value.missing,
            )
        )
    order = list(listed)
    return sorted(found, key=lambda one: (order.index(one.region.pk), one.row.order, one.made_in))
