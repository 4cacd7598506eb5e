"""Workbooks as counties send them, and workbooks that nobody should open."""

import io
import random
import struct
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from keshu.ledger.intake.cells import Kind
from keshu.ledger.intake.hazards import (
    CellTooLong,
    DamagedWorkbook,
    EmptyFile,
    EncryptedWorkbook,
    ForbiddenXml,
    HeadNotFound,
    IntakeError,
    NotATable,
    NoVisibleSheet,
    OldWorkbook,
    OnlyHead,
    OtherWorkbook,
    TooLarge,
    TooManyMerges,
    TooWide,
    WebPageNotWorkbook,
    ZipBomb,
)
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.reading import open_table
from keshu.terms.period import Period
from keshu.terms.quantity import UnreadableNumber, read_number
from tests.ledger.intake.making import COLUMNS, HEAD, number, row, sheet, text, texts, workbook


def read(data: bytes, name: str = "月报.xlsx", **options):
    options.setdefault("columns", COLUMNS)
    return open_table(io.BytesIO(data), name, **options)


def picked(data: bytes):
    table = read(data)
    return table, [table.head.pick(one) for one in table.body()]


# ---- what stands in the cells


def test_a_plain_workbook_from_openpyxl_reads_row_by_row():
    book = openpyxl.Workbook()
    for line in (
        ["地区", "时期", "技术合同成交额"],
        ["云栖县", "2026年9月", 120.5],
        ["石塘县", "2026年9月", -3],
    ):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    table, rows = picked(out.getvalue())
    assert [one["region"].text for one in rows] == ["云栖县", "石塘县"]
    assert [one["amount"].value for one in rows] == [Decimal("120.5"), Decimal(-3)]
    assert [one.number for one in table.rows()] == [1, 2, 3]


def test_shared_strings_are_read_without_their_phonetic_guides_and_with_rich_runs():
    strings = [
        "<t>地区</t>",
        "<t>时期</t>",
        "<t>技术合同成交额</t>",
        "<r><t>云</t></r><r><rPr><b/></rPr><t>栖县</t></r><rPh sb='0' eb='1'><t>yun</t></rPh>",
        "<t>2026年_x000D_9月</t>",
    ]
    cells = [
        f'<c r="{ref}" t="s"><v>{n}</v></c>'
        for ref, n in (("A1", 0), ("B1", 1), ("C1", 2), ("A2", 3), ("B2", 4))
    ]
    data = workbook({"表": sheet(row(1, *cells[:3]), row(2, *cells[3:], number("C2", 7)))}, strings=strings)
    _, rows = picked(data)
    assert rows[0]["region"].text == "云栖县"
    assert rows[0]["period"].text == "2026年\r9月"


def test_a_prefixed_sheet_from_another_program_reads_the_same():
    xml = sheet(HEAD, texts(2, "云栖县", "2026年9月", "12"))
    for tag in ("worksheet", "sheetData", "row", "c", "is", "t"):
        xml = (
            xml.replace(f"<{tag} ", f"<x:{tag} ")
            .replace(f"<{tag}>", f"<x:{tag}>")
            .replace(f"</{tag}>", f"</x:{tag}>")
        )
    xml = xml.replace("xmlns=", "xmlns:x=")
    _, rows = picked(workbook({"表": xml}))
    assert rows[0]["region"].text == "云栖县"


def test_a_binary_floating_tail_goes_but_no_half_cent_does():
    cells = row(2, text("A2", "云栖县"), number("B2", 202609), number("C2", "0.30000000000000004"))
    big = row(3, text("A3", "石塘县"), number("B3", 202609), number("C3", "126058200000000.07"))
    _, rows = picked(workbook({"表": sheet(HEAD, cells, big)}))
    assert rows[0]["amount"].value == Decimal("0.3")
    assert rows[1]["amount"].value == Decimal("126058200000000.07")


def test_a_percent_format_is_what_the_clerk_sees():
    data = workbook(
        {"表": sheet(HEAD, row(2, text("A2", "甲县"), text("B2", "2026年"), number("C2", 0.0254, 1)))},
        formats=["0.00%"],
    )
    _, rows = picked(data)
    assert rows[0]["amount"].text == "2.54%"
    assert read_number(rows[0]["amount"].text) == Decimal("2.54")


