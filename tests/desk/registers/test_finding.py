"""The search of a list, and the sums that are kept until something is written."""

from decimal import Decimal

import pytest

from keshu.desk import kept
from keshu.desk.registers import listing
from keshu.journal.writing import writing
from keshu.programmes.models import Application

pytestmark = pytest.mark.django_db
LIST = "/desk/registers/programmes/"


def enter(office, title, **values):
    with writing(office.actors["planning"], "登记"):
        row = Application(
            call=office.call,
            year=2026,
            level="city",
            field="industry",
            region=office.staff.county,
            unit_id=office.actors["north"].unit_id,
            state="submitted",
            title=title,
            **values,
        )
        row.save()
    return row


@pytest.mark.parametrize("text", ["gan 器件", "GaN", "器件50%", "ＧＡＮ", "µ"])
@pytest.mark.parametrize("few", [2000, 0])
def test_letters_are_found_in_either_case_and_marks_stand_for_themselves(office, monkeypatch, text, few):
    monkeypatch.setattr(listing, "FEW", few)
    enter(
        office, {"ＧＡＮ": "宽体 ＧＡＮ 材料", "µ": "5µ 级", "器件50%": "器件50%增效"}.get(text, "GaN 器件")
    )
    enter(office, "器件500强")
    page = office.staff.client("office").get(LIST, {"q": text})
    assert len(page.context["lines"]) == page.context["page"].paginator.count == 1


def test_few_found_are_paged_in_order_and_summed_as_the_database_sums(office, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    for n, granted in enumerate((Decimal("10000.01"), None, Decimal(20000))):
        enter(office, f"轴承{n}", granted=granted)
    client = office.staff.client("office")
    asked = {"q": "轴承", "sort": "title", "page": "2"}
    few = client.get(LIST, asked)
    monkeypatch.setattr(listing, "FEW", 0)
    many = client.get(LIST, asked)
    for page in (few, many):
        assert [line["title"] for line in page.context["lines"]] == ["轴承2"]
        assert page.context["page"].paginator.count == 3
    assert few.context["totals"] == many.context["totals"]
    # 10,000.01 + 20,000 元 = 3.000001 万元
    assert few.context["totals"][0]["text"].startswith("—") and few.context["totals"][1]["text"] == "3.00"


def test_kept_sums_follow_every_write_and_belong_to_one_post(office, settings):
    settings.KEEP_BADGES = True
    kept.forget()
    enter(office, "甲", asked=Decimal(100000))
    client = office.staff.client("office")
    assert [client.get(LIST).context["page"].paginator.count for _ in range(2)] == [1, 1]
    enter(office, "乙", asked=Decimal(100000))
    assert client.get(LIST).context["page"].paginator.count == 2
    assert office.staff.client("south").get(LIST).context["page"].paginator.count == 0
    kept.forget()
