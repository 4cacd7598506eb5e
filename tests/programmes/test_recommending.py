"""The recommended track: a short form, one letter for several, the superior's list matched and registered all or none."""

import io
from datetime import date
from decimal import Decimal

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

from keshu.journal.writing import writing
from keshu.ledger.intake.hazards import IntakeError
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes import superiors
from keshu.programmes.models import Application
from keshu.programmes.recommending import copied, forward_many, letters, summary, waiting
from keshu.programmes.superiors import Verdict

pytestmark = pytest.mark.django_db
DOC, ON = "青科函〔2026〕9号", date(2026, 3, 16)


@pytest.fixture
def above(office):
    office.call.track, office.call.superior = "recommended", "省科学技术厅"
    office.call.budget = office.call.most_each = office.call.most_per_unit = None
    with writing(office.actors["planning"], "省里的通知"):
        office.call.save()
    return office


def recommended(office, who="north", **values):
    row = office.draft(who, summary="", goals="", **values)
    return office.step(office.step(row, "submit", who), "recommend", "county_head")


def sent(office, *titles):
    rows = [recommended(office, title=title) for title in titles]
    return forward_many(office.call, rows, office.actors["office"], doc_no=DOC, on=ON)


def sheet(*rows, head=("项目名称", "承担单位", "立项经费（万元）", "项目编号")) -> io.BytesIO:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["2026年度立项项目表"])
    book.active.append(head)
    for row in rows:
        book.active.append(row)
    book.save(out)
    out.seek(0)
    return out


NORTH = "北岭新材料有限公司"


def test_no_second_full_form_is_asked_and_nothing_is_admitted_here(above):
    row = recommended(above)
    with pytest.raises(NotYourTurn):
        above.step(row, "admit", "office")


def test_several_go_with_one_letter_or_none(above):
    rows = [recommended(above, title=title) for title in ("甲", "乙")]
    assert waiting(above.call) == rows
    with pytest.raises(MoveRefused, match="文号没有填"):
        forward_many(above.call, rows, above.actors["office"], doc_no=" ", on=ON)
    with pytest.raises(NotYourTurn):
        forward_many(above.call, rows, above.actors["county_head"], doc_no=DOC, on=ON)
    forward_many(above.call, rows, above.actors["office"], doc_no=DOC, on=ON)
    assert [(letter.doc_no, letter.on, letter.count) for letter in letters(above.call)] == [(DOC, ON, 2)]
    with pytest.raises(MoveRefused):  # one of them is gone already: the other stays too
        third = recommended(above, title="丙")
        forward_many(above.call, [third, rows[0]], above.actors["office"], doc_no="另一份", on=ON)
    assert waiting(above.call) == [third]


def test_the_summary_and_what_is_copied_say_the_same(above):
    row = recommended(above, asked=Decimal(455000), own_funds=Decimal(1000000))
    assert summary([row])[0][1:7] == [
        "高比能电池隔膜中试",
        NORTH,
        "林见山",
        "工业",
        Decimal("45.5"),
        Decimal(100),
    ]
    held = {field.label: field.text for field in copied(row)}
    assert (held["申请经费（万元）"], held["总经费（万元）"], held["申报单位"]) == ("45.5", "145.5", NORTH)
    row.call.superior_form = ["负责人", "知识产权状态"]
    assert [(field.label, field.text) for field in copied(row)] == [
        ("负责人", "林见山"),
        ("知识产权状态", None),
    ]


def test_letter_and_table_go_out_as_word_and_workbook(above):
    row = recommended(above, title="𬭚合金")
    client = above.staff.client("office")
    asked = {"row": row.pk, "doc_no": DOC, "on": "2026-03-16"}
    letter = Document(io.BytesIO(client.get(f"/desk/calls/{above.call.pk}/letter/", asked).content))
    said = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    for words in (DOC, "省科学技术厅：", "现推荐“𬭚合金”申报", "青禾市科学技术局", "2026年3月16日"):
        assert words in said
    assert any(cell.text == "𬭚合金" for cell in letter.tables[0]._cells)
    table = client.get(f"/desk/calls/{above.call.pk}/summary/", asked).content
    assert any(
        cell.value == "𬭚合金"
        for line in load_workbook(io.BytesIO(table)).active.iter_rows()
        for cell in line
    )


