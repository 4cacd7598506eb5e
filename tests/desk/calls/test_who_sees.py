"""申报通知 and 异议: what each person meets on the office's pages, what is taken and what is refused in words."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from keshu.journal.models import AuditEntry
from keshu.ledger.evidence import attach, evidence_of
from keshu.programmes.models import Application, Call, Objection
from keshu.terms import clock
from tests.programmes.calls_world import (
    LETTER,
    NORTH,
    PDF,
    change_call,
    drafted,
    every,
    forwarded,
    sheet,
    to_superior,
)
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db
EXE = b"MZ" + bytes(300)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(office):
    return office.staff.client("office")


def scan(name="证明.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def said(answer):
    """The messages that an answer left for the next page."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def recommended(office, *titles):
    rows = [office.draft("north", title=title, summary="", goals="") for title in titles]
    return [office.step(office.step(row, "submit", "north"), "recommend", "county_head") for row in rows]


def objected(office):
    row = office.step(office.to(office.draft(), "notice"), "object", "office", "权属不清", GIVEN["object"])
    return row, Objection.objects.for_system("测试").get(application=row)


# ---- taken and refused --------------------------------------------------------------------------------------


def test_no_upload_is_taken_from_whoever_may_send_it_without_its_token(office):
    to_superior(office)
    draft = drafted(office)
    row = office.step(office.draft("south"), "submit", "south")
    places = [
        ("office", reverse("desk:call_material", args=[office.call.pk])),
        ("office", reverse("desk:call_above", args=[office.call.pk])),
        ("office", reverse("desk:objection_proof", args=[1])),
        ("north", reverse("desk:apply_file", args=[draft.pk])),
        ("south", reverse("desk:apply_sealed", args=[row.pk])),
    ]
    for who, address in places:
        answer = office.staff.client(who, enforce_csrf_checks=True).post(address, {"file": scan()})
        assert answer.status_code == 403 and "没有送出" in answer.content.decode(), address


@pytest.mark.parametrize("room", ["materials", "above"])
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("程序.pdf", EXE, "程序.pdf"),
        ("空的.pdf", b"", "空"),
        ("绝密★十年.xlsx", sheet(("甲样机", NORTH, 50, "")).read(), "涉密"),
    ],
)
def test_a_refused_file_is_said_in_words_and_not_kept(office, client, room, name, content, why):
    to_superior(office)
    answer = client.post(f"/desk/calls/{office.call.pk}/{room}/", {"file": scan(name, content)}, follow=True)
    text = " ".join(str(message) for message in answer.context["messages"])
    assert answer.status_code == 200 and why in text and text.endswith("。")
    assert list(evidence_of(office.call)) == []


def test_nothing_chosen_is_said_too(office, client):
    to_superior(office)
    for room in ("materials", "above"):
        assert "没有选文件" in said(client.post(f"/desk/calls/{office.call.pk}/{room}/"))


def test_an_extension_comes_back_as_typed_when_it_is_refused(office, client):
    page = f"/desk/calls/{office.call.pk}/act/"
    typed = {"action": "extend", "extend.apply_until": "2026-03-20", "extend.reason": "系统检修顺延"}
    answer = client.post(page, typed)
    text = answer.content.decode()
    assert answer.status_code == 422 and "只能往后延" in text
    assert 'value="2026-03-20"' in text and 'value="系统检修顺延"' in text
    assert Call.objects.get(pk=office.call.pk).extended == []
    typed["extend.apply_until"] = "2026-04-03"
    assert client.post(page, typed).status_code == 302
    call = Call.objects.get(pk=office.call.pk)
    assert call.apply_until == datetime(2026, 4, 3, 17, 30, tzinfo=clock.TZ)  # the time of day stays
    assert "系统检修顺延" in client.get(f"/desk/calls/{call.pk}/").content.decode()


