"""项目执行 pages: cards on the project's page, forms that give back what was typed, each person what is theirs."""

import io
import re
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from keshu.diary.due import Dues
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.procedure.moving import move
from keshu.programmes.contracts import goals_of
from keshu.programmes.inspections import PROCEDURE as INSPECTING
from keshu.programmes.inspections import inspections_of, plan
from keshu.programmes.models import Application, Change, Inspection, Payment
from keshu.programmes.payments import pay
from keshu.terms import clock

pytestmark = pytest.mark.django_db


def page(row):
    return reverse("desk:record", args=["programmes", row.pk])


def at(year, month, day):
    return clock.pretend(datetime(year, month, day, 9, 0, tzinfo=clock.TZ))


def seen(office, who, row):
    return office.staff.client(who).get(page(row)).content.decode()


@pytest.fixture
def approved(office):
    return office.to(office.draft(goals="形成样机 1 台套，申请发明专利 2 件"), "approved")


@pytest.fixture
def running(office):
    return office.to(office.draft(goals="良率 95%；申请专利 2 件"), "running")


# ---- contract -------------------------------------------------------------------------------------------------


def test_the_contract_begins_with_the_goals_of_the_application(office, approved):
    said = office.staff.client("north").get(reverse("desk:projects_contract", args=[approved.pk]))
    text = said.content.decode()
    assert "按申报书的考核指标拆好" in text
    assert 'value="形成样机"' in text and 'value="2 件"' in text
    assert "写任务书" in seen(office, "north", approved) and "写任务书" not in seen(
        office, "leader", approved
    )


def test_the_indirect_cost_is_worked_out_before_anything_is_kept(office, approved):
    """1,500 less 300 is 1,200: 500×30% + 500×25% + 200×20% = 315."""
    client, form = office.staff.client("north"), reverse("desk:projects_contract", args=[approved.pk])
    typed = {"goal.1.text": "良率", "goal.1.promised": "95%", "direct_cost": "1500", "equipment_cost": "300"}
    text = client.post(form, {**typed, "do": "check"}).content.decode()
    assert "500×30% + 500×25% + 200×20%" in text and "<b>315</b>" in text
    assert goals_of(approved) == []
    refused = client.post(form, {**typed, "indirect_cost": "316"})
    assert refused.status_code == 422 and "超过上限 315 万元" in refused.content.decode()
    assert 'value="316"' in refused.content.decode()
    # 1500 + 315 is spent, 50 granted and 1700 own come in: 65 too little
    unequal = client.post(form, {**typed, "indirect_cost": "315", "own_funds": "1700", "do": "check"})
    assert "支出合计 1815 万元，立项加自筹 1750 万元，两边不等" in unequal.content.decode()
    assert client.post(form, {**typed, "indirect_cost": "315"}).status_code == 302
    assert [goal.promised for goal in goals_of(approved)] == ["95%"]
    card = seen(office, "office", approved)
    assert "间接费用上限" in card and "500×30% + 500×25% + 200×20%" in card


def test_the_contract_on_paper_names_the_three_parties(office, running):
    answer = office.staff.client("north").get(reverse("desk:projects_contract_paper", args=[running.pk]))
    paper = Document(io.BytesIO(answer.content))
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "甲方（下达部门）。青禾市科学技术局" in text and "乙方（承担单位）。北岭新材料有限公司" in text
    assert "丙方（归口管理单位）。望岭县科学技术局" in text and "2026年6月1日至2028年5月31日" in text
    cells = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert cells == [["序号", "指标", "约定值"], ["1", "良率", "95%"], ["2", "申请专利", "2 件"]]
    assert AuditEntry.objects.filter(kind="导出", target__startswith="任务书").count() == 1


# ---- payments -------------------------------------------------------------------------------------------------


