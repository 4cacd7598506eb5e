"""Lamps as data: the house rule on a worked example, and three cities' meanings of colour."""

from decimal import Decimal as D

import pytest

from keshu.rules.lamp_sets import HOUSE, SANMING, SETS, SUQIAN, YICHANG
from keshu.rules.lamps import SHAPES, LampRuleBroken, lamp, load_rule

HOUSE_RULE = load_rule(HOUSE)


@pytest.mark.parametrize(
    ("county", "completion", "progress", "word"),
    [
        # 青禾市, ratio of the period, so all of it is due.
        ("云麓区", "1.046", "1", "正常"),
        ("松坪县", "1.000", "1", "正常"),
        ("全市", "0.993", "1", "偏慢"),
        ("苇湖区", "0.903", "1", "偏慢"),
        ("望岭县", "0.462", "1", "滞后"),
        # 市本级 is an amount: 71.7 % with 75 % due is 95.6 % of what is due.
        ("市本级", "0.717", "0.75", "偏慢"),
        # 高企 by batches, 92 % due: 91.5 / 92 = 99.5 %, 96.1 / 92 = 104.5 %.
        ("苇湖区高企", "0.915", "0.92", "偏慢"),
        ("白河口县高企", "0.961", "0.92", "正常"),
    ],
)
def test_house_rule_on_qinghe(county, completion, progress, word):
    assert lamp(HOUSE_RULE, completion=D(completion), progress=D(progress)).word == word


def test_edges_of_the_house_bands_belong_to_the_better_one():
    # 0.675 / 0.75 = 0.90 exactly.
    assert lamp(HOUSE_RULE, completion=D("0.675"), progress=D("0.75")).word == "偏慢"
    assert lamp(HOUSE_RULE, completion=D("0.6749"), progress=D("0.75")).word == "滞后"
    assert lamp(HOUSE_RULE, completion=D("0.75"), progress=D("0.75")).word == "正常"


def test_missing_figure_lights_the_dashed_ring_with_its_reason():
    lit = lamp(HOUSE_RULE, completion=None, progress=D("0.75"), missing_reason="已退回")
    assert (lit.word, lit.shape, lit.reason) == ("缺数", "◌", "已退回")


def test_missing_reason_wins_over_a_stale_completion():
    assert lamp(HOUSE_RULE, completion=D(1), progress=D(1), missing_reason="已退回").word == "缺数"


def test_no_figure_at_all_is_missing_and_not_late():
    assert lamp(HOUSE_RULE, completion=None, progress=D("0.75")).reason == "缺数"


def test_zero_where_less_is_better_is_met_and_not_missing():
    assert lamp(HOUSE_RULE, completion=None, progress=D(1), met=True).word == "正常"


def test_nothing_due_yet_is_never_late():
    lit = lamp(HOUSE_RULE, completion=D(0), progress=D(0))
    assert lit.word == "正常"
    assert "还没有到期的任务" in lit.reason


def test_zero_done_with_something_due_is_late():
    assert lamp(HOUSE_RULE, completion=D(0), progress=D("0.25")).word == "滞后"


def test_reason_gives_the_figures():
    lit = lamp(HOUSE_RULE, completion=D("0.717"), progress=D("0.75"))
    assert lit.reason == "完成 71.7%，应到 75.0%，为应到进度的 95.6%"


def test_a_pace_that_only_rounds_to_full_says_so():
    lit = lamp(HOUSE_RULE, completion=D("0.74999"), progress=D("0.75"))
    assert lit.word == "偏慢"
    assert "略低于应到进度" in lit.reason


ITEMS = {
    "顺利": {"completion": D("0.80"), "progress": D("0.75"), "days_left": 90},
    "落在序时后": {"completion": D("0.70"), "progress": D("0.75"), "days_left": 90},
    "差得远": {"completion": D("0.40"), "progress": D("0.75"), "days_left": 90},
    "快到期": {"completion": D("0.97"), "progress": D("0.96"), "days_left": 10},
    "质量差": {"completion": D("0.80"), "progress": D("0.75"), "days_left": 90, "quality": "差"},
    "过期": {"completion": D("0.95"), "progress": D(1), "overdue": 3},
}


def test_same_items_get_three_colourings_under_three_rules():
    coloured = {
        rule["issuer"]: [lamp(load_rule(rule), **facts).colour for facts in ITEMS.values()]
        for rule in (YICHANG, SUQIAN, SANMING)
    }
    # By hand from the three meanings. 宜昌: pace 0.93 still 绿, 0.53 红; 三明: pace 0.93 蓝, 0.53 红, three
    # days over 蓝.
    assert coloured == {
        "宜昌市": ["绿", "绿", "红", "黄", "绿", "红"],
        "宿迁市": ["墨灰", "黄", "黄", "蓝", "黄", "红"],
        "三明市": ["墨灰", "蓝", "红", "墨灰", "墨灰", "蓝"],
    }


