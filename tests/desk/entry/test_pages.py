"""The county month over HTTP: what is saved, who gets in, what the second writer is told, what a refused step says."""

import io
import json
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keshu.directory.actors import Role
from keshu.directory.models import Unit
from keshu.figures.entry import adjusting, cells, flow, loading
from keshu.figures.entry.estimates import record_estimate
from keshu.figures.entry.models import Adjustment, Cell, Doubt, FormRow, Sheet
from keshu.figures.entry.past import release_of
from keshu.figures.models import ReportedValue
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.ledger.models import Evidence
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import AUGUST, SEPTEMBER, SPEC, at

PERIOD = "2026-09"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _october():
    with clock.pretend(at(10, 9, 16, 42)):
        yield


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


class Office:
    """The county's form on its pages."""

    def __init__(self, staff, actor):
        self.staff, self.actor = staff, actor
        self.form = loading.load_form(SPEC, actor)
        self.rows = {
            row.measure.code: row
            for row in FormRow.objects.filter(form=self.form).select_related("measure", "form")
        }
        release = release_of(self.form)
        with writing(actor, "八月累计") as block:
            changes = []
            for code, value in AUGUST.items():
                row = self.rows[code]
                scaled = int(value) * (1_000_000 if row.unit == "万元" else 1)
                changes.append(
                    ValueChange(row.measure_id, staff.county.pk, "2026-01..08", release.pk, scaled)
                )
            record_values(block, changes)
        self.filler = staff.client("county_filler")

    def at(self, name="desk:sheet", region=None, period=PERIOD):
        return reverse(name, args=[self.form.code, (region or self.staff.county).code, period])

    def send(self, client=None, name="desk:sheet_cell", region=None, **body):
        if "code" in body:
            body["row"] = self.rows[body.pop("code")].pk
        return (client or self.filler).post(
            self.at(name, region), json.dumps(body), content_type="application/json"
        )

    def fill(self, **texts):
        for code, text in {**SEPTEMBER, **texts}.items():
            cell = Cell.objects.for_system("测试").filter(row=self.rows[code]).first()
            answer = self.send(code=code, text=text, version=cell.version if cell else 0)
            assert answer.status_code == 200, answer.content.decode()

    def act(self, who, action, **more):
        return self.staff.client(who).post(self.at("desk:sheet_act"), {"action": action, **more}, follow=True)

    def report(self):
        self.fill()
        for who, action in (
            ("county_filler", "hand_in"),
            ("county_reviewer", "review"),
            ("county_head", "sign"),
        ):
            self.act(who, action)
        return self.sheet

    @property
    def sheet(self):
        return Sheet.objects.for_system("测试").select_related("region", "form").get(region=self.staff.county)


@pytest.fixture
def office(staff, actor):
    return Office(staff, actor)


# ---- typing ------------------------------------------------------------------------------------------------


def test_looking_at_a_month_writes_nothing(office):
    before = moments.latest()
    answer = office.filler.get(office.at())
    assert answer.status_code == 200
    assert moments.latest() == before and not Sheet.objects.for_system("测试").exists()


def test_the_county_lands_on_the_month_that_has_ended(office):
    answer = office.filler.get(reverse("desk:entry"))
    assert answer.url == office.at()


def test_a_typed_cell_is_saved_and_the_other_reading_comes_back(office):
    answer = office.send(code="fiscal_st", text="1980", version=0).json()
    row = answer["rows"][str(office.rows["fiscal_st"].pk)]
    assert answer["saved"] == "16:42:00"
    assert (row["single"], row["version"]) == ("218", 1)  # 1980 − 1762
    assert answer["foot"]["left"] == len(SEPTEMBER) - 1


def test_the_check_stands_beside_the_cell_with_its_proposal(office):
    office.send(code="fiscal_st", text="1980", version=0)
    office.send(code="fiscal_rd", text="701", version=0)
    answer = office.send(code="fiscal_popular", text="5350", version=0).json()
    group, own = (answer["rows"][str(office.rows[code].pk)] for code in ("fiscal_rd", "fiscal_popular"))
    assert "701 + 5350 = 6051" in group["remarks"] and "改成 535" in group["remarks"]
    assert own["remarks"] is None and own["severity"] == "red"


