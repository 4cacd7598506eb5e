"""One step for many records: what would happen to each, then all of them or none; and one step with its paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db import transaction

from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.ledger.evidence import attach
from keshu.ledger.records import Record
from keshu.procedure.moving import (
    MoveRefused,
    NotYourTurn,
    Procedure,
    StaleState,
    Transition,
    move,
    moves_of,
)

#: Rows of one bulk step. Own configuration: all of them are locked until the last is done.
MOST = 500


class TooMany(MoveRefused):
    """More rows than one bulk step takes."""


class BulkRefused(MoveRefused):
    """Some rows cannot take the step, so none did. ``problems``: primary key → why; ``stale``: somebody moved one first."""

    def __init__(self, message: str, problems: Mapping[int, str], *, stale: bool) -> None:
        super().__init__(message)
        self.problems, self.stale = dict(problems), stale


@dataclass(frozen=True)
class Outlook:
    """What a step would do to one record: its state afterwards, or why it cannot be taken (then ``problem`` is not empty)."""

    record: Any
    after: str
    problem: str = ""


@dataclass(frozen=True)
class Offer:
    """A step and how many of the chosen records stand where this actor may take it."""

    transition: Transition
    count: int


@dataclass(frozen=True)
class Paper:
    """A file that goes along with a step."""

    stream: BinaryIO
    name: str
    caption: str


def offers(records: Sequence[Any], actor: Actor, procedure: Procedure) -> list[Offer]:
    """The steps this actor may take with any of the records, those that fit most of them first."""
    counts: dict[str, int] = {}
    for record in records:
        for transition in procedure.possible(record, actor):
            counts[transition.action] = counts.get(transition.action, 0) + 1
    found = [Offer(t, counts[t.action]) for t in procedure.transitions if t.action in counts]
    return sorted(found, key=lambda offer: -offer.count)


def outlook(records: Sequence[Any], action: str, actor: Actor, procedure: Procedure) -> list[Outlook]:
    """What would happen to each record: its state, whose step it is and what must hold are looked at, nothing is written.

    What the effect of a step refuses (a budget that runs out) is found by ``move_all``. Raises MoveRefused for no such step.
    """
    transition = procedure.transition(action)
    return [
        Outlook(record, transition.after, _problem(record, transition, actor, procedure))
        for record in records
    ]


def _problem(record: Any, transition: Transition, actor: Actor, procedure: Procedure) -> str:
    if record.state not in transition.before:
        return f"现在是“{procedure.states.get(record.state, record.state)}”，不能{transition.label}"
    if not transition.who(actor, record):
        return f"{actor.name} 不能办这一步"
    return next((said for need in transition.needs if (said := need(record, actor))), "")


def move_all(
    records: Sequence[Any],
    action: str,
    actor: Actor,
    *,
    procedure: Procedure,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: Mapping[int, str] | None = None,
) -> list[Any]:
    """The same step for all records in one transaction, in the order they were made: all of them, or none.

    ``expected``: primary key → the state the person saw. Raises TooMany; BulkRefused naming every record that cannot take the
    step and why (each is tried after those before it, so a budget that runs out names the ones it does not reach).
    """
    if len(records) > MOST:
        raise TooMany(f"选了 {len(records)} 条，一次最多办 {MOST} 条。加条件分几次办。")
    label = procedure.transition(action).label
    problems: dict[int, str] = {}
    stale = False
    done: list[Any] = []
    with writing(actor, f"{label} {len(records)} 条"):
        # In one order, whoever asks: two bulk steps over the same rows wait for each other instead of locking each other out.
        for record in sorted(records, key=lambda one: one.pk):
            seen = (expected or {}).get(record.pk)
            try:
                with transaction.atomic():
                    done.append(
                        move(
                            record,
                            action,
                            actor,
                            procedure=procedure,
                            note=note,
                            given=given,
                            expected=seen,
                        )
                    )
            except (MoveRefused, NotYourTurn) as refusal:
                problems[record.pk] = str(refusal)
                stale = stale or isinstance(refusal, StaleState)
        if problems:
            raise BulkRefused(_said(records, problems, label), problems, stale=stale)
    return done


def _said(records: Sequence[Any], problems: Mapping[int, str], label: str) -> str:
    first = next(record for record in records if record.pk in problems)
    others = f"；另有 {len(problems) - 1} 条也不能办" if len(problems) > 1 else ""
    return f"{len(records)} 条里有 {len(problems)} 条不能{label}，一条也没有办。“{first}”：{problems[first.pk]}{others}"


def take(
    record: Record,
    action: str,
    actor: Actor,
    *,
    procedure: Procedure,
    note: str = "",
    given: Mapping[str, Any] | None = None,
    expected: str | None = None,
    seen: int | None = None,
    paper: Paper | None = None,
) -> Any:
    """One step as a page takes it: the paper that goes with it and the step are one transaction.

    ``seen``: how many steps the person saw in the history. A step that leaves the state as it was (催办) can be recognised by
    nothing else when a form is sent twice. Raises StaleState, MoveRefused, NotYourTurn, and what ``attach`` refuses.
    """
    label = procedure.transition(action).label
    with writing(actor, f"{label} {record}"):
        if seen is not None:
            type(record)._base_manager.select_for_update().get(pk=record.pk)
            if moves_of(record).count() != seen:
                raise StaleState("打开这一页以后，有人办过这一份（或同一步点了两次）。请看下面的历史再办。")
        files = (
            [attach(record, actor, paper.stream, paper.name, caption=paper.caption).sha256] if paper else []
        )
        return move(
            record,
            action,
            actor,
            procedure=procedure,
            note=note,
            given=given,
            evidence=files,
            expected=expected,
        )