def test_a_document_is_typed_once_for_all_its_projects(office, running):
    client = office.staff.client("office")
    with at(2026, 6, 10):
        form = client.get(reverse("desk:projects_pay")).content.decode()
        assert running.title in form
        typed = {"doc_no": "青财教〔2026〕33号", "on": "2026-06-08", "level": "city"}
        amount = f"amount.{running.pk}"
        refused = client.post(reverse("desk:projects_pay"), {**typed, amount: "60"})
        assert refused.status_code == 422 and "最多 50 万元" in refused.content.decode()
        assert "青财教〔2026〕33号" in refused.content.decode() and 'value="60"' in refused.content.decode()
        assert client.post(reverse("desk:projects_pay"), {**typed, amount: "三十"}).status_code == 422
        assert client.post(reverse("desk:projects_pay"), {**typed, amount: "30.5"}).status_code == 302
    assert Payment.objects.for_system("测试").get().amount == Decimal("305000")
    card = seen(office, "north", running)
    assert "立项 50 万元，已拨 30.5 万元，还可拨 19.5 万元" in card
    assert "登记拨款" not in card and "登记拨款" in seen(office, "office", running)


# ---- changes --------------------------------------------------------------------------------------------------


def test_a_change_is_asked_for_on_the_page_and_a_late_one_is_told_its_days(office, running):
    client, form = office.staff.client("north"), reverse("desk:projects_change", args=[running.pk])
    assert "延期最迟 2028-02-29 提出" in client.get(form).content.decode()
    with at(2028, 3, 1):
        late = client.post(form, {"kind": "extend", "new_end": "2028-12-31", "reason": "部件晚到"})
    assert late.status_code == 422 and "最迟 2028-02-29 提出，今天 2028-03-01 已晚" in late.content.decode()
    assert "部件晚到" in late.content.decode()
    answer = client.post(form, {"kind": "extend", "new_end": "2028-12-31", "reason": "部件晚到"})
    made = Change.objects.for_system("测试").get()
    record = reverse("desk:record", args=["changes", made.pk])
    assert answer["Location"] == record
    county = office.staff.client("county_head")
    act = reverse("desk:record_act", args=["changes", made.pk])
    opinion = {"action": "opine", "opine.view": "agree", "opine.opinion": "情况属实"}
    assert county.post(act, opinion).status_code == 302
    done = {"action": "approve", "approve.doc_no": "青科函〔2026〕5号"}
    assert office.staff.client("office").post(act, done).status_code == 302
    assert "2028-12-31" in seen(office, "office", running) and "已延期 1 次" in seen(office, "north", running)
    assert office.staff.client("south").get(record).status_code == 404


def test_a_goal_to_be_changed_is_chosen_from_the_contract(office, running):
    client, form = office.staff.client("north"), reverse("desk:projects_change", args=[running.pk])
    goal = goals_of(running)[1]
    typed = {"kind": "content", "goal": str(goal.pk), "after": "1 件", "reason": "审查周期变长"}
    assert client.post(form, {**typed, "goal": "999999"}).status_code == 422
    assert client.post(form, typed).status_code == 302
    assert Change.objects.for_system("测试").get().goal == goal
    unknown = client.post(form, {"kind": "unit", "unit": "没有的公司", "reason": "分立"})
    assert "没有找到单位“没有的公司”" in unknown.content.decode()


# ---- checks ---------------------------------------------------------------------------------------------------


def test_a_check_is_planned_for_all_that_are_ticked(office, running):
    client, form = office.staff.client("office"), reverse("desk:projects_plan")
    assert running.title in client.get(form).content.decode()
    assert running.title not in client.get(form, {"scope": "closed"}).content.decode()
    assert running.title not in client.get(form, {"scope": "half"}).content.decode()
    with at(2027, 6, 1):
        assert running.title in client.get(form, {"scope": "half"}).content.decode()
    assert "没有符合条件的项目" in client.get(form, {"level": "nation"}).content.decode()
    refused = client.post(form, {"kind": "action", "campaign": "滤镜行动第一批"})
    assert refused.status_code == 422 and "先选再安排" in refused.content.decode()
    typed = {"kind": "action", "campaign": "滤镜行动第一批", "project": [str(running.pk)]}
    assert client.post(form, typed).status_code == 302
    made = inspections_of(running)[0]
    assert (made.kind, made.campaign, made.state) == ("action", "滤镜行动第一批", "planned")
    assert made.number in seen(office, "north", running)
    act = reverse("desk:record_act", args=["inspections", made.pk])
    found = {
        "action": "found",
        "found.done_on": "2026-03-16",
        "found.findings": "台账与实物不符",
        "found.rectify_by": "2026-04-16",
    }
    assert client.post(act, found).status_code == 302
    answer = {"action": "rectify", "rectify.rectified": "已补登"}
    assert office.staff.client("north").post(act, answer).status_code == 302
    assert client.post(act, {"action": "close"}).status_code == 302
    assert Inspection.objects.for_system("测试").get().state == "closed"


