"""One value of one column as a clerk writes it: read into what the record keeps, or refused with a sentence."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from keshu.ledger.registers import Column
from keshu.terms.quantity import (
    IncompatibleUnits,
    TooManyDecimals,
    UnknownUnit,
    UnreadableNumber,
    convert,
    is_missing,
    plain,
    read_number,
    read_quantity,
    scale,
)
from keshu.terms.text import clean_name, nearest

YES = frozenset(("是", "有", "√", "✓", "✔", "1", "y", "yes", "true", "对"))
NO = frozenset(("否", "无", "×", "✗", "x", "0", "n", "no", "false", "没有", "不是", "错"))
#: Amounts and numbers lie in 64 bits; a slot keeps up to four places.
HIGHEST = Decimal(10) ** 14
EARLIEST, LATEST = 1900, 2200
#: A day as clerks write it: 2026-3-5, 2026.03.05, 2026/3/5, 2026年3月5日, 20260305; midnight behind it is what Excel adds.
_DAY = re.compile(
    r"(\d{4})(?:[-./年](?=\d{1,2}[-./月])|(?=\d{4}$))(\d{1,2})[-./月]?(\d{1,2})日?(?:00:00(?::00)?)?"
)


class ValueRefused(ValueError):
    """A text that a column cannot take; the message says what to write."""


def read_value(column: Column, text: str, *, unit: str = "") -> Any:
    """The value of one column: str, Decimal (money in 元), int, date, bool, or None where nothing is written.

    ``unit``: what the head of the file says (元, 万元); money without any is in 万元. Raises ValueRefused. Whether a value is required
    is not asked here. Regions and organisations are looked up elsewhere.
    """
    if not text.strip():
        return None
    return _READERS[column.kind](column, text.strip(), unit)


def _text(column: Column, text: str, unit: str) -> str:
    kept = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    for at, one in enumerate(() if kept.isprintable() else kept):
        kind = unicodedata.category(one)
        if kind in ("Cc", "Cs") and not (one in "\n\t" and column.kind == "long"):
            raise ValueRefused(f"第 {at + 1} 个字是看不见的控制符或断行，请删掉后重填")
    if len(kept) > column.longest:
        raise ValueRefused(f"写了 {len(kept)} 字，最多 {column.longest} 字；请删减，全文可以作佐证上传")
    return kept


def _money(column: Column, text: str, unit: str) -> Decimal | None:
    if is_missing(text):
        return None
    # 12.5万 in a column of money is 12.5 万元, never 12.5 万 of the column's 万元.
    number, tail = _quantity(f"{text}元" if text[-1] in "万亿" else text)
    if tail and unit and tail != unit:
        raise ValueRefused(f"格里写着“{tail}”，表头是“{unit}”，两样不同，请只留一个")
    try:
        yuan = convert(number, tail or unit or "万元", "元")
    except (UnknownUnit, IncompatibleUnits) as error:
        raise ValueRefused(f"“{text[:20]}”不是金额：{error}") from error
    return _fits(yuan, 2, f"{plain(number)}{tail or unit or '万元'}细到分以下，请核对单位或四舍五入到分")


def _number(column: Column, text: str, unit: str) -> Decimal | None:
    if is_missing(text):
        return None
    try:
        number = read_number(text)
    except UnreadableNumber as error:
        raise ValueRefused(str(error)) from error
    return _fits(number, column.places, f"“{text[:20]}”的小数超过 {column.places} 位")


def _count(column: Column, text: str, unit: str) -> Decimal | None:
    if is_missing(text):
        return None
    number, _ = _quantity(text)
    if number != number.to_integral_value() or number < 0:
        raise ValueRefused(f"“{text[:20]}”不是个数，请写 0、1、2 这样的整数")
    if column.path == "items" and not 1 <= number < 10**9:
        raise ValueRefused(f"“{text[:20]}”不能作件数，请写 1 到 999999999")
    return _fits(number, 0, "")


def _quantity(text: str) -> tuple[Decimal, str | None]:
    try:
        return read_quantity(text)
    except UnreadableNumber as error:
        raise ValueRefused(str(error)) from error


def _fits(number: Decimal, places: int, said: str) -> Decimal:
    try:
        scale(number, places)
    except TooManyDecimals as error:
        raise ValueRefused(said) from error
    if abs(number) >= HIGHEST:
        raise ValueRefused(f"{plain(number)} 太大，存不下，请核对单位")
    return number


def _date(column: Column, text: str, unit: str) -> date | None:
    if is_missing(text):
        return None
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    match = _DAY.fullmatch(folded)
    try:
        found = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:  # 2026-02-30
        found = None
    if found is None or not EARLIEST <= found.year < LATEST:
        raise ValueRefused(f"“{text[:20]}”不是哪一天，请写成 2026-03-05 或 2026年3月5日")
    return found


def _choice(column: Column, text: str, unit: str) -> str:
    wanted = clean_name(text)
    for value, label in column.choices:
        if wanted in (clean_name(label), clean_name(value)):
            return value
    labels = [label for _, label in column.choices]
    near = nearest(text, labels, n=2)
    said = f"是不是{'、'.join(f'“{one}”' for one in near)}？" if near else ""
    raise ValueRefused(f"没有“{text[:20]}”这个选项。{said}可以选：{'、'.join(labels)}")


def _flag(column: Column, text: str, unit: str) -> bool:
    wanted = unicodedata.normalize("NFKC", text).casefold()
    if wanted in YES:
        return True
    if wanted in NO:
        return False
    raise ValueRefused(f"“{text[:20]}”看不出是还是否，请写 是 或 否")


_READERS: dict[str, Callable[[Column, str, str], Any]] = {
    "name": _text,
    "text": _text,
    "long": _text,
    "money": _money,
    "number": _number,
    "count": _count,
    "date": _date,
    "choice": _choice,
    "state": _choice,
    "flag": _flag,
}


def written(column: Column, value: Any) -> str:
    """A value as a form or a preview writes it: what ``read_value`` reads back. Money in 万元, without trailing zeros."""
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return plain(convert(value, "元", "万元"))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return plain(value.normalize()) if value else "0"
    if column.kind in ("choice", "state"):
        return dict(column.choices).get(value, str(value))
    return value.isoformat() if isinstance(value, date) else str(value)
