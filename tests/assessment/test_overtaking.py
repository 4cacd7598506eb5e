"""Why a rank moved: published figures of provinces, and rules that hold for any figures."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.assessment.overtaking import overtaking, place_words, reported, why_moved
from keshu.directory.models import Region
from keshu.figures.models import Indicator, Standing
from keshu.journal.writing import writing
from keshu.terms.period import Period

D = Decimal
#: R&D intensity as first released in the bulletins on national R&D expenditure of 2022 and 2023 (全国科技经费投入统计公报), ranks 9—14.
IN_2022 = {"湖南": "2.41", "重庆": "2.36", "陕西": "2.35", "湖北": "2.33", "四川": "2.14", "辽宁": "2.14"}
IN_2023 = {"湖南": "2.57", "重庆": "2.48", "陕西": "2.50", "湖北": "2.52", "四川": "2.26", "辽宁": "2.24"}
#: The lower end of the same lists: 海南 passed 山西 and 云南.
LOW_2022 = {"海南": "1.00", "山西": "1.07", "云南": "1.08", "甘肃": "1.29"}
LOW_2023 = {"海南": "1.19", "山西": "1.16", "云南": "1.15", "甘肃": "1.32"}
held = st.one_of(st.none(), st.integers(0, 12).map(D))
tables = st.fixed_dictionaries(dict.fromkeys("甲乙丙丁戊己", held))


def of(texts):
    return {name: D(text) for name, text in texts.items()}


def test_hubei_passed_shaanxi_and_chongqing_in_2023():
    """2.33 → 2.52 against 陕西 2.35 → 2.50 and 重庆 2.36 → 2.48: two places up, 0.05 behind 湖南 2.57."""
    found = overtaking(of(IN_2022), of(IN_2023), "湖北")
    assert (found.before, found.after, found.of) == (4, 2, 6)
    assert found.we_passed == ("重庆", "陕西") and found.passed_us == ()
    assert (found.ahead.keys, found.ahead.gap) == (("湖南",), D("0.05"))
    assert (found.behind.keys, found.behind.gap) == (("陕西",), D("0.02"))
    # Alone at 2.52 it would have led the six of 2022; left at 2.33 among those of 2023 it would still be fourth.
    assert (found.alone, found.still) == (1, 4)


def test_yunnan_grew_and_was_passed_by_two():
    """1.08 → 1.15 is more than before, 海南 (1.19) and 山西 (1.16) are now ahead: second of the four, then last. Where less is
    better it passes the same two."""
    found = overtaking(of(LOW_2022), of(LOW_2023), "云南")
    assert (found.before, found.after) == (2, 4)
    assert found.passed_us == ("海南", "山西") and found.we_passed == ()
    turned = overtaking(of(LOW_2022), of(LOW_2023), "云南", "down")
    assert (turned.before, turned.after) == (3, 1) and turned.we_passed == ("海南", "山西")


def test_who_lacks_a_period_is_left_out_and_named():
    found = overtaking({**of(LOW_2022), "新疆": None}, {**of(LOW_2023), "新疆": D("9")}, "云南")
    assert found.left_out == ("新疆",) and found.of == 4 and found.after == 4


def test_nothing_is_said_without_our_own_value_or_without_others():
    assert overtaking({**of(LOW_2022), "云南": None}, of(LOW_2023), "云南") is None
    assert overtaking({"云南": D(1)}, {"云南": D(2)}, "云南") is None


@given(tables, tables, st.sampled_from(("up", "down")))
def test_places_lost_are_exactly_those_who_passed_less_those_we_passed(before, after, direction):
    found = overtaking(before, after, "甲", direction)
    if found is None:
        assert (
            before["甲"] is None
            or after["甲"] is None
            or len([k for k in after if after[k] is not None and before[k] is not None]) < 2
        )
        return
    assert found.after - found.before == len(found.passed_us) - len(found.we_passed)
    assert not set(found.passed_us) & set(found.we_passed)
    better = (lambda a, b: a > b) if direction == "up" else (lambda a, b: a < b)
    for key in found.passed_us:
        assert better(after[key], after["甲"]) and not better(before[key], before["甲"])
    for key in found.we_passed:
        assert better(before[key], before["甲"]) and not better(after[key], after["甲"])
    assert (found.ahead is None) == (found.after == 1)


@given(tables, st.sampled_from(("up", "down")))
def test_where_nobody_moved_nobody_passed(values, direction):
    found = overtaking(values, values, "甲", direction)
    if found is not None:
        assert found.before == found.after == found.alone == found.still
        assert found.passed_us == found.we_passed == ()


# ---- from what the house holds -----------------------------------------------------------------------------


@pytest.fixture
def three(city):
    """甲 0.25 → 0.30, 乙 0.20 → 0.40, 丙 0.50 → 0.45 %: 乙 passed 甲."""
    for region, before, now in ((city.a, 25, 30), (city.b, 20, 40), (city.c, 50, 45)):
        for year, share in ((2024, before), (2025, now)):
            city.put("contract_output", region, str(year), D(share) * 10**6)
            city.put("gdp", region, str(year), D(10) ** 10)
    return city


def moved(city, region):
    indicator = Indicator.objects.get(code="contract_gdp")
    peers = Region.objects.filter(parent=city.top, part="area").order_by("order")
    return why_moved(indicator, region, list(peers), Period.year(2024), Period.year(2025))


def test_a_county_that_grew_is_told_who_grew_faster(three):
    found = moved(three, three.a)
    assert (found.ranks.before, found.ranks.after) == (2, 3)
    assert found.ranks.passed_us == (three.b.pk,)
    assert found.own.value == D("0.05") and found.why == ""
    # The denominator stood still: all of +0.05 is the numerator's.
    assert abs(found.split.numerator_effect - D("0.05")) < D("1e-12") and found.split.denominator_effect == 0


def test_where_siblings_are_not_held_only_our_own_change_is_said(city):
    for year, share in ((2024, 25), (2025, 30)):
        city.put("contract_output", city.a, str(year), D(share) * 10**6)
        city.put("gdp", city.a, str(year), D(10) ** 10)
    found = moved(city, city.a)
    assert found.ranks is None and "谁超过了谁无从说起" in found.why
    assert found.own.value == D("0.05")


def test_the_city_is_the_sum_of_its_counties_and_nothing_is_said_of_cities_that_are_not_held(three):
    """(25+20+50)/300 → (30+40+45)/300 of 亿: 0.3167 → 0.3833 %."""
    indicator = Indicator.objects.get(code="contract_gdp")
    found = why_moved(indicator, three.top, [three.top], Period.year(2024), Period.year(2025))
    assert round(found.own.value, 4) == D("0.0667")
    assert found.ranks is None and "没有建档" in found.why


def test_reported_ranks_say_what_does_not_compare(city):
    indicator = Indicator.objects.get(code="st_progress")
    with writing(city.actor, "通报"):
        for year, value, population, exclusions in ((2022, 11, 14, ""), (2023, 12, 13, "兰州单列")):
            Standing(
                indicator=indicator,
                subject=city.top,
                period=str(year),
                kind="rank",
                value=D(value),
                population=population,
                exclusions=exclusions,
                assessor="省科技厅",
            ).save()
    both = reported(indicator, city.top, Period.year(2022), Period.year(2023))
    assert both.places == -1
    assert both.differences == ("参评数由 14 变为 13", "不参评由“没有写”变为“兰州单列”")
    assert place_words(both.after) == "第 12 位（共 13 个，不参评：兰州单列）"
    assert reported(indicator, city.top, Period.year(2019), Period.year(2020)).places is None
