"""Lamps: a dated rule given as data, and its evaluation. What a colour means differs from city to city, so
nothing is fixed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from keshu.terms.formula_tree import DIVISION
from keshu.terms.quantity import show_number

HUNDRED = Decimal(100)

#: Shapes a lamp may have. They differ in outline, so a printout in grey and a colour-blind reader still tell
#: them apart.
SHAPES = ("●", "◆", "▲", "■", "◌")

#: condition → what it compares. All conditions of one clause must hold; one clause of a band suffices.
CONDITIONS = {
    "pace_at_least": "completion / progress ≥ value",
    "pace_below": "completion / progress < value",
    "completion_at_least": "completion ≥ value",
    "completion_below": "completion < value",
    "days_left_at_most": "0 ≤ days left ≤ value, while completion is below 1 or unknown",
    "overdue_at_least": "days overdue ≥ value",
    "quality_in": "graded quality is one of the words",
}


class LampRuleBroken(ValueError):
    """A lamp rule that cannot be used as written."""


@dataclass(frozen=True)
class Band:
    """One lamp of a rule. ``level`` is the style class (ok, near, slow, late, none); ``when`` holds clauses,
    () = in all other cases.
    """

    level: str
    word: str
    shape: str
    colour: str
    when: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class LampRule:
    """Bands from the most to the least severe: the first that applies is lit. The last one has no condition.

    ``missing`` is lit where there is no figure. ``urgent_raises``: an urgent matter is lit one band more
    severe. ``doc_no`` is None where no document is known; ``note`` says which parts come from a source and
    which from configuration.
    """

    code: str
    name: str
    doc_no: str | None
    issuer: str
    bands: tuple[Band, ...]
    missing: Band
    urgent_raises: bool = False
    note: str = ""


@dataclass(frozen=True)
class Lamp:
    """A lit lamp; ``reason`` says in Chinese which fact lit it."""

    level: str
    word: str
    shape: str
    colour: str
    reason: str


@dataclass(frozen=True)
class _Facts:
    completion: Decimal | None
    progress: Decimal | None
    days_left: int | None
    overdue: int | None
    quality: str | None
    pace: Decimal | None


def _as_decimal(value: Any, where: str) -> Decimal:
    """Thresholds are stored as strings or whole numbers; a binary fraction would move the edge of a band."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise LampRuleBroken(f'亮灯规则“{where}”的阈值读到 {value!r}。小数要加引号写成文字，如 "0.90"。')
    try:
        limit = Decimal(value)
    except ArithmeticError:
        limit = Decimal("NaN")
    if not limit.is_finite():
        raise LampRuleBroken(f'亮灯规则“{where}”的阈值读到“{value}”，不是数。改成数，如 "0.90"。')
    return limit


