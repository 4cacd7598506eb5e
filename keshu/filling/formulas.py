"""The formulas that forms carry, computed exactly: + − × ÷, SUM, ROUND, AVERAGE, MAX, MIN. What else stands in a form is left to
the program that opens it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

from keshu.figures.arithmetic.ratio import WIDE
from keshu.filling.layout import Layout, NoSuchCell, Place, place_of
from keshu.ledger.intake.cells import letter
from keshu.terms.quantity import round_half_up

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<ref>(?:'(?P<quoted>(?:[^']|'')+)'!|(?P<bare>[^\W\d][\w.]*)!)?"
    r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}(?::\$?[A-Z]{1,3}\$?[1-9]\d{0,6})?)(?![\w(])|(?P<name>[A-Z]+)\s*\(|(?P<mark>[-+*/(),%]))"
)
_REFERENCE = re.compile(
    r"(?P<ref>(?:'(?P<quoted>(?:[^']|'')+)'!|(?P<bare>[^\W\d][\w.]*)!)?"
    r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}(?::\$?[A-Z]{1,3}\$?[1-9]\d{0,6})?)(?![\w(])"
)
_QUOTED = re.compile(r'"[^"]*"')
_CALL = re.compile(r"[A-Z][A-Z0-9.]*(?=\()|TRUE|FALSE")
#: Functions that reach cells which their text does not name.
_ELSEWHERE = re.compile(r"\b(?:INDIRECT|OFFSET)\(")
FUNCTIONS = ("SUM", "ROUND", "AVERAGE", "MAX", "MIN")
MOST_CELLS = 5000
BEYOND = "这个公式由打开表的软件来算"


class NotComputable(ValueError):
    """A formula beyond what is computed here."""


class HoldsWords(NotComputable):
    """A cell that a formula reads holds words: in a range they count for nothing, elsewhere there is no result."""


@dataclass(frozen=True)
class Computed:
    """The result of a formula: a value, or why there is none. ``reads``: the keys of the cells it reads directly."""

    value: Decimal | None
    reads: tuple[str, ...]
    why: str = ""


class Formulas:
    """The formulas of a filled form. ``value_of`` gives the number in a cell by key, None for an empty one; a text raises
    NotComputable."""

    def __init__(self, layout: Layout, value_of: Callable[[str], Decimal | None]) -> None:
        self.layout = layout
        self._value_of = value_of
        self._known: dict[str, Computed] = {}
        self._open: set[str] = set()
        self._names = {sheet.name: sheet.number for sheet in layout.sheets}

    def all(self) -> dict[str, Computed]:
        """Every formula of the form by key."""
        return {key: self.result(key) for key in formula_keys(self.layout)}

    def reading(self, keys: set[str]) -> dict[str, set[str]]:
        """The formulas that read any of these cells, directly or through others, each with those that it reads; a formula that
        is beyond this house reads them all, for nobody knows."""
        found: dict[str, set[str]] = {}
        for key in formula_keys(self.layout):
            self._reads(key, keys, found, set())
        return {key: read for key, read in found.items() if read}

    def _reads(self, key: str, keys: set[str], found: dict[str, set[str]], above: set[str]) -> set[str]:
        if key in found or key in above:
            return found.get(key, set())
        made = self.result(key)
        reads = made.reads if made.value is not None else self._named(key)
        if reads is None:
            found[key] = set(keys)
            return found[key]
        read: set[str] = set()
        for one in reads:
            if one in keys:
                read.add(one)
            elif self._holds_formula(one):
                read |= self._reads(one, keys, found, above | {key})
        found[key] = read
        return read

    def _named(self, key: str) -> tuple[str, ...] | None:
        """The cells that the text of a formula names; None where it names more than cells (a defined name, a whole column)."""
        text = _QUOTED.sub("", self.layout.cell(key).formula)
        if _ELSEWHERE.search(text):
            return None
        reading = _Reading(self, place_of(key), text)
        found: list[str] = []
        try:
            for reference in _REFERENCE.finditer(text):
                found += reading.keys(reference)
        except NotComputable:
            return None
        rest = _CALL.sub("", _REFERENCE.sub("", text))
        return None if re.search(r"[^\W\d_]", rest) else tuple(found)

    def _holds_formula(self, key: str) -> bool:
        try:
            return bool(self.layout.cell(key).formula)
        except NoSuchCell:
            return False

    def result(self, key: str) -> Computed:
        """The result of the formula in a cell."""
        if key in self._known:
            return self._known[key]
        if key in self._open:
            return Computed(None, (), "公式绕回自己")
        self._open.add(key)
        reading = _Reading(self, place_of(key), self.layout.cell(key).formula)
        try:
            with localcontext(WIDE):
                found = Computed(reading.whole(), tuple(dict.fromkeys(reading.reads)))
        except NotComputable as error:
            found = Computed(None, tuple(dict.fromkeys(reading.reads)), str(error))
        except (DivisionByZero, InvalidOperation):
            found = Computed(None, tuple(dict.fromkeys(reading.reads)), "除数为零")
        self._open.discard(key)
        self._known[key] = found
        return found

    def number(self, key: str) -> Decimal | None:
        """The number in a cell: of a formula its result, None for an empty one."""
        try:
            cell = self.layout.cell(key)
        except NoSuchCell:
            return None
        if cell.formula:
            made = self.result(key)
            if made.value is None:
                raise NotComputable(made.why)
            return made.value
        return self._value_of(key)

    def sheet_called(self, name: str) -> int:
        """The number of a sheet. NotComputable for another file's or none."""
        if name not in self._names:
            raise NotComputable(f"公式取自“{name}”，这份表里没有它")
        return self._names[name]


