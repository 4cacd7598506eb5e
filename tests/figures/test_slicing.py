"""Slices of a register's measure: conditions now and then find the same records, and an open slice is the cube's own figure."""

import json
import random
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from keshu.cli.main import main
from keshu.figures import slicing
from keshu.figures.book import UnknownName, book
from keshu.figures.reading import Reader
from keshu.figures.slicing import NoRegisterBehind, NoSuchChoice, UnitsDiffer, slice_of
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.programmes.models import Application
from keshu.programmes.register import APPLICATIONS
from keshu.terms.formula import FormulaError
from keshu.terms.period import Period
from tests.programmes.office import in_march, office  # noqa: F401

pytestmark = pytest.mark.django_db
YEAR = Period.year(2024)
CITY, COUNTY, OTHER = "991000", "991001", "991002"
LEVELS = ("nation", "province", "city", "county")
FIELDS = ("industry", "agriculture", "social", "soft")
STATES = ("draft", "notice", "approved", "running", "passed", "terminated", "revoked")


def project(office, **values):  # noqa: F811
    """One project as an approval document lists it, saved in a block of its own."""
    filled = {
        "call": office.call, "title": "项目", "year": 2024, "level": "city", "field": "industry",
        "state": "approved", "region": office.staff.county, "approved_on": date(2024, 5, 20),
        "granted": Decimal("200000"),
    }  # fmt: skip
    with writing(office.staff.actor, "补登"):
        row = Application(**{**filled, **values})
        row.save()
    return row


def cut(where="", measure="projects_approved", region=CITY, period=YEAR, revision=None):
    return slice_of(measure, where, region=region, period=period, revision=revision)


@pytest.fixture
def many(office):  # noqa: F811
    """Sixty projects of all kinds in three counties over two years, a third of them changed later; the revisions on the way."""
    chance = random.Random(20241)
    rows, marks = [], []
    for number in range(60):
        on = date(chance.choice((2023, 2024)), chance.randint(1, 12), chance.randint(1, 28))
        closed = date(2024, chance.randint(1, 12), chance.randint(1, 28)) if chance.random() < 0.4 else None
        rows.append(
            project(
                office,
                title=f"项目{number}",
                year=on.year,
                level=chance.choice(LEVELS),
                field=chance.choice(FIELDS),
                state=chance.choice(STATES),
                region=chance.choice((office.staff.county, office.staff.other, office.staff.town)),
                approved_on=None if chance.random() < 0.1 else on,
                closed_on=closed,
                granted=None if chance.random() < 0.2 else Decimal(chance.randint(1, 90)) * 10000,
                items=chance.choice((1, 1, 1, 7)),
            )
        )
        if number in (20, 40):
            marks.append(moments.latest())
    for row in rows[::3]:
        with writing(office.staff.actor, "更正"):
            row.level, row.state = chance.choice(LEVELS), chance.choice(STATES)
            row.save()
    with writing(office.staff.actor, "删除重复登记"):
        rows[1].delete()
    marks.append(moments.latest())
    return marks


CONDITIONS = (
    "",
    "level == 'nation'",
    "level in ('nation', 'province') and field != 'soft'",
    "state == 'revoked' or year < 2024",
    "granted >= 300000 and not missing(closed_on)",
    'missing(granted) or closed_on > date("2024-06-30")',
)
PERIODS = (YEAR, Period.parse("2024H1"), Period.month(2024, 3), Period.year(2023))
MEASURES = ("projects_approved", "projects_granted", "projects_running")


def test_the_filter_and_the_history_find_the_same_records(many):
    latest, definitions = moments.latest(), book(moments.latest())
    for code, where, period, region in product(MEASURES, CONDITIONS, PERIODS, (CITY, COUNTY)):
        found = cut(where, code, region, period)
        condition = slicing.condition_of(APPLICATIONS, where) if where else None
        regions = definitions.below(definitions.region(region).pk)
        then = slicing.counted_then(
            APPLICATIONS, found.measure, condition, regions, period.start, period.end, latest,
            definitions.measure(code).pk,
        )  # fmt: skip
        assert tuple(pk for pk, _ in then) == found.records, (code, where, period.code, region)
        assert sum((Decimal(a) for _, a in then), Decimal(0)) == found.value.scaleb(found.measure.decimals)


def test_a_slice_without_conditions_is_the_figure_of_the_cube_at_every_revision(many):
    for revision, code, period, region in product(many, MEASURES, PERIODS, (CITY, COUNTY, OTHER)):
        definitions = book(revision)
        measure, place = definitions.measure(code), definitions.region(region)
        reader = Reader(definitions, revision)
        reader.load([measure], [place.pk], [period])
        figure = reader.value(measure, place.pk, period).value
        assert cut("", code, region, period, revision).value == figure, (revision, code, period.code, region)