def test_a_format_in_ten_thousands_is_read_by_what_is_stored_and_says_so():
    data = workbook(
        {"表": sheet(HEAD, row(2, text("A2", "甲县"), text("B2", "2026年"), number("C2", 123456, 1)))},
        formats=['0!.0,"万"'],
    )
    _, rows = picked(data)
    assert rows[0]["amount"].value == 123456
    assert "123456" in rows[0]["amount"].note


def test_a_formula_with_its_result_is_read_with_a_note():
    cells = row(2, text("A2", "云栖县"), text("B2", "2026年9月"), '<c r="C2"><f>SUM(D2:F2)</f><v>88</v></c>')
    _, rows = picked(workbook({"表": sheet(HEAD, cells)}))
    assert rows[0]["amount"].value == 88
    assert "公式" in rows[0]["amount"].note
    assert not rows[0]["amount"].problem


def test_a_formula_without_a_saved_result_is_refused_in_its_row():
    book = openpyxl.Workbook()  # openpyxl computes nothing, so no result is saved
    book.active.append(["地区", "时期", "技术合同成交额"])
    book.active.append(["云栖县", "2026年9月", "=1+1"])
    out = io.BytesIO()
    book.save(out)
    _, rows = picked(out.getvalue())
    assert rows[0]["amount"].kind is Kind.UNCOMPUTED
    assert rows[0]["amount"].problem == "是公式，没有存下结果，请复制后选择性粘贴为数值再传"


def test_a_formula_that_gives_an_empty_text_is_a_blank():
    cells = row(
        2, text("A2", "云栖县"), text("B2", "2026年9月"), '<c r="C2" t="str"><f>IF(1,"")</f><v></v></c>'
    )
    _, rows = picked(workbook({"表": sheet(HEAD, cells)}))
    assert rows[0]["amount"].kind is Kind.BLANK


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?"])
def test_an_error_cell_names_its_error(error):
    cells = row(
        2, text("A2", "云栖县"), text("B2", "2026年9月"), f'<c r="C2" t="e"><f>A9</f><v>{error}</v></c>'
    )
    _, rows = picked(workbook({"表": sheet(HEAD, cells)}))
    assert rows[0]["amount"].kind is Kind.ERROR
    assert error in rows[0]["amount"].problem


def test_a_boolean_is_no_number():
    cells = row(2, text("A2", "云栖县"), text("B2", "2026年9月"), '<c r="C2" t="b"><v>1</v></c>')
    _, rows = picked(workbook({"表": sheet(HEAD, cells)}))
    assert rows[0]["amount"].value is True
    with pytest.raises(UnreadableNumber):
        read_number(rows[0]["amount"].value)


# Serials by hand: Excel shows 45382 as 2024-03-31 and 45352 as 2024-03-01; in the 1904 system 1462 less.
def test_dates_as_serials_become_dates_where_a_date_belongs():
    head = texts(1, "地区", "时期", "技术合同成交额", "登记日期")
    bare = row(2, text("A2", "甲县"), number("B2", 45352), number("C2", 45382), number("D2", 45382))
    dressed = row(3, text("A3", "乙县"), number("B3", 45352, 1), number("C3", 1), number("D3", 45382, 2))
    _, rows = picked(workbook({"表": sheet(head, bare, dressed)}, formats=['yyyy"年"m"月"', "yyyy/m/d;@"]))
    assert rows[0]["period"].text == "2024年3月"
    assert "45352 是日期序号" in rows[0]["period"].note
    assert rows[0]["signed"].value.isoformat() == "2024-03-31"
    assert rows[0]["amount"].value == 45382
    assert rows[1]["period"].text == "2024年3月"
    assert Period.parse(rows[1]["period"].text) == Period.month(2024, 3)
    assert rows[1]["signed"].text == "2024-03-31"


def test_the_1904_calendar_of_old_macs_counts_from_1904():
    data = workbook(
        {"表": sheet(HEAD, row(2, text("A2", "甲县"), number("B2", 45382 - 1462, 1), number("C2", 1)))},
        formats=["yyyy-mm-dd"],
        epoch_1904=True,
    )
    _, rows = picked(data)
    assert rows[0]["period"].text == "2024-03-31"


