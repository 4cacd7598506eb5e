"""A nomination goes its way: who may do what, what is asked for, what stops it."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.awards.moving import PROCEDURE
from keshu.awards.register import NOMINATIONS
from keshu.awards.steps.nominating import content_hash
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.terms import clock
from tests.awards.committee import FIVE, PUBLICITY, make_round, on, superior

pytestmark = pytest.mark.django_db


def test_the_ordinary_way_from_nomination_to_certificate(awarding):
    row = awarding.to(awarding.draft(), "awarded", grade="first")
    assert (row.number, row.certificate_number, row.grade) == ("TM2026-0001", "QHJ2026-0001", "first")
    assert (row.score, row.rank, row.carried) == (Decimal("88.50"), 1, True)
    assert (row.received_on, row.passed_on, row.awarded_on) == (
        date(2026, 4, 13),
        date(2026, 6, 22),
        date(2026, 6, 23),
    )
    assert [entry.action for entry in moves_of(row)] == [
        *("submit", "publicise", "accept", "begin_review", "score", "vote"),
        *("propose", "publish", "approve", "award"),
    ]
    assert list(moments.broken_links()) == []


def test_the_acceptance_notice_lasts_fifteen_natural_days(awarding):
    """Accepted on 2026-04-13, the day itself not counted: the fifteenth day is 28 April; the 29th is the first to go on."""
    row = awarding.to(awarding.draft(), "accept_notice")
    assert row.accept_notice_until == date(2026, 4, 28)
    with on(4, 28, 23), pytest.raises(MoveRefused, match="到 2026-04-28 止，期满后再评审"):
        awarding.step(row, "begin_review", "office")
    with on(4, 29):
        assert awarding.step(row, "begin_review", "office").state == "reviewing"


def test_the_final_notice_lasts_fifteen_working_days(awarding):
    """Published on Friday 2026-05-22. Working days after it: 25–29 May (5), 1–5 June (10), 8–12 June (15): 12 June is the last."""
    row = awarding.to(awarding.draft(), "final_notice")
    assert row.final_notice_until == date(2026, 6, 12)
    with on(6, 12), pytest.raises(MoveRefused, match="期满后再批准"):
        awarding.step(row, "approve", "office", doc_no="青政发〔2026〕9号")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit_until": date(2026, 3, 25)}, "完成单位公示 2026-03-20 至 2026-03-25，不足 7 个自然日"),
        ({"nominator_until": date(2026, 4, 20)}, "提名者公示到 2026-04-20 才满"),
        ({"unit_until": date(2026, 3, 1)}, "早于起"),
    ],
)
def test_publicity_at_home_lasts_seven_natural_days_and_is_over(awarding, changed, said):
    row = awarding.to(awarding.draft(), "submitted")
    with pytest.raises(MoveRefused, match=said):
        awarding.step(row, "publicise", "health", **{**PUBLICITY, **changed})


def test_nobody_is_accepted_before_the_publicity_is_recorded(awarding):
    row = awarding.step(awarding.draft(), "submit", "health")
    with pytest.raises(MoveRefused, match="还没有登记完成单位和提名者的公示起止"):
        awarding.step(row, "accept", "office")


@pytest.mark.parametrize(
    ("action", "who"),
    [("submit", "office"), ("submit", "county_head"), ("submit", "hospital"), ("submit", "recommender")],
)
def test_only_the_nominating_unit_hands_in(awarding, action, who):
    with pytest.raises(NotYourTurn):
        awarding.step(awarding.draft(), action, who)


def test_the_office_handles_and_the_leader_decides(awarding):
    row = awarding.to(awarding.draft(), "voted")
    with pytest.raises(NotYourTurn):
        awarding.step(row, "propose", "office")
    with pytest.raises(NotYourTurn):
        awarding.step(row, "vote_again", "leader", "票数有误")


def test_what_is_not_filled_is_named(awarding):
    with pytest.raises(MoveRefused, match="还没有填：提名函文号、成果简介"):
        awarding.step(awarding.draft(letter_no="", summary=""), "submit", "health")


def test_nominations_end_to_the_second(awarding):
    row = awarding.draft()
    until = awarding.round.nominate_until
    with clock.pretend(until.replace(second=1)), pytest.raises(MoveRefused, match="17:30:00 截止提名"):
        awarding.step(row, "submit", "health")
    with clock.pretend(until):
        assert awarding.step(row, "submit", "health").state == "submitted"


def test_a_returned_nomination_is_corrected_within_five_working_days(awarding):
    """Returned on Monday 2026-04-13: the fifth working day after it is Monday 20 April; the round's own end does not matter."""
    row = awarding.to(awarding.draft(), "submitted")
    row = awarding.step(row, "return", "office", reason="XS-03")
    assert (row.reason_code, row.correct_by) == ("XS-03", date(2026, 4, 20))
    with on(4, 21), pytest.raises(MoveRefused, match="补正已于 2026-04-20 截止，逾期不受理"):
        awarding.step(row, "submit", "health")
    with on(4, 20):
        again = awarding.step(row, "submit", "health")
    assert (again.state, again.number, again.correct_by) == ("submitted", "TM2026-0001", None)


