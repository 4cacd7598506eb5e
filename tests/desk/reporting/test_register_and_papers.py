"""What left is found again, opened as of then, and composed papers come back byte by byte."""

import io
import re

import pytest
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from keshu.journal.models import AuditEntry
from keshu.reports.models import Composed, Issued
from tests.desk.reporting.test_give_page import page, record, text

TABLE = {"scheme": "strong-st-5", "period": "2026-01..09"}


def give(house, words, receiver, **more):
    client = house.client("planning")
    record(client, page(client, q=words), q=words, receiver=receiver, known="1", **more)
    return Issued.objects.for_system("测试").latest("pk")


def test_the_register_lists_and_filters(house):
    give(house, "望岭 高企数", "市政府办")
    give(house, "望岭 技术合同占比", "市人大财经委", purpose="调研")
    client = house.client("inspector")
    both = text(client.get(reverse("desk:issued")))
    assert "市政府办" in both and "市人大财经委" in both
    one = text(client.get(reverse("desk:issued"), {"figure": "高新技术企业"}))
    assert "市政府办" in one and "市人大财经委" not in one
    assert "没有符合条件的报出" in text(client.get(reverse("desk:issued"), {"q": "没有这个人"}))
    broken = client.get(reverse("desk:issued"), {"from": "2026-13-40"})
    assert broken.status_code == 422 and "读不懂" in text(broken)


def test_an_empty_register_says_how_it_fills(house):
    assert "还没有报出过数" in text(house.client("planning").get(reverse("desk:issued")))


def test_a_giving_opens_as_of_then_beside_now(house):
    issued = give(house, "望岭 高企数", "市政府办")
    house.office.put("hitech_valid", "望岭县", "2026-09", 39)
    answer = house.client("leader").get(reverse("desk:issued_detail", args=[issued.pk]))
    said = text(answer)
    assert "38家" in said and "39家" in said and "由 38家改为 39家" in said
    figure = issued.figures.for_system("测试").get()
    assert f"asof=r{figure.revision}" in answer.content.decode()


@pytest.mark.parametrize("role", ["county_filler", "county_head", "system_admin"])
def test_others_do_not_see_the_register(house, role):
    issued = give(house, "望岭 高企数", "市政府办")
    client = house.client(role)
    for address in (
        reverse("desk:issued"),
        reverse("desk:issued_detail", args=[issued.pk]),
        reverse("desk:issued_export"),
    ):
        assert client.get(address).status_code == 403


def test_the_register_leaves_as_excel_without_formulas(house):
    give(house, "望岭 高企数", "=1+1")
    answer = house.client("planning").get(reverse("desk:issued_export"))
    cells = [cell for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in row]
    assert "'=1+1" in [cell.value for cell in cells] and all(cell.data_type != "f" for cell in cells)
    assert AuditEntry.objects.filter(kind="导出", target="报出数台账").exists()


@pytest.mark.parametrize("form", ["xlsx", "docx", "csv", "html", "json"])
def test_the_dispatch_leaves_in_every_format_and_is_recorded(house, form):
    answer = house.client("planning").get(reverse("desk:export_dispatch"), {**TABLE, "format": form})
    assert answer.status_code == 200 and len(answer.content) > 500
    assert "filename*=UTF-8''%E9%9D%92%E7%A6%BE" in answer["Content-Disposition"]
    issued = Issued.objects.for_system("测试").get()
    assert issued.channel == "export" and issued.figures.for_system("测试").count() == 11 * 6
    assert AuditEntry.objects.filter(kind="导出", outcome="成功").exists()


def test_a_county_exports_what_it_sees_and_the_register_stays_the_bureau_s(house):
    # The staff's county is another one than those filled: it sees value and place of all, details of none.
    answer = house.client("county_filler").get(reverse("desk:export_dispatch"), {**TABLE, "format": "xlsx"})
    book = load_workbook(io.BytesIO(answer.content))
    assert [row[0].value for row in book["明细"].iter_rows(min_row=5)] == []
    names = [cell.value for cell in book["总表"]["A"]]
    assert "望岭县" in names
    assert not Issued.objects.for_system("测试").exists()


@pytest.mark.parametrize(
    "query", [{"format": "pdf"}, {"scheme": "没有"}, {"period": "2026年13月"}, {"asof": "r999999"}]
)
def test_what_cannot_be_exported_says_why(house, query):
    answer = house.client("planning").get(reverse("desk:export_dispatch"), {**TABLE, **query})
    assert answer.status_code == 422 and "没有导出" in text(answer)


def test_a_briefing_is_read_then_composed_kept_and_recorded(house):
    client = house.client("leader")
    address = reverse("desk:briefing")
    shown = text(client.get(address, TABLE))
    assert (
        "一、总体情况" in shown
        and "望岭县技术合同占比0.28%" in shown
        and "青禾市科学技术局" in client.get(address, TABLE).content.decode()
    )
    assert client.post(address, {**TABLE, "receiver": ""}).status_code == 422
    answer = client.post(address, {**TABLE, "receiver": "市政府办", "issuer": "青禾市科学技术局"})
    assert answer.status_code == 302
    made = Composed.objects.for_system("测试").get()
    issued = Issued.objects.for_system("测试").get()
    assert issued.composed == made and issued.channel == "briefing" and issued.receiver == "市政府办"
    file = house.client("inspector").get(reverse("desk:composed_file", args=[made.pk]))
    paper = Document(io.BytesIO(file.content))
    assert paper.paragraphs[0].text == "青禾市强科技行动五项指标调度简报"


def test_a_briefing_with_changed_figures_is_acknowledged_first(house):
    client, address = house.client("planning"), reverse("desk:briefing")
    client.post(address, {**TABLE, "receiver": "市政府办"})
    house.office.put("contract_output", "望岭县", "2026-01..09", "90000000")
    shown = client.get(address, TABLE)
    assert "给市政府办的是 0.28%，现在是 0.36%" in text(shown)
    refused = client.post(address, {**TABLE, "receiver": "市委办"})
    assert refused.status_code == 422 and Composed.objects.for_system("测试").count() == 1
    assert client.post(address, {**TABLE, "receiver": "市委办", "known": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"),
    [("leader", 200), ("planning", 200), ("office", 403), ("county_head", 403), ("anonymous", 302)],
)
def test_who_composes(house, role, status):
    assert house.client(role).get(reverse("desk:briefing"), TABLE).status_code == status


def test_a_lost_file_is_named_and_not_replaced(house, tmp_path):
    client = house.client("planning")
    client.post(reverse("desk:briefing"), {**TABLE, "receiver": "市政府办"})
    made = Composed.objects.for_system("测试").get()
    (tmp_path / made.sha256[:2] / made.sha256).unlink()
    answer = client.get(reverse("desk:composed_file", args=[made.pk]))
    assert answer.status_code == 410 and re.search("可用复现码 r\\d+ 重新生成", text(answer))