# ---- chase ----------------------------------------------------------------------------------------------------


def test_the_late_ones_are_chased_from_their_list(office, running):
    client, there = office.staff.client("office"), reverse("desk:projects_overdue")
    assert "没有逾期的项目" in client.get(there).content.decode()
    with at(2028, 12, 1):
        said = client.get(there).content.decode()
        assert running.title in said and "提醒" in said
        told = client.post(reverse("desk:projects_chase"), {"project": [running.pk]}, follow=True)
        assert "已催办 1 个项目" in told.content.decode() and "下一步" in told.content.decode()
        again = client.post(reverse("desk:projects_chase"), {"project": [running.pk]}, follow=True)
        assert "按规则隔 30 天再催" in again.content.decode()
        assert "没有选项目" in client.post(reverse("desk:projects_chase"), follow=True).content.decode()
        assert "催办选中的" not in office.staff.client("leader").get(there).content.decode()


def test_the_list_of_the_late_asks_the_same_number_of_queries_for_one_row_and_for_three(office):
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    client, counts = office.staff.client("office"), []
    for titles in (("甲",), ("乙", "丙")):
        for title in titles:
            small = {"title": title, "leader": f"负责人{title}", "asked": Decimal("100000")}
            office.to(office.draft(**small), "running")
        with at(2028, 12, 1):
            client.get(reverse("desk:projects_overdue"))
            with CaptureQueriesContext(connection) as caught:
                client.get(reverse("desk:projects_overdue"))
        counts.append(len(caught))
    assert counts[0] == counts[1]


# ---- acceptance -----------------------------------------------------------------------------------------------


def test_values_then_verdicts_then_what_is_lacking(office, running):
    north, bureau = office.staff.client("north"), office.staff.client("office")
    form = reverse("desk:projects_acceptance", args=[running.pk])
    text = north.get(form).content.decode()
    assert "每条填完成值和佐证" in text and 'name="verdict.1"' not in text
    typed = {"reached.1": "96%", "proof.1": "检测报告", "reached.2": "2 件", "proof.2": "受理通知书"}
    assert north.post(form, {**typed, "achievement": "CG2028-3"}).status_code == 302
    running = office.step(running, "apply_acceptance", "north")
    text = bureau.get(form).content.decode()
    assert "第 1、2 条还没有对照" in text and 'name="reached.1"' not in text
    assert "受理通知书" in text and 'value="CG2028-3"' in text
    done = {"verdict.1": "met", "verdict.2": "partly", "achievement": "CG2028-3", "report": "BG2028-1"}
    assert bureau.post(form, done).status_code == 302
    text = bureau.get(form).content.decode()
    # (1 + 0.5) / 2 = 75 %, below 80 %
    assert "完成 75.0%，按参考线 <b>不通过</b>" in text and "低于 80% 不通过，低于 90% 复议" in text
    card = seen(office, "office", running)
    assert "部分完成" in card and "20 万元及以上要审计" in card
    assert f"only={running.pk}&amp;scope=all&amp;since=2026&amp;kind=audit" in card
    assert bureau.post(form, {"verdict.1": "perfect"}).status_code == 422


# ---- archive --------------------------------------------------------------------------------------------------


