"""Workbooks come back renamed, with columns moved, heads merged, in old formats; each is matched, read and merged or told why not."""

import io
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.collecting.claiming import act, claim
from keshu.collecting.columns import Col, settled
from keshu.collecting.matching import WrongSender
from keshu.collecting.merging import merged, standings, totals
from keshu.collecting.models import Reply, ReplyRow
from keshu.collecting.reading import read_reply
from keshu.collecting.receiving import EntryWrong, NothingSaid, NotOpen, Receiving
from keshu.journal.models import Revision
from keshu.ledger.classified import Classified
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn, move
from tests.collecting.office import COLS, HEAD, book

NORTH = ("北岭新材料有限公司", "技术开发", 120.5, 3, None)
SOUTH = ("南塘机电有限公司", "技术服务", 80, None, "补登")


def rows_of(collection) -> list[dict[str, str]]:
    return [row.values for row in merged(collection)]


# ---- whose it is


def test_a_renamed_workbook_is_known_by_the_mark_hidden_in_it(house):
    arrival = house.drop(house.filled("望岭县", [NORTH, SOUTH]), "新建 Microsoft Excel 工作表(2).xlsx")
    assert (arrival.outcome, arrival.reply.sender.name, arrival.reply.matched) == (
        "counted",
        "望岭县",
        "mark",
    )
    assert rows_of(house.collection) == [
        {"c1": "北岭新材料有限公司", "c2": "技术开发", "c3": "120.5", "c4": "3"},
        {"c1": "南塘机电有限公司", "c2": "技术服务", "c3": "80", "c5": "补登"},
    ]


def test_the_mark_can_be_read_where_the_hidden_sheet_was_lost(house):
    """Copied into a new workbook, or saved as CSV, the second line still says whose it is."""
    code = house.sender("岚川县").code
    text = (
        f"三季度技术交易情况表\n填报单位：岚川县　代码：{code}\n"
        + ",".join(HEAD)
        + "\n甲公司,技术开发,1.5,1,\n"
    )
    arrival = house.drop(io.BytesIO(text.encode("gb18030")), "a.csv")
    assert (arrival.reply.sender.name, arrival.reply.matched) == ("岚川县", "mark")


@pytest.mark.parametrize(
    ("name", "above", "below", "by"),
    [
        ("汇总.xlsx", [["填报单位（盖章）：望岭县科学技术局"]], [], "inside"),
        ("汇总.xlsx", [], [["填报单位：", "望岭县"]], "inside"),
        ("望岭 三季度报表 最终版.xlsx", [], [], "filename"),
        ("9月25日望岭县科学技术局报送.xlsx", [], [], "filename"),
    ],
)
def test_without_a_mark_the_sheet_or_the_file_name_tells(house, name, above, below, by):
    arrival = house.drop(book([NORTH], above=above, below=below), name)
    assert (arrival.outcome, arrival.reply.sender.name, arrival.reply.matched) == ("counted", "望岭县", by)


def test_what_points_at_two_senders_waits_for_a_hand(house):
    arrival = house.drop(house.filled("望岭县", [NORTH]), "岚川县.xlsx")
    assert arrival.outcome == "unclaimed"
    assert "表里的标记是望岭县" in arrival.said and "文件名是岚川县" in arrival.said
    assert rows_of(house.collection) == []
    claim(arrival.reply, house.sender("岚川县"), house.clerk)
    assert house.counted("岚川县").matched == "hand"
    assert len(rows_of(house.collection)) == 1
    moved = act(house.counted("岚川县"), "unclaim", house.clerk, note="电话问过，是望岭的")
    claim(moved, house.sender("望岭县"), house.clerk)
    assert house.counted("望岭县") and not house.counted("岚川县")


def test_nothing_that_names_anybody_waits_too(house):
    arrival = house.drop(book([NORTH]), "报表.xlsx")
    assert arrival.outcome == "unclaimed" and "看不出是谁报的" in arrival.said


def test_a_reply_from_the_wrong_county_is_refused_with_the_reason(house):
    with pytest.raises(WrongSender, match="表里的标记是岚川县，这里交的是望岭县的"):
        house.hand_in(house.filled("岚川县", [NORTH]), "我县.xlsx")
    with pytest.raises(NotYourTurn, match="不能替岚川县交表"):
        house.hand_in(house.filled("岚川县", [NORTH]), "我县.xlsx", sender="岚川县")
    assert not Reply.objects.for_system("测试").exists()


