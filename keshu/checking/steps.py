"""The monthly check step by step: the responsible office fills and hands in, the planning office returns or reviews, the review freezes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keshu.checking.lighting import (
    ItemStanding,
    Lamps,
    is_counted_goal,
    lamps_for,
    own_unit,
    percent,
    standing,
    with_said,
)
from keshu.checking.models import Check, Item
from keshu.directory.actors import Actor, Can
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE
from keshu.journal import moments
from keshu.ledger.bulk import move_all
from keshu.ledger.classified import Classified, refuse_classified
from keshu.ledger.evidence import evidence_of
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.terms import clock
from keshu.terms.quantity import UnreadableNumber, plain, read_number, round_half_up

C, V = Check.State, Check.Verdict
ONE = Decimal(1)
OPEN = frozenset((str(C.OPEN), str(C.RETURNED)))
Given = Mapping[str, Any]


def fills(actor: Actor, check: Any) -> bool:
    """Whether the post fills this check: only that of its own office or bureau."""
    return actor.can(Can.CHECK_ITEMS) and check.unit_id in actor.unit_ids


def reviews(actor: Actor, check: Any) -> bool:
    """Whether the post reviews checks: the planning office, and a leader of the bureau in its place (it cannot review its own)."""
    return actor.can(Can.REVIEW_CHECKS) or actor.can(Can.OVERSEE_CHECKS)


def _by_another(check: Any, actor: Actor) -> str | None:
    if actor.account_id is not None and check.filled_by_id == actor.account_id:
        return f"这一项是{check.filled_by}自己填的，不能自己审定。请换一个人审；科里只有一个人的，请局领导在这一条的页面上审定。"
    return None


@dataclass(frozen=True)
class Known:
    """What is worked out together for many checks, while their steps are taken one by one: standings, lamps by month, the revision."""

    standings: Mapping[int, ItemStanding]
    lamps: Mapping[str, Lamps]
    revision: int


_known: ContextVar[Known | None] = ContextVar("keshu_checks_known", default=None)


def standing_of(check: Check) -> ItemStanding:
    """Where the item of a check stands at the end of its month, as the figures are now."""
    known = _known.get()
    found = known.standings.get(check.pk) if known is not None else None
    if found is None:
        return standing([check.item], until=check.month.end)[0]
    check.item = found.item
    return found


def _lamps_of(check: Check) -> Lamps:
    known = _known.get()
    found = known.lamps.get(check.period) if known is not None else None
    return found or lamps_for(check.month.end)


@contextmanager
def together(checks: Sequence[Check]) -> Iterator[None]:
    """Work out where many checks stand at once; the steps taken inside ask for nothing again. Their figures may not change inside."""
    found: dict[int, ItemStanding] = {}
    lamps: dict[str, Lamps] = {}
    for month in {check.period: check.month for check in checks}.values():
        listed = [check for check in checks if check.period == month.code]
        stands = standing([check.item for check in listed], until=month.end)
        found |= {check.pk: now for check, now in zip(listed, stands, strict=True)}
        lamps[month.code] = lamps_for(month.end)
    token = _known.set(Known(found, lamps, moments.latest()))
    try:
        yield
    finally:
        _known.reset(token)


def review_all(checks: Sequence[Check], actor: Actor) -> list[Check]:
    """Review many checks that were handed in, all or none, in one revision. Raises BulkRefused naming those that cannot, TooMany."""
    with together(checks):
        return move_all(
            checks, "review", actor, procedure=CHECKING, expected={one.pk: str(C.SUBMITTED) for one in checks}
        )


# ---- filling -------------------------------------------------------------------------------------------------


def _fill(record: Any, step: Step) -> None:
    check: Any = record
    given = step.given
    texts = {
        name: str(given.get(name) or "").strip()
        for name in ("progress", "reason", "next_step", "needs_coordination")
    }
    try:
        refuse_classified(*texts.values())
    except Classified as refusal:
        raise MoveRefused(str(refusal)) from refusal
    for name, text in texts.items():
        setattr(check, name, text)
    check.verdict = given["verdict"]
    counted = standing_of(check)
    papers = bool(step.evidence) or bool(evidence_of(check))
    _own_value(check, str(given.get("own_value") or "").strip(), counted, papers=papers)
    now = with_said(counted, check, _lamps_of(check))
    _refuse_unproved(check, now, papers=papers)
    check.filled_by, check.filled_by_id, check.filled_at = step.actor.name, step.actor.account_id, clock.now()


def _own_value(check: Any, text: str, counted: ItemStanding, *, papers: bool) -> None:
    """What the office reports of itself, where nothing is counted; with a paper that proves it."""
    check.own_value, check.own_unit = None, ""
    if not text:
        return
    item = check.item
    if counted.actual is not None and counted.actual.value is not None:
        raise MoveRefused(
            f"这一项由台账数出，现在是 {plain(counted.actual.value)} {counted.actual.unit}，不收自报数。"
            "数不对就到台账里补登或更正。"
        )
    try:
        value = read_number(text)
    except UnreadableNumber as error:
        raise MoveRefused(f"自报累计数：{error}") from error
    if value < 0:
        raise MoveRefused(f"自报累计数读到 {text}，不能小于零。请核对后再报。")
    if value != round_half_up(value, 6):
        raise MoveRefused(f"自报累计数 {text} 的小数超过 6 位。请照佐证材料上的数写。")
    if not is_counted_goal(item.goal) and value > HUNDRED:
        raise MoveRefused(f"这一项没有数量目标，自报写进度百分数，读到 {text}。请写 0 到 100。")
    if not papers:
        raise MoveRefused("自报数要有佐证。请把证明材料一起传上来再报。")
    check.own_value, check.own_unit = value, own_unit(item)


def _refuse_unproved(check: Check, counted: ItemStanding, *, papers: bool) -> None:
    if check.verdict == V.DONE:
        by_rows = counted.value is not None and not counted.own
        if by_rows and counted.completion is not None and counted.completion < ONE:
            raise MoveRefused(
                f"台账数到 {plain(counted.value or Decimal(0))} {counted.unit}，完成 {percent(counted.completion)}，还没有到 100%，"
                "不能报“已完成”。请改结论，或先把漏登的补进台账。"
            )
        if not by_rows and not papers:
            raise MoveRefused(
                f"报“已完成”要有佐证{f'（{check.item.evidence_wanted}）' if check.item.evidence_wanted else ''}。"
                "请把证明材料一起传上来再报。"
            )
        return
    if check.verdict == V.BEHIND or counted.behind:
        missing = [
            label
            for name, label in (("reason", "存在问题和原因"), ("next_step", "下步措施"))
            if not getattr(check, name)
        ]
        if missing:
            why = (
                "结论是落后"
                if check.verdict == V.BEHIND
                else f"灯亮{counted.lamp.word}（{counted.lamp.reason}）"
            )
            raise MoveRefused(f"{why}，还要写{'、'.join(missing)}。补上再报。")


FILLING = (
    Ask("verdict", "对照结论", "choice", choices=V.choices),
    Ask("progress", "本月进展", "long", hint="办了什么，到了哪一步"),
    Ask(
        "own_value",
        "自报累计数",
        required=False,
        hint="台账数不出的才填，要有佐证；没有数量目标的写进度百分数",
    ),
    Ask("reason", "存在问题和原因", "long", required=False, hint="落后的要写"),
    Ask("next_step", "下步措施", "long", required=False, hint="落后的要写，写明到哪天办到什么"),
    Ask("needs_coordination", "需协调事项", "long", required=False, hint="要谁协调什么；没有空着"),
)


# ---- reviewing -----------------------------------------------------------------------------------------------


def _return(record: Any, step: Step) -> None:
    record.opinion = step.note.strip()


def _review(record: Any, step: Step) -> None:
    check: Any = record
    check.opinion = str(step.given.get("opinion") or "").strip()
    check.reviewed_by, check.reviewed_at = step.actor.name, clock.now()
    freeze(check)
    _tell_item(check)


def freeze(check: Any) -> None:
    """Write into a check what it stands at now, exactly, with the rule and the revision: later changes of records do not alter it."""
    now = standing_of(check)
    lamps, known = _lamps_of(check), _known.get()
    check.frozen_revision = known.revision if known is not None else moments.latest()
    check.frozen = frozen_words(now, lamps, check.frozen_revision)
    check.planned = _percent_kept(now.planned_share)
    check.completion = None if now.completion is None else _percent_kept(now.completion)
    check.actual = None if now.value is None else round_half_up(now.value, 6)
    check.lamp_level, check.lamp_word = now.lamp.level, now.lamp.word


def _percent_kept(share: Decimal) -> Decimal:
    return round_half_up(WIDE.multiply(share, HUNDRED), 4)


def frozen_words(now: ItemStanding, lamps: Lamps, revision: int) -> dict[str, Any]:
    """A standing as plain JSON: exact numbers as text, shares where 1 is the whole."""
    return {
        "value": None if now.value is None else plain(now.value),
        "unit": now.unit,
        "own": now.own,
        "missing": now.missing,
        "planned": plain(now.planned_share),
        "completion": None if now.completion is None else plain(now.completion),
        "target": now.target,
        "due_on": now.item.due_on.isoformat(),
        "lamp": {
            "level": now.lamp.level,
            "word": now.lamp.word,
            "shape": now.lamp.shape,
            "colour": now.lamp.colour,
            "reason": now.lamp.reason,
        },
        "rule": {"code": lamps.rule.code, "name": lamps.rule.name, "from": lamps.rule.valid_from.isoformat()},
        "parts": [
            {
                "label": part.label,
                "value": None if part.value is None else plain(part.value),
                "unit": part.unit,
                "missing": part.missing,
                "measure": part.measure_code,
                "where": part.where,
            }
            for part in (now.actual.parts if now.actual is not None else ())
        ],
        "revision": revision,
    }


def _tell_item(check: Check) -> None:
    """The list of items repeats the last month that was reviewed."""
    item = Item._base_manager.select_for_update().get(pk=check.item_id)
    if item.last_month > check.period:
        return
    item.last_month, item.last_progress = check.period, check.progress
    item.last_completion, item.last_lamp = check.completion, check.lamp_word
    item.last_reason, item.last_next_step = check.reason, check.next_step
    item.last_coordination, item.last_opinion = check.needs_coordination, check.opinion
    item.last_evidence = len(evidence_of(check))
    item.save()


CHECKING = Procedure(
    code="月度对照检查",
    version="1",
    states={str(value): str(label) for value, label in C.choices},
    transitions=(
        Transition("submit", "送审", OPEN, str(C.SUBMITTED), fills, effect=_fill, asks=FILLING),
        Transition("withdraw", "撤回再改", frozenset({str(C.SUBMITTED)}), str(C.OPEN), fills),
        Transition(
            "review",
            "审定",
            frozenset({str(C.SUBMITTED)}),
            str(C.REVIEWED),
            reviews,
            needs=(_by_another,),
            effect=_review,
            asks=(Ask("opinion", "督查意见", "long", required=False, hint="写给牵头单位看；没有空着"),),
        ),
        Transition(
            "return",
            "退回",
            frozenset({str(C.SUBMITTED)}),
            str(C.RETURNED),
            reviews,
            effect=_return,
            note_required=True,
        ),
    ),
)


def step(
    check: Check,
    action: str,
    actor: Actor,
    *,
    note: str = "",
    given: Given | None = None,
    evidence: tuple[str, ...] = (),
    expected: str | None = None,
) -> Check:
    """One step of a check: submit, withdraw, review, return. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(
        check, action, actor, procedure=CHECKING, note=note, given=given, evidence=evidence, expected=expected
    )
