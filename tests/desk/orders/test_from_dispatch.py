"""下达督办单 on a row of the dispatch: on 当期 and 先行 figures, never on an 已定 one."""

from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse

from keshu.directory.models import Unit
from keshu.duties.models import Order

pytestmark = pytest.mark.django_db


def address(name: str, **query: str) -> str:
    return (
        reverse("desk:order_issue") + "?" + "&".join(f"{k}={v}" for k, v in {"name": name, **query}.items())
    )


def test_a_lagging_row_is_ordered_of_its_county_with_the_origin_filled_in(desk):
    a = desk.city.a
    client = desk.client()
    page = client.get(reverse("desk:indicator"), {"name": "contract_gdp", "subject": a.code})
    link = page.context["order_href"]
    assert link and link in page.content.decode().replace("&amp;", "&")
    form = client.get(link)
    assert form.status_code == 200
    assert form.context["typed"]["holder"] == str(Unit.objects.get(code="U-county").pk)
    assert a.short_name in form.context["typed"]["what"]
    sent = {**form.context["typed"], "due_on": "2026-10-31"}
    done = client.post(link, sent)
    assert done.status_code == 302
    order = Order.objects.for_system("测试").get()
    kind, scheme, indicator, region, period = order.origin_ref.split("|")
    assert (kind, indicator, region, period) == ("dispatch", "contract_gdp", a.code, "2026-01..09")
    assert (order.origin_kind, order.unit.code) == ("lamp", "U-county")
    # 甲 0.30 % against a target of 0.60 % with all of it due: half done.
    assert "0.30%" in order.origin_said and "完成 50.0%" in order.origin_said
    again = client.post(link, sent)
    assert again.status_code == 422 and order.number in again.context["problem"]
    record = client.get(reverse("desk:record", args=["orders", order.pk])).content.decode()
    assert f"name=contract_gdp&amp;subject={a.code}" in record
    assert parse_qs(urlparse(link).query)["subject"] == [a.code] and scheme


def test_a_settled_figure_has_no_button_and_the_address_refuses(desk):
    a = desk.city.a
    client = desk.client()
    page = client.get(reverse("desk:indicator"), {"name": "st_progress", "subject": a.code})
    assert page.context["order_href"] == ""
    for method in (client.get, client.post):
        refused = method(address("st_progress", subject=a.code))
        assert refused.status_code == 422 and "先行指标" in refused.context["problem"]
    assert not Order.objects.for_system("测试").exists()


def test_a_leading_figure_may_be_ordered_and_a_county_has_no_button(desk):
    a = desk.city.a
    assert desk.client().get(address("registered_amount", subject=a.code)).status_code == 200
    own = desk.client("county").get(reverse("desk:county"), {"region": a.code})
    assert own.status_code == 200 and reverse("desk:order_issue") not in own.content.decode()
    whole = desk.client().get(reverse("desk:county"), {"region": a.code}).content.decode()
    assert reverse("desk:order_issue") in whole
    assert desk.client().get(address("none", subject=a.code)).status_code == 404
