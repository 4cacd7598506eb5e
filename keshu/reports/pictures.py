"""The picture of an answer: one standalone SVG with title, as-of and source, drawn on the server so that it looks the same everywhere.

Colours are those of the house's tokens, written out because the picture leaves the page. Bars begin at zero.
"""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from html import escape

from keshu.reports.giving import Answer, Given
from keshu.reports.saying import period_words
from keshu.reports.wording import day_words, is_money
from keshu.terms.period import Period
from keshu.terms.quantity import column_money_unit

WIDTH, MARGIN, NAMES, VALUES = 640, 16, 128, 96
TITLE_HEIGHT, PANEL_HEAD, ROW, GAP, FOOT, CURVE = 40, 28, 24, 14, 44, 120
INK, INK_2, INK_3, LINE, ACCENT = "#17212b", "#44515b", "#5c6871", "#dde1de", "#12596b"
FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
#: More points than this are drawn as a line.
BARS_AT_MOST = 6
PANELS_AT_MOST = 6

Point = tuple[str, Decimal | None, str]


def picture(answer: Answer) -> str:
    """The SVG of an answer; "" when no figure is held. One panel for each thing, at most six."""
    panels = []
    top = TITLE_HEIGHT
    for at, (_, figures) in enumerate(answer.by_thing[:PANELS_AT_MOST]):
        points = _over_time(answer, at) if len(figures) == 1 else _over_regions(figures)
        if any(value is not None for _, value, _ in points):
            drawn, height = _panel(figures[0], points, top, over_time=len(figures) == 1)
            panels.append(drawn)
            top += height + GAP
    if not panels:
        return ""
    return _frame(answer, panels, top)


def _frame(answer: Answer, panels: Sequence[str], top: int) -> str:
    lines = _wrapped(f"来源 {'、'.join(answer.sources) or '本系统'}", WIDTH - 2 * MARGIN, 11)
    height = top + FOOT + 15 * (len(lines) - 1)
    title = _title(answer)
    foot = f"截至 {day_words(answer.day)} · 复现码 r{answer.revision}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{escape(title)}" font-family="{FONT}">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        + _text(MARGIN, 26, _shortened(title, WIDTH - 2 * MARGIN, 17), 17, INK, weight=600)
        + "".join(panels)
        + f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top}" y2="{top}" stroke="{LINE}"/>'
        + _text(MARGIN, top + 17, foot, 11, INK_3)
        + "".join(_text(MARGIN, top + 33 + 15 * at, text, 11, INK_3) for at, text in enumerate(lines))
        + "</svg>"
    )


def _title(answer: Answer) -> str:
    things = "、".join(dict.fromkeys(_short(given) for given in answer.figures))
    regions = answer.question.regions
    return f"{regions[0].name} {things}" if len(regions) == 1 else things


def _short(given: Given) -> str:
    return getattr(given.thing, "short_name", "") or given.thing.name


def _over_regions(figures: Sequence[Given]) -> list[Point]:
    return [(given.region.short_name, given.value, given.held.missing) for given in figures]


def _over_time(answer: Answer, at: int) -> list[Point]:
    return [(_period(period), value, "") for period, value in answer.series.get(at, [])]


def _period(period: Period) -> str:
    return f"{period.year}-{period.end.month:02d}" if period.kind == "month" else period.label


def _panel(given: Given, points: Sequence[Point], top: int, *, over_time: bool) -> tuple[str, int]:
    """One thing: its head with unit and definition, then bars, or a line over many periods. (drawing, height)"""
    unit = _unit(given, [value for _, value, _ in points])
    when = "" if over_time else f"，{period_words(given)}"
    marks = "，已定" if given.fixed else ""
    marks += "，演示数据" if given.demonstration else ""
    head = f"{_short(given)}（{unit}{when}，{given.label}{marks}）"
    drawn = _text(MARGIN, top + 18, _shortened(head, WIDTH - 2 * MARGIN, 13), 13, INK_2, weight=600)
    if over_time and len(points) > BARS_AT_MOST:
        return drawn + _curve(given, points, unit, top + PANEL_HEAD), PANEL_HEAD + CURVE
    return drawn + _bars(given, points, unit, top + PANEL_HEAD), PANEL_HEAD + ROW * len(points)


def _unit(given: Given, values: Sequence[Decimal | None]) -> str:
    if is_money(given.unit):
        return column_money_unit(values)
    sample = next((value for value in values if value is not None), None)
    return given.written(sample).unit if sample is not None else given.unit


