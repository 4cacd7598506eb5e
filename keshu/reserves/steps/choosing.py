"""Steps up to the end of the notice: argued, published, opened, judged, decided, put in notice; and the way of a commission."""

from datetime import datetime, time
from typing import Any

from keshu.directory.actors import Actor
from keshu.directory.models import Unit
from keshu.procedure.moving import Ask, MoveRefused, Step, Transition
from keshu.programmes.dating import ruled
from keshu.programmes.steps.who import at, decides, handles, own
from keshu.reserves.models import Answer, Need
from keshu.reserves.weighing import unmet
from keshu.rules.calendar import add_workdays
from keshu.terms import clock

S = Need.State
CLOSING = time(17, 30)
REASONS = (("emergency", "重大应急"), ("only_one", "唯一承担单位"))


def _keeps_rules(record: Any, actor: Actor) -> str | None:
    return unmet(record)


def _argue(record: Any, step: Step) -> None:
    if not (step.given.get("genuine") and step.given.get("funded")):
        raise MoveRefused("需求真实、出题方出资都要核实才能论证通过。核实不了的点“退回修改”或“不发榜”。")
    record.argued_minutes, record.argued_on = step.given["minutes"], clock.today()


def _publish(record: Any, step: Step) -> None:
    record.answer_until = _until(step)
    record.published_on = record.counts_on = clock.today()


def _extend(record: Any, step: Step) -> None:
    until = _until(step)
    if until <= record.answer_until:
        raise MoveRefused(
            f"现在截止 {record.answer_until.astimezone(clock.TZ):%Y-%m-%d}，延长要写更晚的日期。"
        )
    record.answer_until = until


def _until(step: Step) -> datetime:
    until = datetime.combine(step.given["until"], CLOSING, clock.TZ)
    if until <= clock.now():
        raise MoveRefused(f"截止 {until:%Y-%m-%d %H:%M} 已经过了。请写以后的日期。")
    return until


def answers(need: Any, *states: str) -> list[Answer]:
    """The answers to a need in some states, in the order in which they came. For procedures and those who may see them."""
    rows = Answer.objects.for_system("揭榜").filter(need=need, state__in=states)
    return list(rows.select_related("unit").order_by("answered_at", "pk"))


def _closed(record: Any, actor: Actor) -> str | None:
    if clock.now() <= record.answer_until:
        return f"揭榜到 {record.answer_until.astimezone(clock.TZ):%Y-%m-%d %H:%M} 截止，到时才能开榜。"
    return None


def _answered(record: Any, actor: Actor) -> str | None:
    return None if answers(record, Answer.State.SEALED) else "没有单位揭榜。请延长揭榜，或点“流榜”。"


def _nobody(record: Any, actor: Actor) -> str | None:
    sealed = answers(record, Answer.State.SEALED)
    return f"有 {len(sealed)} 家揭榜，要先开榜评过。" if sealed else None


def _open(record: Any, step: Step) -> None:
    record.opened_on = clock.today()


def _offered(record: Any) -> list[tuple[str, str]]:
    """The opened answers as choices."""
    return [(str(row.pk), f"{row.unit} · {row.title}") for row in answers(record, Answer.State.OPENED)]


def _judge(record: Any, step: Step) -> None:
    chosen = Answer._base_manager.get(pk=int(step.given["answer"]))
    record.chosen, record.taker_id = chosen, chosen.unit_id
    record.judge_minutes = step.given["minutes"]


def _decide(record: Any, step: Step) -> None:
    record.decision_minutes = step.given["minutes"]
    _notice(record)


def _notice(record: Any) -> None:
    today = clock.today()
    record.notice_from = today
    record.notice_until = add_workdays(today, int(ruled("deadline", "need-notice", today)["workdays"]))


def _clear(record: Any, step: Step) -> None:
    record.chosen, record.taker = None, None
    record.notice_from = record.notice_until = None


def _put_up(record: Any, actor: Actor) -> str | None:
    return None if record.way == Need.Way.OPEN else "定向委托没有别的方案可选。异议成立的，请终止。"


def _notice_over(record: Any, actor: Actor) -> str | None:
    if record.notice_until is None or clock.today() <= record.notice_until:
        return f"公示到 {record.notice_until} 止，期满后再签约。"
    return None


