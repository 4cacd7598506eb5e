"""Typing into a sheet: saved as typed, one cell at a time, safe with two writers. Cells are drafts and take no revision."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from django.db import transaction

from keshu.directory.actors import Actor, Can
from keshu.figures.entry.models import Cell, FormRow, Sheet
from keshu.figures.entry.past import past_of
from keshu.figures.entry.reading_cells import read_cell
from keshu.figures.entry.sheets import ABSENCES, rows_of
from keshu.terms import clock
from keshu.terms.quantity import plain


class CellLocked(PermissionError):
    """The row cannot be typed now: the sheet is on its way, or only other rows were returned."""


class CellConflict(ValueError):
    """Somebody else changed the cell since it was read; ``cell`` is what stands now."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        stands = cell.text or cell.absence or "空着"
        super().__init__(f"{cell.changed_by} 已改成“{stands}”，您写的还没有存。看过以后再选用哪一个。")


class TooLong(ValueError):
    """More text than a cell holds."""


class UnknownReason(ValueError):
    """No such reason for a missing number."""


class NothingToDerive(ValueError):
    """零报告 on a cumulative row whose last cumulative is not known."""


@dataclass(frozen=True)
class CellChange:
    """What to change in a cell; None leaves a part as it is. A text clears the reason, a reason clears the text."""

    text: str | None = None
    estimate: str | None = None
    note: str | None = None
    absence: str | None = None
    zero: bool = False


def may_fill(actor: Actor, sheet: Sheet) -> bool:
    """Whether the actor types in this sheet: the county's own clerk, or the city where it is entered for the county."""
    if sheet.entered_for and actor.can(Can.ENTER_FOR_OTHERS):
        return True
    return actor.can(Can.FILL_MONTH) and (actor.sees_all or sheet.region_id in actor.region_ids)


def change_cell(
    sheet: Sheet, row: FormRow, actor: Actor, change: CellChange, *, version: int | None = None
) -> Cell:
    """Apply a change under the sheet's lock and return the cell.

    ``version`` is what the writer saw; another one by now raises CellConflict and changes nothing, unless what stands is what
    was to be written (None: no comparison, for loaders). Raises CellLocked when the row is not open to the actor, TooLong.
    """
    with transaction.atomic():
        held = Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        _check_open(held, row, actor)
        cell = Cell._base_manager.select_for_update().filter(sheet=held, row=row).first()
        if cell is None:
            cell = Cell(sheet=held, row=row)
        if version is not None and version != cell.version:
            # The same again (a request that was sent twice, two clerks with one table) is no conflict.
            if _apply(copy(cell), row, change):
                raise CellConflict(cell)
            return cell
        if _apply(cell, row, change):
            cell.version += 1
            cell.changed_by = actor.name
            cell.changed_at = clock.now()
            cell.save()
    return cell


def _check_open(sheet: Sheet, row: FormRow, actor: Actor) -> None:
    if not may_fill(actor, sheet):
        raise CellLocked(f"{actor.name} 不能填这张表。请由{sheet.region.short_name}的填表人来填。")
    if row.form_id != sheet.form_id or not row.is_typed:
        raise CellLocked(f"“{row.label}”不用填，由台账汇总。数不对请在台账里改。")
    if not sheet.is_open(row):
        if sheet.state in (Sheet.State.RETURNED, Sheet.State.SUPPLYING, Sheet.State.DRAFT):
            raise CellLocked(f"“{row.label}”没有被退回，不能改。要改请和市局说，让他把这一行一并退回。")
        state = Sheet.State(sheet.state).label
        raise CellLocked(f"这张表现在是“{state}”，不能改。要改请先撤回，或请经办的人退回。")


def _apply(cell: Cell, row: FormRow, change: CellChange) -> bool:
    """Change the cell in memory; whether anything differs."""
    before = (cell.text, cell.absence, cell.zero, cell.note, cell.estimate_text)
    if change.absence is not None:
        if change.absence and change.absence not in ABSENCES:
            raise UnknownReason(f"没有“{change.absence}”这个原因。可选：{'、'.join(ABSENCES)}。")
        cell.absence = change.absence
        if change.absence:
            cell.text, cell.scaled, cell.zero = "", None, False
    if change.text is not None:
        cell.text = _fitting(change.text, 60)
        cell.scaled = read_cell(row, cell.text).scaled
        cell.zero = change.zero
        cell.absence = "" if cell.text else cell.absence
    if change.estimate is not None:
        cell.estimate_text = _fitting(change.estimate, 60)
        cell.estimate_scaled = read_cell(row, cell.estimate_text).scaled
    if change.note is not None:
        cell.note = _fitting(change.note, 200)
    return before != (cell.text, cell.absence, cell.zero, cell.note, cell.estimate_text)


