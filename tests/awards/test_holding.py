"""What must hold of awards: one prize a year, people in order, experts, what an award rests on, votes, quotas."""

import threading

import pytest
from django.db import IntegrityError, connections, transaction

from keshu.awards.models import Basis, Nomination, Prize, Winner
from keshu.awards.models.nominations import basis_key
from keshu.awards.policy import Tally, carries, refuse_invalid
from keshu.figures import counting
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused
from keshu.rules.models import Rule
from tests.awards.committee import APRIL, FIVE, make_round, on, superior

pytestmark = pytest.mark.django_db
DAY = APRIL.date()


def other_prize(awarding, **values):
    with writing(awarding.staff.actor, "另一奖种"):
        prize = Prize(
            **{"name": "青禾市技术发明奖", "kind": "invention", "issuer": "青禾市人民政府", **values}
        )
        prize.save()
        return make_round(prize, 2026)


# ---- one achievement, one prize a year ----------------------------------------------------------------------------------


def test_one_achievement_is_not_nominated_for_two_prizes_of_a_year(awarding):
    awarding.step(awarding.draft(), "submit", "health")
    second = awarding.draft(title="基层卒中急救 协同救治", round=other_prize(awarding))
    with pytest.raises(MoveRefused, match="今年已经提名青禾市科学技术进步奖，现在是待形式审查"):
        awarding.step(second, "submit", "health")


def test_the_same_registered_achievement_is_recognised_under_another_title(awarding):
    awarding.step(awarding.draft(achievement_number="9912026Y0001"), "submit", "health")
    second = awarding.draft(
        title="换了名字", achievement_number="9912026Y0001", round=other_prize(awarding), unit_name="别的单位"
    )
    with pytest.raises(MoveRefused, match="同一成果一年只能报一个奖种"):
        awarding.step(second, "submit", "health")


def test_an_outstanding_contribution_may_stand_beside(awarding):
    awarding.step(awarding.draft(), "submit", "health")
    beside = other_prize(awarding, name="突出贡献奖", kind="outstanding", beside=True)
    assert awarding.step(awarding.draft(round=beside), "submit", "health").state == "submitted"


def test_the_city_s_prize_and_the_province_s_are_two_levels(awarding):
    awarding.step(awarding.draft(), "submit", "health")
    assert awarding.step(awarding.draft(round=superior(awarding)), "submit", "health").state == "submitted"


# ---- people -------------------------------------------------------------------------------------------------------------


def test_two_people_never_share_a_place(awarding):
    row = awarding.draft(people=2)
    with pytest.raises(IntegrityError), transaction.atomic(), writing(awarding.staff.actor, "改"):
        Winner(nomination=row, order=2, name="又一个").save()


def test_places_run_from_one_without_a_gap(awarding):
    row = awarding.draft(people=2)
    with writing(awarding.staff.actor, "改"):
        winner = row.winners.for_system("测试").get(order=2)
        winner.order = 3
        winner.save()
    with pytest.raises(MoveRefused, match="完成人排序是 1、3，要从 1 起连续、不重"):
        awarding.step(row, "submit", "health")


def test_the_grade_limits_the_people(awarding):
    """Third prize: six people. Seven may be nominated (a special prize takes fifteen) but not proposed for the third."""
    row = awarding.to(awarding.draft(people=7), "voted")
    with on(5, 21), pytest.raises(MoveRefused, match="三等奖最多 6 名完成人，现在 7 名。删去排在后面的 1 名"):
        awarding.step(row, "propose", "leader")
    with pytest.raises(MoveRefused, match="最高等级最多 15 名完成人，现在 16 名"):
        awarding.step(awarding.draft(title="人多的", people=16), "submit", "health")


def test_units_are_limited_too(awarding):
    row = awarding.to(awarding.draft(other_units=["甲院", "乙院", "丙院"]), "voted")
    with on(5, 21), pytest.raises(MoveRefused, match="三等奖最多 3 个完成单位，现在 4 个"):
        awarding.step(row, "propose", "leader")


# ---- nominators ---------------------------------------------------------------------------------------------------------


def test_a_joint_nomination_needs_five_experts(awarding):
    with pytest.raises(MoveRefused, match="专家联名要 5 位以上，现在写了 4 位"):
        awarding.step(awarding.draft(nominator_kind="experts", experts=FIVE[:4]), "submit", "health")
    twice = [*FIVE[:4], FIVE[0]]
    with pytest.raises(MoveRefused, match="写了两次"):
        awarding.step(awarding.draft(nominator_kind="experts", experts=twice), "submit", "health")
    assert awarding.step(awarding.draft(nominator_kind="experts", experts=FIVE), "submit", "health").state


