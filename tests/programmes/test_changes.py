"""变更: asked in time, seen by the county, approved with a document; each refusal says its days."""

from datetime import date, datetime

import pytest

from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, move
from keshu.programmes import changes
from keshu.programmes.changes import ChangeRefused, ask
from keshu.programmes.contracts import goals_of
from keshu.programmes.models import Application, Change
from keshu.terms import clock

pytestmark = pytest.mark.django_db
ENDS = date(2028, 5, 31)


@pytest.fixture
def row(office):
    """A running project that ends on 2028-05-31, so that an extension is asked for by 2028-02-29."""
    return office.to(office.draft(), "running")


def at(year, month, day):
    return clock.pretend(datetime(year, month, day, 9, 0, tzinfo=clock.TZ))


def fresh(row):
    return Application.objects.for_system("测试").get(pk=row.pk)


def extension(office, row, to, who="north"):
    return ask(row, "extend", office.actors[who], reason="进口部件晚到", new_end=to)


def step(office, change, action, who, note="", **given):
    return move(change, action, office.actors[who], procedure=changes.PROCEDURE, note=note, given=given)


def through(office, change):
    change = step(office, change, "opine", "county_head", view="agree", opinion="情况属实")
    return step(office, change, "approve", "office", doc_no="青科函〔2028〕5号")


def test_an_extension_asked_in_time_moves_the_end_and_the_day_of_acceptance(office, row):
    with at(2028, 2, 29):
        change = through(office, extension(office, row, date(2029, 5, 31)))
    project = fresh(row)
    assert (change.state, change.before, change.after) == ("approved", "2028-05-31 止", "2029-05-31 止")
    assert change.opinion == "同意：情况属实" and change.doc_no == "青科函〔2028〕5号"
    # six months after 2029-05-31
    assert (project.ends_on, project.accept_by) == (date(2029, 5, 31), date(2029, 11, 30))
    assert (project.extensions, project.extend_by) == (1, None)


def test_a_day_late_is_refused_with_the_days(office, row):
    with (
        at(2028, 3, 1),
        pytest.raises(ChangeRefused, match="执行止 2028-05-31，最迟 2028-02-29 提出，今天 2028-03-01 已晚"),
    ):
        extension(office, row, date(2028, 12, 31))


def test_an_extension_is_given_once(office, row):
    with at(2027, 6, 1):
        through(office, extension(office, row, date(2028, 11, 30)))
        with pytest.raises(ChangeRefused, match="已延期 1 次，现在到 2028-11-30；按规定只能延 1 次"):
            extension(office, fresh(row), date(2029, 5, 31))


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (date(2029, 6, 1), "最长延 12 个月：执行止 2028-05-31，最晚延到 2029-05-31"),
        (ENDS, "不在现在的执行止 2028-05-31 之后"),
        (None, "没有写延到哪一天"),
    ],
)
def test_no_longer_than_a_year_and_never_back(office, row, to, said):
    with pytest.raises(ChangeRefused, match=said):
        extension(office, row, to)


def test_two_extensions_are_not_asked_at_once(office, row):
    extension(office, row, date(2028, 12, 31))
    with pytest.raises(ChangeRefused, match="BG2026-0001 还在办（待县局意见）"):
        extension(office, row, date(2028, 10, 31))


def test_the_office_refuses_with_a_reason_and_nothing_moves(office, row):
    change = extension(office, row, date(2028, 12, 31))
    change = step(office, change, "opine", "county_head", view="disagree", opinion="进度可控")
    with pytest.raises(MoveRefused, match="不同意要写明原因"):
        step(office, change, "refuse", "office")
    change = step(office, change, "refuse", "office", "进度可控，不需要延期")
    assert change.state == "refused" and fresh(row).ends_on == ENDS and fresh(row).extensions == 0


def test_who_may_do_what(office, row):
    with pytest.raises(NotYourTurn):
        extension(office, row, date(2028, 12, 31), "south")
    change = extension(office, row, date(2028, 12, 31))
    with pytest.raises(NotYourTurn):
        step(office, change, "opine", "office", view="agree", opinion="代出")
    with pytest.raises(NotYourTurn):
        step(office, change, "take_back", "south")
    assert step(office, change, "take_back", "north").state == "taken_back"


def test_a_goal_changes_only_with_a_document(office, row):
    goal = goals_of(row)[0]
    change = ask(row, "content", office.actors["north"], after="93%", reason="原料停产", goal=goal)
    assert change.before == f"{goal.text}：95%"
    change = step(office, change, "opine", "county_head", view="agree", opinion="属实")
    with pytest.raises(MoveRefused, match="还要填：批准文号"):
        step(office, change, "approve", "office")
    assert goals_of(row)[0].promised == "95%"
    step(office, change, "approve", "office", doc_no="青科函〔2026〕40号")
    assert goals_of(row)[0].promised == "93%"


def test_another_leader_and_another_organisation(office, row):
    change = ask(row, "leader", office.actors["north"], after="沈确", reason="原负责人离职")
    through(office, change)
    assert fresh(row).leader == "沈确" and change.before == "林见山"
    with writing(office.actors["planning"], "登记单位"):
        unit = office.staff.unit("91-O", "岚川分公司", office.staff.other)
    change = ask(fresh(row), "unit", office.actors["north"], reason="公司分立", new_unit=unit)
    through(office, change)
    # The county that it was approved in goes on counting it.
    assert (fresh(row).unit_id, fresh(row).region_id) == (unit.pk, office.staff.county.pk)


def test_a_general_change_is_only_filed(office, row):
    change = ask(
        row, "budget", office.actors["north"], after="测试费调 2 万元到材料费", reason="试验方案调整"
    )
    assert (change.state, change.decided_on) == ("filed", date(2026, 3, 16))


def test_only_a_running_project_changes(office, row):
    approved = office.draft("south", title="草稿")
    with pytest.raises(ChangeRefused, match="执行中的项目才能变更"):
        ask(approved, "leader", office.actors["south"], after="甲", reason="乙")
    with pytest.raises(ChangeRefused, match="没有写理由"):
        ask(row, "leader", office.actors["north"], after="甲", reason=" ")
    assert Change.objects.for_system("测试").count() == 0


def test_an_approval_after_the_project_was_ended_is_refused(office, row):
    change = extension(office, row, date(2028, 12, 31))
    change = step(office, change, "opine", "county_head", view="agree", opinion="属实")
    office.step(row, "terminate", "office", "市场变化", {"spent": 0})
    with pytest.raises(MoveRefused, match="项目现在是“已终止”"):
        step(office, change, "approve", "office", doc_no="青科函〔2026〕41号")
