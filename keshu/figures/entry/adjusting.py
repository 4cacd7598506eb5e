"""追溯调整: a value of an earlier period, old → new, asked with a reason by the county, verified or refused by the city."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry import recording
from keshu.figures.entry.models import Adjustment, Form, FormRow, Sheet
from keshu.figures.entry.past import release_of
from keshu.figures.entry.periods import read, value_period
from keshu.figures.entry.reading_cells import in_unit, read_cell, shown_in
from keshu.figures.values import Key, ValueChange, record_values, standing
from keshu.journal.writing import current, writing
from keshu.procedure.moving import Procedure, Step, Transition, move
from keshu.terms import clock
from keshu.terms.period import Period

A = Adjustment.State
#: A sheet that is with the city: its figures are out.
OUT = (Sheet.State.SIGNED, Sheet.State.VERIFIED)
REASON_MOST = 150
#: The origin of a value that an adjustment changed.
ADJUSTED = "adjustment"


class NotAdjustable(ValueError):
    """The figure cannot be adjusted in this way; the message says what to do instead."""


@dataclass(frozen=True)
class Wanted:
    """A change that could be asked for: scaled values of one row and period, and what lies after it."""

    row: FormRow
    region: Region
    stretch: Period
    old: int | None
    new: int
    later: tuple["Later", ...]


@dataclass(frozen=True)
class Later:
    """A later period of the year, reported already, whose cumulative contains the old figure (scaled values).

    ``needed`` is the cumulative with the same difference added; ``month`` is the period's own amount as it reads now and
    ``month_alone`` as it would read if only the earlier period were changed (None where it stays).
    """

    period: Period
    standing: int
    needed: int
    month: int
    month_alone: int | None
    asked: bool


def wanted(
    form: Form, region: Region, row: FormRow, period: str, new: str, reason: str, actor: Actor
) -> Wanted:
    """Look at an adjustment before it is asked for. ``period`` names the form's earlier period, ``new`` is typed like a cell.

    Raises NotAdjustable with what to do instead.
    """
    stretch = read(form, period)
    if not (actor.can(Can.FILL_MONTH) and (actor.sees_all or region.pk in actor.region_ids)):
        raise NotAdjustable(f"{actor.name} 不能为{region.short_name}申请追溯调整。请由该县的填表人申请。")
    if not row.is_typed:
        raise NotAdjustable(f"“{row.label}”由台账汇总，请在台账里更正，这里会跟着变。")
    found = read_cell(row, new)
    if found.scaled is None:
        raise NotAdjustable(found.problem or "没有写新数。写上调整后的数。")
    if not reason.strip():
        raise NotAdjustable("追溯调整要写明原因：哪里错了，依据是什么。")
    if len(reason) > REASON_MOST:
        raise NotAdjustable(f"原因写了 {len(reason)} 个字，最多 {REASON_MOST} 个。写短一点，长的附在佐证里。")
    sheet = Sheet.objects.for_system("追溯调整").filter(form=form, region=region, period=stretch.code).first()
    if sheet is None or sheet.state not in OUT:
        raise NotAdjustable(f"{stretch.label}还没有报出，或正在改。直接在那张表里改。")
    old = _standing(row, region.pk, [stretch]).get(stretch)
    if old == found.scaled:
        raise NotAdjustable(f"新数和原数都是 {shown_in(row, in_unit(row, old))}，没有要调整的。")
    return Wanted(
        row, region, stretch, old, found.scaled, later_of(row, region.pk, stretch, old, found.scaled)
    )


def later_of(row: FormRow, region_pk: int, stretch: Period, old: int | None, new: int) -> tuple[Later, ...]:
    """Later periods of the year whose reported cumulative contains ``old``; none for a month typed by itself, whose
    cumulatives are sums and follow, and none for a stock."""
    if row.typed != FormRow.Typed.CUMULATIVE or old is None:
        return ()
    after = _reported_after(row.form, region_pk, stretch)
    held = _standing(row, region_pk, after)
    asked = set(
        Adjustment.objects.for_system("追溯调整")
        .filter(row=row, region_id=region_pk, period__in=[one.code for one in after], state=A.ASKED)
        .values_list("period", flat=True)
    )
    found, before = [], old
    for number, period in enumerate(after):
        standing_now = held.get(period)
        if standing_now is None:
            continue
        alone = standing_now - new if number == 0 else None
        found.append(
            Later(
                period,
                standing_now,
                standing_now + new - old,
                standing_now - before,
                alone,
                period.code in asked,
            )
        )
        before = standing_now
    return tuple(found)


def _reported_after(form: Form, region_pk: int, stretch: Period) -> list[Period]:
    """The later periods of the same year whose sheets are with the city, in order."""
    sheets = Sheet.objects.for_system("追溯调整").filter(form=form, region_id=region_pk, state__in=OUT)
    periods = [sheet.stretch for sheet in sheets.filter(period__startswith=str(stretch.year))]
    return sorted((one for one in periods if one.end > stretch.end), key=lambda one: one.end)


def ask(
    form: Form,
    region: Region,
    row: FormRow,
    period: str,
    new: str,
    reason: str,
    actor: Actor,
    carry: Collection[str] = (),
) -> Adjustment:
    """Ask for an adjustment; the later periods named in ``carry`` (codes) are asked for with the same difference.

    All or nothing; the returned one is the first. Raises NotAdjustable.
    """
    found = wanted(form, region, row, period, new, reason, actor)
    with writing(actor, f"申请追溯调整 {row.label} {found.stretch.code}"):
        first = _asked(found, found.stretch, found.old, found.new, reason.strip(), actor)
        for later in found.later:
            if later.period.code in carry:
                words = f"随{found.stretch.short_label}追溯调整：{reason.strip()}"[:REASON_MOST]
                _asked(found, later.period, later.standing, later.needed, words, actor)
    return first


def _asked(
    found: Wanted, stretch: Period, old: int | None, new: int, reason: str, actor: Actor
) -> Adjustment:
    waiting = Adjustment.objects.for_system("追溯调整").filter(
        row=found.row, region=found.region, period=stretch.code, state=A.ASKED
    )
    if waiting.exists():
        raise NotAdjustable(f"{stretch.short_label}这一格已有一份调整在等市局核实。等核实以后再申请。")
    asked = Adjustment(
        row=found.row,
        region=found.region,
        period=stretch.code,
        old=old,
        new=new,
        reason=reason,
        asked_by=actor.name,
        asked_at=clock.now(),
    )
    asked.save()
    return asked


def _key(row: FormRow, region_pk: int, stretch: Period) -> Key:
    return (
        row.measure_id,
        region_pk,
        value_period(row.typed, row.measure, stretch).code,
        release_of(row.form).pk,
    )


def _standing(row: FormRow, region_pk: int, stretches: Iterable[Period]) -> dict[Period, int]:
    """What stands under the form's release, scaled, by period; periods without a number are left out."""
    keys = {stretch: _key(row, region_pk, stretch) for stretch in stretches}
    held = standing(keys.values())
    found = {stretch: held[key].scaled for stretch, key in keys.items() if key in held}
    return {stretch: scaled for stretch, scaled in found.items() if scaled is not None}


