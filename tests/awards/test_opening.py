"""Opening a round: the rules propose, the office decides, what cannot stand is named."""

from datetime import date

import pytest

from keshu.awards.models import Round
from keshu.awards.moving import advance_round
from keshu.awards.opening import RoundRefused, keep_round, proposal, short_window, texts_of, texts_proposed
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from tests.awards.committee import on, superior

pytestmark = pytest.mark.django_db
TYPED = {"year": "2027", "opens": "2027-02-01", "until": "2027-04-30", "committee": "15"}


def typed(awarding, **changed):
    return {**texts_proposed(awarding.prize, clock.today()), **TYPED, **changed}


def test_the_rules_propose_quotas_limits_and_periods(awarding):
    found = proposal(awarding.prize, date(2026, 4, 13))
    assert list(found.quotas) == ["special", "first", "second", "third"]
    assert (found.accept_days, found.accept_unit, found.final_days, found.final_unit) == (
        15, "natural", 15, "working",
    )  # fmt: skip
    assert found.limits["first"] == {"people": 10, "units": 5}


def test_a_round_keeps_what_was_decided(awarding):
    made = keep_round(awarding.actors["office"], awarding.prize, typed(awarding, **{"quota.first": "4"}))
    assert (made.year, made.state, made.quotas["first"]) == (2027, "draft", 4)
    assert f"{made.nominate_until.astimezone(clock.TZ):%Y-%m-%d %H:%M}" == "2027-04-30 17:30"
    assert texts_of(made)["quota.first"] == "4"
    assert advance_round(made, "open", awarding.actors["office"]).state == "open"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"year": "二〇二七"}, "year"),
        ({"year": "2026"}, "year"),
        ({"year_from": "2028"}, "year_from"),
        ({"until": "2027-01-01"}, "until"),
        ({"opens": ""}, "opens"),
        ({"quota.first": "-1"}, "quota.first"),
        ({"people.third": "0"}, "people.third"),
        ({"accept_unit": "moon"}, "accept_unit"),
    ],
)
def test_what_cannot_stand_is_named(awarding, changed, field):
    with pytest.raises(RoundRefused) as refused:
        keep_round(awarding.actors["office"], awarding.prize, typed(awarding, **changed))
    assert field in refused.value.problems
    assert Round.objects.count() == 1


def test_only_the_awards_office_opens_rounds(awarding):
    for who in ("leader", "health", "planning"):
        with pytest.raises(NotYourTurn):
            keep_round(awarding.actors[who], awarding.prize, typed(awarding))


def test_a_quota_is_not_cut_below_what_stands(awarding):
    awarding.to(awarding.draft(), "proposed")
    texts = {**texts_of(awarding.round), "quota.third": "0"}
    with pytest.raises(RoundRefused, match="三等奖已用 1 项名额，不能改成 0 项"):
        keep_round(awarding.actors["office"], awarding.prize, texts, awarding.round)
    awarding.round.refresh_from_db()
    assert awarding.round.quotas["third"] == 3


def test_a_round_without_places_does_not_open_but_a_superior_s_does(awarding):
    zeros = {f"quota.{grade}": "0" for grade in awarding.round.quotas}
    made = keep_round(awarding.actors["office"], awarding.prize, typed(awarding, **zeros))
    with pytest.raises(MoveRefused, match="各等名额都是 0"):
        advance_round(made, "open", awarding.actors["office"])
    above = superior(awarding).prize
    made = keep_round(awarding.actors["office"], above, {**texts_proposed(above, clock.today()), **TYPED})
    assert advance_round(made, "open", awarding.actors["office"]).state == "open"


def test_less_than_sixty_days_is_warned_of(awarding):
    """1 March to 29 April are 59 days."""
    short = keep_round(
        awarding.actors["office"], awarding.prize, typed(awarding, opens="2027-03-01", until="2027-04-29")
    )
    assert short_window(short) == "提名期 59 天，少于规则里的 60 天。"
    assert short_window(awarding.round) == ""
    with on(4, 14):
        assert short_window(short)


def test_what_has_ended_and_the_year_of_a_nomination_stay(awarding):
    office = awarding.actors["office"]
    awarding.to(awarding.draft(), "submitted")
    with pytest.raises(RoundRefused, match="2026 年度已经有提名，年度不能改"):
        keep_round(office, awarding.prize, {**texts_of(awarding.round), "year": "2025"}, awarding.round)
    ended = advance_round(advance_round(awarding.round, "close", office), "finish", office)
    with pytest.raises(RoundRefused, match="已经结束，不能再改"):
        keep_round(office, awarding.prize, texts_of(ended), ended)
