"""Heads as offices write them."""

import io

import pytest

from keshu.ledger.intake.hazards import AmbiguousColumn, HeadNotFound, MissingColumns
from keshu.ledger.intake.heads import Column, Holds
from keshu.ledger.intake.reading import open_table
from tests.ledger.intake.making import COLUMNS, HEAD, number, row, sheet, text, texts, workbook

OUTPUT = Column("output", ("输出技术成交额",), required=True, holds=Holds.NUMBER)
ABSORBED = Column("absorbed", ("吸纳技术成交额",), required=True, holds=Holds.NUMBER)
COUNTY = Column("region", ("地区",), required=True)


def csv(*lines: str, columns=COLUMNS):
    return open_table(io.BytesIO("\n".join(lines).encode()), "表.csv", columns=columns)


def xlsx(xml: str, columns=COLUMNS):
    return open_table(io.BytesIO(workbook({"表": xml})), "表.xlsx", columns=columns)


def test_titles_and_blank_rows_above_the_head_are_stepped_over():
    table = xlsx(
        sheet(
            row(1, text("A1", "青禾市2026年9月技术合同登记情况表"), attributes='ht="30"'),
            texts(3, "填报单位：云栖县科技局", "", "单位：万元"),
            texts(5, "地区", "时期", "技术合同成交额"),
            texts(6, "云栖县", "2026年9月", "1"),
            merges=["A1:C1"],
        )
    )
    assert (table.head.first, table.head.last) == (5, 5)
    assert table.head.sheet_unit == "万元"
    assert table.head.unit_of("amount") == "万元"
    assert table.head.unit_of("region") == ""
    assert [one.number for one in table.body()] == [6]


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("技术合同成交额（万元）", "万元"),
        ("技术合同 成交额(亿元)", "亿元"),
        ("* 技术合同成交额［单位：万元］", "万元"),
        ("技术合同成交额/万元", "万元"),
        ("技术合同成交额（万元）（必填）", "万元"),
        ("ＡＭＯＵＮＴ", ""),
        ("技术合同\n成交额", ""),
    ],
)
def test_a_column_is_known_through_spaces_width_and_brackets_and_gives_its_unit(written, unit):
    table = xlsx(sheet(texts(1, "地 区", "时期", written), texts(2, "云栖县", "2026年9月", "1")))
    assert table.head.index["amount"] == 2
    assert table.head.unit_of("amount") == unit


def test_a_head_of_two_merged_rows_is_joined():
    xml = sheet(
        texts(1, "地区", "输出技术", "", "吸纳技术"),
        row(
            2,
            *(
                text(f"{letter}2", name)
                for letter, name in zip("BCDE", ["项数", "成交额（万元）"] * 2, strict=True)
            ),
        ),
        row(3, text("A3", "云栖县"), number("B3", 1), number("C3", 2), number("D3", 3), number("E3", 4)),
        merges=["A1:A2", "B1:C1", "D1:E1"],
    )
    table = xlsx(xml, (COUNTY, OUTPUT, ABSORBED))
    assert (table.head.first, table.head.last) == (1, 2)
    assert table.head.index == {"region": 0, "output": 2, "absorbed": 4}
    assert table.head.units == {"output": "万元", "absorbed": "万元"}
    cells = table.head.pick(next(table.body()))
    assert (cells["output"].text, cells["absorbed"].text) == ("2", "4")


def test_a_head_of_two_rows_in_a_text_file_is_joined_too():
    table = csv(
        "地区,输出技术,,吸纳技术,",
        ",项数,成交额,项数,成交额",
        "云栖县,1,2,3,4",
        columns=(COUNTY, OUTPUT, ABSORBED),
    )
    assert table.head.index == {"region": 0, "output": 2, "absorbed": 4}


def test_a_line_of_column_numbers_under_the_head_is_no_data():
    table = csv("地区,时期,技术合同成交额", "甲,乙,1", "云栖县,2026年,5")
    assert [one.number for one in table.body()] == [3]


def test_data_rows_are_never_taken_for_a_second_head_row():
    table = csv("地区,时期,技术合同成交额", "地区,2026年,5")
    assert table.head.last == 1


def test_an_upper_line_that_names_most_columns_is_not_taken_for_the_whole_head():
    """Three of four stand in the upper line already; merged downwards, the lower line names all four."""
    cells = [
        texts(1, "地区", "时期", "合同", ""),
        texts(2, "", "", "登记额", "技术合同成交额"),
        texts(3, "云栖县", "2026年", "4", "5"),
    ]
    table = xlsx(sheet(*cells, merges=["A1:A2", "B1:B2", "C1:D1"]))
    assert (table.head.first, table.head.last) == (2, 2)
    assert [one.number for one in table.body()] == [3]


def test_a_missing_column_is_named_with_the_nearest_guess():
    with pytest.raises(MissingColumns) as caught:
        csv("地区,时期,技术合同成交金额", "云栖县,2026年,5")
    assert caught.value.missing == ("技术合同成交额",)
    assert caught.value.guesses == {"技术合同成交额": "技术合同成交金额"}
    assert "“技术合同成交金额”是不是它" in str(caught.value)
    assert "地区、时期" in str(caught.value)


def test_a_table_without_a_head_shows_what_was_found_instead():
    with pytest.raises(HeadNotFound, match="第 1 行：云栖县、5"):
        csv("云栖县,5", "石塘县,6")


def test_a_head_below_the_twentieth_row_is_not_searched():
    with pytest.raises(HeadNotFound, match="前 20 行"):
        csv(*["说明"] * 25, "地区,时期,技术合同成交额", "云栖县,2026年,5")


def test_a_column_that_stands_twice_is_refused_by_letters():
    with pytest.raises(AmbiguousColumn, match="C、D 列"):
        csv("地区,时期,技术合同成交额（万元）,技术合同成交额（亿元）", "云栖县,2026年,5,6")


def test_columns_that_nobody_asked_for_are_named():
    table = csv("序号,地区,时期,技术合同成交额,联系人", "1,云栖县,2026年,5,某某")
    assert table.notes == ["E列“联系人”不认识，没有读"]


def test_october_that_lost_its_zero_is_not_guessed():
    table = xlsx(sheet(HEAD, row(2, text("A2", "云栖县"), number("B2", "2026.1"), number("C2", 1))))
    assert "1 月还是 10 月" in table.head.pick(next(table.body()))["period"].problem
