"""The inputs of a step as a page draws them, and what was typed into them. They are named ``action.name``, so that two steps of
one form may ask for the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from keshu.ledger.records import Record
from keshu.procedure.asking import Ask
from keshu.procedure.moving import Transition


def field(transition: Transition, ask: Ask, record: Record, typed: Mapping[str, str]) -> dict[str, Any]:
    """One input for one record."""
    return _drawn(transition, ask, list(ask.options(record)), typed)


def shared_field(
    transition: Transition, ask: Ask, records: Sequence[Record], typed: Mapping[str, str]
) -> dict[str, Any]:
    """One input for many records: of a choice only what every record offers."""
    offered = [dict(ask.options(record)) for record in records] if callable(ask.choices) else []
    options = list(ask.options(records[0]))
    if offered:
        options = [(value, label) for value, label in options if all(value in one for one in offered)]
    return _drawn(transition, ask, options, typed)


def _drawn(
    transition: Transition, ask: Ask, options: list[tuple[str, str]], typed: Mapping[str, str]
) -> dict[str, Any]:
    name = f"{transition.action}.{ask.name}"
    text = typed.get(name, "")
    return {
        "name": name,
        "ask": ask,
        "text": text,
        "options": [{"value": value, "label": label, "on": value == text} for value, label in options],
    }


def answers(request: HttpRequest, action: str) -> dict[str, str]:
    """What was typed for one step."""
    start = f"{action}."
    return {
        name.removeprefix(start): text
        for name, text in request.POST.items()
        if name.startswith(start) and isinstance(text, str)
    }
