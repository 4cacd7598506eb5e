"""The rule in force on a day, at its boundaries, now and as it was known."""

from datetime import date

import pytest

from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.rules.dated import NoRuleInForce, in_force
from keshu.rules.models import Rule

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2024, 1, 1), date(2026, 7, 1)


@pytest.fixture
def rules(actor):
    with writing(actor, "定规则"):
        for valid_from, valid_to, day in ((FIRST, date(2025, 12, 31), 10), (SECOND, None, 8)):
            Rule(
                kind="deadline",
                code="monthly",
                name="月报期限",
                valid_from=valid_from,
                valid_to=valid_to,
                data={"day": day},
            ).save()


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2024, 1, 1), 10),
        (date(2025, 12, 31), 10),
        (date(2026, 7, 1), 8),
        (date(2099, 1, 1), 8),
    ],
)
def test_a_rule_holds_from_its_first_day_through_its_last(rules, on, day):
    assert in_force("deadline", "monthly", on).data == {"day": day}


@pytest.mark.parametrize("on", [date(2023, 12, 31), date(2026, 1, 1), date(2026, 6, 30)])
def test_a_gap_between_rules_is_a_gap(rules, on):
    with pytest.raises(NoRuleInForce, match="没有生效的期限“monthly”"):
        in_force("deadline", "monthly", on)


def test_another_kind_or_code_is_another_rule(rules):
    for kind, code in (("lamps", "monthly"), ("deadline", "yearly")):
        with pytest.raises(NoRuleInForce):
            in_force(kind, code, date(2024, 6, 1))


def test_of_two_that_hold_the_later_begun_wins(rules, actor):
    with writing(actor, "新办法"):
        Rule(
            kind="deadline", code="monthly", name="新办法", valid_from=date(2026, 9, 1), data={"day": 5}
        ).save()
    assert in_force("deadline", "monthly", date(2026, 8, 31)).data == {"day": 8}
    assert in_force("deadline", "monthly", date(2026, 9, 1)).data == {"day": 5}


def test_as_of_an_earlier_revision_the_rule_is_what_was_known_then(rules, actor):
    then = moments.latest()
    with writing(actor, "改正"):
        rule = Rule.objects.get(valid_from=SECOND)
        rule.data = {"day": 6}
        rule.save()
    on = date(2026, 8, 1)
    assert in_force("deadline", "monthly", on).data == {"day": 6}
    assert in_force("deadline", "monthly", on, Rule.as_of(then)).data == {"day": 8}
    with pytest.raises(NoRuleInForce):
        in_force("deadline", "monthly", on, Rule.as_of(0))
