"""The curve of a wall, drawn on the server: no script, so it lives on any screen and after every refreshing."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 820, 300, 56, 120, 16, 28
MONTHS = 12
Curve = Sequence[tuple[int, Decimal]]


def cumulative(
    now: Curve, before: Curve, plan: Curve, *, finding: str, labels: tuple[str, str, str]
) -> SafeString:
    """Three curves over the twelve months as SVG: this year with its area, last year, the plan (dotted). ``labels`` stand at their ends."""
    everything = [value for curve in (now, before, plan) for _, value in curve]
    top = max([*everything, Decimal(1)])
    step = _step(top)
    ceiling = step * -(-int(top) // int(step)) if step >= 1 else top

    def x(month: int) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * (month - 1) / (MONTHS - 1)

    def y(value: Decimal) -> float:
        return round(TOP + (HIGH - TOP - BOTTOM) * (1 - float(value / ceiling)), 1)  # pixels, not figures

    def points(curve: Curve) -> str:
        return " ".join(f"{x(month):.1f},{y(value)}" for month, value in curve)

    drawn = []
    for at in range(5):
        level = ceiling * at / 4
        drawn.append(f'<line class="grid" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y(level)}" y2="{y(level)}"/>')
        drawn.append(
            f'<text class="axis end" x="{LEFT - 10}" y="{y(level) + 5}">{level.normalize():f}</text>'
        )
    for month in range(1, MONTHS + 1):
        drawn.append(f'<text class="axis mid" x="{x(month):.1f}" y="{HIGH - 4}">{month}月</text>')
    for name, curve, label in (
        ("plan", plan, labels[2]),
        ("before", before, labels[1]),
        ("now", now, labels[0]),
    ):
        if not curve:
            continue
        if name == "now":
            foot = y(Decimal(0))
            drawn.append(
                f'<polygon class="area" points="{x(curve[0][0]):.1f},{foot} {points(curve)} {x(curve[-1][0]):.1f},{foot}"/>'
            )
        drawn.append(f'<polyline class="{name}" points="{points(curve)}"/>')
        month, value = curve[-1]
        shift = -12 if name == "now" else 22 if name == "before" else 20
        place = "mid" if name == "now" else ""
        drawn.append(
            f'<text class="{name} {place}" x="{x(month) + (0 if name == "now" else 8):.1f}" y="{y(value) + shift}">{escape(label)}</text>'
        )
    return mark_safe(
        f'<svg class="wl-curve" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(finding)}">{"".join(drawn)}</svg>'
    )


def _step(top: Decimal) -> Decimal:
    """A round distance between lines, four of them up to the top."""
    rough = top / 4
    size = Decimal(10) ** (rough.adjusted())
    return next(size * many for many in (1, 2, 5, 10) if size * many >= rough) * 4
