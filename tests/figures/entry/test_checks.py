"""The checks beside the cells. Arithmetic by hand in the comments; the sheet is the one of the design page."""

from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshu.figures.entry.checks import examine
from keshu.figures.entry.identities import BadIdentity, Identity, broken, contract_identities
from keshu.figures.entry.lines import Line, Severity

#: Technology contracts of Anhui, January–June 2022, as published (亿元 and items): total 750.2 = absorbed 428.4 + output 321.8;
#: absorbed from outside the province 220.7 (1,791 of 8,024 items), hence 207.7 (6,233) inside, the same as output to the inside.
ANHUI_2022_H1 = {
    "contract_total": D("750.2"),
    "contract_absorbed": D("428.4"),
    "contract_output": D("321.8"),
    "absorbed_outside": D("220.7"),
    "absorbed_inside": D("207.7"),
    "output_inside": D("207.7"),
    "absorbed_inside_count": D(8024 - 1791),
    "output_inside_count": D(6233),
}


def line(key, label, value=None, before=None, last_year=None, **more):
    text = "" if value is None else str(value)
    return Line(
        key,
        label,
        "万元",
        text=text,
        value=None if value is None else D(value),
        before=None if before is None else D(before),
        last_year=None if last_year is None else D(last_year),
        **more,
    )


def fiscal(popular="5350", authority="财政局"):
    return [
        line(1, "科学技术支出", 1980, 1762, 2010, authority=authority),
        line(2, "其中：技术研究与开发", 701, 627, 718, included_in=1, authority=authority),
        line(3, "其中：科学技术普及", popular, 487, 541, included_in=1, authority=authority),
    ]


def budget(total="198400", note="", authority="财政局"):
    return [
        line(1, "一般公共预算支出", total, 176770, 191200, authority=authority, note=note),
        line(2, "县本级", 171260, 152740, 165010, part_of=1, authority=authority),
        line(3, "乡镇级", 27130, 24030, 26190, part_of=1, authority=authority),
    ]


def only(found, kind):
    return [remark for remark in found.remarks if remark.kind == kind]


def test_one_zero_too_many_is_told_with_the_sum_it_breaks_and_a_proposal():
    found = examine(fiscal())
    [remark] = only(found, "included")
    # 701 + 5350 = 6051 > 1980; 5350 / 487 = 10.99; 5350 / 10 = 535, between 487 and 3 × 541
    assert remark.severity == Severity.RED
    assert (
        remark.text
        == "其中两项 701 + 5350 = 6051，大于科学技术支出 1980。科学技术普及是上月的 11 倍，像是多打一个 0。"
    )
    assert (remark.proposal.key, remark.proposal.text, remark.proposal.label) == (3, "535", "改成 535")
    assert found.red == 1 and found.first_open == 3


def test_the_proposal_heals():
    assert examine(fiscal("535")).open == []


def test_included_items_need_not_reach_their_total():
    assert only(examine(fiscal("500")), "included") == []


def test_a_full_split_from_another_authority_passes_with_a_note():
    found = examine(budget())
    [remark] = only(found, "split")
    # 171260 + 27130 = 198390, 198400 − 198390 = 10
    assert remark.severity == Severity.AMBER and remark.is_open
    assert remark.text.startswith("县本级 171,260 + 乡镇级 27130 = 198,390，比合计少 10。")
    assert "财政局的表，不改数，附说明即可通过" in remark.text
    noted = examine(budget(note="财政局表内四舍五入"))
    assert noted.open == [] and noted.amber == 0


def test_an_own_split_that_fails_is_red_and_no_note_lifts_it():
    found = examine(budget(authority="", note="就是这样"))
    [remark] = only(found, "split")
    assert remark.severity == Severity.RED and remark.is_open


def test_a_split_that_adds_up_says_nothing():
    assert only(examine(budget("198390")), "split") == []


def test_items_that_are_no_declared_split_may_differ_from_the_total():
    rows = [
        line(1, "合计", 100),
        line(2, "其中：甲", 30, included_in=1),
        line(3, "其中：乙", 20, included_in=1),
    ]
    assert examine(rows).open == []


