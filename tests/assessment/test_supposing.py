"""If an indicator were x: points and place only on what is held, else the reason."""

from decimal import Decimal

import pytest

from keshu.assessment.siblings import held
from keshu.assessment.supposing import keep_method, methods, suppose, suppose_item
from keshu.directory.models import Region
from keshu.figures.models import Indicator, Target
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused
from keshu.terms.period import Period
from tests.assessment.world import item_of, with_items

D = Decimal


@pytest.fixture
def three(city):
    """甲 45, 乙 50, 丙 60 points of the index in 2022."""
    for region, value in ((city.a, "45"), (city.b, "50"), (city.c, "60")):
        city.put("progress_index", region, "2022", value)
    return city


def ground(city):
    peers = list(Region.objects.filter(parent=city.top, part="area").order_by("order"))
    indicator = Indicator.objects.get(code="st_progress")
    return indicator, held(indicator, peers, Period.year(2021), Period.year(2022))


def test_a_value_between_the_others_gives_its_place_and_points(three):
    """甲 at 55: second. Efficacy: 60 + 40·(55−50)/(60−50) = 80 → 20 × 0.8 = 16 (甲's own 45 is no longer the minimum)."""
    indicator, found = ground(three)
    made = suppose(indicator, three.a, D(55), found, weight=D(20), data={"method": "efficacy"})
    assert (made.place, made.of, made.points) == (2, 3, 16)


def test_with_one_sibling_missing_there_is_neither_place_nor_points_by_comparison(three):
    three.put("progress_index", three.c, "2022", None)
    indicator, found = ground(three)
    made = suppose(indicator, three.a, D(55), found, weight=D(20), data={"method": "rank", "step": "1"})
    assert made.place is None and made.points is None
    assert made.why_no_place == made.why_no_points == "2022年没有丙县的数值，得不出位次。"


def test_a_method_without_comparison_gives_points_even_so(three):
    three.put("progress_index", three.c, "2022", None)
    indicator, found = ground(three)
    made = suppose(
        indicator, three.a, D(40), found, weight=D(20), data={"method": "completion"}, target=D(50)
    )
    assert (made.points, made.place) == (16, None)


def test_another_population_than_reported_gives_no_place(three):
    indicator, found = ground(three)
    made = suppose(indicator, three.a, D(55), found, population=14)
    assert made.place is None and "通报参评 14 个，这里有数的是 3 个" in made.why_no_place


def test_a_city_whose_siblings_are_not_kept_is_told_so(planning, tmp_path):
    item = item_of(with_items(planning, tmp_path), "研发")
    made = suppose_item(item, D("2.5"))
    assert made.place is None and "没有建档" in made.why_no_place
    assert "没有选计分办法" in made.why_no_points


def test_the_item_s_own_rule_and_target_give_its_points(planning, tmp_path):
    """Target 2.5, supposed 2.0: 20 × 0.8 = 16."""
    item = item_of(with_items(planning, tmp_path), "研发")
    with writing(planning, "定目标"):
        Target(indicator=item.indicator, subject=item.assessment.region, year=2022, low=D("2.5")).save()
    keep_method(planning, item, "score-completion")
    made = suppose_item(item_of(item.assessment, "研发"), D("2.0"))
    assert made.points == 16


def test_only_methods_in_force_can_be_chosen(planning, tmp_path):
    item = item_of(with_items(planning, tmp_path), "研发")
    with pytest.raises(MoveRefused, match="不在列出的里面"):
        keep_method(planning, item, "score-guess")
    assert {rule.data["method"] for rule in methods()} == {
        "completion", "threshold", "efficacy", "mean", "rank", "total_growth",
    }  # fmt: skip
    assert all(rule.source_mark for rule in methods())
