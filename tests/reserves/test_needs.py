"""揭榜挂帅: the terms, the sealed answers, the choice and its notice, the contract and its money, and the way of a commission."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshu.journal.writing import writing
from keshu.ledger.evidence import may_attach
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.reserves import answering, filling, weighing
from keshu.reserves.models import Answer, Milestone
from keshu.reserves.register import ANSWERS, NEEDS
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period
from tests.programmes.test_counting import value
from tests.reserves.room import ARGUED, WAN

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 4, 20, 9, 0, tzinfo=clock.TZ)


def seen(room, who):
    return {row.title for row in ANSWERS.rows(room.actors[who])}


def again(record):
    return type(record).objects.for_system("测试").get(pk=record.pk)


# ---- the terms


def failed(**terms):
    return [check.field for check in weighing.terms(**terms) if not check.holds]


def test_the_owner_pays_at_least_what_the_rules_ask_for(base):
    """Support of 50 万: in all at least 4 × 50 = 200, to who meets the need at least 40 % = 20."""
    ask = {"support": 50 * WAN, "months": 12}
    assert failed(budget=200 * WAN, bounty=20 * WAN, **ask) == []
    assert failed(budget=Decimal("1999999.99"), bounty=20 * WAN, **ask) == ["budget"]
    assert failed(budget=200 * WAN, bounty=Decimal("199999.99"), **ask) == ["bounty"]
    assert failed(budget=20 * WAN, bounty=21 * WAN, support=None, months=37) == ["bounty", "months"]
    assert failed(budget=20 * WAN, bounty=20 * WAN, support=None, months=36) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**8))
def test_the_terms_hold_exactly_when_the_integers_say_so(base, budget, bounty, support):
    """Fen against fen: budget ≥ 4 support and 100 bounty ≥ 40 support and bounty ≤ budget."""
    money = [Decimal(fen) / 100 for fen in (budget, bounty, support)]
    holds = all(check.holds for check in weighing.terms(*money, None))
    assert holds == (bounty <= budget and budget >= 4 * support and 100 * bounty >= 40 * support)


def test_the_rules_say_that_no_document_of_ours_fixes_them(base):
    for code in ("need-budget-times", "need-bounty-share"):
        rule = Rule.objects.get(code=code)
        assert "外地实例" in rule.source_mark and rule.doc_no == ""


def test_a_need_against_the_rules_is_not_handed_in_nor_argued(room):
    with pytest.raises(MoveRefused, match="总投入不少于财政支持的 4 倍"):
        room.hand_in("needs", budget="100")
    need = room.hand_in("needs")
    with writing(room.actors["office"], "改"):
        need.support = 200 * WAN
        need.save()
    with pytest.raises(MoveRefused, match="总投入不少于财政支持的 4 倍（总投入 400，财政支持 200 万元）"):
        room.step(need, "argue", **ARGUED)


def test_it_is_argued_only_when_genuine_and_paid_for(room):
    need = room.hand_in("needs")
    with pytest.raises(MoveRefused, match="都要核实"):
        room.step(need, "argue", minutes="纪要", genuine=True, funded=False)
    with pytest.raises(MoveRefused, match="论证纪要"):
        room.step(need, "argue", genuine=True, funded=True)
    assert room.step(need, "argue", **ARGUED).state == "argued"


def test_who_puts_a_need_up_for_others_names_an_organisation_of_the_directory(room):
    with pytest.raises(MoveRefused, match="出题方已建档"):
        room.hand_in("needs", "office", unit_name="没有的单位")
    assert room.hand_in("needs", "office", unit_name="北岭新材料有限公司").unit.name == "北岭新材料有限公司"


# ---- answers


def test_needs_and_answers_are_numbered_without_gaps(room):
    first, second = room.published(), room.published("south", title="另一个")
    answers = room.answered(first, "south", "far")
    with pytest.raises(MoveRefused):
        room.hand_in("answers", "north", first.pk)
    answers += room.answered(second, "far")
    assert [first.number, second.number] == ["XQ2026-0001", "XQ2026-0002"]
    assert [row.number for row in answers] == ["JB2026-0001", "JB2026-0002", "JB2026-0003"]


def test_an_answer_is_sealed_until_the_opening_and_nobody_else_reads_it(room):
    need = room.published()
    room.answered(need, "south", "far")
    assert seen(room, "south") == {"south的方案"} and seen(room, "far") == {"far的方案"}
    for who in ("office", "leader", "planning", "north", "county_head", "other_head"):
        assert seen(room, who) == set(), who
    with clock.pretend(APRIL):
        room.step(need, "open")
    both = {"south的方案", "far的方案"}
    for who in ("office", "leader", "north"):
        assert seen(room, who) == both, who
    assert seen(room, "south") == {"south的方案"}
    assert seen(room, "county_head") == set()  # a bid is no business of the county


def test_answers_are_taken_until_the_last_second_and_not_after(room):
    """The 15th of April, 17:30:00 is the end."""
    need = room.published()
    with clock.pretend(datetime(2026, 4, 15, 17, 30, 0, tzinfo=clock.TZ)):
        room.answered(need, "south")
        with pytest.raises(MoveRefused, match="到时才能开榜"):
            room.step(need, "open")
    late = room.sheet("answers", "far", need.pk)
    with (
        clock.pretend(datetime(2026, 4, 15, 17, 30, 1, tzinfo=clock.TZ)),
        pytest.raises(MoveRefused, match="在揭榜期内"),
    ):
        filling.hand_in(answering.FORM, late, room.actors["far"])
    with clock.pretend(APRIL):
        assert room.step(need, "open").state == "judging"


def test_nothing_is_added_to_an_own_answer_after_the_deadline(room):
    need = room.published()
    (answer,) = room.answered(need, "south")
    with clock.pretend(datetime(2026, 4, 15, 17, 30, 0, tzinfo=clock.TZ)):
        assert may_attach(ANSWERS, answer, room.actors["south"])
    with clock.pretend(datetime(2026, 4, 15, 17, 30, 1, tzinfo=clock.TZ)):
        assert not may_attach(ANSWERS, answer, room.actors["south"])
        assert "截止揭榜" in answering.takes_no_papers(answer, room.actors["south"])


def test_an_organisation_answers_once_not_to_itself_and_may_take_back_while_answers_are_taken(room):
    need = room.published()
    with pytest.raises(MoveRefused, match="本单位自己的"):
        room.hand_in("answers", "north", need.pk)
    (first,) = room.answered(need, "south")
    with pytest.raises(MoveRefused, match="已经报过"):
        room.sheet("answers", "south", need.pk)
    assert answering.step(first, "withdraw", room.actors["south"]).state == "withdrawn"
    (second,) = room.answered(need, "south")
    with clock.pretend(APRIL):
        with pytest.raises(MoveRefused, match="已于 2026-04-15 17:30 截止"):
            answering.step(second, "withdraw", room.actors["south"])
        room.step(need, "open")
    assert again(first).state == "withdrawn" and again(second).state == "opened"


def test_the_time_offered_may_not_exceed_the_need_s(room):
    need = room.published()
    with pytest.raises(MoveRefused, match="不超过完成时限 18 个月"):
        room.hand_in("answers", "south", need.pk, months="19")


def test_nobody_handles_a_sealed_answer_by_itself(room):
    need = room.published()
    (answer,) = room.answered(need, "south")
    for action in ("open", "choose", "pass_over"):
        with pytest.raises((NotYourTurn, StaleState)):
            answering.step(answer, action, room.actors["office"])
    with clock.pretend(APRIL):
        room.step(need, "open")
    for action in ("choose", "pass_over"):
        with pytest.raises(NotYourTurn):
            answering.step(again(answer), action, room.actors["leader"])


def test_a_need_without_answers_fails_and_one_with_answers_has_to_be_opened(room):
    empty, asked = room.published(), room.published("south", title="有人揭")
    room.answered(asked, "far")
    with pytest.raises(MoveRefused, match="到时才能开榜"):
        room.step(empty, "nobody", note="没有人揭")
    with clock.pretend(APRIL):
        with pytest.raises(MoveRefused, match="没有单位揭榜"):
            room.step(empty, "open")
        assert room.step(empty, "nobody", note="没有人揭").state == "unanswered"
        with pytest.raises(MoveRefused, match="要先开榜评过"):
            room.step(asked, "nobody", note="没有人揭")
        room.step(asked, "open")
        assert room.step(asked, "nobody", note="都不达标").state == "unanswered"
    assert {row.state for row in Answer.objects.for_system("测试")} == {"not_chosen"}


def test_an_extension_goes_forward_only(room):
    need = room.published()
    with pytest.raises(MoveRefused, match="更晚的日期"):
        room.step(need, "extend", note="征集不足", until=date(2026, 4, 10))
    assert room.step(need, "extend", note="征集不足", until=date(2026, 5, 8)).answer_until == datetime(
        2026, 5, 8, 17, 30, tzinfo=clock.TZ
    )
    with pytest.raises(MoveRefused, match="已经过了"):
        room.published("south", until=date(2026, 3, 15))


# ---- the choice


def test_the_choice_stands_five_working_days_in_notice_before_anybody_has_won(room):
    """Decided on Monday 2026-04-20: the 21st to the 24th and the 27th are five working days; 五一 begins on 1 May."""
    need = room.noticed()
    assert (need.notice_from, need.notice_until) == (date(2026, 4, 20), date(2026, 4, 27))
    assert {row.state for row in Answer.objects.for_system("测试")} == {"opened"}
    with (
        clock.pretend(datetime(2026, 4, 27, 23, 0, tzinfo=clock.TZ)),
        pytest.raises(MoveRefused, match="公示到 2026-04-27 止"),
    ):
        room.step(need, "confirm")
    with clock.pretend(datetime(2026, 4, 28, 9, 0, tzinfo=clock.TZ)):
        need = room.step(need, "confirm")
    assert need.state == "signing" and need.taker.name == "南塘机电有限公司"
    states = {row.unit.name: row.state for row in Answer.objects.for_system("测试").select_related("unit")}
    assert states == {"南塘机电有限公司": "chosen", "岚川电子研究所": "not_chosen"}
    assert NEEDS.rows(room.actors["south"]).get().pk == need.pk  # who takes it sees it


def test_only_the_leader_decides_and_an_objection_upheld_opens_the_judging_again(room):
    need = room.published()
    room.answered(need, "south", "far")
    with clock.pretend(APRIL):
        need = room.step(need, "open")
        chosen = Answer.objects.for_system("测试").get(unit_id=room.actors["south"].unit_id)
        need = room.step(need, "judge", answer=str(chosen.pk), minutes="评榜纪要")
        with pytest.raises(NotYourTurn):
            room.step(need, "decide", minutes="纪要")
        need = room.step(need, "decide", "leader", minutes="党组会纪要")
        need = room.step(need, "object", note="实名异议，附证明")
        need = room.step(need, "uphold", note="团队人员不实")
    assert (need.state, need.taker, need.chosen, need.notice_until) == ("judging", None, None, None)


# ---- the contract


def test_three_parties_sign_and_the_contract_counts_in_its_month(room):
    need = room.noticed()
    with clock.pretend(datetime(2026, 5, 6, 9, 0, tzinfo=clock.TZ)):
        need = room.step(need, "confirm")
        terms = {
            "number": "HT-1",
            "on": date(2026, 5, 6),
            "ends_on": date(2027, 5, 5),
            "amount": 100 * WAN,
            "three": True,
        }
        with pytest.raises(MoveRefused, match="三方都签"):
            room.step(need, "sign", **{**terms, "three": False})
        with pytest.raises(MoveRefused, match="超过需求的总投入 400 万元"):
            room.step(need, "sign", **{**terms, "amount": 401 * WAN})
        with pytest.raises(MoveRefused, match="不晚于签约日期"):
            room.step(need, "sign", **{**terms, "ends_on": date(2026, 5, 6)})
        need = room.step(need, "sign", **terms)
        city, year = room.staff.city, Period.year(2026)
        assert value("needs_published", city, Period.month(2026, 3)).value == 1
        assert value("needs_contracted", city, Period.month(2026, 4)).value == 0
        assert value("needs_contracted", city, year).value == 1


def test_milestones_and_payments_never_exceed_the_contract(room):
    """A contract of 100: milestones of 40 and 60 fit, one fen more does not; the payment after acceptance is what is left."""
    need = room.running(100)
    with clock.pretend(datetime(2026, 6, 1, 9, 0, tzinfo=clock.TZ)):
        need = room.step(need, "plan", text="定型", due_on=date(2026, 9, 30), amount=40 * WAN)
        with pytest.raises(MoveRefused, match=r"各里程碑合计 100\.01 万元，超过合同额 100 万元"):
            room.step(
                need, "plan", text="试验", due_on=date(2027, 2, 28), amount=60 * WAN + Decimal("100.00")
            )
        need = room.step(need, "plan", text="试验", due_on=date(2027, 2, 28), amount=60 * WAN)
        first, second = Milestone.objects.for_system("测试").order_by("order")
        given = {"milestone": str(first.pk), "on": date(2026, 6, 1), "doc_no": "拨〔2026〕1号"}
        need = room.step(need, "reach", **given)
        assert need.paid == 40 * WAN
        with pytest.raises(MoveRefused, match="已经完成"):
            room.step(need, "reach", **given)
        assert "1. 定型" in moves_of(need).last().note
        need = room.step(need, "accept", "north", on=date(2026, 6, 1), opinion="达到约定指标")
        with pytest.raises(MoveRefused, match="已兑付 40 万元，再付 61 万元就超过合同额 100 万元"):
            room.step(need, "pay", amount=61 * WAN, on=date(2026, 6, 1), doc_no="拨〔2026〕2号")
        need = room.step(need, "pay", amount=60 * WAN, on=date(2026, 6, 1), doc_no="拨〔2026〕2号")
    assert (need.state, need.paid, need.closed_on) == ("paid", 100 * WAN, date(2026, 6, 1))
    assert second.reached_on is None


def test_the_owner_accepts_and_a_failure_is_put_right_or_ends(room):
    need = room.running()
    with clock.pretend(datetime(2026, 6, 1, 9, 0, tzinfo=clock.TZ)):
        with pytest.raises(NotYourTurn):
            room.step(need, "accept", "south", on=date(2026, 6, 1), opinion="自己说好")
        need = room.step(need, "fail", "north", note="误报偏多")
        need = room.step(need, "again", note="九月底前整改")
        need = room.step(need, "fail", "north", note="仍未达标")
        with pytest.raises(NotYourTurn):
            room.step(need, "terminate", note="终止")
        assert room.step(need, "terminate", "leader", note="无法完成").closed_on == date(2026, 6, 1)


# ---- the commission


def test_a_commission_needs_the_minutes_of_a_collective_decision_and_takes_no_answers(room):
    need = room.step(room.hand_in("needs"), "argue", **ARGUED)
    asks = {"unit": "岚川电子研究所", "reason": "only_one", "minutes": "党组会纪要"}
    with pytest.raises(NotYourTurn):
        room.step(need, "commission", **asks)
    with pytest.raises(MoveRefused, match="集体决策纪要"):
        room.step(need, "commission", "leader", **{**asks, "minutes": ""})
    with pytest.raises(MoveRefused, match="没有建档的单位“甲”"):
        room.step(need, "commission", "leader", **{**asks, "unit": "甲"})
    with pytest.raises(MoveRefused, match="不能委托给自己"):
        room.step(need, "commission", "leader", **{**asks, "unit": "北岭新材料有限公司"})
    need = room.step(need, "commission", "leader", **asks)
    assert (need.state, need.way, need.taker.name) == ("notice", "commissioned", "岚川电子研究所")
    assert need.published_on is None and not answering.may_answer(room.actors["south"], need)
    need = room.step(need, "object", note="实名异议")
    with pytest.raises(MoveRefused, match="没有别的方案可选"):
        room.step(need, "uphold", note="成立")


def test_an_urgent_commission_goes_without_notice_but_says_why(room):
    need = room.step(room.hand_in("needs"), "argue", **ARGUED)
    asks = {"unit": "岚川电子研究所", "reason": "emergency", "minutes": "党组会纪要"}
    with pytest.raises(MoveRefused, match="要写明原因"):
        room.step(need, "commission_at_once", "leader", **asks)
    need = room.step(need, "commission_at_once", "leader", note="防汛应急", **asks)
    assert (need.state, need.notice_until) == ("signing", None)
    room.published("south", title="公开的那一个")
    assert value("needs_published", room.staff.city, Period.year(2026)).value == 1