class _Reading:
    """One formula, read from left to right."""

    def __init__(self, formulas: Formulas, at: Place, text: str) -> None:
        self.formulas, self.at = formulas, at
        self.reads: list[str] = []
        self._text = text
        self._position = 0

    def whole(self) -> Decimal:
        """The value of the whole formula."""
        value = self._sum()
        if self._text[self._position :].strip():
            raise self._beyond()
        return value

    def _beyond(self) -> NotComputable:
        return NotComputable(BEYOND)

    def _next(self) -> "re.Match[str] | None":
        return _TOKEN.match(self._text, self._position)

    def _taken(self, *marks: str) -> str:
        found = self._next()
        if found is not None and found["mark"] in marks and found["mark"]:
            self._position = found.end()
            return found["mark"]
        return ""

    def _sum(self) -> Decimal:
        value = self._product()
        while mark := self._taken("+", "-"):
            other = self._product()
            value = value + other if mark == "+" else value - other
        return value

    def _product(self) -> Decimal:
        value = self._signed()
        while mark := self._taken("*", "/"):
            other = self._signed()
            value = value * other if mark == "*" else value / other
        return value

    def _signed(self) -> Decimal:
        if self._taken("-"):
            return -self._signed()
        if self._taken("+"):
            return self._signed()
        value = self._one()
        while self._taken("%"):
            value /= 100
        return value

    def _one(self) -> Decimal:
        found = self._next()
        if found is None:
            raise self._beyond()
        if found["number"]:
            self._position = found.end()
            return Decimal(found["number"])
        if found["ref"]:
            self._position = found.end()
            keys = list(self.keys(found))
            if len(keys) != 1:
                raise self._beyond()
            return self._number(keys[0]) or Decimal(0)
        if found["name"]:
            self._position = found.end()
            return self._called(found["name"])
        if self._taken("("):
            value = self._sum()
            if not self._taken(")"):
                raise self._beyond()
            return value
        raise self._beyond()

    def _called(self, name: str) -> Decimal:
        if name not in FUNCTIONS:
            raise self._beyond()
        values: list[Decimal] = []
        while True:
            found = self._next()
            if found is not None and found["ref"] and self._ends_argument(found.end()):
                self._position = found.end()
                values += [v for key in self.keys(found) if (v := self._counted(key)) is not None]
            else:
                values.append(self._sum())
            if self._taken(")"):
                break
            if not self._taken(","):
                raise self._beyond()
        if name == "ROUND":
            if len(values) != 2:
                raise self._beyond()
            return round_half_up(values[0], int(values[1]))
        if name == "SUM":
            return sum(values, Decimal(0))
        if name == "AVERAGE":
            return sum(values, Decimal(0)) / len(values) if values else Decimal(1) / 0
        return (max if name == "MAX" else min)(values, default=Decimal(0))

    def _ends_argument(self, position: int) -> bool:
        rest = self._text[position:].lstrip()
        return rest[:1] in (",", ")")

    def _number(self, key: str) -> Decimal | None:
        self.reads.append(key)
        return self.formulas.number(key)

    def _counted(self, key: str) -> Decimal | None:
        try:
            return self._number(key)
        except HoldsWords:
            return None

    def keys(self, found: "re.Match[str]") -> Iterator[str]:
        """The keys that a reference names, row by row."""
        sheet = self.at.sheet
        text = found["ref"]
        name = (found["quoted"] or "").replace("''", "'") or found["bare"] or ""
        if name:
            sheet = self.formulas.sheet_called(name)
            text = text.rpartition("!")[2]
        first, _, last = text.replace("$", "").partition(":")
        yield from keys_between(sheet, first, last or first)


def formula_keys(layout: Layout) -> list[str]:
    """The keys of all formulas of a form, sheet by sheet."""
    return [
        f"{sheet.number}!{address}"
        for sheet in layout.sheets
        for address, cell in sheet.cells.items()
        if cell.formula
    ]


def keys_between(sheet: int, first: str, last: str) -> Iterator[str]:
    """The keys of a stretch of cells (C5:C11), row by row. NotComputable when it is too large."""
    one, two = place_of(first), place_of(last)
    rows = range(min(one.row, two.row), max(one.row, two.row) + 1)
    columns = range(min(one.column, two.column), max(one.column, two.column) + 1)
    if len(rows) * len(columns) > MOST_CELLS:
        raise NotComputable("公式取的范围太大，由打开表的软件来算")
    for row in rows:
        for column in columns:
            yield f"{sheet}!{letter(column)}{row}"