def _in_house(actor: Actor, adjustment: Any) -> bool:
    return actor.can(Can.VERIFY_MONTH) and (actor.sees_all or adjustment.region_id in actor.region_ids)


def _verified(adjustment: Any, step: Step) -> None:
    """The new value becomes the next version under the form's release, with what the house derived from the old one; sheets
    already issued are not touched, nor is what was typed in later ones."""
    row = FormRow.objects.select_related("measure", "form").get(pk=adjustment.row_id)
    stretch = adjustment.stretch
    now = _standing(row, adjustment.region_id, [stretch]).get(stretch)
    wanted_now = {_key(row, adjustment.region_id, stretch): adjustment.new}
    if now is not None and recording.derives(row):
        wanted_now |= _derived(row, adjustment.region_id, stretch, adjustment.new - now)
    changes = []
    for (measure, subject, period, release), scaled in wanted_now.items():
        changes.append(
            ValueChange(
                measure_id=measure,
                subject_id=subject,
                period=period,
                release_id=release,
                scaled=scaled,
                note=f"追溯调整：{adjustment.reason}",
                origin=ADJUSTED,
                origin_pk=adjustment.pk,
                entered_by=adjustment.asked_by,
                verified_by=step.actor.name,
            )
        )
    record_values(current(), changes)
    _answered(adjustment, step)


