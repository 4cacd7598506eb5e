"""A form as a grid: what stands in which cell, what the heads over and before a cell say, and the fingerprint of it all.

Sheets of a workbook and tables of a Word document look alike here: both have rows, columns, merged areas and addresses (C12).
A cell of a form is named by its key: the number of its sheet or table and its address, ``1!C12``.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from keshu.ledger.intake.cells import column_index, letter
from keshu.terms.text import clean_name

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
#: What a blank cell may hold that is no words: a rule to write on, a dash, an old number.
_FILLABLE = re.compile(r"[\s_＿—–\-―/.0-9,%〇　]*")
#: 2026年9月 in a title changes every month and is no change of the form.
_DATED = re.compile(r"[0-9〇一二三四五六七八九十__＿]+(?=年|月|日|季度?)|[0-9]+[—\-至~][0-9]+(?=月)")
#: Words that explain or sign a form and name no row of it.
_NOTE = re.compile(
    r"^(?:注|备注|说明|填表说明|填报说明)[:：0-9一、.]|^注$|填表人|审核人|负责人|联系电话|填报日期|报出日期"
    r"|^(?:表号|制定机关|制表机关|批准机关|批准文号|有效期|填报单位|报送单位|计量单位|单位)(?:至)?[:：]"
)
LONGEST_HEAD = 40
#: A head that spans nearly everything is the title of the form, not the head of a column.
TITLE_SHARE = 0.7


class NoSuchCell(LookupError):
    """A key that names no cell of the form."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands: sheet from 1, row from 1, column from 0."""

    sheet: int
    row: int
    column: int

    @property
    def address(self) -> str:
        """C12"""
        return f"{letter(self.column)}{self.row}"

    @property
    def key(self) -> str:
        """1!C12"""
        return f"{self.sheet}!{self.address}"


def place_of(key: str) -> Place:
    """The place that a key names. NoSuchCell for anything that is none."""
    sheet, _, address = key.strip().upper().rpartition("!")
    found = _ADDRESS.fullmatch(address)
    if found is None or (sheet and not (sheet.isascii() and sheet.isdigit())):
        raise NoSuchCell(f"“{key[:20]}”不是格的位置。写成 C12，或第几张表加位置：2!C12。")
    try:
        return Place(int(sheet[:3] or 1), int(found[2]), column_index(found[1]))
    except ValueError as error:
        raise NoSuchCell(f"没有 {found[1]} 列。") from error


