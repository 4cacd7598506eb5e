"""Template tags of the house: icon, lamp, figure, bar, rank, move, sparkline, card, drawer, and the number filters.

They stand in tables of thousands of cells, so each builds its string directly: no template is rendered inside a tag, and what
does not depend on the figure (lamps, icons) is kept. Formatting of numbers is not done here; ``keshu.terms.quantity`` does it.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from keshu.figures.arithmetic import spark as drawing
from keshu.terms import quantity

from .keshu_icons import BRAND, ICONS

register = template.Library()

#: Shape of a lamp → its drawing on a field of 12 × 12. Outlines differ, so a grey print still tells them apart.
SHAPES = {
    "●": '<circle cx="6" cy="6" r="5" fill="currentColor"/>',
    "▲": '<path d="M6 1 11.4 10.8H.6z" stroke="currentColor" stroke-linejoin="round"/>',
    "■": '<rect x="1" y="1" width="10" height="10" fill="currentColor"/>',
    "◆": '<path d="M6 .5 11.5 6 6 11.5.5 6z" fill="currentColor"/>',
    "◌": '<circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2 1.6"/>',
}

#: Colour word of a dated rule → style class. A rule that names another colour falls back on its level.
COLOURS = {
    "石绿": "ok",
    "绿": "ok",
    "藤黄": "slow",
    "黄": "slow",
    "橙": "orange",
    "朱砂": "late",
    "红": "late",
    "蓝": "blue",
    "墨灰": "none",
}
LEVELS = {"ok": "ok", "near": "blue", "slow": "slow", "late": "late", "none": "none"}


class UnknownIcon(ValueError):
    """A template asks for an icon that is not drawn."""


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, label: str = "") -> SafeString:
    """An inline SVG icon by name. Hidden from screen readers unless ``label`` names it. Raises UnknownIcon."""
    drawing_of = ICONS.get(name)
    if drawing_of is None:
        raise UnknownIcon(f"没有画图标“{name}”。可用：{'、'.join(sorted(ICONS))}。")
    said = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return mark_safe(
        f'<svg class="ks-icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" '
        f'stroke-linecap="round" stroke-linejoin="round" focusable="false" {said}>{drawing_of}</svg>'
    )


@register.simple_tag
def brand() -> SafeString:
    """The mark of the house, decorative; the name stands beside it or in the link's label."""
    return mark_safe(BRAND)


def lamp_class(lamp: Any) -> str:
    """Style class (ok, slow, late, none, blue, orange) of a lamp object, or of a level given as text."""
    if lamp is None:
        return "none"
    if isinstance(lamp, str):
        return LEVELS.get(lamp, lamp)
    return COLOURS.get(getattr(lamp, "colour", ""), LEVELS.get(lamp.level, "none"))


@lru_cache(maxsize=1024)
def _lamp(style: str, shape: str, word: str, boxed: bool, show_word: bool) -> SafeString:
    drawn = SHAPES.get(shape, SHAPES["◌"])
    svg = f'<svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">{drawn}</svg>'
    safe_word = conditional_escape(word)
    box = " boxed" if boxed else ""
    if show_word:
        return mark_safe(f'<span class="ks-lamp {style}{box}">{svg}{safe_word}</span>')
    return mark_safe(
        f'<span class="ks-lamp {style}{box}" role="img" aria-label="{safe_word}" title="{safe_word}">{svg}</span>'
    )


@register.simple_tag
def lamp(lamp: Any, boxed: bool = False, word: Any = True) -> SafeString:
    """A lamp: shape, colour, word. ``lamp`` has level, word, shape, colour; None draws nothing.

    ``word``: True shows the rule's word, False drops it (only inside a matrix with its legend on the same screen; the accessible
    name stays), a text shows that text instead (deadlines: 今日 12:00).
    """
    if not lamp:
        return SafeString("")
    text = word if isinstance(word, str) and word else lamp.word
    return _lamp(lamp_class(lamp), lamp.shape, str(text), bool(boxed), word is not False)


@register.simple_tag
def fig(text: Any, href: str | None = None, trace_url: str | None = None, classes: str = "") -> SafeString:
    """A figure. With ``href`` (page of its full trace) and ``trace_url`` (fragment for the popover) it carries the thread and opens;
    without both it is plain text, because a figure that cannot be opened must not look as if it could."""
    shown = conditional_escape(text)
    if not href and not trace_url:
        return (
            mark_safe(f'<span class="{conditional_escape(classes)}">{shown}</span>')
            if classes
            else SafeString(shown)
        )
    more = f" {conditional_escape(classes)}" if classes else ""
    trace = f' data-trace="{conditional_escape(trace_url)}" aria-haspopup="dialog"' if trace_url else ""
    return mark_safe(
        f'<a class="fig{more}" href="{conditional_escape(href or trace_url)}"{trace}>{shown}</a>'
    )


@register.simple_tag
def bar(percent: Any, tick: Any = None, level: Any = "", label: str = "") -> SafeString:
    """Completion bar as inline SVG. ``percent`` and ``tick`` in per cent of the target (104.6), Decimal or None; the bar ends at
    125 %. ``level``: a lamp or a style class. ``label`` is the accessible name; without it one is composed from both numbers."""
    style = lamp_class(level) if level else ""
    if percent is None:
        return mark_safe(
            f'<svg class="ks-bar none" role="img" aria-label="{conditional_escape(label or "缺数")}" focusable="false"></svg>'
        )
    shape = drawing.bars(Decimal(percent) / 100, None if tick is None else Decimal(tick) / 100)
    if not label:
        label = f"完成 {quantity.show_number(Decimal(percent), 1)}%"
        if tick is not None:
            label += f"，应到 {quantity.show_number(Decimal(tick), 1)}%"
    mark = (
        ""
        if shape.tick is None
        else f'<rect class="tick" x="{shape.tick}%" y="-60%" width="2" height="220%"/>'
    )
    return mark_safe(
        f'<svg class="ks-bar {style}" role="img" aria-label="{conditional_escape(label)}" focusable="false">'
        f'<rect class="fill" width="{shape.width}%" height="100%"/>{mark}</svg>'
    )


