"""How a figure is written: the amount with its unit, dates, lamps, and Chinese text without the spaces of the screen."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from keshu.figures.arithmetic.change import POINTS, Change
from keshu.figures.dispatch import Row
from keshu.figures.models import Indicator, Measure
from keshu.rules.lamps import Lamp
from keshu.terms.quantity import show_change, show_money, show_number
from keshu.terms.units import MONEY, convert, unit

_CJK = r"\u2014\u2018-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_LOOSE = re.compile(rf"(?<=[{_CJK}]) (?=[0-9+\u2212±A-Za-z])|(?<=[0-9%A-Za-z]) (?=[{_CJK}])")


@dataclass(frozen=True)
class Amount:
    """A value as it is shown: ``text`` without unit, ``unit`` for the head of a column or behind the text."""

    text: str
    unit: str

    def __str__(self) -> str:
        """With its unit as in a sentence for paper: 0.28%, 4208万元."""
        return f"{self.text}{self.unit}"

    @property
    def spaced(self) -> str:
        """With its unit as on a screen: 0.28%, 4208 万元."""
        return str(self) if self.unit in ("", "%", "‰") else f"{self.text} {self.unit}"


def is_money(name: str) -> bool:
    """Whether a unit is one of money."""
    return unit(name).dimension == MONEY


def amount(value: Decimal, stored: str, places: int, *, shown: str | None = None) -> Amount:
    """``value`` (in unit ``stored``) for a reader, rounded half up once. Money is written in 万元 or 亿元 by its size with
    two decimals; ``shown`` fixes another unit of the same kind, as one column has one."""
    if is_money(stored):
        return Amount(*show_money(value, shown if shown else None))
    if shown and shown != stored:
        value = convert(value, stored, shown)
    return Amount(show_number(value, places), shown or stored)


def indicator_amount(indicator: Indicator, value: Decimal, shown: str | None = None) -> Amount:
    """A value of an indicator in its own unit and decimals."""
    return amount(value, indicator.unit, indicator.decimals, shown=shown)


def measure_amount(measure: Measure, value: Decimal, shown: str | None = None) -> Amount:
    """A value of a measure (stored unit) in the unit it is shown in."""
    if is_money(measure.unit):
        return amount(value, measure.unit, 2, shown=shown)
    return amount(value, measure.unit, measure.shown_decimals, shown=shown or measure.shown_unit)


def share(value: Decimal | None) -> str:
    """A share (1 = 100 %) as completion is written: one decimal, may exceed 100%; "" when there is none."""
    return "" if value is None else f"{show_number(value * 100, 1)}%"


def lamp_words(lamp: Lamp | None) -> str:
    """Shape and word of a lamp (■ 滞后), so that a grey print still tells them apart; "" without a lamp."""
    return f"{lamp.shape} {lamp.word}" if lamp else ""


def reached(row: Row) -> str:
    """已达 or 未达 of a fixed figure against the target of its year; "" without a target."""
    return "" if row.met is None else "已达" if row.met else "未达"


def change_unit(unit_name: str, moved: Change) -> str:
    """百分点 for a ratio in %, % for an amount, the ratio's own unit otherwise (家/万家)."""
    return unit_name if moved.unit == POINTS and unit_name != "%" else moved.unit


def change_words(moved: Change, unit_name: str, places: int) -> str:
    """A change in words: 升0.06个百分点, 降7.7%, 持平; the reason where no number may be written."""
    if moved.value is None:
        return moved.reason or ""
    if moved.value == 0:
        return "持平"
    name = change_unit(unit_name, moved)
    if name == "%":
        return f"{'增' if moved.value > 0 else '降'}{show_number(abs(moved.value), 1)}%"
    word = "升" if moved.value > 0 else "降"
    return f"{word}{show_number(abs(moved.value), places)}{'个' if name == POINTS else ''}{name}"


def change_figure(moved: Change, unit_name: str, places: int) -> str:
    """A change with its sign for a table cell: +0.06, −7.7; the reason in words where there is no number."""
    if moved.value is None:
        return moved.reason or ""
    return show_change(moved.value, 1 if change_unit(unit_name, moved) == "%" else places)


def tight(text: str) -> str:
    """Text without the spaces that a screen puts between Chinese and digits; paper and chats have none."""
    return _LOOSE.sub("", text)


def day_words(day: date | datetime | None) -> str:
    """2026年10月12日; 尚无数据 when nothing was ever written."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "尚无数据"


def short_day(day: date | datetime, today: date) -> str:
    """7-03, with its year when that is another one: 2025-7-03."""
    text = f"{day.month}-{day.day:02d}"
    return text if day.year == today.year else f"{day.year}-{text}"


def minute_words(moment: datetime | None) -> str:
    """2026-10-12 09:30; 尚无数据 when nothing was ever written."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "尚无数据"
