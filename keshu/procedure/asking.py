"""What a step asks for beside the note: typed answers, read from the texts of a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from keshu.terms.quantity import read_wan, wan

Kind = Literal["text", "long", "money", "number", "date", "choice", "flag"]
Choices = Sequence[tuple[str, str]]
LONGEST = {"text": 200, "long": 4000}


class MoveRefused(ValueError):
    """The transition may not happen now; the message says why and what to do."""


@dataclass(frozen=True)
class Ask:
    """One typed input of a step. ``choices``: pairs of value and label, or a function that finds them for the record.

    A ``confidential`` answer is not told in the history (who objected).
    Answers: text, long and choice → str; money, typed in 万元 → Decimal in 元; number → int; date → date; flag → bool.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = True
    hint: str = ""
    choices: Choices | Callable[[Any], Choices] = ()
    confidential: bool = False

    def options(self, record: Any) -> Choices:
        """The choices for one record."""
        return self.choices(record) if callable(self.choices) else self.choices


def read(asks: Sequence[Ask], texts: Mapping[str, str], record: Any) -> dict[str, Any]:
    """The typed answers to what a step asks. Raises MoveRefused naming every input that cannot be read or is missing."""
    found: dict[str, Any] = {}
    problems: list[str] = []
    for ask in asks:
        text = texts.get(ask.name, "").strip()
        if not text and ask.kind != "flag":
            if ask.required:
                problems.append(f"{ask.label}没有填")
            continue
        try:
            found[ask.name] = _typed(ask, text, record)
        except ValueError as problem:
            problems.append(f"{ask.label}{problem}")
    if problems:
        raise MoveRefused(f"{'；'.join(problems)}。改好后再办。")
    return found


def complete(asks: Sequence[Ask], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given answers, when all that is required is there and nothing else; MoveRefused otherwise."""
    names = {ask.name for ask in asks}
    absent = [ask.label for ask in asks if ask.required and given.get(ask.name) in (None, "")]
    unknown = [name for name in given if name not in names]
    if absent:
        raise MoveRefused(f"这一步还要填：{'、'.join(absent)}。补上后再办。")
    if unknown:
        raise MoveRefused(f"这一步不收“{'、'.join(unknown)}”。请刷新后再办。")
    return dict(given)


def _typed(ask: Ask, text: str, record: Any) -> Any:
    if ask.kind == "money":
        yuan = read_wan(text)
        if yuan is None or yuan < 0:
            raise ValueError(f"“{text[:20]}”不是金额，请写万元，最多到分")
        return yuan
    if ask.kind == "number":
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(f"“{text[:20]}”不是整数")
        return int(text)
    if ask.kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"“{text[:20]}”不是日期，请写成 2026-05-31") from None
    if ask.kind == "choice":
        if text not in [value for value, _ in ask.options(record)]:
            raise ValueError("请从列出的里面选")
        return text
    if ask.kind == "flag":
        return bool(text)
    longest = LONGEST[ask.kind]
    if len(text) > longest:
        raise ValueError(f"写了 {len(text)} 字，最多 {longest} 字")
    return text


def shown(ask: Ask, record: Any, value: Any) -> str:
    """An answer as a clerk reads it in the history."""
    if ask.confidential:
        return "已登记（保密）"
    if isinstance(value, Decimal):
        return f"{wan(value)} 万元"
    if ask.kind == "choice":
        return dict(ask.options(record)).get(value, str(value))
    if ask.kind == "flag":
        return "是" if value else "否"
    return str(value)
