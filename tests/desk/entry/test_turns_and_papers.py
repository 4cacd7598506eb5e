"""Whose turn it is, departments and days, sealed scans and workbooks, over HTTP."""

import io
import json
import re
from datetime import timedelta

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keshu.desk import shell
from keshu.directory.actors import Role
from keshu.directory.models import Unit
from keshu.duties.issuing import Origin, issue_order
from keshu.figures.entry import adjusting, flow, loading
from keshu.figures.entry.models import Cell
from keshu.figures.models import ReportedValue
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.ledger.models import Evidence
from keshu.terms import clock
from tests.desk.entry.office import PDF
from tests.figures.entry.conftest import SPEC

# ---- whose turn it is --------------------------------------------------------------------------------------


def badge(page):
    found = re.search(r'ks-count" aria-label="等办 (\d+) 件"', page)
    return int(found.group(1)) if found else 0


def test_the_rail_counts_the_months_that_wait_for_me(office):
    def badges():
        pages = [
            office.staff.client(who).get(office.at()).content.decode()
            for who in ("county_filler", "county_reviewer", "county_head")
        ]
        # 收表 stands behind 更多 in the rail of the planning office.
        rail = shell.rail(office.staff.actor_as("planning"))
        return [*(badge(page) for page in pages), *(one["badge"] for one in rail if one["label"] == "收表")]

    # 1—2月 and March to September have ended and nobody has begun: eight for the clerk
    assert badges() == [8, 0, 0, 0]
    office.fill()
    office.act("county_filler", "hand_in")
    assert badges() == [7, 1, 0, 0]
    office.act("county_reviewer", "review")
    office.act("county_head", "sign")
    assert badges() == [7, 0, 0, 1]


def test_a_fragment_does_not_count_what_waits(office, django_assert_max_num_queries):
    request = office.filler.get(office.at()).wsgi_request
    with django_assert_max_num_queries(3):  # the posts of the person menu
        found = shell.context(request)
    with django_assert_max_num_queries(14):  # months, what is due, messages, orders, meetings, collections
        assert [entry["badge"] for entry in found["nav"] if entry["label"] == "填报"] == [8]


def test_what_waits_is_counted_again_with_the_next_revision_only(office, settings, django_assert_num_queries):
    settings.KEEP_BADGES = True
    entry = next(one for one in shell.ENTRIES if one.route == "desk:orders")
    actor = office.staff.actor_as("county_filler")
    assert shell.badge(entry, actor) == 0
    with django_assert_num_queries(1):  # the number of the newest revision
        assert shell.badge(entry, actor) == 0
    issue_order(
        actor=office.staff.actor_as("planning"),
        what="补登技术合同",
        holder=Unit._base_manager.get(pk=actor.unit_id),
        due_on=clock.today() + timedelta(days=20),
        origin=Origin("instruction", "instruction|1", "批示"),
    )
    assert shell.badge(entry, actor) == 1


def test_the_flow_names_who_has_it_before_it_is_done(office):
    page = office.filler.get(office.at()).content.decode()
    names = [office.staff.actor_as(who).name for who in ("county_filler", "county_reviewer", "county_head")]
    steps = page.split('class="en-flow"')[1].split("</span>\n")[0]
    assert all(name in steps for name in names)


# ---- departments and days ----------------------------------------------------------------------------------


def other_form(office, **more):
    rows = [{"measure": "fiscal_rd", "label": "技术研究与开发", "unit": "万元"}]
    spec = {
        **SPEC,
        "code": "sy-02",
        "number": "试科统 02 表",
        "name": "季报",
        "frequency": "quarter",
        "estimate_from": 0,
    }
    return loading.load_form({**spec, "sections": [{"title": "", "rows": rows}], **more}, office.actor)


