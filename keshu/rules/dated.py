"""Which rule is in force on a day, now or as of a revision."""

from collections.abc import Iterable
from datetime import date

from keshu.rules.models import Rule


class NoRuleInForce(LookupError):
    """No rule of this kind and code holds on the day."""


def pick(rules: Iterable[Rule], kind: str, code: str, on: date) -> Rule | None:
    """From loaded rules the one in force on a day: the latest that has begun and not ended."""
    fitting = [
        rule
        for rule in rules
        if rule.kind == kind
        and rule.code == code
        and rule.valid_from <= on
        and (rule.valid_to is None or on <= rule.valid_to)
    ]
    return max(fitting, key=lambda rule: rule.valid_from, default=None)


def in_force(kind: str, code: str, on: date, rules: Iterable[Rule] | None = None) -> Rule:
    """The rule of a kind and code in force on a day; NoRuleInForce otherwise.

    From ``rules``, as a book of definitions or ``Rule.as_of`` gives them, else as they are known now (a query).
    """
    rule = pick(Rule.objects.filter(kind=kind, code=code) if rules is None else rules, kind, code, on)
    if rule is None:
        label = Rule.Kind(kind).label
        raise NoRuleInForce(f"{on} 没有生效的{label}“{code}”。请在规则里补上这一天的依据。")
    return rule
