"""Sheets of the reserve libraries in a browser: kept as typed, refused with the reason, read by their own side only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.journal.models import AuditEntry
from keshu.ledger.drafts import Draft
from keshu.reserves import reserving
from keshu.reserves.models import Achievement, Answer, Publication, Reserve

pytestmark = pytest.mark.django_db


def begun(client, form, **more):
    answer = client.post(reverse("desk:reserving_begin"), {"form": form, **more})
    assert answer.status_code == 302
    return answer["Location"]


def keep(client, page, **texts):
    return client.post(f"{page}keep/", texts)


def test_every_key_is_kept_on_the_server_and_the_checks_answer(room):
    client = room.staff.client("north")
    page = begun(client, "reserves")
    said = keep(client, page, title="硅光").content.decode()
    assert "还差" in said and "已存到服务器 09:00:00" in said
    assert 'value="硅光"' in client.get(page).content.decode()
    said = keep(client, page, investment="三百").content.decode()
    assert "总投资“三百”不是金额" in said
    assert 'value="三百"' in client.get(page).content.decode()


def test_what_does_not_fit_is_refused_with_the_reason_and_not_kept(room):
    client = room.staff.client("north")
    page = begun(client, "reserves")
    for text, why in (("长" * 121, "最多 120 字"), ("机密★一年", "涉密内容")):
        answer = keep(client, page, title=text)
        assert answer.status_code == 200 and why in answer.content.decode()
    assert "没有“”这一项" in keep(client, page, number="CB2026-9999").content.decode()
    assert Draft.objects.for_system("测试").get().content.get("title") is None


def test_a_box_is_ticked_and_unticked(room):
    client = room.staff.client("north")
    page = begun(client, "needs")
    draft = Draft.objects.for_system("测试").get
    assert draft().content["show_name"] == "1"
    keep(client, page, **{"flag-show_name": ""})
    assert draft().content["show_name"] == ""
    keep(client, page, **{"show_name": "1", "flag-show_name": ""})
    assert draft().content["show_name"] == "1"


def test_a_sheet_is_its_own_organisation_s_and_handed_in_once(room):
    client = room.staff.client("north")
    page = begun(client, "reserves")
    for who in ("south", "office", "county_head"):
        assert room.staff.client(who).get(page).status_code == 404
        assert room.staff.client(who).post(f"{page}hand-in/").status_code == 404
    refused = client.post(f"{page}hand-in/", {"title": "最后一秒写的"})
    assert refused.status_code == 422 and "最后一秒写的" in refused.content.decode()
    texts = {"kind": "project", "level": "city", "field": "soft", "summary": "内容", "title": "甲"}
    done = client.post(f"{page}hand-in/", texts)
    entry = Reserve.objects.for_system("测试").get()
    assert done["Location"] == reverse("desk:record", args=["reserves", entry.pk])
    assert client.post(f"{page}hand-in/", texts).status_code == 404
    assert keep(client, page, title="迟到的键").status_code == 404


def test_who_may_not_write_a_sheet_is_told(room):
    client = room.staff.client("north")
    answer = client.post(reverse("desk:reserving_begin"), {"form": "publications"}, follow=True)
    assert "不能起草公开文件" in answer.content.decode()
    assert client.post(reverse("desk:reserving_begin"), {"form": "x"}).status_code == 404
    other = room.hand_in("reserves", "south")
    answer = client.post(reverse("desk:reserving_begin"), {"form": "reserves", "record": other.pk})
    assert answer.status_code == 404


def test_a_returned_entry_is_opened_from_its_page(room):
    entry = reserving.step(room.hand_in("reserves"), "send_back", room.actors["county_head"], note="补用途")
    client = room.staff.client("north")
    page = client.get(reverse("desk:record", args=["reserves", entry.pk])).content.decode()
    assert "打开填报表" in page
    sheet = begun(client, "reserves", record=entry.pk)
    assert "硅光收发模块" in client.get(sheet).content.decode()
    leader = room.staff.client("leader").get(reverse("desk:record", args=["reserves", entry.pk]))
    assert "打开填报表" not in leader.content.decode()


def test_a_telephone_is_masked_and_read_in_full_only_with_an_entry_in_the_log(room):
    entry = room.held()
    page = room.staff.client("office").get(reverse("desk:record", args=["reserves", entry.pk]))
    said = page.content.decode()
    assert "138****1234" in said and "13800001234" not in said
    address = reverse("desk:reserving_phone", args=["reserves", entry.pk])
    assert room.staff.client("south").post(address).status_code == 404
    assert room.staff.client("office").post(address).content.decode().strip() == "13800001234"
    kept = AuditEntry.objects.latest("pk")
    assert (kept.kind, kept.target) == ("看全文", "储备项目 CB2026-0001 联系电话")


def test_a_telephone_leaves_in_no_export(room):
    room.held()
    text = (
        room.staff.client("office")
        .get(reverse("desk:register_export", args=["reserves"]), {"format": "csv"})
        .content.decode("utf-8-sig")
    )
    assert "硅光收发模块" in text and "13800001234" not in text


def test_the_page_of_a_need_says_how_many_answered_and_nothing_else(room):
    need = room.published()
    (answer,) = room.answered(need, "south")
    for who in ("office", "leader", "north"):
        page = room.staff.client(who).get(reverse("desk:record", args=["needs", need.pk])).content.decode()
        assert "已收到 <b>1</b> 份，密封" in page
        assert "south的方案" not in page and "南塘机电有限公司" not in page
        record = reverse("desk:record", args=["answers", answer.pk])
        assert room.staff.client(who).get(record).status_code == 404
    own = room.staff.client("south").get(reverse("desk:record", args=["answers", answer.pk])).content.decode()
    assert answer.content_hash[:16] in own and "密封中" in own


def test_an_enterprise_answers_from_the_page_of_needs(room):
    need = room.published()
    client = room.staff.client("far")
    home = client.get(reverse("desk:reserving")).content.decode()
    assert "井下胶带撕裂识别" in home
    page = begun(client, "answers", about=need.pk)
    assert begun(client, "answers", about=need.pk) == page  # gone on with, not begun twice
    texts = {"title": "方案", "plan": "甲", "team": "乙", "promises": "丙", "asked": "90", "months": "12"}
    assert client.post(f"{page}hand-in/", texts).status_code == 302
    answer = Answer.objects.for_system("测试").get()
    assert (answer.number, answer.state, answer.need_id) == ("JB2026-0001", "sealed", need.pk)
    refused = client.post(reverse("desk:reserving_begin"), {"form": "answers", "about": need.pk}, follow=True)
    assert "已经报过方案" in refused.content.decode()


def test_an_entry_becomes_the_draft_of_an_application(both, office):
    entry = both.held()
    client = both.staff.client("north")
    page = client.get(reverse("desk:record", args=["reserves", entry.pk])).content.decode()
    assert "2026年度青禾市工业科技攻关" in page and "转为申报" in page
    address = reverse("desk:reserving_convert", args=[entry.pk])
    done = client.post(address, {"call": office.call.pk})
    draft = Draft.objects.for_system("测试").get(register="programmes")
    assert done["Location"] == reverse("desk:apply_form", args=[draft.pk])
    assert draft.content["reserve_number"] == "CB2026-0001"
    assert both.staff.client("south").post(address, {"call": office.call.pk}).status_code == 404
    assert client.post(address, {"call": "999999"}).status_code == 404


def test_the_office_drafts_a_document_and_opens_it_again(room):
    client = room.staff.client("office")
    page = begun(client, "publications")
    done = client.post(f"{page}hand-in/", {"title": "办法", "category": "policy", "dated": "2026-03-02"})
    paper = Publication.objects.for_system("测试").get()
    assert done.status_code == 302 and paper.state == "draft" and paper.region == room.staff.city
    again = begun(client, "publications", record=paper.pk)
    client.post(f"{again}hand-in/", {"title": "办法（修订）"})
    assert Publication.objects.for_system("测试").get().title == "办法（修订）"


def test_an_achievement_page_links_to_what_the_public_sees(room):
    made = room.registered()
    page = room.staff.client("north").get(reverse("desk:record", args=["achievements", made.pk]))
    assert reverse("portal:achievement", args=[made.pk]) in page.content.decode()
    assert Achievement.objects.for_system("测试").count() == 1


@pytest.mark.parametrize("who", ["north", "office"])
def test_the_page_of_libraries_asks_the_same_number_of_queries_for_one_row_and_for_three(room, who):
    counts = []
    for round_ in range(2):
        for n in range(1 + round_):
            room.published("south", title=f"需求{round_}{n}")
            room.sheet("reserves", who, title=f"草稿{round_}{n}")
        client = room.staff.client(who)
        client.get(reverse("desk:reserving"))
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("desk:reserving"))
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 30


def test_the_office_writes_again_what_came_back_and_nobody_else_of_the_city(room):
    entry = reserving.step(room.hand_in("reserves"), "recommend", room.actors["county_head"])
    reserving.step(entry, "return", room.actors["office"], note="补用途")
    page = reverse("desk:record", args=["reserves", entry.pk])
    assert "打开填报表" in room.staff.client("office").get(page).content.decode()
    assert "打开填报表" not in room.staff.client("planning").get(page).content.decode()
