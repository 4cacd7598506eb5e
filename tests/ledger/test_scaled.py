"""Amounts are whole numbers in the database, so every database sums them exactly (DESIGN, Numbers)."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from keshu.directory.models import Subject
from keshu.figures import cube
from keshu.figures.book import book
from keshu.figures.models import CubeDelta, Indicator, Measure, ReportedValue, Target
from keshu.figures.reading import Reader
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.fields import ScaledField
from keshu.terms.period import Period
from keshu.terms.quantity import TooManyDecimals, scale, unscale
from tests.figures.conftest import City

TEN_CENTS, ODD = Decimal("0.10"), Decimal("126058200000000.07")


@pytest.fixture
def city(base, actor) -> City:
    return City(actor)


@pytest.mark.django_db
def test_a_thousand_times_ten_cents_is_a_hundred_in_reported_values_and_in_the_cube(city):
    """In binary floating point the sum is 99.9999999999986."""
    measure = Measure.objects.get(code="fiscal_st")
    changes = [
        ValueChange(
            measure.pk, city.a.pk, f"{2000 + n // 12}-{n % 12 + 1:02d}", city.release.pk, scale(TEN_CENTS, 2)
        )
        for n in range(1000)
    ]
    with writing(city.actor, "一千个一角") as block:
        record_values(block, changes)
    values = ReportedValue.objects.for_system("测试").filter(measure=measure).aggregate(Sum("scaled"))
    deltas = CubeDelta.objects.filter(measure=measure).aggregate(Sum("amount"))
    assert unscale(int(values["scaled__sum"]), measure.decimals) == Decimal("100.00")
    assert unscale(int(deltas["amount__sum"]), measure.decimals) == Decimal("100.00")


@pytest.mark.django_db
def test_a_hundred_trillion_keeps_its_seven_cents_through_values_cube_and_reader(city):
    """126058200000000.07 has 17 digits: a double keeps 15 to 16."""
    city.put("gdp", city.a, "2025", ODD)
    measure = Measure.objects.get(code="gdp")
    assert ReportedValue.objects.for_system("测试").get(measure=measure).value == ODD
    cell = cube.read([measure.pk], [city.a.pk], ["2025"])[(measure.pk, city.a.pk, "2025")]
    assert unscale(cell[0].scaled, measure.decimals) == ODD
    reader = Reader(book(moments.latest()), moments.latest())
    reader.load([measure], [city.a.pk], [Period.year(2025)])
    assert reader.value(measure, city.a.pk, Period.year(2025)).value == ODD


@pytest.mark.django_db
def test_a_correction_of_a_large_value_leaves_the_exact_new_value_in_the_cube(city):
    city.put("gdp", city.a, "2025", ODD)
    city.put("gdp", city.a, "2025", ODD + Decimal("0.01"))
    measure = Measure.objects.get(code="gdp")
    cell = cube.read([measure.pk], [city.a.pk], ["2025"])[(measure.pk, city.a.pk, "2025")]
    assert unscale(cell[0].scaled, measure.decimals) == Decimal("126058200000000.08")
    assert cube.verify()[1] == []


@pytest.mark.django_db
def test_a_scaled_field_speaks_decimal_and_sums_exactly(city):
    """Targets have six places; a thousand of 0.10 are 100.00 and the odd amount comes back as it went in."""
    indicator = Indicator.objects.get(code="fiscal_share")
    subject = Subject.objects.get(pk=city.a.pk)
    with writing(city.actor, "目标"):
        for number in range(100):
            Target(
                indicator=indicator, subject=subject, year=1000 + number, low=TEN_CENTS, high=Decimal(1)
            ).save()
    rows = Target.objects.for_system("测试").filter(indicator=indicator, subject=subject)
    assert rows.aggregate(Sum("low"))["low__sum"] == Decimal("10.00")
    with writing(city.actor, "改目标"):
        row = rows.get(year=1000)
        row.low = Decimal("1260582000000.07")
        row.save()
    assert rows.get(year=1000).low == Decimal("1260582000000.07")
    assert rows.aggregate(Sum("low"))["low__sum"] == Decimal("1260582000009.97")
    assert rows.filter(low=Decimal("1260582000000.07")).count() == 1


def test_a_value_with_more_places_than_declared_is_refused_and_never_rounded():
    with pytest.raises(TooManyDecimals):
        ScaledField(places=2).get_prep_value(Decimal("0.105"))
