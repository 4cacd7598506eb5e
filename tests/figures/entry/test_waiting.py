"""What the badge of the rail counts: months that wait for one person, each once."""

import io

import pytest

from keshu.figures.entry import adjusting, cells, flow, loading, papers
from keshu.figures.entry.doubting import write_doubt
from keshu.figures.entry.waiting import waiting
from keshu.terms import clock
from tests.figures.entry.conftest import SEPTEMBER, SPEC, at


@pytest.fixture(autouse=True)
def _october():
    with clock.pretend(at(10, 12)):
        yield


def words(actor):
    return [(one.period.code, one.region.short_name, one.word) for one in waiting(actor)]


def test_months_that_nobody_has_begun_wait_for_the_clerk_alone(county):
    # the form is in force from January: 1—2月 and March to September have ended, eight in all
    assert [code for code, _, _ in words(county.filler)] == [
        "2026-01..02",
        *(f"2026-0{month}" for month in range(3, 10)),
    ]
    assert {word for _, _, word in words(county.filler)} == {"未填"}
    assert words(county.reviewer) == words(county.head) == words(county.planner) == []


def test_a_month_waits_for_whose_turn_it_is(september):
    def september_of(actor):
        return [word for code, _, word in words(actor) if code == "2026-09"]

    sheet = september.open()
    september.type(sheet, SEPTEMBER)
    people = (september.filler, september.reviewer, september.head, september.planner)
    turns = [[september_of(one) for one in people]]
    for step, who in (
        (flow.hand_in, september.filler),
        (flow.review, september.reviewer),
        (flow.sign, september.head),
    ):
        sheet = step(sheet, who)
        turns.append([september_of(one) for one in people])
    assert turns == [
        [["填报中"], [], [], []],
        [[], ["待审核"], [], []],
        [[], [], ["待签报"], []],
        [[], [], [], ["待市局核实"]],
    ]
    flow.return_sheet(sheet, september.planner, [september.rows["st_loans"]], "差 30")
    assert september_of(september.filler) == ["已退回"] and september_of(september.planner) == []


def test_a_month_that_runs_does_not_wait(september):
    september.type(september.open("2026-10"), {"st_loans": "1"})
    assert "2026-10" not in [code for code, _, _ in words(september.filler)]


def test_the_city_counts_a_month_once_whatever_waits_in_it(september):
    sheet = september.report("2026-09", SEPTEMBER)
    adjusting.ask(
        september.form,
        september.region,
        september.rows["st_loans"],
        "2026-09",
        "320",
        "重复",
        september.filler,
    )
    write_doubt(sheet, None, "漏一笔", september.filler)
    assert words(september.planner) == [("2026-09", "甲县", "填报有误")]
    flow.verify(sheet, september.planner)
    september_only = [one for one in words(september.planner) if one[0] == "2026-09"]
    assert september_only == [("2026-09", "甲县", "填报有误")]


def test_an_adjustment_of_a_verified_month_waits_for_the_city(september):
    flow.verify(september.report("2026-09", SEPTEMBER), september.planner)
    adjusting.ask(
        september.form,
        september.region,
        september.rows["st_loans"],
        "2026-09",
        "320",
        "重复",
        september.filler,
    )
    assert words(september.planner) == [("2026-09", "甲县", "追溯调整待核实")]


def test_what_was_entered_for_a_county_waits_for_the_city_and_then_for_the_county(county, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sheet = loading.open_sheet(
        county.form, county.other, "2026-09", county.planner, entered_for=True, said_by="王工 电话"
    )
    assert words(county.planner) == [("2026-09", "乙县", "填报中")]
    assert ("2026-09", "乙县", "填报中") not in words(county.stranger)
    county.type(sheet, {c: t for c, t in SEPTEMBER.items() if c != "rd_large"}, county.planner)
    cells.give_reason(sheet, county.rows["rd_large"], county.planner, "未发布")
    pdf = io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    papers.attach(sheet, county.planner, pdf, "传真.pdf", papers.SENT)
    sheet = flow.verify(flow.report_for(sheet, county.planner), county.planner)
    assert ("2026-09", "乙县", "代录待确认") in words(county.stranger)
    flow.confirm_entry(sheet, county.stranger)
    assert "2026-09" not in [code for code, _, _ in words(county.stranger)]


def test_a_form_up_to_a_day_owes_no_month(county, actor):
    spec = {
        **SPEC,
        "code": "d",
        "number": "试科统 03 表",
        "frequency": "day",
        "sections": [{"title": "", "rows": [{"measure": "hitech_valid", "label": "高企有效数"}]}],
    }
    loading.load_form(spec, actor)
    assert {one.form.code for one in waiting(county.filler)} == {"sy-01"}


def test_the_badge_takes_few_queries(september, django_assert_max_num_queries):
    for month in ("2026-06", "2026-07", "2026-08"):
        september.type(september.open(month), {"st_loans": "1"})
    with django_assert_max_num_queries(4):
        assert len(waiting(september.filler)) == 8
    with django_assert_max_num_queries(2):
        waiting(september.planner)
