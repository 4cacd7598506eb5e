"""An item on its way: checked, appealed with material, answered with a document, filed; who regains what and by when."""

import io
from datetime import date
from decimal import Decimal

import pytest

from keshu.assessment.comparing import by_county, by_office, chances, items_of, paired, previous
from keshu.assessment.keeping import AssessmentRefused, keep_plan
from keshu.assessment.models import Item
from keshu.assessment.moving import step
from keshu.assessment.register import ITEMS
from keshu.diary.due import due
from keshu.journal.writing import writing
from keshu.ledger.evidence import attach
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from tests.assessment.world import ROWS, item_of, with_items

D = Decimal
AGREED = {"finding": Item.Finding.AGREED}
ANSWER = {"doc_no": "科函〔2024〕3号", "on": date(2024, 4, 10)}


@pytest.fixture
def item(planning, tmp_path):
    """技术合同: 7 of 20 points lost."""
    return item_of(with_items(planning, tmp_path), "技术合同")


def appealed(item, actor, points="2"):
    item = step(item, "check", actor, given=AGREED)
    attach(item, actor, io.BytesIO("合同清单".encode()), "清单.txt", caption="合同清单")
    return step(item, "appeal", actor, given={"text": "漏计", "points": points})


def test_an_appeal_needs_material_and_asks_for_no_more_than_was_lost(planning, item):
    item = step(item, "check", planning, given=AGREED)
    with pytest.raises(MoveRefused, match="申诉没有材料"):
        step(item, "appeal", planning, given={"text": "漏计", "points": "2"})
    attach(item, planning, io.BytesIO("合同清单".encode()), "清单.txt", caption="合同清单")
    with pytest.raises(MoveRefused, match="请求加回 8 分，这一项扣了 7 分"):
        step(item, "appeal", planning, given={"text": "漏计", "points": "8"})
    item = step(item, "appeal", planning, given={"text": "漏计", "points": "2"})
    assert (item.state, item.asked, item.appealed_on) == (Item.State.APPEALED, 2, date(2024, 4, 10))


def test_a_granted_appeal_stands_beside_the_reported_score(planning, item):
    item = step(
        appealed(item, planning), "answer", planning, given={"outcome": Item.Outcome.GRANTED, **ANSWER}
    )
    assert (item.score, item.returned, item.lost) == (13, 2, 7)
    assert step(item, "file", planning).state == Item.State.FILED


def test_an_answer_and_its_points_must_agree(planning, item):
    item = appealed(item, planning)
    for outcome, points, said in (
        (Item.Outcome.PART, "2", "大于 0、小于请求的 2 分"),
        (Item.Outcome.PART, "", "部分采纳要填加回多少"),
        (Item.Outcome.GRANTED, "1", "采纳是加回请求的 2 分"),
        (Item.Outcome.REFUSED, "1", "不采纳就没有加回的分"),
    ):
        with pytest.raises(MoveRefused, match=said):
            step(item, "answer", planning, given={"outcome": outcome, "points": points, **ANSWER})


def test_after_the_last_day_nobody_appeals(planning, item):
    keep_plan(planning, item, {"appeal_by": "2024-04-08", "region": str(item.region_id)})
    item = step(item, "check", planning, given=AGREED)
    attach(item, planning, io.BytesIO("合同清单".encode()), "清单.txt", caption="合同清单")
    with pytest.raises(MoveRefused, match="申诉截止是 2024-04-08，已过 2 天"):
        step(item, "appeal", planning, given={"text": "漏计", "points": "2"})


def test_only_the_planning_office_checks_and_a_dispute_says_where(planning, item, staff):
    for who in ("leader", "office", "county_head"):
        with pytest.raises(NotYourTurn):
            step(item, "check", staff.actor_as(who), given=AGREED)
    with pytest.raises(MoveRefused, match="写清哪一处"):
        step(item, "check", planning, given={"finding": Item.Finding.DISPUTED})


# ---- whose it is -------------------------------------------------------------------------------------------


def test_the_county_that_answers_writes_how_and_when_but_not_how_much(planning, item, staff):
    county = staff.actor_as("county_head")
    made = keep_plan(county, item, {"plan": "逐户登记", "regain_by": "2024-11-20", "regainable": "7"})
    assert (made.plan, made.regain_by, made.regainable) == ("逐户登记", date(2024, 11, 20), 3)
    with pytest.raises(AssessmentRefused, match="没有写期限"):
        keep_plan(county, item, {"plan": "逐户登记", "regain_by": ""})
    other = item_of(item.assessment, "每万家")  # 岚川县's
    with pytest.raises(NotYourTurn, match="不归"):
        keep_plan(county, other, {"plan": "x"})


def test_no_more_can_be_regained_than_was_lost(planning, item):
    with pytest.raises(AssessmentRefused, match="可争取 8 分，这一项只扣了 7 分"):
        keep_plan(planning, item, {"regainable": "8", "regain_by": "2024-11-20"})
    with pytest.raises(AssessmentRefused, match="没有写期限"):
        keep_plan(planning, item, {"regainable": "2", "regain_by": ""})
    with pytest.raises(AssessmentRefused, match="责任科室不在列出的里面"):
        keep_plan(planning, item, {"unit": "999999"})


