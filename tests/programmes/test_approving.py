"""From the formality check to the document: reasons, score, the notice in working days, one document for many or for none."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.journal.models import Revision
from keshu.journal.writing import writing
from keshu.procedure import asking
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes.approving import approve_many, money, proposed
from keshu.programmes.models import Application
from keshu.programmes.moving import PROCEDURE
from keshu.programmes.reasons import codes
from keshu.rules.models import Rule
from keshu.terms import clock
from tests.programmes.calls_world import change_call, every
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db
DOC = "青科发〔2026〕21号"
MAY = datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)


def in_notice(office, *wan: int) -> list[Application]:
    """One project of 北岭 in notice for each amount in 万元; the notice is over on 23 March."""
    change_call(office, most_per_unit=None)
    return [
        office.to(office.draft(title=f"项目{n}", asked=Decimal(amount) * 10000), "notice")
        for n, amount in enumerate(wan)
    ]


def issue(office, rows, **options):
    with clock.pretend(MAY):
        return approve_many(office.call, rows, office.actors["office"], **{"doc_no": DOC, **options})


# ---- the formality check ------------------------------------------------------------------------------------


def test_reasons_are_those_of_the_programmes_that_are_in_force_today(office):
    with writing(office.actors["planning"], "改理由码"):
        kept = {"kind": "reason", "valid_from": date(2000, 1, 1)}
        Rule(code="JL-01", name="奖励的", data={"room": "awards"}, **kept).save()
        Rule(
            code="CL-90", name="停用的", data={"room": "programmes"}, valid_to=date(2026, 3, 15), **kept
        ).save()
        Rule(
            code="CL-91", name="末日", data={"room": "programmes"}, valid_to=date(2026, 3, 16), **kept
        ).save()
        new = {**kept, "valid_from": date(2026, 3, 17)}
        Rule(code="CL-92", name="还没起用", data={"room": "programmes"}, **new).save()
    held = dict(codes())
    assert held["CL-03"] == "CL-03 考核指标不可考核" and held["CL-91"] == "CL-91 末日"
    assert not {"JL-01", "CL-90", "CL-92"} & set(held)
    assert list(held) == sorted(held)


@pytest.mark.parametrize("action", ["return", "refuse"])
def test_a_reason_that_is_not_in_the_list_is_refused_on_the_form(office, action):
    row = office.to(office.draft(), "recommended")
    asks = PROCEDURE.transition(action).asks
    with pytest.raises(MoveRefused, match="理由码请从列出的里面选"):
        asking.read(asks, {"code": "CL-99", "until": "2026-03-27"}, row)
    assert asking.read(asks, {"code": "CL-03", "until": "2026-03-27"}, row)["code"] == "CL-03"


def test_a_refusal_needs_its_reason_code_and_its_words_and_both_are_told(office):
    row = office.to(office.draft(), "recommended")
    with pytest.raises(MoveRefused, match="还要填：理由码"):
        office.step(row, "refuse", "office", "重复申报")
    with pytest.raises(MoveRefused, match="不予受理要写明原因"):
        office.step(row, "refuse", "office", " ", GIVEN["refuse"])
    row = office.step(row, "refuse", "office", "去年已立", GIVEN["refuse"])
    assert (row.state, row.reason_code) == ("refused", "SL-02")
    assert moves_of(row).last().note == "去年已立；理由码 SL-02 变换名称重复申报"


@pytest.mark.parametrize(("until", "holds"), [(date(2026, 3, 15), False), (date(2026, 3, 16), True)])
def test_a_correction_is_due_today_at_the_earliest(office, until, holds):
    row = office.to(office.draft(), "recommended")
    given = {"code": "CL-01", "until": until}
    if holds:
        assert office.step(row, "return", "office", "缺附件", given).correct_by == until
    else:
        with pytest.raises(MoveRefused, match="补正截止 2026-03-15 已经过去"):
            office.step(row, "return", "office", "缺附件", given)


# ---- review, decision, notice -------------------------------------------------------------------------------


@pytest.mark.parametrize("score", ["100.01", "-0.01", "88.555", "优", "1e3"])
def test_a_score_is_of_a_hundred_with_two_decimals_at_most(office, score):
    row = office.to(office.draft(), "admitted")
    with pytest.raises(MoveRefused, match="不是 0 到 100 的数"):
        office.step(row, "review", "office", given={"minutes": "纪要", "score": score})


@pytest.mark.parametrize(
    ("score", "kept"), [("0", Decimal(0)), ("100", Decimal(100)), ("88.55", Decimal("88.55")), ("", None)]
)
def test_a_score_that_was_not_given_is_none_and_not_nought(office, score, kept):
    row = office.to(office.draft(), "admitted")
    row = office.step(row, "review", "office", given={"minutes": "纪要", "score": score})
    assert row.review_score == kept and (row.review_score is None) is (kept is None)


def test_only_the_party_group_s_leader_proposes(office):
    row = office.to(office.draft(), "reviewed")
    with pytest.raises(NotYourTurn):
        office.step(row, "propose", "office", given={"minutes": "纪要", "granted": Decimal(10000)})


@pytest.mark.parametrize(
    ("start", "days", "until"),
    [
        # 国庆 2026: 1 to 7 October free, Saturday 10 October is worked (国务院办公厅 2026 年放假安排). From Monday 28 September:
        # 29, 30 September, 8, 9, 10 October are the five; plain weekdays would give 5 October, without the moved day 12 October.
        (date(2026, 9, 28), 5, date(2026, 10, 10)),
        # Two days end before the holiday, the third is the first day after it.
        (date(2026, 9, 28), 2, date(2026, 9, 30)),
        (date(2026, 9, 28), 3, date(2026, 10, 8)),
        # Published on the last day before the holiday: 8, 9, 10, 12, 13 October (11 is a Sunday).
        (date(2026, 9, 30), 5, date(2026, 10, 13)),
        # Sunday 20 September is worked for it: from Friday 18 the days are 20, 21.
        (date(2026, 9, 18), 2, date(2026, 9, 21)),
    ],
)
def test_the_notice_counts_working_days_across_the_national_holiday(office, start, days, until):
    change_call(office, notice_days=days)
    row = office.to(office.draft(), "reviewed")
    given = {"minutes": "局党组会纪要 2026-19", "granted": Decimal(400000)}
    with clock.pretend(datetime(start.year, start.month, start.day, 17, 0, tzinfo=clock.TZ)):
        row = office.step(row, "propose", "leader", given=given)
    assert (row.notice_from, row.notice_until) == (start, until)
    last = datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=clock.TZ)
    with clock.pretend(last), pytest.raises(MoveRefused, match=f"公示到 {until} 止"):
        approve_many(office.call, [row], office.actors["office"], doc_no=DOC)


# ---- the document -------------------------------------------------------------------------------------------


def test_one_document_for_several_to_the_last_yuan_of_the_budget(office):
    """Budget 100: 50 and 30 and 20 are exactly all of it."""
    rows = in_notice(office, 50, 30, 20)
    held = money(office.call, rows)
    assert (held.spent, held.chosen, held.left) == (0, Decimal(1000000), 0)
    issue(office, rows, jointly="青禾市财政局")
    done = every("approved")
    assert [row.number for row in done] == ["XM2026-0001", "XM2026-0002", "XM2026-0003"]
    assert {(row.decided_doc, row.approved_on, row.counts_on) for row in done} == {
        (DOC, MAY.date(), MAY.date())
    }
    revisions = {moves_of(row).last().revision for row in done}
    assert len(revisions) == 1
    assert Revision.objects.get(number=revisions.pop()).reason == f"立项下达 {DOC}（与青禾市财政局联合）"


def test_what_is_a_cent_too_much_approves_none_and_uses_no_number(office):
    rows = in_notice(office, 50, 30, 20)
    change_call(office, budget=Decimal("999999.99"))
    with pytest.raises(MoveRefused, match="超出"):
        issue(office, rows)
    assert every("approved") == []
    issue(office, rows[:2])
    with pytest.raises(MoveRefused, match="已立项 80 万元"):
        issue(office, rows[2:])
    change_call(office, budget=Decimal(1000000))
    issue(office, rows[2:])
    assert [row.number for row in every("approved")] == ["XM2026-0001", "XM2026-0002", "XM2026-0003"]


def test_a_project_without_money_takes_nothing_of_the_budget(office):
    """Budget 100. Asked 60 and granted nothing (指导性项目), beside 50 and 50: all three fit."""
    change_call(office, most_per_unit=None)
    free = office.to(office.draft(title="指导性", asked=Decimal(600000)), "reviewed")
    free = office.step(free, "propose", "leader", given={"minutes": "纪要", "granted": Decimal(0)})
    rows = [free, *in_notice(office, 50, 50)]
    assert money(office.call, rows).chosen == Decimal(1000000)
    issue(office, rows)
    assert [row.granted for row in every("approved")] == [0, Decimal(500000), Decimal(500000)]


def test_a_call_without_a_limit_has_no_rest(office):
    rows = in_notice(office, 60, 60)
    change_call(office, budget=None)
    assert money(office.call, rows).left is None
    issue(office, rows)
    assert len(every("approved")) == 2


def test_one_whose_notice_still_runs_holds_up_all(office):
    rows = in_notice(office, 20)
    late = office.to(office.draft(title="后公示的", asked=Decimal(200000)), "reviewed")
    with clock.pretend(datetime(2026, 5, 19, 9, 0, tzinfo=clock.TZ)):
        late = office.step(late, "propose", "leader", given={"minutes": "纪要", "granted": Decimal(200000)})
    with pytest.raises(MoveRefused, match="期满后再立项"):
        issue(office, [*rows, late])
    assert every("approved") == []
    with clock.pretend(MAY):
        said = {one.application.title: one.problem for one in proposed(office.call)}
    # From Tuesday 19 May: 20, 21, 22, 25, 26.
    assert said == {"项目0": "", "后公示的": "公示到 2026-05-26 止"}


@pytest.mark.parametrize("who", ["leader", "planning", "county_head", "north"])
def test_only_the_office_issues_the_document(office, who):
    rows = in_notice(office, 20)
    with clock.pretend(MAY), pytest.raises(NotYourTurn):
        approve_many(office.call, rows, office.actors[who], doc_no=DOC)


def test_nothing_chosen_and_no_document_number_are_said(office):
    rows = in_notice(office, 20)
    with pytest.raises(MoveRefused, match="一项也没有选"):
        issue(office, [])
    with pytest.raises(MoveRefused, match="文号没有填"):
        issue(office, rows, doc_no=" ")
    with pytest.raises(MoveRefused):  # the same project ticked twice
        issue(office, [rows[0], rows[0]])
    assert every("approved") == []
