"""The way of a sheet: 填表人 → 审核 → 单位负责人 → 市局核实, with sending back, withdrawing, returning rows, supplying late ones."""

from collections.abc import Iterable
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.figures.entry import recording
from keshu.figures.entry.cells import may_fill
from keshu.figures.entry.models import Cell, Form, FormRow, Sheet
from keshu.figures.entry.sheets import LATE_SUPPLY, content_of
from keshu.figures.entry.timeliness import record_on_time
from keshu.journal.writing import writing
from keshu.ledger.models import Evidence
from keshu.procedure.moving import MoveRefused, Procedure, Step, Transition, move
from keshu.terms import clock

S = Sheet.State
EDITABLE = frozenset({str(S.DRAFT), str(S.RETURNED), str(S.SUPPLYING)})


def _in_scope(actor: Actor, sheet: Sheet) -> bool:
    return actor.sees_all or sheet.region_id in actor.region_ids


def _may(capability: Can) -> Any:
    def who(actor: Actor, sheet: Sheet) -> bool:
        return actor.can(capability) and _in_scope(actor, sheet)

    return who


def _may_check(actor: Actor, sheet: Sheet) -> bool:
    return (actor.can(Can.REVIEW_MONTH) or actor.can(Can.SIGN_MONTH)) and _in_scope(actor, sheet)


def _may_withdraw(actor: Actor, sheet: Sheet) -> bool:
    return may_fill(actor, sheet) or (actor.can(Can.SIGN_MONTH) and _in_scope(actor, sheet))


def _may_report_for(actor: Actor, sheet: Sheet) -> bool:
    return sheet.entered_for and actor.can(Can.ENTER_FOR_OTHERS)


def _complete(sheet: Sheet, actor: Actor) -> str | None:
    """Nothing red, nothing empty, nothing without its words."""
    open_points = content_of(sheet).examination.open
    if not open_points:
        return None
    return f"还差 {len(open_points)} 处：{open_points[0].text}"


def _has_evidence(sheet: Sheet, actor: Actor) -> str | None:
    """代录 stands on a received file."""
    held = (
        Evidence.objects.for_system("代录佐证").filter(model=Sheet._meta.label, object_pk=sheet.pk).exists()
    )
    return None if held else "代录要有收到的文件作佐证：传真、盖章件或对方发来的表。先附上再报。"


def _has_late_supply(sheet: Sheet, actor: Actor) -> str | None:
    return (
        None if _missing_rows(sheet) else "这张表没有写“未发布”的行，不用补报。要改已报的数，请申请追溯调整。"
    )


def _missing_rows(sheet: Sheet) -> list[int]:
    cells = Cell._base_manager.filter(sheet=sheet, absence=LATE_SUPPLY)
    return sorted(cells.values_list("row_id", flat=True))


def _filled(sheet: Any, step: Step) -> None:
    sheet.filler = step.actor.name


def _reviewed(sheet: Any, step: Step) -> None:
    sheet.reviewer = step.actor.name


def _signed(sheet: Any, step: Step) -> None:
    sheet.head = step.actor.name
    _reported(sheet, step.actor)


def _reported_for(sheet: Any, step: Step) -> None:
    sheet.entered_by = step.actor.name
    _reported(sheet, step.actor)


def _reported(sheet: Sheet, actor: Actor) -> None:
    """Values out; the first report decides whether it was in time."""
    # Reports of one form are counted one after the other, so that each sees the others' (on-time rate).
    Form._base_manager.select_for_update().get(pk=sheet.form_id)
    now = clock.now()
    recording.report(sheet, actor)
    if sheet.reported_at is None:
        sheet.reported_at = now
        sheet.is_late = now > sheet.due_at
    sheet.last_reported_at = now
    sheet.open_rows = None
    sheet.return_note = sheet.returned_by = ""
    record_on_time(sheet)


def _sent_back(sheet: Any, step: Step) -> None:
    sheet.return_note, sheet.returned_by = step.note, step.actor.name
    sheet.reviewer = sheet.head = ""


def _withdrawn(sheet: Any, step: Step) -> None:
    """Back on the clerk's desk; a first report is undone, a repeated one leaves the named rows open."""
    sheet.reviewer = sheet.head = ""


def _withdrawn_signed(sheet: Any, step: Step) -> None:
    _withdrawn(sheet, step)
    recording.retract(sheet, None, recording.WITHDRAWN)
    if sheet.last_reported_at == sheet.reported_at:  # a repeated report keeps the moment of the first
        sheet.reported_at = sheet.last_reported_at = None
        sheet.is_late = False


def _verified(sheet: Any, step: Step) -> None:
    sheet.verified_by, sheet.verified_at = step.actor.name, clock.now()
    recording.verify(sheet, step.actor)


def _returned(sheet: Any, step: Step) -> None:
    sheet.return_note, sheet.returned_by = step.note, step.actor.name
    sheet.verified_by, sheet.verified_at = "", None
    sheet.reviewer = sheet.head = ""
    recording.retract(sheet, sheet.open_rows, recording.SENT_BACK)


def _supplying(sheet: Any, step: Step) -> None:
    sheet.open_rows = _missing_rows(sheet)
    sheet.verified_by, sheet.verified_at = "", None
    sheet.reviewer = sheet.head = ""


