"""Chinese numerals: 一百二十三, 两千, 三万五, 〇, and the banker's 壹佰贰拾叁, both ways."""

import re
from decimal import Decimal

_DIGITS = {
    **{word: value for value, word in enumerate("零一二三四五六七八九")},
    **{word: value for value, word in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
    "弍": 2,
    "貳": 2,
    "叄": 3,
    "參": 3,
    "陸": 6,
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_WRITTEN = "零一二三四五六七八九"
_BANKER = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_LONGEST = 40  # characters; the longest numeral below 10^16 has 31 before the point
_FOUR = ("千", "百", "十", "")


class UnreadableNumeral(ValueError):
    """A text that is no Chinese numeral."""

    def __init__(self, text: object, why: str = "不是汉字数字") -> None:
        self.text = text
        super().__init__(f"“{text}”读不成数：{why}。请写成 一百二十三、两千、三万五 或阿拉伯数字。")


class UnwritableNumeral(ValueError):
    """A number that has no Chinese numeral here."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(f"“{value}”写不成汉字数字：只能写绝对值小于一万万亿的数。请改用阿拉伯数字。")


def read(text: str) -> Decimal:
    """The number that a Chinese numeral names.

    Reads 一百二十三, 十五, 两千零五, 三万五 (35000), 一亿二 (120000000), 二〇二六 (digit by digit), 三点一四, 负五.
    Raises UnreadableNumeral.
    """
    body = text.strip()
    if len(body) > _LONGEST:
        raise UnreadableNumeral(body[:_LONGEST], "太长")
    negative = body.startswith("负")
    body = body.removeprefix("负")
    whole, point, fraction = body.partition("点")
    if point and (not fraction or any(word not in _DIGITS for word in fraction)):
        raise UnreadableNumeral(text)
    if not whole or any(word not in _DIGITS and word not in _SMALL and word not in _BIG for word in whole):
        raise UnreadableNumeral(text)
    value = Decimal(_whole(whole, text))
    if fraction:
        value = Decimal(f"{value}.{''.join(str(_DIGITS[word]) for word in fraction)}")
    return -value if negative and value else value


def read_int(text: str) -> int:
    """The whole number that a Chinese numeral names. Raises UnreadableNumeral, also for a fraction."""
    value = read(text)
    if value != value.to_integral_value():
        raise UnreadableNumeral(text, "不是整数")
    return int(value)


def _whole(words: str, text: str) -> int:
    if all(word in _DIGITS for word in words):
        return int("".join(str(_DIGITS[word]) for word in words))
    for word in ("亿", "億", "万", "萬"):
        above, found, below = words.rpartition(word)
        if found:
            if not above:
                raise UnreadableNumeral(text, f"“{word}”前面没有数")
            return _joined(_whole(above, text), _BIG[word], below, text)
    return _below_ten_thousand(words, text)


def _joined(above: int, unit: int, below: str, text: str) -> int:
    if not below:
        return above * unit
    if len(below) == 1 and _DIGITS.get(below, 0):
        # 三万五 leaves its last unit unsaid: five of the next one, 千.
        return above * unit + _DIGITS[below] * unit // 10
    rest = _whole(below, text)
    if rest >= unit:
        raise UnreadableNumeral(text, "数位的次序不对")
    return above * unit + rest


def _below_ten_thousand(words: str, text: str) -> int:
    total, digit, last_unit = 0, None, 10**4
    for position, word in enumerate(words):
        if word in _DIGITS:
            if digit:
                raise UnreadableNumeral(text, "两个数字连在一起")
            digit = _DIGITS[word]
            continue
        size = _SMALL[word]
        if size >= last_unit or (
            not digit and position > 0 and not (size == 10 and words[position - 1] in "零〇○")
        ):
            raise UnreadableNumeral(text, "数位的次序不对")
        if digit == 0 and size != 10:
            raise UnreadableNumeral(text, "数位的次序不对")
        total += (digit or 1) * size
        digit, last_unit = None, size
    if digit:
        unsaid = last_unit >= 100 and last_unit < 10**4 and words[-2] in _SMALL
        total += digit * (last_unit // 10 if unsaid else 1)
    return total


def write(value: int | Decimal, *, banker: bool = False) -> str:
    """``value`` as a Chinese numeral: 123 → 一百二十三 (壹佰贰拾叁 when ``banker``), 3.14 → 三点一四.

    A banker's ten is 壹拾, an ordinary one 十. Raises UnwritableNumeral at 10^16 and above.
    """
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= Decimal(10**16):
        raise UnwritableNumeral(value)
    whole, _, fraction = format(abs(number), "f").partition(".")
    words = _write_whole(int(whole))
    if words.startswith("一十") and not banker:
        words = words[1:]
    if fraction:
        words += "点" + "".join(_WRITTEN[int(digit)] for digit in fraction)
    words = words.translate(_BANKER) if banker else words
    return "负" + words if number < 0 else words


def write_year(year: int) -> str:
    """A year digit by digit, as on documents: 2026 → 二〇二六."""
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))


def _write_whole(number: int) -> str:
    if number == 0:
        return "零"
    for unit, word in ((10**8, "亿"), (10**4, "万")):
        if number >= unit:
            above, below = divmod(number, unit)
            gap = "零" if below and below < unit // 10 else ""
            return _write_whole(above) + word + gap + (_write_whole(below) if below else "")
    words = ""
    for digit, unit_word in zip(f"{number:04d}", _FOUR, strict=True):
        words += _WRITTEN[int(digit)] + unit_word if digit != "0" else "零"
    return re.sub("零+", "零", words).strip("零")
