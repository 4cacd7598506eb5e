"""揭榜: what an organisation offers, sealed until the deadline has passed and the need is opened."""

import hashlib
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.journal.rows import canonical
from keshu.ledger.drafts import Draft
from keshu.ledger.numbering import next_number
from keshu.ledger.records import Record
from keshu.procedure.moving import MoveRefused, Procedure, Transition, move
from keshu.programmes.limits import Check
from keshu.programmes.steps.who import at, decides, handles, own
from keshu.reserves.filling import LONG, Form, Given, Question, fill, place
from keshu.reserves.models import Answer, Need
from keshu.terms import clock

S = Answer.State
CONTENT = ("need_id", "unit_id", "title", "plan", "team", "promises", "asked", "months", "leader")


def _window(need: Need) -> str | None:
    if need.state != Need.State.PUBLISHED or need.answer_until is None:
        return f"“{need}”现在是{need.get_state_display()}，不收揭榜方案。"
    if clock.now() > need.answer_until:
        return f"“{need}”已于 {need.answer_until.astimezone(clock.TZ):%Y-%m-%d %H:%M} 截止揭榜。"
    return None


def takes_no_papers(record: Any, actor: Actor) -> str | None:
    """Why an organisation may add nothing to its own answer: the deadline has passed, or it was taken back. What is sealed stays as it was."""
    if record.unit_id is None or record.unit_id not in actor.unit_ids:
        return None
    if record.state != S.SEALED:
        return f"这份方案现在是{record.get_state_display()}，不再添材料。"
    return _window(record.need)


def _still_open(record: Any, actor: Actor) -> str | None:
    return _window(record.need)


def _by_need(*states: str) -> Any:
    """Who handles or decides the need, as a consequence of the need's own step: the need stands in one of these states."""

    def may(actor: Actor, record: Any) -> bool:
        return (handles(actor, record) or decides(actor, record)) and record.need.state in states

    return may


_ENDED = (Need.State.SIGNING, Need.State.UNANSWERED, Need.State.TERMINATED)
PROCEDURE = Procedure(
    code="揭榜方案",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition(
            "withdraw", "撤回方案", at(S.SEALED), str(S.WITHDRAWN), own, needs=(_still_open,), danger=True
        ),
        Transition("open", "开榜", at(S.SEALED), str(S.OPENED), _by_need(Need.State.JUDGING)),
        Transition("choose", "中榜", at(S.OPENED), str(S.CHOSEN), _by_need(Need.State.SIGNING)),
        Transition("pass_over", "未中榜", at(S.OPENED), str(S.NOT_CHOSEN), _by_need(*_ENDED)),
    ),
)


def step(answer: Record, action: str, actor: Actor) -> Answer:
    """One step of an answer. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(answer, action, actor, procedure=PROCEDURE)


def content_hash(answer: Answer) -> str:
    """SHA-256 over what was offered; it stands on the receipt, so that nobody can change an offer unseen."""
    data = answer.recorded_data()
    return hashlib.sha256(canonical([data[name] for name in CONTENT]).encode()).hexdigest()


def may_answer(actor: Actor, need: Need) -> bool:
    """Whether the actor's organisation may answer: not its own need, while answers are taken, once."""
    return (
        actor.can(Can.APPLY)
        and need.unit_id != actor.unit_id
        and _window(need) is None
        and answer_of(actor, need) is None
    )


def answer_of(actor: Actor, need: Need) -> Answer | None:
    """The answer of the actor's own organisation that stands."""
    mine = Answer.objects.for_system("本单位的方案").filter(need=need, unit_id=actor.unit_id)
    return mine.exclude(state=S.WITHDRAWN).first() if actor.unit_id else None


def _asks(actor: Actor) -> tuple[Question, ...]:
    return (
        Question("title", "方案名称"),
        Question("plan", "技术路线", "long", most=LONG),
        Question("team", "团队和基础", "long", most=LONG),
        Question("promises", "承诺达到的指标", "long", most=LONG, hint="逐条对榜单的技术指标写"),
        Question("asked", "报价", "money", most=15),
        Question("months", "完成时间（月）", "number", most=3),
        Question("leader", "负责人", most=40),
        Question("phone", "联系电话", required=False, hint="别人看到的是中间四位打星号的", most=20),
    )


def _begins(actor: Actor, about: int) -> dict[str, str]:
    need = Need.objects.for_system("揭榜").filter(pk=about).first()
    if need is None or not may_answer(actor, need):
        problem = _window(need) if need else None
        raise MoveRefused(problem or "这个需求现在不能揭榜：是本单位自己的，或已经报过方案。")
    return {"leader": actor.name}


def _checks(draft: Draft, given: Given, actor: Actor) -> list[Check]:
    need = Need.objects.for_system("揭榜").get(pk=draft.about)
    problem = _window(need)
    until = need.answer_until
    fact = problem or (f"截止 {until.astimezone(clock.TZ):%Y-%m-%d %H:%M}" if until else "")
    found = [Check("在揭榜期内", problem is None, fact)]
    found.append(Check("每个单位一份方案", answer_of(actor, need) is None, ""))
    if "months" in given:
        holds = 1 <= given["months"] <= need.months
        found.append(
            Check(f"不超过完成时限 {need.months} 个月", holds, f"写的是 {given['months']} 个月", "months")
        )
    return found


def _build(draft: Draft, given: Given, actor: Actor) -> Record:
    # The need's row is locked: an answer and the opening cannot pass each other, nor two answers of one organisation.
    need = Need._base_manager.select_for_update().get(pk=draft.about)
    if not may_answer(actor, need):
        raise MoveRefused(_window(need) or "这个需求现在不能揭榜：是本单位自己的，或已经报过方案。")
    answer = Answer(
        need=need, need_title=need.title, state=S.SEALED, answered_at=clock.now(), source="网上揭榜"
    )
    place(answer, given, actor)
    fill(answer, _asks(actor), given)
    answer.number = next_number("JB", clock.today().year)
    answer.content_hash = content_hash(answer)
    answer.save()
    return answer


FORM = Form(
    code="answers",
    name="揭榜方案",
    verb="揭榜",
    model=Answer,
    asks=_asks,
    may=lambda actor: actor.can(Can.APPLY),
    build=_build,
    begins=_begins,
    checks=_checks,
    sealed=True,
)
