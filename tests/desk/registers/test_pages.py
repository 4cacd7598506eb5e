"""台账 pages: what each sees, search and sums, a step taken on the page, two people at once."""

import csv
import io
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from keshu.desk.registers.doors import Door
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.ledger.registers import by_code
from keshu.programmes.models import Application

pytestmark = pytest.mark.django_db
LIST = "/desk/registers/programmes/"


@pytest.fixture
def rows(office):
    """Three: north's draft, south's submitted, south's approved (of another call row so that the limit does not matter)."""
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    draft = office.draft("north", title="隔膜草稿")
    sent = office.step(office.draft("south", title="数控主轴", asked=Decimal("300000")), "submit", "south")
    approved = office.to(office.draft("south", title="减速器", asked=Decimal("260000")), "approved")
    return {"draft": draft, "sent": sent, "approved": approved}


def titles(answer):
    return {line["title"] for line in answer.context["lines"]}


def test_each_sees_its_own_and_nobody_another_s_draft(office, rows):
    see = {
        who: titles(office.staff.client(who).get(LIST)) for who in ("north", "south", "office", "county_head")
    }
    assert see["north"] == {"隔膜草稿"}
    assert see["south"] == {"数控主轴", "减速器"}
    assert see["office"] == see["county_head"] == {"数控主轴", "减速器"}


def test_a_record_out_of_scope_is_not_there_and_the_try_is_kept(office, rows):
    answer = office.staff.client("north").get(reverse("desk:record", args=["programmes", rows["sent"].pk]))
    assert answer.status_code == 404
    assert AuditEntry.objects.latest("pk").kind == "拒绝"
    act = reverse("desk:record_act", args=["programmes", rows["sent"].pk])
    assert office.staff.client("north").post(act, {"action": "withdraw"}).status_code == 404


def test_search_and_conditions_stand_in_the_address_and_the_foot_sums_what_is_filtered(office, rows):
    client = office.staff.client("office")
    page = client.get(LIST, {"q": "主轴"})
    assert titles(page) == {"数控主轴"} and page.context["page"].paginator.count == 1
    page = client.get(LIST, {"state": "approved"})
    assert titles(page) == {"减速器"}
    assert page.context["totals"] == [
        {"label": "申请", "text": "26.00", "unit": "万元"},
        {"label": "立项", "text": "26.00", "unit": "万元"},
    ]
    assert titles(client.get(LIST, {"year": "二〇二六"})) == set()
    assert "没有符合条件的记录" in client.get(LIST, {"q": "没有的"}).content.decode()
    assert titles(client.get(LIST, {"sort": "nonsense", "columns": "x"})) == {"数控主轴", "减速器"}


def test_a_renamed_organisation_is_found_in_the_list_by_the_name_it_had(office, rows):
    unit = rows["sent"].unit
    old = unit.name
    with writing(office.actors["planning"], "更名"):
        unit.name = "远桥智能装备股份有限公司"
        unit.save()
    client = office.staff.client("office")
    for text in (old, "远桥智能"):
        assert titles(client.get(LIST, {"q": text})) == {"数控主轴", "减速器"}
    assert titles(client.get(LIST, {"q": "从没有过的名字"})) == set()


def test_the_primary_button_stands_at_the_right_end_of_the_head():
    doors = [Door("登记一条", "/enter/", primary=True)]
    shown = {"register": by_code("programmes"), "doors": doors, "export_href": "/x/", "print_href": "/p/"}
    head = render_to_string("registers/list.html", shown)
    head = head[head.index('class="ks-acts"') :]
    assert head.index("导出") < head.index("打印") < head.index("登记一条")


def test_what_waits_for_me_is_counted(office, rows):
    views = {
        v["label"]: v.get("count") for v in office.staff.client("county_head").get(LIST).context["views"]
    }
    assert views["等我办"] == 1
    assert titles(office.staff.client("county_head").get(LIST, {"view": "mine"})) == {"数控主轴"}


def test_a_step_on_the_page_and_the_second_of_two_people(office, rows):
    client = office.staff.client("county_head")
    act = reverse("desk:record_act", args=["programmes", rows["sent"].pk])
    page = client.get(reverse("desk:record", args=["programmes", rows["sent"].pk])).content.decode()
    assert "轮到你" in page and "推荐" in page
    assert client.post(act, {"action": "recommend", "state": "submitted"}).status_code == 302
    assert Application.objects.for_system("测试").get(pk=rows["sent"].pk).state == "recommended"
    late = client.post(act, {"action": "send_back", "state": "submitted", "note": "预算缺附件"})
    assert late.status_code == 409
    said = late.content.decode()
    assert "有人先办了" in said and "预算缺附件" in said


def test_a_refusal_keeps_what_was_typed_and_says_why(office, rows):
    act = reverse("desk:record_act", args=["programmes", rows["sent"].pk])
    answer = office.staff.client("county_head").post(act, {"action": "send_back", "state": "submitted"})
    assert answer.status_code == 422 and "要写明原因" in answer.content.decode()
    answer = office.staff.client("office").post(act, {"action": "recommend", "note": "代办"})
    assert answer.status_code == 422 and "代办" in answer.content.decode()


def test_the_export_carries_the_filtered_rows_and_is_kept_in_the_log(office, rows):
    answer = office.staff.client("office").get(f"{LIST}export/", {"format": "csv", "state": "approved"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:3] == ["编号", "项目名称", "承担单位"]
    assert [line[1] for line in lines[1:]] == ["减速器"]
    assert AuditEntry.objects.latest("pk").target == "台账 科技计划项目"
    assert office.staff.client("office").get(f"{LIST}export/").content[:2] == b"PK"


@pytest.mark.parametrize("who", ["office", "south"])
def test_a_list_asks_the_same_number_of_queries_for_one_row_and_for_three(
    office, who, django_assert_max_num_queries, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office.call.most_per_unit = None
    client = office.staff.client(who)
    counts = []
    for number in (1, 2):
        for n in range(number):
            office.step(
                office.draft("south", title=f"项目{number}{n}"), "submit", "south"
            ) if number == 1 else (office.draft("south", title=f"草稿{n}"))
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(LIST)
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert counts[0] <= 30


def test_a_figure_opens_to_the_records_behind_it(office, rows):
    client = office.staff.client("office")
    said = client.get(
        "/desk/trace/", {"name": "projects_approved", "region": "991000", "period": "2026"}
    ).content.decode()
    assert "台账记录 1 条" in said and "减速器" in said
    assert reverse("desk:record", args=["programmes", rows["approved"].pk]) in said
    assert "共 <b>1</b> 条，加起来就是上面的数" in said


def test_moments_on_a_record_are_local(office, rows):
    """Submitted at 09:00 in Shanghai."""
    page = office.staff.client("south").get(reverse("desk:record", args=["programmes", rows["sent"].pk]))
    assert [step["note"] for step in page.context["steps"] if step["state"] == "now"] == ["03-16 09:00"]
    assert page.context["turn"] == "等有“推荐”权限的人办"


def test_searching_and_choosing_columns_carry_everything_else_along(office, rows):
    page = office.staff.client("office").get(
        LIST,
        {
            "q": "轴",
            "state": "submitted",
            "region": "991001",
            "view": "mine",
            "sort": "year",
            "columns": "title,year",
        },
    )
    asked = page.context["asked"]
    kept = {"state": "submitted", "region": "991001", "view": "mine", "sort": "year"}
    assert asked.beside_text == {**kept, "columns": "title,year"}
    assert asked.beside_columns == {**kept, "q": "轴"}
    for name, value in asked.beside_columns.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page.content.decode()