def _bars(given: Given, points: Sequence[Point], unit: str, top: int) -> str:
    held = [value for _, value, _ in points if value is not None]
    low, high = min(Decimal(0), *held), max(Decimal(0), *held)
    across = Decimal(WIDTH - 2 * MARGIN - NAMES - VALUES)
    scale = across / (high - low) if high > low else Decimal(0)
    left = MARGIN + NAMES
    zero = left + -low * scale
    parts = []
    for at, (name, value, missing) in enumerate(points):
        y = top + ROW * at
        parts.append(_text(left - 8, y + 16, _shortened(name, NAMES - 8, 12), 12, INK, anchor="end"))
        if value is None:
            parts.append(_text(left + 4, y + 16, missing or "无数", 12, INK_3))
            continue
        length = abs(value) * scale
        x = zero if value >= 0 else zero - length
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 5}" width="{max(length, Decimal(1)):.1f}" height="14" fill="{ACCENT}"/>'
        )
        end = (zero + length if value >= 0 else zero) + 6
        parts.append(_text(f"{end:.1f}", y + 16, given.written(value, _fixed(given, unit)).text, 12, INK))
    parts.append(
        f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="{top}" y2="{top + ROW * len(points)}" stroke="{INK_3}" stroke-width="1"/>'
    )
    return "".join(parts)


def _curve(given: Given, points: Sequence[Point], unit: str, top: int) -> str:
    """A line over periods, straight from point to point, a gap where nothing is held; first, last and present are labelled."""
    held = [value for _, value, _ in points if value is not None]
    low, high = min(held), max(held)
    room = Decimal(CURVE - 44)
    step = Decimal(WIDTH - 2 * MARGIN - VALUES) / max(len(points) - 1, 1)
    places: list[tuple[Decimal, Decimal] | None] = []
    for at, (_, value, _) in enumerate(points):
        if value is None:
            places.append(None)
            continue
        rise = (value - low) / (high - low) if high > low else Decimal("0.5")
        places.append((MARGIN + 8 + step * at, top + 14 + room * (1 - rise)))
    path, pen = [], "M"
    for place in places:
        if place is None:
            pen = "M"
            continue
        path.append(f"{pen}{place[0]:.1f} {place[1]:.1f}")
        pen = "L"
    parts = [f'<path d="{" ".join(path)}" fill="none" stroke="{ACCENT}" stroke-width="2"/>']
    last = max(at for at, place in enumerate(places) if place is not None)
    for at, place in enumerate(places):
        if place is not None:
            size = "4" if at == last else "2.2"
            parts.append(f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{size}" fill="{ACCENT}"/>')
    end, value = places[last], points[last][1]
    assert end is not None and value is not None
    parts.append(
        _text(
            f"{end[0] + 8:.1f}",
            f"{end[1] + 4:.1f}",
            given.written(value, _fixed(given, unit)).text,
            13,
            INK,
            weight=600,
        )
    )
    base = top + CURVE - 14
    parts.append(_text(MARGIN, base, points[0][0], 11, INK_3))
    parts.append(
        _text(f"{MARGIN + 8 + step * (len(points) - 1):.1f}", base, points[-1][0], 11, INK_3, anchor="middle")
    )
    bounds = f"最低 {given.written(low, _fixed(given, unit)).text}，最高 {given.written(high, _fixed(given, unit)).text}"
    parts.append(_text(WIDTH // 2, base, bounds, 11, INK_3, anchor="middle"))
    return "".join(parts)


def _fixed(given: Given, unit: str) -> str | None:
    return unit if is_money(given.unit) else None


def _text(
    x: object, y: object, text: str, size: int, fill: str, *, anchor: str = "start", weight: int = 400
) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'


def _wrapped(text: str, room: int, size: int) -> list[str]:
    """Text over as many lines as it needs: a source is never cut off."""
    lines = []
    while (line := _shortened(text, room, size)) != text:
        cut = len(line) - 1
        lines.append(text[:cut])
        text = text[cut:]
    return [*lines, text]


def _shortened(text: str, room: int, size: int) -> str:
    """Text that fits: a Chinese character is as wide as it is high, others a little over half."""
    used = 0.0
    for at, letter in enumerate(text):
        used += size if unicodedata.east_asian_width(letter) in "WFA" else size * 0.58
        if used > room:
            return text[: max(at - 1, 1)] + "…"
    return text
