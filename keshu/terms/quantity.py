"""Numbers: reading what Excel, CSV and clerks hold, exact scaling, and showing them as the office writes them.

Values are ``Decimal`` throughout. A percent measure is held in percent (2.44 means 2.44 %), money in 元.
Rounding is 四舍五入 (half away from zero), once, when a value is shown.
"""

import math
import re
import statistics
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import cache

from keshu.terms import numerals
from keshu.terms.units import (
    EXACT,
    IncompatibleUnits,
    Unit,
    UnknownUnit,
    convert,
    shift,
    unit,
)

__all__ = [
    "IncompatibleUnits", "TooManyDecimals", "Unit", "UnknownUnit", "UnreadableNumber", "column_money_unit",
    "convert", "is_missing", "plain", "read_number", "read_quantity", "read_wan", "round_half_up", "scale", "show_change",
    "show_growth", "show_money", "show_number", "show_percent", "unit", "unscale", "wan",
]  # fmt: skip

MINUS = "\u2212"
YI = Decimal(100_000_000)
_MAX_MAGNITUDE = 30  # digits before the point; beyond that a cell holds a code or a mistake, not a quantity
_LONGEST = 60  # characters of a cell that may still be a number
_FLOAT_DIGITS = 15  # what Excel itself keeps of a number


class UnreadableNumber(ValueError):
    """A text that is no number; ``proposal`` is what was probably meant, when that is clear, else None."""

    def __init__(self, text: object, why: str, proposal: str | None = None) -> None:
        self.text = text
        self.proposal = proposal
        hint = f"是否应为 {proposal}？" if proposal else ""
        super().__init__(
            f"“{str(text)[:40]}”不能当作数字：{why}。{hint}请改成一个数，没有数据时留空或填“—”。"
        )


class TooManyDecimals(ValueError):
    """A value with more decimals than its measure declares."""

    def __init__(self, value: Decimal, decimals: int) -> None:
        self.value, self.decimals = value, decimals
        super().__init__(
            f"“{plain(value)}”的小数超过 {decimals} 位：该指标只保留 {decimals} 位小数，"
            f"系统不会替您舍入。请按口径四舍五入后再填，或修改指标声明的小数位数。"
        )


# ---- reading ----------------------------------------------------------------------------------------------

_MISSING_MARKS = re.compile(r"[-—–−.…/\\×*]*")  # the empty text too
_MISSING_WORDS = frozenset("n/a na #n/a null none nan 空 无 暂无 缺 缺失 未报 未填 不详 无数据".split())  # noqa: SIM905
_EXCEL_ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")
_VAGUE = (
    "约",
    "大约",
    "大概",
    "近",
    "超",
    "超过",
    "逾",
    "突破",
    "不足",
    "不到",
    "至少",
    "至多",
    "预计",
    "达",
    "达到",
)
_VAGUE_TAIL = ("多", "余", "左右", "以上", "以下", "上下")
_RISE, _FALL = ("增长", "上升", "提高", "增加", "↑"), ("负增长", "下降", "降低", "减少", "↓")
_LOOKALIKES = {
    ord(odd): meant for odd, meant in zip("OoQlI|〇○。·", "0001110 0..".replace(" ", ""), strict=True)
}
_PLAIN = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_TAILS = {
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
}


def is_missing(value: object) -> bool:
    """Whether a cell says "no data": None, blank, —, …, N/A, 无 and their like. Zero is not missing."""
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    if not isinstance(value, str):
        return False
    folded = _fold(value).casefold()
    return folded in _MISSING_WORDS or _MISSING_MARKS.fullmatch(folded) is not None


def read_number(value: object) -> Decimal:
    """The exact number that a cell or a clerk's text holds.

    Reads full-width digits, spaces, 1,200, 12%, (1,234) and 负12 as negatives, 1.2E+05, 3000万 and 1.2亿. A percent
    sign is dropped: the value is in percent. A float cell is read by its shortest spelling, at most 15 digits.
    Raises UnreadableNumber, with a proposal where the slip is plain; ask ``is_missing`` first for blanks. A text
    that carries a unit (1.2亿元) is refused here: ``read_quantity`` gives number and unit.
    """
    number, named = read_quantity(value)
    if named not in (None, "%"):
        raise UnreadableNumber(value, f"带了单位“{named}”，需要先确认与本列单位是否一致", plain(number))
    return number


