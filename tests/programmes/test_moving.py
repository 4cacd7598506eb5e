"""An application goes its way: who may do what, what is asked for, what stops it."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from keshu.figures import counting
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.programmes.models import Application
from keshu.programmes.moving import PROCEDURE
from keshu.programmes.steps.applying import content_hash
from keshu.terms import clock
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db


def test_the_ordinary_way_from_draft_to_acceptance(office):
    row = office.to(office.draft(), "passed")
    assert (row.state, row.number, row.granted) == ("passed", "XM2026-0001", Decimal("500000.00"))
    assert (row.approved_on.isoformat(), row.decided_doc) == ("2026-05-20", "青科发〔2026〕21号")
    assert [entry.action for entry in moves_of(row)] == [
        *(
            "submit",
            "recommend",
            "admit",
            "review",
            "propose",
            "approve",
            "sign",
            "apply_acceptance",
            "accept",
        )
    ]
    assert list(moments.broken_links()) == []


def test_the_notice_lasts_five_working_days(office):
    """Proposed on Monday 2026-03-16: five working days after it are 17, 18, 19, 20 and 23 March."""
    row = office.to(office.draft(), "notice")
    assert row.notice_until.isoformat() == "2026-03-23"
    with (
        clock.pretend(datetime(2026, 3, 23, 18, 0, tzinfo=clock.TZ)),
        pytest.raises(MoveRefused, match="期满后再立项"),
    ):
        office.step(row, "approve", "office", "青科发〔2026〕21号")
    with clock.pretend(datetime(2026, 3, 24, 9, 0, tzinfo=clock.TZ)):
        assert office.step(row, "approve", "office", "青科发〔2026〕21号").state == "approved"


def test_an_objection_stops_the_way_until_it_is_settled(office):
    row = office.step(office.to(office.draft(), "notice"), "object", "office", "权属不清", GIVEN["object"])
    with clock.pretend(datetime(2026, 5, 20, tzinfo=clock.TZ)), pytest.raises(StaleState, match="异议处理"):
        office.step(row, "approve", "office", "文号")
    assert office.step(row, "settle", "office", "核查不成立").state == "notice"


@pytest.mark.parametrize(
    ("action", "who"),
    [("submit", "south"), ("submit", "office"), ("submit", "county_head")],
)
def test_only_the_applicant_submits_its_own(office, action, who):
    with pytest.raises(NotYourTurn):
        office.step(office.draft("north"), action, who)


def test_a_county_recommends_only_its_own(office):
    row = office.step(office.draft(), "submit", "north")
    with pytest.raises(NotYourTurn):
        office.step(row, "recommend", "office")
    assert (
        office.step(row, "recommend", "county_head").recommended_by_id == office.actors["county_head"].unit_id
    )


def test_what_is_not_filled_is_named(office):
    with pytest.raises(MoveRefused, match="还没有填：负责人、申请经费（元）"):
        office.step(office.draft(leader="", asked=None), "submit", "north")


def test_the_deadline_holds_to_the_second(office):
    row = office.draft()
    until = office.call.apply_until
    with clock.pretend(until + timedelta(seconds=1)), pytest.raises(MoveRefused, match="17:30:00 截止申报"):
        office.step(row, "submit", "north")
    with clock.pretend(until):
        assert office.step(row, "submit", "north").state == "submitted"


def test_an_application_can_be_taken_back_and_sent_again_until_the_deadline(office):
    row = office.step(office.draft(), "submit", "north")
    first = row.number, row.content_hash
    row = office.step(row, "withdraw", "north")
    assert (row.state, row.content_hash) == ("draft", "")
    row = office.step(row, "submit", "north")
    assert (row.number, row.content_hash) == first


def test_the_receipt_changes_with_a_single_sign(office):
    row = office.draft()
    before = content_hash(row)
    row.goals = "良率 96%"
    assert content_hash(row) != before


def test_more_than_the_most_for_one_is_refused(office):
    with pytest.raises(MoveRefused, match="申请 61 万元，超过单项最高 60 万元"):
        office.step(office.draft(asked=Decimal("610000")), "submit", "north")


def test_a_unit_sends_no_more_than_the_call_allows(office):
    office.step(office.draft(), "submit", "north")
    with pytest.raises(MoveRefused, match="已报 1 项，“2026年度青禾市工业科技攻关”每个单位最多 1 项"):
        office.step(office.draft(title="第二个"), "submit", "north")


def test_two_people_moving_one_application(office):
    row = office.step(office.draft(), "submit", "north")
    office.step(row, "recommend", "county_head")
    with pytest.raises(StaleState, match="现在是“待形式审查”"):
        office.step(row, "send_back", "county_head", "材料不全")


def test_every_state_can_be_reached_and_every_final_one_is_final():
    reachable = {"draft"} | {t.after for t in PROCEDURE.transitions}
    assert reachable == set(PROCEDURE.states)
    # A step that leaves the state as it is (催办, 登记收回) records something on the way; it does not move on.
    moving = {state for t in PROCEDURE.transitions for state in t.before if t.after != state}
    assert set(PROCEDURE.states) - moving == {"refused", "not_chosen", "revoked"}


@pytest.mark.django_db(transaction=True)
def test_approvals_never_exceed_the_budget_with_many_at_once(office, on_postgres):
    """Budget 1,000,000; fifty (eight where writers queue) of 150,000 each wait: six fit, the seventh would be 1,050,000."""
    many = 50 if on_postgres else 8
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    rows = [
        office.to(office.draft(title=f"项目{n}", leader=f"负责人{n}", asked=Decimal("150000")), "notice")
        for n in range(many)
    ]
    refused: list[str] = []
    gate = threading.Barrier(len(rows))

    def approve(row: Application) -> None:
        try:
            gate.wait()
            with clock.pretend(datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)):
                office.step(row, "approve", "office", "文号")
        except MoveRefused as refusal:
            refused.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=approve, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    approved = Application.objects.for_system("测试").filter(state="approved")
    assert sorted(approved.values_list("number", flat=True)) == [f"XM2026-{n:04d}" for n in range(1, 7)]
    assert len(refused) == many - 6 and all("再立 15 万元就超了" in said for said in refused)
    assert counting.differing()[1] == []