def test_year_and_month_numbers_are_no_serials():
    cells = [
        row(n, text(f"A{n}", "甲县"), number(f"B{n}", value), number(f"C{n}", 1))
        for n, value in ((2, 2026), (3, 202609))
    ]
    _, rows = picked(workbook({"表": sheet(HEAD, *cells)}))
    assert [one["period"].text for one in rows] == ["2026", "202609"]


def test_a_date_in_a_number_column_and_a_credit_code_stored_as_number_are_refused():
    head = texts(1, "地区", "时期", "技术合同成交额", "登记日期", "统一社会信用代码")
    cells = row(
        2,
        text("A2", "甲县"),
        number("B2", 202609),
        number("C2", 45382, 1),
        number("E2", "911101080000000000"),
    )
    _, rows = picked(workbook({"表": sheet(head, cells)}, formats=["m/d/yy"]))
    assert "是日期" in rows[0]["amount"].problem
    assert "15 位" in rows[0]["code"].problem


def test_full_width_digits_and_thousands_separators_reach_the_number_reader_as_typed():
    cells = [texts(2, "甲县", "２０２６年９月", "１，２３４．５"), texts(3, "乙县", "2026年9月", "1,234.50")]
    _, rows = picked(workbook({"表": sheet(HEAD, *cells)}))
    assert [read_number(one["amount"].text) for one in rows] == [Decimal("1234.5"), Decimal("1234.5")]


def test_total_rows_and_notes_below_are_handed_on_not_dropped():
    data = workbook(
        {
            "表": sheet(
                HEAD,
                texts(2, "甲县", "2026年9月", "1"),
                texts(4, "合计", "", "1"),
                texts(6, "注：不含县本级"),
            )
        }
    )
    table, rows = picked(data)
    assert [one["region"].text for one in rows] == ["甲县", "合计", "注：不含县本级"]
    assert [one.number for one in table.body()] == [2, 4, 6]


def test_hidden_rows_are_read_and_counted():
    data = workbook(
        {
            "表": sheet(
                HEAD, texts(2, "甲县", "2026年", "1"), row(3, text("A3", "乙县"), attributes='hidden="1"')
            )
        }
    )
    table, rows = picked(data)
    assert len(rows) == 2
    assert any("1 行被隐藏" in note for note in table.notes)


# ---- merged cells


def test_merged_names_fill_down_and_merged_numbers_are_refused():
    rows = [
        row(2, text("A2", "云栖县"), text("B2", "2026年8月"), number("C2", 100)),
        row(3, text("B3", "2026年9月")),
        row(4, text("A4", "石塘县"), text("B4", "2026年9月"), number("C4", 5)),
    ]
    _, found = picked(workbook({"表": sheet(HEAD, *rows, merges=["A2:A3", "C2:C3"])}))
    assert [one["region"].text for one in found] == ["云栖县", "云栖县", "石塘县"]
    assert "A2:A3" in found[1]["region"].note
    assert "C2:C3" in found[0]["amount"].problem
    assert "C2:C3" in found[1]["amount"].problem
    assert not found[2]["amount"].problem


def test_a_merge_over_columns_that_nobody_reads_does_not_spoil_a_number():
    rows = [row(2, text("A2", "云栖县"), text("B2", "2026年8月"), number("C2", 100))]
    _, found = picked(workbook({"表": sheet(HEAD, *rows, merges=["C2:D2"])}))
    assert found[0]["amount"].value == 100
    assert not found[0]["amount"].problem


def test_thousands_of_merges_are_refused_before_the_rows_are_read():
    data = workbook({"表": sheet(HEAD, merges=[f"A{n}:A{n + 1}" for n in range(2, 60, 2)])})
    with pytest.raises(TooManyMerges, match="29 处"):
        read(data, limits=Limits(merges=20))


