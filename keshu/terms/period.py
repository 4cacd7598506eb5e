"""Periods: the year, half, quarter, month, range of months or 截至-day that a figure is about.

A period is its first and last day within one calendar year; two spellings of the same days are the same period
(1—6月 is 上半年, 截至10月31日 is 1—10月), so figures written by different hands meet under one code.
"""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial, total_ordering
from typing import Any, overload

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
QUARTER_NAMES = ("一", "二", "三", "四")
_HALF_NAMES = ("上半年", "下半年")
_CHINESE_MONTHS = {
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9, "十": 10, "十一": 11, "十二": 12,
}  # fmt: skip
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


class UnreadablePeriod(ValueError):
    """A text that names no period; the message is for the person who typed it."""

    def __init__(self, text: object, why: str = "看不出是哪一年的哪一段") -> None:
        self.text = text
        super().__init__(
            f"时期“{str(text)[:40]}”读不懂：{why}。可以写 2026年、2026年上半年、2026年三季度、2026年9月、"
            f"2026年1—9月、截至2026年10月10日，或代码 2026、2026H1、2026Q3、2026-09、2026-01..09、2026-10-10。"
        )


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


class _ByClassOrInstance:
    """A name that builds a period when asked of the class and measures one when asked of a period.

    ``Period.year(2026)`` and ``p.year`` are both how the office speaks; a plain property would hide the first.
    """

    def __init__(self, measure: Callable[[Any], int]) -> None:
        self.measure = measure
        self.build: Callable[..., Period] | None = None
        self.__doc__ = measure.__doc__

    def constructor(self, build: Callable[..., "Period"]) -> Callable[..., "Period"]:
        self.build = build
        return build

    @overload
    def __get__(self, instance: None, owner: type) -> Callable[..., "Period"]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> int: ...

    def __get__(self, instance: object, owner: type) -> "int | Callable[..., Period]":
        if instance is not None:
            return self.measure(instance)
        assert self.build is not None
        return partial(self.build, owner)


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of one calendar year, from ``start`` to ``end`` inclusive; ordered by (end, start).

    ``kind`` follows from the days: year, half, quarter, month, months (another range of whole months) or day
    (1 January to a day that is not the last of its month); ``code`` is its canonical string. Raises UnreadablePeriod for any other stretch.
    """

    start: date
    end: date
    kind: str = ""
    code: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        kind = _kind_of(self.start, self.end)
        if self.kind not in ("", kind):
            raise UnreadablePeriod(f"{self.start}—{self.end}", f"这一段是 {kind}，不是 {self.kind}")
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "code", _code_of(self.start, self.end, kind))

    # ---- constructors -------------------------------------------------------------------------------------

    @classmethod
    def _of_months(cls, y: int, a: int, b: int) -> "Period":
        if not (EARLIEST_YEAR <= y <= LATEST_YEAR):
            raise UnreadablePeriod(y, f"年份不在 {EARLIEST_YEAR}—{LATEST_YEAR} 之间")
        if not (1 <= a <= b <= 12):
            raise UnreadablePeriod(f"{y}年{a}—{b}月", "月份须在 1—12 之间，且前月不晚于后月")
        return _kept_months(y, a, b)

    @classmethod
    def month(cls, y: int, m: int) -> "Period":
        """One month."""
        return cls._of_months(y, m, m)

    @classmethod
    def ytd(cls, y: int, m: int) -> "Period":
        """January up to month m (1—m月)."""
        return cls._of_months(y, 1, m)

    @classmethod
    def quarter(cls, y: int, q: int) -> "Period":
        """Quarter q (1—4)."""
        if not 1 <= q <= 4:
            raise UnreadablePeriod(f"{y}年第{q}季度", "季度须在 1—4 之间")
        return cls._of_months(y, 3 * q - 2, 3 * q)

    @classmethod
    def half(cls, y: int, h: int) -> "Period":
        """Half h (1 上半年, 2 下半年)."""
        if h not in (1, 2):
            raise UnreadablePeriod(f"{y}H{h}", "半年须是 1 或 2")
        return cls._of_months(y, 6 * h - 5, 6 * h)

    @classmethod
    def day(cls, d: date) -> "Period":
        """1 January up to the day d (截至…); on the last day of a month the same as the whole months."""
        if isinstance(d, datetime):
            d = d.date()
        return cls(date(d.year, 1, 1), d)

    @classmethod
    def from_date(cls, d: date) -> "Period":
        """What a date in a period cell means: 截至 that day."""
        return cls.day(d)

    @classmethod
    def parse(cls, text: object, default_year: int | None = None) -> "Period":
        """The period that a code, a date, or a clerk's wording names.

        ``default_year`` completes a wording without a year (1-9月); without it such a wording raises
        UnreadablePeriod, as does everything that is not one stretch of one calendar year.
        """
        if isinstance(text, Period):
            return text
        if isinstance(text, date):
            return cls.from_date(text)
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise UnreadablePeriod(text)
        if isinstance(text, float):
            # A number cell 2026.1 is January or an October that lost its zero: nobody can tell.
            if not text.is_integer() and repr(text).partition(".")[2] == "1":
                raise UnreadablePeriod(text, "看不出是 1 月还是 10 月，请把单元格改成文本 2026-01 或 2026-10")
            text = int(text) if text.is_integer() else repr(text)
        return _parse(str(text), default_year)

    # ---- what it is called --------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """As written in a report: 2026年, 2026年上半年, 2026年一季度, 2026年1—9月, 截至2026年10月10日."""
        if self.kind == "year":
            return f"{self.year}年"
        if self.kind == "day":
            return f"截至{self.year}年{self.end.month}月{self.end.day}日"
        return f"{self.year}年{self.short_label}"

    @property
    def short_label(self) -> str:
        """The label without its year: 全年, 上半年, 一季度, 9月, 1—9月, 截至10月10日."""
        first, last = self.start.month, self.end.month
        if self.kind == "year":
            return "全年"
        if self.kind == "half":
            return _HALF_NAMES[last // 6 - 1]
        if self.kind == "quarter":
            return f"{QUARTER_NAMES[last // 3 - 1]}季度"
        if self.kind == "month":
            return f"{last}月"
        if self.kind == "months":
            return f"{first}—{last}月"
        return f"截至{last}月{self.end.day}日"

    def __str__(self) -> str:
        return self.code

    # ---- what it measures ---------------------------------------------------------------------------------

    @_ByClassOrInstance
    def year(self) -> int:
        """On a period: its calendar year. On the class, ``Period.year(y)``: the whole year y."""
        return self.start.year

    @_ByClassOrInstance
    def months(self) -> int:
        """On a period: how many months it touches (an unfinished one counts). On the class,
        ``Period.months(y, a, b)``: the whole months a..b of one year."""
        return self.end.month - self.start.month + 1

    @year.constructor
    def _whole_year(cls, y: int) -> "Period":
        return cls._of_months(y, 1, 12)

    @months.constructor
    def _whole_months(cls, y: int, a: int, b: int) -> "Period":
        return cls._of_months(y, a, b)

    @property
    def is_ytd(self) -> bool:
        """Whether it starts on 1 January, so that a cumulative figure may stand for it."""
        return self.start.month == 1

    def to_date(self) -> "Period":
        """1 January up to the same end (累计)."""
        return Period(date(self.year, 1, 1), self.end)

    def single_month(self) -> "Period":
        """The whole month in which it ends (当月)."""
        return Period.month(self.year, self.end.month)

    def previous_year(self) -> "Period":
        """The same stretch a year before (去年同期)."""
        return self.shift_years(-1)

    def shift_years(self, years: int) -> "Period":
        """The same stretch ``years`` later; whole months stay whole, leap February too."""
        year = self.year + years
        if self.kind != "day":
            return Period._of_months(year, self.start.month, self.end.month)
        if not (EARLIEST_YEAR <= year <= LATEST_YEAR):
            raise UnreadablePeriod(year, f"年份不在 {EARLIEST_YEAR}—{LATEST_YEAR} 之间")
        return Period.day(self.end.replace(year=year))  # 29 February is a month's end, never of kind day

    def previous_month_ytd(self) -> "Period | None":
        """1 January up to the end of the month before (上月累计); None in January, which has none."""
        return Period.ytd(self.year, self.end.month - 1) if self.end.month > 1 else None

    def elapsed_share(self) -> Decimal:
        """Time progress (序时进度) of the year at the period's end, 0 to 1, unrounded.

        Whole months count twelfths (September: 0.75); a 截至-day counts days of 365 or 366.
        """
        if self.kind != "day":
            return Decimal(self.end.month) / 12
        return Decimal(self.end.timetuple().tm_yday) / (366 if calendar.isleap(self.year) else 365)

    def contains(self, other: "Period") -> bool:
        """Whether every day of ``other`` lies in this period."""
        return self.start <= other.start and other.end <= self.end

    @property
    def sort_key(self) -> tuple[date, date]:
        """(end, start): the order of periods."""
        return self.end, self.start

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Period):
            return NotImplemented
        return self.sort_key < other.sort_key


@lru_cache(maxsize=4096)
def _kept_months(y: int, a: int, b: int) -> Period:
    """Whole months are asked for thousands of times in one table, and a period never changes."""
    return Period(date(y, a, 1), _month_end(y, b))


def _code_of(start: date, end: date, kind: str) -> str:
    """The canonical string: 2026, 2026H1, 2026Q3, 2026-09, 2026-01..09 or 2026-10-10."""
    year, first, last = f"{start.year:04d}", start.month, end.month
    if kind == "year":
        return year
    if kind == "half":
        return f"{year}H{last // 6}"
    if kind == "quarter":
        return f"{year}Q{last // 3}"
    if kind == "month":
        return f"{year}-{last:02d}"
    if kind == "months":
        return f"{year}-{first:02d}..{last:02d}"
    return end.isoformat()


def _kind_of(start: date, end: date) -> str:
    span = f"{start}—{end}"
    if start.year != end.year or start > end:
        raise UnreadablePeriod(span, "起止须在同一年，且起不晚于止")
    if not (EARLIEST_YEAR <= start.year <= LATEST_YEAR):
        raise UnreadablePeriod(span, f"年份不在 {EARLIEST_YEAR}—{LATEST_YEAR} 之间")
    if start.day != 1:
        raise UnreadablePeriod(span, "须从某月 1 日起")
    if end != _month_end(end.year, end.month):
        if start.month != 1:
            raise UnreadablePeriod(span, "截至某日的时期须从 1 月 1 日起算")
        return "day"
    first, last = start.month, end.month
    if (first, last) == (1, 12):
        return "year"
    if last - first == 5 and first in (1, 7):
        return "half"
    if last - first == 2 and first % 3 == 1:
        return "quarter"
    return "month" if first == last else "months"


_Y = r"(?:(?P<y>\d{4})年?度?)?"
_N = r"(?:1[0-2]|0?[1-9])"
_TO = r"(?:-|~|至|到|\.\.)"
_UP_TO = r"截[至止]到?"
_Q = r"[一二三四1234]"
# Ordered: the first wording that covers the whole text wins. Text has been folded by _fold before.
_WORDINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("year", r"(?P<y>\d{4})(?:年?度?|年全年|年[底末])|全年"),
        ("half", _Y + r"(?:(?P<word>上|下)半年|-?H(?P<h>[12])|(?P<h2>[12])H)"),
        ("quarters", _Y + rf"(?:前(?P<n>[一二两三四1234])个?季度|(?P<a>{_Q}){_TO}(?P<b>{_Q})季度)"),
        ("quarter", _Y + rf"(?:第?(?P<q>{_Q})季度?|-?Q(?P<q2>[1-4])|(?P<q3>[1-4])Q)"),
        ("first_months", _Y + r"前(?P<n>1[0-2]|[1-9]|十[一二]?|[一二两三四五六七八九])个月"),
        ("months", _Y + rf"(?P<a>{_N})(?:月份?)?{_TO}(?P<b>{_N})月份?"),
        ("months", rf"(?P<y>\d{{4}})-(?P<a>{_N})\.\.(?P<b>{_N})"),
        ("months", rf"(?P<y>\d{{4}})[./](?P<a>{_N}){_TO}(?P<b>{_N})"),
        ("months", rf"(?P<y>\d{{4}})[./-]?(?P<a>{_N}){_TO}(?P<y2>\d{{4}})[./-]?(?P<b>{_N})"),
        ("months", rf"(?P<y>\d{{4}})年(?P<a>{_N})月?{_TO}(?P<y2>\d{{4}})年(?P<b>{_N})月"),
        ("month", _Y + rf"(?:(?P<m>{_N})|(?P<word>十[一二]?|[一二三四五六七八九]))月份?"),
        ("month", rf"(?P<y>\d{{4}})[-./](?P<m>{_N})月?"),
        ("month", r"(?P<y>\d{4})(?P<m>0[1-9]|1[0-2])"),
        ("ytd", rf"{_UP_TO}{_Y}(?P<m>{_N})月(?:份|底|末)?"),
        ("ytd", rf"{_Y}{_UP_TO}(?P<m>{_N})月(?:份|底|末)?"),
        ("ytd", rf"{_Y}(?P<m>{_N})月[底末]"),
        ("day", rf"(?:{_UP_TO})?{_Y}(?P<m>{_N})月(?P<d>\d{{1,2}})[日号]?(?:止|底)?"),
        ("day", rf"(?P<y>\d{{4}})年?{_UP_TO}(?P<m>{_N})月(?P<d>\d{{1,2}})[日号]?"),
        ("day", rf"(?:{_UP_TO})?(?P<y>\d{{4}})(?P<s>[-./])(?P<m>{_N})(?P=s)(?P<d>\d{{1,2}})(?:[T ]?0?0:00(?::00)?)?"),
        ("day", rf"(?:{_UP_TO})?(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})"),
    )
)  # fmt: skip


def _fold(text: str) -> str:
    """Half-width, no spaces, one dash, upper case; years in Chinese digits (二〇二六年) become digits."""
    folded = "".join(unicodedata.normalize("NFKC", text).split()).replace("\u200b", "").upper()
    folded = re.sub(r"[—–―−‐‑─~-]+|(?<=\d)一(?=\d)", "-", folded)
    return re.sub(
        r"^(截[至止]到?)?([〇○零一二三四五六七八九]{4})年",
        lambda found: (found[1] or "") + found[2].translate(_CHINESE_DIGITS) + "年",
        folded,
    )


@lru_cache(maxsize=4096)  # a column of a file repeats a few periods thousands of times
def _parse(text: str, default_year: int | None) -> Period:
    folded = _fold(text)
    readings = ((name, pattern.fullmatch(folded)) for name, pattern in _WORDINGS)
    name, found = next(((name, found) for name, found in readings if found), ("", None))
    if found is None:
        raise UnreadablePeriod(text)
    parts = {key: value for key, value in found.groupdict().items() if value}
    written_year = parts.get("y")
    if written_year is None and default_year is None:
        raise UnreadablePeriod(text, "没有写年份")
    y = int(written_year) if written_year else int(default_year or 0)
    if int(parts.get("y2", y)) != y:
        raise UnreadablePeriod(text, "跨了年度")
    try:
        return _build(name, y, parts)
    except UnreadablePeriod as error:
        raise UnreadablePeriod(text, str(error).partition("：")[2].partition("。")[0]) from None
    except ValueError:
        raise UnreadablePeriod(text, "没有这一天") from None


def _build(name: str, y: int, parts: dict[str, str]) -> Period:
    def number(*keys: str) -> int:
        word = next(parts[key] for key in keys if key in parts)
        return int(word) if word.isdigit() else _CHINESE_MONTHS[word]

    if name == "year":
        return Period.year(y)
    if name == "half":
        return Period.half(y, "上下".index(parts["word"]) + 1 if "word" in parts else number("h", "h2"))
    if name == "quarters":
        first, last = (1, number("n")) if "n" in parts else (number("a"), number("b"))
        return Period.months(y, 3 * first - 2, 3 * last)
    if name == "quarter":
        return Period.quarter(y, number("q", "q2", "q3"))
    if name == "first_months":
        return Period.ytd(y, number("n"))
    if name == "months":
        return Period.months(y, number("a"), number("b"))
    if name == "month":
        return Period.month(y, number("m", "word"))
    if name == "ytd":
        return Period.ytd(y, number("m", "m2"))
    return Period.day(date(y, int(parts["m"]), int(parts["d"])))
