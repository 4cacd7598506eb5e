"""Workbooks of the old format (xls, et). ``old_format.xls`` was written by LibreOffice from the values listed here: an independent hand."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from keshu.ledger.intake.biff import _rk
from keshu.ledger.intake.cells import Kind
from keshu.ledger.intake.hazards import IntakeError, OldWorkbook
from keshu.ledger.intake.heads import Column, Holds
from keshu.ledger.intake.reading import open_table

SAVED = (Path(__file__).parent / "old_format.xls").read_bytes()
COLUMNS = (
    Column("county", ("县区",), required=True),
    Column("count", ("件数",), required=True, holds=Holds.NUMBER),
    Column("amount", ("成交额",), required=True, holds=Holds.NUMBER),
    Column("day", ("登记日期",), holds=Holds.DATE),
    Column("share", ("占比",), holds=Holds.NUMBER),
)


def test_an_old_workbook_reads_like_any_other():
    table = open_table(io.BytesIO(SAVED), "三季度.xls", columns=COLUMNS)
    assert (table.sheet, table.head.last, table.head.sheet_unit) == ("汇总", 4, "万元")
    rows = [(row, table.head.pick(row)) for row in table.body()]
    first = rows[0][1]
    assert [first[key].value for key in ("county", "count", "amount", "day")] == [
        "望岭县",
        Decimal(12),
        Decimal("3120.5"),
        date(2026, 9, 30),
    ]
    assert first["share"].text == "25.4%"
    second, third, fourth = (cells for _, cells in rows[1:4])
    assert (second["count"].value, second["amount"].value) == (Decimal(-3), Decimal("0.3"))
    assert rows[1][0].hidden
    # A formula is read by its saved result: 3120.5 + 0.3.
    assert (third["count"].value, third["amount"].value) == (Decimal(1_234_567), Decimal("3120.8"))
    assert "公式" in third["amount"].note
    assert fourth["county"].text == "长" * 300
    assert third["day"].kind is Kind.BLANK


def test_four_hundred_texts_run_over_several_records():
    """Shared strings are cut at 8,224 bytes wherever that falls, in the middle of a character's row too."""
    rows = list(open_table(io.BytesIO(SAVED), "三季度.xls").rows())
    texts = [row.cells[6].text for row in rows if row.number >= 10]
    assert texts == [
        f"第{k}个不同的说明文字用来撑大共享字符串表，编号{k:05d}。" + "甲乙丙丁" * (k % 9) for k in range(400)
    ]


def test_a_hidden_sheet_is_read_by_who_asks_for_it():
    table = open_table(io.BytesIO(SAVED), "三季度.et")
    assert [[cell.text for cell in row.cells] for row in table.beside("科枢标记")] == [
        ["收表", "SB2026-0001"]
    ]
    assert table.beside("没有这张") == []


@pytest.mark.parametrize(
    ("raw", "value"),
    [  # MS-XLS 2.5.217: two flag bits, then an integer of 30 bits or the upper half of a double
        (0x3FF00000, 1.0),
        (0x3FF00001, 0.01),
        (0x004B5646, 1_234_321),
        (0x004B5647, 12_343.21),
        (0xFFFFFFF6, -3),
    ],
)
def test_numbers_in_four_bytes(raw, value):
    assert _rk(raw) == value


@pytest.mark.parametrize("keep", [600, 5_000, 40_000])
def test_an_old_workbook_that_was_cut_off_is_refused(keep):
    with pytest.raises(IntakeError):
        list(open_table(io.BytesIO(SAVED[:keep]), "断.xls", columns=COLUMNS).body())


def test_an_old_workbook_that_points_at_itself_ends():
    data = bytearray(SAVED)
    data[512:1024] = (0).to_bytes(
        4, "little"
    ) * 128  # an allocation table in which every chain runs in a circle
    for sector in range(1, len(data) // 512 - 1):
        data[512 * (sector + 1) : 512 * (sector + 1) + 4] = (0).to_bytes(4, "little")
    with pytest.raises(OldWorkbook):
        open_table(io.BytesIO(bytes(data)), "环.xls")
