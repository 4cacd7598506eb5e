"""大屏: what hangs on it, what may not, whose link it is, and what it says when data stand still."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import keshu
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Person, Unit
from keshu.duties.issuing import Origin, issue_order
from keshu.figures.models import Indicator, Measure, Release, ReportedValue
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import NotYourTurn
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.walls.clearing import ClearanceRefused, clear, take_back
from keshu.walls.linking import (
    NoSuchScreen,
    ScreenRefused,
    digest_of,
    make_screen,
    screen_of,
    withdraw_screen,
)
from keshu.walls.models import Clearance, Screen

pytestmark = pytest.mark.django_db
WALL = "/desk/screen/"
UNTIL = date(2026, 12, 31)


@pytest.fixture
def planner(desk) -> Actor:
    return actor_of(desk.accounts["bureau"])


def cells(html: str, name: str) -> list[str]:
    """The cells of a region in the matrix, without markup."""
    row = re.search(rf'<th scope="row">{name}</th>(.*?)</tr>', html, re.S)
    assert row, name
    return [
        " ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<td>(.*?)</td>", row[1], re.S)
    ]


def publish(desk, on=date(2026, 10, 10), kind=Release.Kind.AUTHORITY):
    """Everything that was recorded becomes part of a publication of a day."""
    with writing(desk.city.actor, "公布"):
        for release in Release.objects.filter(pk=desk.city.release.pk):
            release.released_on, release.kind = on, kind
            release.save()


def let_through(planner, code="contract_gdp", until="2026-01..09"):
    return clear(
        actor=planner,
        indicator=Indicator.objects.get(code=code),
        until=Period.parse(until),
        basis="统计局 10 月 9 日函复",
    )


# ---- what may be shown --------------------------------------------------------------------------------------


def test_an_unreleased_statistic_hangs_neither_on_the_wall_nor_under_its_link(desk, planner):
    """甲县 0.30 % stands in a release without a day of publication: value, completion, lamp and place stay away."""
    _, token = make_screen(actor=planner, place="三楼", expires_on=UNTIL)
    for html in (desk.see(WALL), Client().get(f"/desk/screen/at/{token}/").content.decode()):
        assert "未公开" in cells(html, "甲县")
        assert "0.30" not in html and "0.80" not in html and "46.2%" not in html
        assert "3 个未公开" in html


def test_a_release_that_has_its_day_of_publication_shows(desk):
    publish(desk)
    assert "0.30 " in desk.see(WALL) or any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))
    publish(desk, on=date(2026, 10, 13))  # tomorrow it is out, today it is not
    assert not any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))


@pytest.mark.parametrize("kind", [Release.Kind.COUNTY, Release.Kind.FEEDBACK, Release.Kind.ESTIMATE])
def test_a_report_a_feedback_and_an_estimate_publish_nothing(desk, kind):
    publish(desk, kind=kind)
    assert not any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))


def test_a_measure_that_may_not_be_public_does_not_hang_there_even_if_somebody_printed_it(desk):
    publish(desk)
    with writing(desk.city.actor, "收回公开"):
        measure = Measure.objects.get(code="contract_output")
        measure.open_to_public = False
        measure.save()
    assert not any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))


def test_a_named_release_lets_a_period_through_and_its_taking_back_ends_it(desk, planner):
    row = let_through(planner)
    assert any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))
    assert (row.cleared_by, row.basis) == (planner.name, "统计局 10 月 9 日函复")
    take_back(actor=planner, pk=row.pk)
    assert not any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))
    assert Clearance.objects.get().withdrawn_by == planner.name  # the history of who let it through stays


def test_a_named_release_of_an_earlier_period_does_not_cover_a_later_one(desk, planner):
    let_through(planner, until="2026-01..08")
    assert not any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))


def test_the_whole_stays_away_while_one_part_is_not_out(desk):
    """丙县's own release has no day: the ratio of the city would give its share away."""
    publish(desk)
    assert any(one["name"] and one.get("text") for one in five(desk) if "合同" in one["name"])
    with writing(desk.city.actor, "另一次发布"):
        other = Release(source="县统计局", label="快报", kind=Release.Kind.AUTHORITY)
        other.save()
    desk.city.put("contract_output", desk.city.c, "2026-01..09", "60000000", other)
    desk.city.put("contract_output", desk.city.c, "2026-01..09", None)
    found = next(one for one in five(desk) if "合同" in one["name"])
    assert found.get("text") is None and found["word"] == "未公开"


def five(desk):
    return desk.client().get(WALL).context["five"]


def test_a_named_release_says_its_basis_and_comes_from_planning(desk, planner):
    with pytest.raises(ClearanceRefused, match="没有写放行的依据"):
        clear(
            actor=planner,
            indicator=Indicator.objects.get(code="contract_gdp"),
            until=Period.parse("2026"),
            basis=" ",
        )
    with pytest.raises(NotYourTurn):
        let_through(actor_of(desk.accounts["county"]))
    let_through(planner)
    with pytest.raises(ClearanceRefused, match="不用再放"):
        let_through(planner)


def test_the_wall_names_no_person(desk, planner):
    with writing(desk.city.actor, "单位"):
        unit = Unit(code="U-X", name="甲县科技局一室", region=desk.city.a)
        unit.save()
        Person(code="P-x", name="欧阳致远").save()
    issue_order(
        actor=planner,
        what="请欧阳致远督促补登合同",
        holder=unit,
        due_on=date(2026, 10, 30),
        origin=Origin("instruction", "x|1", "批示"),
    )
    html = desk.see(WALL)
    assert "请有关负责人督促补登合同" in html and "欧阳致远" not in html
    assert planner.name not in html.replace("bureau", "") or planner.name == "bureau"