@dataclass(frozen=True, slots=True)
class LaidCell:
    """What stands in a cell: its text, its formula (without =), the decimals its format shows, whether it shows percent."""

    text: str = ""
    formula: str = ""
    decimals: int | None = None
    percent: bool = False

    @property
    def fillable(self) -> bool:
        """Whether a figure may go here: no formula and no words."""
        return not self.formula and _FILLABLE.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class Area:
    """A merged area; rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class LaidSheet:
    """One sheet (or one Word table)."""

    name: str
    part: str
    number: int
    rows: int = 0
    columns: int = 0
    hidden: bool = False
    cells: dict[str, LaidCell] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)

    @cached_property
    def covers(self) -> dict[tuple[int, int], Area]:
        """Every cell of a merged area → the area."""
        return {
            (row, column): area
            for area in self.merges
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }

    def at(self, row: int, column: int) -> LaidCell:
        """The cell there; of a merged area its first one."""
        area = self.covers.get((row, column))
        if area is not None:
            row, column = area.top, area.left
        return self.cells.get(f"{letter(column)}{row}", _EMPTY)

    def is_covered(self, row: int, column: int) -> bool:
        """Whether a merged area hides this cell behind its first one."""
        area = self.covers.get((row, column))
        return area is not None and (area.top, area.left) != (row, column)

    def _is_title(self, row: int, column: int) -> bool:
        area = self.covers.get((row, column))
        wide = area.right - area.left + 1 if area else 1
        return self.columns > 2 and wide >= self.columns * TITLE_SHARE

    @cached_property
    def _heads(self) -> tuple[dict[int, list[tuple[int, str]]], dict[int, list[tuple[int, str]]]]:
        """Words by the rows and by the columns that they stand in, merged areas in all of theirs; titles and notes are no heads."""
        by_row: dict[int, list[tuple[int, str]]] = {}
        by_column: dict[int, list[tuple[int, str]]] = {}
        for address, cell in self.cells.items():
            if cell.fillable or cell.formula:
                continue
            place = place_of(address)
            if self._is_title(place.row, place.column) or self.is_covered(place.row, place.column):
                continue
            if len(cell.text) > LONGEST_HEAD or _NOTE.search(cell.text):
                continue
            area = self.covers.get(
                (place.row, place.column), Area(place.row, place.column, place.row, place.column)
            )
            for row in range(area.top, area.bottom + 1):
                by_row.setdefault(row, []).append((area.right, _one_line(cell.text)))
            for column in range(area.left, area.right + 1):
                by_column.setdefault(column, []).append((area.bottom, _one_line(cell.text)))
        for held in (*by_row.values(), *by_column.values()):
            held.sort(key=lambda one: one[0])
        return by_row, by_column

    def row_heads(self, row: int, column: int) -> list[str]:
        """The words before a cell, from left to right: 一、科技投入, 全社会研发经费."""
        return list(dict.fromkeys(text for right, text in self._heads[0].get(row, ()) if right < column))

    def column_heads(self, row: int, column: int) -> list[str]:
        """The words over a cell, from the top down, without the title: 技术合同, 成交额（万元）."""
        return list(dict.fromkeys(text for bottom, text in self._heads[1].get(column, ()) if bottom < row))

    def titles(self, row: int) -> list[str]:
        """Lines over a row that span the form or stand alone: its title, 单位：万元."""
        found: list[str] = []
        for above in range(1, row):
            texts = [
                cell.text
                for column in range(self.columns)
                if not self.is_covered(above, column) and (cell := self.at(above, column)).text
            ]
            if len(texts) == 1 or any(self._is_title(above, column) for column in range(self.columns)):
                found += map(_one_line, texts)
            elif any("单位" in text for text in texts):
                found += [_one_line(text) for text in texts if "单位" in text]
        return found

    def words(self) -> Iterator[tuple[str, str]]:
        """Address and words of every cell that holds words, in reading order."""
        for row in range(1, self.rows + 1):
            for column in range(self.columns):
                address = f"{letter(column)}{row}"
                cell = self.cells.get(address)
                if cell is not None and not cell.formula and not cell.fillable:
                    yield address, _DATED.sub("#", clean_name(cell.text))


_EMPTY = LaidCell()


def _one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass
class Layout:
    """A whole form."""

    kind: str
    sheets: list[LaidSheet]

    def sheet(self, number: int) -> LaidSheet:
        """A sheet by its number from 1. NoSuchCell when there is none."""
        if not 1 <= number <= len(self.sheets):
            raise NoSuchCell(f"这张表只有 {len(self.sheets)} 张，没有第 {number} 张。")
        return self.sheets[number - 1]

    def place(self, key: str) -> Place:
        """The place of a key in this form, moved to the first cell of a merged area. NoSuchCell outside the form."""
        place = place_of(key)
        sheet = self.sheet(place.sheet)
        if place.row > sheet.rows or place.column >= sheet.columns:
            raise NoSuchCell(f"“{sheet.name}”里没有 {place.address} 这一格。")
        area = sheet.covers.get((place.row, place.column))
        return Place(place.sheet, area.top, area.left) if area else place

    def cell(self, key: str) -> LaidCell:
        """What stands under a key."""
        place = self.place(key)
        return self.sheet(place.sheet).at(place.row, place.column)

    @property
    def fingerprint(self) -> str:
        """The digest of the words, formulas and merged areas of all sheets; months and years in titles do not count."""
        told = [
            [
                sheet.name if self.kind == "xlsx" else "",
                list(sheet.words()),
                sorted((a, c.formula) for a, c in sheet.cells.items() if c.formula),
                sorted([a.top, a.left, a.bottom, a.right] for a in sheet.merges),
            ]
            for sheet in self.sheets
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """As it is kept beside the blank."""
        return {"kind": self.kind, "sheets": [_plain(sheet) for sheet in self.sheets]}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Layout":
        """Rebuilt from what is kept."""
        return cls(kept["kind"], [_sheet(row, number) for number, row in enumerate(kept["sheets"], 1)])


def _plain(sheet: LaidSheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "part": sheet.part,
        "size": [sheet.rows, sheet.columns],
        "hidden": sheet.hidden,
        "cells": {a: [c.text, c.formula, c.decimals, c.percent] for a, c in sheet.cells.items()},
        "merges": [[a.top, a.left, a.bottom, a.right] for a in sheet.merges],
        "hidden_rows": sheet.hidden_rows,
        "hidden_columns": sheet.hidden_columns,
        "widths": {str(column): width for column, width in sheet.widths.items()},
    }


def _sheet(row: dict[str, Any], number: int) -> LaidSheet:
    return LaidSheet(
        name=row["name"],
        part=row["part"],
        number=number,
        rows=row["size"][0],
        columns=row["size"][1],
        hidden=row["hidden"],
        cells={address: LaidCell(*held) for address, held in row["cells"].items()},
        merges=[Area(*ends) for ends in row["merges"]],
        hidden_rows=row["hidden_rows"],
        hidden_columns=row["hidden_columns"],
        widths={int(column): width for column, width in row["widths"].items()},
    )