def _fitting(text: str, most: int) -> str:
    text = " ".join(text.split())
    if len(text) > most:
        raise TooLong(f"写了 {len(text)} 个字，最多 {most} 个。写短一点，长的附在佐证里。")
    return text


def type_cell(sheet: Sheet, row: FormRow, actor: Actor, text: str, *, version: int | None = None) -> Cell:
    """Type a text as the clerk writes it ("1980", "-35", "3000万元"); unreadable text is kept and told by the checks."""
    return change_cell(sheet, row, actor, CellChange(text=text), version=version)


def give_reason(sheet: Sheet, row: FormRow, actor: Actor, reason: str, *, version: int | None = None) -> Cell:
    """Say why there is no number (one of ABSENCES)."""
    return change_cell(sheet, row, actor, CellChange(absence=reason), version=version)


def write_note(sheet: Sheet, row: FormRow, actor: Actor, note: str, *, version: int | None = None) -> Cell:
    """Words that travel with the figure."""
    return change_cell(sheet, row, actor, CellChange(note=note), version=version)


def type_estimate(sheet: Sheet, row: FormRow, actor: Actor, text: str, *, version: int | None = None) -> Cell:
    """全年预计数 as typed."""
    return change_cell(sheet, row, actor, CellChange(estimate=text), version=version)


def report_zero(sheet: Sheet, row: FormRow, actor: Actor, *, version: int | None = None) -> Cell:
    """零报告: nothing happened in the period, said on purpose. A month gets 0, a cumulative stays at last period's.

    Raises NothingToDerive where the last cumulative is not held.
    """
    return change_cell(
        sheet, row, actor, CellChange(text=_zero_text(sheet, [row])[row.pk], zero=True), version=version
    )


def report_all_zero(sheet: Sheet, actor: Actor) -> list[Cell]:
    """全表零报告: every open row that is still empty gets its zero; what was typed stays. All or nothing."""
    rows = rows_of(sheet.form)
    with transaction.atomic():
        held = Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        filled = {cell.row_id for cell in Cell._base_manager.filter(sheet=held) if not cell.is_empty}
        empty = [row for row in rows if row.pk not in filled and held.is_open(row)]
        texts = _zero_text(held, empty)
        return [change_cell(held, row, actor, CellChange(text=texts[row.pk], zero=True)) for row in empty]


def _zero_text(sheet: Sheet, rows: Sequence[FormRow]) -> dict[int, str]:
    """What a zero reads as in each row."""
    cumulative = [row for row in rows if row.typed == FormRow.Typed.CUMULATIVE]
    texts = {row.pk: "0" for row in rows}
    if not cumulative:
        return texts
    past = past_of(sheet.form, cumulative, sheet.region, sheet.stretch)
    if past.previous is None:
        return texts
    for row in cumulative:
        stands = past.before.get(row.pk)
        if stands is None:
            raise NothingToDerive(
                f"“{row.label}”填累计，{past.previous.to_date().short_label}没有数，零报告不知道从哪里起算。请直接填累计数，或选原因。"
            )
        texts[row.pk] = plain(stands)
    return texts


def paste_column(
    sheet: Sheet,
    start: FormRow,
    actor: Actor,
    texts: Sequence[str],
    *,
    versions: dict[int, int] | None = None,
) -> list[Cell]:
    """Lay a copied column over the open typed rows from ``start`` on; rows the registers fill are passed over with their line.

    A blank line leaves its cell as it is. All or nothing: a conflict on one cell changes none.
    """
    rows = [row for row in rows_of(sheet.form) if row.order >= start.order]
    with transaction.atomic():
        Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        changed = []
        for row, text in zip(rows, texts, strict=False):
            if not row.is_typed or not text.strip():
                continue
            version = versions.get(row.pk) if versions is not None else None
            changed.append(change_cell(sheet, row, actor, CellChange(text=text), version=version))
    return changed


@dataclass(frozen=True)
class Fill:
    """One cell of an uploaded workbook, as it was previewed; ``seen`` is the version of the cell then."""

    row: FormRow
    text: str
    note: str = ""
    estimate: str = ""
    seen: int | None = None


def fill_cells(sheet: Sheet, actor: Actor, fills: Sequence[Fill]) -> list[Cell]:
    """Put a previewed workbook into the cells, all or nothing: a cell changed since the preview raises CellConflict."""
    with transaction.atomic():
        Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        changed = []
        for fill in fills:
            absent = fill.text in ABSENCES
            change = CellChange(
                text=None if absent else fill.text,
                absence=fill.text if absent else None,
                note=fill.note,
                estimate=fill.estimate,
            )
            changed.append(change_cell(sheet, fill.row, actor, change, version=fill.seen))
    return changed