def test_overlapping_merges_over_the_whole_sheet_cost_no_more_than_its_columns():
    data = workbook({"表": sheet(HEAD, texts(2, "甲县", "2026年", "1"), merges=["A1:XFD1048576"] * 5000)})
    with pytest.raises((HeadNotFound, DamagedWorkbook, OnlyHead)):
        list(read(data).body())


# ---- sheets


def test_hidden_sheets_are_passed_over_with_a_note():
    data = workbook(
        {
            "旧数": sheet(HEAD, texts(2, "旧县", "2020年", "1")),
            "新数": sheet(HEAD, texts(2, "新县", "2026年", "1")),
        },
        hidden=["旧数"],
    )
    table, rows = picked(data)
    assert table.sheet == "新数"
    assert rows[0]["region"].text == "新县"
    assert "工作表“旧数”是隐藏的，没有读" in table.notes


def test_the_sheet_with_the_head_is_chosen_and_the_others_are_named():
    good = sheet(HEAD, texts(2, "甲县", "2026年", "1"))
    table, rows = picked(
        workbook({"封面": sheet(texts(1, "青禾市科技局")), "一月": good, "二月": good, "空": sheet()})
    )
    assert table.sheet == "一月"
    assert len(rows) == 1
    assert any("“封面”没有认得的表头" in note for note in table.notes)
    assert any("“二月”也有同样的表头" in note for note in table.notes)
    assert not any("“空”" in note for note in table.notes)


def test_a_workbook_of_hidden_sheets_only():
    with pytest.raises(NoVisibleSheet, match="取消隐藏"):
        read(workbook({"数": sheet(HEAD)}, hidden=["数"]))


def test_an_empty_workbook_and_a_workbook_with_a_head_only():
    with pytest.raises(EmptyFile):
        read(workbook({"表": sheet()}))
    with pytest.raises(OnlyHead, match="第 1 行"):
        list(read(workbook({"表": sheet(HEAD)})).body())


def test_a_sheet_that_runs_to_the_right_without_end():
    wide = workbook({"表": sheet(HEAD, row(2, text("A2", "甲县"), text("XFD2", "乱")))})
    with pytest.raises(TooWide, match="XFD"):
        list(read(wide).body())
    styled = workbook({"表": sheet(HEAD, row(2, text("A2", "甲县"), '<c r="XFD2" s="0"/>'))})
    assert len(list(read(styled).body())) == 1  # formatting alone is no content


def test_a_cell_longer_than_excel_itself_allows():
    with pytest.raises(CellTooLong):
        list(read(workbook({"表": sheet(HEAD, texts(2, "长" * 70_000))})).body())


# ---- what is no workbook, or not only one