def test_the_city_enters_for_a_department_without_an_account(office):
    with writing(office.actor, "财政局"):
        Unit(code="CZJ", name="青禾市财政局", region=office.staff.city, has_account=False).save()
    form = other_form(office, unit="CZJ")
    planner = office.staff.client("planning")
    where = {"form": form.code, "region": office.staff.city.code, "period": "2026-01..09"}
    page = planner.get(reverse("desk:collection"), {"form": form.code}).content.decode()
    assert "还没报：青禾市财政局" in page
    data = {**where, "said_by": "预算科 传真", "file": SimpleUploadedFile("04表.pdf", PDF)}
    answer = planner.post(reverse("desk:entry_enter_for"), data, follow=True)
    assert "青禾市财政局没有账号，以收到的文件为准" in answer.content.decode()
    address = reverse("desk:sheet", args=list(where.values()))
    row = form.rows.get()
    body = json.dumps({"row": row.pk, "text": "26000", "version": 0})
    assert planner.post(address + "cell/", body, content_type="application/json").status_code == 200
    page = planner.post(address + "act/", {"action": "report_for"}, follow=True).content.decode()
    assert "待市局核实" in page and "填报单位（盖章）：青禾市财政局" in page
    assert "市局代录" in page and "（代录）</span>" in page
    held = ReportedValue.objects.for_system("测试").get(measure=row.measure, period="2026-01..09")
    assert (held.scaled, held.entered_by.endswith("代录（预算科 传真）")) == (26000 * 1_000_000, True)
    evidence = Evidence.objects.for_system("测试").get()
    assert b"".join(planner.get(reverse("desk:entry_paper", args=[evidence.pk])).streaming_content) == PDF


def test_every_period_of_every_form_is_reached_from_the_page(office):
    other_form(office)
    rows = [{"measure": "hitech_valid", "label": "高企有效数"}]
    spec = {
        "code": "sy-03",
        "number": "试科统 03 表",
        "frequency": "day",
        "sections": [{"title": "", "rows": rows}],
    }
    other_form(office, **spec)
    page = office.filler.get(office.at()).content.decode()
    for period in ("2026-01..02", "2026-03", "2026-08", "2026-10"):
        assert office.at(period=period) in page
    assert "?form=sy-02" in page and "?form=sy-03" in page
    quarter = office.filler.get(reverse("desk:entry"), {"form": "sy-02"})
    assert quarter.url == reverse("desk:sheet", args=["sy-02", office.staff.county.code, "2026-01..09"])
    assert "三季度" in office.filler.get(quarter.url).content.decode()
    day = office.filler.get(reverse("desk:entry"), {"form": "sy-03", "day": "2026-10-05"})
    assert day.url.endswith("/2026-10-05/")
    assert "截至10月5日" in office.filler.get(day.url).content.decode()
    assert office.filler.get(reverse("desk:entry"), {"form": "sy-03", "day": "昨天"}).status_code == 404


def test_before_the_form_is_in_force_nothing_is_typed(office):
    assert "data-text" in office.filler.get(office.at(period="2026-10")).content.decode()
    assert "data-text" not in office.filler.get(office.at(period="2025-12")).content.decode()


def test_a_day_is_filled_and_read_back(office):
    rows = [{"measure": "hitech_valid", "label": "高企有效数"}]
    spec = {
        "code": "sy-03",
        "number": "试科统 03 表",
        "frequency": "day",
        "sections": [{"title": "", "rows": rows}],
    }
    form = other_form(office, **spec)
    address = reverse("desk:sheet", args=["sy-03", office.staff.county.code, "2026-10-05"])
    body = json.dumps({"row": form.rows.get().pk, "text": "42", "version": 0})
    assert office.filler.post(address + "cell/", body, content_type="application/json").status_code == 200
    for who, action in (("county_filler", "hand_in"), ("county_reviewer", "review"), ("county_head", "sign")):
        office.staff.client(who).post(address + "act/", {"action": action})
    page = office.filler.get(address).content.decode()
    assert "待市局核实" in page and ">42" in page.replace("\n", "").replace(" ", "")
    listed = {"form": "sy-03", "period": "2026-10-05"}
    assert (
        "去核实" in office.staff.client("planning").get(reverse("desk:collection"), listed).content.decode()
    )
    held = ReportedValue.objects.for_system("测试").get(measure=form.rows.get().measure)
    assert (held.period, held.scaled) == ("2026-10-05", 42)


