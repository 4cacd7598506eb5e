"""A sheet as a whole: its rows, cells, what stands around it, and what the checks say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from keshu.directory.models import Region
from keshu.figures.entry.checks import examine
from keshu.figures.entry.identities import Identity
from keshu.figures.entry.lines import Examination, Line
from keshu.figures.entry.models import Cell, Form, FormRow, Sheet
from keshu.figures.entry.past import Past, past_of
from keshu.figures.entry.periods import due_at
from keshu.figures.entry.reading_cells import in_unit, read_cell
from keshu.figures.models import Measure
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import convert

#: Why a row has no number. 未发布 is the authority's late supply: it is supplied later and never counts as late.
ABSENCES = ("未发布", "不掌握", "不单列", "其他")
LATE_SUPPLY = "未发布"


@dataclass(frozen=True)
class Entry:
    """One row of a sheet with its cell (an unsaved one where nothing was typed) and its line."""

    row: FormRow
    cell: Cell
    line: Line
    is_open: bool


@dataclass(frozen=True)
class Content:
    """Everything a page, a check or a record needs of one sheet."""

    sheet: Sheet
    period: Period
    entries: tuple[Entry, ...]
    past: Past
    examination: Examination

    @property
    def open_points(self) -> int:
        """How many places are still to be settled."""
        return len(self.examination.open)

    def entry(self, row_pk: int) -> Entry:
        """The entry of a row."""
        return next(entry for entry in self.entries if entry.row.pk == row_pk)


def rows_of(form: Form) -> list[FormRow]:
    """The form's rows in order, measures loaded."""
    return list(FormRow.objects.filter(form=form).select_related("measure").order_by("order"))


def blank_sheet(form: Form, region: Region, period: Period) -> Sheet:
    """A sheet nobody has opened yet, unsaved: so that looking at it writes nothing."""
    return Sheet(form=form, region=region, period=period.code, due_at=due_at(form, period), unit=form.unit)


def asks_estimate(form: Form, period: Period) -> bool:
    """Whether the form asks for 全年预计数 in this period; the last period of a year is the outcome itself."""
    return bool(form.estimate_from) and form.estimate_from <= period.end.month < 12


def content_of(sheet: Sheet, rows: Sequence[FormRow] | None = None) -> Content:
    """Read a sheet (saved or blank) and examine it. A handful of queries."""
    listed = rows_of(sheet.form) if rows is None else rows
    period = sheet.stretch
    past = past_of(sheet.form, listed, sheet.region, period)
    cells = {}
    if sheet.pk:
        cells = {cell.row_id: cell for cell in Cell.objects.for_system("填报页").filter(sheet=sheet)}
    estimates = asks_estimate(sheet.form, period)
    entries = []
    for row in listed:
        cell = cells.get(row.pk) or Cell(sheet=sheet if sheet.pk else None, row=row)
        line = _line(row, cell, past, estimates)
        entries.append(Entry(row, cell, line, sheet.is_open(row)))
    identities = [Identity.read(data) for data in sheet.form.identities]
    examination = examine([entry.line for entry in entries], identities)
    return Content(sheet, period, tuple(entries), past, examination)


def _line(row: FormRow, cell: Cell, past: Past, estimates: bool) -> Line:
    """The checks' view of one row."""
    read = read_cell(row, cell.text)
    estimate = read_cell(row, cell.estimate_text)
    is_stock = row.typed == FormRow.Typed.STOCK
    previous = past.previous
    return Line(
        key=row.pk,
        label=row.label,
        unit=row.unit,
        typed=row.typed if row.is_typed or is_stock else str(FormRow.Typed.CUMULATIVE),
        code=row.measure.code,
        text=cell.text,
        value=read.value if row.is_typed else past.current.get(row.pk),
        unreadable=read.problem,
        meant=read.meant,
        absence=cell.absence,
        late_supply=_late_supply(row, past.period) if cell.absence == LATE_SUPPLY else "",
        zero=_who(cell) if cell.zero else "",
        note=cell.note,
        auto=not row.is_typed,
        included_in=row.parent_id,
        part_of=row.whole_id,
        authority=row.authority,
        first=previous is None and not is_stock,
        before=past.before.get(row.pk),
        before_label=previous.to_date().short_label if previous else "",
        before_word="上月" if past.form.frequency == Form.Frequency.MONTH else "上期",
        before_months=previous.end.month if previous else 1,
        last_year=past.last_year.get(row.pk),
        lowest=_bound(row, row.measure.lowest),
        highest=_bound(row, row.measure.highest),
        asks_estimate=estimates and row.is_typed and row.measure.nature == Measure.Nature.FLOW,
        estimate=estimate.value,
        estimate_unreadable=estimate.problem,
        target=past.targets.get(row.pk),
        fine=row.hint,
    )


def _bound(row: FormRow, text: str) -> Decimal | None:
    """A plausible bound, declared in the measure's shown unit, in the row's."""
    return convert(Decimal(text), row.measure.shown_unit, row.unit) if text else None


def _late_supply(row: FormRow, period: Period) -> str:
    expected: date = period.end + timedelta(days=row.measure.lag_days)
    who = row.authority or row.measure.authority
    if clock.today() > expected:
        return f"{who} {expected:%m-%d} 应已出{period.short_label}数，可以补报，不算迟"
    return f"{who}约 {expected:%m-%d} 出{period.short_label}数，出后补报不算迟"


def _who(cell: Cell) -> str:
    at = f"{cell.changed_at.astimezone(clock.TZ):%H:%M} " if cell.changed_at else ""
    return f"{at}{cell.changed_by}"


def stored_estimate(row: FormRow, cell: Cell) -> Decimal | None:
    """The cell's estimate in the row's unit."""
    return in_unit(row, cell.estimate_scaled)
