"""Votes and review results of many at once: what they would mean, then all or none."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.awards.models import Nomination
from keshu.awards.moving import NotAll
from keshu.awards.voting import Ballot, Session, outlook, places, ranked, record_scores, record_votes, votable
from keshu.procedure.moving import MoveRefused, moves_of
from tests.awards.committee import on

pytestmark = pytest.mark.django_db
MEETING = Session(date(2026, 5, 20), committee=15, present=12, minutes="表决纪要 2 号")


@pytest.fixture
def three(awarding):
    return [awarding.to(awarding.draft(title=f"成果{n}"), "reviewed", rank=n) for n in (1, 2, 3)]


def ballots(rows, *votes):
    return [Ballot(row, grade, ayes, 12 - ayes) for row, (grade, ayes) in zip(rows, votes, strict=True)]


def test_what_votes_would_mean_is_said_before_they_are_recorded(awarding, three):
    """Twelve present: a first prize needs 8, a second more than 6. Two firsts are carried for one place."""
    found = ballots(three, ("first", 8), ("first", 9), ("second", 6))
    assert [(one.carried, one.needed) for one in outlook(MEETING, found)] == [
        (True, "2/3 以上"),
        (True, "2/3 以上"),
        (False, "过 1/2"),
    ]
    assert [
        (p.grade, p.allowed, p.used, p.carried, p.over) for p in places(awarding.round, MEETING, found)
    ] == [
        ("special", 1, 0, 0, 0),
        ("first", 1, 0, 2, 1),
        ("second", 2, 0, 0, 0),
        ("third", 3, 0, 0, 0),
    ]
    assert {row.state for row in votable(awarding.round)} == {"reviewed"}


def test_votes_are_recorded_for_all_or_for_none(awarding, three):
    awarding.objection(three[1], received_on=date(2026, 4, 13))
    found = ballots(three, ("first", 8), ("second", 9), ("third", 6))
    with on(5, 20), pytest.raises(NotAll, match="3 项里有 1 项不能办，一项也没有办。成果2：还有 1 件异议"):
        record_votes(MEETING, found, awarding.actors["office"])
    assert len(votable(awarding.round)) == 3
    with on(5, 20):
        record_votes(MEETING, [found[0], found[2]], awarding.actors["office"])
    states = Nomination.objects.for_system("测试").order_by("pk").values_list("state", "carried")
    assert list(states) == [("voted", True), ("reviewed", None), ("voted", False)]
    assert "表决纪要 2 号" in moves_of(three[0]).last().note


def test_too_few_present_stop_the_whole_meeting(awarding, three):
    few = Session(date(2026, 5, 20), committee=15, present=9, minutes="纪要")
    found = [Ballot(row, "third", 9, 0) for row in three]
    assert all("表决无效" in one.problem for one in outlook(few, found))
    with on(5, 20), pytest.raises(NotAll, match="3 项里有 3 项不能办"):
        record_votes(few, found, awarding.actors["office"])


def test_nothing_filled_is_nothing_recorded(awarding):
    with pytest.raises(MoveRefused, match="一项也没有填"):
        record_votes(MEETING, [], awarding.actors["office"])


def test_equal_scores_share_a_place():
    assert ranked([Decimal(n) for n in ("88", "90", "80", "88")]) == [2, 1, 4, 2]


def test_scores_are_ranked_as_they_are_recorded(awarding):
    rows = [awarding.to(awarding.draft(title=f"成果{n}"), "reviewing") for n in (1, 2, 3)]
    with on(5, 8):
        with pytest.raises(MoveRefused, match="评审得分“一百”不是数"):
            record_scores([(rows[0], "一百")], "纪要", awarding.actors["office"])
        scored = list(zip(rows, ("88.25", "91", "88.25"), strict=True))
        record_scores(scored, "网评会评纪要", awarding.actors["office"])
    found = Nomination.objects.for_system("测试").order_by("pk").values_list("score", "rank", "state")
    assert list(found) == [
        (Decimal("88.25"), 2, "reviewed"),
        (Decimal("91.00"), 1, "reviewed"),
        (Decimal("88.25"), 2, "reviewed"),
    ]


@pytest.mark.parametrize("text", ["100.01", "-1", "88.555", "NaN", "Infinity", ""])
def test_a_score_is_between_0_and_100(awarding, text):
    row = awarding.to(awarding.draft(), "reviewing")
    with on(5, 8), pytest.raises(MoveRefused, match="评审得分"):
        record_scores([(row, text)], "纪要", awarding.actors["office"])


def test_a_new_vote_begins_empty(awarding):
    row = awarding.to(awarding.draft(), "voted", grade="first", votes=8)
    with on(5, 21):
        row = awarding.step(row, "vote_again", "office", "票数录错")
    assert (row.state, row.carried, row.voted_grade, row.votes_for) == ("reviewed", None, "", None)
