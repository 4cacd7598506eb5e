"""Saved views; rows that always open; print; what stands and what came new; batch rows."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from keshu.figures import counting
from keshu.journal.writing import writing
from keshu.ledger.batches import ItemiseRefused, itemise, put_back, tied_to
from keshu.ledger.models import Itemised, SavedView
from keshu.ledger.registers import by_code
from keshu.ledger.saved import MOST, ViewRefused, drop, keep, rename, views_of
from keshu.procedure.moving import moves_of
from keshu.programmes.models import Application
from keshu.terms import clock

pytestmark = pytest.mark.django_db
LIST = "/desk/registers/programmes/"


def at(name, *args):
    return reverse(f"desk:{name}", args=["programmes", *args])


def approved(office, **values):
    """An approved project as it is entered later: its document names the day."""
    unit = office.actors["north"].unit_id
    with writing(office.actors["planning"], "补登"):
        row = Application(
            **{
                "call": office.call,
                "year": 2026,
                "level": "city",
                "field": "industry",
                "unit_id": unit,
                "region": office.staff.county,
                "state": "approved",
                "title": "项目",
                "granted": Decimal(100000),
                "approved_on": date(2026, 2, 10),
                **values,
            }
        )
        row.save()
    return row


# ---- saved views


def test_a_view_is_kept_opened_renamed_and_dropped_on_the_page(office):
    client = office.staff.client("planning")
    client.post(
        at("view_keep"), {"name": " 市级  待审 ", "question": "?state=admitted&level=city&page=9&x=1"}
    )
    view = SavedView.objects.for_system("测试").get()
    assert (view.name, view.question) == ("市级 待审", "level=city&state=admitted")
    page = client.get(f"{LIST}?{view.question}")
    assert [one["label"] for one in page.context["views"] if one["current"]] == ["市级 待审"]
    change = reverse("desk:view_change", args=["programmes", view.pk])
    client.post(change, {"action": "rename", "name": "待审"})
    view.refresh_from_db()
    assert view.name == "待审"
    assert office.staff.client("office").post(change, {"action": "drop"}).status_code == 404
    client.post(change, {"action": "drop"})
    assert not SavedView.objects.for_system("测试").exists()


def test_a_refused_name_comes_back_in_its_field(office):
    client = office.staff.client("planning")
    answer = client.post(at("view_keep"), {"name": "长" * 31, "question": "?q=a"}, follow=True)
    said = answer.content.decode()
    assert "最多 30 个" in said and "长" * 31 in said and answer.context["asked"].text == "a"


def test_sharing_is_for_those_who_keep_ledgers_and_ends_with_the_organisation(office):
    planning, head = office.actors["planning"], office.actors["county_head"]
    shared = keep(planning, "programmes", "在研", "?state=running", shared=True)
    assert shared in views_of(office.actors["office"], "programmes")
    assert shared not in views_of(head, "programmes")
    with pytest.raises(ViewRefused, match="管台账"):
        keep(head, "programmes", "我的", "?q=1", shared=True)
    rename(shared, office.actors["office"], "在研项目")
    with pytest.raises(ViewRefused, match="存的，不能改"):
        drop(shared, office.actors["leader"])


def test_the_same_name_replaces_taken_names_and_too_many_are_said(office):
    planning = office.actors["planning"]
    keep(planning, "programmes", "一", "?q=1")
    assert keep(planning, "programmes", "一", "?q=2").question == "q=2"
    second = keep(planning, "programmes", "二", "?q=3")
    with pytest.raises(ViewRefused, match="已有一个视图叫“一”"):
        rename(second, planning, "一")
    for n in range(MOST - 2):
        keep(planning, "programmes", f"视图{n}", "?q=4")
    with pytest.raises(ViewRefused, match=f"已存了 {MOST} 个"):
        keep(planning, "programmes", "再一个", "?q=5")
    with pytest.raises(ViewRefused, match="还没有名字"):
        keep(planning, "programmes", " \u3000", "?q=5")
    with pytest.raises(ViewRefused, match="最多存"):
        keep(planning, "programmes", "长", "?q=" + "x" * 2000)


# ---- rows and print


def test_without_the_name_column_the_first_column_opens_the_record(office):
    row = approved(office)
    page = office.staff.client("planning").get(LIST, {"columns": "year,state"})
    cells = page.context["lines"][0]["cells"]
    assert [cell["name"] for cell in cells] == [True, False]
    assert f'<a href="{at("record", row.pk)}">2026</a>' in page.content.decode()


def test_the_print_says_its_conditions_its_moment_and_who_printed(office):
    approved(office)
    page = office.staff.client("planning").get(
        at("register_print"), {"state": "approved", "q": "项目", "columns": "title,granted"}
    )
    said = {one["label"]: one["value"] for one in page.context["asof"]}
    assert said["条件"] == "查找 项目；状态 已立项"
    assert said["数据截至"] == "2026-03-16 09:00"
    assert said["打印"] == office.actors["planning"].name
    assert [head["label"] for head in page.context["heads"]] == ["项目名称", "立项（万元）"]


def test_a_print_stops_at_two_thousand_rows_and_says_so(office):
    made = [
        Application(call=office.call, year=2026, level="city", field="soft", region=office.staff.county,
                    state="approved", title=f"项目{n}")
        for n in range(2003)
    ]  # fmt: skip
    Application._base_manager.bulk_create(made)
    page = office.staff.client("planning").get(at("register_print"))
    assert (len(page.context["lines"]), page.context["left"], page.context["count"]) == (2000, 3, 2003)
    assert "一次最多打印 2,000 行" in page.content.decode()


# ---- what stands and what came new


def test_stock_and_flow_stand_above_the_list_and_each_number_opens_its_records(office):
    """On 16 March 2026: of four approved one is closed, one is of last year; two came new this year."""
    old = approved(office, title="去年的", approved_on=date(2025, 5, 1))
    approved(office, title="去年结的", approved_on=date(2025, 5, 1), closed_on=date(2026, 1, 9))
    new = approved(office, title="今年的", approved_on=date(2026, 1, 31))
    batch = approved(office, title="今年一批", approved_on=date(2026, 3, 16), items=3)
    approved(office, title="以后的", approved_on=date(2026, 3, 17))
    client = office.staff.client("planning")
    page = client.get(LIST)
    stock = next(one for one in page.context["standing"] if one["stock"])
    # Stock: last year's 1 + this year's 1 + a batch of 3 = 5; new: 1 + 3 = 4.
    assert (stock["text"], stock["new"]) == ("5", "4")
    assert {line["pk"] for line in client.get(stock["href"]).context["lines"]} == {old.pk, new.pk, batch.pk}
    opened = client.get(stock["new_href"])
    assert {line["pk"] for line in opened.context["lines"]} == {new.pk, batch.pk}
    chip = next(one for one in opened.context["filters"] if one.get("remove_href"))
    assert chip["value"] == "2026-03-16 在册，2026-01-01 起新增"
    assert len(client.get(LIST + chip["remove_href"]).context["lines"]) == 5
    money = next(one for one in page.context["standing"] if one["unit"] == "万元")
    assert money["text"] == "20.00"  # two rows of 100,000 since January
    part = client.get(opened.context["standing_href"])
    assert part.context["standing"][0]["text"] == page.context["standing"][0]["text"]


def test_the_line_above_a_filtered_list_is_of_what_is_filtered(office):
    approved(office, title="农业的", field="agriculture")
    approved(office, title="工业的")
    page = office.staff.client("planning").get(LIST, {"field": "agriculture"})
    stock = next(one for one in page.context["standing"] if one["stock"])
    assert stock["text"] == "1" and "field=agriculture" in stock["href"]


# ---- batch rows


def counted(office, code):
    """What the cube says of a measure over all months."""
    register = by_code("programmes")
    assert counting.differing()[1] == []
    return sum(
        amount for (measure, _, _), (amount, _) in counting.recounted(register).items() if measure == code
    )


def measure_pk(code):
    from keshu.figures.models import Measure

    return Measure.objects.get(code=code).pk


def test_a_batch_row_says_so_in_list_record_and_trace(office):
    row = approved(office, title="一批软科学", items=20)
    client = office.staff.client("planning")
    assert "汇总 20 件，未逐条" in client.get(LIST).content.decode()
    assert "汇总 20 件，未逐条" in client.get(at("record", row.pk)).content.decode()
    said = client.get(
        "/desk/trace/", {"name": "projects_approved", "region": "991000", "period": "2026"}
    ).content.decode()
    assert "汇总 20 件，未逐条" in said


def test_itemising_never_counts_twice_and_can_be_undone(office):
    """A batch of 3 with 300,000 in all; one of 100,000 is entered singly: 3 → 4 until it is tied, then 3 again."""
    approvals, grants = measure_pk("projects_approved"), measure_pk("projects_granted")
    batch = approved(office, title="一批", items=3, granted=Decimal(300000), number="XM2026-0001")
    assert counted(office, approvals) == 3
    single = approved(office, title="其中一项", number="XM2026-0002")
    assert counted(office, approvals) == 4
    client = office.staff.client("planning")
    answer = client.post(at("record_itemise", batch.pk), {"number": "XM2026-0002"})
    assert answer.status_code == 302
    assert counted(office, approvals) == 3
    assert (
        counted(office, grants) == 30000000
    )  # 300,000 元 in 分: 200,000 left in the batch and 100,000 singly
    page = client.get(at("record", batch.pk))
    assert page.context["batch_words"] == "汇总 2 件，未逐条" and page.context["batch"]["done"] == 1
    assert "取自汇总行" in client.get(at("record", single.pk)).content.decode()
    tie = tied_to(batch).get()
    client.post(at("record_itemise", batch.pk), {"undo": str(tie.pk)})
    assert counted(office, approvals) == 4 and not Itemised.objects.for_system("测试").exists()


def test_a_batch_row_reduced_to_one_is_still_one_and_reduced_to_none_refuses(office):
    register, actor = by_code("programmes"), office.actors["planning"]
    batch = approved(office, title="一批", items=2, granted=None)
    singles = [approved(office, title=f"单项{n}", number=f"XM2026-1{n}") for n in range(3)]
    itemise(register, batch, singles[0], actor)
    assert "汇总 1 件，未逐条" in office.staff.client("planning").get(LIST).content.decode()
    itemise(register, batch, singles[1], actor)
    with pytest.raises(ItemiseRefused, match="只剩 0 件没有逐条，“单项2”要划 1 件"):
        itemise(register, batch, singles[2], actor)
    with pytest.raises(ItemiseRefused, match="不能再划一次"):
        itemise(register, batch, singles[0], actor)
    tie = tied_to(batch).first()
    put_back(register, tie, actor)
    with pytest.raises(ItemiseRefused, match="已经解除过"):
        put_back(register, tie, actor)


def test_what_may_not_be_tied_is_said_with_what_to_do(office):
    register, actor = by_code("programmes"), office.actors["planning"]
    batch = approved(office, title="一批", items=5, granted=Decimal(50000))
    with pytest.raises(ItemiseRefused, match="不能从它自己里面划"):
        itemise(register, batch, batch, actor)
    with pytest.raises(ItemiseRefused, match="就成负数了"):
        itemise(register, batch, approved(office, title="太大"), actor)
    south = office.actors["south"].unit_id
    with pytest.raises(ItemiseRefused, match="不是同一地区、同一单位"):
        itemise(register, batch, approved(office, title="别家的", unit_id=south, granted=None), actor)
    pending = approved(office, title="没到的", state="admitted", approved_on=None, granted=None)
    with pytest.raises(ItemiseRefused, match="还没有计入"):
        itemise(register, batch, pending, actor)
    plain = approved(office, title="不是汇总行", granted=None)
    with pytest.raises(ItemiseRefused, match="不是汇总行"):
        itemise(register, plain, approved(office, title="x", granted=None), actor)
    with pytest.raises(ItemiseRefused, match="管台账"):
        itemise(register, batch, plain, office.actors["county_head"])
    answer = office.staff.client("planning").post(at("record_itemise", batch.pk), {"number": "XM-没有"})
    assert answer.status_code == 422 and "XM-没有" in answer.content.decode()
    assert office.staff.client("county_head").post(at("record_itemise", batch.pk), {}).status_code == 403


# ---- two people, and one who clicks twice


def test_the_second_is_told_by_whom_and_a_second_click_changes_nothing(office):
    sent = office.step(office.draft("north"), "submit", "north")
    form = {"action": "recommend", "state": "submitted", "seen": "1", "note": "同意"}
    client = office.staff.client("county_head")
    with clock.pretend(datetime(2026, 3, 17, 10, 30, tzinfo=clock.TZ)):
        assert client.post(at("record_act", sent.pk), form).status_code == 302
    second = client.post(at("record_act", sent.pk), form)
    assert second.status_code == 409 and "2026-03-17 10:30" in second.context["problem"]
    assert f"{office.actors['county_head'].name} 办了“推荐”" in second.context["problem"]
    assert moves_of(sent).count() == 2
