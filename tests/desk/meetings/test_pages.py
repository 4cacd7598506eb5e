"""Pages of a meeting: prepared, answered, held, agreed and ordered in a browser; each county its own page only."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from keshu.desk.dispatching import sheet
from keshu.duties.models import Order
from keshu.figures.dispatch import dispatch
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.moving import advance
from keshu.terms import clock
from tests.meetings.world import CAUSE, MEASURES, MEETING, TEXTS, THIRTEENTH

pytestmark = pytest.mark.django_db
KEY, OTHERS = "contract_gdp:991001", "fiscal_share:991002"


def at(name, *args):
    return reverse(f"desk:{name}", args=args)


def words(answer):
    """The texts of a Word file, cell by cell."""
    paper = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def test_a_meeting_is_prepared_from_the_form_to_the_notice(house):
    client = house.staff.client("planning")
    assert "2026年三季度强科技行动五项指标调度会" in client.get(at("meeting_new")).content.decode()
    refused = client.post(at("meeting_new"), {**TEXTS, "place": ""})
    assert refused.status_code == 422 and "地点没有填" in refused.content.decode()
    chair = str(house.actor("leader").person_id)
    made = client.post(at("meeting_new"), {**TEXTS, "chair": chair})
    meeting = Meeting.objects.for_system("测试").get()
    assert made["Location"] == at("meeting", meeting.pk)
    page = client.get(made["Location"])
    ticked = {one["key"] for one in page.context["proposals"] if one["ticked"]}
    assert KEY in ticked and "contract_gdp:991002" not in ticked  # 偏慢 is offered, not ticked
    assert "rd_gdp" not in "".join(one["key"] for one in page.context["proposals"])
    client.post(at("meeting_prepare", meeting.pk), {"do": "ask", "key": [KEY, OTHERS]})
    client.post(at("meeting_prepare", meeting.pk), {"do": "invite", "unit": house.office.pk, "speaks": "1"})
    client.post(at("meeting_prepare", meeting.pk), {"do": "propose"})
    assert house.speakers(meeting) == ["望岭县科学技术局", "岚川县科学技术局", "成果转化科"]
    sent = client.post(at("meeting_act", meeting.pk), {"action": "notify", "state": "preparing"}, follow=True)
    assert "消息在“提醒”里等着" in sent.content.decode()
    twice = client.post(at("meeting_act", meeting.pk), {"action": "notify", "state": "preparing"})
    assert twice.status_code == 409 and "有人先办了" in twice.content.decode()
    assert client.get(at("meeting_moved", meeting.pk)).context["rows"] == []


def test_a_county_answers_on_its_page_and_what_was_refused_stays_in_the_form(house):
    meeting = house.notified(KEY, OTHERS)
    request = house.request(meeting, KEY)
    client = house.staff.client("county_filler")
    page = client.get(at("meeting_materials")).content.decode()
    assert "还有 1 项要写" in page and "岚川县财政科技占比" not in page
    long = {"cause": "因" * 150, "measures": "措" * 100, "state": "asked"}
    refused = client.post(at("meeting_answer", request.pk), long)
    assert refused.status_code == 422
    assert "最多 200 字" in refused.content.decode() and "因" * 150 in refused.content.decode()
    done = client.post(
        at("meeting_answer", request.pk), {"cause": CAUSE, "measures": MEASURES, "state": "asked"}
    )
    assert done.status_code == 302
    again = client.post(
        at("meeting_answer", request.pk), {"cause": "另一说", "measures": "x", "state": "asked"}
    )
    assert again.status_code == 409 and "另一说" not in again.content.decode()
    request.refresh_from_db()
    assert request.cause == CAUSE
    other = house.staff.client("other_head").post(
        at("meeting_answer", request.pk), {"cause": "x", "measures": "y"}
    )
    assert other.status_code == 404


def test_late_answers_are_named_on_the_page_and_returned_with_words(house):
    meeting = house.notified(KEY, OTHERS)
    house.answer(house.request(meeting, KEY))
    with clock.pretend(THIRTEENTH):
        client = house.staff.client("planning")
        page = client.get(at("meeting", meeting.pk))
        assert page.context["late_units"] == ["岚川县科学技术局 1 天"]
        pk = house.request(meeting, KEY).pk
        back = client.post(at("meeting_request", meeting.pk, pk), {"action": "return", "state": "answered"})
        assert back.status_code == 422 and "要写明原因" in back.content.decode()
        client.post(
            at("meeting_request", meeting.pk, pk),
            {"action": "return", "note": "写明哪两份", "state": "answered"},
        )
        assert (
            "退回：写明哪两份"
            in house.staff.client("county_head").get(at("meeting_materials")).content.decode()
        )


def test_a_county_sees_its_own_page_and_nobody_else_s_answers(house):
    meeting = house.notified(KEY, OTHERS)
    house.answer(house.request(meeting, OTHERS), "other_head", cause="岚川的原因")
    own, other = house.staff.county_bureau.pk, house.staff.other_bureau.pk
    client = house.staff.client("county_head")
    page = client.get(at("meeting", meeting.pk)).content.decode()
    assert "望岭县技术合同占比" in page and "岚川的原因" not in page and "岚川县财政科技占比" not in page
    mine = client.get(at("meeting_unit", meeting.pk, own))
    figures = {row["name"]: (row["text"], row["completion"], row["rank"]) for row in mine.context["rows"]}
    assert figures["技术合同占比"] == ("0.28", "46.2%", 2)
    assert f"asof={meeting.code}" in mine.context["rows"][0]["figure"]  # its figures open as they were taken
    assert client.get(at("meeting_unit", meeting.pk, other)).status_code == 403
    assert client.get(at("meeting_paper", meeting.pk, "compilation")).status_code == 404
    assert client.get(at("meeting_paper", meeting.pk, "compilation") + f"?unit={other}").status_code == 404
    assert "岚川" not in words(client.get(at("meeting_paper", meeting.pk, "compilation") + f"?unit={own}"))
    assert house.staff.client("office").get(at("meeting_unit", meeting.pk, other)).status_code == 200


def test_what_changed_since_the_figures_were_taken_is_listed(house):
    meeting = house.notified(KEY)
    house.put(("contract_output", "county", "2026-01..09", "1.50"))
    client = house.staff.client("leader")
    assert at("meeting_moved", meeting.pk) in client.get(at("meeting", meeting.pk)).content.decode()
    rows = client.get(at("meeting_moved", meeting.pk)).context["rows"]
    # 望岭县's ratio, lamp and place; with it 岚川县's place
    assert [(row.region, row.indicator) for row in rows] == [
        ("望岭县", "技术合同占比"),
        ("岚川县", "技术合同占比"),
    ]
    assert "0.28 %" in rows[0].old and "0.60 %" in rows[0].new


def test_the_page_makes_one_table_and_asks_for_the_changes_afterwards(house, monkeypatch):
    meeting = house.notified(KEY)
    house.put(("contract_output", "county", "2026-01..09", "1.50"))
    client, made = house.staff.client("planning"), []
    monkeypatch.setattr(
        sheet, "dispatch", lambda *args, **named: made.append(args) or dispatch(*args, **named)
    )
    client.get(at("meeting", meeting.pk))
    assert len(made) == 1
    assert house.staff.client("county_head").get(at("meeting_moved", meeting.pk)).status_code == 404


def test_notes_minutes_and_orders_on_the_page(house):
    meeting = house.notified(KEY)
    request = house.request(meeting, KEY)
    row = Attendee.objects.get(meeting=meeting, unit=house.staff.county_bureau)
    with clock.pretend(MEETING):
        client = house.staff.client("planning")
        meeting = advance(meeting, "open", house.actor("planning"))
        note = at("meeting_note", meeting.pk)
        assert "已存 09:00:00" in client.post(note, {f"item-{request.pk}": "答应回县"}).content.decode()
        refused = client.post(note, {f"unit-{row.pk}": "机密★一年"})
        assert refused.status_code == 200 and "涉密内容" in refused.content.decode()
        assert "答应回县" in client.get(at("meeting", meeting.pk)).content.decode()
        chair = house.staff.client("leader")
        assert chair.post(at("meeting_act", meeting.pk), {"action": "close"}).status_code == 302
        form = {"do": "item", "text": "核清外流合同", "holder": house.staff.county_bureau.pk, "due_on": ""}
        refused = client.post(at("meeting_minutes", meeting.pk), form)
        assert refused.status_code == 422 and "没有完成时限" in refused.content.decode()
        assert refused.context["edited"]["text"] == "核清外流合同"
        client.post(at("meeting_minutes", meeting.pk), {**form, "due_on": "2026-11-30", "about": request.pk})
        assert "没有答" in client.get(at("meeting", meeting.pk)).content.decode()
        draft = words(client.get(at("meeting_paper", meeting.pk, "minutes")))
        assert "青禾市科学技术局会议纪要" in draft and "（稿）" in draft
        assert (
            house.staff.client("county_head").get(at("meeting_paper", meeting.pk, "minutes")).status_code
            == 302
        )
        client.post(
            at("meeting_act", meeting.pk), {"action": "issue", "issue.minutes_no": "青科会纪〔2026〕4号"}
        )
        paper = words(house.staff.client("county_head").get(at("meeting_paper", meeting.pk, "minutes")))
        assert "青科会纪〔2026〕4号" in paper and "（稿）" not in paper
        assert "一、核清外流合同。承办单位：望岭县科学技术局；完成时限：2026年11月30日。" in paper
        said = client.post(at("meeting_minutes", meeting.pk), {"do": "orders"}, follow=True).content.decode()
        assert "已下达 1 份督办单" in said
        said = client.post(at("meeting_minutes", meeting.pk), {"do": "orders"}, follow=True).content.decode()
        assert "没有再下第二单" in said
    order = Order.objects.for_system("测试").get()
    for who, label in (("county_head", "看会议纪要"), ("other_head", "")):
        page = house.staff.client(who).get(at("record", "orders", order.pk))
        assert (page.status_code, label in page.content.decode()) == (200 if label else 404, True)


def test_the_notice_and_one_page_per_county_in_word(house):
    meeting = house.notified(KEY, OTHERS, notice_no="青科函〔2026〕34号")
    client = house.staff.client("planning")
    house.answer(house.request(meeting, KEY))
    notice = words(client.get(at("meeting_paper", meeting.pk, "notice")))
    assert "定于2026年10月14日召开2026年三季度强科技行动调度会，现将有关事项通知如下。" in notice
    assert "青科函〔2026〕34号" in notice and "2026年10月14日（星期三）9时。" in notice
    assert "2026年10月12日前报原因和措施，每个项次不超过200字" in notice
    county = words(house.staff.client("county_head").get(at("meeting_paper", meeting.pk, "notice")))
    assert "望岭县技术合同占比" in county and "岚川县财政科技占比" not in county
    with clock.pretend(THIRTEENTH):
        answer = client.get(at("meeting_paper", meeting.pk, "compilation"))
    whole = words(answer)
    sheets = {one.text: one.paragraph_format for one in Document(io.BytesIO(answer.content)).paragraphs}
    assert sheets["望岭县"].page_break_before and sheets["岚川县"].page_break_before
    assert (
        'w:type="page"' not in Document(io.BytesIO(answer.content)).element.xml
    )  # no empty sheet between two
    assert "逾期的：岚川县科学技术局。" in whole and CAUSE in whole and MEASURES in whole
    assert "研发投入强度" in whole and "2025年已定" in whole and "■ 滞后" in whole and "2/2" in whole


@pytest.mark.parametrize("who", ["planning", "county_head"])
def test_the_list_asks_as_many_queries_for_three_meetings_as_for_one(house, who):
    client = house.staff.client(who)
    house.notified(KEY)
    client.get(at("meetings"))
    counts = []
    for extra in (0, 2):
        for n in range(extra):
            house.notified(KEY, title=f"第 {n} 次", held="2026-10-15T09:00")
        with CaptureQueriesContext(connection) as caught:
            page = client.get(at("meetings"))
        counts.append(len(caught))
    assert len(page.context["rows"]) == 3
    assert counts[0] == counts[1]


def test_another_s_meeting_is_not_there(house):
    meeting = house.meeting()
    assert house.staff.client("county_head").get(at("meeting", meeting.pk)).status_code == 404
    assert (
        house.staff.client("office").post(at("meeting_prepare", meeting.pk), {"do": "take"}).status_code
        == 403
    )
    assert (
        house.staff.client("planning").post(at("meeting_prepare", meeting.pk), {"do": "x"}).status_code == 404
    )
    foreign = Request.objects.for_system("测试").count()
    assert house.staff.client("planning").post(at("meeting_request", meeting.pk, 999)).status_code == 404
    assert Request.objects.for_system("测试").count() == foreign == 0
