"""Reading what documents demand, as they write it."""

from decimal import Decimal

import pytest

from keshu.goals.demands import DemandUnreadable, flaw_of, read_demand

D = Decimal


ISSUED = (
    ("150件", "total", 150, None, None, "件", "up"),
    ("2,750 件以上", "total", 2750, None, None, "件", "up"),
    ("0.35亿元", "total", D("0.35"), None, None, "亿元", "up"),
    ("完成培训1万人次", "total", 1, None, None, "万人次", "up"),
    ("1-2名", "range", 1, 2, None, "名", "up"),
    ("1一2 名", "range", 1, 2, None, "名", "up"),
    ("2至3项", "range", 2, 3, None, "项", "up"),
    ("保9争8", "rank", 9, None, 8, "位", "down"),
    ("保九争八", "rank", 9, None, 8, "位", "down"),
    ("全省前10名", "rank", 10, None, None, "位", "down"),
    ("净增20家", "net", 20, None, None, "家", "up"),
    ("新认定15家以上", "new", 15, None, None, "家", "up"),
    ("研发经费投入强度达到2.4%", "rate", D("2.4"), None, None, "%", "up"),
    ("增长10%", "rate", 10, None, None, "%", "up"),
    ("25%—30%", "rate", 25, 30, None, "%", "up"),
    ("万人有效发明专利拥有量4.5件", "rate", D("4.5"), None, None, "件", "up"),
    ("不超过5件", "total", 5, None, None, "件", "down"),
    ("基本目标100件，奋斗目标120件", "total", 100, None, 120, "件", "up"),
    ("100件（奋斗120件）", "total", 100, None, 120, "件", "up"),
    ("确保100件，力争120件", "total", 100, None, 120, "件", "up"),
    ("出台科技创新券管理办法", "quality", None, None, None, "", "up"),
    ("按时完成2026年度年报并于12月20日前报送市政府", "quality", None, None, None, "", "up"),
)


def test_a_target_is_read_as_documents_write_it():
    for text, kind, low, high, stretch, unit, direction in ISSUED:
        found = read_demand(text)
        assert (found.kind, found.low, found.high, found.stretch) == (kind, low, high, stretch), text
        assert (found.unit, found.direction, found.text) == (unit, direction, text)


def test_a_part_above_its_whole_is_read_as_it_stands():
    found = read_demand("60项以上，其中80项以上省级、5项国家级")
    assert found.low == 60
    assert [(part.about, part.low, part.unit) for part in found.inner] == [
        ("省级", 80, "项"),
        ("国家级", 5, "项"),
    ]
    assert flaw_of(found.low, found.unit, found.inner[0].low, "项") == "80 > 60，大 20"
    assert flaw_of(found.low, found.unit, found.inner[1].low, "项") == ""


def test_a_part_in_another_unit_is_compared_in_the_unit_of_the_whole():
    assert flaw_of(D("0.35"), "亿元", D(4000), "万元") == "0.4 > 0.35，大 0.05"
    assert flaw_of(D("0.35"), "亿元", D(3000), "万元") == ""


def test_what_cannot_be_told_is_refused_with_what_was_read():
    for text, said in (
        ("10-5家", "上限 5 小于下限 10"),
        ("举办3场5次", "2 个数"),
        ("", "空着"),
        ("60项，其中3项5家", "2 个数"),
    ):
        with pytest.raises(DemandUnreadable, match=said):
            read_demand(text)


def test_a_bare_number_takes_the_unit_of_the_column():
    assert read_demand("150", "件").unit == "件"
