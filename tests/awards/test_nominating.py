"""提名: a draft kept as typed, read line by line, checked rule by rule, handed in once."""

from datetime import date

import pytest

from keshu.awards import nominating, written
from keshu.awards.models import Nomination
from keshu.ledger.drafts import Draft, keep
from keshu.procedure.moving import MoveRefused, NotYourTurn
from tests.awards.committee import on

pytestmark = pytest.mark.django_db
FILLED = {
    "title": "低碳稻作技术集成",
    "field": "agriculture",
    "unit_name": "青禾市第一人民医院",
    "other_units": "青禾大学\n望岭县农技站",
    "people": "1. 周明远，青禾大学，教授\n2、许青, 望岭县农技站\n乔木",
    "basis": "专利，ZL 2023 1 0012345.6，一种插秧装置\n10.1000/xyz123\nGB/T 1234-2020，稻作规程",
    "applied_from": "2024-05-01",
    "letter_no": "青卫函〔2026〕7号",
    "opinion": "同意提名",
    "summary": "三年示范 12 万亩",
}


def filled(awarding, who="health", **changed):
    draft = nominating.begin(awarding.actors[who], awarding.round)
    for name, text in {**FILLED, **changed}.items():
        draft = keep(draft, name, text, who)
    return draft


def failed(awarding, draft, who="health"):
    rows = nominating.checks(draft, awarding.round, awarding.actors[who])
    return {check.rule: check.fact for check in rows if not check.holds}


def test_lines_are_read_with_any_comma_and_numbering():
    people = written.people(FILLED["people"])
    assert [(p.name, p.unit, p.title) for p in people] == [
        ("周明远", "青禾大学", "教授"),
        ("许青", "望岭县农技站", ""),
        ("乔木", "", ""),
    ]
    bases = written.bases(FILLED["basis"])
    assert [(b.kind, b.number, b.name) for b in bases] == [
        ("patent", "ZL 2023 1 0012345.6", "一种插秧装置"),
        ("paper", "10.1000/xyz123", ""),
        ("standard", "GB/T 1234-2020", "稻作规程"),
    ]


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (written.people, "甲，乙，丙，丁", "第 1 行“甲，乙，丙，丁”读不懂"),
        (written.people, "甲\n\n，单位", "第 3 行"),
        (written.bases, "一种装置", "第 1 行“一种装置”读不懂"),
        (written.day, "去年五月", "不是日期"),
        (written.people, "\n".join("甲" for _ in range(61)), "写了 61 行，最多 60 行"),
    ],
)
def test_what_cannot_be_read_is_named(reader, text, said):
    with pytest.raises(written.Unreadable, match=said):
        reader(text)


def test_a_filled_draft_holds_every_rule_and_becomes_a_nomination(awarding):
    draft = filled(awarding)
    assert failed(awarding, draft) == {}
    row = nominating.hand_in(draft, awarding.actors["health"])
    assert (row.state, row.number, row.region) == ("submitted", "TM2026-0001", awarding.staff.county)
    assert (row.nominator_id, row.unit.name) == (awarding.actors["health"].unit_id, "青禾市第一人民医院")
    assert (row.other_units, row.applied_from) == (["青禾大学", "望岭县农技站"], date(2024, 5, 1))
    people = row.winners.for_system("测试").order_by("order").values_list("order", "name", "unit_name")
    assert list(people) == [(1, "周明远", "青禾大学"), (2, "许青", "望岭县农技站"), (3, "乔木", "")]
    assert sorted(b.key for b in row.bases.for_system("测试")) == sorted(
        ["2023100123456", "101000XYZ123", "GBT12342020"]
    )
    assert not Draft.objects.for_system("测试").exists()


def test_what_is_missing_is_said_rule_by_rule(awarding):
    draft = nominating.begin(awarding.actors["county_head"], awarding.round)
    assert draft.content == {"nominator_kind": "county"}
    rules = failed(awarding, draft, "county_head")
    assert {"成果名称已填", "完成人已填", "提名函文号已填"} <= set(rules)
    with pytest.raises(MoveRefused, match="还差"):
        nominating.hand_in(draft, awarding.actors["county_head"])


@pytest.mark.parametrize(
    ("changed", "rule", "said"),
    [
        ({"people": "甲，乙，丙，丁"}, "完成人已填", "读不懂"),
        ({"people": "\n".join(f"人{n}" for n in range(16))}, "完成人和完成单位不超过上限", "最多 15 名"),
        ({"people": "周明远\n周明远"}, "完成人没有写两次", "有人写了两次"),
        ({"unit_name": "青禾市卫生健康委员会"}, "不是自荐", "不接受自荐"),
        ({"applied_from": "2026-01-01"}, "应用时间够", "是 3 个月，不足 6 个月"),
        (
            {"nominator_kind": "experts", "experts": "甲，大学，教授"},
            "联名专家人数够、单位职称齐",
            "5 位以上",
        ),
    ],
)
def test_the_pre_check_says_what_the_step_would_say(awarding, changed, rule, said):
    assert said in failed(awarding, filled(awarding, **changed))[rule]


def test_a_second_prize_and_a_spent_patent_are_seen_while_typing(awarding):
    first = nominating.hand_in(filled(awarding), awarding.actors["health"])
    again = filled(awarding)
    assert "今年已经提名" in failed(awarding, again)["同一成果今年只报一个奖种"]
    first = awarding.to(first, "awarded")
    other = filled(awarding, title="另一项")
    with on(6, 24):
        assert "已经支撑" in failed(awarding, other)["专利、论文没有支撑过别的获奖成果"]


def test_the_bureau_enters_only_letters_of_experts(awarding):
    draft = nominating.begin(awarding.actors["office"], awarding.round)
    assert draft.content == {"nominator_kind": "experts"}
    draft = keep(draft, "nominator_kind", "department", "office")
    assert "市局只代录专家联名" in failed(awarding, draft, "office")


def test_only_nominators_begin(awarding):
    with pytest.raises(NotYourTurn, match="不能提名"):
        nominating.begin(awarding.actors["hospital"], awarding.round)


def test_a_returned_nomination_opens_with_what_was_handed_in(awarding):
    row = nominating.hand_in(filled(awarding), awarding.actors["health"])
    row = awarding.step(row, "return", "office", reason="XS-03")
    draft = nominating.reopen(awarding.actors["health"], row)
    assert draft.content["people"] == "周明远，青禾大学，教授\n许青，望岭县农技站\n乔木"
    assert nominating.reopen(awarding.actors["health"], row).pk == draft.pk
    draft = keep(draft, "people", "许青，望岭县农技站\n周明远，青禾大学，教授", "health")
    again = nominating.hand_in(draft, awarding.actors["health"])
    assert (again.pk, again.number, again.state) == (row.pk, row.number, "submitted")
    names = again.winners.for_system("测试").order_by("order").values_list("name", flat=True)
    assert list(names) == ["许青", "周明远"]
    assert Nomination.objects.for_system("测试").count() == 1


def test_nobody_else_reopens(awarding):
    row = nominating.hand_in(filled(awarding), awarding.actors["health"])
    with pytest.raises(NotYourTurn, match="由提名它的单位修改"):
        nominating.reopen(awarding.actors["county_head"], row)