@lru_cache(maxsize=512)
def _move(places: int) -> SafeString:
    if places == 0:
        return SafeString('<span class="ks-move">持平</span>')
    up = places > 0
    return mark_safe(
        f'<span class="ks-move {"up" if up else "down"}" aria-label="{"升" if up else "降"} {abs(places)} 位">'
        f"{'↑' if up else '↓'}{abs(places)}</span>"
    )


@register.simple_tag
def move(places: int | None) -> SafeString:
    """Change of place: 3 → ↑3 (better), −1 → ↓1, 0 → 持平, None → nothing."""
    return SafeString("") if places is None else _move(int(places))


@register.simple_tag
def rank(
    place: int | None,
    of: int | None = None,
    tied: bool = False,
    *,
    move: int | None = None,
    missing: int = 0,
    none: str = "不排位",
) -> SafeString:
    """A place: 并列 1 with its move; ``of`` adds 共 8, ``missing`` adds 缺 1. Without a place the word ``none``."""
    if place is None:
        return format_html('<span class="quiet">{}</span>', none)
    shown = f"<b>{'并列 ' if tied else ''}{int(place)}</b>"
    if of is not None:
        shown += f"<span>共 {int(of)}{f'，缺 {int(missing)}' if missing else ''}</span>"
    if move is not None:
        shown += _move(int(move))
    return mark_safe(f'<span class="ks-rank">{shown}</span>')


@register.simple_tag
def spark(values: str | Sequence[Decimal | None] | None) -> SafeString:
    """A sparkline: from held values (None is a gap), or an SVG already drawn by figures, which is passed through."""
    if not values:
        return SafeString("")
    return mark_safe(values if isinstance(values, str) else drawing.spark(values))


@register.simple_tag
def sort_mark(direction: str | None) -> SafeString:
    """The triangle of a sorted head: ascending ▲, descending ▼, else a faint ▽ that says it can be sorted."""
    return mark_safe(
        f'<i aria-hidden="true">{ {"ascending": "▲", "descending": "▼"}.get(direction or "", "▽") }</i>'
    )


def _held(value: Any) -> bool:
    return value is not None and value != ""


@register.filter
def number(value: Decimal | None, places: int = 0) -> str:
    """``{{ value|number:2 }}`` → 2.44; nothing for a missing value (its reason is drawn by parts/missing.html, never 0 or a dash)."""
    return quantity.show_number(value, places) if _held(value) else ""


@register.filter
def percent(value: Decimal | None, places: int = 2) -> str:
    """A value held in percent: ``{{ value|percent:1 }}`` → 75.0%."""
    return quantity.show_percent(value, places) if _held(value) else ""


@register.filter
def change(value: Decimal | None, places: int = 2) -> str:
    """A change with its sign: ``{{ value|change:2 }}`` → +0.06, −0.05, ±0.00."""
    return quantity.show_change(value, places) if _held(value) else ""


@register.filter
def money(yuan: Decimal | None, unit: str | None = None) -> SafeString | str:
    """An amount in 元 with its unit in grey: 128.00 万元, 31.25 亿元. ``unit`` fixes the unit and leaves it out, for a column whose
    head carries it."""
    if not _held(yuan):
        return ""
    text, name = quantity.show_money(yuan, unit)
    return text if unit else mark_safe(f'{text} <span class="unit">{name}</span>')


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    *,
    note: str = "",
    href: str = "",
    link: str = "",
    id: str = "",
    classes: str = "",
    level: int = 2,
) -> SafeString:
    """``{% card "先行指标" note="…" href=url link="看各项出处" %}…{% endcard %}``: a surface with an optional head."""
    head = ""
    if title:
        small = format_html('<span class="quiet">{}</span>', note) if note else ""
        go = format_html('<a class="ks-card-link" href="{}">{}</a>', href, link) if href else ""
        head = format_html('<div class="ks-card-head"><h{0}>{1}</h{0}>{2}{3}</div>', level, title, small, go)
    own = format_html(' id="{}"', id) if id else ""
    return format_html(
        '<section class="ks-card{}{}"{}>{}{}</section>',
        " " if classes else "",
        classes,
        own,
        head,
        mark_safe(content),
    )


@register.simple_block_tag
def drawer(content: str, title: str, close_url: str, note: str = "", id: str = "drawer") -> SafeString:
    """``{% drawer "测算 · 望岭县" close_url=url %}…{% enddrawer %}``: opened by its address, closed by a link to ``close_url`` or Esc.
    The content brings its own ``ks-drawer-body`` and ``ks-drawer-foot``."""
    small = format_html("<p>{}</p>", note) if note else ""
    return format_html(
        '<aside class="ks-drawer" id="{0}" role="dialog" aria-labelledby="{0}-title" tabindex="-1" data-drawer>'
        '<div class="ks-drawer-head"><div class="grow"><h2 id="{0}-title">{1}</h2>{2}</div>'
        '<a class="ks-x" href="{3}" data-close aria-label="关闭">{4}</a></div>{5}</aside>',
        id,
        title,
        small,
        close_url,
        icon("close"),
        mark_safe(content),
    )
