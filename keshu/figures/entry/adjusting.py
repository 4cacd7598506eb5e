"""追溯调整: a value of an earlier period, old → new, asked with a reason by the county, verified or refused by the city."""

from collections.abc import Iterable
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry.models import Adjustment, Form, FormRow, Sheet
from keshu.figures.entry.past import release_of
from keshu.figures.entry.periods import read, value_period
from keshu.figures.entry.reading_cells import in_unit, read_cell, shown_in
from keshu.figures.values import ValueChange, record_values, standing
from keshu.journal.writing import current, writing
from keshu.procedure.moving import Procedure, Transition, move
from keshu.terms import clock
from keshu.terms.period import Period

A = Adjustment.State
REASON_MOST = 150


class NotAdjustable(ValueError):
    """The figure cannot be adjusted in this way; the message says what to do instead."""


def ask(
    form: Form, region: Region, row: FormRow, period: str, new: str, reason: str, actor: Actor
) -> Adjustment:
    """Ask for an adjustment. ``period`` names the form's earlier period, ``new`` is typed like a cell. Raises NotAdjustable."""
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
    if sheet is None or sheet.state not in (Sheet.State.SIGNED, Sheet.State.VERIFIED):
        raise NotAdjustable(f"{stretch.label}还没有报出，或正在改。直接在那张表里改。")
    old = _standing(row, region, stretch)
    if old == found.scaled:
        raise NotAdjustable(f"新数和原数都是 {shown_in(row, in_unit(row, old))}，没有要调整的。")
    with writing(actor, f"申请追溯调整 {row.label} {stretch.code}"):
        waiting = Adjustment.objects.for_system("追溯调整").filter(
            row=row, region=region, period=stretch.code, state=A.ASKED
        )
        if waiting.exists():
            raise NotAdjustable("这一格已有一份调整在等市局核实。等核实以后再申请。")
        asked = Adjustment(
            row=row,
            region=region,
            period=stretch.code,
            old=old,
            new=found.scaled,
            reason=reason.strip(),
            asked_by=actor.name,
            asked_at=clock.now(),
        )
        asked.save()
    return asked


def _key(row: FormRow, region_pk: int, stretch: Period) -> tuple[int, int, str, int]:
    return (
        row.measure_id,
        region_pk,
        value_period(row.typed, row.measure, stretch).code,
        release_of(row.form).pk,
    )


def _standing(row: FormRow, region: Region, stretch: Period) -> int | None:
    key = _key(row, region.pk, stretch)
    held = standing([key]).get(key)
    return held.scaled if held else None


def _in_house(actor: Actor, adjustment: Any) -> bool:
    return actor.can(Can.VERIFY_MONTH) and (actor.sees_all or adjustment.region_id in actor.region_ids)


def _verified(adjustment: Any, actor: Actor, note: str) -> None:
    """The new value becomes the next version under the form's release; sheets already issued are not touched."""
    row = FormRow.objects.select_related("measure", "form").get(pk=adjustment.row_id)
    measure, subject, period, release = _key(row, adjustment.region_id, adjustment.stretch)
    record_values(
        current(),
        [
            ValueChange(
                measure_id=measure,
                subject_id=subject,
                period=period,
                release_id=release,
                scaled=adjustment.new,
                note=f"追溯调整：{adjustment.reason}",
                origin="adjustment",
                origin_pk=adjustment.pk,
                entered_by=adjustment.asked_by,
                verified_by=actor.name,
            )
        ],
    )
    _answered(adjustment, actor, note)


def _answered(adjustment: Any, actor: Actor, note: str) -> None:
    adjustment.answered_by, adjustment.answered_at, adjustment.answer = actor.name, clock.now(), note[:200]


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


def sentence(adjustment: Adjustment) -> str:
    """What changed, why, who asked, who verified when."""
    row = adjustment.row
    old = shown_in(row, in_unit(row, adjustment.old)) or "没有数"
    new = shown_in(row, in_unit(row, adjustment.new))
    words = f"{adjustment.stretch.short_label}{row.label} {old} → {new} {row.unit}，原因“{adjustment.reason}”，{adjustment.asked_by} 申请"
    if adjustment.state == A.ASKED:
        return f"{words}，等市局核实"
    at = adjustment.answered_at.astimezone(clock.TZ) if adjustment.answered_at else None
    did = "核实" if adjustment.state == A.VERIFIED else f"不同意（{adjustment.answer}）"
    return f"{words}，{adjustment.answered_by} {at:%m-%d} {did}" if at else words
