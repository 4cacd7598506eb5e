"""Reason codes of the formality check (理由码): dated rules of the kind ``reason`` that name the programmes."""

from collections.abc import Sequence
from typing import Any

from keshu.rules.dated import pick
from keshu.rules.models import Rule
from keshu.terms import clock

ROOM = "programmes"


def codes(record: Any = None) -> Sequence[tuple[str, str]]:
    """(code, "code name") of every reason in force today, in the order of the codes. One query."""
    rules = [
        rule
        for rule in Rule.objects.filter(kind=Rule.Kind.REASON).order_by("code")
        if rule.data.get("room") == ROOM
    ]
    today = clock.today()
    found = (pick(rules, Rule.Kind.REASON, code, today) for code in dict.fromkeys(r.code for r in rules))
    return [(rule.code, f"{rule.code} {rule.name}") for rule in found if rule is not None]
