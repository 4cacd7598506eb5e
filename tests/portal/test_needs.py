"""需求榜: what was put up, until when, and who may answer; the owner's name only where it agreed."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.terms import clock
from tests.reserves.room import in_march  # noqa: F401

pytestmark = pytest.mark.django_db
LIST = "/needs/"


def titles(answer):
    return [item["row"].title for item in answer.context["rows"]]


def test_only_needs_that_were_put_up_are_shown_those_that_take_answers_first(client, room):
    room.hand_in("needs", title="还没有论证")
    room.published(title="先截止", until=date(2026, 3, 20))
    room.published("south", title="后截止", until=date(2026, 4, 20))
    assert titles(client.get(LIST)) == ["先截止", "后截止"]
    with clock.pretend(datetime(2026, 3, 20, 17, 30, 1, tzinfo=clock.TZ)):
        page = client.get(LIST)
        assert titles(page) == ["后截止", "先截止"] and "等待开榜" in page.content.decode()
        assert titles(client.get(LIST, {"kind": "open"})) == ["后截止"]


def test_an_owner_that_does_not_agree_is_not_named_and_not_found_by_its_name(client, room):
    need = room.published(show_name="")
    address = reverse("portal:need", args=[need.pk])
    for page in (LIST, address):
        text = client.get(page).content.decode()
        assert "北岭新材料有限公司" not in text and "出题方不公开名称" in text
    assert titles(client.get(LIST, {"q": "北岭"})) == []
    shown = room.published("south", title="另一个")
    assert titles(client.get(LIST, {"q": "南塘"})) == [shown.title]


def test_no_contact_and_no_budget_leaves(client, room):
    need = room.published(contact="秦霁", phone="13800001234")
    text = client.get(reverse("portal:need", args=[need.pk])).content.decode()
    assert "秦霁" not in text and "13800001234" not in text and "总投入" not in text
    assert "120" in text and "识别率不低于 99%" in text and "双方共有" in text


def test_who_is_not_signed_in_is_led_to_the_door_and_back(client, room):
    need = room.published()
    address = reverse("portal:need", args=[need.pk])
    assert f'href="/login/?next={address}"' in client.get(address).content.decode()
    assert "揭榜</button>" in room.staff.client("far").get(address).content.decode()
    for who in ("north", "office"):  # its own need; nobody who applies
        assert "揭榜</button>" not in room.staff.client(who).get(address).content.decode()
    room.answered(need, "far")
    assert "看本单位的方案" in room.staff.client("far").get(address).content.decode()


def test_answers_are_nowhere_on_the_public_pages(client, room):
    need = room.published()
    room.answered(need, "south", "far")
    for page in (LIST, reverse("portal:need", args=[need.pk])):
        text = client.get(page).content.decode()
        assert "的方案" not in text.replace("揭榜方案", "") and "南塘" not in text and "岚川电子" not in text


def test_the_result_stands_in_public_notice_until_its_last_day(client, room):
    room.noticed()
    with clock.pretend(datetime(2026, 4, 27, 23, 0, tzinfo=clock.TZ)):
        for page in (LIST, "/notices/"):
            text = client.get(page).content.decode()
            assert "揭榜结果公示" in text and "南塘机电有限公司" in text and "2026-04-27" in text
    with clock.pretend(datetime(2026, 4, 28, 0, 30, tzinfo=clock.TZ)):
        assert "揭榜结果公示" not in client.get(LIST).content.decode()


def test_a_need_that_was_not_put_up_is_not_there(client, room):
    need = room.hand_in("needs")
    assert client.get(reverse("portal:need", args=[need.pk])).status_code == 404
    for query in ({"kind": "x"}, {"field": "x"}, {"year": "二〇"}, {"q": "%"}):
        assert titles(client.get(LIST, query)) == []


def test_the_list_asks_the_same_number_of_queries_for_one_row_and_for_three(client, room):
    counts = []
    for more in (1, 2):
        for n in range(more):
            room.published(title=f"需求{more}{n}")
        client.get(LIST)
        with CaptureQueriesContext(connection) as caught:
            client.get(LIST)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 8
