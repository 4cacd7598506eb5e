"""合表 and 交表 as the clerk and a county meet them."""

import io
import zipfile
from datetime import date

import openpyxl
import openpyxl.styles
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.collecting.blanks import blank_of
from keshu.collecting.days import forms_due
from keshu.collecting.defining import Wanted, again, define, take_over
from keshu.collecting.merging import standings
from keshu.collecting.models import Collection, Reply
from keshu.collecting.procedure import COLLECTING
from keshu.collecting.receiving import Receiving
from keshu.desk.diary.linking import href
from keshu.diary.models import Reminder
from keshu.procedure.moving import move
from tests.collecting.office import COLS, DUE, book
from tests.collecting.test_receiving import NORTH, SOUTH


def upload(file: io.BytesIO, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, file.getvalue())


def page(client, name: str, *args: object, **query: object):
    answer = client.get(reverse(f"desk:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_clerk_defines_a_form_on_a_page_and_sends_it_out(house):
    client = house.staff.client("planning")
    words = page(client, "collecting_new")
    assert "望岭县" in words and "青禾市财政局" in words
    form = {
        "title": "四季度新产品情况",
        "due_day": "2026-12-31",
        "due_time": "17:30",
        "c0.name": "产品",
        "c0.is_key": "1",
        "c1.name": "产值",
        "c1.kind": "number",
        "c1.unit": "万元",
        "c1.decimals": "2",
        "c2.name": "阶段",
        "c2.kind": "choice",
        "c2.choices": "中试，量产",
        "subject": [house.staff.county.pk, house.staff.other.pk],
        "do": "open",
    }
    answer = client.post(reverse("desk:collecting_new"), {**form, "c0.is_key": "", "due_day": "2026-01-01"})
    assert answer.status_code == 422
    words = answer.content.decode()
    assert "没有指定认行的列" in words and "已经过了" in words and "四季度新产品情况" in words
    answer = client.post(reverse("desk:collecting_new"), form)
    made = Collection._base_manager.get(title="四季度新产品情况")
    assert answer.status_code == 302 and made.state == "open"
    assert [(c.name, c.kind, c.unit, c.choices) for c in made.cols] == [
        ("产品", "text", "", ()),
        ("产值", "number", "万元", ()),
        ("阶段", "choice", "", ("中试", "量产")),
    ]
    assert [one.sender.code for one in standings(made)] == [f"{made.number}-01", f"{made.number}-02"]


def test_a_blank_workbook_gives_the_columns(house):
    made = openpyxl.Workbook()
    sheet = made.active
    for line in (
        ["科技型企业培育情况表"],
        ["单位：万元"],
        ["序号", "企业", "投入", None, "是否入库"],
        [None, None, "研发人员（人）", "研发费用（万元）", None],
    ):
        sheet.append(line)
    for area in ("A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4"):
        sheet.merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    client = house.staff.client("planning")
    answer = client.post(reverse("desk:collecting_take_over"), {"file": upload(out, "省里的表.xlsx")})
    words = answer.content.decode()
    assert answer.status_code == 200
    for part in (
        "科技型企业培育情况表",
        'value="企业"',
        'value="投入研发人员"',
        'value="投入研发费用"',
        'value="万元"',
        "是否入库",
    ):
        assert part in words
    assert 'value="序号"' not in words


def test_the_unit_above_a_blank_is_that_of_its_money(house):
    made = openpyxl.Workbook()
    for line in (["技术合同情况表"], [None, None, "单位：万元"], ["企业名称", "合同份数", "成交额"]):
        made.active.append(line)
    out = io.BytesIO()
    made.save(out)
    title, cols = take_over(out, "空表.xlsx")
    assert title == "技术合同情况表"
    assert [(col.name, col.kind, col.unit) for col in cols] == [
        ("企业名称", "text", ""),
        ("合同份数", "number", ""),
        ("成交额", "number", "万元"),
    ]


def test_every_sender_gets_its_workbook_with_its_name_to_be_read_and_hidden(house):
    client = house.staff.client("planning")
    answer = client.get(reverse("desk:collecting_workbooks", args=[house.collection.pk]))
    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert [name[:2] for name in package.namelist()] == ["01", "02", "03"]
    made = openpyxl.load_workbook(io.BytesIO(package.read(package.namelist()[0])))
    code = house.sender("望岭县").code
    assert f"填报单位：望岭县　代码：{code}" in made.worksheets[0]["A2"].value
    mark = made["科枢标记"]
    assert mark.sheet_state == "veryHidden"
    assert {mark.cell(n, 1).value: mark.cell(n, 2).value for n in (1, 2, 3)} == {
        "收表": house.collection.number,
        "代码": code,
        "填报单位": "望岭县",
    }


def test_many_files_are_dropped_at_once_and_each_is_told(house):
    client = house.staff.client("planning")
    address = reverse("desk:collecting_drop", args=[house.collection.pk])
    files = [
        upload(house.filled("望岭县", [NORTH]), "a.xlsx"),
        upload(book([SOUTH, ("某公司", "技术开发", "二十", 1, None)]), "岚川县 报送.xlsx"),
        upload(book([SOUTH]), "不知道谁的.xlsx"),
        upload(io.BytesIO(b"%PDF-1.4\n%%EOF"), "说明.pdf"),
    ]
    words = client.post(address, {"files": files}).content.decode()
    assert "收进来 4 份" in words
    for part in ("凭表里的标记认作望岭县", "凭文件名认作岚川县", "看不出是谁报的", "是PDF 文件，这里不收"):
        assert part in words
    text = page(client, "collecting_page", house.collection.pk)
    assert "青禾市财政局还没有报" in text
    assert "岚川县：第 3 行“成交额”" in text  # the words for the chat group
    assert "合计未含岚川县（1 行有错）、青禾市财政局（未报）" in text
    reply = house.counted("望岭县")
    assert f'href="{reverse("desk:collecting_reply", args=[reply.pk])}#r4"' in text
    assert 'id="r4"' in page(client, "collecting_reply", reply.pk)
    assert "没有计入" in page(client, "collecting_page", house.collection.pk, view="wrong")
    assert "120.5" in page(client, "collecting_page", house.collection.pk, view="senders")


def test_a_zip_is_opened_and_its_names_are_read_as_windows_wrote_them(house):
    """GBK bytes without the flag of UTF-8: put in the place of a name of the same length."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("AAAAAA.xlsx", book([SOUTH]).getvalue())
        package.writestr("~$AAAA.xlsx", b"x")
        package.writestr("readme.pdf", b"%PDF-1.4")
    raw = out.getvalue().replace(b"AAAAAA.xlsx", "岚川县.xlsx".encode("gbk"))
    client = house.staff.client("planning")
    address = reverse("desk:collecting_drop", args=[house.collection.pk])
    words = client.post(address, {"files": [upload(io.BytesIO(raw), "群文件.zip")]}).content.decode()
    assert "收进来 2 份" in words and "凭文件名认作岚川县" in words and "readme.pdf" in words
    assert house.counted("岚川县").filename == "岚川县.xlsx"


def test_the_clerk_claims_compares_and_decides(house):
    client = house.staff.client("planning")
    lost = house.drop(book([NORTH]), "报表.xlsx").reply
    act = reverse("desk:collecting_reply_act", args=[lost.pk])
    assert client.post(act, {"action": "claim"}).status_code == 422
    client.post(act, {"action": "claim", "sender": house.sender("望岭县").pk})
    second = house.drop(book([(*NORTH[:2], 121, *NORTH[3:])]), "望岭县.xlsx").reply
    words = page(client, "collecting_reply", second.pk)
    assert "120.5" in words and "121" in words and "+0.50" in words
    client.post(reverse("desk:collecting_reply_act", args=[second.pk]), {"action": "count"})
    assert house.counted("望岭县").pk == second.pk
    assert client.post(act, {"action": "return"}).status_code == 422


def test_reminders_wait_in_the_outbox_and_the_list_says_when(house):
    client = house.staff.client("planning")
    address = reverse("desk:collecting_remind", args=[house.collection.pk])
    house.drop(house.filled("望岭县", [NORTH]), "a.xlsx")
    client.post(address)
    client.post(address)
    rows = Reminder.objects.for_system("测试").order_by("pk")
    assert [row.unit.name for row in rows] == ["岚川县科学技术局", "青禾市财政局"]
    assert "催办待发" in page(client, "collecting_page", house.collection.pk)


def test_the_list_names_whom_to_telephone_and_masks_the_number(house):
    client = house.staff.client("planning")
    address = reverse("desk:collecting_contact", args=[house.sender("青禾市财政局").pk])
    client.post(address, {"contact": "王工", "phone": "0551-62345678"})
    words = page(client, "collecting_page", house.collection.pk)
    assert "王工 055****5678" in words and "62345678" not in words
    client.post(address, {"contact": "李工", "phone": ""})
    assert house.sender("青禾市财政局").phone == "0551-62345678"


def test_what_is_due_stands_in_the_calendars_of_both_sides(house):
    for who, label in (("county_filler", "交表"), ("planning", "收齐")):
        due = list(forms_due(house.staff.actor_as(who), None, date(2026, 10, 31), False))
        assert [(one.day, one.label, one.title) for one in due] == [
            (date(2026, 10, 20), label, "三季度技术交易情况表")
        ]
        assert house.staff.client(who).get(href(due[0], house.staff.actor_as(who))).status_code == 200
    house.hand_in(book([NORTH]), "望岭县.xlsx")
    assert list(forms_due(house.county, None, date(2026, 10, 31), False)) == []


def test_a_county_hands_in_is_refused_and_corrects(house):
    client = house.staff.client("county_filler")
    mine, other = house.sender("望岭县"), house.sender("岚川县")
    assert "没有报" in page(client, "collecting_asked")
    hand_in = reverse("desk:collecting_hand_in", args=[mine.pk])
    answer = client.post(hand_in, {"file": upload(house.filled("岚川县", [NORTH]), "错.xlsx")})
    assert answer.status_code == 422 and "这里交的是望岭县的" in answer.content.decode()
    client.post(hand_in, {"file": upload(house.filled("望岭县", [(*NORTH[:2], "约3", 1, None)]), "表.xlsx")})
    words = page(client, "collecting_answer", mine.pk)
    assert "这几行没有计入" in words and "约数不能参加计算" in words
    for name in ("collecting_answer", "collecting_fill", "collecting_own_workbook"):
        assert client.get(reverse(f"desk:{name}", args=[other.pk])).status_code == 404
    own = Reply._base_manager.get()
    assert client.get(reverse("desk:collecting_reply_file", args=[own.pk])).status_code == 200
    theirs = house.drop(book([SOUTH]), "岚川县.xlsx").reply
    for name in ("collecting_reply", "collecting_reply_file"):
        assert client.get(reverse(f"desk:{name}", args=[theirs.pk])).status_code == 404


def test_a_county_fills_on_the_page_pastes_and_reports_nothing(house):
    client = house.staff.client("county_filler")
    address = reverse("desk:collecting_fill", args=[house.sender("望岭县").pk])
    pasted = "企业名称\t合同类型\t成交额（万元）\n甲公司\t技术开发\t12.5\n乙公司\t\t一百"
    words = client.post(address, {"do": "paste", "paste": pasted}).content.decode()
    assert 'value="甲公司"' in words and 'value="12.5"' in words and 'value="企业名称"' not in words
    answer = client.post(address, {"do": "keep", "r0.c1": "乙公司", "r0.c3": "一百"})
    assert answer.status_code == 422 and "用汉字写的数" in answer.content.decode()
    assert client.post(address, {"do": "keep", "r0.c1": "乙", "r0.c3": "1", "nil": "1"}).status_code == 422
    assert client.post(address, {"do": "keep", "nil": "1"}).status_code == 302
    assert standings(house.collection)[0].word == "零报告"


def test_typing_for_a_department_keeps_the_file_and_waits_for_a_confirmation(house):
    client = house.staff.client("planning")
    finance = house.sender("青禾市财政局")
    address = reverse("desk:collecting_type", args=[finance.pk])
    row = {"do": "keep", "r0.c1": "专项", "r0.c3": "15480"}
    answer = client.post(address, row)
    assert answer.status_code == 422 and "附上收到的文件" in answer.content.decode()
    paper = SimpleUploadedFile("传真.pdf", b"%PDF-1.4\nx\n%%EOF")
    assert client.post(address, {**row, "file": paper, "said_by": "王工"}).status_code == 302
    reply = house.counted("青禾市财政局")
    words = page(client, "collecting_reply", reply.pk)
    assert "代录，还没有确认" in words and "传真.pdf" in words
    client.post(reverse("desk:collecting_reply_act", args=[reply.pk]), {"action": "confirm", "who": "王工"})
    assert "王工（" in page(client, "collecting_reply", reply.pk)


def test_the_merged_workbook_brings_the_wrong_rows_back_with_their_reason(house):
    house.drop(book([NORTH, (*SOUTH[:2], "约80", None, None)]), "望岭县.xlsx")
    client = house.staff.client("planning")
    answer = client.get(reverse("desk:collecting_export", args=[house.collection.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert lines[2][:4] == ["望岭县", "北岭新材料有限公司", "技术开发", 120.5]
    assert lines[3][3] == "约80" and "约数不能参加计算" in lines[3][-1]
    notes = "\n".join(str(line[0]) for line in lines[4:])
    assert "合计 成交额 120.5万元（未含望岭县（1 行有错）、岚川县（未报）、青禾市财政局（未报））" in notes


def test_the_next_time_the_same_form_is_compared_with_the_last(house):
    house.drop(book([NORTH, SOUTH]), "望岭县.xlsx")
    client = house.staff.client("planning")
    again = page(client, "collecting_again", house.collection.pk)
    assert 'value="企业名称"' in again and f'name="follows" value="{house.collection.pk}"' in again
    asked = tuple(one.sender.subject_id for one in standings(house.collection))
    later = define(Wanted("四季度技术交易情况表", DUE, COLS, asked, follows=house.collection), house.clerk)
    move(later, "open", house.clerk, procedure=COLLECTING)
    house.collection = Collection._base_manager.get(pk=later.pk)
    house.drop(book([(*NORTH[:2], 150, *NORTH[3:]), ("新来的公司", None, 9, None, None)]), "望岭县.xlsx")
    words = page(client, "collecting_page", later.pk, view="last")
    for part in ("+29.50", "新来的公司", "没有了", "南塘机电有限公司"):
        assert part in words


def test_words_for_the_group_when_all_is_in(house):
    for name in ("望岭县", "岚川县", "青禾市财政局"):
        house.drop(house.filled(name, [NORTH]), "x.xlsx")
    words = page(house.staff.client("planning"), "collecting_page", house.collection.pk)
    assert "都报齐了" in words and "3 家都报了" in words


def test_the_end_is_put_off_with_a_reason_and_closed(house):
    client = house.staff.client("planning")
    address = reverse("desk:collecting_act", args=[house.collection.pk])
    client.post(address, {"action": "extend", "due_on": "2026-10-25", "note": "两家要核数"})
    assert (house.fresh().due_at - DUE).days == 5
    client.post(address, {"action": "close"})
    assert house.fresh().state == "closed"
    assert (
        "现在是“已办结”，不收表"
        in client.post(
            reverse("desk:collecting_drop", args=[house.collection.pk]),
            {"files": [upload(book([NORTH]), "望岭县.xlsx")]},
            follow=True,
        ).content.decode()
    )


@pytest.mark.parametrize("name", ["collecting_home", "collecting_asked"])
def test_lists_ask_the_same_number_of_questions_for_one_row_and_for_three(house, name):
    client = house.staff.client("planning" if name == "collecting_home" else "county_filler")
    address = reverse(f"desk:{name}")
    client.get(address)
    with CaptureQueriesContext(connection) as first:
        client.get(address)
    asked = tuple(one.sender.subject_id for one in standings(house.collection))
    for number in (2, 3):
        move(
            define(Wanted(f"第 {number} 张", DUE, COLS, asked), house.clerk),
            "open",
            house.clerk,
            procedure=COLLECTING,
        )
    client.get(address)
    with CaptureQueriesContext(connection) as third:
        client.get(address)
    assert len(third) == len(first)


def test_a_collection_of_many_senders_asks_a_constant_number_of_questions(house):
    client = house.staff.client("planning")
    address = reverse("desk:collecting_page", args=[house.collection.pk])
    house.drop(house.filled("望岭县", [NORTH]), "a.xlsx")
    client.get(address)
    with CaptureQueriesContext(connection) as first:
        client.get(address)
    for name in ("岚川县", "青禾市财政局"):
        house.drop(house.filled(name, [NORTH, SOUTH]), "a.xlsx")
    client.get(address)
    with CaptureQueriesContext(connection) as third:
        client.get(address)
    assert len(third) == len(first)


def _blank() -> bytes:
    """A superior's blank: a merged title, a head of two lines in yellow, a wide column, a note below."""
    made = openpyxl.Workbook()
    sheet = made.active
    for line in (["技术合同情况表"], ["企业名称", "技术合同", None], [None, "份数", "成交额（万元）"]):
        sheet.append(line)
    for area in ("A1:C1", "A2:A3", "B2:C2"):
        sheet.merge_cells(area)
    sheet["A2"].fill = openpyxl.styles.PatternFill("solid", fgColor="FFFF00")
    sheet.column_dimensions["A"].width = 42
    sheet["A9"] = "注：按合同登记额填"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _defined_from(house, content: bytes, **changed: str) -> Collection:
    """A collection made on the page from an uploaded blank, with some fields of the page typed over."""
    client = house.staff.client("planning")
    page = client.post(
        reverse("desk:collecting_take_over"), {"file": upload(io.BytesIO(content), "省里的表.xlsx")}
    )
    fields = {
        "title": "技术合同情况表",
        "due_day": f"{DUE:%Y-%m-%d}",
        "subject": [house.staff.county.pk, house.staff.other.pk],
        "blank": page.context["blank"],
        "do": "open",
    }
    for line in page.context["lines"]:
        col, at = line["col"], line["at"]
        fields |= {f"c{at}.name": col.name, f"c{at}.kind": col.kind or "text", f"c{at}.unit": col.unit}
        fields |= {f"c{at}.decimals": str(col.decimals)} | ({f"c{at}.is_key": "1"} if col.is_key else {})
    client.post(reverse("desk:collecting_new"), fields | changed)
    return Collection._base_manager.order_by("-pk")[0]


def _sent_out(house, collection: Collection) -> list[bytes]:
    client = house.staff.client("planning")
    answer = client.get(reverse("desk:collecting_workbooks", args=[collection.pk]))
    package = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return [package.read(name) for name in package.namelist()]


def test_an_uploaded_blank_goes_out_as_it_is_and_comes_back_by_its_mark(house):
    blank = _blank()
    collection = _defined_from(house, blank)
    sent = _sent_out(house, collection)[0]
    before, after = (zipfile.ZipFile(io.BytesIO(one)) for one in (blank, sent))
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    filled = openpyxl.load_workbook(io.BytesIO(sent))
    assert filled["科枢标记"].sheet_state == "veryHidden"
    for column, value in enumerate(("望岭新材料有限公司", 2, 30.5), 1):
        filled.worksheets[0].cell(4, column, value)
    out = io.BytesIO()
    filled.save(out)
    arrival = Receiving(collection, house.clerk).drop(out, "新建表格.xlsx")
    assert (arrival.outcome, arrival.reply.matched, arrival.reply.rows_taken) == ("counted", "mark", 1)
    second = define(again(collection, DUE), house.clerk)
    third = define(again(second, DUE), house.clerk)
    assert blank_of(third) == blank


def test_a_blank_whose_columns_were_changed_on_the_page_is_not_sent_out(house):
    """A reply in the blank could not be read: the workbook is made from the columns instead."""
    sent = _sent_out(house, _defined_from(house, _blank(), **{"c1.name": "登记合同数"}))[0]
    heads = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(sent)).worksheets[0][3]]
    assert "登记合同数" in heads