def test_the_number_of_experts_is_a_dated_rule(awarding):
    with writing(awarding.staff.actor, "改规则"):
        Rule(
            kind="limit",
            code="award-experts",
            name="专家联名",
            valid_from=DAY,
            data={"least": 3, "a_year": 1},
            source_mark="测试",
        ).save()
    row = awarding.draft(nominator_kind="experts", experts=FIVE[:3])
    assert awarding.step(row, "submit", "health").state == "submitted"


def test_an_expert_nominates_once_a_year(awarding):
    awarding.step(awarding.draft(nominator_kind="experts", experts=FIVE), "submit", "health")
    second = awarding.draft(title="另一项", nominator_kind="experts", experts=FIVE)
    with pytest.raises(MoveRefused, match="专家甲 今年已经联名提名“基层卒中急救协同救治”"):
        awarding.step(second, "submit", "health")


def test_who_nominates_completes_nothing_of_the_same_year(awarding):
    """Both ways round, and in the nomination itself."""
    first = awarding.draft()
    me = {"name": first.winners.for_system("测试").first().name, "unit": first.unit_name, "title": "主任医师"}
    awarding.step(first, "submit", "health")
    second = awarding.draft(title="另一项", nominator_kind="experts", experts=[me, *FIVE[1:]])
    with pytest.raises(MoveRefused, match="是今年“基层卒中急救协同救治”的完成人，不能同年提名"):
        awarding.step(second, "submit", "health")
    third = awarding.draft(title="第三项", nominator_kind="experts", experts=FIVE)
    awarding.step(third, "submit", "health")
    fourth = awarding.draft(title="第四项")
    with writing(awarding.staff.actor, "改"):
        winner = fourth.winners.for_system("测试").first()
        winner.name, winner.unit_name = FIVE[2]["name"], FIVE[2]["unit"]
        winner.save()
    with pytest.raises(MoveRefused, match="完成人 专家丙 今年联名提名了“第三项”"):
        awarding.step(fourth, "submit", "health")


def test_a_unit_does_not_nominate_itself_where_the_round_says_so(awarding):
    own = awarding.draft(unit_name="青禾市卫生健康委员会")
    with pytest.raises(
        MoveRefused, match="青禾市卫生健康委员会 是完成单位，“2026 年度青禾市科学技术进步奖”不接受自荐"
    ):
        awarding.step(own, "submit", "health")
    with writing(awarding.staff.actor, "接受自荐"):
        awarding.round.self_nomination = True
        awarding.round.save()
    own.refresh_from_db()
    assert awarding.step(own, "submit", "health").state == "submitted"


# ---- what an award rests on ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ZL 2023 1 0012345.6", "202310012345.6"),
        ("ＺＬ202310012345.6", "CN2023100123456"),
        ("10.1000/xyz123", "https://doi.org/10.1000/XYZ123"),
        ("doi: 10.1000/xyz123", "10.1000/xyz123"),
        ("GB/T 1234-2020", "gb/t1234-2020"),
    ],
)
def test_one_patent_has_one_spelling(one, other):
    assert basis_key(one) == basis_key(other)


def test_different_numbers_stay_different():
    assert len({basis_key(n) for n in ("ZL202310012345.6", "ZL202310012345.7", "GB/T 1234", "CN 12")}) == 4


def test_a_patent_stands_behind_one_awarded_achievement(awarding):
    first = awarding.draft(basis=("ZL 2023 1 0012345.6",))
    second = awarding.draft(title="另一项", basis=("202310012345.6",))
    first = awarding.to(first, "awarded")
    second = awarding.to(second, "voted", rank=2)
    with on(6, 25), pytest.raises(MoveRefused, match="已经支撑“基层卒中急救协同救治”获奖"):
        awarding.step(second, "propose", "leader")
    with on(6, 26):
        awarding.step(first, "revoke", "leader", "材料造假，青政发〔2026〕20号")
        assert awarding.step(second, "propose", "leader").state == "proposed"


def test_the_table_itself_refuses_a_spent_patent(awarding):
    rows = [awarding.draft(title=title, basis=("ZL202310012345.6",)) for title in ("甲", "乙")]
    with pytest.raises(IntegrityError), transaction.atomic(), writing(awarding.staff.actor, "改"):
        for basis in Basis.objects.for_system("测试").filter(nomination__in=rows):
            basis.awarded = True
            basis.save()


# ---- votes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("present", "valid"), [(9, False), (10, True), (15, True)])
def test_a_vote_is_valid_when_two_thirds_are_present(base, present, valid):
    """Fifteen members: two thirds are exactly ten."""
    tally = Tally(15, present, present, 0)
    if valid:
        refuse_invalid(tally, DAY)
    else:
        with pytest.raises(MoveRefused, match="到会 9 人，应到 15 人，不足 2/3，表决无效"):
            refuse_invalid(tally, DAY)