def test_unreadable_text_blocks_and_says_what_was_meant():
    row = Line(
        1,
        "科技贷款",
        "万元",
        typed="single",
        text="35O",
        unreadable="读到“35O”，里面有字母 O。是不是 350？",
        meant="350",
    )
    [remark] = examine([row]).open
    assert remark.severity == Severity.RED and remark.proposal.text == "350"


def test_blank_is_open_and_a_zero_or_a_reason_closes_it():
    assert examine([line(1, "培训")]).empty == 1
    assert examine([line(1, "培训", 0, typed="single", zero="16:40 郑澜")]).open == []
    assert examine([line(1, "研发费用", absence="未发布", before=4200, before_label="1—8月")]).open == []


def test_late_supply_names_the_date_and_what_stands_meanwhile():
    row = line(
        1,
        "研发费用",
        absence="未发布",
        late_supply="统计局约 10-27 出9月数，出后补报不算迟",
        before=4200,
        before_label="1—8月",
    )
    [remark] = examine([row]).remarks
    assert remark.text == "统计局约 10-27 出9月数，出后补报不算迟；先用1—8月 4200"


def test_a_reason_other_than_late_supply_wants_words():
    assert examine([line(1, "贷款", absence="不掌握")]).amber == 1
    assert examine([line(1, "贷款", absence="不掌握", note="人行 15 日给")]).open == []


def test_a_cumulative_that_falls_wants_words_and_then_passes():
    [remark] = examine([line(1, "加计扣除", 900, 1000, 950)]).open
    assert remark.text == "比上月累计 1000 少 100。属于冲减就附说明。"
    assert examine([line(1, "加计扣除", 900, 1000, 950, note="退库冲减")]).open == []


def test_one_digit_too_few_is_told_with_a_proposal():
    [remark] = examine([line(1, "科学技术普及", 53, 487, 541)]).open
    # 53 < 487 and 53 × 10 = 530 lies between 487 and 3 × 541
    assert remark.proposal.text == "530" and "少打一个 0" in remark.text


def test_a_negative_month_is_accepted_with_words():
    [remark] = examine([line(1, "贷款", -35, 2510, typed="single")]).open
    assert remark.severity == Severity.AMBER and remark.text == "当月 −35，是负数。属于冲减就附说明。"
    noted = examine([line(1, "贷款", -35, 2510, typed="single", note="冲减 6 月重复计入的一笔")])
    assert noted.open == []
    assert noted.lines[0].cumulative == D(2475)


def test_the_range_is_held_against_the_cumulative_of_a_flow():
    fine = examine([line(1, "贷款", -35, 2510, typed="single", note="冲减", lowest=D(0))])
    assert only(fine, "range") == []
    below = examine([line(1, "贷款", -35, 20, typed="single", note="", lowest=D(0))])
    assert "低于合理下限 0" in only(below, "range")[0].text
    assert only(examine([line(1, "指数", 230, typed="stock", highest=D(200))]), "range")


def test_yuan_typed_for_ten_thousand_yuan():
    [remark] = examine([line(1, "贷款", 3500000, 2510, 2140, typed="single", before_months=8)]).open
    # months average 2510 / 8 = 313.75; 3,500,000 / 10,000 = 350
    assert remark.proposal.text == "350" and "像是按元填的" in remark.text


def test_small_counts_are_no_outliers():
    assert examine([line(1, "高企申报", 9, 1, 2, typed="single", before_months=8)]).open == []


def test_estimate_is_held_against_cumulative_and_target():
    low = examine([line(1, "贷款", 350, 2510, typed="single", asks_estimate=True, estimate=D(2800))])
    # 2510 + 350 = 2860 > 2800
    assert "小于已完成的 2860" in only(low, "estimate")[0].text
    short = examine(
        [line(1, "贷款", 350, 2510, typed="single", asks_estimate=True, estimate=D(3300), target=D(4000))]
    )
    assert "比目标 4000 少 700" in only(short, "estimate")[0].text
    missing = examine([line(1, "贷款", 350, 2510, typed="single", asks_estimate=True)])
    assert only(missing, "estimate-empty")[0].severity == Severity.OPEN


