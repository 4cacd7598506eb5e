"""What a nominator types, read: people, experts, units and basis, one per line. Each reader says which line it cannot read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from keshu.awards.models import Basis

_PARTS = re.compile(r"\s*[,，;；\t|]\s*")
#: As long as the columns they go into.
LONGEST_PERSON = (40, 100, 40)
LONGEST = {"unit": 100, "number": 100, "about": 200}
MOST_LINES = 60


class Unreadable(ValueError):
    """A line that cannot be read; the message names the line and says how to write it."""


@dataclass(frozen=True)
class Someone:
    """A completer or an expert as written: name, unit, title."""

    name: str
    unit: str = ""
    title: str = ""

    def __str__(self) -> str:
        return "，".join(filter(None, (self.name, self.unit, self.title)))


@dataclass(frozen=True)
class Rests:
    """A patent, paper or standard as written."""

    kind: str
    number: str
    name: str = ""

    def __str__(self) -> str:
        label = Basis.Kind(self.kind).label
        return "，".join(filter(None, (label, self.number, self.name)))


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with something in them, each with its number. Raises Unreadable beyond ``MOST_LINES``."""
    found = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(found) > MOST_LINES:
        raise Unreadable(f"写了 {len(found)} 行，最多 {MOST_LINES} 行。")
    yield from found


def people(text: str) -> list[Someone]:
    """``姓名，单位，职称`` per line, in order. A number in front of a name is taken off. Raises Unreadable."""
    found = []
    for n, line in lines(text):
        parts = _PARTS.split(re.sub(r"^\d{1,2}\s*[.、．)）]\s*", "", line))
        if len(parts) > 3 or not parts[0]:
            raise Unreadable(f"第 {n} 行“{line[:30]}”读不懂。请写成：姓名，单位，职称。")
        one = Someone(*parts)
        for value, most in zip((one.name, one.unit, one.title), LONGEST_PERSON, strict=True):
            if len(value) > most:
                raise Unreadable(f"第 {n} 行“{value[:12]}…”写了 {len(value)} 字，最多 {most} 字。")
        found.append(one)
    return found


def units(text: str) -> list[str]:
    """One unit per line. Raises Unreadable."""
    found = [line for _, line in lines(text)]
    long = next((unit for unit in found if len(unit) > LONGEST["unit"]), None)
    if long is not None:
        raise Unreadable(f"单位“{long[:12]}…”写了 {len(long)} 字，最多 {LONGEST['unit']} 字。")
    return found


def bases(text: str) -> list[Rests]:
    """``类别，号码，名称`` per line; the kind may be left out where the number tells it. Raises Unreadable."""
    kinds = {str(label): str(value) for value, label in Basis.Kind.choices}
    found = []
    for n, line in lines(text):
        parts = _PARTS.split(line, maxsplit=2)
        named = next((value for label, value in kinds.items() if parts[0].endswith(label)), "")
        if named:
            parts = parts[1:]
        elif parts[0] in ("论文", "专著"):
            named, parts = str(Basis.Kind.PAPER), parts[1:]
        else:
            named, parts = _guessed(parts[0]), _PARTS.split(line, maxsplit=1)
        if not named or not parts or not parts[0]:
            raise Unreadable(
                f"第 {n} 行“{line[:30]}”读不懂。请写成：类别，号码，名称，例如 专利，ZL202310012345.6，一种装置。"
            )
        number, name = parts[0], parts[1] if len(parts) > 1 else ""
        if len(number) > LONGEST["number"] or len(name) > LONGEST["about"]:
            raise Unreadable(
                f"第 {n} 行太长。号码最多 {LONGEST['number']} 字，名称最多 {LONGEST['about']} 字。"
            )
        found.append(Rests(named, number, name))
    return found


def _guessed(number: str) -> str:
    """The kind that a number tells by itself."""
    plain = number.upper().replace(" ", "")
    if re.match(r"(ZL|CN)?\d{8,}", plain):
        return str(Basis.Kind.PATENT)
    if re.match(r"(DOI:?|HTTPS?://(DX\.)?DOI\.ORG/)?10\.\d{4,}/", plain):
        return str(Basis.Kind.PAPER)
    if re.match(r"(GB|DB|T/|Q/|NY|YY|HG|JB)", plain):
        return str(Basis.Kind.STANDARD)
    return ""


def day(text: str) -> date:
    """A date written as 2026-05-31. Raises Unreadable."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable(f"“{text[:20]}”不是日期，请写成 2026-05-31。") from None
