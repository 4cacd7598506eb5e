"""Who has reported, who has not, who is late; and the on-time rate as a figure of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.arithmetic.ratio import WIDE
from keshu.figures.entry.models import Form, Sheet
from keshu.figures.entry.periods import expected, fillers
from keshu.figures.models import Measure, Release
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import current
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import round_half_up, scale

MEASURE = "on_time_rate"
RELEASE = "填报记录"
REPORTED = frozenset({Sheet.State.SIGNED, Sheet.State.VERIFIED, Sheet.State.RETURNED, Sheet.State.SUPPLYING})


@dataclass(frozen=True)
class OnTime:
    """How many of the sheets due so far were reported in time."""

    in_time: int
    due: int

    @property
    def rate(self) -> Decimal | None:
        """In percent; None when nothing was due."""
        return WIDE.divide(Decimal(self.in_time * 100), Decimal(self.due)) if self.due else None


def overdue_days(due_at: datetime, at: datetime) -> int:
    """Calendar days past the deadline, at least 1 once it has passed; 0 before."""
    if at <= due_at:
        return 0
    return max(1, (at.astimezone(clock.TZ).date() - due_at.astimezone(clock.TZ).date()).days)


def on_time(region: Region, forms: Iterable[Form], period: Period, at: datetime) -> OnTime:
    """Sheets of a region up to a period's end that were due by ``at`` or are reported already, and those in time.

    A returned sheet keeps its first report; 未发布 (the authority's late supply) does not make a sheet late.
    """
    owed = {form.pk: expected(form, period.year) for form in forms}
    return _counted(_sheets_of(period.year, region).get(region.pk, {}), owed, period, at)


Owed = dict[int, list[tuple[Period, datetime]]]
Sheets = dict[tuple[int, str], Sheet]


def _sheets_of(year: int, region: Region | None = None) -> dict[int, Sheets]:
    """The year's sheets by region, then form and period. One query."""
    rows = Sheet.objects.for_system("按时率").filter(period__startswith=str(year))
    found: dict[int, Sheets] = {}
    for sheet in rows.filter(region=region) if region is not None else rows:
        found.setdefault(sheet.region_id, {})[(sheet.form_id, sheet.period)] = sheet
    return found


def _counted(sheets: Sheets, owed: Owed, period: Period, at: datetime) -> OnTime:
    in_time = due = 0
    for form, stretches in owed.items():
        for stretch, due_at in stretches:
            if stretch.end > period.end:
                continue
            sheet = sheets.get((form, stretch.code))
            reported = sheet.reported_at if sheet else None
            if reported is None and due_at > at:
                continue
            due += 1
            in_time += reported is not None and sheet is not None and reported <= sheet.due_at
    return OnTime(in_time, due)


def record_on_time(sheet: Sheet) -> None:
    """Record the on-time rate after a report: of the sheet's region for its period, and of every filler for periods past due.

    Inside a move that has locked the form, with the sheet not yet saved. Does nothing where the measure is not defined.
    """
    measure = Measure.objects.filter(code=MEASURE).first()
    release = Release.objects.filter(source=RELEASE, label="").first()
    if measure is None or release is None:
        return
    sheet.save()
    now = clock.now()
    year = sheet.stretch.year
    forms = list(Form.objects.exclude(frequency=Form.Frequency.DAY))
    filled_by = {form.pk: {region.pk for region in fillers(form)} for form in forms}
    owed = {form.pk: expected(form, year) for form in forms}
    past_due = [stretch for stretch, due_at in owed.get(sheet.form_id, []) if due_at <= now]
    sheets = _sheets_of(year)
    wanted = {(sheet.region_id, sheet.stretch)}
    wanted |= {(pk, stretch) for stretch in past_due for pk in filled_by[sheet.form_id]}
    changes = []
    for pk, stretch in sorted(wanted):
        mine = {form: stretches for form, stretches in owed.items() if pk in filled_by[form]}
        rate = _counted(sheets.get(pk, {}), mine, stretch, now).rate
        if rate is not None:
            changes.append(
                ValueChange(
                    measure_id=measure.pk,
                    subject_id=pk,
                    period=stretch.to_date().code,
                    release_id=release.pk,
                    scaled=scale(round_half_up(rate, measure.decimals), measure.decimals),
                    origin=RELEASE,
                    entered_by="由填报记录算出",
                )
            )
    record_values(current(), changes)


@dataclass(frozen=True)
class Standing:
    """One filler in the collection of a period."""

    region: Region
    sheet: Sheet | None
    due_at: datetime
    late_days: int

    @property
    def has_reported(self) -> bool:
        """Whether the sheet is with the city, or was and came back."""
        return self.sheet is not None and self.sheet.reported_at is not None

    @property
    def waits(self) -> bool:
        """Whether the city has to verify it."""
        return self.sheet is not None and self.sheet.state == Sheet.State.SIGNED

    @property
    def owes(self) -> bool:
        """Whether the county has to act: not reported, or returned."""
        return self.sheet is None or self.sheet.state not in (Sheet.State.SIGNED, Sheet.State.VERIFIED)

    @property
    def word(self) -> str:
        """The state as the table says it."""
        if self.sheet is None:
            return "未填"
        return Sheet.State(self.sheet.state).label


def collection(form: Form, period: Period, due_at: datetime) -> list[Standing]:
    """Every filler of a form with its sheet of a period; never hides who is missing."""
    now = clock.now()
    sheets = {
        sheet.region_id: sheet
        for sheet in Sheet.objects.for_system("收表")
        .filter(form=form, period=period.code)
        .select_related("region", "form")
    }
    rows = []
    for region in fillers(form):
        sheet = sheets.get(region.pk)
        reported = sheet.reported_at if sheet else None
        rows.append(Standing(region, sheet, due_at, overdue_days(due_at, reported or now)))
    return rows


def reminder(
    form: Form,
    period: Period,
    due_at: datetime,
    rows: Iterable[Standing],
    where: str,
    names: Mapping[int, str] | None = None,
) -> str:
    """催报: plain text for a chat group — what, until when, who is missing, where to send. ``names`` by region where the
    filler is a department."""
    listed = list(rows)
    called = {row.region.pk: row.region.short_name for row in listed} | dict(names or {})
    missing = [row for row in listed if row.sheet is None or row.sheet.reported_at is None]
    returned = [row for row in listed if row.sheet is not None and row.sheet.state == Sheet.State.RETURNED]
    local = due_at.astimezone(clock.TZ)
    lines = [
        f"【{form.number} {period.label}】截止 {local:%m-%d %H:%M}，已报 {len(listed) - len(missing)}/{len(listed)}。"
    ]
    if missing:
        late = missing[0].late_days
        tail = f"（已超期 {late} 天）" if late else ""
        lines.append(f"还没报{tail}：{'、'.join(called[row.region.pk] for row in missing)}。")
    if returned:
        lines.append(f"退回待改：{'、'.join(called[row.region.pk] for row in returned)}。")
    if not missing and not returned:
        lines.append("都报齐了。")
    else:
        lines.append(f"请到{where}填报；没有发生的按零报告，主管部门没出数的选“未发布”。")
    return "\n".join(lines)