def test_the_second_writer_is_told_who_wrote_what_and_keeps_the_text(office):
    office.send(code="st_loans", text="350", version=0)
    answer = office.send(code="st_loans", text="360", version=0)
    assert answer.status_code == 409
    told = answer.json()
    assert told["problem"].endswith("16:42 已改成“350”，您写的还在。")
    assert told["rows"][str(office.rows["st_loans"].pk)]["version"] == 1
    assert Cell.objects.for_system("测试").get().text == "350"


def test_text_of_a_stranger_kind_is_not_taken(office):
    office.send(code="st_loans", text={"a": 1}, version="x")
    assert office.send(code="st_loans", text="<b>1</b>", version=0).status_code == 200
    page = office.filler.get(office.at()).content.decode()
    assert "<b>1</b>" not in page
    answer = office.filler.post(office.at("desk:sheet_cell"), "[1", content_type="application/json")
    assert answer.status_code == 404


def test_z_reports_zero_and_says_who(office):
    answer = office.send(code="hitech_applied", zero=True, version=0).json()
    row = answer["rows"][str(office.rows["hitech_applied"].pk)]
    assert row["zero"] and "已作零报告，16:42" in row["remarks"]


def test_a_column_is_pasted(office):
    answer = office.send(name="desk:sheet_paste", code="tech_sme", texts=["4", "0", "350", "260"]).json()
    assert answer["rows"][str(office.rows["farm_training"].pk)]["text"] == "260"


def test_all_zero(office):
    assert office.send(name="desk:sheet_zero").json()["foot"]["left"] == 0


def test_a_request_without_its_token_changes_nothing(office):
    client = office.staff.client("county_filler", enforce_csrf_checks=True)
    assert office.send(client, code="st_loans", text="350", version=0).status_code == 403
    assert not Cell.objects.for_system("测试").exists()


# ---- who gets in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["desk:sheet", "desk:sheet_workbook"])
def test_another_county_is_not_there_and_the_audit_says_who_asked(office, name):
    assert office.filler.get(office.at(name, office.staff.other)).status_code == 404
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.outcome) == ("拒绝", "拒绝") and "岚川县" in entry.target


@pytest.mark.parametrize(
    "name",
    [
        "desk:sheet_cell",
        "desk:sheet_paste",
        "desk:sheet_zero",
        "desk:sheet_act",
        "desk:sheet_adjust",
        "desk:sheet_fill",
    ],
)
def test_another_county_is_not_written_to(office, name):
    assert (
        office.send(name=name, region=office.staff.other, code="st_loans", text="1", version=0).status_code
        == 404
    )
    assert not Sheet.objects.for_system("测试").exists()


def test_the_reviewer_does_not_type(office):
    assert (
        office.send(office.staff.client("county_reviewer"), code="st_loans", text="1", version=0).status_code
        == 403
    )


@pytest.mark.parametrize(
    "who", ["leader", "office", "inspector", "system_admin", "security_admin", "audit_admin"]
)
def test_others_do_not_open_a_county_sheet(office, who):
    assert office.staff.client(who).get(office.at()).status_code == 403


def test_the_city_looks_but_does_not_type(office):
    office.fill()
    planner = office.staff.client("planning")
    page = planner.get(office.at())
    assert page.status_code == 200 and "data-text" not in page.content.decode()
    assert office.send(planner, code="st_loans", text="1", version=1).status_code == 400


def test_an_unknown_form_or_period_is_not_there(office):
    assert office.filler.get("/desk/entry/nothing/991001/2026-09/").status_code == 404
    assert office.filler.get(office.at(period="2026-01")).status_code == 404
    assert office.filler.get(office.at(period="昨天")).status_code == 404


# ---- the way up --------------------------------------------------------------------------------------------


def test_an_unfinished_sheet_is_not_handed_in_and_the_page_jumps_to_the_first_open_row(office):
    office.send(code="budget_expenditure", text="198390", version=0)
    answer = office.act("county_filler", "hand_in")
    assert "还差 10 处" in answer.content.decode()
    assert answer.redirect_chain[-1][0].endswith(f"#row-{office.rows['budget_own'].pk}")
    assert office.sheet.state == "draft"


