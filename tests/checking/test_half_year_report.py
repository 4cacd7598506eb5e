"""Seed of the year's check: the half-year report of a county-level bureau comes out of imported records (see half_year.py for the source)."""

from decimal import Decimal

import pytest
from django.test import override_settings

from keshu.checking import steps
from keshu.checking.lighting import percent, standing
from keshu.checking.models import Check, Item
from keshu.checking.monthly import month_sheet
from keshu.checking.opening import open_month
from keshu.custom.models import CustomRecord
from keshu.directory.actors import system
from keshu.goals.actuals import actual
from keshu.journal import moments
from keshu.terms import clock
from keshu.terms.period import Period
from tests import snapshots
from tests.checking.half_year import ITEMS, JULY, JUNE, YEAR, told
from tests.desk.staff import QUICK, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_july():
    with clock.pretend(JULY):
        yield


@pytest.fixture(scope="session")
def kept_year(django_db_setup, django_db_blocker, kept_staff, tmp_path_factory):
    """The half-year, brought in once and kept beside the tables."""
    folder = tmp_path_factory.mktemp("half-year")

    def made():
        staff = Staff(system("测试"))
        with clock.pretend(JULY):
            return told(staff, folder)

    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK, MEDIA_ROOT=folder / "media"):
        return snapshots.take("half_year", made, on="base")


@pytest.fixture
def year(base, actor, kept_year, quick_passwords, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return snapshots.begin("half_year", kept_year, lambda: told(Staff(actor), tmp_path))


def stands(year, name: str, **where):
    return standing([year.item(name)], until=JUNE, **where)[0]


def test_the_half_year_is_counted_from_records_and_follows_a_withdrawn_application_at_once(year):
    items = list(Item.objects.for_system("测试").select_related("goal", "unit").order_by("order"))
    assert [item.name for item in items] == [row[0] for row in ITEMS] and len(items) == 14
    assert {item.unit.name for item in items} == {"成果科", "高新科", "农村科"}
    assert all(item.person and item.leader and item.due_on.year == YEAR for item in items)

    found = {one.item.name: one for one in standing(items, until=JUNE)}
    said = {name: (one.value, percent(one.completion)) for name, one in found.items() if one.completion}
    assert said == {
        "申请专利150项": (78, "52.0%"),
        "引进高层次科技创新人才": (6, "300.0%"),  # 1—2 名 divides by the upper bound
        "储备新工程": (12, "120.0%"),
        "农民适用技术培训1万人次": (Decimal("0.675"), "67.5%"),  # 2,750 + 4,000 of 1 万
    }
    parts = found["农民适用技术培训1万人次"].actual.parts
    assert [(part.label, part.value) for part in parts] == [
        ("登记的农民培训人次", 2750),
        ("登记的特派员培训人次", 4000),
    ]
    assert found["申请专利150项"].completion == Decimal("0.52")
    # beside the 78: one of last year, one of July, one of another city, one struck before
    assert CustomRecord.objects.for_system("测试").filter(definition__code="patent_log").count() == 82

    before = moments.latest()
    year.void("专利33")
    now = stands(year, "申请专利150项")
    assert (now.value, percent(now.completion)) == (77, "51.3%")
    then = stands(year, "申请专利150项", revision=before)
    assert (then.value, percent(then.completion)) == (78, "52.0%")
    assert actual(year.goal("申请专利"), until=JUNE, revision=before).value == 78
    assert list(moments.broken_links()) == []


def test_the_review_keeps_june_as_it_was_and_the_page_shows_both(year):
    june = Period.month(YEAR, 6)
    assert open_month(june, year.planning) == 14
    check = Check.objects.for_system("测试").get(item=year.item("申请专利150项"))
    filled = steps.step(
        check, "submit", year.office, given={"verdict": "going", "progress": "上半年申请 78 件"}
    )
    steps.step(filled, "review", year.planning)
    year.void("专利33")
    sheet = month_sheet(year.planning, june)
    line = next(line for line in sheet.lines if line.item.name == "申请专利150项")
    assert (line.shown_completion, line.now_completion) == ("52.0%", "51.3%")
    assert (line.lamp.word, line.frozen) == ("已过半", True)
    assert Check.objects.for_system("测试").get(pk=check.pk).actual == 78
    # 时间过半任务过半: four are counted, the node of September is not due in June, what nobody reported is missing
    words = {line.item.name: line.lamp.word for line in sheet.lines}
    assert {name for name, word in words.items() if word == "已过半"} == {
        "申请专利150项", "引进高层次科技创新人才", "储备新工程", "农民适用技术培训1万人次",
    }  # fmt: skip
    assert words["园区工程达产达效"] == "缺数"


def test_the_same_task_list_again_changes_nothing(year):
    before = moments.latest()
    year.items()
    assert moments.latest() == before and Item.objects.for_system("测试").count() == 14