@pytest.mark.parametrize(
    ("grade", "votes_for", "carried"),
    [
        ("first", 8, True),  # 8 of 12 is exactly two thirds
        ("first", 7, False),
        ("special", 7, False),
        ("second", 7, True),
        ("second", 6, False),  # half is not more than half
        ("third", 6, False),
        ("none", 7, True),
    ],
)
def test_first_prizes_need_two_thirds_others_more_than_half(base, grade, votes_for, carried):
    assert carries(Tally(15, 12, votes_for, 12 - votes_for), grade, DAY) is carried


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(15, 16, 10, 2), "到会 16 人，多于应到 15 人"),
        (Tally(15, 12, 10, 3), "赞成和反对共 13 票，多于到会 12 人"),
        (Tally(0, 0, 0, 0), "没有写评审委员会应到人数"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(base, tally, said):
    with pytest.raises(MoveRefused, match=said):
        refuse_invalid(tally, DAY)


def test_a_grade_that_was_not_carried_is_not_proposed(awarding):
    row = awarding.to(awarding.draft(), "voted", grade="first", votes=8)  # 8 of 13 < 2/3
    assert row.carried is False
    with (
        on(5, 21),
        pytest.raises(MoveRefused, match="一等奖要到会委员 2/3 以上赞成，13 人到会、8 票赞成，没有通过"),
    ):
        awarding.step(row, "propose", "leader")


def test_a_grade_the_round_does_not_give_cannot_be_voted_on(awarding):
    with writing(awarding.staff.actor, "改"):
        awarding.round.quotas = {"first": 1}
        awarding.round.save()
    row = awarding.to(awarding.draft(), "reviewed")
    with on(5, 20), pytest.raises(MoveRefused, match="不设二等奖"):
        awarding.step(row, "vote", "office", **awarding.votes("second"))


def test_equal_places_need_equal_scores(awarding):
    first = awarding.to(awarding.draft(), "reviewed")
    second = awarding.to(awarding.draft(title="另一项"), "reviewing")
    with on(5, 8), pytest.raises(MoveRefused, match="已经是第 1 名，得分不同不能并列"):
        awarding.step(second, "score", "office", score="88", rank=1, minutes="纪要")
    with on(5, 8):
        tied = awarding.step(second, "score", "office", score="88.5", rank=1, minutes="纪要")
    assert (first.rank, tied.rank) == (1, 1)


# ---- quotas -------------------------------------------------------------------------------------------------------------


def test_a_grade_has_no_more_awards_than_places(awarding):
    """Two second prizes; the third of them is refused and may stand for another grade after a new vote."""
    rows = [awarding.to(awarding.draft(title=f"成果{n}"), "voted", grade="second", rank=n) for n in (1, 2, 3)]
    with on(5, 21):
        for row in rows[:2]:
            awarding.step(row, "propose", "leader")
        with pytest.raises(MoveRefused, match="二等奖名额 2 项，已用 2 项，没有空额"):
            awarding.step(rows[2], "propose", "leader")
        awarding.step(rows[0], "pass_over", "leader", "完成人放弃")
    with on(5, 22):
        rows[0].refresh_from_db()
        assert awarding.step(rows[2], "propose", "leader").state == "proposed"


@pytest.mark.django_db(transaction=True)
def test_a_quota_holds_with_many_at_once(awarding, on_postgres):
    """Three third prizes; fifty (eight where writers queue) are proposed at the same moment: three are."""
    many = 50 if on_postgres else 8
    rows = [
        awarding.to(awarding.draft(title=f"成果{n}"), "voted", grade="third", rank=n + 1) for n in range(many)
    ]
    refused: list[str] = []
    broken: list[BaseException] = []
    gate = threading.Barrier(many)

    def propose(row: Nomination) -> None:
        try:
            gate.wait()
            with on(5, 21):
                awarding.step(row, "propose", "leader")
        except MoveRefused as refusal:
            refused.append(str(refusal))
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=propose, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert Nomination.objects.for_system("测试").filter(state="proposed").count() == 3
    assert len(refused) == many - 3 and all("三等奖名额 3 项，已用 3 项" in said for said in refused)
    assert counting.differing()[1] == []


@pytest.mark.django_db(transaction=True)
def test_one_achievement_handed_in_twice_at_once_is_taken_once(awarding, on_postgres):
    other = other_prize(awarding)
    rows = [awarding.draft(), awarding.draft(round=other)]
    said: list[str] = []
    gate = threading.Barrier(2)

    def submit(row: Nomination) -> None:
        try:
            gate.wait()
            with on(4, 13):
                said.append(awarding.step(row, "submit", "health").state)
        except MoveRefused:
            said.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["refused", "submitted"]