def _as_words(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise LampRuleBroken(f'亮灯规则“{where}”的质量等次读到 {value!r}。写成一列文字，如 ["差"]。')
    return tuple(value)


def _load_clause(clause: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if not isinstance(clause, Mapping):
        raise LampRuleBroken(
            f'亮灯规则“{where}”的条件读到 {clause!r}。写成 {{"pace_below": "0.90"}} 的样子。'
        )
    loaded: dict[str, Any] = {}
    for name, value in clause.items():
        if name not in CONDITIONS:
            raise LampRuleBroken(f"亮灯规则“{where}”里没有条件“{name}”。可用：{'、'.join(CONDITIONS)}。")
        loaded[name] = (_as_words if name == "quality_in" else _as_decimal)(value, where)
    if not loaded:
        raise LampRuleBroken(f"亮灯规则“{where}”有一条空条件。写上条件，或把整个 when 留空。")
    return loaded


def _load_band(data: Mapping[str, Any], rule: str) -> Band:
    absent = [name for name in ("level", "word", "shape", "colour") if not data.get(name)]
    if absent:
        raise LampRuleBroken(f"亮灯规则“{rule}”有一档缺 {'、'.join(absent)}。补上后再存。")
    if data["shape"] not in SHAPES:
        raise LampRuleBroken(
            f"亮灯规则“{rule}”的“{data['word']}”用了形状“{data['shape']}”。可用：{' '.join(SHAPES)}。"
        )
    where = f"{rule} {data['word']}"
    return Band(
        data["level"],
        data["word"],
        data["shape"],
        data["colour"],
        tuple(_load_clause(clause, where) for clause in data.get("when", ())),
    )


def load_rule(data: Mapping[str, Any]) -> LampRule:
    """A rule from its plain dict (as stored in JSON). Raises LampRuleBroken: unknown condition or shape, two
    lamps of one shape, a threshold that is no exact number, or a last band that does not catch all remaining
    cases.
    """
    absent = [name for name in ("code", "name", "issuer", "bands", "missing") if not data.get(name)]
    if absent:
        raise LampRuleBroken(f"亮灯规则缺 {'、'.join(absent)}。补上后再存。")
    name = data["name"]
    bands = tuple(_load_band(band, name) for band in data["bands"])
    missing = _load_band(data["missing"], name)
    shapes = [band.shape for band in (*bands, missing)]
    if len(set(shapes)) < len(shapes):
        raise LampRuleBroken(
            f"亮灯规则“{name}”有两档形状相同（{' '.join(shapes)}），黑白打印分不清。换一个形状。"
        )
    if bands[-1].when or not all(band.when for band in bands[:-1]):
        raise LampRuleBroken(
            f"亮灯规则“{name}”要由重到轻排列，只有最后一档不写条件。把不写条件的一档放到最后。"
        )
    return LampRule(
        data["code"],
        name,
        data.get("doc_no"),
        data["issuer"],
        bands,
        missing,
        bool(data.get("urgent_raises", False)),
        data.get("note", ""),
    )


def _holds(name: str, limit: Any, facts: _Facts) -> bool:
    """Whether one condition holds. A fact that is not known satisfies no condition."""
    if name == "quality_in":
        return bool(facts.quality in limit)
    if name == "overdue_at_least":
        return facts.overdue is not None and facts.overdue >= limit
    if name == "days_left_at_most":
        done = facts.completion is not None and facts.completion >= 1
        return facts.days_left is not None and 0 <= facts.days_left <= limit and not done
    measured = facts.pace if name.startswith("pace") else facts.completion
    if measured is None:
        return False
    return bool(measured >= limit if name.endswith("at_least") else measured < limit)


def _judges(rule: LampRule, facts: _Facts) -> bool:
    """Whether the rule asks for any fact that is known. If not, its mildest band would be lit for want of
    facts.
    """
    asked = {name for band in rule.bands for clause in band.when for name in clause}
    known = set()
    if facts.completion is not None:
        known |= {"completion_at_least", "completion_below"}
        if facts.progress is not None:
            known |= {"pace_at_least", "pace_below"}
    if facts.days_left is not None or facts.overdue is not None:
        known |= {"days_left_at_most", "overdue_at_least"}
    if facts.quality is not None:
        known.add("quality_in")
    return bool(asked & known) or not asked


def _percent(share: Decimal) -> str:
    return f"{show_number(DIVISION.multiply(share, HUNDRED), 1)}%"


@lru_cache(maxsize=64)
def _due(progress: Decimal) -> str:
    """The progress due in percent: the same for every row of a table."""
    return _percent(progress)


def _pace_said(facts: _Facts) -> str:
    if facts.completion is None:
        return ""
    if facts.progress is None:
        return f"完成 {_percent(facts.completion)}"
    said = f"完成 {_percent(facts.completion)}，应到 {_due(facts.progress)}"
    if facts.pace is None:
        return f"{said}，还没有到期的任务"
    shown = _percent(facts.pace)
    # 99.96 % is shown as 100.0 % and yet lies below; without the word the lamp would seem wrong.
    short = "略低于应到进度" if facts.pace < 1 and shown == "100.0%" else f"为应到进度的 {shown}"
    return f"{said}，{short}"


def _days_said(facts: _Facts) -> str:
    if facts.days_left is None or facts.days_left < 0:
        return ""
    return "今日到期" if facts.days_left == 0 else f"剩 {facts.days_left} 天"


def _said(clause: Mapping[str, Any], facts: _Facts) -> str:
    parts: list[str] = []
    if "overdue_at_least" in clause:
        parts.append(f"超期 {facts.overdue} 天")
    if "days_left_at_most" in clause:
        parts.append(_days_said(facts))
    if "quality_in" in clause:
        parts.append(f"质量评为“{facts.quality}”")
    if any(name.startswith(("pace", "completion")) for name in clause):
        parts.append(_pace_said(facts))
    return "，".join(parts)


def lamp(
    rule: LampRule,
    *,
    completion: Decimal | None,
    progress: Decimal | None,
    days_left: int | None = None,
    overdue: int | None = None,
    quality: str | None = None,
    missing_reason: str | None = None,
    met: bool | None = None,
    urgent: bool = False,
) -> Lamp:
    """The lamp of one item under ``rule``.

    ``completion`` and ``progress`` are shares (1 = 100 %), compared unrounded; the pace is completion /
    progress. A progress of 0 means that nothing is due yet: no pace, so no band that asks for a slow pace
    applies. ``days_left`` and ``overdue`` are whole days, ``quality`` a graded word. Where nothing is known
    of what the rule asks for, the missing lamp is lit, never the mildest. ``met`` True speaks for an item
    that is met though no completion can be computed (an actual of zero where less is better): the mildest
    band.
    """
    if missing_reason is None and completion is None and met:
        band = rule.bands[-1]
        return Lamp(band.level, band.word, band.shape, band.colour, "已达目标")
    # The caller may know only that the day has passed.
    if overdue is None and days_left is not None and days_left < 0:
        overdue = -days_left
    pace = DIVISION.divide(completion, progress) if completion is not None and progress else None
    facts = _Facts(completion, progress, days_left, overdue, quality, pace)
    if missing_reason is None and not _judges(rule, facts):
        missing_reason = "缺数" if completion is None else "没有应到进度"
    if missing_reason is not None:
        band = rule.missing
        return Lamp(band.level, band.word, band.shape, band.colour, missing_reason)
    for position, band in enumerate(rule.bands):
        clause = next((c for c in band.when if all(_holds(n, limit, facts) for n, limit in c.items())), None)
        if clause is not None:
            index, reason = position, _said(clause, facts)
            break
    else:
        index, reason = len(rule.bands) - 1, _pace_said(facts) or _days_said(facts)
    if urgent and rule.urgent_raises and index > 0:
        index, reason = index - 1, f"{reason}，情况紧急升一级" if reason else "情况紧急升一级"
    band = rule.bands[index]
    return Lamp(band.level, band.word, band.shape, band.colour, reason or "没有要亮灯的事")


def raised(rule: LampRule, lit: Lamp, bands: int, why: str) -> Lamp:
    """The lamp so many bands more severe, at most the severest; ``why`` is added to its reason. A missing lamp stays."""
    at = next((n for n, band in enumerate(rule.bands) if band.shape == lit.shape), None)
    if at is None or bands <= 0:
        return lit
    band = rule.bands[max(at - bands, 0)]
    return Lamp(band.level, band.word, band.shape, band.colour, f"{lit.reason}，{why}")
