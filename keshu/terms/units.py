"""Units of measure: which may be turned into which, and by what power of ten.

Every factor in the table is a power of ten, so a conversion moves the decimal point and is exact.
"""

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

EXACT = Context(prec=200)  # wide enough that no sum, product or shift of stored values is ever rounded


class UnknownUnit(ValueError):
    """A unit that is not in the table; the message names the nearest ones."""

    def __init__(self, name: object, nearest: Iterable[str] = ()) -> None:
        self.name = name
        self.nearest = tuple(nearest)
        hint = f"是不是 {'、'.join(self.nearest)}？" if self.nearest else ""
        super().__init__(
            f"计量单位“{name}”不认识，因此无法换算。{hint}请改用单位表里的名称，如 万元、%、家、件/万人。"
        )


class IncompatibleUnits(ValueError):
    """Two units that measure different things."""

    def __init__(self, from_: str, to: str) -> None:
        self.from_, self.to = from_, to
        super().__init__(
            f"“{from_}”不能换算成“{to}”：两者计量的不是同一种东西。请核对指标声明的单位和表中的单位。"
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its name, what it measures, and its size as a power of ten of that dimension's canonical unit.

    Canonical units: 元 for money, % for ratios, the bare noun (家, 人次, 亩 …) for counts.
    """

    name: str
    dimension: str
    power: int

    @property
    def factor(self) -> Decimal:
        """How many canonical units one of this unit holds (万元: 10000; ‰: 0.1), exact."""
        return Decimal((0, (1,), self.power)) if self.power < 0 else Decimal(10**self.power)

    def __str__(self) -> str:
        return self.name


MONEY, RATIO = "money", "ratio"
_PREFIXES = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
_MONEY = {"元": 0, "千元": 3, "万元": 4, "百万元": 6, "千万元": 7, "亿元": 8, "万亿元": 12}
# 百分点 is the unit of a change of a percent measure: the same size as %.
_RATIO = {"%": 0, "百分点": 0, "‰": -1, "倍": 2, "比值": 2}
_AREA = {"平方米": 0, "万平方米": 4, "公顷": 4, "平方公里": 6}
# Each noun is a dimension of its own: 家 never becomes 项. 亩 stands apart from 平方米 (1 亩 = 2000/3 平方米,
# not a power of ten).
_NOUNS = (
    *("家", "项", "件", "人", "人次", "户", "份", "个", "篇", "台", "台套", "套", "场", "场次", "次", "亩", "分", "名", "位"),
    *("人年", "人日", "人月", "期", "部", "册", "本", "种", "只", "头", "吨", "小时", "天", "年", "月", "页", "条", "笔"),
    *("单", "起", "批", "所", "支", "张", "村", "县", "公里", "千瓦时", "课时"),
)  # fmt: skip
#: People are told in either word (引进人才 6 名, 全市 6 人).
_SAME = {"名": "人"}
_ALIASES = {
    "人民币元": "元", "个百分点": "百分点", "百分比": "%", "百分之": "%", "比率": "比值",
    "㎡": "平方米", "M2": "平方米", "千分之": "‰", "台(套)": "台套", "台/套": "台套",
}  # fmt: skip


def _table() -> dict[str, Unit]:
    table = {name: Unit(name, MONEY, power) for name, power in _MONEY.items()}
    table |= {name: Unit(name, RATIO, power) for name, power in _RATIO.items()}
    table |= {name: Unit(name, "area", power) for name, power in _AREA.items()}
    for noun in _NOUNS:
        table[noun] = Unit(noun, _SAME.get(noun, noun), 0)
    for noun in _NOUNS:
        for prefix, power in _PREFIXES.items():
            table.setdefault(prefix + noun, Unit(prefix + noun, _SAME.get(noun, noun), power))
    return table


_UNITS = _table()


@lru_cache(maxsize=1024)
def unit(name: str) -> Unit:
    """The unit of that name; width, spaces and common aliases do not matter. Raises UnknownUnit.

    A density X/Y of two known units (件/万人, 万元/人) is a unit too.
    """
    folded = "".join(unicodedata.normalize("NFKC", name).split())
    folded = folded.replace("圆", "元").removesuffix("人民币")
    folded = _ALIASES.get(folded, folded)
    if folded in _UNITS:
        return _UNITS[folded]
    above, slash, below = folded.partition("/")
    if slash and above in _UNITS and below in _UNITS:
        top, bottom = _UNITS[above], _UNITS[below]
        return Unit(folded, f"{top.dimension}/{bottom.dimension}", top.power - bottom.power)
    raise UnknownUnit(name, _nearest(folded))


def convert(value: Decimal, from_: str, to: str) -> Decimal:
    """``value`` of unit ``from_`` expressed in unit ``to``, exact.

    7034.24 万元 is 0.703424 亿元; a 比值 of 45.021 is 4502.1 %. Raises UnknownUnit or IncompatibleUnits.
    """
    source, target = unit(from_), unit(to)
    if source.dimension != target.dimension:
        raise IncompatibleUnits(from_, to)
    return shift(value, source.power - target.power)


def shift(value: Decimal, power: int) -> Decimal:
    """``value`` × 10^power, exact, without an exponent when printed for whole numbers."""
    if power == 0:
        return value
    moved = value.scaleb(power, EXACT)
    # 7 万 as 7E+4 would print with an exponent: give it its digits.
    return moved.quantize(Decimal(1), context=EXACT) if moved.as_tuple().exponent > 0 else moved  # type: ignore[operator]


def _nearest(name: str) -> list[str]:
    return difflib.get_close_matches(name, _UNITS, n=3, cutoff=0.5)
