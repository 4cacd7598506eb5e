"""CSV and TXT in the encodings that Chinese office programs write."""

import io

import pytest

from keshu.ledger.intake.hazards import (
    EmptyFile,
    LineTooLong,
    NotATable,
    NulBytes,
    OnlyHead,
    TooLarge,
    TooWide,
    UnbalancedQuotes,
    WrongEncoding,
)
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.reading import open_table
from tests.ledger.intake.making import COLUMNS

PLAIN = "地区,时期,技术合同成交额\n云栖县,2026年9月,120.5\n石塘县,2026年9月,3\n"


def read(data: bytes, name: str = "月报.csv", **options):
    options.setdefault("columns", COLUMNS)
    return open_table(io.BytesIO(data), name, **options)


def regions(data: bytes, **options) -> list[str]:
    table = read(data, **options)
    return [table.head.pick(row)["region"].text for row in table.body()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_of_the_office_reads_the_same(encoding):
    assert regions(PLAIN.encode(encoding)) == ["云栖县", "石塘县"]


def test_a_rare_character_of_gb18030_survives():
    assert regions(PLAIN.replace("云栖县", "㐂䶮县𠮷").encode("gb18030"))[0] == "㐂䶮县𠮷"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，", "、"])
def test_the_delimiter_is_found(delimiter):
    assert regions(PLAIN.replace(",", delimiter).encode()) == ["云栖县", "石塘县"]


def test_a_tab_wins_over_the_commas_of_thousands():
    data = "地区\t时期\t技术合同成交额\n云栖县\t2026年\t1,234\n石塘县\t2026年\t5,678\n"
    table = read(data.encode())
    assert [table.head.pick(row)["amount"].text for row in table.body()] == ["1,234", "5,678"]


def test_the_delimiter_line_of_excel_is_obeyed_and_not_counted():
    table = read(("sep=;\n" + PLAIN.replace(",", ";")).encode())
    assert [row.number for row in table.rows()] == [1, 2, 3]


def test_bytes_that_are_neither_utf8_nor_gbk_are_shown_with_their_line():
    with pytest.raises(WrongEncoding, match=r"第 3 行.*FF"):
        read(PLAIN.encode("gbk").replace("石".encode("gbk"), b"\xff\xff"))


def test_a_multi_byte_character_across_two_pieces_of_reading_is_whole():
    # The stream is read in pieces of 256 KB; three-byte characters fall across every border.
    data = "地区,时期,技术合同成交额\n" + "云栖县,2026年,1\n" * 40_000
    assert set(regions(data.encode())) == {"云栖县"}
    assert set(regions(data.encode("gbk"))) == {"云栖县"}


def test_nul_bytes_are_refused_with_their_line():
    with pytest.raises(NulBytes, match="第 2 行"):
        read(PLAIN.encode().replace(b"120.5", b"12\x00.5"))


def test_quotes_that_do_not_balance_are_found_where_they_open():
    with pytest.raises(UnbalancedQuotes, match="第 3 行"):
        regions(PLAIN.replace("石塘县", '"石塘县').encode())
    long = PLAIN + '"开了不关,2026年,1\n' + "甲县,2026年,1\n" * 5000
    with pytest.raises(UnbalancedQuotes, match="第 4 行"):
        regions(long.encode())


def test_a_quoted_line_break_stays_one_row_as_the_spreadsheet_shows_it():
    table = read(PLAIN.replace("云栖县", '"云栖\n县"').encode())
    assert [row.number for row in table.rows()] == [1, 2, 3]


def test_blank_lines_keep_the_numbers_of_the_rows_below():
    table = read(PLAIN.replace("\n石塘县", "\n\n,,\n石塘县").encode())
    assert [row.number for row in table.body()] == [2, 5]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"  \r\n\r\n"])
def test_an_empty_file(data):
    with pytest.raises(EmptyFile, match="空"):
        read(data)


def test_a_file_with_a_head_only():
    with pytest.raises(OnlyHead):
        regions("地区,时期,技术合同成交额\n".encode())


def test_a_line_without_end_is_not_taken_into_memory():
    with pytest.raises(LineTooLong):
        read(("地区,时期" + "甲" * 2_000_000).encode())


def test_a_row_wider_than_any_report():
    with pytest.raises(TooWide):
        regions((PLAIN + "甲," * 400 + "乙\n").encode())


def test_too_large_by_its_size_alone():
    with pytest.raises(TooLarge, match="上限"):
        read(PLAIN.encode(), limits=Limits(upload_bytes=20))


def test_text_that_excel_was_kept_from_spoiling_and_text_that_is_spoilt():
    table = read((PLAIN + '"=""001县""",2026年,1\n锟斤拷县,2026年,1\n').encode())
    cells = [table.head.pick(row)["region"] for row in table.body()]
    assert cells[2].text == "001县"
    assert "乱码" in cells[3].problem


def test_binary_rubbish_is_no_table():
    with pytest.raises(NotATable):
        read(bytes(range(32)) * 100)