def test_after_the_deadline_an_extension_wants_to_be_called_so(office, client):
    page = f"/desk/calls/{office.call.pk}/act/"
    typed = {"action": "extend", "extend.apply_until": "2026-04-08", "extend.reason": "停电"}
    with clock.pretend(datetime(2026, 4, 1, 9, 0, tzinfo=clock.TZ)):
        assert "勾选“截止后延长”" in client.post(page, typed).content.decode()
        assert client.post(page, {**typed, "extend.late": "1"}).status_code == 302
    assert Call.objects.get(pk=office.call.pk).extended[0]["late"] is True


def test_closing_wants_a_reason_and_a_step_that_does_not_exist_is_said(office, client):
    page = f"/desk/calls/{office.call.pk}/act/"
    assert client.post(page, {"action": "close"}).status_code == 422
    answer = client.post(page, {"action": "explode"})
    assert answer.status_code == 422 and "没有“explode”这一步" in answer.content.decode()


# ---- approving ----------------------------------------------------------------------------------------------


def test_all_are_approved_or_none_and_the_page_says_by_how_much_it_is_too_much(office, client):
    """Two of 55 and 50 万元 are 105: five more than the call's hundred."""
    change_call(office, most_per_unit=None)
    rows = [
        office.to(office.draft(who, asked=Decimal(asked)), "notice")
        for who, asked in (("north", 550_000), ("south", 500_000))
    ]
    page = f"/desk/calls/{office.call.pk}/approve/"
    asked = {"row": [row.pk for row in rows], "doc_no": "青科发〔2026〕21号", "jointly": "市财政局"}
    with clock.pretend(datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)):
        looked = client.post(page, {**asked, "do": "look"})
        assert looked.status_code == 200 and "超出总额度" in looked.content.decode()
        assert looked.context["money"]["left"] == "-5"
        answer = client.post(page, {**asked, "do": "approve"})
        text = answer.content.decode()
        assert answer.status_code == 422 and "超出 5 万元" in text
        assert 'value="青科发〔2026〕21号"' in text and 'value="市财政局"' in text
        assert [item["on"] for item in answer.context["rows"]] == [True, True]
        assert every("approved") == []
        nameless = client.post(page, {**asked, "doc_no": " ", "do": "approve"})
        assert nameless.status_code == 422 and "文号没有填" in nameless.content.decode()
        done = client.post(page, {**asked, "row": [rows[0].pk], "do": "approve"})
    assert done.status_code == 302 and "立项 1 项，55 万元" in said(done)
    assert [row.pk for row in every("approved")] == [rows[0].pk]


def test_what_stands_in_notice_cannot_be_ticked(office, client):
    office.to(office.draft(), "notice")
    (item,) = client.get(f"/desk/calls/{office.call.pk}/approve/").context["rows"]
    assert item["problem"] == "公示到 2026-03-23 止"


def test_the_approve_page_asks_the_same_number_of_queries_for_one_row_and_for_three(office, client):
    change_call(office, most_per_unit=None)
    counts = []
    for more in (1, 2):
        for n in range(more):
            office.to(office.draft("south", title=f"项目{more}{n}", asked=Decimal(100_000)), "notice")
        client.get(f"/desk/calls/{office.call.pk}/approve/")
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/desk/calls/{office.call.pk}/approve/")
        counts.append(len(caught))
    assert counts[0] == counts[1]


# ---- the recommended track ----------------------------------------------------------------------------------


def test_a_call_of_our_own_is_not_forwarded(office, client):
    row = office.step(office.draft(), "submit", "north")
    for page in ("forward", "letter", "summary"):
        assert client.get(f"/desk/calls/{office.call.pk}/{page}/").status_code == 404
    assert client.get(reverse("desk:call_copy", args=[row.pk])).status_code == 404