def test_a_filed_item_is_not_changed(planning, item):
    item = step(step(item, "check", planning, given=AGREED), "file", planning)
    with pytest.raises(AssessmentRefused, match="已归档"):
        keep_plan(planning, item, {"plan": "再争取"})


def test_an_item_entered_by_mistake_is_struck_and_no_longer_counts(planning, item):
    with pytest.raises(MoveRefused, match="要写明原因"):
        step(item, "strike", planning)
    step(item, "strike", planning, note="重复录入")
    assert len(items_of(item.assessment, planning)) == 4


def test_a_county_sees_only_its_own_items(planning, item, staff):
    seen = items_of(item.assessment, staff.actor_as("county_head"))
    assert [one.name for one in seen] == [item.name]
    assert [one.pk for one in ITEMS.rows(staff.actor_as("county_filler"))] == [item.pk]
    assert len(items_of(item.assessment, staff.actor_as("leader"))) == 5


def test_most_points_come_first_then_the_nearest_day_and_what_is_past_last(planning, tmp_path):
    """3 (11-15), 3 (12-10), 1.5 (10-31); on 1 November the 1.5 have gone by."""
    items = items_of(with_items(planning, tmp_path), planning)
    found = chances(items, date(2024, 10, 1))
    assert [(one.points, one.item.regain_by) for one in found] == [
        (3, date(2024, 11, 15)),
        (3, date(2024, 12, 10)),
        (D("1.5"), date(2024, 10, 31)),
    ]
    later = chances(items, date(2024, 11, 20))
    assert [one.gone for one in later] == [False, True, True] and later[-1].days == -20


def test_the_day_to_regain_by_stands_in_the_diary(planning, item, staff):
    with clock.pretend(date(2024, 11, 1)):
        found = due(planning, date(2024, 11, 1), date(2024, 12, 31))
    assert [(one.day, one.label) for one in found if one.source == "assessed"] == [
        (date(2024, 11, 15), "考核可争取分值到期"),
        (date(2024, 12, 10), "考核可争取分值到期"),
    ]


def test_losses_by_office_and_county_add_up_to_what_was_lost(planning, item):
    """望岭县 7, 岚川县 7.5, nobody's 6 + 3 + 8 = 17: 31.5 = 100 − 68.5."""
    items = items_of(item.assessment, planning)
    counties = by_county(items, item.assessment.region_id)
    assert [(share.who.name if share.who else "", share.lost) for share in counties] == [
        ("岚川县", D("7.5")),
        ("望岭县", 7),
        ("", 17),
    ]
    assert sum(share.lost for share in by_office(items)) == D("31.5")


def test_last_year_is_compared_item_by_item(planning, item, tmp_path):
    """研发 16 → 17 and 6th → 4th; 财政 of other full marks compares by rate only: 60 % against 50 %."""
    rows = [
        ["研发经费投入强度", "20", "20", "16", "", "6", "2021", "", "", ""],
        ["财政科技支出占一般公共预算支出比重", "20", "10", "5", "", "", "2021", "", "", ""],
        ["旧的一项", "", "10", "5", "", "", "", "", "", ""],
    ]
    with_items(planning, tmp_path, rows, year="2022", doc_no="科发〔2023〕5号", rank="11", score="26")
    before = previous(item.assessment, planning)
    pairs = paired(items_of(item.assessment, planning), items_of(before, planning))
    by_name = {pair.name: pair for pair in pairs}
    assert (by_name["研发经费投入强度"].moved, by_name["研发经费投入强度"].places) == (1, 2)
    fiscal = by_name["财政科技支出占一般公共预算支出比重"]
    assert (fiscal.moved, fiscal.rate, fiscal.rate_before) == (None, 60, 50)
    assert by_name["旧的一项"].now is None and len(pairs) == len(ROWS) + 1


def test_the_county_that_answers_has_the_day_in_its_diary_too_and_nobody_elses(planning, item, staff):
    with writing(planning, "归望岭县"):
        item.region, item.regain_by = staff.county, date(2024, 11, 20)
        item.save()
    with clock.pretend(date(2024, 11, 1)):
        span = date(2024, 11, 1), date(2024, 12, 31)
        found = {
            who: [(one.day, one.link) for one in due(staff.actor_as(who), *span) if "assessed" in one.source]
            for who in ("county_head", "office")
        }
        assert found == {"county_head": [(date(2024, 11, 20), (str(item.pk),))], "office": []}
        step(step(item, "check", planning, given=AGREED), "file", planning)
        assert not [one for one in due(staff.actor_as("county_head"), *span) if one.title == str(item)]


def test_a_missed_appeal_is_closed_by_lapse_and_owed_by_nobody(planning, item):
    keep_plan(planning, item, {"appeal_by": "2024-04-12", "region": str(item.region_id)})
    mine = [one.day for one in due(planning, None, date(2024, 4, 30)) if one.label == "考核申诉截止"]
    assert mine == [date(2024, 4, 12)] and not Item.objects.for_system("测试").get(pk=item.pk).lapsed
    with clock.pretend(date(2024, 4, 13)):
        assert not [one for one in due(planning, None, date(2024, 4, 30)) if one.label == "考核申诉截止"]
        assert Item.objects.for_system("测试").get(pk=item.pk).lapsed
