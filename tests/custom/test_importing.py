"""Files of records: heads anywhere, a verdict for every row, all or nothing, the same file twice changes nothing."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from keshu.bringing.applying import MayNotBring, apply, write_refused_book
from keshu.bringing.columns import template
from keshu.bringing.models import Batch, StagedRecord
from keshu.bringing.receiving import read, receive
from keshu.custom.models import CustomRecord
from keshu.custom.procedure import PROCEDURE
from keshu.figures import counting
from keshu.journal import moments
from keshu.journal.models import HistoryRow, Revision
from keshu.ledger.intake.batches import BatchState, PreviewStale, Verdict
from keshu.ledger.intake.hazards import DamagedWorkbook, IntakeError, NotAccepted
from keshu.ledger.registers import by_code
from keshu.procedure.moving import move
from tests.custom.test_counting import value

pytestmark = pytest.mark.django_db
HEAD = ["企业名称", "走访日期", "方式", "意向金额（万元）", "人数", "地区", "单位"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ledger(house):
    return house.define(batch=True)


def table(*rows, head=HEAD, above=()) -> io.BytesIO:
    """A CSV as Excel saves it."""
    text = io.StringIO()
    csv.writer(text).writerows([*above, head, *rows])
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


def staged(house, stream, actor=None, name="走访.csv") -> Batch:
    who = actor or house.office
    register = by_code("visits")
    return read(receive(stream, name, who, register), who, register)


def brought(house, stream, actor=None) -> Batch:
    batch = staged(house, stream, actor)
    apply(batch, actor or house.office, by_code("visits"))
    return batch


def rows(**where) -> list[CustomRecord]:
    return list(CustomRecord.objects.for_system("测试").filter(**where).order_by("pk"))


def reasons(batch) -> list[tuple[int, str, str]]:
    found = StagedRecord.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    return list(found.values_list("number", "column", "reason"))


def test_a_file_becomes_records_in_one_revision_and_counts(house, ledger):
    before = Revision.objects.count()
    batch = staged(
        house,
        table(
            ["北岭新材料", "2026.3.5", "现场", "12.5", "3", "望岭县", "北岭新材料有限公司"],
            ["南塘机电", "2026年3月9日", "电话", "", "", "", "91-S"],
        ),
    )
    assert batch.counts == {"new": 2, "changed": 0, "identical": 0, "empty": 0, "refused": 0}
    assert rows() == []
    apply(batch, house.office, by_code("visits"))
    assert Revision.objects.count() == before + 1
    first, second = rows()
    assert (first.number, second.number) == ("ZF2026-0001", "ZF2026-0002")
    assert first.number1 == Decimal("125000") and first.unit.code == "91-N"
    assert second.region == house.staff.other  # from the organisation
    assert second.number1 is None and str(second.counts_on) == "2026-03-09"
    assert first.source == f"导入第{batch.pk}批第2行"
    assert value("走访次数", house.staff.city).value == 2
    assert HistoryRow.objects.filter(model="custom.CustomRecord").count() == 2
    assert list(moments.broken_links()) == []
    assert [row.text1 for row in CustomRecord.as_of(moments.latest())] == ["北岭新材料", "南塘机电"]
    assert counting.differing()[1] == []


def test_the_same_file_again_changes_nothing_and_takes_no_revision(house, ledger):
    row = ["北岭新材料", "2026-03-05", "现场", "12.50", "3", "望岭", ""]
    brought(house, table(row))
    before = Revision.objects.count()
    again = brought(house, table([*row[:3], "12.5", "３", "991001", ""]))
    assert again.counts["identical"] == 1 and again.revision is None
    assert Revision.objects.count() == before and len(rows()) == 1


def test_another_value_for_the_same_key_is_a_change_with_what_stood_before(house, ledger):
    brought(house, table(["北岭新材料", "2026-03-05", "现场", "12.5", "3", "望岭县", ""]))
    batch = staged(house, table(["北岭新材料", "2026-03-05", "现场", "20", "3", "望岭县", ""]))
    staged_row = StagedRecord.objects.get(batch=batch)
    assert staged_row.verdict == "changed" and staged_row.before == {"number1": "125000"}
    apply(batch, house.office, by_code("visits"))
    assert rows()[0].number1 == Decimal("200000")
    assert value("现场走访意向金额", house.staff.city).value == Decimal("200000")
    assert counting.differing()[1] == []


def test_a_column_that_the_file_does_not_have_is_left_alone(house, ledger):
    house.enter(ledger, 满意度="4.5", 情况="谈了扩产", 方式="现场")
    batch = brought(house, table(["北岭新材料", "2026-03-05", "7"], head=["企业名称", "走访日期", "人数"]))
    assert batch.counts["changed"] == 1
    row = rows()[0]
    assert (row.number2, row.number3, row.long1, row.region) == (
        7,
        Decimal("4.5"),
        "谈了扩产",
        house.staff.county,
    )


def test_rows_that_cannot_be_taken_say_why_and_the_others_come_in(house, ledger):
    batch = staged(
        house,
        table(
            ["", "2026-03-05", "", "", "", "", ""],
            ["甲", "三月五日", "", "", "", "", ""],
            ["乙", "2026-03-05", "书面", "", "", "", ""],
            ["丙", "2026-03-05", "", "一二三元四", "", "", ""],
            ["丁", "2026-03-05", "", "", "", "望岭现", ""],
            ["戊", "2026-03-05", "", "", "", "", "北岭新材料公司"],
            ["己", "2026-03-05", "现场", "1", "1", "", ""],
        ),
    )
    said = reasons(batch)
    assert [(number, column) for number, column, _ in said] == [
        (2, "企业名称"), (3, "走访日期"), (4, "方式"), (5, "意向金额（万元）"), (6, "地区"), (7, "单位"),
    ]  # fmt: skip
    assert "没有填" in said[0][2] and "是不是“望岭县”" in said[4][2]
    assert "是不是“北岭新材料有限公司”" in said[5][2] and "新单位请先登记" in said[5][2]
    assert batch.counts["new"] == 1


def test_refused_rows_come_back_with_the_reason_last_and_corrected_they_come_in(house, ledger):
    batch = staged(house, table(["甲", "三月五日", "现场", "1", "2", "望岭县", ""]))
    out = io.BytesIO()
    assert write_refused_book(batch, by_code("visits"), out) == 1
    sheet = load_workbook(out).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    head = next(line for line in lines if "企业名称" in line)
    assert head[-3:] == ["行号", "列", "原因"] and "不是哪一天" in lines[-1][-1]
    sheet.cell(sheet.max_row, 2).value = "2026-03-05"
    again = io.BytesIO()
    sheet.parent.save(again)
    assert staged(house, again, name="改好.xlsx").counts["new"] == 1


def test_two_rows_of_one_key_are_both_refused(house, ledger):
    row = ["北岭新材料", "2026-03-05", "现场", "1", "2", "望岭县", ""]
    batch = staged(
        house, table(row, ["南塘", "2026-03-05", "", "", "", "", ""], [*row[:3], "9", "2", "望岭县", ""])
    )
    assert [number for number, _, _ in reasons(batch)] == [2, 4]
    assert "第 2、4 行的企业名称、走访日期都相同" in reasons(batch)[0][2]
    assert batch.counts["new"] == 1
    assert StagedRecord.objects.get(batch=batch, number=4).cells[0] == "北岭新材料"


def test_without_a_key_all_columns_together_tell_a_record(house):
    house.define(key=())
    row = ["北岭新材料", "2026-03-05", "现场", "1", "2", "望岭县", ""]
    brought(house, table(row))
    batch = staged(house, table(row, [*row[:4], "3", "望岭县", ""]))
    assert (batch.counts["identical"], batch.counts["new"]) == (1, 1)


def test_the_head_is_found_under_a_title_and_in_another_order(house, ledger):
    above = (["走访情况表"], [], ["单位：元"])
    head = ["序号", "走访日期", "意向金额", "企业名称", "不认识的列"]
    brought(house, table(["1", "2026-03-05", "350000", "北岭", "x"], head=head, above=above))
    assert rows()[0].number1 == Decimal("350000")


def test_a_workbook_made_from_the_template_comes_back_in(house, ledger):
    out = io.BytesIO()
    template(by_code("visits"), house.office, out)
    book = load_workbook(out)
    assert book.sheetnames[:2] == ["走访登记", "填写说明"]
    sheet = book.active
    heads = [cell.value for cell in sheet[1]]
    assert heads[0] == "*企业名称" and "意向金额（万元）" in heads
    sheet.append(["北岭", None, "望岭县", "2026-03-05", "电话", 3.5, 2, 4.25, "是", "很好", 12])
    filled = io.BytesIO()
    book.save(filled)
    batch = staged(house, filled, name="填好.xlsx")
    assert batch.counts["new"] == 1, reasons(batch)


def test_a_batch_row_stands_for_many(house, ledger):
    batch = brought(house, table(["农技培训", "2026-03-05", "2750"], head=["企业名称", "走访日期", "件数"]))
    assert batch.standing_for == 2750
    assert value("走访次数", house.staff.city).value == 2750


def test_a_verified_record_is_not_changed_by_a_file(house, ledger):
    row = house.enter(ledger, 人数="3")
    move(row, "verify", house.office, procedure=PROCEDURE)
    batch = staged(house, table(["北岭新材料", "2026-03-05", "4"], head=["企业名称", "走访日期", "人数"]))
    assert "已经是“已核实”，文件不能改它" in reasons(batch)[0][2]


def test_a_void_record_is_no_record_for_a_file(house, ledger):
    row = house.enter(ledger, 人数="3")
    move(row, "void", house.office, procedure=PROCEDURE, note="登错")
    assert staged(house, table(["北岭新材料", "2026-03-05"], head=HEAD[:2])).counts["new"] == 1


def test_a_county_brings_its_own_and_not_its_neighbours(house, ledger):
    batch = staged(
        house,
        table(["甲", "2026-03-05", "", "", "", "岚川县", ""], ["乙", "2026-03-05", "", "", "", "", ""]),
        house.county,
    )
    assert "岚川县" in reasons(batch)[0][2]
    apply(batch, house.county, by_code("visits"))
    assert [row.region for row in rows()] == [house.staff.county]


def test_who_may_not_enter_may_not_bring(house, ledger):
    batch = staged(house, table(["甲", "2026-03-05"], head=HEAD[:2]))
    with pytest.raises(MayNotBring, match="不能往“走访登记”里导入"):
        apply(batch, house.staff.actor_as("leader"), by_code("visits"))
    assert rows() == []


def test_confirming_twice_writes_once(house, ledger):
    batch = staged(house, table(["甲", "2026-03-05"], head=HEAD[:2]))
    apply(batch, house.office, by_code("visits"))
    with pytest.raises(BatchState, match="已经导入过了"):
        apply(batch, house.planning, by_code("visits"))
    assert len(rows()) == 1


def test_a_record_entered_since_the_preview_stops_the_batch(house, ledger):
    batch = staged(house, table(["北岭新材料", "2026-03-05"], head=HEAD[:2]))
    house.enter(ledger)
    with pytest.raises(PreviewStale, match="请重新比对"):
        apply(batch, house.office, by_code("visits"))
    assert len(rows()) == 1
    # Another record does not stop it.
    other = staged(house, table(["东山", "2026-03-05"], head=HEAD[:2]))
    house.enter(ledger, 企业名称="南塘机电")
    apply(other, house.office, by_code("visits"))
    assert len(rows()) == 3


def test_all_or_nothing(house, ledger):
    """The last record of the file cannot be saved: none of the others stays, no number is used up."""
    batch = staged(house, table(["甲", "2026-03-05"], ["乙", "2026-03-06"], head=HEAD[:2]))
    StagedRecord.objects.filter(batch=batch, number=3).update(content={"text1": "乙", "date1": "坏了"})
    with pytest.raises(ValueError, match="坏了"):
        apply(batch, house.office, by_code("visits"))
    assert not rows()
    assert house.enter(ledger).number == "ZF2026-0001"


def test_classified_words_in_a_row_are_refused(house, ledger):
    batch = staged(house, table(["机密★1年", "2026-03-05"], head=HEAD[:2]))
    assert "涉密内容不能写进本系统" in reasons(batch)[0][2]


def test_a_file_that_is_no_table_is_refused_before_it_is_read(house, ledger):
    whole = io.BytesIO()
    book = Workbook()
    book.active.append(["企业名称", "走访日期"])
    book.save(whole)
    cut = io.BytesIO(whole.getvalue()[: len(whole.getvalue()) // 2])
    with pytest.raises(IntakeError) as refused:
        staged(house, cut, name="走访.xlsx")
    assert isinstance(refused.value, DamagedWorkbook | NotAccepted)
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4096
    with pytest.raises(IntakeError):
        staged(house, io.BytesIO(ole), name="走访.xlsx")


def test_a_register_without_a_way_in_takes_no_files(house, ledger):
    with pytest.raises(LookupError, match="不收文件导入"):
        receive(table(), "a.csv", house.office, replace(by_code("visits"), bringing=None))


def test_what_a_formula_column_says_stays_text(house, ledger):
    brought(house, table(['=HYPERLINK("x")', "2026-03-05"], head=HEAD[:2]))
    assert rows()[0].text1 == '=HYPERLINK("x")'