def test_a_closed_project_is_filed_and_its_list_goes_out(office):
    row = office.to(office.draft(), "passed")
    client, form = office.staff.client("office"), reverse("desk:projects_archive", args=[row.pk])
    text = client.get(form).content.decode()
    assert "验收意见书 2026-01" in text and "QH-BG-2027-003" in text
    out = reverse("desk:projects_archive_list", args=[row.pk])
    assert client.get(out).status_code == 404
    refused = client.post(form, {"1.kind": "任务书", "1.doc_no": "", "1.dated": "", "1.keep": ""})
    assert refused.status_code == 422 and "没有选保管期限" in refused.content.decode()
    typed = {"1.kind": "任务书", "1.doc_no": "青科合〔2026〕8号", "1.dated": "2026-06-01", "1.keep": "永久"}
    assert client.post(form, typed).status_code == 302
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(out).content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:2] == ("档号", "项目编号") and rows[2][0] == "KJXM2026-0001-001"
    assert "档号 KJXM2026-0001" in seen(office, "north", row)
    assert office.staff.client("north").get(out).status_code == 200
    assert office.staff.client("south").get(out).status_code == 404
    year = client.get(reverse("desk:projects_archive_year", args=[2026]))
    assert year.content[:2] == b"PK"


# ---- who sees what --------------------------------------------------------------------------------------------


def test_nobody_opens_the_forms_of_a_stranger_or_of_what_was_not_approved(office, running):
    south = office.staff.client("south")
    for name in ("contract", "change", "acceptance", "contract_paper"):
        assert south.get(reverse(f"desk:projects_{name}", args=[running.pk])).status_code == 404
    draft = office.draft("south", title="还没立项")
    assert south.get(reverse("desk:projects_contract", args=[draft.pk])).status_code == 404
    assert "任务书与指标" not in south.get(page(draft)).content.decode()


def test_the_registers_of_payments_changes_and_checks_ask_the_same_for_one_row_and_for_three(office, running):
    def fill(n):
        with at(2026, 6, 10):
            pay(
                {running.pk: Decimal("1000")},
                office.actors["office"],
                doc_no=f"文{n}",
                on=date(2026, 6, 8),
                level="city",
            )
        plan([running], "action", office.actors["office"], year=2026, campaign=f"第{n}批")

    client, counts = office.staff.client("office"), []
    for numbers in ((1,), (2, 3)):
        for n in numbers:
            fill(n)
        found = []
        for code in ("payments", "inspections"):
            client.get(reverse("desk:register", args=[code]))
            with CaptureQueriesContext(connection) as caught:
                client.get(reverse("desk:register", args=[code]))
            found.append(len(caught))
        counts.append(found)
    assert counts[0] == counts[1]


def test_the_page_of_a_payment_names_its_project(office, running):
    with at(2026, 6, 10):
        (made,) = pay(
            {running.pk: Decimal("1000")},
            office.actors["office"],
            doc_no="文",
            on=date(2026, 6, 8),
            level="city",
        )
    text = (
        office.staff.client("north").get(reverse("desk:record", args=["payments", made.pk])).content.decode()
    )
    assert re.search(rf'href="{page(running)}">{running.title}', text)
    assert Application.objects.for_system("测试").get(pk=running.pk).paid == Decimal("1000")


# ---- what is due ----------------------------------------------------------------------------------------------


def test_the_last_day_to_ask_for_an_extension_is_in_the_diary_until_it_is_gone(office, running):
    """Ends on 2028-05-31: until 2028-02-29, and nothing overdue afterwards; rectification is due by its own day."""

    def found(who):
        north = office.actors[who]
        return [
            (item.label, item.day)
            for item in Dues(north, None, date(2028, 12, 31))
            if item.title == running.title
        ]

    with at(2028, 2, 20):
        assert ("延期最迟提出", date(2028, 2, 29)) in found("north")
        assert "延期最迟提出" not in dict(found("office"))
    with at(2028, 3, 1):
        assert "延期最迟提出" not in dict(found("north"))
    (made,) = plan([running], "action", office.actors["office"], year=2026)
    given = {"done_on": date(2026, 3, 16), "findings": "台账不符", "rectify_by": date(2026, 4, 16)}
    move(made, "found", office.actors["office"], procedure=INSPECTING, given=given)
    due = [(item.label, item.day) for item in Dues(office.actors["north"], None, date(2026, 12, 31))]
    assert ("整改期限", date(2026, 4, 16)) in due