def test_letter_and_table_hold_the_ticked_rows_and_no_token_stands_in_an_address(office, client):
    to_superior(office)
    rows = recommended(office, "甲样机", "乙样机", "丙样机")
    page = f"/desk/calls/{office.call.pk}"
    assert b'formmethod="get"' not in client.get(f"{page}/forward/").content
    asked = {"row": [row.pk for row in rows[:2]], "doc_no": LETTER, "on": "2026-03-16"}
    letter = Document(io.BytesIO(client.post(f"{page}/letter/", asked).content))
    text = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    assert "省科学技术厅" in text and "“甲样机”等 2 个项目" in text and LETTER in text
    (table,) = letter.tables
    assert [[cell.text for cell in row.cells][:4] for row in table.rows] == [
        ["序号", "项目名称", "申报单位", "负责人"],
        ["1", "甲样机", NORTH, "林见山"],
        ["2", "乙样机", NORTH, "林见山1"],
    ]
    book = load_workbook(io.BytesIO(client.post(f"{page}/summary/", asked).content))
    cells = [[cell for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)]
    titles = [row[1] for row in cells if len(row) > 2]
    assert titles == ["项目名称", "甲样机", "乙样机"]
    assert client.post(f"{page}/letter/", {"doc_no": LETTER}).status_code == 404  # nothing ticked


def test_what_was_ticked_and_typed_comes_back_when_forwarding_is_refused(office, client):
    to_superior(office)
    rows = recommended(office, "甲样机", "乙样机")
    page = f"/desk/calls/{office.call.pk}/forward/"
    assert [item["on"] for item in client.get(page).context["rows"]] == [True, True]
    answer = client.post(page, {"row": rows[1].pk, "doc_no": LETTER, "on": "三月"})
    assert answer.status_code == 422 and "上报日期“三月”不是日期" in answer.content.decode()
    assert [item["on"] for item in answer.context["rows"]] == [False, True]
    assert answer.context["doc_no"] == LETTER
    none = client.post(page, {"doc_no": LETTER, "on": "2026-03-16"})
    assert none.status_code == 422 and [item["on"] for item in none.context["rows"]] == [False, False]
    done = client.post(page, {"row": rows[1].pk, "doc_no": LETTER, "on": "2026-03-16"})
    assert done.status_code == 302
    assert [row.pk for row in every("forwarded")] == [rows[1].pk]


def test_the_copy_page_has_a_button_for_each_field_that_is_held(office, client):
    to_superior(office)
    change_call(office, superior_form=["项目名称", "负责人", "研究内容", "知识产权状态"])
    (row,) = recommended(office, "甲样机")
    page = client.get(reverse("desk:call_copy", args=[row.pk])).content.decode()
    assert page.count("data-copy-text") == 2 and "没有填" in page and "本系统没有这一项" in page
    assert 'aria-label="复制项目名称"' in page and 'aria-label="复制负责人"' in page


def test_another_organisation_and_another_county_do_not_see_what_is_copied(office):
    to_superior(office)
    (row,) = recommended(office, "甲样机")
    from keshu.directory.actors import Role
    from keshu.journal.writing import writing

    with writing(office.actors["planning"], "来人"):
        office.staff.hire("lanchuan", office.staff.other_bureau, Role.COUNTY_HEAD)
    for who, status in (("north", 200), ("county_head", 200), ("leader", 200)):
        page = office.staff.client(who).get(reverse("desk:call_copy", args=[row.pk]))
        assert page.status_code == status, who
    for who in ("south", "lanchuan"):
        before = AuditEntry.objects.filter(kind="拒绝").count()
        assert office.staff.client(who).get(reverse("desk:call_copy", args=[row.pk])).status_code == 404, who
        assert AuditEntry.objects.filter(kind="拒绝").count() == before + 1


