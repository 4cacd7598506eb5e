"""The procedure of an assessed item: received, checked, appealed with material, answered with a document, filed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from keshu.assessment.models import Item
from keshu.directory.actors import Actor, Can
from keshu.ledger.evidence import evidence_of
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.terms import clock
from keshu.terms.quantity import TooManyDecimals, UnreadableNumber, plain, read_number, scale

S, Finding, Outcome = Item.State, Item.Finding, Item.Outcome
PLACES = 4


class NotPoints(ValueError):
    """A text that is no number of points."""


def read_points(text: str) -> Decimal:
    """Points typed by a clerk, at most four decimals. Raises NotPoints with a sentence."""
    try:
        value = read_number(text)
        scale(value, PLACES)
    except (UnreadableNumber, TooManyDecimals) as wrong:
        raise NotPoints(f"“{text[:20]}”不是分值。写成 1.25，最多四位小数。") from wrong
    return value


def keeps(actor: Actor, record: Any) -> bool:
    """The planning office keeps the assessment."""
    return actor.can(Can.KEEP_ASSESSMENT)


def _check(record: Any, step: Step) -> None:
    record.finding = step.given["finding"]
    if record.finding == Finding.DISPUTED and not step.note.strip():
        raise MoveRefused("有异议要在说明里写清哪一处和依据。补上再办。")


def _with_material(record: Any, actor: Actor) -> str | None:
    return None if evidence_of(record) else "申诉没有材料。先把佐证传到这一项，再申诉。"


def _something_lost(record: Any, actor: Actor) -> str | None:
    return None if record.lost else "这一项没有扣分，不用申诉。"


def _in_time(record: Any, actor: Actor) -> str | None:
    late = (clock.today() - record.appeal_by).days if record.appeal_by else 0
    if late <= 0:
        return None
    return f"申诉截止是 {record.appeal_by}，已过 {late} 天。上级同意延期的，先改截止日期再办。"


def _points(given: Mapping[str, Any]) -> Decimal | None:
    text = str(given.get("points") or "").strip()
    if not text:
        return None
    try:
        return read_points(text)
    except NotPoints as wrong:
        raise MoveRefused(str(wrong)) from wrong


def _appeal(record: Any, step: Step) -> None:
    points = _points(step.given)
    if points is None or not 0 < points <= record.lost:
        raise MoveRefused(
            f"请求加回 {step.given.get('points')} 分，这一项扣了 {plain(record.lost)} 分。改成大于 0、不超过扣分的数。"
        )
    record.appeal, record.asked, record.appealed_on = step.given["text"], points, clock.today()


def _answer(record: Any, step: Step) -> None:
    given = step.given
    outcome, points = given["outcome"], _points(given)
    asked: Decimal = record.asked
    if outcome == Outcome.GRANTED:
        points = asked if points is None else points
        fits = points == asked
        wanted = f"采纳是加回请求的 {plain(asked)} 分"
    elif outcome == Outcome.PART:
        fits = points is not None and 0 < points < asked
        wanted = f"部分采纳要填加回多少，大于 0、小于请求的 {plain(asked)} 分"
    else:
        points = Decimal(0) if points is None else points
        fits = points == 0
        wanted = "不采纳就没有加回的分"
    if not fits:
        raise MoveRefused(f"{wanted}，填的是 {given.get('points') or '空'}。改好再办。")
    if given["on"] > clock.today():
        raise MoveRefused(f"答复日期 {given['on']} 还没到。改成今天或以前。")
    if record.appealed_on and given["on"] < record.appealed_on:
        raise MoveRefused(f"答复日期 {given['on']} 早于申诉日期 {record.appealed_on}。请核对。")
    record.outcome, record.returned = outcome, points
    record.answer_doc, record.answered_on = given["doc_no"], given["on"]


def at(*states: Any) -> frozenset[str]:
    return frozenset(str(state) for state in states)


PROCEDURE = Procedure(
    code="上级考核项",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition(
            "check",
            "核对",
            at(S.RECEIVED),
            str(S.CHECKED),
            keeps,
            effect=_check,
            asks=(Ask("finding", "核对结果", "choice", choices=Finding.choices),),
        ),
        Transition(
            "appeal",
            "申诉",
            at(S.CHECKED),
            str(S.APPEALED),
            keeps,
            needs=(_something_lost, _in_time, _with_material),
            effect=_appeal,
            asks=(
                Ask("text", "申诉理由", "long"),
                Ask("points", "请求加回分值", hint="不超过这一项的扣分"),
            ),
        ),
        Transition(
            "answer",
            "登记答复",
            at(S.APPEALED),
            str(S.ANSWERED),
            keeps,
            effect=_answer,
            asks=(
                Ask("outcome", "答复结果", "choice", choices=Outcome.choices),
                Ask("points", "加回分值", required=False, hint="采纳和不采纳的可空"),
                Ask("doc_no", "答复文号"),
                Ask("on", "答复日期", "date"),
            ),
        ),
        Transition("file", "归档", at(S.CHECKED, S.ANSWERED), str(S.FILED), keeps),
        Transition(
            "strike", "撤销误录", at(S.RECEIVED), str(S.STRUCK), keeps, note_required=True, danger=True
        ),
        Transition(
            "reopen",
            "重新核对",
            at(S.CHECKED, S.ANSWERED, S.FILED, S.STRUCK),
            str(S.RECEIVED),
            keeps,
            note_required=True,
        ),
    ),
)


def step(item: Item, action: str, actor: Actor, **more: Any) -> Item:
    """Take a step with an item; see :func:`procedure.moving.move`."""
    return move(item, action, actor, procedure=PROCEDURE, **more)
