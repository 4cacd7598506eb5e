"""The front page: only doors that work, each with a fact of today, and one search over all of them."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from keshu.terms import clock
from tests.reserves.room import in_march  # noqa: F401

pytestmark = pytest.mark.django_db


def doors(client):
    return {door["label"]: door for door in client.get("/").context["doors"]}


def test_a_house_with_nothing_to_show_has_no_dead_doors(client, base):
    assert list(doors(client)) == ["区域科技创新管控系统"]
    assert "说您要办的事" not in client.get("/").content.decode()


def test_each_door_appears_with_what_is_behind_it_and_counts_it(client, room):
    assert not {"政策与表格下载", "需求榜", "成果库"} & set(doors(client))
    room.public_paper()
    room.published()
    room.registered()
    found = doors(client)
    assert (found["政策与表格下载"]["count"], found["政策与表格下载"]["note"]) == (1, "最近公开 03-16")
    assert (found["需求榜"]["count"], found["需求榜"]["unit"]) == (1, "个需求等您揭榜")
    assert found["成果库"]["count"] == 1


def test_every_link_of_the_front_page_opens(client, room):
    room.public_paper()
    room.published()
    room.registered()
    text = client.get("/").content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    links = set(re.findall(r'href="(/[^"#]*)"', main))
    assert len(links) >= 6
    for link in links:
        answer = client.get(link, follow=True)
        assert answer.status_code == 200, link


def test_a_result_in_notice_is_on_the_front_page_and_counted(client, room):
    room.noticed()
    with clock.pretend(datetime(2026, 4, 21, 9, 0, tzinfo=clock.TZ)):
        assert doors(client)["公示"]["count"] == 1
        text = client.get("/").content.decode()
    assert "揭榜结果 井下胶带撕裂识别" in text and "异议截止 04-27" in text


def test_one_search_finds_in_every_public_list(client, room):
    room.public_paper(title="胶带检测指南")
    room.published(title="胶带撕裂识别")
    room.registered(title="胶带探伤方法")
    found = client.get(reverse("portal:find"), {"q": "胶带"})
    assert {group["title"]: group["count"] for group in found.context["groups"]} == {
        "政策与表格下载": 1,
        "需求榜": 1,
        "成果库": 1,
    }
    assert "没有查到“没有的”" in client.get(reverse("portal:find"), {"q": "没有的"}).content.decode()
    assert "写几个字再查" in client.get(reverse("portal:find")).content.decode()
    script = client.get(reverse("portal:find"), {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in script


def test_drafts_and_what_is_kept_are_not_found(client, room):
    room.hand_in("publications", "office", title="胶带起草")
    room.hand_in("needs", title="胶带没有论证")
    room.registered(title="胶带不公开", open_to_public="")
    assert client.get(reverse("portal:find"), {"q": "胶带"}).context["groups"] == []


def test_the_elder_version_is_one_press_away(client, room):
    assert "大字版" in client.get("/").content.decode()
    client.cookies["keshu_mode"] = "elder"
    assert 'data-mode="elder"' in client.get("/").content.decode()
