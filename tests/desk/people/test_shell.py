"""The rail by role, where a role lands, and what the search finds for whom."""

import pytest

from keshu.desk import shell
from keshu.desk.people import searching
from keshu.figures.entry import loading
from keshu.figures.entry.models import Sheet
from keshu.figures.entry.periods import current
from keshu.journal.writing import writing
from keshu.terms import clock
from tests.access import ADMINS, BUREAU, COUNTY, EVERY_ROLE
from tests.figures.entry.conftest import SPEC, at

pytestmark = pytest.mark.django_db
RAILS = {
    "system_admin": ["组织", "账号", "权限"],
    "security_admin": ["权限"],
    "audit_admin": ["日志"],
}


def words(staff, role):
    return [entry["label"] for entry in shell.rail(staff.actor_as(role))]


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_rail_words_have_two_characters_and_at_most_six_stand_in_it(staff, role):
    found = words(staff, role)
    assert found and all(len(word) == 2 for word in found)
    page = staff.client(role).get("/desk/search/").context
    assert len(page["nav"]) <= 6


@pytest.mark.parametrize("role", ADMINS)
def test_an_administrator_has_its_own_entries_and_no_other(staff, role):
    assert words(staff, role) == RAILS[role]


@pytest.mark.parametrize("role", [*BUREAU, *COUNTY])
def test_business_roles_see_no_administration(staff, role):
    assert not set(words(staff, role)) & {"组织", "账号", "权限", "日志"}


@pytest.mark.parametrize("role", COUNTY)
def test_a_county_has_its_month_first(staff, role):
    assert words(staff, role)[:3] == ["今日", "填报", "位次"]


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_every_entry_of_a_rail_opens(staff, role):
    for entry in shell.rail(staff.actor_as(role)):
        answer = staff.client(role).get(entry["href"], follow=True)
        assert answer.status_code < 400, entry


def test_a_leader_lands_on_the_dispatch_of_the_last_scheme(staff):
    client = staff.client("leader")
    assert client.get("/desk/")["Location"] == "/desk/dispatch/"
    client.cookies["keshu_scheme"] = "provinces"
    assert client.get("/desk/")["Location"] == "/desk/dispatch/?scheme=provinces"


def test_a_county_lands_on_today_while_no_month_is_open(staff):
    assert staff.client("county_filler").get("/desk/")["Location"] == "/desk/today/"


def test_a_county_lands_on_its_month_until_the_month_has_left_its_hands(staff, actor):
    with clock.pretend(at(10, 8)):
        form = loading.load_form(SPEC, actor)
        actors = staff.actor_as("county_filler")
        assert shell.month_open(actors)
        assert shell.landing(actors) == "/desk/entry/"
        with writing(actor, "已签报"):
            sheet = Sheet(
                form=form, region=staff.county, period=current(form).code, due_at=clock.now(), state="signed"
            )
            sheet.save()
        assert not shell.month_open(actors)
        assert shell.landing(actors) == "/desk/today/"
        with writing(actor, "退回"):
            sheet.state = "returned"
            sheet.save()
        assert shell.landing(actors) == "/desk/entry/"


def test_the_others_land_on_their_first_entry(staff):
    for role in ("planning", "system_admin", "security_admin", "audit_admin"):
        assert staff.client(role).get("/desk/")["Location"] == shell.rail(staff.actor_as(role))[0]["href"]


def labels(staff, role, query):
    groups = searching.everything(staff.actor_as(role))
    return {
        title: [thing.label for thing in searching.found(query, things)] for title, things in groups.items()
    }


def test_search_finds_by_name_alias_and_code(staff):
    assert labels(staff, "planning", "rd_gdp")["指标"] == ["研发经费投入强度"]
    assert "研发经费投入强度" in labels(staff, "planning", "研发 强度")["指标"]
    assert "有效发明专利" in labels(staff, "planning", "有效发明专利拥有量")["计量"]
    assert "望岭县" in labels(staff, "planning", "991001")["地区"]
    assert labels(staff, "planning", "打开 调度")["页面"] == ["调度"]


def test_a_county_finds_its_own_region_only(staff):
    assert labels(staff, "county_filler", "望岭")["地区"] == ["望岭县"]
    assert labels(staff, "county_filler", "岚川")["地区"] == []


@pytest.mark.parametrize("role", ADMINS)
def test_an_administrator_finds_pages_and_nothing_of_the_business(staff, role):
    assert set(labels(staff, role, "研发")) == {"页面"}
    page = staff.client(role).get("/desk/search/", {"q": "研发经费投入强度"}).content.decode()
    assert "没有找到" in page


def test_a_misspelt_name_gets_the_nearest_ones(staff):
    page = staff.client("planning").get("/desk/search/", {"q": "望领县"}).content.decode()
    assert "是不是" in page and "望岭县" in page


def test_the_nearest_names_are_scoped_as_well(staff):
    page = staff.client("county_filler").get("/desk/search/", {"q": "岚州县"}).content.decode()
    assert "岚川县" not in page


def test_what_was_typed_is_shown_as_text(staff):
    page = staff.client("planning").get("/desk/search/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
