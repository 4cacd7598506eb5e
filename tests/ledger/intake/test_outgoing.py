"""What goes out: tables, refused rows that come back corrected, templates that the importer reads."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshu.ledger.intake.hazards import OnlyHead
from keshu.ledger.intake.reading import open_table
from keshu.ledger.intake.refusals import Refused, write_refused
from keshu.ledger.intake.templates import write_template
from keshu.ledger.intake.writing import as_text, write_table
from tests.ledger.intake.making import (
    AMOUNT,
    COLUMNS,
    HEAD,
    PERIOD,
    REGION,
    number,
    row,
    sheet,
    text,
    texts,
    workbook,
)

INJECTIONS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    '\r=HYPERLINK("http://a")',
]


def test_an_export_keeps_numbers_as_numbers_and_dates_as_dates(tmp_path):
    out = tmp_path / "表.xlsx"
    rows = [
        [
            "云栖县",
            Decimal("1234.50"),
            3,
            date(2026, 9, 30),
            datetime.fromisoformat("2026-09-30 08:05"),
            True,
            None,
        ]
    ]
    head = ["地区", "金额", "项数", "日期", "时刻", "是否", "缺"]
    assert (
        write_table(head, rows, out, title="技术合同", notes=["口径：含县本级"], formats={"金额": "#,##0.00"})
        == 1
    )
    page = openpyxl.load_workbook(out).active
    assert page["A1"].value == "技术合同"
    assert [cell.value for cell in page[2]] == head
    assert [cell.value for cell in page[3]] == [
        "云栖县",
        1234.5,
        3,
        datetime.fromisoformat("2026-09-30"),
        datetime.fromisoformat("2026-09-30 08:05"),
        "是",
        None,
    ]
    assert page["B3"].number_format == "#,##0.00"
    assert page["A5"].value == "口径：含县本级"
    assert page.freeze_panes == "A3"
    assert page.column_dimensions["A"].width >= 8


@pytest.mark.parametrize("poison", INJECTIONS)
def test_no_text_leaves_as_a_formula(poison, tmp_path):
    for name in ("表.xlsx", "表.csv"):
        write_table([poison], [[poison, "甲"]], tmp_path / name, title=poison, notes=[poison])
    page = openpyxl.load_workbook(tmp_path / "表.xlsx").active
    for line in page.iter_rows():
        for cell in line:
            assert cell.data_type != "f"
            assert str(cell.value or "").lstrip()[:1] not in tuple("=+-@＝")
    with (tmp_path / "表.csv").open(encoding="utf-8-sig", newline="") as file:
        for line in csv.reader(file):
            assert line[0].startswith("'")


def test_a_csv_opens_in_excel_with_its_mark_and_carries_nothing_but_the_table(tmp_path):
    write_table(
        ["地区", "数"],
        [["云栖县", Decimal("-1.50")], ["石,塘", None]],
        tmp_path / "表.csv",
        title="标题",
        notes=["注"],
    )
    assert (tmp_path / "表.csv").read_bytes() == '\ufeff地区,数\r\n云栖县,-1.5\r\n"石,塘",\r\n'.encode()


def test_an_export_into_a_stream_leaves_it_open():
    for kind in ("xlsx", "csv"):
        out = io.BytesIO()
        write_table(["甲"], [["乙"]], out, kind=kind)
        assert out.getvalue()


def test_an_export_that_breaks_leaves_the_old_file(tmp_path):
    out = tmp_path / "表.xlsx"
    out.write_bytes(b"old")

    def rows():
        yield ["甲"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_table(["头"], rows(), out)
    assert out.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [out]


cells = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12).filter(
        # An apostrophe before a formula is the guard itself, so such a text comes back without it.
        lambda text: not text.startswith("'")
    ),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.sampled_from(["xlsx", "csv"]))
def test_what_is_exported_reads_back_the_same(rows, kind):
    out = io.BytesIO()
    write_table(["甲", "乙"], rows, out, kind=kind)
    found = list(open_table(out, f"表.{kind}").rows())[1:]
    filled = [one for one in rows if any(as_text(value).strip() for value in one)]
    assert len(found) == len(filled)
    for line, expected in zip(found, filled, strict=True):
        for at, value in enumerate(expected):
            read = line.cells[at].text if at < len(line.cells) else ""
            if isinstance(value, Decimal):
                assert Decimal(read) == value
            else:
                assert read == (value if value.strip() else "")


def test_refused_rows_come_back_with_row_column_and_reason_and_can_be_sent_again(tmp_path):
    source = workbook(
        {
            "表": sheet(
                texts(1, "单位：万元"),
                texts(2, "地区", "备注", "时期", "技术合同成交额"),
                texts(3, "云栖", "=HYPERLINK()", "2026年9月", "1,200"),
                row(4, text("A4", "石塘县"), number("C4", 202609), number("D4", "0.0254", 1)),
                row(5, text("A5", "南岗县"), text("C5", "2026年"), number("D5", 9)),
                row(6, text("A6", "北岗县"), text("C6", "2026年")),
                merges=["D5:D6"],
            )
        },
        formats=["0.00%"],
    )
    table = open_table(io.BytesIO(source), "月报.xlsx", columns=COLUMNS)
    refused = [
        Refused(
            one,
            [("region", "没有这个地区"), ("amount", "单位不符"), ("", "整行重复")]
            if one.number == 3
            else [("amount", "不对")],
        )
        for one in table.body()
    ]
    out = tmp_path / "拒收.xlsx"
    assert write_refused(refused, table.head, out) == 4
    page = openpyxl.load_workbook(out).active
    assert [cell.value for cell in page[2]] == [
        "地区",
        "备注",
        "时期",
        "技术合同成交额",
        "行号",
        "列",
        "原因",
    ]
    assert [cell.value for cell in page[3]][4:] == [
        3,
        "A 地区、D 技术合同成交额",
        "没有这个地区；单位不符；整行重复",
    ]
    assert page["B3"].value == "'=HYPERLINK()"
    assert page["G3"].fill.fgColor.rgb.endswith("FDECEA")
    assert page.freeze_panes == "A3"
    assert [page[f"D{n}"].value for n in (5, 6)] == [None, None]  # the merged 9 is not doubled

    again = open_table(out, columns=COLUMNS)
    assert again.head.unit_of("amount") == "万元"
    assert not any("原因" in note or "行号" in note for note in again.notes)
    rows = list(again.body())
    assert len(rows) == 4  # nothing that we added is taken for data
    first, second = (again.head.pick(one) for one in rows[:2])
    assert (first["region"].text, first["period"].text, first["amount"].text) == (
        "云栖",
        "2026年9月",
        "1,200",
    )
    assert rows[0].cells[1].text == "=HYPERLINK()"
    assert (second["period"].text, second["amount"].text) == ("202609", "2.54%")


def test_a_template_reads_as_an_empty_table_and_explains_itself(tmp_path):
    out = tmp_path / "模板.xlsx"
    many = [f"第{n}个很长的技术领域名称" for n in range(60)]
    write_template(
        (REGION, PERIOD, AMOUNT),
        out,
        title="技术合同月报",
        examples=[{"region": "云栖县", "period": "2026年9月", "amount": "120.5"}],
        notes=["没有数据请留空，不要填 0。"],
        dropdowns={"region": ["云栖县", "石塘县"], "period": many},
    )
    table = open_table(out, columns=COLUMNS)
    assert table.sheet == "技术合同月报"
    assert table.notes == []
    assert set(table.head.index) == {"region", "period", "amount"}
    with pytest.raises(OnlyHead):
        list(table.body())

    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["技术合同月报", "填写说明", "选项"]
    assert book["选项"].sheet_state == "hidden"
    page = book.active
    lists = {str(one.sqref): one.formula1 for one in page.data_validations.dataValidation}
    assert lists == {"A2:A1048576": '"云栖县,石塘县"', "B2:B1048576": "'选项'!$A$1:$A$60"}
    assert page.column_dimensions["B"].number_format == "@"
    guide = [[cell.value for cell in line] for line in book["填写说明"].iter_rows()]
    assert ["地区", "是", "文字；从下拉列表里选", "县区、region", "云栖县"] in guide


def test_a_filled_template_reads_what_was_typed(tmp_path):
    out = tmp_path / "模板.xlsx"
    write_template((REGION, PERIOD, AMOUNT), out, title="月报")
    book = openpyxl.load_workbook(out)
    book.active.append(["云栖县", "2026-09", 5])
    book.save(out)
    table = open_table(out, columns=COLUMNS)
    cells = table.head.pick(next(table.body()))
    assert [cells[key].text for key in ("region", "period", "amount")] == ["云栖县", "2026-09", "5"]


def test_refused_numbers_of_the_original_stay_numbers(tmp_path):
    data = workbook({"表": sheet(HEAD, row(2, text("A2", "甲"), number("B2", 2026), number("C2", "12.5")))})
    table = open_table(io.BytesIO(data), columns=COLUMNS)
    write_refused(
        [Refused(one, [("", "地区不认识")]) for one in table.body()], table.head, tmp_path / "a.xlsx"
    )
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["C3"].value == 12.5