def _commission(record: Any, step: Step) -> None:
    """定向委托: a collective decision instead of public answers; its minutes are required."""
    unit = Unit.objects.filter(name=step.given["unit"].strip()).first()
    if unit is None:
        raise MoveRefused(f"没有建档的单位“{step.given['unit']}”。请写全称，或先建档。")
    if unit.pk == record.unit_id:
        raise MoveRefused("出题方不能委托给自己。")
    record.way, record.taker = Need.Way.COMMISSIONED, unit
    record.decision_minutes = step.given["minutes"]
    record.counts_on = clock.today()


def _commission_with_notice(record: Any, step: Step) -> None:
    _commission(record, step)
    _notice(record)


COMMISSION = (
    Ask("unit", "受托单位（全称）"),
    Ask("reason", "事由", "choice", choices=REASONS),
    Ask("minutes", "集体决策纪要"),
)

CHOOSING = (
    Transition(
        "argue",
        "论证通过",
        at(S.SUBMITTED),
        str(S.ARGUED),
        handles,
        needs=(_keeps_rules,),
        effect=_argue,
        asks=(
            Ask("minutes", "论证纪要"),
            Ask("genuine", "需求真实，已核实", "flag"),
            Ask("funded", "出题方出资，已核实", "flag"),
        ),
    ),
    Transition("return", "退回修改", at(S.SUBMITTED), str(S.RETURNED), handles, note_required=True),
    Transition(
        "resubmit",
        "再报",
        at(S.RETURNED),
        str(S.SUBMITTED),
        lambda actor, record: own(actor, record) or handles(actor, record),
    ),
    Transition(
        "refuse",
        "不发榜",
        at(S.SUBMITTED, S.ARGUED),
        str(S.REFUSED),
        handles,
        note_required=True,
        danger=True,
    ),
    Transition(
        "withdraw",
        "撤回需求",
        at(S.SUBMITTED, S.RETURNED, S.ARGUED),
        str(S.WITHDRAWN),
        own,
        note_required=True,
        danger=True,
    ),
    Transition(
        "publish",
        "发榜",
        at(S.ARGUED),
        str(S.PUBLISHED),
        handles,
        needs=(_keeps_rules,),
        effect=_publish,
        asks=(Ask("until", "揭榜截止", "date", hint="当天 17:30 截止"),),
    ),
    Transition(
        "extend",
        "延长揭榜",
        at(S.PUBLISHED),
        str(S.PUBLISHED),
        handles,
        effect=_extend,
        note_required=True,
        asks=(Ask("until", "延长到", "date", hint="当天 17:30 截止"),),
    ),
    Transition(
        "open",
        "开榜",
        at(S.PUBLISHED),
        str(S.JUDGING),
        handles,
        needs=(_closed, _answered),
        effect=_open,
    ),
    Transition(
        "nobody",
        "流榜",
        at(S.PUBLISHED, S.JUDGING),
        str(S.UNANSWERED),
        handles,
        needs=(_closed, _nobody),
        note_required=True,
        danger=True,
    ),
    Transition(
        "judge",
        "登记评榜结果",
        at(S.JUDGING),
        str(S.JUDGED),
        handles,
        effect=_judge,
        asks=(Ask("answer", "中榜方案", "choice", choices=_offered), Ask("minutes", "评榜纪要")),
    ),
    Transition(
        "decide",
        "审定公示",
        at(S.JUDGED),
        str(S.NOTICE),
        decides,
        effect=_decide,
        asks=(Ask("minutes", "集体决策纪要"),),
    ),
    Transition(
        "reject", "重新评榜", at(S.JUDGED), str(S.JUDGING), decides, effect=_clear, note_required=True
    ),
    Transition("object", "登记异议", at(S.NOTICE), str(S.OBJECTED), handles, note_required=True),
    Transition("settle", "异议不成立", at(S.OBJECTED), str(S.NOTICE), handles, note_required=True),
    Transition(
        "uphold",
        "异议成立，重新评榜",
        at(S.OBJECTED),
        str(S.JUDGING),
        handles,
        needs=(_put_up,),
        effect=_clear,
        note_required=True,
        danger=True,
    ),
    Transition("confirm", "公示期满", at(S.NOTICE), str(S.SIGNING), handles, needs=(_notice_over,)),
    Transition(
        "commission",
        "定向委托",
        at(S.ARGUED),
        str(S.NOTICE),
        decides,
        effect=_commission_with_notice,
        asks=COMMISSION,
    ),
    Transition(
        "commission_at_once",
        "定向委托（免公示）",
        at(S.ARGUED),
        str(S.SIGNING),
        decides,
        effect=_commission,
        note_required=True,
        asks=COMMISSION,
    ),
)
