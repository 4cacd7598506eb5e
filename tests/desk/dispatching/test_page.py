"""The dispatch page: what stands in a cell, what its address says, what it costs."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.directory.models import Region
from keshu.figures.models import Release, Scheme
from keshu.journal import moments
from keshu.journal.models import Revision
from keshu.journal.writing import writing

pytestmark = pytest.mark.django_db
PAGE = "/desk/dispatch/"


def line(html: str, name: str) -> str:
    """The row of a region in the matrix, without markup."""
    found = re.search(
        rf'<tr[^>]*><th class="place" scope="row">(?:<a[^>]*>)?{name}(?:</a>)?</th>(.*?)</tr>', html, re.S
    )
    assert found, name
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def order(html: str) -> list[str]:
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    names = re.findall(r'<th class="place" scope="row">(?:<a[^>]*>)?([^<]+)<', body)
    return [name for name in names if name.endswith("县")]


def test_the_open_column_says_value_completion_place_and_what_is_missing_to_the_next(desk):
    """甲 0.30 of 0.60 = 50.0 %; to reach 乙 (0.80 %) 0.5 % of 100 亿 = 5000 万 are missing; 2000万/80亿 = 0.25 a year ago."""
    cells = line(desk.see(PAGE), "甲县")
    assert "0.30 50.0% 0.60 滞后" in cells
    assert "0.50 5000 万元" in cells
    assert "+0.05" in cells


def test_the_first_place_has_nobody_ahead(desk):
    assert "居首" in line(desk.see(PAGE), "丙县")


def test_the_city_s_own_level_shows_its_amount_and_no_place(desk):
    cells = line(desk.see(PAGE), "市本级")
    assert "2000.00 万元" in cells and "不排位" in cells and "没有分母，看额" in cells


def test_a_part_that_has_no_such_figure_is_not_called_missing(desk):
    assert "不单列" in line(desk.see(PAGE), "市本级")


def test_a_zone_without_any_figure_of_its_own_has_no_row(desk):
    assert 'scope="row">甲园区' not in desk.see(PAGE)


def test_the_mean_counts_counties_only(desk):
    """(0.30 + 0.80 + 1.00) / 3 = 0.70."""
    cells = line(desk.see(PAGE), "县区均值")
    assert "0.70 3 个县（市、区）简单平均，只用于比较，不含市本级和功能区" in cells


def test_the_whole_is_sum_over_sum_and_says_what_is_in(desk):
    """(3000 + 8000 + 5000 + 2000) 万 / 250 亿 = 0.72 %."""
    cells = line(desk.see(PAGE), "全市")
    assert "0.72" in cells and "含市本级" in cells


def test_a_fixed_figure_has_neither_lamp_nor_bar(desk):
    html = desk.see(PAGE)
    cell = re.search(r'<div class="ks-cell fixed">.*?</div>', html)[0]
    assert "未达" in cell and "45.12" in cell and "目标 46.00" in cell
    assert "ks-lamp" not in cell and "ks-bar" not in cell


def test_a_missing_value_is_a_reason_with_a_way_on_never_zero_or_a_dash(desk):
    cells = line(desk.see(PAGE), "乙县")
    assert "未发布 综合科技进步水平指数" in cells
    assert "—" not in cells


def test_a_month_without_gdp_shows_the_registered_amount_instead_of_a_ratio(desk):
    html = desk.see(f"{PAGE}?period=2026-08&open=contract_gdp")
    assert "没有分母，代替技术合同占比" in html
    assert "3.00" in line(html, "甲县")


def test_what_the_time_line_counts_is_what_the_sentence_counts(desk):
    """August: 3 counties × (财政, 已登记合同额 for 技术合同, 高企): the three amounts are reported, six figures are not."""
    desk.aim("registered_amount", desk.city.a, "3000000000")
    html = desk.see(f"{PAGE}?period=2026-08")
    said = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "已报 3 / 9" in said
    # 甲 3.00 亿 of 30 亿 is 10 %, 66.7 % are due
    assert (
        "9 个当期项次中 滞后 1 个" in said
        and "甲县已登记合同额 3.00 亿元" in said
        and "另有 6 个缺数" in said
    )


def test_a_ratio_without_denominator_and_without_a_leading_amount_shows_its_own(desk):
    for region in (desk.city.a, desk.city.b, desk.city.c):
        desk.city.put("contract_registered", region, "2026-01..08", None)
    cells = line(desk.see(f"{PAGE}?period=2026-08&open=contract_gdp"), "甲县")
    assert "无分母 地区生产总值 额 300.00 万元" in cells


def test_the_time_line_says_what_a_sheet_found_next_year_needs(desk):
    html = desk.see(PAGE)
    said = re.sub(r"<[^>]+>|\s+", " ", html[html.index("ks-asof") : html.index("ks-dispatch") + 4000])
    for words in ("2026年1—9月", "序时进度", "75.0%", "亮灯规则", "序时三档", "已报", "2025年已定"):
        assert words in said


def test_sorting_is_in_the_address_and_puts_what_is_missing_last(desk):
    assert order(desk.see(PAGE)) == ["丙县", "乙县", "甲县"]
    assert order(desk.see(f"{PAGE}?dir=asc")) == ["甲县", "乙县", "丙县"]
    assert order(desk.see(f"{PAGE}?open=contract_gdp&sort=completion")) == ["乙县", "甲县", "丙县"]
    assert order(desk.see(f"{PAGE}?sort=region")) == ["甲县", "乙县", "丙县"]


def test_the_whole_is_called_by_its_own_level(desk):
    assert "距全市" in desk.see(f"{PAGE}?compare=whole")
    for code, year in (("gdp", "2025"), ("rd_expenditure", "2025")):
        desk.city.put(code, Region.objects.get(code="110000"), year, 10**12)
    html = desk.see(f"{PAGE}?scheme=provinces&period=2025&compare=whole")
    assert "距全国" in html and "距全市" not in html


def test_the_official_change_of_2023_says_which_2022_it_rests_on(desk):
    """2.65 − 2.56 (revised in 2024) = +0.09; 2.65 − 2.54 (as first published) = +0.11: national bulletins of 2022 and 2023."""
    nation, province = Region.objects.get(code="000000"), Region.objects.get(code="110000")
    with writing(desk.city.actor, "公报"):
        first = Release(source="公报", label="2022年首次发布", released_on=date(2023, 9, 18))
        second = Release(source="公报", label="2023年首次发布", released_on=date(2024, 10, 2))
        revised = Release(source="公报", label="2022年修订", released_on=date(2024, 10, 2), revised=True)
        for release in (first, second, revised):
            release.save()
    for region, year, value, release in (
        (nation, "2022", "2.54", first),
        (nation, "2022", "2.56", revised),
        (nation, "2023", "2.65", second),
        (province, "2022", "6.83", first),
        (province, "2023", "6.73", second),
    ):
        desk.city.put("rd_intensity_published", region, year, value, release)

    def seen(vintage):
        html = desk.see(f"{PAGE}?scheme=provinces&period=2023&open=rd_intensity_reported&vintage={vintage}")
        return line(html, "全国"), " ".join(re.sub(r"<[^>]+>", " ", html).split())

    cells, said = seen("latest")
    assert (
        "2.65 +0.09 *" in cells
        and "全国的2023年取自《公报 2023年首次发布》，2022年取自《公报 2022年修订》" in said
    )
    cells, said = seen("first")
    assert (
        "2.65 +0.11 *" in cells and "2022年取自《公报 2022年首次发布》" in said and "2022年修订" not in said
    )


def test_classes_have_their_own_places_beside_the_place_among_all(desk):
    html = desk.see(f"{PAGE}?group=class&open=contract_gdp")
    assert "2 共 2，全部 3" in line(html, "甲县")
    assert "1 共 1，全部 1" in line(html, "丙县")


def test_a_lamp_can_be_picked_out(desk):
    html = desk.see(f"{PAGE}?lamp=late")
    assert order(html) == ["甲县"]


def test_what_is_swapped_is_the_card_alone(desk):
    html = desk.see(f"{PAGE}?open=st_progress", **{"HX-Request": "true"})
    assert 'id="dispatch-card"' in html and 'id="dispatch-acts"' in html
    assert "<html" not in html
    assert 'data-announce="已展开科技进步指数' in html


def test_going_back_in_the_browser_gets_the_whole_page(desk):
    html = desk.see(PAGE, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in html


def test_unknown_things_are_refused_with_words(desk):
    client = desk.client()
    assert client.get(f"{PAGE}?scheme=没有").status_code == 404
    assert client.get(f"{PAGE}?period=昨天").status_code == 400
    assert client.get(f"{PAGE}?asof=不是时间").status_code == 400
    assert "没有调度方案" in client.get(f"{PAGE}?scheme=没有").content.decode()


def test_a_period_without_data_offers_the_last_one_that_has(desk):
    html = desk.see(f"{PAGE}?period=2031-09")
    assert "2031年1—9月还没有数" in html and "看2026年1—9月" in html


def test_a_name_from_the_data_is_never_markup(desk):
    with writing(desk.city.actor, "改名"):
        region = Region.objects.get(pk=desk.city.a.pk)
        region.name = "<b>甲县</b>"
        region.save()
    html = desk.see(PAGE)
    assert "<b>甲县" not in html and "&lt;b&gt;甲县" in html


def test_an_earlier_moment_says_so_and_lists_what_differs_since(desk):
    then = moments.latest()
    desk.city.put("contract_output", desk.city.a, "2026-01..09", "40000000")
    html = desk.see(f"{PAGE}?asof=r{then}&diff=1")
    assert f"正在看 r{then} 的表，与现在有 1 处不同" in html
    assert "<del>0.30 %" in html and "0.40 %" in html
    assert "回到现在" in html
    assert "0.40" in line(desk.see(PAGE), "甲县")
    assert "正在看" not in desk.see(PAGE)


def test_a_county_sees_itself_whole_and_of_the_others_value_and_place(desk):
    html = desk.see(PAGE, "county")
    own, other = line(html, "甲县"), line(html, "乙县")
    assert "滞后" in own and "5000 万元" in own
    assert "0.80" in other and "正常" not in other and "100.0%" not in other
    assert f"region={desk.city.b.code}" not in html
    assert "别的地区只公布数值和位次" in html


def test_a_scheme_that_is_not_published_shows_a_county_only_itself(desk):
    with writing(desk.city.actor, "不互看"):
        scheme = Scheme.objects.get(code="strong-st-5")
        scheme.published = False
        scheme.save()
    assert desk.client("county").get(f"{PAGE}?scheme=strong-st-5").status_code == 404


def test_nothing_is_written_by_looking(desk):
    client = desk.client()
    before = Revision.objects.count()
    for query in ("", "?view=chart", "?view=map", f"?whatif={desk.city.a.code}", "?group=class"):
        assert client.get(f"{PAGE}{query}").status_code == 200
    assert Revision.objects.count() == before


def add_county(city, order: int) -> None:
    with writing(city.actor, "添县"):
        Region(
            code=f"99001{order}",
            name=f"丁{order}县",
            short_name=f"丁{order}",
            level="county",
            parent=city.top,
            order=order,
        ).save()


def test_more_regions_ask_no_more_of_the_database(desk):
    """The same number of queries for three counties as for seven."""
    client = desk.client()
    client.get(PAGE)

    def queries() -> int:
        client.get(PAGE)  # fills the book of definitions
        with CaptureQueriesContext(connection) as counted:
            client.get(PAGE)
        return len(counted)

    few = queries()
    for order in range(5, 9):
        add_county(desk.city, order)
    assert queries() == few