def ole(*names: str) -> bytes:
    """A compound file's header sector and one directory sector with these entries (MS-CFB 2.2, 2.6)."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2) + bytes(62)
        for name in ("Root Entry", *names)
    )
    return header + entries


def test_an_encrypted_workbook_an_old_one_and_other_compound_files():
    with pytest.raises(EncryptedWorkbook, match="打开密码"):
        read(ole("EncryptionInfo", "EncryptedPackage"))
    for name in ("报表.xls", "报表.et", "报表.xlsx"):
        with pytest.raises(OldWorkbook, match=r"另存为“Excel 工作簿（\*\.xlsx）”"):
            read(ole("Workbook"), name)
    with pytest.raises(NotATable, match="Word"):
        read(ole("WordDocument"), "通知.xls")


def test_the_extension_does_not_matter_when_the_content_is_sound():
    good = workbook({"表": sheet(HEAD, texts(2, "甲县", "2026年", "1"))})
    assert len(list(read(good, "报表.xls").body())) == 1
    assert len(list(read("地区,时期,技术合同成交额\n甲县,2026年,1\n".encode("gbk"), "报表.xls").body())) == 1


def test_a_web_page_that_calls_itself_a_workbook():
    with pytest.raises(WebPageNotWorkbook):
        read(b"<html><table><tr><td>1</td></tr></table></html>", "导出.xls")


def test_packages_that_hold_something_else():
    def package(**files: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name, content in files.items():
                made.writestr(name.replace("__", "/"), content)
        return out.getvalue()

    with pytest.raises(NotATable, match="Word"):
        read(package(word__document=b"x"))
    with pytest.raises(OtherWorkbook, match="xlsb"):
        read(package(**{"xl__workbook.bin": b"x"}))
    with pytest.raises(OtherWorkbook, match="OpenDocument"):
        read(package(**{"mimetype": b"x", "content.xml": b"x"}))
    with pytest.raises(NotATable, match="压缩包"):
        read(package(a=b"x"))
    with pytest.raises(NotATable, match="PDF"):
        read(b"%PDF-1.7 ...")


def test_a_zip_bomb_is_known_by_its_directory():
    data = workbook({"表": sheet(HEAD)}, extra={"xl/media/a.bin": bytes(30 << 20)})
    assert len(data) < 100_000
    with pytest.raises(ZipBomb, match="倍"):
        read(data)
    with pytest.raises(ZipBomb, match="解开后有 30 MB"):
        read(data, limits=Limits(unpacked_bytes=20 << 20))
    with pytest.raises(ZipBomb, match="个文件"):
        read(
            workbook({"表": sheet(HEAD)}, extra={f"xl/{n}": b"" for n in range(60)}),
            limits=Limits(entries=50),
        )


def test_a_directory_that_claims_to_be_huge_is_not_loaded():
    data = bytearray(workbook({"表": sheet(HEAD)}))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", 100 << 20)
    with pytest.raises(ZipBomb):
        read(bytes(data))


def test_an_entry_that_unpacks_to_more_than_it_declares_is_damaged():
    honest = workbook({"表": sheet(HEAD, *(texts(n, "甲县", "2026年", "1") for n in range(2, 5000)))})
    data = bytearray(honest)
    at = data.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    with pytest.raises(DamagedWorkbook):
        list(read(bytes(data)).body())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_workbook_cut_off_on_its_way(share):
    data = workbook({"表": sheet(HEAD, *(texts(n, f"{n}县", "2026年", str(n)) for n in range(2, 500)))})
    with pytest.raises(DamagedWorkbook, match="重新保存"):
        list(read(data[: int(len(data) * share)]).body())


def test_a_sheet_with_a_flipped_byte():
    data = bytearray(
        workbook({"表": sheet(HEAD, *(texts(n, f"{n}县", "2026年", str(n)) for n in range(2, 500)))})
    )
    at = data.find(b"xl/worksheets/sheet1.xml") + 2000
    data[at] ^= 0xFF
    with pytest.raises(DamagedWorkbook):
        list(read(bytes(data)).body())


@pytest.mark.parametrize(
    "opening",
    [
        '<!DOCTYPE worksheet [<!ENTITY a "甲">]>',
        '<!DOCTYPE worksheet [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE worksheet SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(opening):
    with pytest.raises(ForbiddenXml, match="DTD"):
        read(workbook({"表": sheet(HEAD, before=opening)}))


def test_200_megabytes_are_refused_by_size_without_being_read(tmp_path):
    path = tmp_path / "大.xlsx"
    with path.open("wb") as file:
        file.truncate((200 << 20) + 1)
    with pytest.raises(TooLarge, match="200 MB"):
        open_table(path)

    class Unread(io.FileIO):
        def readinto(self, buffer):
            raise AssertionError("read")

        read = readall = readinto

    with Unread(path) as file, pytest.raises(TooLarge, match="200 MB"):
        open_table(file, "大.xlsx")


def test_a_thousand_damaged_files_end_as_rows_or_as_a_refusal_and_never_otherwise():
    rows = [texts(n, f"{n}县", "2026年", str(n)) for n in range(2, 60)]
    whole = workbook({"表": sheet(HEAD, *rows, merges=["A2:A3"])}, strings=["<t>甲</t>"], formats=["yyyy"])
    chance = random.Random(20260930)
    refused = 0
    for _ in range(1000):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            at = chance.randrange(len(data))
            if chance.random() < 0.7:
                data[at] = chance.randrange(256)
            else:
                del data[at : at + chance.randrange(1, 40)]
        try:
            with read(bytes(data)) as table:
                for one in table.body():
                    table.head.pick(one)
        except IntakeError as refusal:
            refused += 1
            assert "请" in str(refusal)
    assert refused > 300
