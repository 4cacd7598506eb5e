"""After a month is out, over HTTP: adjustments, estimates, collection, notes that a figure seems wrong."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keshu.directory.actors import Role
from keshu.figures.entry import adjusting, cells, flow, loading
from keshu.figures.entry.estimates import record_estimate
from keshu.figures.entry.models import Adjustment, Doubt
from keshu.figures.entry.past import release_of
from keshu.figures.values import ValueChange, record_values
from keshu.journal.writing import writing
from keshu.ledger.models import Evidence
from keshu.terms import clock
from keshu.terms.period import Period
from tests.desk.entry.office import PDF, PERIOD
from tests.figures.entry.conftest import SEPTEMBER, at

# ---- adjustments, estimates, collection --------------------------------------------------------------------


def test_an_adjustment_is_asked_and_answered_on_the_pages(office):
    office.report()
    row = office.rows["st_loans"]
    data = {"row": row.pk, "period": "2026年9月", "new": "320", "reason": "重复计入 30 万元"}
    look = office.filler.post(office.at("desk:sheet_adjust"), data).content.decode()
    assert "<del>350</del> → <b>320</b>" in look and "−30" in look and "重复计入 30 万元" in look
    assert not Adjustment.objects.for_system("测试").exists()  # nothing is asked before it was looked at
    answer = office.filler.post(office.at("desk:sheet_adjust"), {**data, "confirmed": "1"}, follow=True)
    assert "已申请追溯调整" in answer.content.decode()
    asked = Adjustment.objects.for_system("测试").get()
    planner = office.staff.client("planning")
    assert "350 → 320 万元" in planner.get(reverse("desk:collection")).content.decode()
    planner.post(reverse("desk:adjustment_answer", args=[asked.pk]), {"action": "verify"})
    page = office.filler.get(office.at()).content.decode()
    assert "这张表已经报出，保留报出时的数" in page and ">350<" in page.replace("\n", "").replace(" ", "")
    with clock.pretend(at(11, 3)):
        assert "本期累计从新数起算" in office.filler.get(office.at(period="2026-10")).content.decode()


def test_an_adjustment_of_a_cumulative_warns_of_the_later_ones_before_it_is_asked(office):
    office.report()  # September: 1980 since January
    row = office.rows["fiscal_st"]
    with clock.pretend(at(11, 9)):
        sheet = loading.open_sheet(
            office.form, office.staff.county, "2026-10", office.staff.actor_as("county_filler")
        )
        for action in ("hand_in", "review", "sign"):
            cells.report_all_zero(sheet, office.actor) if action == "hand_in" else None
            for code in SEPTEMBER if action == "hand_in" else ():
                cells.type_estimate(sheet, office.rows[code], office.actor, "400000")
            sheet = flow.act(sheet, action, office.actor)
        data = {"row": row.pk, "period": "2026年9月", "new": "1900", "reason": "多列 80 万元"}
        look = office.filler.post(office.at("desk:sheet_adjust"), data).content.decode()
        assert "后面已报的累计里含原数" in look
        # October reported the same 1980; with September at 1900 it would need 1900, or become a month of 80
        cells_of = [
            re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", look, re.DOTALL)
        ]
        assert cells_of[1:] == ["1980", "1900", "0", "80"]
        office.filler.post(office.at("desk:sheet_adjust"), {**data, "confirmed": "1", "carry": ["2026-10"]})
        asked = Adjustment.objects.for_system("测试").order_by("period").values_list("period", "state")
        assert list(asked) == [("2026-09", "asked"), ("2026-10", "asked")]
        asked = Adjustment.objects.for_system("测试").get(period="2026-10")
        adjusting.refuse_adjustment(asked, office.staff.actor_as("planning"), "只调 9 月")
        page = office.staff.client("planning").get(reverse("desk:collection")).content.decode()
        assert "1980 → 1900 万元" in page
        assert "没有一并申请：10月 1980（应为 1900）" in page


def test_an_adjustment_without_a_reason_is_refused_in_words(office):
    office.report()
    data = {"row": office.rows["st_loans"].pk, "period": "2026年9月", "new": "320", "reason": ""}
    assert (
        "要写明原因" in office.filler.post(office.at("desk:sheet_adjust"), data, follow=True).content.decode()
    )


def test_the_collection_shows_every_county_and_the_words_for_the_group(office):
    office.report()
    page = office.staff.client("planning").get(reverse("desk:collection")).content.decode()
    assert "待核实" in page and "未填" in page
    assert "还没报：岚川县" in page


def test_entering_for_a_county_asks_who_said_it_and_the_file(office):
    planner = office.staff.client("planning")
    data = {"form": office.form.code, "region": office.staff.other.code, "period": PERIOD}
    answer = planner.post(reverse("desk:entry_enter_for"), data, follow=True)
    assert "写明谁报的" in answer.content.decode()
    data |= {"said_by": "岚川县局 王某 电话", "file": SimpleUploadedFile("传真.pdf", PDF)}
    answer = planner.post(reverse("desk:entry_enter_for"), data, follow=True)
    assert "由市局代录" in answer.content.decode() and "data-text" in answer.content.decode()
    assert Evidence.objects.for_system("测试").get().caption == "收到的文件"


def test_a_county_sees_only_its_own_estimates(office):
    assert office.filler.get(reverse("desk:estimates")).status_code == 200


def test_what_was_expected_and_what_came_stand_on_one_page(office):
    row = office.rows["st_loans"]
    release = release_of(office.form)
    with writing(office.actor, "往年") as block:
        for month, amount in ((10, 3300), (11, 3030)):
            record_estimate(row, office.staff.county, Period.month(2025, month), amount * 1_000_000, "郑澜")
        for month in range(1, 13):
            change = ValueChange(
                row.measure_id, office.staff.county.pk, f"2025-{month:02}", release.pk, 250 * 1_000_000
            )
            record_values(block, [change])
    page = office.filler.get(reverse("desk:estimates")).content.decode()
    cells_of = [
        re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    ]
    # twelve months of 250 are 3000; 3030 − 3000 = 30, one percent
    assert cells_of[-6:] == ["万元", "3300", "3030", "3000", "+30", "+1.0%"]
    assert '<th scope="row">科技贷款发放额</th>' in page
    assert "2 个有结果，其中 2 个与结果相差不超过 10%" in page
    assert "2026 年还没有" in office.filler.get(reverse("desk:estimates"), {"year": "2026"}).content.decode()


# ---- a figure seems wrong ----------------------------------------------------------------------------------


def test_the_city_writes_that_a_figure_is_wrong_and_the_county_answers_on_the_pages(office):
    office.report()
    planner = office.staff.client("planning")
    data = {"row": office.rows["st_loans"].pk, "text": "与银行回单差 30 万元"}
    page = planner.post(office.at("desk:sheet_doubt"), data, follow=True).content.decode()
    assert "数没有改" in page
    doubt = Doubt.objects.for_system("测试").get()
    page = office.filler.get(office.at()).content.decode()
    beside = page.split(f'id="ck-{office.rows["st_loans"].pk}"')[1].split("</td>")[0]
    assert "填报有误：与银行回单差 30 万元" in beside
    collection = planner.get(reverse("desk:collection")).content.decode()
    assert "填报有误 1</a>" in collection and "望岭县 9月 科技贷款发放额 350" in collection
    answer = {"action": "answer", "note": "回单漏了一笔", "expected": "open"}
    page = office.filler.post(
        reverse("desk:doubt_act", args=[doubt.pk]), answer, follow=True
    ).content.decode()
    assert "已答复" in page and "回单漏了一笔" in page
    assert "答复：回单漏了一笔" in planner.get(reverse("desk:collection")).content.decode()
    planner.post(reverse("desk:doubt_act", args=[doubt.pk]), {"action": "settle"})
    page = office.filler.get(office.at()).content.decode()
    assert "已销号 1 条" in page and "回单漏了一笔" in page  # it stays to be read
    assert "没有销号的" not in planner.get(reverse("desk:collection")).content.decode()


def test_what_is_typed_afterwards_leaves_the_note_beside_its_row(office):
    office.send(code="st_loans", text="350", version=0)
    data = {"row": office.rows["st_loans"].pk, "text": "应为 320"}
    office.staff.client("county_reviewer").post(office.at("desk:sheet_doubt"), data)
    rows = office.send(code="st_loans", text="320", version=1).json()["rows"]
    assert "填报有误：应为 320" in rows[str(office.rows["st_loans"].pk)]["remarks"]


@pytest.mark.parametrize("adjusted", [False, True])
def test_the_trace_of_a_figure_leads_to_its_note(office, adjusted):
    office.report()
    row = office.rows["st_loans"]
    if adjusted:
        county, planner = office.staff.actor_as("county_filler"), office.staff.actor_as("planning")
        asked = adjusting.ask(office.form, office.staff.county, row, PERIOD, "320", "重复", county)
        adjusting.verify_adjustment(asked, planner)
    query = {"name": "st_loans", "region": office.staff.county.code, "period": PERIOD}
    door = f"{office.at()}?wrong={row.pk}#doubts"
    for who, sees in (("planning", True), ("county_filler", True), ("leader", False)):
        for route in ("desk:trace_card", "desk:trace"):
            shown = office.staff.client(who).get(reverse(route), query).content.decode()
            assert (door in shown) == sees, (who, route)
    page = office.filler.get(door.partition("#")[0]).content.decode()
    assert f'<option value="{row.pk}" selected>' in page.split('id="en-doubt"')[1]


def test_another_county_neither_writes_nor_reads_a_note(office):
    office.report()
    office.filler.post(office.at("desk:sheet_doubt"), {"row": "", "text": "漏一笔"})
    doubt = Doubt.objects.for_system("测试").get()
    with writing(office.actor, "岚川县的人"):
        office.staff.hire("neighbour", office.staff.other_bureau, Role.COUNTY_FILLER)
    neighbour = office.staff.client("neighbour")
    assert neighbour.post(office.at("desk:sheet_doubt"), {"text": "错"}).status_code == 404
    address = reverse("desk:doubt_act", args=[doubt.pk])
    assert neighbour.post(address, {"action": "answer", "note": "没有错"}).status_code == 404
    assert "漏一笔" not in neighbour.get(reverse("desk:entry"), follow=True).content.decode()


def test_a_note_without_words_or_row_is_refused_in_words(office):
    office.report()
    answer = office.filler.post(office.at("desk:sheet_doubt"), {"row": "", "text": " "}, follow=True)
    assert "要写明哪里有误" in answer.content.decode()
    assert (
        office.filler.post(office.at("desk:sheet_doubt"), {"row": "77777", "text": "错"}).status_code == 404
    )
