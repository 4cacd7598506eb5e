"""Reading what a document demands: “150件”, “1—2名”, “保9争8”, “净增20家”, “60项以上，其中80项以上…”, or a sentence to be proved. Pure."""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal

from keshu.terms import numerals
from keshu.terms.quantity import plain
from keshu.terms.units import UnknownUnit, convert, unit

TOTAL, NET, NEW, RANGE, RATE, RANK, QUALITY = "total", "net", "new", "range", "rate", "rank", "quality"


class DemandUnreadable(ValueError):
    """A target text with numbers that give no target; the message says what was read and how to write it."""


@dataclass(frozen=True)
class Demand:
    """What one clause asks: kind, numbers, unit, direction; ``inner`` the clauses behind 其中; ``text`` the clause as issued."""

    kind: str
    text: str
    low: Decimal | None = None
    high: Decimal | None = None
    stretch: Decimal | None = None
    unit: str = ""
    decimals: int = 0
    direction: str = "up"
    about: str = ""
    inner: tuple["Demand", ...] = ()


_NUMBER = r"\d+(?:\.\d+)?"
_TO = r"(?:-|~|至|到)"
_WORDS = r"(?:确保|力争|争取|达到|达|完成|实现|不低于|不少于|至少|超过|突破|保持在?|稳定在|控制在|不超过|不高于|为|约)*"
_DOWN = re.compile(r"以内|以下|不超过|不高于|控制在")
_RANK = re.compile(
    r"保(?:持?第?)(?P<keep>[\d一二三四五六七八九十]+)(?:名|位)?争(?:取?第?)(?P<win>[\d一二三四五六七八九十]+)(?:名|位)?"
)
_PLACE = re.compile(
    r"(?:全[国省市])?(?:位次|排名|排位)?(?:保持|进入|稳定在|力争)?(?:全[国省市])?(?:第|前)(?P<place>[\d一二三四五六七八九十]+)(?:名|位)?(?:以内|以上)?"
)
_RANGE = re.compile(rf"(?P<low>{_NUMBER})(?:%|[^\d\-~至到]{{0,3}}?){_TO}(?P<high>{_NUMBER})")
_ONE = re.compile(
    rf"(?P<what>(?:净增|新增|新认定|新培育|新建|新备案|增长|提高|下降|降低)?){_WORDS}(?P<low>{_NUMBER})"
)
_STRETCH = re.compile(
    rf"[,(;]?(?:奋斗目标|奋斗|力争|争取|冲刺)(?:达到|完成|为|:)?(?P<stretch>{_NUMBER})(?:[^\d\s,，。；;、()]{{0,4}})?(?:以上)?\)?"
)
_BASE = re.compile(r"(?:基本目标|确保|基本)(?:达到|完成|为|:)?(?=\d)")
_NOUN = re.compile(r"^[的为]?(?P<about>[^\d,，。；;、()]+)")
_INNER = re.compile(r"[,，;；(（]?其中[:：]?")
_PER = re.compile(r"每|人均|万人|占比|比重|比例|强度")
RATES = ("%", "‰", "百分点", "个百分点")
_KINDS = {"净增": NET, "新增": NEW, "新认定": NEW, "新培育": NEW, "新建": NEW, "新备案": NEW}


def read_demand(text: str, unit_hint: str = "") -> Demand:
    """The target that a text asks for; one without a number is qualitative, its sentence kept as issued.

    ``unit_hint``: the unit of the column, for a bare number. Raises DemandUnreadable for a number that stands among others in a
    way that cannot be told.
    """
    issued = text.strip()
    folded = _fold(issued)
    if not folded:
        raise DemandUnreadable("目标值空着。没有数的任务请写明要做到什么，如“出台实施细则”。")
    head, *inner = _INNER.split(folded)
    found = _clause(head, issued, unit_hint)
    if not inner:
        return found
    parts = tuple(
        _within(clause.strip("()。"), found)
        for tail in inner
        for clause in re.split(r"[、,;]", tail)
        if clause.strip("()。")
    )
    return replace(found, inner=parts)