def test_a_negative_month_is_taken_with_its_words_and_read_back(office):
    office.fill(st_loans="-120")
    assert "还差 1 处" in office.act("county_filler", "hand_in").content.decode()
    cell = Cell.objects.for_system("测试").get(row=office.rows["st_loans"])
    office.send(code="st_loans", note="冲减上月重复计入的一笔", version=cell.version)
    for who, action in (("county_filler", "hand_in"), ("county_reviewer", "review"), ("county_head", "sign")):
        office.act(who, action)
    page = office.filler.get(office.at()).content.decode()
    line = page.split(f'id="row-{office.rows["st_loans"].pk}"')[1].split("</tr>")[0]
    assert "-120" in line and ">2390<" in line  # 2510 − 120 since January


# ---- papers and workbooks ----------------------------------------------------------------------------------


def test_a_sealed_scan_is_served_to_its_own_county_only(office):
    office.report()
    answer = office.filler.post(
        office.at("desk:sheet_paper"), {"file": SimpleUploadedFile("盖章.pdf", PDF)}, follow=True
    )
    assert "已附盖章扫描件" in answer.content.decode()
    paper = Evidence.objects.for_system("测试").get()
    address = reverse("desk:entry_paper", args=[paper.pk])
    assert b"".join(office.filler.get(address).streaming_content) == PDF
    with writing(office.actor, "岚川县的人"):
        office.staff.hire("neighbour", office.staff.other_bureau, Role.COUNTY_FILLER)
    assert office.staff.client("neighbour").get(address).status_code == 404
    assert AuditEntry.objects.latest("pk").outcome == "拒绝"


def workbook(*lines):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_shown_before_it_fills_and_does_not_overwrite_what_came_after(office):
    office.send(code="st_loans", text="350", version=0)
    content = workbook(["项目", "数值"], ["科技贷款发放额", 360], ["农民技术培训", 260], ["没有这一项", 1])
    page = office.filler.post(
        office.at("desk:sheet_upload"), {"file": SimpleUploadedFile("九月.xlsx", content)}
    )
    text = page.content.decode()
    assert "填入 2 格" in text and "表里没有“没有这一项”" in text
    assert Cell.objects.for_system("测试").count() == 1
    confirm = {"sha256": page.context["sha256"], "name": "九月.xlsx"} | {
        f"seen-{row}": version for row, version in page.context["seen"]
    }
    office.send(code="st_loans", text="355", version=1)
    answer = office.filler.post(office.at("desk:sheet_fill"), confirm, follow=True)
    assert "一格都没有写" in answer.content.decode()
    confirm[f"seen-{office.rows['st_loans'].pk}"] = 2
    office.filler.post(office.at("desk:sheet_fill"), confirm)
    assert dict(Cell.objects.for_system("测试").values_list("row__measure__code", "text")) == {
        "st_loans": "360",
        "farm_training": "260",
    }


def test_a_file_that_is_no_table_says_so(office):
    answer = office.filler.post(
        office.at("desk:sheet_upload"), {"file": SimpleUploadedFile("a.xlsx", PDF)}, follow=True
    )
    assert answer.status_code == 200 and "a.xlsx" in answer.content.decode()


def test_the_template_is_the_form(office):
    answer = office.filler.get(office.at("desk:sheet_workbook"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    texts = [cell.value for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert "科技贷款发放额" in texts and any("试科统 01 表" in str(text) for text in texts)


def test_the_dispatch_of_moves_uses_the_same_procedure(office):
    """What the page offers is what the procedure allows: nothing else assigns a state."""
    sheet = office.report()
    planner = office.staff.actor_as("planning")
    assert {t.action for t in flow.FLOW.possible(sheet, planner)} == {"verify", "return"}
    assert {t.action for t in adjusting.ADJUSTING.transitions} == {"verify", "refuse"}
