"""A table asked for as of an earlier moment is exactly the table that stood then."""

import random
import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from keshu.figures import cube
from keshu.figures.canonical import dispatch_json
from keshu.figures.dispatch import dispatch
from keshu.figures.models import Indicator, Target
from keshu.journal import moments
from keshu.journal.writing import canonical, writing
from keshu.rules.models import Rule
from keshu.terms.period import Period

MEASURES = ["fiscal_st", "budget_expenditure", "contract_output", "gdp", "hitech_valid"]
PERIODS = ["2026-01..09", "2025-01..09", "2026-09", "2025-12"]


def table(city, as_of=None):
    """The canonical JSON without the line that says when it was asked."""
    found = dispatch("strong-st-5", Period.parse("2026-09"), region=city.top.code, as_of=as_of)
    return canonical(dispatch_json(found))


def edit(city, chance, number):
    """One random edit of a value, a target, a definition or a rule."""
    region = chance.choice(city.counties)
    kind = chance.random()
    if kind < 0.8:
        value = None if chance.random() < 0.1 else Decimal(chance.randrange(-5000, 90000)) / 4
        measure, period = chance.choice(MEASURES), chance.choice(PERIODS)
        if value is not None and measure == "hitech_valid":
            value = value.to_integral_value()
        city.put(measure, region, period, value)
    elif kind < 0.92:
        with writing(city.actor, f"改目标 {number}"):
            indicator = Indicator.objects.get(code=chance.choice(["fiscal_share", "contract_gdp"]))
            row = (
                Target.objects.for_system("测试")
                .filter(indicator=indicator, subject=region, year=2026)
                .first()
            )
            if row is not None and chance.random() < 0.2:
                row.delete()
            else:
                row = row or Target(indicator=indicator, subject=region, year=2026, low=Decimal(1))
                row.low = Decimal(chance.randrange(1, 900)) / 100
                row.save()
    elif kind < 0.96:
        with writing(city.actor, f"改口径 {number}"):
            row = Indicator.objects.get(code="contract_gdp")
            row.definition = f"口径第 {number} 稿"
            row.formula = chance.choice(["contract_output / gdp * 100", "contract_absorbed / gdp * 100"])
            row.save()
    else:
        with writing(city.actor, f"改亮灯 {number}"):
            row = Rule.objects.get(kind="lamps", code="house")
            bands = [dict(band) for band in row.data["bands"]]
            bands[0]["when"] = [{"pace_below": str(Decimal(chance.randrange(50, 99)) / 100)}]
            row.data = {**row.data, "bands": bands}
            row.save()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_thousand_random_edits_replay_to_the_same_table(city):
    chance = random.Random(20261012)
    kept = {}
    for number in range(1000):
        edit(city, chance, number)
        if number % 50 == 0:
            kept[moments.latest()] = table(city)
    for revision, then in kept.items():
        assert table(city, as_of=f"r{revision}").replace("null", "") == then.replace("null", "")
        assert table(city, as_of=f"r{revision}") == then
    count, differences = cube.verify()
    assert count > 50
    assert differences == []
    assert list(moments.broken_links()) == []


@pytest.mark.django_db
def test_forty_random_edits_replay_to_the_same_table(city):
    chance = random.Random(7)
    kept = {}
    for number in range(40):
        edit(city, chance, number)
        kept[moments.latest()] = table(city)
    assert all(table(city, as_of=f"r{revision}") == then for revision, then in kept.items())
    assert cube.verify()[1] == []


@pytest.mark.django_db(transaction=True)
def test_two_people_writing_at_once_leave_a_sound_cube(base, actor, on_postgres):
    """Real threads: SQLite queues the writers, PostgreSQL lets both work and orders them at the revision row."""
    from tests.figures.conftest import City

    city = City(actor)
    wrong = []

    def work(seed):
        try:
            chance = random.Random(seed)
            for number in range(60):
                edit(city, chance, number)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    count, differences = cube.verify()
    assert count > 10
    assert differences == []
    assert list(moments.broken_links()) == []


@pytest.mark.django_db
def test_a_failed_transaction_takes_no_number_and_leaves_nothing(city):
    before = moments.latest()
    then = table(city)
    with pytest.raises(RuntimeError), writing(city.actor, "半途而废"):
        city.put("gdp", city.a, "2026-01..09", "100")
        raise RuntimeError
    assert moments.latest() == before
    assert table(city) == then
    assert transaction.get_autocommit() is not None