def read_quantity(value: object) -> tuple[Decimal, str | None]:
    """(the number, the unit written behind it or None): "3000万元" → (3000, 万元), "12%" → (12, %), "1.2亿" →
    (120000000, None). Raises UnreadableNumber."""
    if isinstance(value, bool):
        raise UnreadableNumber(value, "这是一个是/否的值")
    if isinstance(value, int):
        return _bounded(Decimal(value), value), None
    if isinstance(value, float):
        return _from_float(value), None
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise UnreadableNumber(value, "不是有限的数")
        return _bounded(value, value), None
    if not isinstance(value, str):
        raise UnreadableNumber(value, "单元格里不是数字也不是文字")
    if is_missing(value):
        raise UnreadableNumber(value, "这里没有数据")
    return _from_text(value)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("\u200b", "").replace("\ufeff", "")
    return "".join(folded.split()).removeprefix("'")


def _from_float(value: float) -> Decimal:
    if not math.isfinite(value):
        raise UnreadableNumber(value, "不是有限的数")
    number = Decimal(repr(value))
    if len(number.as_tuple().digits) > _FLOAT_DIGITS:
        number = Decimal(f"{value:.{_FLOAT_DIGITS - 1}e}")
    return _bounded(Decimal(plain(number)), value)


def _bounded(number: Decimal, original: object) -> Decimal:
    if number and not -_MAX_MAGNITUDE <= number.adjusted() < _MAX_MAGNITUDE:
        raise UnreadableNumber(original, "数量级不合常理，像是编号或者笔误")
    return number


def _from_text(original: str) -> tuple[Decimal, str | None]:
    text = _fold(original)
    if len(text) > _LONGEST:
        raise UnreadableNumber(original, f"超过 {_LONGEST} 个字符，不像一个数")
    if text.upper() in _EXCEL_ERRORS:
        raise UnreadableNumber(original, "这是表格公式出错的结果")
    found = _well_written(text)
    if found is None:
        raise UnreadableNumber(original, *_diagnosis(text))
    number, named = found
    return _bounded(number, original), named


def _well_written(text: str) -> tuple[Decimal, str | None] | None:
    """The number and unit of a folded text that follows the rules, else None."""
    negative = True
    if re.fullmatch(r"\(\d.*\)", text):
        text = text[1:-1]
    elif re.match(rf"[-{MINUS}负]", text):
        text = text[1:]
    else:
        negative, text = False, text.removeprefix("+")
    found = re.match(r"[\d,.]+(?:[eE][+-]?\d{1,3})?", text)
    if not found or not (_PLAIN.fullmatch(found[0]) or _GROUPED.fullmatch(found[0])):
        return None
    number = Decimal(found[0].replace(",", ""))
    if number and not -_MAX_MAGNITUDE <= number.adjusted() < _MAX_MAGNITUDE:
        return number, None  # refused by _bounded
    tail, named = text[found.end() :], None
    if tail in _TAILS:
        number = shift(number, _TAILS[tail])
    elif tail:
        try:
            named = unit(tail).name
        except UnknownUnit:
            return None
    return (number.copy_negate() if negative and number else number), named


def _diagnosis(text: str) -> tuple[str, str | None]:
    """(why a folded text is no number, what was probably meant or None)."""
    bare = re.sub(rf"^[-+{MINUS}负]", "", text)
    sign = "-" if re.match(rf"[-{MINUS}负]", text) else ""
    for word in _RISE + _FALL:
        if bare.startswith(word):
            return f"“{word}”要用正负号表示", _proposal(("-" if word in _FALL else "") + bare[len(word) :])
    for word in _VAGUE:
        if bare.startswith(word):
            return f"“{word}”说明不是确数，约数不能参加计算", None
    for word in _VAGUE_TAIL:
        if word in bare:
            return f"“{word}”说明不是确数，约数不能参加计算", None
    if re.match("[—–―‐]", text):
        return "数字前面是破折号", _proposal("-" + text.lstrip("—–―‐"))
    if re.match("[¥$€]", bare):
        return "带了货币符号", _proposal(sign + bare[1:])
    if re.fullmatch(r"[\d.,]+(?:-|~|—|–|至|到)[\d.,]+\D*", bare):
        return "这是一个区间，不是一个数", None
    meant = _proposal(text.translate(_LOOKALIKES))
    if meant is not None:
        odd = "、".join(dict.fromkeys(mark for mark in text if ord(mark) in _LOOKALIKES))
        return f"里面有{'字母' if odd.isascii() and odd.isalpha() else '字符'} {odd}", meant
    if "," in bare and re.match(r"[\d,.]+", bare):
        return "千位分隔符的位置不对（应每三位一个逗号），可能少了或多了数字", None
    if bare.count(".") > 1:
        return "有不止一个小数点", None
    try:
        return "是用汉字写的数", plain(numerals.read(text))
    except numerals.UnreadableNumeral:
        return "里面有数字以外的内容", None