def test_a_workbook_of_another_collection_is_not_taken(house):
    file = house.filled("望岭县", [NORTH])
    made = openpyxl.load_workbook(file)
    made["科枢标记"]["B1"] = "SB2025-0007"
    out = io.BytesIO()
    made.save(out)
    arrival = house.drop(out, "望岭县.xlsx")
    assert arrival.outcome == "refused" and "SB2025-0007" in arrival.said
    assert standings(house.collection)[0].word == "报来的没有收下"


# ---- what it holds


def test_columns_may_be_moved_heads_merged_and_units_changed(house):
    """1,205,000 元 are 120.5 万元; the head has two lines, 序号 in front and a 合计 below."""
    made = openpyxl.Workbook()
    page = made.active
    page.append(["望岭县三季度情况"])
    page.append(["序号", "备注", "合同", None, "企业名称", "合同类型"])
    page.append([None, None, "合同数", "成交额（元）", None, None])
    for area in ("A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3"):
        page.merge_cells(area)
    page.append([1, None, 3, 1_205_000, "北岭新材料有限公司", "技术开发"])
    page.append([2, "补登", None, "800000", "南塘机电有限公司", "技术 服务"])
    page.append(["合计", None, 3, 2_005_000, "合计", None])
    page.append(["填表人：郑澜"])
    out = io.BytesIO()
    made.save(out)
    arrival = house.drop(out, "望岭县.xlsx")
    assert arrival.outcome == "counted", arrival.said
    assert [row["c3"] for row in rows_of(house.collection)] == ["120.5", "80"]
    assert arrival.reply.letters == {"c1": "E", "c2": "F", "c3": "D", "c4": "C", "c5": "B"}
    assert any("第 6 行是合计" in note and "请核对" not in note for note in arrival.reply.notes)


def test_a_blank_that_came_back_unfilled_is_no_nil_report(house):
    foot = [["填表人：郑澜"], ["注：按合同登记额填"]]
    arrival = house.drop(book([], below=foot), "望岭县.xlsx")
    assert arrival.outcome == "refused" and "不当作零报告" in arrival.said
    assert house.counted("望岭县") is None


def test_lines_numbered_in_advance_and_a_sum_under_the_numbers_are_no_rows(house):
    """序号 stands printed in the blank; 合计 stands in its column, where no name of an enterprise is."""
    lines = [(1, *NORTH), (2,), (3,), ("合 计", None, None, 120.5, 3, None)]
    above = [["填报单位：", None, None, "单位：万元"]]
    arrival = house.drop(book(lines, head=("序号", *HEAD), above=above), "望岭县.xlsx")
    assert (arrival.outcome, arrival.reply.rows_taken, arrival.reply.rows_wrong) == ("counted", 1, 0)
    assert "2 行只有序号，没有读" in arrival.reply.notes
    assert any("第 6 行是合计" in note and "请核对" not in note for note in arrival.reply.notes)


def test_money_in_a_column_without_a_unit_is_not_guessed(house):
    """12 in a form that fixes no unit may be 万元; a reply that writes 元 cannot be added to it."""
    cols = settled((Col("", "企业名称", is_key=True), Col("", "成交额", "number", decimals=2)))
    lines = [("甲公司", 120000)]
    plainly = read_reply(book(lines, head=("企业名称", "成交额")), "望岭县.xlsx", cols)
    yuan = read_reply(book(lines, head=("企业名称", "成交额（元）")), "望岭县.xlsx", cols)
    assert not plainly.rows[0].wrong
    assert "没有定这一列的单位" in yuan.rows[0].problems[0][1]


def test_a_sum_that_does_not_add_up_is_said(house):
    arrival = house.drop(book([NORTH, SOUTH, ("合计", None, 999, 3, None)]), "望岭县.xlsx")
    assert any("写的合计是 999，各行加起来是 200.5" in note for note in arrival.reply.notes)