def _states(*states: object) -> frozenset[str]:
    return frozenset(str(state) for state in states)


FLOW = Procedure(
    code="monthly-sheet",
    version="1",
    states=dict(S.choices),
    transitions=(
        Transition(
            "hand_in",
            "送审核",
            EDITABLE,
            str(S.FILLED),
            lambda a, s: may_fill(a, s) and not s.entered_for,
            (_complete,),
            _filled,
        ),
        Transition(
            "review", "审核通过", _states(S.FILLED), str(S.REVIEWED), _may(Can.REVIEW_MONTH), (), _reviewed
        ),
        Transition(
            "sign", "报市局", _states(S.REVIEWED), str(S.SIGNED), _may(Can.SIGN_MONTH), (_complete,), _signed
        ),
        Transition(
            "send_back",
            "退给填表人",
            _states(S.FILLED, S.REVIEWED),
            str(S.DRAFT),
            _may_check,
            (),
            _sent_back,
            True,
        ),
        Transition(
            "take_back", "撤回", _states(S.FILLED, S.REVIEWED), str(S.DRAFT), _may_withdraw, (), _withdrawn
        ),
        Transition(
            "withdraw", "撤回报出", _states(S.SIGNED), str(S.DRAFT), _may_withdraw, (), _withdrawn_signed
        ),
        Transition(
            "report_for",
            "代报",
            EDITABLE,
            str(S.SIGNED),
            _may_report_for,
            (_complete, _has_evidence),
            _reported_for,
        ),
        Transition(
            "verify", "核实", _states(S.SIGNED), str(S.VERIFIED), _may(Can.VERIFY_MONTH), (), _verified
        ),
        Transition(
            "return",
            "退回",
            _states(S.SIGNED, S.VERIFIED),
            str(S.RETURNED),
            _may(Can.VERIFY_MONTH),
            (),
            _returned,
            True,
        ),
        Transition(
            "supply",
            "补报",
            _states(S.SIGNED, S.VERIFIED),
            str(S.SUPPLYING),
            may_fill,
            (_has_late_supply,),
            _supplying,
        ),
    ),
)


def act(sheet: Sheet, action: str, actor: Actor, *, note: str = "", expected: str | None = None) -> Sheet:
    """Take one step of the flow; the fresh sheet. Raises MoveRefused (还差 n 处 …), NotYourTurn, StaleState."""
    done = move(sheet, action, actor, procedure=FLOW, note=note, expected=expected)
    assert isinstance(done, Sheet)
    return done


def hand_in(sheet: Sheet, actor: Actor) -> Sheet:
    """送审核."""
    return act(sheet, "hand_in", actor)


def review(sheet: Sheet, actor: Actor) -> Sheet:
    """审核通过."""
    return act(sheet, "review", actor)


def sign(sheet: Sheet, actor: Actor) -> Sheet:
    """报市局: the values are recorded, the time of report is taken."""
    return act(sheet, "sign", actor)


def report_for(sheet: Sheet, actor: Actor) -> Sheet:
    """代报: the city reports what it entered for a county or department."""
    return act(sheet, "report_for", actor)


def verify(sheet: Sheet, actor: Actor) -> Sheet:
    """市局核实."""
    return act(sheet, "verify", actor)


def withdraw(sheet: Sheet, actor: Actor) -> Sheet:
    """Take back before the city has verified."""
    return act(sheet, "withdraw" if sheet.state == S.SIGNED else "take_back", actor)


def may_supply(sheet: Sheet) -> bool:
    """Whether a reported sheet has rows whose figures were not out yet."""
    return sheet.state in (S.SIGNED, S.VERIFIED) and bool(_missing_rows(sheet))


def action_name(action: str) -> str:
    """What a step is called, for the history of a sheet."""
    return next((t.label for t in FLOW.transitions if t.action == action), action)


def supply(sheet: Sheet, actor: Actor) -> Sheet:
    """补报: the authority has published by now; only the rows that said 未发布 are open, and the sheet stays in time."""
    return act(sheet, "supply", actor)


def return_sheet(
    sheet: Sheet, actor: Actor, rows: Iterable[FormRow], reason: str, *, expected: str | None = None
) -> Sheet:
    """退回: name the rows and say why. Only these are open again, their values are retracted, the rest stays locked and counted."""
    named = sorted({row.pk for row in rows if row.is_typed})
    if not named:
        raise MoveRefused("退回要点明是哪几行，其余的留着不动。勾上要改的行再退。")
    with writing(actor, f"退回 {sheet}"):
        locked = Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        if expected is None or locked.state == expected:
            locked.open_rows = named
            locked.save()
        return act(locked, "return", actor, note=reason, expected=expected)


def confirm_entry(sheet: Sheet, actor: Actor) -> Sheet:
    """The county confirms what the city entered for it; until then the sheet is marked 待确认."""
    with writing(actor, f"确认代录 {sheet}"):
        locked = Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        if not locked.entered_for or actor.sees_all or not _in_scope(actor, locked):
            raise MoveRefused("只有被代录的单位能确认。请由本县的人来确认。")
        locked.confirmed_by = actor.name
        locked.save()
    return locked