def test_the_superior_s_list_is_matched_exactly_then_without_marks(above):
    one, two, three = sent(above, "柔性产线", "硅光“芯片”封装", "没有选上")
    seen = superiors.preview(
        above.call,
        sheet(
            ("柔性产线", NORTH, 50, "SZD-1"),
            ("硅光芯片封装", f" {NORTH}", "30.5", "SZD-2"),
            ("从没推荐的", "南塘机电有限公司", 20, ""),
            ("外地的", "外地公司", 20, ""),
            ("合计", "", 120.5, ""),
        ),
        "名单.xlsx",
    )
    assert [line.verdict for line in seen.lines] == [
        Verdict.FITS,
        Verdict.FITS,
        Verdict.UNKNOWN,
        Verdict.UNKNOWN,
    ]
    assert [line.application for line in seen.lines[:2]] == [one, two] and seen.absent == [three]
    assert [line.enterable for line in seen.lines] == [False, False, True, False]
    done = superiors.register(
        above.call,
        seen,
        above.actors["office"],
        doc_no="省科计〔2026〕66号",
        on=date(2026, 3, 10),
        enter=[seen.lines[2].number],
        pass_over=True,
    )
    assert (done.approved, done.entered, done.passed_over) == (2, 1, 1)
    rows = {row.title: row for row in Application.objects.for_system("测试")}
    assert (rows["硅光“芯片”封装"].granted, rows["硅光“芯片”封装"].superior_number) == (
        Decimal(305000),
        "SZD-2",
    )
    assert rows["没有选上"].state == "not_chosen" and rows["从没推荐的"].state == "approved"
    assert {row.approved_on for row in rows.values() if row.state == "approved"} == {date(2026, 3, 10)}
    again = superiors.preview(above.call, sheet(("柔性产线", NORTH, 50, "")), "名单.xlsx")
    assert again.lines[0].verdict is Verdict.STANDS


def test_a_row_twice_or_unreadable_stops_the_whole_list(above):
    sent(above, "柔性产线", "硅光封装")
    seen = superiors.preview(
        above.call,
        sheet(("柔性产线", NORTH, 50, ""), ("柔性 产线", NORTH, 50, ""), ("硅光封装", NORTH, "五十", "")),
        "名单.xlsx",
    )
    assert [line.verdict for line in seen.lines] == [Verdict.TWICE, Verdict.TWICE, Verdict.UNREADABLE]
    with pytest.raises(MoveRefused, match="重复或读不懂"):
        superiors.register(above.call, seen, above.actors["office"], doc_no="文号", on=ON)
    assert not Application.objects.for_system("测试").filter(state="approved").exists()


def test_amounts_without_a_unit_and_files_that_are_no_list_are_refused(above):
    sent(above, "柔性产线")
    seen = superiors.preview(
        above.call, sheet(("柔性产线", NORTH, 50), head=("项目名称", "承担单位", "立项经费")), "名单.xlsx"
    )
    assert seen.lines[0].verdict is Verdict.UNREADABLE and "没有写经费的单位" in seen.lines[0].why
    with pytest.raises(IntakeError):
        superiors.preview(above.call, sheet(("甲", 1), head=("名次", "得分")), "名单.xlsx")


def test_forwarded_ones_are_counted_on_the_day_of_the_letter(above):
    from keshu.terms.period import Period
    from tests.programmes.test_counting import value

    sent(above, "柔性产线", "硅光封装")
    assert value("projects_forwarded", above.staff.city, Period.month(2026, 3)).value == 2
    assert value("applications_received", above.staff.city, Period.month(2026, 3)).value == 2
