"""监督检查: planned for many at once, findings put right and verified, performance graded by the rule."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.figures.book import book
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, move
from keshu.programmes.dating import ruled
from keshu.programmes.inspections import (
    PROCEDURE,
    InspectionRefused,
    due_for_mid_term,
    grade_of,
    inspections_of,
    plan,
)
from keshu.programmes.models import Application, Inspection
from keshu.terms import clock
from keshu.terms.period import Period

pytestmark = pytest.mark.django_db
CHECKED = {"done_on": date(2026, 9, 1)}
FOUND = {**CHECKED, "findings": "设备台账与实物不符", "rectify_by": date(2026, 9, 30)}


@pytest.fixture
def three(office):
    """Three running projects; the day is 2026-09-07."""
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    rows = [
        office.to(office.draft("north"), "running"),
        office.to(office.draft("south", title="减速器", asked=Decimal("100000")), "running"),
    ]
    rows.append(office.draft("south", title="没有立项"))
    with clock.pretend(datetime(2026, 9, 7, 9, 0, tzinfo=clock.TZ)):
        yield rows


def step(office, row, action, who="office", note="", **given):
    return move(row, action, office.actors[who], procedure=PROCEDURE, note=note, given=given)


def planned(office, rows, kind="action", campaign="滤镜行动第一批"):
    return plan(rows, kind, office.actors["office"], year=2026, campaign=campaign)


def value(office, code, period):
    definitions = book(moments.latest())
    measure = definitions.measure(code)
    reader = Reader(definitions, moments.latest(), on=clock.today())
    reader.load([measure], [office.staff.city.pk], [period])
    return reader.value(measure, office.staff.city.pk, period).value


def test_many_projects_are_planned_at_once_and_none_twice(office, three):
    before = moments.latest()
    made = planned(office, three)
    assert [row.number for row in made] == ["JC2026-0001", "JC2026-0002"]  # the draft is no project
    assert moments.latest() == before + 1
    with pytest.raises(InspectionRefused, match="都已安排过"):
        planned(office, three)
    assert len(planned(office, three, campaign="第二批")) == 2
    with pytest.raises(NotYourTurn):
        plan(three, "action", office.actors["north"], year=2026)


def test_findings_are_put_right_sent_back_and_closed(office, three):
    row = step(office, planned(office, three)[0], "found", **FOUND)
    assert (row.state, row.rectify_by) == ("found", date(2026, 9, 30))
    with pytest.raises(NotYourTurn):
        step(office, row, "rectify", "south", rectified="代填")
    row = step(office, row, "rectify", "north", rectified="已补登三台设备")
    row = step(office, row, "back", note="还缺照片", rectify_by=date(2026, 10, 15))
    assert (row.state, row.rectify_by) == ("found", date(2026, 10, 15))
    row = step(office, step(office, row, "rectify", "north", rectified="已补照片"), "close")
    assert (row.state, row.closed_on) == ("closed", date(2026, 9, 7))


def test_the_figures_of_a_campaign(office, three):
    """Two checked, one with problems, that one closed in September; the cancelled one counts nowhere."""
    first, second = planned(office, three)
    (third,) = planned(office, three[:1], "mid_term", "")
    step(office, first, "clean", **CHECKED)
    second = step(office, second, "found", **FOUND)
    step(office, third, "drop", note="项目已验收")
    september = Period.month(2026, 9)
    assert [value(office, f"inspections_{w}", september) for w in ("done", "troubled")] == [2, 1]
    step(office, step(office, second, "rectify", "south", rectified="已改"), "close")
    assert [value(office, f"inspections_{w}", september) for w in ("done", "troubled", "closed")] == [2, 1, 1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**FOUND, "rectify_by": date(2026, 9, 1)}, "整改期限 2026-09-01 不在检查日期 2026-09-01 之后"),
        ({**FOUND, "done_on": date(2026, 9, 8)}, "检查日期 2026-09-08 还没有到"),
        ({**CHECKED, "findings": "甲"}, "还要填：整改期限"),
    ],
)
def test_what_a_check_cannot_say_is_refused(office, three, given, said):
    with pytest.raises(MoveRefused, match=said):
        step(office, planned(office, three)[0], "found", **given)


@pytest.mark.parametrize(
    ("score", "grade"),
    # 财预〔2020〕10号: 90（含）—100 优, 80（含）—90 良, 60（含）—80 中, 60 以下 差
    [
        ("100", "优"), ("90", "优"), ("89.99", "良"), ("80", "良"), ("79.99", "中"), ("60", "中"),
        ("59.99", "差"), ("0", "差"),
    ],
)  # fmt: skip
def test_the_grades_of_performance_at_their_borders(office, score, grade):
    assert grade_of(Decimal(score), ruled("grade", "project-performance")) == grade


def test_a_performance_evaluation_wants_a_score_and_grades_the_project(office, three):
    (row,) = planned(office, three[:1], "performance", "")
    with pytest.raises(InspectionRefused, match="绩效评价要填得分"):
        step(office, row, "clean", **CHECKED)
    for wrong in ("101", "九十", "88.888"):
        with pytest.raises(InspectionRefused):
            step(office, row, "clean", **CHECKED, score=wrong)
    row = step(office, row, "clean", **CHECKED, score="89.5")
    project = Application.objects.for_system("测试").get(pk=three[0].pk)
    assert (row.score, row.grade, project.performance) == (Decimal("89.5"), "良", "良")


def test_a_mid_term_check_is_due_from_the_middle_on(office, three):
    """2026-06-01 to 2028-05-31 are 730 days: the 365th is 2027-06-01."""
    rule = ruled("deadline", "project-mid-term")
    assert not due_for_mid_term(three[0], date(2027, 5, 31), rule)
    assert due_for_mid_term(three[0], date(2027, 6, 1), rule)
    assert not due_for_mid_term(three[2], date(2030, 1, 1), rule)  # a draft


def test_each_sees_the_checks_of_its_own(office, three):
    planned(office, three)
    seen = {who: Inspection.objects.visible_to(office.actors[who]).count() for who in ("north", "office")}
    assert seen == {"north": 1, "office": 2}
    assert [row.title for row in inspections_of(three[1])] == ["减速器"]
