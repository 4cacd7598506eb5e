"""What stands around a sheet: the period before, the year before, what registers fill by themselves, the targets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.book import Book, book
from keshu.figures.entry.absence import absent_reasons
from keshu.figures.entry.models import Form, FormRow
from keshu.figures.entry.periods import before, value_period
from keshu.figures.models import Measure, Release, Target
from keshu.figures.reading import Reader, Value
from keshu.journal import moments
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import convert


class NoRelease(LookupError):
    """The form was never loaded: its release is missing."""


def release_of(form: Form) -> Release:
    """The one release under which the form's values stand."""
    release = Release.objects.filter(source=str(form), label="").first()
    if release is None:
        raise NoRelease(f"{form}还没有登记发布。用“载入报表”载入一次再填。")
    return release


def in_row_unit(row: FormRow, value: Decimal | None) -> Decimal | None:
    """A stored value in the unit of the row, exact."""
    return None if value is None else convert(value, row.measure.unit, row.unit)


@dataclass
class Past:
    """Values around one sheet, by row, in the row's unit; a missing one carries its reason."""

    form: Form
    period: Period
    previous: Period | None
    before: dict[int, Decimal | None] = field(default_factory=dict)
    before_missing: dict[int, str] = field(default_factory=dict)
    last_year: dict[int, Decimal | None] = field(default_factory=dict)
    current: dict[int, Decimal | None] = field(default_factory=dict)
    current_missing: dict[int, str] = field(default_factory=dict)
    targets: dict[int, Decimal] = field(default_factory=dict)


def cumulative_kind(row: FormRow) -> str:
    """How a row is compared: a flow by its cumulative, a stock at the end of the period."""
    return str(FormRow.Typed.STOCK if row.typed == FormRow.Typed.STOCK else FormRow.Typed.CUMULATIVE)


def past_of(form: Form, rows: Sequence[FormRow], region: Region, period: Period) -> Past:
    """Read everything a sheet is held against: a handful of queries whatever the number of rows.

    The form's own earlier values are taken first; where it has none, the preferred release's.
    """
    revision = moments.latest()
    definitions: Book = book(revision)
    reader = Reader(definitions, revision, on=clock.today())
    previous = before(form, period)
    found = Past(form, period, previous)
    own = release_of(form).pk
    wanted: list[tuple[FormRow, Period, dict[int, Decimal | None], dict[int, str] | None, int | None]] = []
    for row in rows:
        kind = cumulative_kind(row)
        if previous is not None:
            wanted.append(
                (row, value_period(kind, row.measure, previous), found.before, found.before_missing, own)
            )
        wanted.append(
            (row, value_period(kind, row.measure, period.previous_year()), found.last_year, None, own)
        )
        if not row.is_typed:
            wanted.append(
                (row, value_period(kind, row.measure, period), found.current, found.current_missing, None)
            )
    reader.load([row.measure for row in rows], [region.pk], {stretch for _, stretch, _, _, _ in wanted})
    for row, stretch, into, missing, release in wanted:
        value: Value = reader.value(row.measure, region.pk, stretch, release)
        into[row.pk] = in_row_unit(row, value.value)
        if missing is not None and not value.held:
            missing[row.pk] = value.missing
    if found.before_missing and previous is not None:
        _name_reasons(found, rows, region, previous, revision)
    found.targets = targets_of(definitions, rows, region, period.year)
    return found


def _name_reasons(
    found: Past, rows: Sequence[FormRow], region: Region, previous: Period, revision: int
) -> None:
    """Where the period before was not reported or came back, that is the reason, not the authority's silence."""
    missing = [row for row in rows if row.pk in found.before_missing and row.is_typed]
    reasons = absent_reasons((row.measure for row in missing), [region.pk], [previous.to_date()], revision)
    for row in missing:
        stretch = value_period(cumulative_kind(row), row.measure, previous)
        reason = reasons.get((row.measure_id, region.pk, stretch.code))
        if reason:
            found.before_missing[row.pk] = reason


def targets_of(definitions: Book, rows: Sequence[FormRow], region: Region, year: int) -> dict[int, Decimal]:
    """The year's target of rows whose measure alone is an indicator with a target for the region, in the row's unit.

    A range counts by its upper bound, as everywhere.
    """
    by_measure = {row.measure.code: row for row in rows} | {row.measure.name: row for row in rows}
    watched = {
        indicator.pk: (indicator, by_measure[indicator.formula.strip()])
        for indicator in definitions.indicators.values()
        if indicator.formula.strip() in by_measure and not indicator.change_as_growth
    }
    targets = Target.objects.for_system("填报核对目标").filter(
        indicator_id__in=watched, subject_id=region.pk, year=year
    )
    found = {}
    for target in targets:
        indicator, row = watched[target.indicator_id]
        amount = target.low if target.high is None else target.high
        if row.measure.nature != Measure.Nature.RATE:
            found[row.pk] = convert(amount, indicator.unit, row.unit)
    return found
