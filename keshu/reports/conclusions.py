"""结论句: what a dispatch amounts to, answer first, composed from facts only. No facts, no sentence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keshu.figures.arithmetic.change import POINTS, sentence
from keshu.figures.arithmetic.ratio import WIDE
from keshu.figures.arithmetic.whatif import rounded_up
from keshu.figures.dispatch import Dispatch, Row
from keshu.figures.instead import rows_shown
from keshu.figures.supposing import needed_for_next
from keshu.reports.heading import kept
from keshu.reports.wording import Amount, change_words, indicator_amount, is_money, share, tight
from keshu.terms.units import convert

NAMES_AT_MOST = 3


@dataclass(frozen=True)
class Segment:
    """A piece of a sentence. With ``indicator`` and ``region`` (codes) it is a figure that opens; ``strong`` is stressed;
    ``wide`` may be left out on a phone."""

    text: str
    indicator: str = ""
    region: str = ""
    strong: bool = False
    wide: bool = False

    @property
    def opens(self) -> bool:
        """Whether a figure stands behind the text."""
        return bool(self.indicator)


def spoken(segments: Sequence[Segment]) -> str:
    """The sentence as text for paper and chats."""
    return tight("".join(segment.text for segment in segments))


def conclusion(table: Dispatch, shown: set[int] | None = None) -> list[Segment]:
    """The sentence of a table; [] when there is nothing to say. ``shown`` limits it to these subjects (subject pks).

    It counts 当期项次 only: figures of ranked regions that move during the year, with a target or without. 已定 figures, 市本级
    and zones are not among them; in a month without denominators the amount that stands in a ratio's column is counted, as on the
    page. A table of whole years, or without targets, gets who leads and who moved most.
    """
    ranked = [row for row in kept(rows_shown(table), shown) if row.region.is_ranked]
    current = [row for row in ranked if not row.fixed]
    if not table.scheme.annual and any(row.lamp is not None and row.target is not None for row in current):
        return _of_lamps(current)
    if shown is not None:
        return []
    return _of_standings(ranked)


# ---- with lamps ---------------------------------------------------------------------------------------------


def _of_lamps(rows: list[Row]) -> list[Segment]:
    lacking = [row for row in rows if row.value is None]
    held = [row for row in rows if row.value is not None and row.lamp is not None]
    count, reported = len(rows), len(rows) - len(lacking)
    if not reported:
        return [Segment(f"{count} 个当期项次都还没有数：{_reasons(lacking)}。")]
    said: list[Segment]
    late = _by_level(held, "late")
    slow = _by_level(held, "slow", "near")
    if late:
        said = [Segment(f"{count} 个当期项次中"), _number(late), *_worst(late)]
    elif slow:
        said = [Segment(f"{count} 个当期项次没有{_worst_word(held)}，"), _number(slow), *_worst(slow)]
    elif not held:
        said = [Segment(f"{count} 个当期项次中有数的 {reported} 个都没有目标，不亮灯。")]
    else:
        word = held[0].lamp.word if held[0].lamp else ""
        among = "中有目标的" if len(held) < reported else "中有数的" if lacking else ""
        said = [Segment(f"{count} 个当期项次{f'{among} {len(held)} 个' if among else ''}全部{word}。")]
        said += _nearest_the_edge(held)
    if lacking:
        said.append(Segment(f"另有 {len(lacking)} 个缺数（{_reasons(lacking)}）。", wide=True))
    return said


def _by_level(rows: Iterable[Row], *levels: str) -> list[Row]:
    return [row for row in rows if row.lamp is not None and row.lamp.level in levels]


def _worst_word(rows: list[Row]) -> str:
    """What the rule calls its most severe lamp; the rule's words differ from city to city."""
    return (
        "滞后" if all(row.lamp is None or row.lamp.word in ("正常", "偏慢") for row in rows) else "更重的灯"
    )


def _number(rows: list[Row]) -> Segment:
    word = rows[0].lamp.word if rows[0].lamp else ""
    return Segment(f"{word} {len(rows)} 个", strong=True)


def _where(rows: list[Row]) -> str:
    """都在望岭县 / 分别在望岭县 2 个、岚川县 1 个 / 在 5 个县（市、区）."""
    counts = Counter(row.region.name for row in rows)
    if len(counts) == 1:
        name = next(iter(counts))
        return f"都在{name}"
    if len(counts) > NAMES_AT_MOST:
        return f"在{'、'.join(list(counts)[:NAMES_AT_MOST])}等 {len(counts)} 地"
    return "在" + "、".join(
        f"{name}（{number} 个）" if number > 1 else name for name, number in counts.items()
    )


def _pace(row: Row) -> Decimal:
    """How far the completion is from what is due: the smaller the worse. Without a completion the row sorts last."""
    if row.completion is None:
        return Decimal(10)
    due = row.progress
    return row.completion if not due else WIDE.divide(row.completion, due)


