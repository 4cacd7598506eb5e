"""Review results and votes of many nominations at once: what they would mean, then all of them recorded or none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keshu.awards.holds import placed
from keshu.awards.models import Grade, Nomination, Round
from keshu.awards.moving import advance_each
from keshu.awards.policy import Tally, carries, majority_said, refuse_invalid
from keshu.awards.steps.deciding import read_score
from keshu.directory.actors import Actor
from keshu.procedure.moving import MoveRefused

S = Nomination.State


@dataclass(frozen=True)
class Session:
    """One meeting of the committee: when, how many there should be and were, and its minutes."""

    on: date
    committee: int
    present: int
    minutes: str


@dataclass(frozen=True)
class Ballot:
    """The vote on one nomination for one grade."""

    nomination: Nomination
    grade: str
    votes_for: int
    votes_against: int

    def tally(self, session: Session) -> Tally:
        return Tally(session.committee, session.present, self.votes_for, self.votes_against)


@dataclass(frozen=True)
class Outlook:
    """What a ballot would mean: carried or not, the share it needs, or the problem that stops all."""

    nomination: Nomination
    carried: bool = False
    needed: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Place:
    """Places of one grade of a round: allowed, taken already, and carried by these votes besides."""

    grade: Grade
    allowed: int
    used: int
    carried: int = 0

    @property
    def over(self) -> int:
        """How many more were carried than there are places; the leader chooses among them."""
        return max(self.used + self.carried - self.allowed, 0)

    @property
    def percent(self) -> Decimal:
        return Decimal(100 * (self.used + self.carried)) / self.allowed if self.allowed else Decimal(0)


def votable(round: Round) -> list[Nomination]:
    """The nominations of a round that wait for the vote, best first."""
    rows = Nomination.objects.for_system("表决").filter(round=round, state=S.REVIEWED)
    return list(rows.order_by("rank", "-score", "pk"))


def reviewable(round: Round) -> list[Nomination]:
    """The nominations of a round that wait for their review result."""
    rows = Nomination.objects.for_system("评审").filter(round=round, state=S.REVIEWING)
    return list(rows.order_by("number", "pk"))


def outlook(session: Session, ballots: Sequence[Ballot]) -> list[Outlook]:
    """What each ballot would mean; nothing is written."""
    found = []
    for ballot in ballots:
        tally = ballot.tally(session)
        try:
            refuse_invalid(tally, session.on)
        except MoveRefused as refusal:
            found.append(Outlook(ballot.nomination, problem=str(refusal)))
            continue
        needed = majority_said(ballot.grade, session.on)
        found.append(Outlook(ballot.nomination, carries(tally, ballot.grade, session.on), needed))
    return found


def places(round: Round, session: Session | None = None, ballots: Sequence[Ballot] = ()) -> list[Place]:
    """The quota of each grade, used and allowed, with what these ballots would carry besides."""
    used = placed(round)
    carried: Counter[str] = Counter()
    if session is not None:
        for ballot, one in zip(ballots, outlook(session, ballots), strict=True):
            carried[ballot.grade] += one.carried
    return [Place(g, int(round.quotas[g]), used.get(g, 0), carried[g]) for g in round.grades]


def record_votes(session: Session, ballots: Sequence[Ballot], actor: Actor) -> list[Nomination]:
    """Record all ballots of a meeting or none. Raises NotAll, MoveRefused."""
    if not ballots:
        raise MoveRefused("一项也没有填。填了等级和票数的才登记。")
    given = {
        ballot.nomination.pk: {
            "grade": ballot.grade,
            "committee": session.committee,
            "present": session.present,
            "votes_for": ballot.votes_for,
            "votes_against": ballot.votes_against,
            "on": session.on,
            "minutes": session.minutes,
        }
        for ballot in ballots
    }
    return advance_each([ballot.nomination for ballot in ballots], "vote", actor, given)


def ranked(scores: Sequence[Decimal]) -> list[int]:
    """The place of each score, best first, equal scores sharing one: 90, 88, 88, 80 → 1, 2, 2, 4."""
    return [1 + sum(other > score for other in scores) for score in scores]


def record_scores(
    rows: Sequence[tuple[Nomination, str]], minutes: str, actor: Actor, *, after: int = 0
) -> list[Nomination]:
    """Record the scores of a review, ranked among themselves behind ``after`` places given before: all or none.

    Raises MoveRefused for a score that cannot be read, NotAll.
    """
    if not rows:
        raise MoveRefused("一项也没有填。填了得分的才登记。")
    if not minutes.strip():
        raise MoveRefused("没有写评审纪要。写上纪要的名称或文号再登记。")
    places = ranked([read_score(text) for _, text in rows])
    given = {
        row.pk: {"score": text.strip(), "rank": after + place, "minutes": minutes.strip()}
        for (row, text), place in zip(rows, places, strict=True)
    }
    return advance_each([row for row, _ in rows], "score", actor, given)


def given_places(round: Round) -> int:
    """How many nominations of a round have a review result already."""
    return Nomination.objects.for_system("名次").filter(round=round, rank__isnull=False).count()
