"""The periods of a form: 1—2月 as one, months, quarters to date, 截至-days; what came before; when a sheet is due; under which code a value stands."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from keshu.directory.models import Region
from keshu.figures.entry.models import Form, FormRow
from keshu.figures.models import Measure, RegionShown
from keshu.figures.reading import measure_period
from keshu.rules.calendar import is_workday
from keshu.rules.dated import in_force
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period


class NotAFormPeriod(ValueError):
    """The form has no sheet for this period."""


def of_year(form: Form, year: int) -> list[Period]:
    """The periods a form is filled for in a year, in order; a 截至-form has none of its own.

    With ``joint_first`` January and February are one report, as the state's monthly statistics do it.
    """
    if form.frequency == Form.Frequency.QUARTER:
        return [Period.ytd(year, month) for month in (3, 6, 9, 12)]
    if form.frequency == Form.Frequency.DAY:
        return []
    if form.joint_first:
        return [Period.months(year, 1, 2), *(Period.month(year, month) for month in range(3, 13))]
    return [Period.month(year, month) for month in range(1, 13)]


def read(form: Form, text: str) -> Period:
    """The form's period that a text names. Raises UnreadablePeriod or NotAFormPeriod."""
    period = Period.parse(text)
    if form.frequency == Form.Frequency.DAY:
        if period.is_ytd and period.kind != "month":
            return period
        raise NotAFormPeriod(f"{form.number}按截至某日填报，“{text}”不是。写成 2026-10-10。")
    known = of_year(form, period.year)
    if period in known:
        return period
    if form.frequency == Form.Frequency.MONTH and form.joint_first and period.end.month <= 2:
        raise NotAFormPeriod(f"{form.number} 1 月不单独报，1—2 月合报一次。请打开 {period.year}年1—2月。")
    names = "、".join(found.short_label for found in known)
    raise NotAFormPeriod(f"{form.number}没有“{period.label}”这一期。{period.year} 年有：{names}。")


def before(form: Form, period: Period) -> Period | None:
    """The form's period before, within the year; None for the first. A 截至-day follows the month before it."""
    if form.frequency == Form.Frequency.DAY:
        return period.previous_month_ytd()
    known = of_year(form, period.year)
    place = known.index(period)
    return known[place - 1] if place else None


def in_validity(form: Form, period: Period) -> bool:
    """Whether the form is in force at the period's end."""
    return form.valid_from <= period.end and (form.valid_to is None or period.end <= form.valid_to)


def due_at(
    form: Form,
    period: Period,
    rules: Iterable[Rule] | None = None,
    arranged: Mapping[date, bool] | None = None,
) -> datetime:
    """When the sheet is due: the day and time of the dated rule, in the month after the period (a 截至-day: ``days`` after).

    ``roll`` in the rule moves a day off to the next working day. ``rules`` and ``arranged`` (the own calendar) as they stood at
    some revision; left out, as they stand now. Raises NoRuleInForce, CalendarUnknown.
    """
    data = in_force("deadline", form.deadline, period.end, rules).data
    hour, minute = (int(part) for part in str(data.get("time", "24:00")).split(":"))
    if form.frequency == Form.Frequency.DAY:
        day = period.end + timedelta(days=int(data.get("days", 0)))
    else:
        first = period.end + timedelta(days=1)
        day = first.replace(day=min(int(data["day"]), monthrange(first.year, first.month)[1]))
    while data.get("roll") and not is_workday(day, arranged):
        day += timedelta(days=1)
    if (hour, minute) == (24, 0):
        return datetime.combine(day + timedelta(days=1), time(), clock.TZ)
    return datetime.combine(day, time(hour, minute), clock.TZ)


def current(form: Form) -> Period:
    """The period a clerk works on today: the last one that has ended (the first of the form before that)."""
    today = clock.today()
    if form.frequency == Form.Frequency.DAY:
        return Period.day(today)
    ended = [
        p
        for year in (today.year - 1, today.year)
        for p in of_year(form, year)
        if p.end < today and in_validity(form, p)
    ]
    if ended:
        return ended[-1]
    return next((p for p in of_year(form, today.year) if in_validity(form, p)), of_year(form, today.year)[0])


def value_period(typed: str, measure: Measure, period: Period) -> Period:
    """The period a typed value stands under: cumulative at 1 January up to the end, single at the period, stock at its month."""
    if typed == FormRow.Typed.SINGLE:
        return period
    if typed == FormRow.Typed.CUMULATIVE or measure.nature == Measure.Nature.RATE:
        return period.to_date()
    return measure_period(measure, period)


def root_region() -> Region | None:
    """The region this house serves."""
    shown = RegionShown.objects.select_related("region").first()
    return shown.region if shown else None


def fillers(form: Form, regions: Mapping[int, Region] | None = None) -> list[Region]:
    """The regions that fill the form, in their order: all of its level below the house's region, or its department's region.

    ``regions`` by pk as they stood at some revision; left out, as they stand now (a query).
    """
    if form.unit_id:
        assert form.unit is not None
        return [form.unit.region]
    parts = form.parts or [Region.Part.AREA]
    known = Region.objects.in_bulk() if regions is None else regions
    fitting = [r for r in known.values() if r.level == form.level and r.part in parts and r.valid_to is None]
    rows = sorted(fitting, key=lambda region: (region.order, region.code))
    root = root_region()
    if root is None:
        return rows

    def inside(region: Region | None) -> bool:
        while region is not None:
            if region.pk == root.pk:
                return True
            region = known.get(region.parent_id or 0)
        return False

    return [row for row in rows if inside(row)]


def expected(form: Form, year: int) -> list[tuple[Period, datetime]]:
    """The sheets a filler owes for a year with their deadlines, those not yet due included."""
    return [(period, due_at(form, period)) for period in of_year(form, year) if in_validity(form, period)]