def _worst(rows: list[Row]) -> list[Segment]:
    """Where they are, then the row that is furthest behind: value, completion, distance to the next place, why it moved."""
    worst = min(rows, key=_pace)
    if len(rows) == 1:
        lead = f"：{worst.region.name}{worst.indicator.short_name} "
    else:
        alone = len({row.region.pk for row in rows}) == 1
        name = worst.region.name if not alone else "该县" if worst.region.name.endswith("县") else "该地"
        lead = f"，{_where(rows)}。最远的是{name}{worst.indicator.short_name}："
    said = [Segment(lead), *_value(worst)]
    if worst.completion is not None:
        said.append(
            Segment(f"，{'只到' if worst.completion < 1 else '达到'}目标的 {share(worst.completion)}")
        )
    distance = to_next(worst)
    if distance is not None:
        said.append(Segment(f"，距上一位差 {distance.spaced}"))
    said.append(Segment("。"))
    why = moved(worst)
    if why:
        said.append(Segment(f"{why}。", wide=True))
    return said


def _value(row: Row) -> list[Segment]:
    assert row.value is not None
    text = row_amount(row).spaced
    return [Segment(text, row.indicator.code, row.region.code, strong=True)]


def _nearest_the_edge(rows: list[Row]) -> list[Segment]:
    counted = [row for row in rows if row.completion is not None]
    if not counted:
        return []
    row = min(counted, key=_pace)
    done = share(row.completion)
    return [
        Segment(f"离序时最近的是{row.region.name}{row.indicator.short_name}："),
        *_value(row),
        Segment(f"，达到目标的 {done}。"),
    ]


def _reasons(rows: list[Row]) -> str:
    """未发布 3、未报 1: why figures are not there, most frequent first."""
    counts = Counter(row.missing.partition("（")[0] for row in rows)
    return "、".join(f"{reason} {number}" for reason, number in counts.most_common())


# ---- without lamps ------------------------------------------------------------------------------------------


def _of_standings(rows: list[Row]) -> list[Segment]:
    """Who leads the first indicator that has values, who follows, and who moved most against the year before."""
    if not rows:
        return []
    for indicator in dict.fromkeys(row.indicator.pk for row in rows):
        group = [row for row in rows if row.indicator.pk == indicator and row.value is not None]
        if group:
            return _leaders(
                group, [row for row in rows if row.indicator.pk == indicator and row.value is None]
            )
    return [Segment(f"这一期还没有数：{_reasons(rows)}。")]


def _leaders(group: list[Row], lacking: list[Row]) -> list[Segment]:
    ordered = sorted(group, key=lambda row: (row.rank or 0, row.region.order, row.region.code))
    first = ordered[0]
    indicator = first.indicator
    said = [
        Segment(f"{first.figure.period.label}{indicator.short_name}"),
        Segment(first.region.short_name, strong=True),
        Segment("居首，"),
        *_value(first),
    ]
    if len(ordered) > 1:
        said += [Segment(f"；{ordered[1].region.short_name}次之，"), *_value(ordered[1])]
    said.append(Segment("。"))
    movers = [row for row in group if row.change.value is not None]
    if movers:
        mover = max(movers, key=lambda row: abs(row.change.value or Decimal(0)))
        words = change_words(mover.change, indicator.unit, indicator.decimals)
        said.append(Segment(f"与上年比变化最大的是{mover.region.short_name}，{words}"))
        why = moved(mover)
        said.append(Segment(f"：{why}。" if why else "。", wide=True))
    if lacking:
        said.append(Segment(f"{len(lacking)} 个地区缺数（{_reasons(lacking)}）。", wide=True))
    return said


# ---- facts of a row that several papers say -----------------------------------------------------------------


def row_amount(row: Row, shown: str | None = None) -> Amount:
    """The shown value of a row in its own unit (growth in % where the indicator is watched by its growth)."""
    assert row.value is not None
    return indicator_amount(row.indicator, row.value, shown)


def to_next(row: Row) -> Amount | None:
    """What is missing to the next better place: for a ratio the amount of its numerator at today's denominator, rounded up;
    else the distance itself. None for who leads, or where it cannot be said."""
    if row.gap_to_next is None or row.next_up is None or row.value is None:
        return None
    if row.figure.denominator is None or row.indicator.change_as_growth:
        return indicator_amount(row.indicator, row.gap_to_next)
    extra = needed_for_next(row)
    if extra is None:
        return None
    units = {measure.unit for measure, _, _ in row.figure.numerator.parts}
    if len(units) != 1:
        return None
    stored = units.pop()
    if is_money(stored):
        return Amount(str(rounded_up(convert(abs(extra), stored, "万元"))), "万元")
    return Amount(str(rounded_up(abs(extra))), stored)


def moved(row: Row) -> str:
    """Why a ratio moved, in one clause with both growth rates; "" for an amount or where an end is missing."""
    now, before = row.figure, row.previous
    if now.denominator is None or before.denominator is None or row.split is None or row.split.change is None:
        return ""
    return sentence(
        before.numerator.value,
        before.denominator.value,
        now.numerator.value,
        now.denominator.value,
        now.factor,
        name="占比" if row.indicator.unit == "%" else "该值",
        unit=POINTS if row.indicator.unit == "%" else row.indicator.unit,
        places=row.indicator.decimals,
    )
