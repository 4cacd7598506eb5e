"""Objections: who is heard, what is none, what a settled one does, and that an open one stops everything."""

from datetime import date

import pytest

from keshu.awards.models import Objection
from keshu.awards.objecting import NoNoticeYet, settle
from keshu.procedure.moving import MoveRefused, NotYourTurn
from tests.awards.committee import on

pytestmark = pytest.mark.django_db


def test_an_objection_in_time_with_name_and_proof_is_admitted_and_settled(awarding):
    row = awarding.to(awarding.draft(), "accept_notice")
    office = awarding.actors["office"]
    found = awarding.objection(row)
    assert (found.number, found.notice_until) == ("YY2026-0001", date(2026, 4, 28))
    found = settle(settle(found, "admit", office), "assign", office)
    assert found.assigned_to_id == awarding.actors["health"].unit_id
    found = settle(found, "resolve", office, note="权属证明齐全", given={"outcome": "upheld"})
    assert settle(found, "notify", office).state == "notified"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"objector": "  "}, "匿名异议不受理.*YY-01"),
        ({"objector_kind": "unit", "objector": "南塘医院"}, "没有盖公章.*YY-02"),
        ({"proof": ""}, "没有证据或线索.*YY-03"),
        ({"about": "grade"}, "对评审等级的不同意见不属于异议.*YY-05"),
        ({"about": "result"}, "对评审结果的不同意见不属于异议.*YY-05"),
        ({"about": "academic"}, "单纯学术观点.*YY-06"),
        ({"about": "unrelated"}, "与提名材料无关.*YY-07"),
    ],
)
def test_what_is_not_heard_is_refused_with_its_reason(awarding, values, said):
    row = awarding.to(awarding.draft(), "accept_notice")
    found = awarding.objection(row, **values)
    with pytest.raises(MoveRefused, match=said):
        settle(found, "admit", awarding.actors["office"])
    code = said[-5:]
    refused = settle(found, "refuse", awarding.actors["office"], given={"reason": code})
    assert (refused.state, refused.reason_code) == ("refused", code)


def test_a_late_objection_is_refused(awarding):
    """The notice ends on 2026-04-28; a letter of that day is heard, one of the 29th is late."""
    row = awarding.to(awarding.draft(), "accept_notice")
    office = awarding.actors["office"]
    with on(4, 29):
        late = awarding.objection(row)
        with pytest.raises(MoveRefused, match="2026-04-29 收到，异议到 2026-04-28 截止，逾期不受理"):
            settle(late, "admit", office)
        settle(late, "refuse", office, given={"reason": "YY-04"})
        in_time = awarding.objection(row, received_on=date(2026, 4, 28))
        assert settle(in_time, "admit", office).state == "admitted"


def test_a_unit_with_its_seal_is_heard(awarding):
    row = awarding.to(awarding.draft(), "accept_notice")
    found = awarding.objection(row, objector_kind="unit", objector="南塘医院", sealed=True)
    assert settle(found, "admit", awarding.actors["office"]).state == "admitted"


def test_before_any_notice_there_is_nothing_to_object_to(awarding):
    row = awarding.to(awarding.draft(), "submitted")
    with pytest.raises(NoNoticeYet, match="还没有公示"):
        awarding.objection(row)


@pytest.mark.parametrize(
    ("state", "day", "action", "who", "given"),
    [
        ("accept_notice", (5, 6), "begin_review", "office", {}),
        ("reviewing", (5, 8), "score", "office", {"score": "80", "rank": 1, "minutes": "纪要"}),
        ("voted", (5, 21), "propose", "leader", {}),
        ("proposed", (5, 22), "publish", "office", {}),
        ("final_notice", (6, 22), "approve", "office", {"doc_no": "青政发〔2026〕9号"}),
        ("approved", (6, 23), "award", "office", {}),
    ],
)
def test_an_open_objection_stops_every_step(awarding, state, day, action, who, given):
    row = awarding.to(awarding.draft(), state)
    with on(*day):
        found = awarding.objection(row, received_on=date(2026, 4, 20))
        with pytest.raises(MoveRefused, match="还有 1 件异议没有结论：YY2026-0001（待判断是否受理）"):
            awarding.step(row, action, who, **given)
        office = awarding.actors["office"]
        settle(found, "refuse", office, given={"reason": "YY-03"})
        assert awarding.step(row, action, who, **given).state != state


def resolved(awarding, row, outcome, **given):
    found = settle(awarding.objection(row), "admit", awarding.actors["office"])
    given = {"outcome": outcome, **given}
    return settle(found, "resolve", awarding.actors["office"], note="核实", given=given)


def test_the_order_of_people_is_put_right(awarding):
    row = awarding.to(awarding.draft(), "accept_notice")
    resolved(awarding, row, "reordered", order="2,1,3")
    names = list(row.winners.for_system("测试").order_by("order").values_list("name", flat=True))
    assert names == ["基层完成人2", "基层完成人1", "基层完成人3"]


@pytest.mark.parametrize(
    ("order", "said"), [("2,1", "正好包含现在的 1、2、3"), ("2,2,1", "每个一次"), ("张", "读不懂")]
)
def test_a_new_order_that_does_not_fit_is_refused_and_nothing_changes(awarding, order, said):
    row = awarding.to(awarding.draft(), "accept_notice")
    with pytest.raises(MoveRefused, match=said):
        resolved(awarding, row, "reordered", order=order)
    assert Objection.objects.for_system("测试").get().state == "admitted"
    orders = row.winners.for_system("测试").order_by("pk").values_list("order", flat=True)
    assert list(orders) == [1, 2, 3]


def test_a_downgrade_takes_a_place_of_the_lower_grade(awarding):
    row = awarding.to(awarding.draft(), "final_notice", grade="second")
    with on(5, 25):
        with pytest.raises(MoveRefused, match="现在是二等奖，只能往下降"):
            resolved(awarding, row, "downgraded", grade="first")
        found = Objection.objects.for_system("测试").get()
        given = {"outcome": "downgraded", "grade": "third"}
        settle(found, "resolve", awarding.actors["office"], note="应用不足", given=given)
    row.refresh_from_db()
    assert (row.state, row.grade) == ("final_notice", "third")


def test_a_removed_achievement_gets_no_award(awarding):
    row = awarding.to(awarding.draft(), "final_notice")
    with on(5, 25):
        resolved(awarding, row, "removed")
    row.refresh_from_db()
    assert row.state == "not_awarded"
    page = awarding.staff.client("office").get(f"/desk/registers/awards/{row.pk}/").content.decode()
    assert "撤项" in page and "异议 YY2026-0001 成立" in page


def test_nobody_strikes_a_nomination_by_hand(awarding):
    row = awarding.to(awarding.draft(), "final_notice")
    for who in ("office", "leader"):
        with pytest.raises(NotYourTurn):
            awarding.step(row, "strike", who, "我看不行")


def test_only_the_bureau_sees_who_objected(awarding):
    row = awarding.to(awarding.draft(), "accept_notice")
    awarding.objection(row)
    for who in ("health", "hospital", "county_head"):
        assert not Objection.objects.visible_to(awarding.actors[who]).exists()
    assert Objection.objects.visible_to(awarding.actors["office"]).count() == 1
    with pytest.raises(NotYourTurn):
        from keshu.awards.objecting import receive

        receive(row, awarding.actors["health"], about="rights", text="x", received_on=date(2026, 4, 13))
