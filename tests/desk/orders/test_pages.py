"""The pages of supervision: the list by urgency, issuing, the circular, one order with its cards."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from keshu.diary.preparing import prepare
from keshu.directory.actors import system
from keshu.duties.issuing import Origin
from keshu.duties.models import Order
from keshu.ledger.models import Evidence
from keshu.terms import clock
from tests.duties.room import PDF, day

pytestmark = pytest.mark.django_db


def minutes(n: int) -> Origin:
    return Origin("minutes", f"minutes|1|{n}", f"第 1 次调度会议定第 {n} 项")


def codes(answer) -> dict[str, list[str]]:
    return {
        group["code"]: [line["order"].number for line in group["lines"]] for group in answer.context["groups"]
    }


def test_orders_stand_by_urgency_and_the_sentence_names_the_worst(room):
    """Monday 2026-10-19: due on the 14th is 5 days late, the 23rd is this week's, the 26th is next week's, one is closed."""
    for n, due in enumerate((14, 23, 26, 30), 1):
        room.issue(origin=minutes(n), due_on=date(2026, 10, due))
    room.closed(Order.objects.for_system("测试").get(number="DB2026-0004"))
    with clock.pretend(day(10, 19)):
        answer = room.staff.client("leader").get(reverse("desk:orders"))
    assert codes(answer) == {
        "late": ["DB2026-0001"],
        "week": ["DB2026-0002"],
        "later": ["DB2026-0003"],
        "closed": ["DB2026-0004"],
    }
    said = "".join(part["text"] for part in answer.context["lead"])
    assert "超期 1 件" in said and "超期 5 天" in said and "本周到期 1 件" in said
    rise = answer.context["groups"][0]["lines"][0]["rise"]
    assert rise.startswith("2026-10-24 起超期满 10 天，升为二级督办")  # due 14 October, announced on its row


def test_a_county_sees_its_own_orders_only_and_filters_live_in_the_address(room):
    room.issue()
    room.issue(holder=room.staff.other_bureau)
    county = room.staff.client("county_head").get(reverse("desk:orders"))
    assert codes(county) == {"later": ["DB2026-0001"]}
    planning = room.staff.client("planning")
    for query, numbers in (
        ({"unit": str(room.staff.other_bureau.pk)}, ["DB2026-0002"]),
        ({"kind": "audit"}, []),
        ({"q": "望岭"}, ["DB2026-0001"]),
        ({"group": "later", "page": "9"}, ["DB2026-0001", "DB2026-0002"]),
        ({"view": "issued"}, ["DB2026-0001", "DB2026-0002"]),
        ({"view": "held"}, []),
        ({"unit": "x", "kind": "x", "group": "x", "since": "9999-99-99"}, ["DB2026-0001", "DB2026-0002"]),
    ):
        found = codes(planning.get(reverse("desk:orders"), query))
        assert [number for group in found.values() for number in group] == numbers, query


def test_the_badge_counts_only_what_waits_for_this_person(room):
    def badge(who: str) -> object:
        rail = room.staff.client(who).get(reverse("desk:orders")).context
        entries = [*rail["nav"], *rail["nav_more"]]
        return next(entry["badge"] for entry in entries if entry["label"] == "督办")

    order = room.issue()
    assert (badge("county_head"), badge("other_head"), badge("planning")) == (1, 0, 0)
    order = room.reported(order)
    assert (badge("county_head"), badge("planning"), badge("watcher")) == (0, 1, 1)
    assert order.state == "reported"


def test_an_instruction_is_issued_with_its_paper_and_known_again(room):
    client = room.staff.client("leader")
    address = reverse("desk:order_issue")
    form = {
        "kind": "instruction",
        "by": "分管副市长",
        "on": "2026-10-10",
        "text": "请科技局督促各县抓紧登记",
        "what": "补登三季度技术合同",
        "holder": str(room.staff.county_bureau.pk),
        "helper": [str(room.transfer_office.pk)],
        "due_on": "2026-10-31",
        "urgent": "1",
    }
    assert client.get(address).status_code == 200
    refused = client.post(address, {**form, "on": "2026-10-13"})
    assert refused.status_code == 422 and "还没有到" in refused.context["problem"]
    assert "补登三季度技术合同" in refused.content.decode()
    past = client.post(address, {**form, "due_on": "2026-10-01"})
    assert past.status_code == 422 and "已经过去" in past.context["problem"]
    done = client.post(address, {**form, "file": SimpleUploadedFile("批示件.pdf", PDF)})
    assert done.status_code == 302
    order = Order.objects.for_system("测试").get()
    paper = Evidence.objects.for_system("测试").get()
    assert order.origin_paper == paper.sha256 and order.urgent
    assert "分管副市长 2026-10-10 批示" in order.origin_said
    again = client.post(address, form)
    assert again.status_code == 422 and order.number in again.context["problem"]
    # What it was issued upon proves nothing.
    order = room.step(order, "sign", "county_head")
    answer = room.staff.client("county_head").post(
        reverse("desk:record_act", args=["orders", order.pk]),
        {"action": "report", "state": "signed", "report.said": "办好"},
    )
    assert answer.status_code == 422 and "一份佐证也没有" in answer.context["problem"]


def test_the_second_of_two_who_close_is_told_who_did(room):
    order = room.verified(room.issue())
    form = {"action": "close", "state": "verified", "seen": "3"}
    address = reverse("desk:record_act", args=["orders", order.pk])
    assert room.staff.client("planning").post(address, form).status_code == 302
    late = room.staff.client("watcher").post(address, form)
    assert late.status_code == 409 and room.actors["planning"].name in late.context["problem"]


def test_the_page_of_an_order_tells_feedback_extension_and_the_coming_rise(room):
    order = room.step(room.issue(due_on=date(2026, 11, 30)), "sign", "county_filler")
    order = room.step(order, "progress", "county_filler", said="签了 3 份", wanted="请财政局协调")
    order = room.step(order, "ask_extension", "county_head", "盖章慢", until=date(2026, 12, 15))
    order = room.step(order, "grant", "planning", "同意")
    with clock.pretend(day(12, 13)):
        prepare(system("每日生成提醒"))
        page = room.staff.client("county_head").get(reverse("desk:record", args=["orders", order.pk]))
    text = page.content.decode()
    for said in (
        "请财政局协调",
        "盖章慢",
        "原定",
        "2026-12-16 起超期满 1 天，升为一级督办",
        "看来源",
        "预告：",
    ):
        assert said in text, said
    assert "scheme=strong" in text  # the way back to the row of the dispatch


def test_the_circular_opens_to_the_orders_it_counts(room):
    room.closed(room.issue())
    room.issue(holder=room.staff.other_bureau, due_on=date(2026, 10, 14))
    client = room.staff.client("planning")
    with clock.pretend(day(10, 20)):
        page = client.get(reverse("desk:order_circular"), {"since": "2026-10-01", "until": "2026-10-31"})
        (mine, other) = page.context["rows"]
        assert [cell["text"] for cell in mine["cells"]] == ["1", "1", "1", "1", "0"]
        assert (mine["share"], other["share"]) == ("100.0", "")
        opened = client.get(other["cells"][-1]["href"])
        assert codes(opened) == {"late": ["DB2026-0002"]}
        assert client.get(reverse("desk:order_circular"), {"since": "x", "until": "' --"}).status_code == 200


def test_the_sheet_is_a_word_file_for_those_who_see_the_order(room):
    order = room.closed(room.issue(helpers=[room.transfer_office]))
    address = reverse("desk:order_sheet", args=[order.pk])
    answer = room.staff.client("county_head").get(address)
    told = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in told.tables for row in table.rows for cell in row.cells]
    assert "补登技术合同 12 份" in cells and "成果转化科" in cells
    assert any("2026 年 10 月 31 日" in cell or "2026年10月31日" in cell for cell in cells)
    assert room.staff.client("other_head").get(address).status_code == 404


@pytest.mark.parametrize("name", ["orders", "order_circular"])
def test_as_many_queries_for_three_orders_as_for_one(room, name):
    client = room.staff.client("planning")
    address = reverse(f"desk:{name}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    room.issue(origin=minutes(1))
    client.get(address)
    one = queries()
    for n in (2, 3):
        room.issue(origin=minutes(n), holder=room.staff.other_bureau if n == 3 else room.staff.county_bureau)
    assert queries() == one
