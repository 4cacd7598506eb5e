"""Whose step it is, and the states that steps begin in."""

from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.meetings.models import Meeting, Request
from keshu.procedure.moving import MoveRefused, NotYourTurn

S, R = Meeting.State, Request.State
#: While a meeting stands here its preparation can still be changed.
OPEN_TO_CHANGE = frozenset((str(S.PREPARING), str(S.NOTIFIED)))
#: While a meeting stands here answers are still taken.
TAKES_ANSWERS = frozenset((str(S.NOTIFIED), str(S.SITTING)))
#: What an answering unit owes.
OWED = frozenset((str(R.ASKED), str(R.RETURNED)))


class MeetingRefused(MoveRefused):
    """What was typed for a meeting cannot stand; ``problems`` says why, by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(self.problems.values()) + "。")


def at(*states: object) -> frozenset[str]:
    return frozenset(str(state) for state in states)


def holds(actor: Actor, record: Any) -> bool:
    """Who prepares meetings: 办调度会."""
    return actor.can(Can.HOLD_MEETINGS)


def holds_or_chairs(actor: Actor, record: Any) -> bool:
    """Also whoever chairs this meeting."""
    return holds(actor, record) or (actor.person_id is not None and actor.person_id == record.chair_id)


def answers(actor: Actor, record: Any) -> bool:
    """Somebody of the unit that is asked: 办督办 or 对照检查."""
    may = actor.can(Can.HANDLE_ORDERS) or actor.can(Can.CHECK_ITEMS)
    return may and record.unit_id in actor.unit_ids


def require(actor: Actor, meeting: Meeting | None, *states: object) -> None:
    """Raises NotYourTurn without 办调度会, MoveRefused when the meeting no longer stands in one of the states."""
    if not holds(actor, meeting):
        raise NotYourTurn(f"{actor.name} 不能办调度会。请由有“{Can.HOLD_MEETINGS.value}”权限的人办理。")
    if meeting is not None and states and meeting.state not in at(*states):
        raise MoveRefused(f"“{meeting}”现在是“{meeting.get_state_display()}”，这一处不能再改。请刷新后再看。")