def test_names_and_choices_may_be_written_as_the_pages_show_them(office):  # noqa: F811
    wanted = project(office, level="nation", field="agriculture")
    project(office, level="province", field="agriculture")
    found = cut("级别 == '国家级' and 类别 == '农业'")
    assert found.records == (wanted.pk,)
    assert found.where == 'level == "nation" and field == "agriculture"'
    assert found.definition.endswith('；只计 级别 == "国家级" and 类别 == "农业"')
    assert cut("level == 'nation'").value == 1


def test_a_choice_that_there_is_not_is_said_and_not_counted_as_none(office):  # noqa: F811
    project(office)
    with pytest.raises(NoSuchChoice, match="没有“国级”"):
        cut("level == '国级'")
    with pytest.raises(FormulaError, match="没有叫“grade”"):
        cut("grade == '一等'")
    with pytest.raises(FormulaError, match="需要条件"):
        cut("granted + 1")


def test_a_reported_figure_has_no_records_to_cut(office):  # noqa: F811
    with pytest.raises(NoRegisterBehind, match="不能再加条件"):
        cut("level == 'nation'", "地区生产总值")
    with pytest.raises(UnknownName):
        cut("", "立项总数")


def test_a_register_that_holds_nothing_gives_a_reason_and_not_zero(office):  # noqa: F811
    found = cut("level == 'nation'")
    assert (found.value, found.missing, found.records) == (None, "台账未启用", ())
    before = moments.latest()
    project(office, level="nation")
    assert cut("level == 'nation'").value == 1
    assert cut("level == 'nation'", revision=before).missing == "台账未启用"
    assert cut("level == 'county'").value == 0


def test_a_correction_moves_the_slice_and_the_earlier_revision_keeps_it(office):  # noqa: F811
    row = project(office, level="nation")
    then = moments.latest()
    with writing(office.staff.actor, "更正级别"):
        row.level = "province"
        row.save()
    assert (cut("level == 'nation'").value, cut("level == 'province'").value) == (0, 1)
    assert cut("level == 'nation'", revision=then).records == (row.pk,)
    assert slicing.behind(cut("level == 'nation'", revision=then))[0].title == "项目"


def test_a_day_within_a_month_counts_to_that_day(office):  # noqa: F811
    project(office, approved_on=date(2024, 5, 20))
    project(office, approved_on=date(2024, 5, 10), closed_on=date(2024, 5, 31))
    tenth = Period.day(date(2024, 5, 19))
    assert cut(period=tenth).value == 1
    assert cut(measure="projects_running", period=tenth).value == 1
    assert cut(measure="projects_running", period=Period.month(2024, 5)).value == 1


def test_shares_growth_and_completion_are_exact_until_they_are_shown(office):  # noqa: F811
    for field, count in (("agriculture", 4), ("industry", 16), ("social", 47)):
        project(office, field=field, items=count)
    project(office, field="agriculture", approved_on=date(2023, 5, 1), items=3)
    whole, farming = cut(), cut("field == 'agriculture'")
    # 4 / 67 = 5.9701 %
    assert slicing.share(farming, whole).value.quantize(Decimal("0.0001")) == Decimal("5.9701")
    before = cut("field == 'agriculture'", period=Period.year(2023))
    # (4 − 3) / 3 = 33.3 %
    assert slicing.growth(farming, before).value.quantize(Decimal("0.1")) == Decimal("33.3")
    assert slicing.growth(farming, cut(period=Period.year(2022))).missing == "去年同期无"
    # 4 + 16 of 2—16: by the upper bound 125 %
    parts = (farming, cut("field == 'industry'"))
    assert slicing.completed(parts, Decimal(2), Decimal(16)).value == Decimal("125")
    assert slicing.completed(parts, None).missing == "没有可比的目标"
    with pytest.raises(UnitsDiffer, match="元"):
        slicing.share(cut(measure="projects_granted"), whole)


def test_the_command_prints_value_definition_and_records(office, capsys):  # noqa: F811
    project(office, level="nation", number="XM2024-0001", title="低温堆芯", granted=Decimal("1200000"))
    asked = [
        "figure",
        "科技计划立项经费",
        "--region",
        CITY,
        "--period",
        "2024",
        "--where",
        "级别 == '国家级'",
    ]
    assert main([*asked]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["value"], told["unit"], told["where"]) == ("1200000", "元", 'level == "nation"')
    assert told["records"] == [
        {"number": "XM2024-0001", "title": "低温堆芯", "items": 1, "amount": "1200000"}
    ]
    assert main([*asked, "--format", "text"]) == 0
    assert "XM2024-0001 低温堆芯 1200000 元" in capsys.readouterr().out
    assert main([*asked[:-1], "级别 == '国级'"]) == 1
    assert "没有“国级”" in capsys.readouterr().err