def test_rows_that_are_wrong_stand_aside_with_row_and_reason(house):
    rows = [
        NORTH,
        ("东山软件有限公司", "技术开发费", "1,2O0", 1, None),
        (None, "技术开发", 5, 1, None),
        ("西河农机有限公司", None, None, 2, None),
        ("南塘机电有限公司", None, 1.234, 2, None),
    ]
    arrival = house.drop(book(rows), "望岭县.xlsx")
    assert (arrival.reply.rows_taken, arrival.reply.rows_wrong) == (1, 4)
    said = {
        row.at: "；".join(words for _, words in row.problems) for row in merged(house.collection, wrong=True)
    }
    assert "是不是“技术开发”" in said[3] and "字母 O" in said[3]
    assert said[4] == "“企业名称”没有填"
    assert said[5] == "“成交额”没有填"
    assert "最多 2 位小数" in said[6]


def test_a_row_that_stands_twice_is_refused_twice(house):
    arrival = house.drop(book([NORTH, SOUTH, NORTH]), "望岭县.xlsx")
    assert (arrival.reply.rows_taken, arrival.reply.rows_wrong) == (1, 2)
    assert all(
        "第 2、4 行的“企业名称”相同" in row.problems[0][1] for row in merged(house.collection, wrong=True)
    )


def test_a_file_without_the_columns_is_kept_with_the_reason(house):
    arrival = house.drop(book([NORTH], head=(*HEAD[:2], "成交金额", *HEAD[3:])), "望岭县.xlsx")
    assert arrival.outcome == "refused" and "缺少必填的列" in arrival.said
    assert house.drop(book([NORTH]), "望岭县2.xlsx").outcome == "counted"


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "望岭县.xlsx", "是空的"),
        (b"%PDF-1.7\n%%EOF", "望岭县.pdf", "不收"),
        (b"<html><table></table></html>", "望岭县.xls", "不收"),
        ("企业名称,成交额\n机密★1年\n".encode(), "望岭县.csv", "涉密"),
    ],
)
def test_what_is_no_form_is_turned_away_and_not_kept(house, data, name, why, tmp_path):
    arrival = house.drop(io.BytesIO(data), name)
    assert arrival.outcome == "away" and why in arrival.said
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# ---- the same again, and something else


def test_the_same_file_again_changes_nothing(house):
    file = house.filled("望岭县", [NORTH])
    house.drop(file, "望岭县.xlsx")
    before = Revision.objects.count()
    again = house.drop(file, "另存的名字.xlsx")
    assert again.outcome == "same" and "已经收过" in again.said
    assert Revision.objects.count() == before
    assert (Reply.objects.for_system("测试").count(), ReplyRow.objects.for_system("测试").count()) == (1, 1)


def test_another_file_with_equal_values_is_told_as_a_duplicate(house):
    house.drop(book([NORTH, SOUTH]), "望岭县.xlsx")
    again = house.drop(book([SOUTH, NORTH], above=[["望岭县报送"]]), "望岭县 重发.xlsx")
    assert again.outcome == "duplicate" and "逐格相同" in again.said
    assert Reply.objects.for_system("测试").count() == 1


def test_different_values_are_both_kept_and_the_clerk_says_which_counts(house):
    house.drop(book([NORTH, SOUTH]), "望岭县.xlsx")
    second = house.drop(book([(*NORTH[:2], 200, *NORTH[3:]), SOUTH]), "望岭县 改.xlsx")
    assert second.outcome == "rival" and "两份都留着" in second.said
    assert house.counted("望岭县").filename == "望岭县.xlsx"
    act(second.reply, "count", house.clerk)
    assert house.counted("望岭县").filename == "望岭县 改.xlsx"
    states = Reply.objects.for_system("测试").order_by("pk").values_list("state", flat=True)
    assert list(states) == ["aside", "counted"]
    (total, _) = totals(house.collection.cols, standings(house.collection))
    assert total.value == Decimal(280)


def test_a_sum_names_whom_it_leaves_out(house):
    house.drop(book([NORTH, (*SOUTH[:2], "约80", None, None)]), "望岭县.xlsx")
    house.drop(book([("丙公司", None, 10, None, None)]), "岚川县.xlsx")
    amount, count = totals(house.collection.cols, standings(house.collection))
    assert (amount.value, amount.said) == (Decimal("130.5"), "未含望岭县（1 行有错）、青禾市财政局（未报）")
    assert (count.value, count.said) == (
        Decimal(3),
        "未含望岭县（1 行有错）、岚川县（1 格空着）、青禾市财政局（未报）",
    )