def test_use_for_less_than_six_months_is_not_accepted(awarding):
    """In use from 2025-10-31, nominations end 2026-04-30: five whole months. From 2025-10-30: six."""
    row = awarding.to(awarding.draft(applied_from=date(2025, 10, 31)), "submitted")
    awarding.step(row, "publicise", "health", **PUBLICITY)
    with pytest.raises(MoveRefused, match="是 5 个月，不足 6 个月"):
        awarding.step(row, "accept", "office")
    other = awarding.to(awarding.draft(title="另一项", applied_from=date(2025, 10, 30)), "accept_notice")
    assert other.state == "accept_notice"


def test_the_receipt_changes_with_the_order_of_the_people(awarding):
    row = awarding.draft()
    before = content_hash(row)
    with writing(awarding.staff.actor, "改"):
        winner = row.winners.for_system("测试").get(order=1)
        winner.name = "别人"
        winner.save()
    assert content_hash(row) != before


def test_a_superior_s_prize_is_received_recommended_noticed_and_awarded(awarding):
    row = awarding.step(awarding.draft(round=superior(awarding)), "submit", "health")
    with pytest.raises(NotYourTurn):
        awarding.step(row, "accept", "office")
    row = awarding.step(row, "receive", "office")
    row = awarding.step(row, "recommend", "office", doc_no="青科函〔2026〕5号", on=date(2026, 4, 12))
    row = awarding.step(row, "pass_notice", "office", on=date(2026, 4, 13))
    dates = (row.received_on, row.recommended_on, row.passed_on)
    assert dates == (date(2026, 4, 13), date(2026, 4, 12), date(2026, 4, 13))
    with on(12, 20):
        row = awarding.step(
            row, "award_above", "office", grade="second", doc_no="省政发〔2026〕30号", on=date(2026, 12, 18)
        )
    assert (row.state, row.grade, row.awarded_on) == ("awarded", "second", date(2026, 12, 18))


def test_a_day_to_come_is_no_day_of_recommendation(awarding):
    row = awarding.step(awarding.draft(round=superior(awarding)), "submit", "health")
    row = awarding.step(row, "receive", "office")
    with pytest.raises(MoveRefused, match="推荐日期 2026-05-01 还没有到"):
        awarding.step(row, "recommend", "office", doc_no="青科函〔2026〕5号", on=date(2026, 5, 1))


def test_a_round_may_cover_two_years(awarding):
    with writing(awarding.staff.actor, "两年一评"):
        two = make_round(awarding.prize, 2023, year_from=2022)
    assert (two.years, str(two)) == ("2022—2023", "2022—2023 年度青禾市科学技术进步奖")


def test_two_people_moving_one_nomination(awarding):
    row = awarding.to(awarding.draft(), "submitted")
    awarding.step(row, "return", "office", reason="XS-03")
    with pytest.raises(StaleState, match="现在是“退回补正”"):
        awarding.step(row, "accept", "office")


def test_every_state_can_be_reached_and_every_final_one_is_final():
    reachable = {"draft"} | {t.after for t in PROCEDURE.transitions}
    assert reachable == set(PROCEDURE.states)
    moving = {state for t in PROCEDURE.transitions for state in t.before}
    assert set(PROCEDURE.states) - moving == {"failed", "not_awarded", "withdrawn", "revoked"}


def test_a_withdrawn_nomination_leaves_the_way_free_for_another_prize(awarding):
    row = awarding.to(awarding.draft(), "accept_notice")
    row = awarding.step(row, "withdraw", "health", "改报省奖")
    assert row.state == "withdrawn"
    assert awarding.step(awarding.draft(), "submit", "health").state == "submitted"


def test_experts_nominate_together_through_their_unit(awarding):
    row = awarding.draft(nominator_kind="experts", experts=FIVE)
    assert awarding.to(row, "accept_notice").state == "accept_notice"


def test_what_waits_for_correction_waits_for_its_nominator_alone(awarding):
    row = awarding.to(awarding.draft(), "submitted")
    awarding.step(row, "return", "office", reason="XS-03")
    waiting = {
        who: NOMINATIONS.waiting(awarding.actors[who]).count() for who in ("health", "county_head", "office")
    }
    assert waiting == {"health": 1, "county_head": 0, "office": 0}
