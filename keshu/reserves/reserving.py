"""The procedure of a reserve entry: proposed, recommended, entered, confirmed once a year, converted or taken out; and its sheet."""

from datetime import date
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.ledger.drafts import Draft
from keshu.ledger.numbering import next_number
from keshu.ledger.records import Record
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.programmes.dating import add_months, ruled
from keshu.programmes.models import Application, Field, Level
from keshu.programmes.steps.who import STANDING, at, handles, own
from keshu.reserves.filling import (
    LONG,
    Form,
    Given,
    Question,
    fill,
    for_others,
    place,
    unit_question,
    written,
)
from keshu.reserves.models import Reserve, Stage
from keshu.reserves.whose import recommends
from keshu.terms import clock

S = Reserve.State
#: States in which an application no longer stands for anything: the entry may be converted again.
IN_VAIN = (Application.State.REFUSED, Application.State.NOT_CHOSEN, Application.State.REVOKED)


def applications(reserve: Reserve) -> list[Application]:
    """The applications that came from an entry and still stand, newest first."""
    if not reserve.number:
        return []
    rows = Application.objects.for_system("储备转申报").filter(reserve_number=reserve.number)
    return list(rows.exclude(state__in=IN_VAIN).order_by("-pk"))


def is_stale(reserve: Reserve) -> bool:
    """Whether an entry in reserve was not confirmed within the time of the dated rule (年度确认)."""
    return reserve.state == S.HELD and reserve.confirm_by is not None and clock.today() > reserve.confirm_by


def confirm_by(on: date) -> date:
    """Until when an entry confirmed on a day stands unquestioned."""
    return add_months(on, int(ruled("deadline", "reserve-confirm", on)["months"]))


def _keeps(actor: Actor, record: Any) -> bool:
    return own(actor, record) or recommends(actor, record) or handles(actor, record)


def _converts(actor: Actor, record: Any) -> bool:
    return handles(actor, record) and any(row.state in STANDING for row in applications(record))


def _not_applied_for(record: Any, actor: Actor) -> str | None:
    found = applications(record)
    return f"已经用它申报了 {found[0].number or found[0].title}，不能撤回。" if found else None


def _enter(record: Any, step: Step) -> None:
    on: date = step.given.get("on") or clock.today()
    if on > clock.today():
        raise MoveRefused(f"入库日期 {on} 还没到。改成今天或以前。")
    record.entered_on = record.counts_on = record.confirmed_on = on
    record.confirm_by = confirm_by(on)
    record.number = next_number("CB", on.year)


def _confirm(record: Any, step: Step) -> None:
    record.confirmed_on = clock.today()
    record.confirm_by = confirm_by(clock.today())
    if step.given.get("progress"):
        record.progress = step.given["progress"]


def _leave(record: Any, step: Step) -> None:
    if record.entered_on is not None:
        record.left_on = clock.today()
    record.left_why = step.note[:200]


def _convert(record: Any, step: Step) -> None:
    approved = next(row for row in applications(record) if row.state in STANDING)
    record.application_number, record.left_on = approved.number, clock.today()
    record.left_why = f"已立项 {approved.number}"


PROCEDURE = Procedure(
    code="储备项目",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition("recommend", "推荐", at(S.PROPOSED), str(S.RECOMMENDED), recommends),
        Transition("send_back", "退回修改", at(S.PROPOSED), str(S.RETURNED), recommends, note_required=True),
        Transition("resubmit", "再报", at(S.RETURNED), str(S.PROPOSED), _keeps),
        Transition(
            "enter",
            "入库",
            at(S.RECOMMENDED),
            str(S.HELD),
            handles,
            effect=_enter,
            asks=(Ask("on", "入库日期", "date", required=False, hint="空着按今天"),),
        ),
        Transition("return", "退回修改", at(S.RECOMMENDED), str(S.RETURNED), handles, note_required=True),
        Transition(
            "refuse", "不予入库", at(S.RECOMMENDED), str(S.REFUSED), handles, note_required=True, danger=True
        ),
        Transition(
            "confirm",
            "年度确认",
            at(S.HELD),
            str(S.HELD),
            _keeps,
            effect=_confirm,
            asks=(Ask("progress", "进展", "long", required=False, hint="空着表示没有变化"),),
        ),
        Transition("convert", "登记转立项", at(S.HELD), str(S.CONVERTED), _converts, effect=_convert),
        Transition(
            "withdraw",
            "撤回",
            at(S.PROPOSED, S.RETURNED, S.RECOMMENDED, S.HELD),
            str(S.WITHDRAWN),
            own,
            needs=(_not_applied_for,),
            effect=_leave,
            note_required=True,
            danger=True,
        ),
        Transition(
            "remove",
            "出库",
            at(S.HELD),
            str(S.REMOVED),
            handles,
            effect=_leave,
            note_required=True,
            danger=True,
        ),
    ),
)


def step(
    reserve: Record, action: str, actor: Actor, *, note: str = "", given: Given | None = None
) -> Reserve:
    """One step of an entry. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(reserve, action, actor, procedure=PROCEDURE, note=note, given=given)


def _asks(actor: Actor) -> tuple[Question, ...]:
    return (
        *unit_question(actor, "承担单位"),
        Question("kind", "储备类别", "choice", choices=Reserve.Kind.choices),
        Question("title", "名称"),
        Question("level", "拟报级别", "choice", choices=Level.choices),
        Question("target", "拟报计划", required=False, hint="如 省重点研发计划", most=100),
        Question("field", "领域", "choice", choices=Field.choices),
        Question("year", "年度", "number", most=4),
        Question("investment", "总投资", "money", required=False, most=15),
        Question("needed", "资金需求", "money", required=False, most=15),
        Question("maturity", "成熟度", "choice", required=False, choices=Stage.choices),
        Question("summary", "主要内容", "long", most=LONG),
        Question("contact", "联系人", required=False, most=40),
        Question("phone", "联系电话", required=False, hint="别人看到的是中间四位打星号的", most=20),
    )


def _build(draft: Draft, given: Given, actor: Actor) -> Record:
    reserve: Reserve | None = written(Reserve, draft)
    came_back = reserve is not None
    if reserve is None:
        # Who recommends anyway does not recommend to itself: a county's or the office's entry waits to be taken in.
        state = S.RECOMMENDED if for_others(actor) else S.PROPOSED
        reserve = Reserve(state=state, proposed_on=clock.today(), source="网上填报")
        place(reserve, given, actor)
    fill(reserve, _asks(actor), given)
    reserve.save()
    return step(reserve, "resubmit", actor) if came_back else reserve


FORM = Form(
    code="reserves",
    name="储备项目",
    verb="提出储备项目",
    model=Reserve,
    asks=_asks,
    may=lambda actor: any(actor.can(c) for c in (Can.APPLY, Can.RECOMMEND, Can.HANDLE_PROGRAMMES)),
    build=_build,
    again=frozenset({str(S.RETURNED)}),
    hint="还没有开始申报，或成熟度还不够的项目，先放进储备库",
)