def test_share_and_growth_are_said_when_all_is_well():
    rows = [
        line(1, "一般公共预算支出", 198400, 176770, 191200),
        line(2, "其中：科学技术支出", 1980, 1762, 2010, included_in=1),
    ]
    # 1980 / 198400 = 0.99798 %; 1980 / 2010 − 1 = −1.4925 %
    assert [r.text for r in examine(rows).of([2])] == ["占 1.00%，不大于一般公共预算支出；同比 −1.5%"]


def test_what_is_left_is_counted_as_the_page_says_it():
    rows = [
        *budget(),
        *[
            l_.__class__(**{**l_.__dict__, "key": l_.key + 10, "included_in": 11 if l_.included_in else None})
            for l_ in fiscal()
        ],
    ]
    rows.append(line(20, "农民技术培训", typed="single"))
    found = examine(rows)
    assert (found.red, found.amber, found.empty, len(found.open)) == (1, 1, 1, 3)
    assert found.done == len(rows) - 2


# ---- declared identities -----------------------------------------------------------------------------------


def test_published_contract_figures_of_anhui_satisfy_every_identity():
    assert list(broken(contract_identities(), ANHUI_2022_H1)) == []


@pytest.mark.parametrize("code", sorted(ANHUI_2022_H1))
def test_each_published_figure_is_held_by_some_identity(code):
    changed = {**ANHUI_2022_H1, code: ANHUI_2022_H1[code] + D("0.1")}
    assert list(broken(contract_identities(), changed))


def test_a_failing_identity_shows_its_arithmetic():
    changed = {**ANHUI_2022_H1, "contract_output": D("312.8")}
    [failure] = broken(contract_identities(), changed)
    names = {"contract_total": "成交总额", "contract_absorbed": "吸纳", "contract_output": "输出"}
    # 428.4 + 312.8 = 741.2; 750.2 − 741.2 = 9
    assert (
        failure.words(names)
        == "成交总额应等于吸纳加输出：成交总额 750.2，吸纳 428.4 + 输出 312.8 = 741.2，差 9。"
    )


def test_an_identity_with_a_missing_side_says_nothing():
    assert list(broken(contract_identities(), {"contract_total": D(1), "contract_absorbed": D(2)})) == []


def test_tolerance_is_inclusive():
    identity = Identity(("a",), ("b",), D("0.1"), "甲等于乙")
    assert list(broken([identity], {"a": D("1.1"), "b": D("1.0")})) == []
    assert list(broken([identity], {"a": D("1.11"), "b": D("1.0")}))


def test_an_identity_without_a_side_is_refused_when_declared():
    with pytest.raises(BadIdentity):
        Identity.read({"left": [], "right": ["a"], "message": "空"})


def test_a_declared_identity_is_checked_on_the_sheet():
    rows = [
        line(1, "吸纳", 428, code="contract_absorbed"),
        line(2, "省内", 200, code="absorbed_inside"),
        line(3, "省外", 220, code="absorbed_outside"),
    ]
    found = examine(rows, contract_identities())
    assert [remark.kind for remark in found.open] == ["identity"]


amounts = st.integers(min_value=-(10**9), max_value=10**9).map(lambda n: D(n).scaleb(-2))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(amounts, min_size=1, max_size=5))
def test_a_split_is_open_exactly_when_it_does_not_add_up(parts):
    rows = [line(0, "合计", sum(parts))] + [
        line(n, f"部分{n}", part, part_of=0) for n, part in enumerate(parts, 1)
    ]
    assert not only(examine(rows), "split")
    off = [line(0, "合计", sum(parts) + D("0.01")), *rows[1:]]
    assert len(only(examine(off), "split")) == 1


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(amounts, amounts)
def test_cumulative_and_month_give_each_other(before, month):
    typed = line(1, "甲", month, before, typed="single")
    other = line(1, "甲", typed.cumulative, before)
    assert other.single == month
