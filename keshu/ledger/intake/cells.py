"""A cell as the clerk sees it: its text, what kind of thing it is, and what makes it doubtful."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from keshu.terms.quantity import plain
from keshu.terms.text import guard_cell


class Kind(StrEnum):
    BLANK = "blank"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"  # #REF! and its sisters
    UNCOMPUTED = "uncomputed"  # a formula whose result was never saved


class Cell(NamedTuple):
    """One cell.

    ``text`` is what stands on the sheet and what readers parse: a number keeps its saved digits, a percent format adds %,
    a date becomes 2024-03-31 or, shown by month, 2024年3月. ``value`` is str, Decimal (percent: 0.0254), date, datetime,
    time, bool or None. ``problem`` (why it cannot be used) and ``note`` (what was assumed) are sentences for the
    clerk, or empty. ``merged`` is the range that the cell belongs to ("C3:C5"); every cell of it carries the same value.
    """

    kind: Kind
    text: str
    value: object = None
    note: str = ""
    problem: str = ""
    merged: str = ""


class Row(NamedTuple):
    """``number`` is 1-based as the spreadsheet shows it; ``cells`` start at column A and end at the last filled one."""

    number: int
    cells: list[Cell]
    hidden: bool = False


BLANK = Cell(Kind.BLANK, "")
NO_RESULT = "是公式，没有存下结果，请复制后选择性粘贴为数值再传"
FORMULA_READ = "是公式，按存下的结果读"
BROKEN_TEXT = "里有乱码，请核对原文后重填"


def letter(index: int) -> str:
    """Column letters of a 0-based index: 0 → A, 26 → AA."""
    name, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=20_000)
def column_index(letters: str) -> int:
    """0-based index of column letters: A → 0, AA → 26. ValueError for anything else."""
    index = 0
    for one in letters:
        if not "A" <= one <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(one) - 64
    if not index or index > 16_384:
        raise ValueError(letters)
    return index - 1


def text_cell(text: str) -> Cell:
    """A text cell; blank when nothing visible is in it. Undoes the apostrophe that our own exports put before formulas."""
    if not text or text.isspace():
        return BLANK
    if text[0] == "'" and guard_cell(text[1:]) == text:
        text = text[1:]
    if "\ufffd" in text or "锟斤拷" in text or "烫烫烫" in text:
        return Cell(Kind.TEXT, text, text, problem=f"“{text}”{BROKEN_TEXT}")
    return Cell(Kind.TEXT, text, text)


# ---- numbers

HALF_CENT = Decimal("0.005")


def saved_number(raw: str) -> Decimal:
    """The number that a sheet's XML holds, without the tail that binary floating point adds.

    Excel shows 15 digits and saves 17: 0.30000000000000004 is what the clerk typed as 0.3. The tail goes unless that would
    move the value by half a 分 or more (126058200000000.07 stays). InvalidOperation when ``raw`` is no finite number.
    """
    number = Decimal(raw)
    if not number.is_finite() or number.adjusted() > 400:
        raise InvalidOperation(raw)
    if len(raw) > 15 and len(number.as_tuple().digits) > 15:
        rounded = round(number, 14 - number.adjusted())
        if abs(rounded - number) < HALF_CENT:
            return rounded
    return number


# ---- number formats


class Shown(StrEnum):
    """How a number format shows a stored number, as far as it changes what the clerk believes stands there."""

    PLAIN = "plain"
    PERCENT = "percent"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    TIME = "time"
    SCALED = "scaled"  # shown in 万 or 千, stored in units


# Built-in formats by number (ECMA-376 part 1, 18.8.30, with the Chinese locale's 27–36 and 50–58).
_BUILTIN = {
    **dict.fromkeys((9, 10), Shown.PERCENT),
    **dict.fromkeys((14, 15, 16, 22, 28, 29, 30, 31, 36, 50, 51, 53, 54, 58), Shown.DAY),
    **dict.fromkeys((17, 27, 52, 57), Shown.MONTH),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), Shown.TIME),
}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def shown_by(number_format: int, code: str | None) -> Shown:
    """What a number format does to a number: by its built-in number or, for a custom one, by its code."""
    if code is None:
        return _BUILTIN.get(number_format, Shown.PLAIN)
    first = code.split(";")[0]
    bare = _QUOTED.sub("", first).lower()
    if "general" in bare:
        return Shown.PLAIN
    if "%" in bare:
        return Shown.PERCENT
    if "[h" in bare or "[m" in bare or "[s" in bare:
        return Shown.PLAIN
    if "y" in bare or "d" in bare:
        if "d" in bare or "h" in bare:
            return Shown.DAY
        return Shown.MONTH if "m" in bare else Shown.YEAR
    if "h" in bare or "s" in bare:
        return Shown.TIME
    if re.search(r"[0#?],+(?![0#?,])", bare) or re.search(r"0!\.0", first) or re.search("[万亿千]", first):
        return Shown.SCALED
    return Shown.PLAIN


# ---- dates

# Spreadsheets know no time zone: what is on the sheet is local.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
# 1954-10-03 to 2119-01-13: what is a date in a bureau's table; 202403 and 20240331 are not serials.
SERIALS = range(20_000, 80_001)


def from_serial(serial: Decimal, *, epoch_1904: bool = False) -> datetime:
    """The moment of a spreadsheet serial. Excel counts a 1900-02-29 that never was. OverflowError or ValueError outside 1900–9999."""
    if serial < 0:
        raise ValueError(serial)
    days = int(serial)
    seconds = int((serial - days) * 86_400 + Decimal("0.5"))
    if epoch_1904:
        return _EPOCH_1904 + timedelta(days=days, seconds=seconds)
    if days < 60:
        days += 1
    return _EPOCH + timedelta(days=days, seconds=seconds)


def date_cell(moment: datetime, shown: Shown, note: str = "") -> Cell:
    """A date as its format shows it: by day, by month (2024年3月), by year (2024年); with a time only when it has one."""
    day = moment.date()
    if shown is Shown.MONTH:
        return Cell(Kind.DATE, f"{day.year}年{day.month}月", day, note)
    if shown is Shown.YEAR:
        return Cell(Kind.DATE, f"{day.year}年", day, note)
    if moment.time() == time():
        return Cell(Kind.DATE, day.isoformat(), day, note)
    return Cell(Kind.DATE, moment.isoformat(" ", "seconds"), moment, note)


def number_cell(raw: str, shown: Shown, epoch_1904: bool) -> Cell:
    """The cell of a stored number under its number format."""
    try:
        number = saved_number(raw)
    except InvalidOperation:
        return Cell(Kind.ERROR, raw, None, problem=f"“{raw}”不是数，请重填")
    if shown is Shown.PLAIN:
        return Cell(Kind.NUMBER, plain(number), number)
    if shown is Shown.PERCENT:
        return Cell(Kind.NUMBER, plain(number * 100) + "%", number)
    if shown is Shown.SCALED:
        text = plain(number)
        return Cell(Kind.NUMBER, text, number, note=f"单元格按万或千显示，实际存的是 {text}，按 {text} 读")
    if shown is Shown.YEAR and 1900 <= number <= 2199:
        # A year typed into a cell that is formatted as one: the sheet shows 1905, the clerk means what was typed.
        return Cell(
            Kind.NUMBER, plain(number), number, note=f"单元格按日期显示，存的是 {number}，按 {number} 读"
        )
    try:
        moment = from_serial(number, epoch_1904=epoch_1904)
    except (OverflowError, ValueError):
        return Cell(Kind.NUMBER, plain(number), number, note="单元格设成了日期格式，但存的不是日期")
    if shown is Shown.TIME and number < 1:
        clock_time = moment.time()
        return Cell(Kind.DATE, clock_time.isoformat("minutes"), clock_time)
    return date_cell(moment, shown)


def iso_date_cell(raw: str) -> Cell:
    """A cell of type d: ISO 8601 in the file itself."""
    try:
        return date_cell(datetime.fromisoformat(raw.replace("Z", "")), Shown.DAY)
    except ValueError:
        return text_cell(raw)


def day_of(cell: Cell) -> date | None:
    """The calendar day of a date cell, or None."""
    if isinstance(cell.value, datetime):
        return cell.value.date()
    return cell.value if isinstance(cell.value, date) else None
