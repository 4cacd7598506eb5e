"""From a sheet to values: recorded when it is reported, retracted when it is returned, marked when it is verified."""

from collections.abc import Collection, Iterator
from decimal import Decimal

from keshu.directory.actors import Actor
from keshu.figures.entry.estimates import record_estimate
from keshu.figures.entry.models import Cell, FormRow, Sheet
from keshu.figures.entry.past import Past, past_of, release_of
from keshu.figures.entry.periods import value_period
from keshu.figures.entry.reading_cells import in_unit
from keshu.figures.entry.sheets import asks_estimate, rows_of
from keshu.figures.models import Measure
from keshu.figures.reading import RETURNED, UNREPORTED
from keshu.figures.values import ValueChange, record_values, standing
from keshu.journal.writing import current
from keshu.terms.quantity import convert, scale

ORIGIN = "sheet"


def report(sheet: Sheet, actor: Actor) -> None:
    """Record the values of the rows that were open: all of a first report, the named ones of a returned sheet. Inside a move."""
    rows = [row for row in rows_of(sheet.form) if row.is_typed and _was_open(sheet, row)]
    cells = {cell.row_id: cell for cell in Cell._base_manager.filter(sheet=sheet)}
    past = (
        past_of(sheet.form, rows, sheet.region, sheet.stretch) if any(derives(row) for row in rows) else None
    )
    release = release_of(sheet.form).pk
    by = _entered_by(sheet)
    changes = []
    for row in rows:
        cell = cells.get(row.pk)
        if cell is None:
            continue
        for period, scaled in _values(sheet, row, cell, past):
            changes.append(
                ValueChange(
                    measure_id=row.measure_id,
                    subject_id=sheet.region_id,
                    period=period,
                    release_id=release,
                    scaled=scaled,
                    missing=cell.absence if scaled is None else "",
                    note=cell.note,
                    origin=ORIGIN,
                    origin_pk=sheet.pk,
                    entered_by=by,
                )
            )
    record_values(current(), changes)
    _record_estimates(sheet, rows, cells, by)


def _was_open(sheet: Sheet, row: FormRow) -> bool:
    return sheet.open_rows is None or row.pk in sheet.open_rows


def _entered_by(sheet: Sheet) -> str:
    if sheet.entered_for:
        return f"{sheet.entered_by} 代录（{sheet.said_by}）"[:60]
    return sheet.filler


def derives(row: FormRow) -> bool:
    """Whether the row is typed the other way than its measure is kept, so that both have to be written."""
    kept = row.measure.typed
    return (
        row.measure.nature == Measure.Nature.FLOW
        and row.typed in (FormRow.Typed.CUMULATIVE, FormRow.Typed.SINGLE)
        and row.typed != kept
    )


def _values(sheet: Sheet, row: FormRow, cell: Cell, past: Past | None) -> Iterator[tuple[str, int | None]]:
    """(period code, scaled value) of what one cell records: as typed, and the measure's own way where that differs."""
    period = sheet.stretch
    own = value_period(row.typed, row.measure, period).code
    yield own, cell.scaled
    if past is None or not derives(row):
        return
    typed = in_unit(row, cell.scaled)
    before = Decimal(0) if past.previous is None else past.before.get(row.pk)
    other = period.to_date().code if row.typed == FormRow.Typed.SINGLE else period.code
    if other == own:
        return
    if typed is None or before is None:
        yield other, None
        return
    derived = before + typed if row.typed == FormRow.Typed.SINGLE else typed - before
    yield other, scale(convert(derived, row.unit, row.measure.unit), row.measure.decimals)


def _record_estimates(sheet: Sheet, rows: list[FormRow], cells: dict[int, Cell], by: str) -> None:
    period = sheet.stretch
    if not asks_estimate(sheet.form, period):
        return
    for row in rows:
        cell = cells.get(row.pk)
        if cell is None or cell.estimate_scaled is None:
            continue
        record_estimate(row, sheet.region, period, cell.estimate_scaled, by, sheet)


def retract(sheet: Sheet, rows: Collection[int] | None, why: str) -> None:
    """Take values back: of the named rows, or of all (None). ``why`` (已退回, 未报) stands in their place. Inside a move."""
    changes = []
    release = release_of(sheet.form).pk
    for row in rows_of(sheet.form):
        if row.is_typed and (rows is None or row.pk in rows):
            changes += [_change(sheet, row, period, release, missing=why) for period in _periods(sheet, row)]
    held = standing(change.key for change in changes)
    record_values(current(), [change for change in changes if change.key in held])


def verify(sheet: Sheet, actor: Actor) -> None:
    """Write who verified beside every value of the sheet as it stands. Inside a move."""
    changes = []
    release = release_of(sheet.form).pk
    for row in rows_of(sheet.form):
        if row.is_typed:
            changes += [_change(sheet, row, period, release) for period in _periods(sheet, row)]
    held = standing(change.key for change in changes)
    by = _entered_by(sheet)
    record_values(
        current(),
        [
            ValueChange(
                *change.key,
                scaled=held[change.key].scaled,
                missing=held[change.key].missing,
                note=held[change.key].note,
                origin=ORIGIN,
                origin_pk=sheet.pk,
                entered_by=by,
                verified_by=actor.name,
            )
            for change in changes
            if change.key in held and held[change.key].scaled is not None and not held[change.key].verified_by
        ],
    )


def _periods(sheet: Sheet, row: FormRow) -> list[str]:
    """The codes under which the row's values of this sheet stand."""
    period = sheet.stretch
    codes = [value_period(row.typed, row.measure, period).code]
    if derives(row):
        codes.append(period.to_date().code if row.typed == FormRow.Typed.SINGLE else period.code)
    return list(dict.fromkeys(codes))


def _change(sheet: Sheet, row: FormRow, period: str, release: int, missing: str = "") -> ValueChange:
    """A change that takes the value away; where a value stands it says under which key."""
    return ValueChange(
        measure_id=row.measure_id,
        subject_id=sheet.region_id,
        period=period,
        release_id=release,
        scaled=None,
        missing=missing,
        origin=ORIGIN,
        origin_pk=sheet.pk,
    )


WITHDRAWN, SENT_BACK = UNREPORTED, RETURNED
