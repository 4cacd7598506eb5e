"""The pages of the monthly check: what they say first, what opens, what is refused keeps what was typed, how many queries they ask."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.checking.models import Check, Item
from keshu.diary.models import Reminder
from keshu.duties.models import Order
from keshu.journal.writing import writing
from keshu.ledger.models import Evidence
from keshu.terms import clock
from keshu.terms.period import Period
from tests.checking.room import JUNE

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def page(room, who: str, route: str = "desk:checking", *args: object, **query: str):
    return room.staff.client(who).get(reverse(route, args=args), query)


def words(answer) -> str:
    return "".join(part["text"] for part in answer.context["lead"])


def behind(room) -> Check:
    """An item at 30 % of its year in June, handed in."""
    check = room.opened(room.item(goal=None, name="园区工程", evidence_wanted="进度照片"))
    return room.fill(check, own_value="30", paper=True, reason="资金没到", next_step="8 月 20 日前到位")


def test_the_month_begins_with_one_sentence_that_names_the_worst_and_its_gap(room):
    behind(room)
    good = room.opened(room.item(order=2, name="农民培训"))
    room.fill(good, own_value="120", paper=True)
    answer = page(room, "planning", month="2026-06")
    assert words(answer) == (
        "2026年6月 2 项，已过半 1，未过半 1。差得最多的是“园区工程”（农村科技科），完成 30.0%，应到 50.0%，差 20.0 个百分点。"
    )
    assert [group["unit"].name for group in answer.context["groups"]] == ["农村科技科"]
    said = answer.content.decode()
    assert (
        "资金没到" in said
        and reverse("desk:checking_order", args=[Item.objects.for_system("测试").first().pk]) in said
    )
    # nobody who may not issue orders is offered one, and a county of its own sees only its own
    assert "下达督办单" not in page(room, "farmer", month="2026-06").content.decode()
    assert page(room, "leader", month="2026-05").status_code == 200
    assert page(room, "planning", month="六月份吗").status_code == 404
    assert page(room, "planning", month="2026-06", lamps="rainbow").status_code == 404


def test_another_set_of_lamps_is_chosen_in_the_address_and_colours_the_frozen_month_too(room):
    room.review(behind(room))
    usual = page(room, "planning", month="2026-06")
    sanming = page(room, "planning", month="2026-06", lamps="sanming")
    lit = [answer.context["groups"][0]["rows"][0]["lamp"].word for answer in (usual, sanming)]
    assert lit == [
        "未过半",
        "橙色督查单",
    ]  # 30 % of 50 % due is 60 % of the pace: Sanming's orange begins below 80, its red below 60
    assert "数没有变" in sanming.content.decode()


def test_a_later_change_stands_beside_what_was_frozen(room):
    item = room.item()
    filled = room.fill(room.opened(item), own_value="60", paper=True, reason="慢", next_step="赶")
    check = room.review(filled)
    with writing(room.staff.actor, "目标调到 240 期"):
        room.goal.low = Decimal(240)
        room.goal.save()
    row = page(room, "planning", month="2026-06").context["groups"][0]["rows"][0]
    assert row["now"] == "冻结 30.0%，现在 25.0%"
    figure = page(room, "planning", "desk:checking_figure", item.pk, month="2026-06").content.decode()
    assert "冻结 30.0%，现在 25.0%" in figure and "自报" in figure
    record = page(room, "planning", "desk:record", "checks", check.pk).content.decode()
    assert "完成 30.0%；现在" in record


def test_an_office_fills_its_lines_and_what_is_refused_stays_typed(room):
    check = room.opened(room.item(goal=None, name="园区工程"))
    client = room.staff.client("farmer")
    here = reverse("desk:checking_fill")
    assert [row["check"].pk for row in client.get(here, {"month": "2026-06"}).context["lines"]] == [check.pk]
    line = reverse("desk:checking_line", args=[check.pk])
    form = {"state": "open", "verdict": "going", "progress": "两条线在装", "own_value": "30"}
    refused = client.post(line, {**form, "paper": SimpleUploadedFile("照片.pdf", PDF)})
    assert refused.status_code == 422 and "还要写存在问题和原因、下步措施" in refused.content.decode()
    assert "两条线在装" in refused.content.decode() and not Evidence.objects.for_system("测试").exists()
    form |= {"reason": "设备晚到", "next_step": "7 月 20 日前到货"}
    done = client.post(line, {**form, "paper": SimpleUploadedFile("照片.pdf", PDF), "paper_caption": "现场"})
    assert done.status_code == 302, done.content.decode()[:2000]
    check.refresh_from_db()
    assert (check.state, check.own_value, check.filled_by) == ("submitted", 30, room.actor("farmer").name)
    assert Evidence.objects.for_system("测试").get().caption == "现场"
    again = client.post(line, form)
    assert again.status_code == 409
    for who in ("patentee", "county_filler", "planning"):
        assert room.staff.client(who).post(line, form).status_code == 404


def test_the_planning_office_makes_the_sheet_reviews_a_line_and_orders_what_is_behind(room):
    item = room.item(goal=None, name="园区工程")
    client = room.staff.client("planning")
    assert client.get(reverse("desk:checking"), {"month": "2026-06"}).context["to_open"] == 1
    client.post(reverse("desk:checking_open"), {"month": "2026-06"})
    check = Check.objects.for_system("测试").get(item=item)
    room.fill(check, own_value="30", paper=True, reason="慢", next_step="赶")
    client.post(reverse("desk:checking_review", args=[check.pk]))
    check.refresh_from_db()
    assert check.state == "reviewed" and check.frozen_revision
    order = reverse("desk:checking_order", args=[item.pk])
    begun = client.get(order, {"month": "2026-06"}).context["typed"]
    assert begun["due_on"] == "2026-07-31" and "应到 50.0%" in begun["requirement"]
    assert (
        client.post(order, {**begun, "month": "2026-06", "due_on": "2026-07-01"}).status_code == 422
    )  # in the past
    assert client.post(order, {**begun, "month": "2026-06"}).status_code == 302
    made = Order.objects.for_system("测试").get()
    assert (made.origin_ref, made.unit, made.origin_kind) == (
        f"check|{item.pk}|2026-06",
        room.farming,
        "check",
    )
    row = page(room, "planning", month="2026-06").context["groups"][0]["rows"][0]
    assert row["order"] == made and row["order_href"] == ""
    client.post(order, {**begun, "month": "2026-06"})
    assert Order.objects.for_system("测试").count() == 1


def test_the_month_begins_with_each_office_s_list_and_one_reminder_each(room):
    room.item(goal=None, name="园区工程")
    room.item(
        goal=None,
        name="申报",
        unit=room.results,
        timetable="milestones",
        plan={"7": "1"},
        due_on=date(2026, 7, 20),
    )
    room.item(goal=None, name="秋季的", begins_on=date(2026, 9, 1))
    answer = page(room, "planning", "desk:checking_work")
    assert words(answer) == "2026年7月 2 个科室和县局要办 2 项，1 项本月到期。"
    client = room.staff.client("planning")
    client.post(reverse("desk:checking_remind"), {"month": "2026-07"})
    client.post(reverse("desk:checking_remind"), {"month": "2026-07"})
    made = list(Reminder.objects.for_system("测试").order_by("pk"))
    assert [row.unit for row in made] == [room.farming, room.results]
    assert "1. 园区工程（农村科技科）：月末应到 58.3%" in made[0].text and made[0].state == "prepared"
    assert "本月 20 日到期" in made[1].text


def test_one_button_makes_items_of_goals(room):
    client = room.staff.client("planning")
    seen = client.get(reverse("desk:checking_goals"), {"year": "2026"})
    assert [one.item.unit.name for one in seen.context["rows"]] == ["望岭县科学技术局"]
    client.post(reverse("desk:checking_make"), {"year": "2026"})
    assert Item.objects.for_system("测试").get().goal == room.goal
    assert client.get(reverse("desk:checking_goals"), {"year": "2026"}).context["rows"] == []


def test_the_printed_sheet_has_the_columns_of_a_supervision_ledger(room):
    room.review(behind(room), opinion="抓紧")
    said = page(room, "planning", "desk:checking_print", month="2026-06").content.decode()
    for head in ("责任领导", "目标值", "完成时限", "存在问题", "下步措施", "需协调事项", "督查意见"):
        assert head in said, head
    assert "抓紧" in said and "资金没到" in said


def test_every_page_asks_as_many_queries_for_three_items_as_for_one(room):
    def queries() -> dict[str, int]:
        found = {}
        for name in ("checking", "checking_work", "checking_fill", "checking_print"):
            who = "farmer" if name.endswith("fill") else "planning"
            with CaptureQueriesContext(connection) as caught:
                assert page(room, who, f"desk:{name}", month="2026-06").status_code == 200
            found[name] = len(caught)
        return found

    def another(name: str) -> None:
        check = room.opened(room.item(name=name))
        room.review(room.fill(check, own_value="60", paper=True, reason="慢", next_step="赶"))

    another("甲")
    queries()
    one = queries()
    another("乙")
    another("丙")
    assert queries() == one


def test_an_older_month_is_over_and_no_order_is_issued_on_it(room):
    item = room.item(goal=None, name="园区工程")
    check = room.opened(item, Period.month(2026, 5))
    room.fill(check, own_value="10", paper=True, reason="慢", next_step="赶")
    order = reverse("desk:checking_order", args=[item.pk])
    assert order not in page(room, "planning", month="2026-05").content.decode()
    form = {"month": "2026-05", "what": "赶上", "due_on": "2026-07-31"}
    refused = room.staff.client("planning").post(order, form)
    assert refused.status_code == 422 and "已定" in refused.content.decode()
    assert not Order.objects.for_system("测试").exists()


def test_the_sheet_of_a_closed_year_and_of_a_month_to_come_say_so(room):
    room.item()
    assert "没有责任事项" in page(room, "planning", month="2025-06").content.decode()
    with clock.pretend(datetime(2026, 7, 2, 9, 0, tzinfo=clock.TZ)):
        client = room.staff.client("planning")
        client.post(reverse("desk:checking_open"), {"month": "2026-07"})
        said = client.get(reverse("desk:checking"), {"month": "2026-07"}).content.decode()
    assert "要到 2026-08-01 才生成" in said
    assert not Check.objects.for_system("测试").filter(period=Period.month(2026, 7).code).exists()
    assert JUNE.code == "2026-06"