def test_a_month_goes_from_the_clerk_to_the_city(office):
    assert office.report().state == "signed"
    office.act("planning", "verify")
    sheet = office.sheet
    assert (sheet.state, sheet.is_late) == ("verified", False)
    page = office.filler.get(office.at()).content.decode()
    for word in ("送审核", "审核通过", "报市局", "核实"):
        assert word in page  # the history speaks Chinese
    assert "hand_in" not in page.split('id="en-foot"')[1].split("经过")[-1]


def test_the_step_that_brings_it_on_stands_last(office):
    office.fill()
    office.act("county_filler", "hand_in")
    office.act("county_reviewer", "review")
    foot = (
        office.staff.client("county_head")
        .get(office.at())
        .content.decode()
        .split('id="en-act"')[1]
        .split("</form>")[0]
    )
    assert foot.rindex('value="sign"') > foot.rindex('value="send_back"')
    assert 'primary" name="action" value="sign"' in foot


def test_a_step_seen_on_an_old_page_is_refused(office):
    office.fill()
    office.act("county_filler", "hand_in")
    answer = office.act("county_reviewer", "review", expected="draft")
    assert "有人先办了" in answer.content.decode()
    assert office.sheet.state == "filled"


def test_the_city_returns_a_row_and_only_that_row_is_open(office):
    office.report()
    row = office.rows["st_loans"]
    answer = office.act("planning", "return", rows=[row.pk], note="第 11 行与回单差 30")
    assert office.sheet.state == "returned", answer.content.decode()
    page = office.filler.get(office.at()).content.decode()
    assert "第 11 行与回单差 30" in page
    assert page.count("data-text") == 1
    assert office.send(code="farm_training", text="1", version=1).status_code == 400


def test_a_returned_month_is_named_on_the_next_one(office):
    office.report()
    office.act("planning", "return", rows=[office.rows["st_loans"].pk], note="差 30")
    with clock.pretend(at(11, 3)):
        page = office.filler.get(office.at(period="2026-10")).content.decode()
    assert "9月科技统计月报 已退回" in page


def test_supplying_is_offered_only_where_something_was_not_out(office):
    office.report()
    assert (
        "补报" not in office.filler.get(office.at()).content.decode().split("en-act")[1].split("</form>")[0]
    )


def test_the_printed_sheet_carries_the_heads_of_a_statistical_form(office):
    page = office.filler.get(office.at()).content.decode()
    for words in (
        "表　　号：试科统 01 表",
        "制定机关：试验市科学技术局",
        "批准文号：试统制〔2026〕1号",
        "有效期至：2027年12月",
        "盖章处",
        "草稿，还有 11 处未齐，未报出",
    ):
        assert words in page
    assert Unit.objects.get(region=office.staff.county).name in page
    office.report()
    page = office.filler.get(office.at()).content.decode()
    assert "草稿" not in page and "报出日期：2026年10月9日" in page


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


# ---- whose turn it is --------------------------------------------------------------------------------------


def badge(page):
    found = re.search(r'ks-count" aria-label="等办 (\d+) 件"', page)
    return int(found.group(1)) if found else 0


def test_the_rail_counts_the_months_that_wait_for_me(office):
    def badges():
        pages = [
            office.staff.client(who).get(office.at()).content.decode()
            for who in ("county_filler", "county_reviewer", "county_head", "planning")
        ]
        return [badge(page) for page in pages]

    # 1—2月 and March to September have ended and nobody has begun: eight for the clerk
    assert badges() == [8, 0, 0, 0]
    office.fill()
    office.act("county_filler", "hand_in")
    assert badges() == [7, 1, 0, 0]
    office.act("county_reviewer", "review")
    office.act("county_head", "sign")
    assert badges() == [7, 0, 0, 1]


def test_a_fragment_does_not_count_what_waits(office, django_assert_max_num_queries):
    from keshu.desk import shell

    request = office.filler.get(office.at()).wsgi_request
    with django_assert_max_num_queries(3):  # the posts of the person menu
        found = shell.context(request)
    with django_assert_max_num_queries(4):
        assert [entry["badge"] for entry in found["nav"] if entry["label"] == "填报"] == [8]


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
