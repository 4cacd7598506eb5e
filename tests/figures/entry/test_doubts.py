"""填报有误: who may write it, whom it waits for, what stays of it."""

from dataclasses import replace

import pytest

from keshu.figures.entry import cells, doubting
from keshu.figures.entry.doubting import act_on, doubts_of, told_of, write_doubt
from keshu.figures.entry.models import Cell, Doubt
from keshu.figures.models import ReportedValue
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState
from keshu.terms import clock
from tests.figures.entry.conftest import SEPTEMBER, at


@pytest.fixture
def sheet(september):
    return september.report("2026-09", SEPTEMBER)


def waits(actor):
    return Doubt.objects.for_system("测试").filter(doubting.waits_for(actor)).count()


def test_a_note_of_the_city_goes_to_the_county_and_back_and_is_settled(september, sheet):
    with clock.pretend(at(10, 9)):
        doubt = write_doubt(sheet, september.rows["st_loans"], "与银行回单差 30 万元", september.planner)
    assert (doubt.by_city, doubt.asked_by, doubt.asked_at) == (True, "苏知衡", at(10, 9))
    assert (waits(september.filler), waits(september.planner), waits(september.reviewer)) == (1, 0, 0)
    with clock.pretend(at(10, 10)):
        doubt = act_on(doubt, "answer", september.filler, "漏了邮储一笔")
    assert (waits(september.filler), waits(september.planner)) == (0, 1)
    doubt = act_on(doubt, "ask_again", september.planner, "邮储的回单没有附")
    doubt = act_on(doubt, "answer", september.head, "已附")
    doubt = act_on(doubt, "settle", september.planner)
    assert (doubt.state, doubt.settled_by) == ("settled", "苏知衡")
    assert (waits(september.filler), waits(september.planner)) == (0, 0)
    told = told_of([doubt])[doubt.pk]
    assert [(one.action, one.actor_name, one.note) for one in told] == [
        ("answer", "郑澜", "漏了邮储一笔"),
        ("ask_again", "苏知衡", "邮储的回单没有附"),
        ("answer", "黎川", "已附"),
        ("settle", "苏知衡", ""),
    ]
    assert [row.data["state"] for row in doubt.history()] == [
        "open",
        "answered",
        "open",
        "answered",
        "settled",
    ]


def test_a_note_of_the_county_waits_for_the_city_once_the_month_is_there(september, sheet):
    doubt = write_doubt(sheet, september.rows["farm_training"], "少报一期培训", september.filler)
    assert (waits(september.planner), waits(september.filler)) == (1, 0)
    act_on(doubt, "answer", september.planner, "请申请追溯调整")
    assert (waits(september.planner), waits(september.filler)) == (0, 1)


def test_before_it_is_reported_a_note_of_the_reviewer_waits_for_the_clerk(september):
    draft = september.open()
    write_doubt(draft, None, "财政数和 04 表对不上", september.reviewer)
    assert (waits(september.planner), waits(september.filler)) == (0, 1)


def test_a_note_changes_no_figure_and_remembers_what_stood(september):
    sheet = september.open()
    row = september.rows["st_loans"]
    september.type(sheet, {"st_loans": "350"})
    before = ReportedValue.objects.for_system("测试").count()
    doubt = write_doubt(sheet, row, "应为 320", september.reviewer)
    assert ReportedValue.objects.for_system("测试").count() == before
    assert Cell.objects.for_system("测试").get(row=row).text == "350"
    cells.type_cell(sheet, row, september.filler, "320")
    assert doubting.about(doubts_of([sheet])[0]) == "科技贷款发放额 350"
    assert doubt.seen == "350"


@pytest.mark.parametrize(
    ("text", "words"), [("  ", "要写明哪里有误"), ("错" * 201, "写了 201 个字，最多 200 个")]
)
def test_a_note_says_what_is_wrong_in_few_words(september, sheet, text, words):
    with pytest.raises(doubting.BadDoubt, match=words):
        write_doubt(sheet, None, text, september.filler)


def test_another_county_neither_writes_nor_answers_nor_sees(september, sheet):
    with pytest.raises(doubting.BadDoubt, match="外县人 不能"):
        write_doubt(sheet, None, "错", september.stranger)
    doubt = write_doubt(sheet, None, "错", september.planner)
    with pytest.raises(NotYourTurn):
        act_on(doubt, "answer", september.stranger, "没有错")
    assert Doubt.objects.visible_to(september.stranger).count() == 0
    assert waits(replace(september.stranger)) == 1  # by its kind; the scope is the caller's
    assert (
        Doubt.objects.visible_to(september.stranger).filter(doubting.waits_for(september.stranger)).count()
        == 0
    )


def test_the_county_does_not_settle_what_the_city_asked(september, sheet):
    doubt = write_doubt(sheet, None, "错", september.planner)
    with pytest.raises(NotYourTurn):
        act_on(doubt, "settle", september.filler)
    with pytest.raises(MoveRefused, match="写明原因"):
        act_on(doubt, "answer", september.filler, " ")
    act_on(doubt, "answer", september.filler, "已改")
    with pytest.raises(StaleState):
        act_on(doubt, "answer", september.head, "再答", expected="open")
