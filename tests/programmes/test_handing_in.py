"""Handing in: at once, at the second, once; what the code on the paper stands for; who recommends; the limits of a day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from keshu.diary.lines import switch_off
from keshu.directory.models import RoleGrant
from keshu.journal.writing import writing
from keshu.ledger.classified import Classified
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import evidence_of
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes import applying
from keshu.programmes.limits import Sought, checks
from keshu.programmes.questions import NoSuchQuestion, TooLong, cleaned, money, questions, recommenders
from keshu.programmes.register import APPLICATIONS
from keshu.programmes.steps.applying import content_hash
from keshu.terms import clock
from tests.programmes.calls_world import (
    RARE,
    at_once,
    change_call,
    drafted,
    every,
    recommending_body,
    rule_from,
    scan,
)

pytestmark = pytest.mark.django_db


# ---- once ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_draft_handed_in_by_two_at_once_gives_one_application(office):
    change_call(office, most_per_unit=None)  # only the draft itself stands in the way of a second one
    draft = drafted(office)
    copies = [Draft._base_manager.get(pk=draft.pk) for _ in range(4)]
    refused = at_once(4, lambda n: applying.hand_in(copies[n], office.actors["north"]))
    assert [type(refusal) for refusal in refused] == [MoveRefused] * 3
    assert all("已经提交过了" in str(refusal) for refusal in refused)
    (row,) = every()
    assert (row.number, [entry.action for entry in moves_of(row)]) == ("SB2026-0001", ["submit"])
    assert applying.hand_in(drafted(office, "south"), office.actors["south"]).number == "SB2026-0002"


@pytest.mark.django_db(transaction=True)
def test_a_unit_that_sends_two_at_once_to_a_call_for_one_sends_one(office):
    rows = [office.draft(title=f"第{n}个") for n in range(3)]
    refused = at_once(3, lambda n: office.step(rows[n], "submit", "north"))
    assert len(refused) == 2 and all("每个单位最多 1 项" in str(refusal) for refusal in refused)
    assert [row.number for row in every("submitted")] == ["SB2026-0001"]


def test_what_is_handed_in_at_the_last_second_says_that_second(office):
    draft = drafted(office)
    late = office.call.apply_until + timedelta(seconds=1)
    with clock.pretend(late), pytest.raises(MoveRefused, match="在申报期内"):
        applying.hand_in(draft, office.actors["north"])
    assert every() == [] and Draft._base_manager.filter(pk=draft.pk).exists()
    with clock.pretend(office.call.apply_until):
        held = applying.receipt(applying.hand_in(draft, office.actors["north"]))
        assert (held.at, held.number, held.may_withdraw) == ("2026-03-31 17:30:00", "SB2026-0001", True)
    with clock.pretend(late):
        (row,) = every()
        assert applying.receipt(row).may_withdraw is False
        with pytest.raises(MoveRefused, match="截止申报"):
            office.step(row, "withdraw", "north")


def test_before_the_call_opens_nothing_is_taken(office):
    with clock.pretend(office.call.opens_at - timedelta(seconds=1)):
        with pytest.raises(MoveRefused, match="2026-03-01 09:00 开始申报"):
            office.step(office.draft(), "submit", "north")
        assert applying.open_calls() == []
    with clock.pretend(office.call.opens_at):
        assert applying.open_calls() == [office.call]


def test_in_a_year_without_the_line_of_business_no_call_is_open(office):
    assert applying.open_calls() == [office.call]
    switch_off(office.actors["planning"], "programmes", first_year=2026, last_year=2026, reason="本年不办")
    assert applying.open_calls() == []


def test_in_a_county_without_the_line_of_business_no_call_is_open_there_alone(office):
    planning, north = office.actors["planning"], office.actors["north"]
    switch_off(planning, "programmes", first_year=2026, region=office.staff.other, reason="邻县不办")
    assert applying.open_calls(north) == [office.call]
    switch_off(planning, "programmes", first_year=2026, region=office.staff.county, reason="本县不办")
    assert applying.open_calls(north) == []
    assert applying.open_calls(planning) == [office.call]


def test_taken_back_and_sent_again_it_keeps_its_number_and_loses_its_stamped_scan(office, tmp_path):
    north, made = office.actors["north"], applying.hand_in(drafted(office), office.actors["north"])
    code = applying.receipt(made).code
    with scan(tmp_path).open("rb") as stream:
        with pytest.raises(MoveRefused, match="不是同一版"):
            applying.hand_sealed(made, north, stream, "盖章.pdf", "0" * 8)
        with pytest.raises(NotYourTurn):
            applying.hand_sealed(made, office.actors["south"], stream, "盖章.pdf", code)
        applying.hand_sealed(made, north, stream, "盖章.pdf", f" {code.upper()} ")
    assert [paper.caption for paper in evidence_of(made)] == [f"盖章扫描件（版本码 {code}）"]
    assert content_hash(made) == made.content_hash  # the scan is no part of what it is a scan of
    again = applying.reopen(north, office.step(made, "withdraw", "north"))
    again.content["asked"] = "31"
    again.save()
    sent = applying.hand_in(again, north)
    assert (sent.pk, sent.number, sent.asked) == (made.pk, made.number, Decimal(310000))
    assert applying.receipt(sent).code != code and evidence_of(sent) == []


def test_the_place_of_what_was_taken_back_is_free_for_another(office):
    first = office.step(office.step(office.draft(title="甲"), "submit", "north"), "withdraw", "north")
    office.step(office.draft(title="乙"), "submit", "north")
    with pytest.raises(MoveRefused, match="已报 1 项"):
        office.step(first, "submit", "north")


def test_a_stranger_neither_opens_nor_hands_in_another_s_draft(office):
    draft = drafted(office)
    with pytest.raises(NotYourTurn):
        applying.hand_in(draft, office.actors["south"])
    with pytest.raises(NotYourTurn):
        applying.begin(office.actors["county_head"], office.call)
    assert every() == [] and Draft._base_manager.filter(pk=draft.pk).exists()


# ---- what is written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "other"),
    [
        *(("title", "另名"), ("leader", "林川"), ("summary", "另法"), ("goals", "另标")),
        *(("asked", Decimal(1)), ("own_funds", Decimal(0)), ("accepted_kind", "材料")),
        *(("lead_kind", "other"), ("committed", "通用版"), ("unit_id", 0), ("call_id", 0)),
    ],
)
def test_every_part_of_the_content_changes_the_code(office, name, other):
    row = office.draft()
    before = content_hash(row)
    assert before == content_hash(every()[0])
    setattr(row, name, other)
    assert content_hash(row) != before and content_hash(row)[:8] != before[:8]


@pytest.mark.parametrize("text", ["机密★5年", "本报告为秘密级", "绝密★"])
def test_marks_of_secrets_are_refused_where_they_are_typed(office, text):
    for question in ("title", "summary", "goals"):
        with pytest.raises(Classified, match="涉密内容不能写进本系统"):
            cleaned(questions(office.call), question, text)
    assert cleaned(questions(office.call), "summary", "商业秘密保护技术") == "商业秘密保护技术"


def test_rare_characters_count_as_one_and_come_back_as_they_were(office):
    title = RARE * 30  # 120 characters, of which a count of two-byte units would make 210
    assert cleaned(questions(office.call), "title", title) == title
    with pytest.raises(TooLong, match="写了 121 字，最多 120 字"):
        cleaned(questions(office.call), "title", title + "字")
    made = applying.hand_in(drafted(office, title=title, leader=RARE), office.actors["north"])
    made.refresh_from_db()
    assert (made.title, made.leader) == (title, RARE)
    assert applying.reopen(office.actors["north"], made).content["title"] == title


def test_what_is_no_answer_of_the_form_is_refused(office):
    with pytest.raises(NoSuchQuestion):
        cleaned(questions(office.call), "granted", "100")
    with pytest.raises(TooLong, match="请从列出的里面选"):
        cleaned(questions(office.call), "recommender", "999999")


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("45.5", "455000"),
        ("1,200", "12000000"),
        ("０．０００１", "1"),
        ("0.000001", "0.01"),
        ("0.0000001", None),
    ]
    + [(text, None) for text in ("四十", "", "1e", "--1")],
)
def test_money_is_typed_in_wan_to_the_cent(typed, yuan):
    assert money({"asked": typed}, "asked") == (None if yuan is None else Decimal(yuan))


@pytest.mark.parametrize("absent", ["title", "leader", "asked", "summary", "goals", "commitment"])
def test_the_form_is_not_taken_without_any_one_of_its_answers(office, absent):
    with pytest.raises(MoveRefused, match="还差 1 处"):
        applying.hand_in(drafted(office, **{absent: " "}), office.actors["north"])
    assert every() == []


def test_the_version_of_the_commitment_is_kept(office):
    rule_from(office, "application-commitment", date(2026, 3, 17), {"version": "2026版", "text": ["真实。"]})
    assert applying.hand_in(drafted(office), office.actors["north"]).committed == "通用版 2000-01-01"
    with clock.pretend(datetime(2026, 3, 17, 9, 0, tzinfo=clock.TZ)):
        made = applying.hand_in(drafted(office, "south"), office.actors["south"])
    assert made.committed == "2026版 2026-03-17"


# ---- who recommends -----------------------------------------------------------------------------------------


def test_each_body_sees_and_recommends_exactly_what_names_it(office):
    change_call(office, most_per_unit=None)
    for who, code, name in (("farming", "NYJ", "青禾市农业农村局"), ("health", "WJW", "青禾市卫生健康委")):
        recommending_body(office, who, code, name)
    bodies = {"farming": office.actors["farming"].unit_id, "health": office.actors["health"].unit_id}
    assert set(bodies.values()) <= {unit.pk for unit in recommenders()}
    rows = {
        who: office.step(office.draft(title=str(who), recommender_id=unit), "submit", "north")
        for who, unit in {**bodies, "county_head": None}.items()
    }
    for who, row in rows.items():
        assert list(APPLICATIONS.waiting(office.actors[who])) == [row]
        if who != "county_head":  # a county sees what its organisations send, whoever recommends it
            assert list(APPLICATIONS.rows(office.actors[who])) == [row]
        for other in rows:
            if other != who:
                with pytest.raises(NotYourTurn):
                    office.step(row, "recommend", other)
                with pytest.raises(NotYourTurn):
                    office.step(row, "send_back", other, "材料不全")
    for who, row in rows.items():
        done = office.step(row, "recommend", who)
        assert done.recommended_by_id == office.actors[who].unit_id
        assert list(APPLICATIONS.waiting(office.actors[who])) == []
    assert len(APPLICATIONS.waiting(office.actors["office"])) == 3


def test_a_body_whose_role_has_ended_is_not_offered(office):
    unit = recommending_body(office, "farming", "NYJ", "青禾市农业农村局")
    assert unit in recommenders()
    with writing(office.actors["planning"], "不再推荐"):
        grant = RoleGrant.objects.get(employment__unit=unit)
        grant.valid_to = date(2026, 3, 16)
        grant.save()
    assert unit in recommenders()
    with clock.pretend(datetime(2026, 3, 17, 9, 0, tzinfo=clock.TZ)):
        assert unit not in recommenders()


def test_the_deadline_of_recommending_holds_to_the_second(office):
    row = office.step(office.draft(), "submit", "north")
    until = office.call.recommend_until
    with (
        clock.pretend(until + timedelta(seconds=1)),
        pytest.raises(MoveRefused, match="推荐已于 2026-04-10 17:30"),
    ):
        office.step(row, "recommend", "county_head")
    with clock.pretend(until):
        assert office.step(row, "recommend", "county_head").state == "recommended"


def holds(office, rule: str, **values: object) -> bool:
    sought = Sought(office.call, office.actors["north"].unit_id, **values)
    return next(check.holds for check in checks(sought) if rule in check.rule)


def test_while_a_project_is_late_for_acceptance_the_organisation_applies_for_nothing(office):
    """To be accepted by 15 March 2026: late on the 16th, not on the 15th; another organisation is free."""
    change_call(office, most_per_unit=None)
    row = office.to(office.draft(title="老项目"), "running")
    row.accept_by = date(2026, 3, 15)
    with writing(office.actors["planning"], "老项目"):
        row.save()
    with clock.pretend(datetime(2026, 3, 15, 23, 59, tzinfo=clock.TZ)):
        assert holds(office, "没有逾期未验收的项目")
    with pytest.raises(MoveRefused, match="没有逾期未验收的项目：逾期 1 项"):
        office.step(office.draft(title="新项目"), "submit", "north")
    assert office.step(office.draft("south"), "submit", "south").state == "submitted"


def test_how_many_a_leader_may_lead_follows_the_rule_of_the_day(office):
    change_call(office, most_per_unit=None)
    rule_from(office, "application-leader", date(2026, 3, 20), {"applied": 1, "unfinished": 1})
    office.step(office.draft(leader="许青"), "submit", "north")
    assert holds(office, "负责人同一年度最多申报 2 项", leader="许青")
    with clock.pretend(datetime(2026, 3, 20, 0, 0, tzinfo=clock.TZ)):
        assert not holds(office, "负责人同一年度最多申报 1 项（本局定）", leader=" 许青 ")
        assert holds(office, "负责人同一年度最多申报 1 项", leader="许")


def test_a_leader_with_three_open_projects_leads_no_fourth(office):
    """Two are open and one is accepted: room for one more. Three open: none. Another year's project counts as well."""
    change_call(office, most_per_unit=None, budget=None)
    for n, state in enumerate(("running", "passed", "approved")):
        office.to(office.draft(title=f"第{n}个", leader=f"许{n}"), state)
    with writing(office.actors["planning"], "换负责人"):
        for row in every():
            row.leader, row.year = "许青", 2025
            row.save()
    assert holds(office, "未验收的项目（", leader="许青")
    third = office.to(office.draft(title="第三个", leader="林川"), "approved")
    with writing(office.actors["planning"], "换负责人"):
        third.leader, third.year = "许青", 2025
        third.save()
    assert not holds(office, "未验收的项目（", leader="许青")