# ---- how it hangs -------------------------------------------------------------------------------------------


def test_data_older_than_a_day_are_said_to_stand_still(desk):
    at = moments.moment_of(ReportedValue.objects.for_system("测试").latest("revision").revision)
    with clock.pretend(at + timedelta(hours=24)):
        assert "数据截至" in desk.see(WALL) and "is-stale" not in desk.see(WALL)
    with clock.pretend(at + timedelta(hours=24, seconds=1)):
        html = desk.see(WALL)
        assert f"数据停在 {at:%m-%d %H:%M}" in html and "ks-asof is-stale" in html


def test_it_asks_for_itself_and_has_nothing_to_touch(desk):
    html = desk.see(WALL)
    assert 'hx-get="/desk/screen/"' in html and "every 60s" in html
    assert not re.search(r"<(a|button|input|form)\b", html)


def test_nothing_on_it_is_smaller_than_16_pixels():
    """1rem is 18 px on a wall of 1920 px (tokens.css): .889rem would be 16 px."""
    css = (Path(keshu.__file__).parents[1] / "keshu/desk/static/keshu/css/screen.css").read_text()
    wall = css[: css.index("/* 领导手机页 */")]
    assert min(float(size) for size in re.findall(r"font-size: ([\d.]+)rem", wall)) * 18 >= 16
    assert min(int(size) for size in re.findall(r"font-size: (\d+)px", wall)) >= 16


def test_orders_cost_no_query_each(desk, planner):
    unit = Unit.objects.get(code="U-county")

    def order(number):
        issue_order(
            actor=planner,
            what=f"补登第 {number} 批",
            holder=unit,
            due_on=date(2026, 10, 20),
            origin=Origin("instruction", f"x|{number}", "批示"),
        )

    def spent(page):
        client = desk.client()
        client.get(page)
        with CaptureQueriesContext(connection) as found:
            assert client.get(page).status_code == 200
        return len(found)

    order(1)
    with clock.pretend(date(2026, 10, 25)):
        one = {page: spent(page) for page in (WALL, "/desk/phone/")}
    order(2)
    order(3)
    with clock.pretend(date(2026, 10, 25)):
        assert {page: spent(page) for page in one} == one
        html = desk.see("/desk/phone/")
    assert "超期的督办 3" in html and html.count("超期 5 天") == 3
    assert re.search(r'href="/desk/registers/orders/\d+/"', html)


# ---- the link -----------------------------------------------------------------------------------------------


def test_a_link_opens_the_wall_without_signing_in_until_it_is_withdrawn(desk, planner):
    made, token = make_screen(actor=planner, place="三楼会议室", expires_on=UNTIL)
    page = f"/desk/screen/at/{token}/"
    answer = Client().get(page)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert f'hx-get="{page}"' in answer.content.decode()
    assert made.digest == digest_of(token) and token not in str(made.recorded_data())
    withdraw_screen(actor=planner, pk=made.pk)
    assert Client().get(page).status_code == 404


def test_a_link_ends_by_itself_after_its_last_day(desk, planner):
    _, token = make_screen(actor=planner, place="三楼", expires_on=date(2026, 10, 20))
    with clock.pretend(date(2026, 10, 20)):
        assert screen_of(token).place == "三楼"
    with clock.pretend(date(2026, 10, 21)), pytest.raises(NoSuchScreen, match="停用或过期"):
        screen_of(token)


def test_links_are_planning_s_have_a_place_and_an_end(desk, planner):
    with pytest.raises(NotYourTurn):
        make_screen(actor=actor_of(desk.accounts["county"]), place="三楼", expires_on=UNTIL)
    with pytest.raises(ScreenRefused, match="没有写这块屏放在哪里"):
        make_screen(actor=planner, place=" ", expires_on=UNTIL)
    with pytest.raises(ScreenRefused, match="已经过了"):
        make_screen(actor=planner, place="三楼", expires_on=date(2026, 10, 11))
    with pytest.raises(ScreenRefused, match="太久"):
        make_screen(actor=planner, place="三楼", expires_on=date(2030, 1, 1))
    assert not Screen.objects.exists()


def test_trying_addresses_is_stopped(desk):
    met = [Client().get(f"/desk/screen/at/try{n}/").status_code for n in range(21)]
    assert met == [404] * 20 + [429]


def test_planning_makes_a_link_and_lets_a_column_through_on_the_page(desk, planner):
    client, page = desk.client(), "/desk/screen/links/"
    shown = client.post(page, {"action": "make", "place": "三楼", "expires_on": "2026-12-31"}).context["made"]
    assert Client().get(shown.removeprefix("http://testserver")).status_code == 200
    assert shown not in client.get(page).content.decode()  # told once
    refused = client.post(page, {"action": "make", "place": "三楼", "expires_on": "明年"})
    assert refused.status_code == 400 and "不是日期" in refused.content.decode()
    client.post(
        page, {"action": "clear", "indicator": "contract_gdp", "until": "2026-01..09", "basis": "函复"}
    )
    assert any(one.startswith("0.30") for one in cells(desk.see(WALL), "甲县"))
    assert "收回这一条" in client.get(page).content.decode()


def test_the_hour_on_the_wall_is_the_house_s(desk):
    with clock.pretend(datetime(2026, 10, 12, 14, 26, tzinfo=clock.TZ)):
        assert "14:26" in desk.see(WALL)