def test_returned_it_no_longer_counts_and_a_new_one_does(house):
    first = house.hand_in(book([NORTH]), "一稿.xlsx").reply
    with pytest.raises(MoveRefused, match="写明原因"):
        act(first, "return", house.clerk)
    act(first, "return", house.clerk, note="金额像是元")
    assert standings(house.collection)[0].word == "已退回，没有再报"
    assert house.hand_in(book([SOUTH]), "二稿.xlsx").outcome == "counted"


# ---- typed


def test_typing_for_another_needs_the_file_or_who_said_it_and_is_marked_until_confirmed(house):
    finance = house.sender("青禾市财政局")
    lines = [{"c1": "科技专项", "c3": "15480"}]
    with pytest.raises(NothingSaid, match="附上收到的文件"):
        Receiving(house.fresh(), house.clerk).enter(finance, lines)
    reply = Receiving(house.fresh(), house.clerk).enter(finance, lines, said_by="预算科 王工").reply
    assert reply.is_unconfirmed and standings(house.collection)[2].word == "已报，代录待确认"
    act(reply, "confirm", house.clerk, given={"who": "预算科 王工"})
    assert standings(house.collection)[2].word == "已报"
    with pytest.raises(MoveRefused, match="已经确认过"):
        act(Reply._base_manager.get(pk=reply.pk), "confirm", house.clerk)


def test_what_is_typed_wrong_is_not_kept(house):
    county = house.sender("望岭县")
    with pytest.raises(EntryWrong) as refusal:
        Receiving(house.fresh(), house.county).enter(county, [{"c1": "甲公司", "c3": "一百"}])
    assert list(refusal.value.problems) == [(1, "c3")]
    with pytest.raises(Classified):
        Receiving(house.fresh(), house.county).enter(county, [{"c1": "机密★项目", "c3": "1"}])
    assert Receiving(house.fresh(), house.county).enter(county, [], nil=True).reply.way == "filled"
    assert standings(house.collection)[0].word == "零报告"


def test_nothing_is_taken_before_or_after(house):
    from keshu.collecting.procedure import COLLECTING

    move(house.collection, "close", house.clerk, procedure=COLLECTING)
    with pytest.raises(NotOpen, match="已办结"):
        house.drop(book([NORTH]), "望岭县.xlsx")


# ---- parts and whole

CELL = st.decimals(min_value=-10_000, max_value=10_000, places=2)
ROW = st.tuples(st.sampled_from(COLS[1].choices), CELL, st.none() | st.integers(0, 999))


@given(
    rows=st.lists(ROW, min_size=1, max_size=12),
    order=st.permutations(range(len(HEAD))),
    scale=st.sampled_from([("万元", 1), ("元", 10_000)]),
)
def test_what_is_read_is_what_stands_in_the_sheet_whatever_the_order_of_columns(rows, order, scale):
    """The oracle is the list the workbook was made from; money may stand in 元 (× 10,000)."""
    unit, factor = scale
    head = [*HEAD[:2], f"成交额（{unit}）", *HEAD[3:]]
    lines = [(f"企业{n}", kind, amount * factor, count, None) for n, (kind, amount, count) in enumerate(rows)]
    file = book([[line[at] for at in order] for line in lines], head=[head[at] for at in order])
    read = read_reply(file, "表.xlsx", settled(COLS))
    assert not [row for row in read.rows if row.wrong]
    assert [(row.values["c2"], Decimal(row.values["c3"]), row.values.get("c4")) for row in read.rows] == [
        (kind, amount, None if count is None else str(count)) for kind, amount, count in rows
    ]


def test_a_form_needs_a_key_and_names_that_tell_columns_apart():
    from keshu.collecting.columns import FormRefused

    with pytest.raises(FormRefused) as refusal:
        settled((Col("", "名称"), Col("", "名 称"), Col("", "金额", "number", unit="铢"), Col("", "序号")))
    assert set(refusal.value.problems) == {"c1", "c2", "c3", "columns"}


def test_a_workbook_that_cannot_be_opened_is_said_in_the_house_s_words(house):
    with pytest.raises(IntakeError):
        house.hand_in(io.BytesIO(b"PK\x03\x04" + bytes(50)), "坏.xlsx")