@pytest.mark.parametrize("data", SETS, ids=lambda data: data["code"])
def test_every_ready_made_set_keeps_its_shapes_distinct(data):
    rule = load_rule(data)
    shapes = [band.shape for band in (*rule.bands, rule.missing)]
    assert len(set(shapes)) == len(shapes)
    assert set(shapes) <= set(SHAPES)


@pytest.mark.parametrize("data", [YICHANG, SUQIAN, SANMING], ids=lambda data: data["code"])
def test_borrowed_sets_say_what_is_configuration_and_cite_no_document(data):
    assert data["note"].startswith("[S]")
    assert "属本局配置" in data["note"]
    assert data["doc_no"] is None


@pytest.mark.parametrize(("days", "colour"), [(1, "蓝"), (9, "蓝"), (10, "橙"), (29, "橙"), (30, "红")])
def test_sanming_slips_escalate_with_the_days(days, colour):
    assert lamp(load_rule(SANMING), completion=D("0.9"), progress=D("0.9"), overdue=days).colour == colour


def test_urgent_matter_goes_one_slip_higher_at_once():
    rule = load_rule(SANMING)
    calm = {"completion": D("0.70"), "progress": D("0.75")}
    assert lamp(rule, **calm).colour == "蓝"
    assert lamp(rule, **calm, urgent=True).colour == "橙"
    assert lamp(rule, completion=D("0.1"), progress=D("0.75"), urgent=True).colour == "红"


def test_urgent_changes_nothing_where_the_rule_has_no_escalation():
    assert lamp(HOUSE_RULE, completion=D("0.70"), progress=D("0.75"), urgent=True).word == "偏慢"


def test_passed_day_alone_counts_as_overdue():
    lit = lamp(load_rule(SUQIAN), completion=D("0.9"), progress=D("0.9"), days_left=-2)
    assert (lit.colour, lit.reason) == ("红", "超期 2 天")


def test_done_before_its_day_does_not_warn_of_the_day():
    assert lamp(load_rule(YICHANG), completion=D(1), progress=D("0.98"), days_left=3).colour == "绿"


def test_task_without_a_figure_is_judged_by_its_day():
    assert lamp(load_rule(YICHANG), completion=None, progress=None, days_left=3).reason == "剩 3 天"
    assert lamp(load_rule(YICHANG), completion=None, progress=None, days_left=0).reason == "今日到期"


def test_days_alone_do_not_light_a_rule_that_asks_for_pace():
    lit = lamp(HOUSE_RULE, completion=None, progress=D("0.75"), days_left=90)
    assert (lit.word, lit.reason) == ("缺数", "缺数")


def test_pace_rule_without_progress_due_is_missing_and_not_normal():
    lit = lamp(HOUSE_RULE, completion=D("0.2"), progress=None)
    assert (lit.word, lit.reason) == ("缺数", "没有应到进度")


def test_task_with_time_in_hand_is_going_well():
    lit = lamp(load_rule(YICHANG), completion=None, progress=None, days_left=90)
    assert (lit.word, lit.reason) == ("顺利", "剩 90 天")


def _changed(**changes):
    return {**HOUSE, **changes}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_changed(bands=[]), "缺 bands"),
        (
            _changed(bands=[{**HOUSE["bands"][0], "when": [{"pace_blow": "1"}]}, HOUSE["bands"][2]]),
            "没有条件“pace_blow”",
        ),
        (_changed(bands=[{**HOUSE["bands"][0], "when": [{"pace_below": 0.9}]}, HOUSE["bands"][2]]), "加引号"),
        (
            _changed(bands=[{**HOUSE["bands"][0], "when": [{"pace_below": "九成"}]}, HOUSE["bands"][2]]),
            "不是数",
        ),
        (_changed(bands=[{**HOUSE["bands"][0], "when": [{}]}, HOUSE["bands"][2]]), "空条件"),
        (_changed(bands=[{**HOUSE["bands"][0], "shape": "★"}, HOUSE["bands"][2]]), "形状“★”"),
        (_changed(bands=[{**HOUSE["bands"][0], "shape": "●"}, HOUSE["bands"][2]]), "形状相同"),
        (_changed(bands=[{**HOUSE["bands"][0], "word": ""}, HOUSE["bands"][2]]), "缺 word"),
        (
            _changed(bands=[{**HOUSE["bands"][0], "when": [{"pace_below": "NaN"}]}, HOUSE["bands"][2]]),
            "不是数",
        ),
        (_changed(bands=[{**HOUSE["bands"][0], "when": {"pace_below": "1"}}, HOUSE["bands"][2]]), "的样子"),
        (
            _changed(bands=[{**HOUSE["bands"][0], "when": [{"quality_in": "差"}]}, HOUSE["bands"][2]]),
            "一列文字",
        ),
        (_changed(bands=HOUSE["bands"][::-1]), "由重到轻"),
        (_changed(bands=HOUSE["bands"][:2]), "由重到轻"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_what_to_do(data, words):
    with pytest.raises(LampRuleBroken, match=words):
        load_rule(data)