def _proposal(text: str) -> str | None:
    found = _well_written(text)
    return plain(found[0]) + (found[1] or "") if found else None


# ---- exact scaling ----------------------------------------------------------------------------------------


def scale(value: Decimal, decimals: int) -> int:
    """``value`` × 10^decimals as an integer, exact. Raises TooManyDecimals instead of rounding."""
    scaled = value.scaleb(decimals, EXACT)
    whole = int(scaled)
    if whole != scaled:
        raise TooManyDecimals(value, decimals)
    return whole


def unscale(value: int, decimals: int) -> Decimal:
    """The Decimal with ``decimals`` decimals whose scaled integer is ``value``, exact."""
    return Decimal(value).scaleb(-decimals, EXACT)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """四舍五入 to ``places`` decimals, half away from zero; a result of zero carries no sign."""
    rounded = value.quantize(_step(places), ROUND_HALF_UP, EXACT)
    return rounded if rounded else abs(rounded)


@cache
def _step(places: int) -> Decimal:
    return Decimal((0, (1,), -places))


def plain(value: Decimal) -> str:
    """One spelling per value, for JSON and files: no exponent, no trailing zeros, no negative zero.

    Decimal("1E+2") → 100, Decimal("1.50") → 1.5, Decimal("-0.00") → 0.
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


# ---- showing ----------------------------------------------------------------------------------------------


def show_number(value: Decimal, places: int, *, grouping: bool = True) -> str:
    """``value`` with ``places`` decimals for a page: commas only from six integer digits, − (U+2212) for minus."""
    rounded = round_half_up(value, places)
    text = format(abs(rounded), "f")
    if grouping and abs(rounded) >= 100_000:
        text = format(abs(rounded), ",f")
    return MINUS + text if rounded < 0 else text


def wan(yuan: Decimal) -> str:
    """An amount of 元 in 万元, with no more digits than it has."""
    return plain(convert(yuan, "元", "万元"))


def read_wan(text: str) -> Decimal | None:
    """An amount typed in 万元, in 元; None where it cannot be read or has more than the cent."""
    try:
        typed = Decimal(unicodedata.normalize("NFKC", text).replace(",", "").strip())
        if not typed.is_finite() or abs(typed.adjusted()) > _MAX_MAGNITUDE:
            return None
        yuan = convert(typed, "万元", "元")
        return yuan if yuan == yuan.quantize(Decimal("0.01")) else None
    except InvalidOperation:
        return None


def show_money(yuan: Decimal, unit: str | None = None) -> tuple[str, str]:
    """(text, unit) of an amount in 元: below 1 亿元 in 万元, else in 亿元, two decimals; zero is "0".

    ``unit`` (元, 万元, 亿元 …) fixes the unit, as one column has one; see column_money_unit.
    """
    name = unit or _money_unit(yuan)
    amount = convert(yuan, "元", name)
    return ("0" if amount == 0 else show_number(amount, 2)), name


def _money_unit(yuan: Decimal) -> str:
    return "亿元" if abs(yuan) >= YI else "万元"


def column_money_unit(values: Iterable[Decimal | None]) -> str:
    """万元 or 亿元 for a column of amounts in 元, by the median of the sizes that are held."""
    held = [abs(value) for value in values if value is not None]
    with localcontext(EXACT):
        return _money_unit(statistics.median(held)) if held else "万元"


def show_change(value: Decimal, places: int) -> str:
    """A change with its sign: +0.06, −0.06; ±0.00 only for a change that is zero before rounding."""
    if value == 0:
        return "±" + show_number(value, places)
    return ("+" if value > 0 else MINUS) + show_number(abs(value), places)


def show_percent(value: Decimal, places: int = 2) -> str:
    """A value in percent with its sign: 2.44%."""
    return show_number(value, places) + "%"


def show_growth(now: Decimal | None, before: Decimal | None) -> str:
    """Growth of an amount over the same period last year: +12.3%, 3.1倍 (above 300 %), or words.

    A percentage over a base that is missing, zero or negative means nothing and is never written: 去年同期无,
    由亏转盈, 由亏转平, 减亏, 增亏, 由盈转亏; a missing present is 本期无.
    """
    if now is None:
        return "本期无"
    if before is None or before == 0:
        return "去年同期无"
    if before < 0:
        if now >= 0:
            return "由亏转盈" if now > 0 else "由亏转平"
        return "持平" if now == before else ("减亏" if now > before else "增亏")
    if now < 0:
        return "由盈转亏"
    with localcontext(EXACT):
        growth = (now - before) * 100 / before
        if growth > 300:
            return show_number(growth / 100, 1) + "倍"
    return show_change(growth, 1) + "%"