def _derived(row: FormRow, region_pk: int, stretch: Period, difference: int) -> dict[Key, int]:
    """What was derived from the old figure, with the difference: the cumulatives from here on of a month typed by itself; the
    month, and the month after it the other way, of a cumulative."""
    release = release_of(row.form).pk
    after = _reported_after(row.form, region_pk, stretch)
    if row.typed == FormRow.Typed.SINGLE:
        shifts = {one.to_date().code: difference for one in (stretch, *after)}
    else:
        shifts = {stretch.code: difference} | {one.code: -difference for one in after[:1]}
    keys = {(row.measure_id, region_pk, code, release): shift for code, shift in shifts.items()}
    held = standing(keys)
    found = {key: (held[key].scaled, shift) for key, shift in keys.items() if key in held}
    return {key: scaled + shift for key, (scaled, shift) in found.items() if scaled is not None}


def _answered(adjustment: Any, step: Step) -> None:
    adjustment.answered_by, adjustment.answered_at, adjustment.answer = (
        step.actor.name,
        clock.now(),
        step.note[:200],
    )


ADJUSTING = Procedure(
    code="adjustment",
    version="1",
    states=dict(A.choices),
    transitions=(
        Transition("verify", "核实", frozenset({str(A.ASKED)}), str(A.VERIFIED), _in_house, (), _verified),
        Transition(
            "refuse", "不同意", frozenset({str(A.ASKED)}), str(A.REFUSED), _in_house, (), _answered, True
        ),
    ),
)


def verify_adjustment(adjustment: Adjustment, actor: Actor, note: str = "") -> Adjustment:
    """The city agrees: the value changes from now on, with the reason beside it."""
    done = move(adjustment, "verify", actor, procedure=ADJUSTING, note=note)
    assert isinstance(done, Adjustment)
    return done


def refuse_adjustment(adjustment: Adjustment, actor: Actor, reason: str) -> Adjustment:
    """The city does not agree and says why; nothing changes."""
    done = move(adjustment, "refuse", actor, procedure=ADJUSTING, note=reason)
    assert isinstance(done, Adjustment)
    return done


def adjustments_of(form: Form, region: Region, periods: Iterable[str]) -> list[Adjustment]:
    """The adjustments of a region's periods, oldest first, rows loaded."""
    rows = Adjustment.objects.for_system("填报页").filter(
        row__form=form, region=region, period__in=list(periods)
    )
    return list(rows.select_related("row__measure", "row__form", "region").order_by("asked_at", "pk"))


def adjustable(form: Form, region: Region) -> list[Period]:
    """The periods whose figures are out and can only be adjusted, newest first, of this year and the last."""
    sheets = Sheet.objects.for_system("追溯调整").filter(form=form, region=region, state__in=OUT)
    since = str(clock.today().year - 1)
    periods = [
        Period.parse(code) for code in sheets.filter(period__gte=since).values_list("period", flat=True)
    ]
    return sorted(periods, key=lambda one: one.end, reverse=True)


def sentence(adjustment: Adjustment) -> str:
    """What changed, why, who asked, who verified when."""
    row = adjustment.row
    old = shown_in(row, in_unit(row, adjustment.old)) or "没有数"
    new = shown_in(row, in_unit(row, adjustment.new))
    words = f"{adjustment.stretch.short_label}{row.name} {old} → {new} {row.unit}，原因“{adjustment.reason}”，{adjustment.asked_by} 申请"
    if adjustment.state == A.ASKED:
        return f"{words}，等市局核实"
    at = adjustment.answered_at.astimezone(clock.TZ) if adjustment.answered_at else None
    did = "核实" if adjustment.state == A.VERIFIED else f"不同意（{adjustment.answer}）"
    return f"{words}，{adjustment.answered_by} {at:%m-%d} {did}" if at else words


def contained(adjustment: Adjustment) -> str:
    """For one that waits: which later periods already reported contain the old figure and are not asked for as well; empty
    when there is none."""
    if adjustment.state != A.ASKED:
        return ""
    row = adjustment.row
    later = later_of(row, adjustment.region_id, adjustment.stretch, adjustment.old, adjustment.new)
    words = [
        f"{one.period.short_label} {shown_in(row, in_unit(row, one.standing))}（应为 {shown_in(row, in_unit(row, one.needed))}）"
        for one in later
        if not one.asked
    ]
    return f"后面已报的累计含原数，没有一并申请：{'、'.join(words)}" if words else ""
