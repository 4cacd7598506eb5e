"""全国—31省: published figures, the arithmetic on the page, and nothing that is not public."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from keshu.directory.models import Region
from keshu.figures.book import book
from keshu.figures.models import Measure, Release, Scheme
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.period import Period
from keshu.terms.quantity import scale

pytestmark = pytest.mark.django_db
YI = 100_000_000


class Publications:
    """Releases and their values, typed in 亿元 and percent as printed."""

    def __init__(self, actor):
        self.actor = actor
        self.releases = {}

    def release(self, source, label="", **more):
        with writing(self.actor, "登记发布"):
            made = Release(source=source, label=label, **more)
            made.save()
        return made

    def put(self, release, measure, code, year, value, *, entered_by=""):
        found = book(moments.latest()).measure(measure)
        region = Region.objects.get(code=code)
        stored = Decimal(value) * (YI if found.unit == "元" else 1)
        period = measure_period(found, Period.year(year)).code
        with writing(self.actor, "录入") as block:
            change = ValueChange(found.pk, region.pk, period, release.pk, scale(stored, found.decimals))
            record_values(block, [change])


@pytest.fixture
def published(base, actor) -> Publications:
    """R&D expenditure and GDP of two provinces for 2023 and 2022, as the bulletins print them (100 million yuan).

    National bulletin on science and technology funding 2023: 北京 2947.1, 天津 599.2 (intensity 6.73, 3.58); statistical
    yearbook: GDP 北京 43760.7, 天津 16737.3. 2022: 北京 2843.3, GDP 41610.9 (yearbook 2023).
    """
    made = Publications(actor)
    bulletin = made.release("全国科技经费投入统计公报", "2023年首次发布")
    yearbook = made.release("中国统计年鉴", "2023年")
    for code, spent, gdp, intensity in (
        ("110000", "2947.1", "43760.7", "6.73"),
        ("120000", "599.2", "16737.3", "3.58"),
    ):
        made.put(bulletin, "rd_expenditure", code, 2023, spent)
        made.put(yearbook, "gdp", code, 2023, gdp)
        made.put(bulletin, "rd_intensity_published", code, 2023, intensity)
    made.put(bulletin, "rd_expenditure", "110000", 2022, "2843.3")
    made.put(yearbook, "gdp", "110000", 2022, "41610.9")
    made.bulletin, made.yearbook = bulletin, yearbook
    return made


def rows_of(client, **query):
    text = client.get("/nation/csv/", {"year": 2023, **query}).content.decode("utf-8-sig")
    return {(row["指标代码"], row["地区代码"]): row for row in csv.DictReader(io.StringIO(text))}


def test_the_arithmetic_on_the_page_can_be_checked_by_anyone(client, published):
    """2947.1 / 43760.7 × 100 = 6.7345814852139…, 599.2 / 16737.3 × 100 = 3.5800278420055…"""
    page = client.get("/nation/", {"year": 2023, "open": "rd_gdp"}).content.decode()
    for text in ("6.73", "2947.1 亿元", "43760.7 亿元", "6.7345814852139", "3.58", "3.5800278420055"):
        assert text in page
    row = rows_of(client)[("rd_gdp", "110000")]
    exact = Decimal(row["分子"]) / Decimal(row["分母"]) * 100
    assert abs(exact - Decimal(row["值"])) < Decimal("1e-18")
    assert (row["位次"], row["参加排位数"]) == ("1", "2")


def test_a_change_within_one_publication_is_given_plainly(client, published):
    """2843.3 / 41610.9 × 100 = 6.8330653842…; 6.7345814852 − 6.8330653842 = −0.0984838990"""
    row = rows_of(client)[("rd_gdp", "110000")]
    assert row["跨两次发布"] == ""
    assert Decimal(row["比上年"]).quantize(Decimal("0.0001")) == Decimal("-0.0985")
    assert row["比上年单位"] == "百分点"


def test_a_change_over_two_publications_says_so(client, published):
    older = published.release("中国统计年鉴", "2022年")
    published.put(older, "gdp", "120000", 2022, "16311.3")
    earlier = published.release("全国科技经费投入统计公报", "2022年首次发布")
    published.put(earlier, "rd_expenditure", "120000", 2022, "568.7")
    rows = rows_of(client)
    assert rows[("rd_gdp", "120000")]["跨两次发布"] == "是"
    assert rows[("rd_gdp", "110000")]["跨两次发布"] == ""
    assert "两端取自不同的发布" in client.get("/nation/", {"year": 2023, "open": "rd_gdp"}).content.decode()


def test_a_mixed_denominator_alone_is_said_as_well(client, published):
    other = published.release("中国统计年鉴", "2022年")
    published.put(other, "gdp", "120000", 2022, "16311.3")
    published.put(published.bulletin, "rd_expenditure", "120000", 2022, "568.7")
    assert rows_of(client)[("rd_gdp", "120000")]["跨两次发布"] == "是"


def test_revised_and_first_values_can_both_be_asked_for(client, published):
    revised = published.release("中国统计年鉴", "2023年修订", revised=True)
    published.put(revised, "gdp", "120000", 2023, "16700")
    assert rows_of(client)[("rd_gdp", "120000")]["分母"] == "1670000000000"
    assert rows_of(client, vintage="first")[("rd_gdp", "120000")]["分母"] == "1673730000000"


def test_a_missing_value_is_a_word_and_never_a_zero(client, published):
    rows = rows_of(client)
    assert rows[("rd_gdp", "310000")]["值"] == ""
    assert "研发经费支出" in rows[("rd_gdp", "310000")]["缺数原因"]
    assert rows[("hitech_density", "110000")]["缺数原因"]
    assert rows[("rd_gdp", "310000")]["位次"] == ""


def test_the_trace_names_the_publications_and_no_person(client, published, actor):
    page = client.get("/nation/rd_gdp/110000/", {"year": 2023}).content.decode()
    for text in (
        "全国科技经费投入统计公报 2023年首次发布",
        "中国统计年鉴 2023年",
        "294710000000",
        "4376070000000",
        "6.73%",
        "取用",
    ):
        assert text in page
    assert actor.name not in page


def test_a_countys_or_an_estimated_figure_reaches_no_public_page(client, published):
    for kind in ("county", "feedback", "estimate"):
        inside = published.release("内部", kind, kind=kind)
        published.put(inside, "rd_expenditure", "310000", 2023, "2049.6")
    published.put(published.yearbook, "gdp", "310000", 2023, "47218.7")
    row = rows_of(client)[("rd_gdp", "310000")]
    assert (row["值"], row["分子"], row["位次"], row["缺数原因"]) == ("", "", "", "未公开")
    for page in (
        client.get("/nation/", {"year": 2023, "open": "rd_gdp"}).content.decode(),
        client.get("/nation/rd_gdp/310000/", {"year": 2023}).content.decode(),
    ):
        assert "2049.6" not in page and "204960000000" not in page and "内部" not in page


def test_a_measure_that_is_not_open_is_not_shown(client, published, actor):
    with writing(actor, "收回公开"):
        measure = Measure.objects.get(code="rd_expenditure")
        measure.open_to_public = False
        measure.save()
    row = rows_of(client)[("rd_gdp", "110000")]
    assert (row["值"], row["分子"], row["缺数原因"]) == ("", "", "未公开")
    assert "294710000000" not in client.get("/nation/rd_gdp/110000/", {"year": 2023}).content.decode()


def test_a_scheme_that_is_not_open_has_no_public_page(client, published, actor):
    with writing(actor, "不公开"):
        scheme = Scheme.objects.get(code="provinces")
        scheme.open_to_public = False
        scheme.save()
    for page in ("/nation/", "/nation/csv/", "/nation/rd_gdp/110000/"):
        assert client.get(page).status_code == 404
    assert "全国—31省" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "/nation/?year=1999",
        "/nation/?year=x",
        "/nation/?year=٢٠٢٣",
        "/nation/?vintage=x",
        "/nation/?open=x",
        "/nation/rd_gdp/999999/",
        "/nation/nothing/110000/",
        "/nation/st_progress/110000/",  # an indicator of another scheme
    ],
)
def test_what_is_not_there_is_404(client, published, page):
    assert client.get(page).status_code == 404


def test_a_county_has_no_public_trace(client, published, actor):
    with writing(actor, "建市"):
        city = Region(
            code="991000",
            name="青禾市",
            short_name="青禾",
            level="city",
            parent=Region.objects.get(code="330000"),
        )
        city.save()
    assert client.get("/nation/rd_gdp/991000/").status_code == 404


def test_provinces_can_be_put_in_the_order_of_their_places(client, published):
    page = client.get("/nation/", {"year": 2023, "open": "rd_gdp", "sort": "rank"})
    assert [row["region"].short_name for row in page.context["rows"]][:2] == ["北京", "天津"]


def test_the_front_page_has_only_doors_that_open(client, published):
    page = client.get("/")
    for door in page.context["doors"]:
        assert client.get(door["href"]).status_code == 200
    assert client.get(page.context["nation"]["href"]).status_code == 200


def test_an_empty_house_has_a_front_page_without_the_door(client, db):
    page = client.get("/")
    assert page.status_code == 200
    assert "nation" not in page.context
    assert client.get("/nation/").status_code == 404


def test_health_says_the_newest_revision(client, published):
    answer = client.get("/healthz")
    assert answer.json()["database"] == "ok"
    assert answer.json()["revision"] == moments.latest()
    assert "no-store" in answer["Cache-Control"]


def test_health_answers_503_when_the_database_does_not(client, db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_revisionhead RENAME TO gone")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


def whole_of(client, indicator, **query):
    page = client.get("/nation/", {"year": 2023, "open": indicator, **query})
    return next(whole["line"] for whole in page.context["wholes"] if whole["code"] == indicator), page


def test_the_nation_stands_below_with_the_change_of_the_publication_that_was_asked_for(client, published):
    """2023: 2.65; 2022 first published as 2.54 (2023-09-18) and revised to 2.56: +0.09 against the one, +0.11 the other."""
    first = published.release("全国科技经费投入统计公报", "2022年首次发布", released_on=date(2023, 9, 18))
    later = published.release(
        "全国科技经费投入统计公报", "2022年修订", released_on=date(2024, 10, 2), revised=True
    )
    published.put(first, "rd_intensity_published", "000000", 2022, "2.54")
    published.put(later, "rd_intensity_published", "000000", 2022, "2.56")
    published.put(published.bulletin, "rd_intensity_published", "000000", 2023, "2.65")
    line, page = whole_of(client, "rd_intensity_reported")
    assert (line.value, line.previous, line.change, line.mixed) == ("2.65", "2.56", "+0.09", True)
    assert "两端取自不同的发布" in page.content.decode()
    line, _ = whole_of(client, "rd_intensity_reported", vintage="first")
    assert (line.previous, line.change) == ("2.54", "+0.11")


def test_without_a_national_figure_the_sum_of_the_provinces_stands_there(client, published):
    """(2947.1 + 599.2) / (43760.7 + 16737.3) × 100 = 5.8618…"""
    line, page = whole_of(client, "rd_gdp")
    assert (line.value, line.href) == ("5.86", "")
    assert "注明“合计”的是各省相加" in page.content.decode()


def test_a_sum_with_a_part_that_is_not_open_is_not_shown(client, published):
    inside = published.release("内部", "county", kind="county")
    published.put(inside, "rd_expenditure", "310000", 2023, "2049.6")
    published.put(published.yearbook, "gdp", "310000", 2023, "47218.7")
    line, _ = whole_of(client, "rd_gdp")
    assert line is None


def test_a_year_without_a_year_before_it_says_so(client, published):
    page = client.get("/nation/", {"year": 2022, "open": "rd_gdp"}).content.decode()
    assert "2021 年没有公布数，不算“比上年”" in page
