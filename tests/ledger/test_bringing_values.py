"""Values as clerks write them in a file or a form."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.ledger.bringing.values import ValueRefused, read_value, written
from keshu.ledger.registers import Column

TEXT = Column("text1", "名称")
MONEY = Column("number1", "金额（万元）", "money", places=2)
SHARE = Column("number2", "天数", "number", places=1)
PEOPLE = Column("number3", "人数", "count")
DAY = Column("date1", "日期", "date")
KIND = Column("text2", "方式", "choice", choices=(("现场", "现场"), ("电话", "电话")))
YES = Column("flag1", "回访", "flag")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05",
        "2026.3.5",
        "2026/3/5",
        "2026年3月5日",
        "20260305",
        "２０２６－３－５",
        " 2026-03-05 00:00:00",
    ],
)
def test_a_day_as_clerks_write_it(text):
    assert read_value(DAY, text) == date(2026, 3, 5)


@pytest.mark.parametrize("text", ["2026年3月", "3月5日", "2026-02-30", "昨天", "2026-13-01", "1026-03-05"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueRefused, match="不是哪一天"):
        read_value(DAY, text)


def test_the_last_day_of_a_month_is_a_day():
    assert read_value(DAY, "2026-05-31") == date(2026, 5, 31)


def test_money_is_in_wan_unless_the_head_or_the_cell_says_otherwise():
    assert read_value(MONEY, "12.5") == Decimal("125000")
    assert read_value(MONEY, "12.5万") == Decimal("125000")
    assert read_value(MONEY, "3500元") == Decimal("3500")
    assert read_value(MONEY, "1,200", unit="元") == Decimal("1200")
    assert read_value(MONEY, "0.1亿元") == Decimal("10000000")
    assert read_value(MONEY, "—") is None


def test_money_that_is_finer_than_the_cent_or_in_no_money_is_refused():
    with pytest.raises(ValueRefused, match="细到分以下"):
        read_value(MONEY, "0.0000001")
    with pytest.raises(ValueRefused, match="两样不同"):
        read_value(MONEY, "3元", unit="万元")
    with pytest.raises(ValueRefused, match="不是金额"):
        read_value(MONEY, "3家")
    with pytest.raises(ValueRefused, match="太大"):
        read_value(MONEY, "99999999999999999")


def test_counts_are_whole_and_numbers_keep_their_places():
    assert read_value(PEOPLE, "1,200人") == 1200
    assert read_value(SHARE, "1.5") == Decimal("1.5")
    for column, text in ((PEOPLE, "1.5"), (PEOPLE, "-3"), (SHARE, "1.25"), (PEOPLE, "三十几")):
        with pytest.raises(ValueRefused):
            read_value(column, text)
    with pytest.raises(ValueRefused, match="不能作件数"):
        read_value(Column("items", "件数", "count"), "0")


def test_a_choice_is_found_with_spaces_and_proposed_when_misspelt():
    assert read_value(KIND, " 现 场") == "现场"
    with pytest.raises(ValueRefused, match="是不是“现场”"):
        read_value(KIND, "现场走访")


@pytest.mark.parametrize(
    ("text", "value"),
    [("是", True), ("√", True), ("1", True), ("否", False), ("无", False), ("Ｎ", False), ("", None)],
)
def test_yes_and_no(text, value):
    assert read_value(YES, text) is value


def test_rare_characters_stay_and_invisible_ones_are_refused():
    assert read_value(TEXT, "𠮷林㐂䶮公司") == "𠮷林㐂䶮公司"  # CJK extensions A and B of GB 18030-2022
    for text in ("甲\x00乙", "甲\n乙", "甲\ud800乙"):
        with pytest.raises(ValueRefused, match="第 2 个字"):
            read_value(TEXT, text)


def test_ten_thousand_characters_are_too_many():
    with pytest.raises(ValueRefused, match="写了 10000 字，最多 200 字"):
        read_value(TEXT, "长" * 10_000)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (MONEY, "12.5"),
        (SHARE, "1.5"),
        (PEOPLE, "1200"),
        (DAY, "2026-03-05"),
        (KIND, "电话"),
        (YES, "否"),
        (TEXT, "甲"),
    ],
)
def test_what_is_written_back_reads_the_same(column, text):
    assert written(column, read_value(column, text)) == text
