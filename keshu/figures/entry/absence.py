"""Why a value that a form collects is missing: 未报 (超期 n 天), 已退回, 未发布 … as of a revision, for the dispatch."""

from collections.abc import Iterable
from datetime import date, datetime

from keshu.figures.book import book
from keshu.figures.entry.models import Form, FormRow, Sheet
from keshu.figures.entry.periods import due_at, fillers, in_validity, of_year, value_period
from keshu.figures.entry.timeliness import overdue_days
from keshu.figures.models import Measure, Release, ReportedValue
from keshu.figures.reading import RETURNED, UNREPORTED, measure_period, months_between
from keshu.journal import moments
from keshu.rules.calendar import arranged
from keshu.rules.models import CalendarDay, Rule
from keshu.terms.period import Period

Key = tuple[int, int, str]


def absent_reasons(
    measures: Iterable[Measure],
    region_pks: Iterable[int],
    periods: Iterable[Period],
    revision: int,
    at: datetime | None = None,
) -> dict[Key, str]:
    """(measure, subject, period code) → reason, for every asked measure that a form collects, as of a revision.

    Only regions that fill the form and periods of the form in force appear. Codes cover what ``Reader`` asks under: the
    measure's own period, and the single months where a cumulative is summed. A value that is held is never looked up here.
    Lateness is that of the moment ``at`` (left out: now, or when an older revision was committed) under the deadlines, the
    calendar and the regions of the revision.
    """
    wanted = {measure.pk: measure for measure in measures}
    newest = moments.latest()
    rows = _collected(wanted, revision, newest)
    asked = set(region_pks)
    listed = list(periods)
    if not rows or not listed:
        return {}
    now = at or moments.judged_at(f"r{revision}" if revision < newest else None, revision)
    definitions = book(revision)
    calendar = _arranged(definitions.rules, revision, newest)
    years = {period.year for period in listed}
    sheets = _sheets({row.form_id for row in rows}, asked, years, revision, newest)
    said = _said(rows, asked, years, revision)
    forms: dict[int, tuple[Form, set[int]]] = {}
    lateness: dict[tuple[int, str], int] = {}
    found: dict[Key, str] = {}
    for row in rows:
        if row.form_id not in forms:
            forms[row.form_id] = (row.form, {r.pk for r in fillers(row.form, definitions.regions)} & asked)
        form, regions = forms[row.form_id]
        for period in listed:
            for stretch, codes in _under(form, row, period):
                if (form.pk, stretch.code) not in lateness:
                    lateness[(form.pk, stretch.code)] = overdue_days(
                        due_at(form, stretch, definitions.rules, calendar), now
                    )
                late = lateness[(form.pk, stretch.code)]
                own = value_period(row.typed, row.measure, stretch).code
                for region in regions:
                    sheet = sheets.get((form.pk, region, stretch.code))
                    reason = said.get((row.measure_id, region, own), "")
                    if sheet is None or sheet.reported_at is None:
                        reason = f"{UNREPORTED}，超期 {late} 天" if late else UNREPORTED
                    elif sheet.state == Sheet.State.RETURNED and row.pk in (sheet.open_rows or []):
                        reason = RETURNED
                    for code in codes:
                        if reason:
                            found.setdefault((row.measure_id, region, code), reason)
    return found


def _arranged(rules: Iterable[Rule], revision: int, newest: int) -> dict[date, bool] | None:
    """The own calendar as of a revision, where a deadline moves off days off; None where none does."""
    if not any(rule.kind == Rule.Kind.DEADLINE and rule.data.get("roll") for rule in rules):
        return None
    if revision == newest:
        return arranged()
    return {row.day: row.works for row in CalendarDay.as_of(revision)}


def _collected(measures: dict[int, Measure], revision: int, newest: int) -> list[FormRow]:
    """The typed rows of forms as of a revision that ask for one of the measures."""
    if revision < newest:
        return _collected_then(measures, revision)
    rows = FormRow.objects.filter(measure_id__in=measures, fill=FormRow.Fill.TYPED)
    return list(
        rows.exclude(form__frequency=Form.Frequency.DAY).select_related("form__unit__region", "measure")
    )


def _collected_then(measures: dict[int, Measure], revision: int) -> list[FormRow]:
    forms = {form.pk: form for form in Form.as_of(revision) if form.frequency != Form.Frequency.DAY}
    rows = [
        row
        for row in FormRow.as_of(revision)
        if row.measure_id in measures and row.form_id in forms and row.is_typed
    ]
    for row in rows:
        row.form, row.measure = forms[row.form_id], measures[row.measure_id]
    return sorted(rows, key=lambda row: row.order)


def _under(form: Form, row: FormRow, period: Period) -> list[tuple[Period, list[str]]]:
    """The form's periods that an asked period rests on, each with the codes its absence is looked up under."""
    own = measure_period(row.measure, period)
    known = [stretch for stretch in of_year(form, period.year) if in_validity(form, stretch)]
    last = [stretch for stretch in known if stretch.end == own.end]
    pairs = [(stretch, list(dict.fromkeys([own.code, stretch.code]))) for stretch in last]
    summed = row.measure.nature == Measure.Nature.FLOW and row.measure.typed == Measure.Typed.SINGLE
    if summed and own.kind != "day" and own.months > 1:
        for stretch in known:
            if own.contains(stretch) and stretch.end < own.end:
                pairs.append((stretch, [stretch.code, *(month.code for month in months_between(stretch))]))
    return pairs


def _sheets(
    forms: set[int], regions: set[int], years: set[int], revision: int, newest: int
) -> dict[tuple[int, int, str], Sheet]:
    rows = Sheet.objects.for_system("缺数原因，随后按范围遮盖").filter(
        form_id__in=forms, region_id__in=regions
    )
    if revision < newest:
        then = Sheet.as_of(revision, list(rows.values_list("pk", flat=True)))
        return {(sheet.form_id, sheet.region_id, sheet.period): sheet for sheet in then}
    return {
        (sheet.form_id, sheet.region_id, sheet.period): sheet
        for sheet in rows
        if int(sheet.period[:4]) in years
    }


def _said(rows: list[FormRow], regions: set[int], years: set[int], revision: int) -> dict[Key, str]:
    """What the sheets said in place of a value: the last version under the form's release, when it holds none."""
    releases = dict(
        Release.objects.filter(source__in={str(row.form) for row in rows}).values_list("pk", "source")
    )
    values = (
        ReportedValue.objects.for_system("缺数原因，随后按范围遮盖")
        .filter(
            measure_id__in={row.measure_id for row in rows},
            subject_id__in=regions,
            release_id__in=releases,
            revision__lte=revision,
            period__gte=f"{min(years)}",
            period__lt=f"{max(years) + 1}",
        )
        .exclude(missing="")
        .order_by("version")
        .values_list("measure_id", "subject_id", "period", "missing")
    )
    return {(measure, subject, period): missing for measure, subject, period, missing in values}
