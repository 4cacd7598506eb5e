"""What the dated rules say of awards: periods, shares of votes, head counts, reason codes. Values stand in ``rules.yaml`` of this
room until the bureau enters its own regulation; nothing here knows a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from keshu.awards.models import Days, Grade
from keshu.procedure.asking import MoveRefused
from keshu.rules.calendar import add_workdays, workdays_between
from keshu.rules.dated import in_force


@dataclass(frozen=True)
class Span:
    """A number of days, natural or working."""

    days: int
    unit: Days

    def __str__(self) -> str:
        return f"{self.days} 个{self.unit.label}"

    def last(self, first: date) -> date:
        """The last day of a period that begins on ``first``; the first day itself is not counted (民法典第二百零一条)."""
        if self.unit == Days.WORKING:
            return add_workdays(first, self.days)
        return first + timedelta(days=self.days)

    def kept(self, first: date, last: date) -> bool:
        """Whether a publicity from ``first`` to ``last`` was long enough. Its days are counted as they are printed on a notice,
        both ends included: 1st to 7th are seven natural days."""
        if self.unit == Days.WORKING:
            return workdays_between(first - timedelta(days=1), last) >= self.days
        return (last - first).days + 1 >= self.days


def span(code: str, on: date) -> Span:
    """The period of a deadline rule in force on a day. Raises NoRuleInForce."""
    data = in_force("deadline", code, on).data
    return Span(int(data["days"]), Days(data["unit"]))


def limit(code: str, name: str, on: date) -> int:
    """One number of a limit rule in force on a day. Raises NoRuleInForce."""
    return int(in_force("limit", code, on).data[name])


def grade_limits(code: str, on: date) -> dict[str, dict[str, int]]:
    """Grade → {quota, people, units} of a grade rule in force on a day, highest grade first. Raises NoRuleInForce."""
    grades: Mapping[str, Mapping[str, int]] = in_force("grade", code, on).data["grades"]
    return {str(grade): dict(grades[grade]) for grade in Grade if grade in grades}


def reasons(code: str, on: date) -> list[tuple[str, str]]:
    """Code and wording of each reason in force on a day, as a choice shows them. Raises NoRuleInForce."""
    rows = in_force("reason", code, on).data["reasons"]
    return [(row["code"], f"{row['code']} {row['label']}") for row in rows]


@dataclass(frozen=True)
class Tally:
    """One vote: committee members there should be, members present, votes for and against (the rest abstained)."""

    committee: int
    present: int
    votes_for: int
    votes_against: int

    @property
    def abstained(self) -> int:
        return self.present - self.votes_for - self.votes_against


def refuse_invalid(tally: Tally, on: date) -> None:
    """Raises MoveRefused when the numbers contradict each other or too few members were present (dated rate ``award-quorum``)."""
    if tally.committee < 1:
        raise MoveRefused("没有写评审委员会应到人数。补上后再登记表决。")
    if tally.present > tally.committee:
        raise MoveRefused(f"到会 {tally.present} 人，多于应到 {tally.committee} 人。核对后再填。")
    if tally.abstained < 0:
        cast = tally.votes_for + tally.votes_against
        raise MoveRefused(f"赞成和反对共 {cast} 票，多于到会 {tally.present} 人。核对后再填。")
    rule = in_force("rate", "award-quorum", on).data
    if not _reaches(tally.present, tally.committee, rule):
        above, below = rule["share"]
        raise MoveRefused(
            f"到会 {tally.present} 人，应到 {tally.committee} 人，不足 {above}/{below}，表决无效。请重新开会表决。"
        )


def carries(tally: Tally, grade: str, on: date) -> bool:
    """Whether enough of those present voted for the grade (dated rate ``award-majority``)."""
    return _reaches(tally.votes_for, tally.present, _majority(grade, on))


def majority_said(grade: str, on: date) -> str:
    """The share a grade needs, in words: 2/3 以上, or 过 1/2."""
    rule = _majority(grade, on)
    above, below = rule["share"]
    return f"过 {above}/{below}" if rule.get("strictly") else f"{above}/{below} 以上"


def _majority(grade: str, on: date) -> Mapping[str, Any]:
    data = in_force("rate", "award-majority", on).data
    found: Mapping[str, Any] = data["grades"].get(grade, data["others"])
    return found


def _reaches(part: int, whole: int, rule: Mapping[str, Any]) -> bool:
    above, below = rule["share"]
    return part * below > whole * above if rule.get("strictly") else part * below >= whole * above