def test_the_superior_s_list_shows_each_row_and_is_registered_all_or_none(office, client):
    to_superior(office)
    sent = forwarded(office, "甲样机", "乙样机")
    listed = sheet(
        ("甲样机", NORTH, 50, "SZD-1"), ("别家的", NORTH, 40, "SZD-2"), ("丁", "没有的单位", 30, "")
    )
    page = client.post(
        f"/desk/calls/{office.call.pk}/above/", {"file": SimpleUploadedFile("名单.xlsx", listed.read())}
    )["Location"]
    seen = client.get(page)
    assert [str(item["line"].verdict) for item in seen.context["lines"]] == ["相符", "未找到", "未找到"]
    assert [item["line"].enterable for item in seen.context["lines"]] == [False, True, False]
    assert [row.title for row in seen.context["seen"].absent] == ["乙样机"]
    asked = {"doc_no": "省科计〔2026〕66号", "on": "2026-03-12", "pass_over": "1"}
    unknown = seen.context["lines"][2]["line"].number
    answer = client.post(page, {**asked, "enter": unknown})
    assert answer.status_code == 422 and f"第 {unknown} 行不能补登" in answer.content.decode()
    assert answer.context["pass_over"] and answer.context["doc_no"] == asked["doc_no"]
    assert {row.state for row in every()} == {"forwarded"}
    client.post(page, {**asked, "enter": seen.context["lines"][1]["line"].number})
    states = dict(Application.objects.for_system("测试").values_list("title", "state"))
    assert states == {"甲样机": "approved", "乙样机": "not_chosen", "别家的": "approved"}
    sent[0].refresh_from_db()
    assert (sent[0].superior_number, sent[0].counts_on) == ("SZD-1", date(2026, 3, 12))


def test_a_table_without_its_columns_is_refused_and_not_kept(office, client):
    to_superior(office)
    book = sheet(("甲样机", 50), head=("项目", "钱"))
    file = SimpleUploadedFile("名单.xlsx", book.read())
    answer = client.post(f"/desk/calls/{office.call.pk}/above/", {"file": file}, follow=True)
    assert [str(message) for message in answer.context["messages"]] != []
    assert list(evidence_of(office.call)) == []


def test_a_file_of_another_call_is_not_served_through_this_one(office, client):
    paper = attach(office.call, office.actors["office"], io.BytesIO(PDF), "指南.pdf", caption="指南")
    other = Call(
        **{
            name: getattr(office.call, name)
            for name in ("year", "level", "field", "opens_at", "apply_until", "recommend_until")
        },
        name="另一个通知",
    )
    from keshu.journal.writing import writing

    with writing(office.actors["planning"], "另一个"):
        other.save()
    assert client.get(reverse("desk:call_material_file", args=[other.pk, paper.pk])).status_code == 404
    served = client.get(reverse("desk:call_material_file", args=[office.call.pk, paper.pk]))
    assert b"".join(served.streaming_content) == PDF
    assert served["Content-Disposition"].startswith("attachment")


# ---- objections ---------------------------------------------------------------------------------------------


def test_the_proof_of_an_objection_is_served_to_the_bureau_s_handlers_only(office, client):
    row, objection = objected(office)
    done = client.post(reverse("desk:objection_proof", args=[objection.pk]), {"file": scan("合同.pdf")})
    assert done["Location"] == reverse("desk:record", args=["programmes", row.pk])
    (paper,) = evidence_of(objection)
    address = reverse("desk:objection_proof_file", args=[objection.pk, paper.pk])
    for who in ("office", "leader"):
        answer = office.staff.client(who).get(address)
        assert b"".join(answer.streaming_content) == PDF, who
    for who in ("north", "south", "county_head", "planning", "inspector", "recommender"):
        before = AuditEntry.objects.filter(kind="拒绝").count()
        assert office.staff.client(who).get(address).status_code == 403, who
        assert AuditEntry.objects.filter(kind="拒绝").count() == before + 1
        # Neither by the way of the project's own papers.
        around = reverse("desk:record_paper", args=["programmes", row.pk, paper.pk])
        assert office.staff.client(who).get(around).status_code == 404, who
    assert office.staff.client("leader").post(reverse("desk:objection_proof", args=[1])).status_code == 403


def test_a_refused_proof_is_said_on_the_project_s_page(office, client):
    _, objection = objected(office)
    address = reverse("desk:objection_proof", args=[objection.pk])
    assert "程序.pdf" in said(client.post(address, {"file": scan("程序.pdf", EXE)}))
    assert "没有选文件" in said(client.post(address))
    assert list(evidence_of(objection)) == []
