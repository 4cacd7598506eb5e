"""待发提醒 and 消息 in the browser: prepared, read, edited, sent by a person; what the organisation sees; two at once."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.diary.models import Reminder
from keshu.diary.outbox import words_seen
from keshu.directory.models import Employment, Person
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from tests.diary.world import day

pytestmark = pytest.mark.django_db
OUTBOX, MESSAGES = "/desk/outbox/", "/desk/messages/"


@pytest.fixture
def waiting(world):
    for title in ("隔膜中试", "数控主轴"):
        world.project(title, accept_by=day(10, 9))
    client = world.client("office")
    assert client.post(f"{OUTBOX}prepare/").status_code == 302
    return list(Reminder.objects.for_system("测试").order_by("pk"))


def seen(row):
    return f"{row.pk}:{words_seen(row)}"


def fresh(row):
    return Reminder.objects.for_system("测试").get(pk=row.pk)


def test_the_whole_text_stands_on_the_page_and_nothing_has_left(world, waiting):
    said = world.client("office").get(OUTBOX).content.decode()
    assert "应在 2026-10-09 星期五 前申请验收" in said and "本系统默认" in said
    assert "还没有看" not in said
    assert "没有消息" in world.client("north").get(MESSAGES).content.decode()


def test_the_person_in_the_organisation_is_named_beside_it(world, waiting):
    unit = world.units["south"]
    with writing(world.staff.actor, "补登"):
        someone = Person(code="P-KE", name="柯遇", phone="13800001234")
        someone.save()
        Employment(person=someone, unit=unit, title="科研主管", valid_from=day(1, 1)).save()
    client = world.client("office")
    assert "柯遇" not in client.get(OUTBOX).content.decode()
    world.project("南塘的", of="south", accept_by=day(10, 9))
    client.post(f"{OUTBOX}prepare/")
    said = client.get(OUTBOX).content.decode()
    assert "科研主管 柯遇" in said and "13800001234" not in said


def test_edited_sent_read(world, waiting):
    client = world.client("office")
    row = waiting[0]
    act = f"{OUTBOX}{row.pk}/act/"
    fields = {"subject": "请验收", "text": "第一行\r\n第二行", "channel": "sms", "seen": words_seen(row)}
    assert client.post(act, {**fields, "action": "edit"}).status_code == 302
    assert (fresh(row).state, fresh(row).text) == ("edited", "第一行\n第二行")
    # Typed and sent in one go: what stands in the form is what leaves.
    fields |= {"text": "改好了", "seen": words_seen(fresh(row))}
    assert client.post(act, {**fields, "action": "send"}).status_code == 302
    assert (fresh(row).state, fresh(row).text) == ("sent", "改好了")
    north = world.client("north")
    page = north.get(MESSAGES)
    assert "改好了" in page.content.decode() and page.context["unread"] == 1
    badge = {entry["label"]: entry["badge"] for entry in page.context["nav"]}
    assert badge["消息"] == 1
    assert fresh(row).read_at is None  # a look marks nothing
    assert world.client("south").post(f"{MESSAGES}{row.pk}/read/").status_code == 404
    assert north.post(f"{MESSAGES}{row.pk}/read/").status_code == 302
    assert north.post(f"{MESSAGES}{row.pk}/read/").status_code == 302  # pressing twice harms nothing
    assert fresh(row).read_by == world.actors["north"].name
    assert "看过" in client.get(f"{OUTBOX}?view=sent").content.decode()


def test_the_second_of_two_is_told_and_keeps_what_was_typed(world, waiting):
    row = waiting[0]
    old = words_seen(row)
    act = f"{OUTBOX}{row.pk}/act/"
    mine = {"subject": "甲", "text": "甲写的", "channel": "house", "seen": old, "action": "edit"}
    assert world.client("planning").post(act, mine).status_code == 302
    late = world.client("office").post(
        act, {"subject": "乙", "text": "乙写的", "channel": "house", "seen": old, "action": "send"}
    )
    assert late.status_code == 409
    assert "刚被别人改过" in late.content.decode() and "乙写的" in late.content.decode()
    assert fresh(row).text == "甲写的" and fresh(row).state == "edited"


def test_chosen_ones_leave_together_after_reading_and_a_changed_one_stops_all(world, waiting):
    client = world.client("office")
    first, second = waiting
    assert client.post(f"{OUTBOX}send/", {"which": "chosen"}).status_code == 422
    assert client.post(f"{OUTBOX}send/", {"seen": "x:y"}).status_code == 422
    stale = client.post(f"{OUTBOX}send/", {"seen": [seen(first), f"{second.pk}:0000"]})
    assert stale.status_code == 409 and "一条都没有发" in stale.content.decode()
    assert {fresh(row).state for row in waiting} == {"prepared"}
    done = client.post(
        f"{OUTBOX}send/", {"which": "page", "whole_page": [seen(first), seen(second)]}, follow=True
    )
    assert "已发出 2 条" in done.content.decode()
    assert {fresh(row).state for row in waiting} == {"sent"}


def test_dropping_wants_a_reason(world, waiting):
    client, act = world.client("office"), f"{OUTBOX}{waiting[0].pk}/act/"
    assert client.post(act, {"action": "drop"}).status_code == 422
    assert client.post(act, {"action": "drop", "note": "已电话告知"}).status_code == 302
    assert "已电话告知" in client.get(f"{OUTBOX}{waiting[0].pk}/").content.decode()
    assert client.post(act, {"action": "read"}).status_code == 404


def test_telephone_numbers_are_masked_on_page_and_in_the_export(world, waiting):
    client = world.client("office")
    assert "138****1234" in client.get(f"{OUTBOX}{waiting[0].pk}/").content.decode()
    answer = client.get(f"{OUTBOX}export/")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0][:3] == ("单位", "途径", "标题") and len(rows) == 3
    assert rows[1][0] == "北岭新材料有限公司" and rows[1][7] == "138****1234"
    assert not any("13800001234" in str(cell) for row in rows for cell in row)
    assert AuditEntry.objects.latest("pk").kind == "导出"


def test_a_reminder_by_hand_from_the_file_of_an_organisation(world):
    client = world.client("office")
    unit = world.units["south"]
    assert client.get(f"{OUTBOX}new/?unit=0").status_code == 404
    address = f"{OUTBOX}new/?unit={unit.pk}"
    assert "写提醒" in client.get(f"/desk/organisations/{unit.pk}/").content.decode()
    kept = client.post(address, {"subject": "", "text": "留着的话", "channel": "house"})
    assert kept.status_code == 422 and "留着的话" in kept.content.decode()
    bad = client.post(address, {"subject": "会", "text": "x", "channel": "house", "due_on": "周五"})
    assert bad.status_code == 422 and "不是日期" in bad.content.decode()
    assert client.post(address, {"subject": "会", "text": "x", "channel": "house"}).status_code == 302


@pytest.mark.parametrize(("who", "page"), [("office", OUTBOX), ("north", MESSAGES)])
def test_one_and_three_cost_the_same_queries(world, who, page):
    client, sender = world.client(who), world.client("office")

    def fill(count):
        for n in range(count):
            world.project(f"项目{count}{n}", accept_by=day(10, 9))
        sender.post(f"{OUTBOX}prepare/")
        if page == MESSAGES:
            rows = Reminder.objects.for_system("测试").filter(state="prepared")
            sender.post(f"{OUTBOX}send/", {"seen": [seen(row) for row in rows]})

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert len(client.get(page).context["lines"]) in (1, 3)
        return len(found)

    fill(1)
    client.get(page)
    one = queries()
    fill(2)
    assert queries() == one
