"""回执, the printed copy and its stamped scan; the materials of a draft. Each is its own organisation's and its handlers'."""

import io

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from keshu.directory.actors import Role
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.ledger.evidence import evidence_of
from keshu.programmes import applying
from keshu.programmes.models import Application
from tests.programmes.calls_world import PDF, change_call, drafted, rename

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sent(office):
    return applying.hand_in(drafted(office, title="检测样机", own_funds="40"), office.actors["north"])


@pytest.fixture
def elsewhere(office):
    """Somebody who reviews in the other county."""
    with writing(office.actors["planning"], "来人"):
        office.staff.hire("lanchuan", office.staff.other_bureau, Role.COUNTY_REVIEWER)
    return "lanchuan"


def scan(name="盖章.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def said(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def refusals():
    return AuditEntry.objects.filter(kind="拒绝").count()


def test_a_receipt_shows_number_second_hash_and_version(office, sent):
    page = office.staff.client("north").get(reverse("desk:apply_receipt", args=[sent.pk]))
    text = page.content.decode()
    assert sent.number == "SB2026-0001" and f"回执 {sent.number}" in text
    assert "2026-03-16 09:00:00" in text  # the second at which the server took it
    assert len(sent.content_hash) == 64 and f">{sent.content_hash}<" in text
    assert f'<dd class="cl-code">{sent.content_hash[:8]}</dd>' in text
    assert "撤回修改" in text and "传扫描件" in text


def test_who_handles_reads_the_receipt_and_nobody_else_does(office, sent, elsewhere):
    for name in ("apply_receipt", "apply_printed"):
        address = reverse(f"desk:{name}", args=[sent.pk])
        for who in ("north", "county_head", "office", "leader"):
            assert office.staff.client(who).get(address).status_code == 200, who
        for who in ("south", elsewhere):
            before = refusals()
            assert office.staff.client(who).get(address).status_code == 404, who
            assert refusals() == before + 1, who
    handled = office.staff.client("office").get(reverse("desk:apply_receipt", args=[sent.pk]))
    assert "传扫描件" not in handled.content.decode()  # stamping is the applicant's


def test_a_draft_has_neither_receipt_nor_printed_copy(office):
    row = office.draft()
    for name in ("apply_receipt", "apply_printed"):
        assert office.staff.client("north").get(reverse(f"desk:{name}", args=[row.pk])).status_code == 404


def test_the_printed_copy_carries_the_version_on_every_page_and_the_name_of_then(office, sent):
    rename(office, "north", "北岭新材料股份有限公司")
    answer = office.staff.client("north").get(reverse("desk:apply_printed", args=[sent.pk]))
    printed = Document(io.BytesIO(answer.content))
    head = "\n".join(paragraph.text for paragraph in printed.sections[0].header.paragraphs)
    assert f"版本码 {sent.content_hash[:8]}" in head and sent.number in head
    held = [paragraph.text for paragraph in printed.paragraphs]
    held += [cell.text for table in printed.tables for row in table.rows for cell in row.cells]
    text = "\n".join(held)
    for part in (
        "检测样机",
        "北岭新材料有限公司",
        "许青",
        "30 万元",
        "40 万元",
        "符合率 98%",
        "申报单位（盖章）",
    ):
        assert part in text, part
    assert "股份" not in text and sent.content_hash in text


def test_a_stamped_scan_is_taken_with_its_version_only(office, sent):
    north = office.staff.client("north")
    address = reverse("desk:apply_sealed", args=[sent.pk])
    code = sent.content_hash[:8]
    for form, why in (
        ({"code": code}, "没有选文件"),
        ({"code": "0000", "file": scan()}, "不是同一版"),
        ({"code": code, "file": scan("盖章.txt", "文字".encode())}, "盖章.txt"),
        ({"code": code, "file": scan("程序.pdf", b"MZ" + bytes(300))}, "程序.pdf"),
    ):
        answer = north.post(address, form)
        assert answer["Location"] == reverse("desk:apply_receipt", args=[sent.pk])
        assert why in said(answer), why
    assert list(evidence_of(sent)) == []
    assert "盖章扫描件已收" in said(north.post(address, {"code": f" {code.upper()} ", "file": scan()}))
    (paper,) = evidence_of(sent)
    assert paper.caption == f"盖章扫描件（版本码 {code}）"


def test_a_stamped_scan_is_no_other_organisation_s_business(office, sent, elsewhere):
    code = sent.content_hash[:8]
    address = reverse("desk:apply_sealed", args=[sent.pk])
    before = refusals()
    answer = office.staff.client("south").post(address, {"code": code, "file": scan()})
    assert answer.status_code == 404 and refusals() == before + 1
    office.staff.client("north").post(address, {"code": code, "file": scan()})
    (paper,) = evidence_of(sent)
    served = reverse("desk:record_paper", args=["programmes", sent.pk, paper.pk])
    assert office.staff.client("county_head").get(served).status_code == 200
    for who in ("south", elsewhere):
        before = refusals()
        assert office.staff.client(who).get(served).status_code == 404, who
        assert refusals() == before + 1


def test_materials_are_handed_in_with_a_draft_and_stay_its_own(office):
    change_call(office, attachments=["可行性报告", "合作协议"])
    draft = drafted(office)
    north, address = office.staff.client("north"), reverse("desk:apply_file", args=[draft.pk])
    for form, why in (
        ({"material": "可行性报告"}, "没有选文件"),
        ({"material": "别的", "file": scan("别的.pdf")}, "没有要“别的”这份材料"),
        ({"material": "可行性报告", "file": scan("机密.pdf")}, "涉密"),
        ({"material": "可行性报告", "file": scan("空的.pdf", b"")}, "空"),
    ):
        assert why in said(north.post(address, form)), why
    assert list(evidence_of(draft)) == []
    north.post(address, {"material": "可行性报告", "file": scan("第一版.pdf")})
    north.post(address, {"material": "可行性报告", "file": scan("第二版.pdf")})
    (paper,) = evidence_of(draft)
    assert paper.name == "第二版.pdf"
    opened = reverse("desk:apply_file_open", args=[draft.pk, paper.pk])
    assert b"".join(north.get(opened).streaming_content) == PDF
    assert north.get(reverse("desk:apply_file_open", args=[draft.pk, paper.pk + 1000])).status_code == 404
    for url in (opened, reverse("desk:apply_form", args=[draft.pk])):
        before = refusals()
        assert office.staff.client("south").get(url).status_code == 404
        assert refusals() == before + 1
    before = refusals()
    assert office.staff.client("south").post(address, {"material": "合作协议"}).status_code == 404
    assert refusals() == before + 1
    form = north.get(reverse("desk:apply_form", args=[draft.pk])).content.decode()
    assert "材料“合作协议”已传" in form and "还没有传" in form
    north.post(address, {"material": "合作协议", "file": scan("协议.pdf")})
    page = north.post(reverse("desk:apply_hand_in", args=[draft.pk]), follow=True).content.decode()
    assert "第二版.pdf" in page and "协议.pdf" in page
    row = Application.objects.for_system("测试").get()
    assert {paper.caption for paper in evidence_of(row)} == {"合作协议", "可行性报告"}


def test_the_applicant_s_list_asks_the_same_number_of_queries_for_one_and_for_three(office):
    change_call(office, most_per_unit=None)
    north, counts = office.staff.client("north"), []
    for more in (1, 2):
        for n in range(more):
            drafted(office, title=f"草稿{more}{n}")
            office.step(office.draft("north", title=f"交了{more}{n}"), "submit", "north")
            office.draft("north", title=f"撤回{more}{n}")
        north.get("/desk/apply/")
        with CaptureQueriesContext(connection) as caught:
            north.get("/desk/apply/")
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_a_receipt_keeps_the_number_under_which_the_application_was_received(office, sent):
    """With the approval the record takes the project's number (XM…); the receipt still says SB…."""
    received = applying.receipt(sent).number
    row = office.to(Application.objects.for_system("测试").get(pk=sent.pk), "approved")
    assert received.startswith("SB") and row.number.startswith("XM")
    assert applying.receipt(row).number == received


def test_a_file_above_the_limit_is_said_where_it_was_chosen(office, sent, settings):
    change_call(office, attachments=["可行性报告"])
    draft, north = drafted(office), office.staff.client("north")
    settings.MAX_UPLOAD_BYTES = 1000
    large = b"%PDF-1.4" + b"0" * 200_000
    for route, pk, back in (
        ("desk:apply_file", draft.pk, "desk:apply_form"),
        ("desk:apply_sealed", sent.pk, "desk:apply_receipt"),
    ):
        answer = north.post(reverse(route, args=[pk]), {"file": scan("大.pdf", large)})
        assert (answer.status_code, answer["Location"]) == (302, reverse(back, args=[pk]))
        assert "超过" in north.get(answer["Location"]).content.decode()
    for client, route in (("office", "desk:call_material"), ("office", "desk:call_above")):
        page = office.staff.client(client)
        answer = page.post(reverse(route, args=[office.call.pk]), {"file": scan("大.pdf", large)})
        assert answer["Location"] == reverse("desk:call", args=[office.call.pk]), route
    answer = office.staff.client("office").post(
        reverse("desk:objection_proof", args=[1]), {"file": scan("大.pdf", large)}
    )
    assert answer["Location"] == reverse("desk:calls")
