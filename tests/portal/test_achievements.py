"""成果库: registered and released achievements, without persons."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.reserves import achieving
from tests.reserves.room import in_march  # noqa: F401

pytestmark = pytest.mark.django_db
LIST = "/achievements/"


def titles(answer):
    return [row.title for row in answer.context["page"]]


def test_only_what_is_registered_and_released_can_be_found(client, room):
    shown = room.registered()
    kept = room.registered("south", title="不公开的", open_to_public="")
    waiting = room.hand_in("achievements", "far", title="还没有登记的")
    assert titles(client.get(LIST)) == [shown.title]
    for row in (kept, waiting):
        assert client.get(reverse("portal:achievement", args=[row.pk])).status_code == 404
    page = reverse("portal:achievement", args=[shown.pk])
    assert client.get(page).status_code == 200
    achieving.step(shown, "hide", room.actors["north"], note="在谈许可")
    assert client.get(page).status_code == 404


def test_no_person_leaves(client, room):
    made = room.registered()
    for page in (LIST, reverse("portal:achievement", args=[made.pk])):
        text = client.get(page).content.decode()
        assert "韩溪" not in text and "方砚" not in text and "网上填报" not in text


def test_it_is_searched_by_name_keyword_holder_number_kind_field_and_year(client, room):
    room.registered()
    room.registered("far", title="评价模型", kind="soft", field="soft", keywords="县域")
    for query in (
        {"q": "硝化菌"},
        {"q": "低温"},
        {"q": "北岭"},
        {"q": "0002026Y0001"},
        {"kind": "applied"},
        {"field": "social"},
    ):
        assert titles(client.get(LIST, query)) == ["低温硝化菌剂"], query
    assert len(titles(client.get(LIST, {"year": "2026"}))) == 2
    for query in ({"q": "没有"}, {"year": "1999"}, {"year": "二〇"}, {"kind": "x"}):
        assert titles(client.get(LIST, query)) == [], query


def test_the_list_asks_the_same_number_of_queries_for_one_row_and_for_three(client, room):
    counts = []
    for more in (1, 2):
        for n in range(more):
            room.registered(title=f"成果{more}{n}")
        client.get(LIST)
        with CaptureQueriesContext(connection) as caught:
            client.get(LIST)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 8
