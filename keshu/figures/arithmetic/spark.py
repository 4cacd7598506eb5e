"""Inline SVG drawn on the server: the sparkline of a row and the geometry of its completion bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .ratio import HUNDRED, WIDE

WIDTH, HEIGHT, MARGIN = 72, 22, 3
TENTH = Decimal("0.1")
#: The bar ends here: 125 % of the target.
BAR_END = Decimal("1.25")


def _shown(value: Decimal) -> str:
    """One decimal of a pixel, which is finer than any screen draws."""
    return f"{value.quantize(TENTH, ROUND_HALF_UP):f}"


def spark_points(values: Sequence[Decimal | None]) -> list[tuple[Decimal, Decimal] | None]:
    """Pixel positions, one per value, None where missing. The lowest held value lies at the bottom margin,
    the highest at the top one; a flat series runs through the middle. A missing value keeps its place on the
    x axis.
    """
    held = [value for value in values if value is not None]
    if not held:
        return [None] * len(values)
    low, high = min(held), max(held)
    across, down = Decimal(WIDTH - 2 * MARGIN), Decimal(HEIGHT - 2 * MARGIN)
    steps = Decimal(max(len(values) - 1, 1))
    points: list[tuple[Decimal, Decimal] | None] = []
    for position, value in enumerate(values):
        if value is None:
            points.append(None)
            continue
        x = MARGIN + WIDE.divide(across * position, steps)
        if high == low:
            y = Decimal(HEIGHT) / 2
        else:
            rise = WIDE.divide(WIDE.subtract(value, low), WIDE.subtract(high, low))
            y = HEIGHT - MARGIN - WIDE.multiply(down, rise)
        points.append((x, y))
    return points


def _path(points: Sequence[tuple[Decimal, Decimal] | None]) -> str:
    strokes: list[list[tuple[Decimal, Decimal]]] = [[]]
    for point in points:
        if point is None:
            strokes.append([])
        else:
            strokes[-1].append(point)
    parts: list[str] = []
    for stroke in filter(None, strokes):
        x, y = stroke[0]
        line = stroke if len(stroke) > 1 else [(x - 1, y), (x + 1, y)]
        parts.extend(f"{'L' if index else 'M'}{_shown(x)} {_shown(y)}" for index, (x, y) in enumerate(line))
    return " ".join(parts)


def spark_path(values: Sequence[Decimal | None]) -> str:
    """The ``d`` of the path: a new stroke after each gap, a short dash for a value that stands alone."""
    return _path(spark_points(values))


def spark(values: Sequence[Decimal | None]) -> str:
    """The whole ``<svg class="ks-spark">``, 72 × 22; "" when no value is held.

    A dot marks the present value if it is held. Hidden from screen readers: the row says the same in figures.
    """
    points = spark_points(values)
    path = _path(points)
    if not path:
        return ""
    last = points[-1]
    dot = f'<circle cx="{_shown(last[0])}" cy="{_shown(last[1])}" r="2.4"/>' if last else ""
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg class="ks-spark" {size} aria-hidden="true"><path d="{path}"/>{dot}</svg>'


@dataclass(frozen=True)
class Bar:
    """Geometry of a completion bar in % of its length, one decimal. ``width`` None: hatch, nothing to draw.
    ``tick`` None: no tick. ``over``: completion lies beyond the end of the bar.
    """

    width: Decimal | None
    tick: Decimal | None
    over: bool


def bars(completion: Decimal | None, progress: Decimal | None) -> Bar:
    """Bar of ``completion`` with its tick where ``progress`` stands (both shares, 1 = 100 %). The bar ends at
    125 % of the target.
    """

    def along(share: Decimal) -> Decimal:
        within = min(max(share, Decimal(0)), BAR_END)
        return WIDE.divide(WIDE.multiply(within, HUNDRED), BAR_END).quantize(TENTH, ROUND_HALF_UP)

    return Bar(
        None if completion is None else along(completion),
        None if progress is None else along(progress),
        completion is not None and completion > BAR_END,
    )