def _within(clause: str, whole: Demand) -> Demand:
    """A clause behind 其中: what it is about may stand before or behind the number."""
    numbers = re.findall(_NUMBER, clause)
    if len(numbers) != 1:
        raise DemandUnreadable(
            f"“其中{clause}”里有 {len(numbers)} 个数，分不出是哪一个。请分行写，一行一个。"
        )
    before, number, after = clause.partition(numbers[0])
    named, rest = _unit_at(after)
    about = re.sub(_WORDS + "$", "", before).strip("的") or _about(rest)
    kind = TOTAL if whole.kind in (QUALITY, RANGE) else whole.kind
    return Demand(
        RATE if named == "%" else kind,
        f"其中{clause}",
        Decimal(number),
        unit=named or whole.unit,
        decimals=_decimals(number),
        direction="down" if _DOWN.search(clause) else "up",
        about=about,
    )


def _clause(text: str, issued: str, hint: str) -> Demand:
    if found := _RANK.search(text):
        low, high = _count(found["keep"]), _count(found["win"])
        return Demand(RANK, issued, low, stretch=high, unit="位", direction="down")
    if found := _RANGE.search(text):
        low, high = Decimal(found["low"]), Decimal(found["high"])
        if high < low:
            raise DemandUnreadable(
                f"“{issued}”的上限 {plain(high)} 小于下限 {plain(low)}。请对照原文改正，写成小—大。"
            )
        named = _unit_at(text[found.end() :])[0] or hint
        kind = RATE if named in RATES else RANGE
        places = max(_decimals(found["low"]), _decimals(found["high"]))
        return Demand(kind, issued, low, high, unit=named, decimals=places)
    if (found := _PLACE.fullmatch(text)) and ("第" in text or "前" in text):
        return Demand(RANK, issued, _count(found["place"]), unit="位", direction="down")
    stretch = None
    if away := _STRETCH.search(text):
        before = text[: away.start()]
        if re.search(_NUMBER, before):
            stretch, text = Decimal(away["stretch"]), before + text[away.end() :]
    text = _BASE.sub("", text)
    numbers = re.findall(_NUMBER, text)
    if not numbers:
        return Demand(QUALITY, issued)
    found = _ONE.search(text)
    if len(numbers) > 1 or found is None:
        if len(text) > 20:  # a sentence that happens to name numbers is proved, not counted
            return Demand(QUALITY, issued)
        raise DemandUnreadable(
            f"“{issued}”里有 {len(numbers)} 个数，分不出哪个是目标。写成“150件”“1—2名”“保9争8”“60项以上，其中…”，或分成几行。"
        )
    before = text[: found.start()]
    after = text[found.start("low") + len(found["low"]) :]
    named, _ = _unit_at(after)
    named = named or hint
    what = found["what"] or next((word for word in _KINDS if before.endswith(word)), "")
    rate = named in RATES or what in ("增长", "提高", "下降", "降低") or bool(_PER.search(before))
    direction = "down" if _DOWN.search(text) or what in ("下降", "降低") else "up"
    kind = RATE if rate else _KINDS.get(what, TOTAL)
    places = max(_decimals(found["low"]), _decimals(plain(stretch)) if stretch is not None else 0)
    return Demand(kind, issued, Decimal(found["low"]), None, stretch, named, places, direction)


def _unit_at(text: str) -> tuple[str, str]:
    """(the longest unit that a text begins with, or a short noun; what stands behind it)."""
    text = text.lstrip()
    for length in range(min(6, len(text)), 0, -1):
        named = _named(text[:length])
        if named:
            return named, re.sub(r"^(?:及?以[上下内]|左右)", "", text[length:])
    return "", re.sub(r"^(?:及?以[上下内]|左右)", "", text)


def _named(text: str) -> str:
    try:
        return unit(text).name if text else ""
    except UnknownUnit:
        return ""


def _about(rest: str) -> str:
    found = _NOUN.match(rest)
    return found["about"].strip("的") if found else ""


def _count(text: str) -> Decimal:
    return Decimal(text) if text.isdigit() else numerals.read(text)


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _fold(text: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    folded = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", folded)
    return re.sub(r"[—–―−‐‑～~-]+|(?<=\d)一(?=\d)", "-", folded).replace("，", ",").replace("；", ";")


def flaw_of(whole: Decimal | None, whole_unit: str, part: Decimal | None, part_unit: str) -> str:
    """The arithmetic where a part is more than the whole it belongs to (80 > 60, 大 20); empty where it is not, or cannot be told."""
    if whole is None or part is None:
        return ""
    if whole_unit != part_unit:
        try:
            part = convert(part, part_unit, whole_unit)
        except ValueError:
            return ""
    if part <= whole:
        return ""
    return f"{plain(part)} > {plain(whole)}，大 {plain(part - whole)}"
