"""The filled file: entries in their cells, and beside the formulas that read them their results."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from keshu.filling.computing import CellValue, entries_of
from keshu.filling.formulas import Computed, Formulas, HoldsWords
from keshu.filling.layout import Layout, NoSuchCell
from keshu.filling.models import Blank
from keshu.filling.office.sheets import Entry
from keshu.filling.receiving import written
from keshu.terms.quantity import UnreadableNumber, is_missing, read_number


@dataclass
class Sheet:
    """A form as it will leave: what goes into which cell, and what its formulas come to. ``reads``: of every formula that reads
    mapped cells, which."""

    layout: Layout
    entries: dict[str, Entry]
    formulas: dict[str, Computed]
    reads: dict[str, set[str]]

    @property
    def results(self) -> dict[str, Entry]:
        """What is kept beside the formulas that read a filled cell; None where the opening program must compute."""
        return {key: self.formulas[key].value for key in self.reads}

    def number(self, key: str) -> Decimal | None:
        """The number that will stand in a cell, as the form shows it (2.44 % is 2.44); None for an empty one or words."""
        if key in self.formulas:
            value = self.formulas[key].value
        elif key in self.entries:
            entry = self.entries[key]
            if isinstance(entry, str):
                return _read(entry)
            value = entry
        else:
            return _read(self.layout.cell(key).text)
        return value * 100 if value is not None and self.layout.cell(key).percent else value


def _read(text: str) -> Decimal | None:
    if is_missing(text):
        return None
    try:
        return read_number(text)
    except UnreadableNumber:
        return None


def laid_out(layout: Layout, values: Iterable[CellValue], missing_text: str) -> Sheet:
    """The form with its values, before it is written."""
    entries = entries_of(values, layout, missing_text)

    def stored(key: str) -> Decimal | None:
        """What the workbook holds in a cell."""
        if key in entries:
            entry = entries[key]
            if isinstance(entry, str):
                raise HoldsWords("公式取的格里是文字")
            return entry
        try:
            cell = layout.cell(key)
        except NoSuchCell:
            return None
        if not cell.text:
            return None
        number = _read(cell.text)
        if number is None:
            raise HoldsWords("公式取的格里是文字")
        return number / 100 if cell.percent else number

    formulas = Formulas(layout, stored)
    made = formulas.all()
    return Sheet(layout, entries, made, formulas.reading(set(entries)))


def compose(blank: Blank, sheet: Sheet) -> bytes:
    """The bytes of the filled file."""
    return written(blank, sheet.entries, sheet.results)


def digest(values: Iterable[CellValue]) -> str:
    """SHA-256 of the canonical JSON of what a filling holds."""
    text = json.dumps([value.plain() for value in values], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
