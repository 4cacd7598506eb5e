"""图 and 地图 of the open column: bars, and tiles of five steps of one hue. The tiles are an arrangement, not a map of borders."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from keshu.desk.dispatching.faces import Face, called, not_single, reason
from keshu.desk.dispatching.sheet import Sheet
from keshu.directory.models import Region
from keshu.figures.dispatch import Row
from keshu.terms.quantity import plain, round_half_up

#: (column, row) of each province's tile: our own arrangement, by where the provinces lie to one another.
TILES = {
    "230000": (8, 0),
    "150000": (6, 1),
    "220000": (8, 1),
    "650000": (1, 2),
    "620000": (3, 2),
    "640000": (4, 2),
    "110000": (6, 2),
    "120000": (7, 2),
    "210000": (8, 2),
    "630000": (3, 3),
    "610000": (4, 3),
    "140000": (5, 3),
    "130000": (6, 3),
    "370000": (7, 3),
    "540000": (2, 4),
    "510000": (3, 4),
    "500000": (4, 4),
    "410000": (5, 4),
    "340000": (6, 4),
    "320000": (7, 4),
    "310000": (8, 4),
    "530000": (3, 5),
    "520000": (4, 5),
    "420000": (5, 5),
    "360000": (6, 5),
    "330000": (7, 5),
    "450000": (4, 6),
    "430000": (5, 6),
    "440000": (6, 6),
    "350000": (7, 6),
    "460000": (5, 7),
}
WIDE, HIGH, STEPS = 96, 60, 5
ACROSS = 4


def number(value: Decimal | None, places: int = 4) -> str | None:
    """A value for drawing: a plain decimal as text, None where there is none. What is read is never this."""
    return None if value is None else plain(round_half_up(value, places))


def bar_chart(sheet: Sheet) -> dict[str, Any]:
    """Bars of the open column from zero, the mean as a dashed line."""
    face = sheet.face
    rows = [face.rows[region.pk] for region in sheet.ranked]
    shown = [row for row in rows if row.value is not None]
    scale = _scale(face)
    data = [
        {"value": number(_scaled(row.value, scale)), "text": f"{face.text(row.value)} {face.unit}"}
        for row in shown
    ]
    mean = face.column.mean
    series: dict[str, Any] = {
        "type": "bar",
        "name": face.indicator.short_name,
        "data": data,
        "itemStyle": {"color": "token:chart-1"},
        "label": {"show": len(shown) <= 16, "position": "top", "color": "token:ink", "fontSize": 12},
    }
    for point, row in zip(data, shown, strict=True):
        point["label"] = {"formatter": face.text(row.value)}
    if mean is not None:
        series["markLine"] = {
            "silent": True,
            "symbol": "none",
            "data": [{"yAxis": number(_scaled(mean, scale))}],
            "lineStyle": {"color": "token:ink-2", "type": [5, 4]},
            "label": {
                "formatter": f"均值 {face.text(mean)}",
                "position": "insideEndTop",
                "color": "token:ink",
                "fontSize": 11,
            },
        }
    names = [called(row.region) for row in shown]
    return {
        "id": "dispatch-bars",
        "size": "tall",
        "finding": _finding(face, shown),
        "option": {
            "grid": {"left": 8, "right": 16, "top": 28, "bottom": 4},
            "xAxis": {
                "type": "category",
                "data": names,
                "axisLabel": {"interval": 0, "hideOverlap": True, "fontSize": 12},
            },
            "yAxis": {"type": "value", "min": 0 if all((row.value or 0) >= 0 for row in shown) else None},
            "series": [series],
        },
        "table": {
            "head": [face.indicator.short_name, f"数值 {face.unit}", "位次"],
            "rows": [
                [called(row.region), face.text(row.value) or reason(row)[0], row.rank or ""] for row in rows
            ],
        },
    }


def _scale(face: Face) -> Decimal:
    return {"亿元": Decimal(100_000_000), "万元": Decimal(10_000)}.get(face.unit, Decimal(1))


def _scaled(value: Decimal | None, scale: Decimal) -> Decimal | None:
    return None if value is None else value / scale


def _finding(face: Face, rows: Sequence[Row]) -> str:
    held = sorted((row for row in rows if row.rank is not None), key=lambda row: row.rank or 0)
    if not held:
        return f"{face.indicator.name}还没有数"
    first, last = held[0], held[-1]
    return (
        f"{face.indicator.short_name}：{called(first.region)} {face.text(first.value)} 居首，"
        f"{called(last.region)} {face.text(last.value)} 居末，单位 {face.unit}"
    )


# ---- tiles ------------------------------------------------------------------------------------------------


def places_of(regions: Sequence[Region]) -> dict[int, tuple[int, int]]:
    """Where each tile stands: provinces by their arrangement, others four to a row in their own order."""
    if regions and all(region.code in TILES for region in regions):
        return {region.pk: TILES[region.code] for region in regions}
    listed = sorted(regions, key=lambda region: region.order)
    return {region.pk: (at % ACROSS, at // ACROSS) for at, region in enumerate(listed)}


def steps(rows: Sequence[Row]) -> tuple[dict[int, int], list[tuple[Decimal, Decimal]]]:
    """(step 0—4 by region, the range of each step): as many regions in each step as can be, ties together."""
    held = sorted((row for row in rows if row.value is not None), key=lambda row: row.value)  # type: ignore[arg-type, return-value]
    found: dict[int, int] = {}
    values: dict[int, list[Decimal]] = {}
    count = len(held)
    previous: Decimal | None = None
    step = 0
    for position, row in enumerate(held):
        if row.value != previous:
            step = position * STEPS // count
        previous = row.value
        found[row.region.pk] = step
        values.setdefault(step, []).append(row.value)  # type: ignore[arg-type]
    return found, [(min(values[s]), max(values[s])) for s in sorted(values)]


def tiles(sheet: Sheet) -> SafeString:
    """The tile picture as SVG; a tile without a value is hatched and says why."""
    face = sheet.face
    regions = sheet.ranked
    places = places_of(regions)
    rows = [face.rows[region.pk] for region in regions]
    level, _ = steps(rows)
    columns = max((x for x, _ in places.values()), default=0) + 1
    lines = max((y for _, y in places.values()), default=0) + 1
    left = min((x for x, _ in places.values()), default=0)
    cells = []
    for row in rows:
        x, y = places[row.region.pk]
        cells.append(_tile(sheet, face, row, (x - left) * WIDE, y * HIGH, level.get(row.region.pk)))
    width, height = (columns - left) * WIDE, lines * HIGH
    return mark_safe(
        f'<svg class="ks-tiles" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(_finding(face, rows))}">'
        '<defs><pattern id="ks-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="8" height="8" class="hatch-ground"/><path d="M0 0V8" class="hatch-line"/></pattern></defs>'
        f"{''.join(cells)}</svg>"
    )


def _tile(sheet: Sheet, face: Face, row: Row, x: int, y: int, step: int | None) -> str:
    value = (
        face.text(row.value) if row.value is not None else ("不单列" if not_single(row) else reason(row)[0])
    )
    kind = "none" if step is None else f"s{step}"
    page, card = sheet.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
    drawn = (
        f'<rect x="{x + 2}" y="{y + 2}" width="{WIDE - 4}" height="{HIGH - 4}" rx="3"/>'
        f'<text x="{x + WIDE // 2}" y="{y + 26}">{escape(called(row.region))}</text>'
        f'<text class="v" x="{x + WIDE // 2}" y="{y + 45}">{escape(value)}</text>'
    )
    if not sheet.opens(row.region.pk):
        return f'<g class="{kind}">{drawn}</g>'
    return f'<a class="fig {kind}" href="{escape(page)}" data-trace="{escape(card)}" aria-haspopup="dialog">{drawn}</a>'


def scale_of(sheet: Sheet) -> list[dict[str, object]]:
    """The legend of the tiles: five steps with their ranges."""
    face = sheet.face
    _, ranges = steps([face.rows[region.pk] for region in sheet.ranked])
    return [
        {"step": number, "text": face.text(low) if low == high else f"{face.text(low)}—{face.text(high)}"}
        for number, (low, high) in enumerate(ranges)
    ]


def tile_note(sheet: Sheet) -> str:
    """What the tiles are not."""
    if sheet.table.level == "province":
        return (
            f"示意图，只按大致方位排格，不作划界依据；只列本表 {len(sheet.ranked)} 个有统计口径的省级地区。"
        )
    return "示意图，按本表顺序排格，不表示位置和界线。"


def table_beside(sheet: Sheet) -> list[dict[str, object]]:
    """The table beside the tiles, best first."""
    face = sheet.face
    rows = sorted((face.rows[r.pk] for r in sheet.ranked), key=lambda row: (row.rank is None, row.rank or 0))
    found = []
    for row in rows:
        page, card = sheet.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
        opens = sheet.opens(row.region.pk)
        found.append(
            {
                "row": row,
                "text": face.text(row.value) if row.value is not None else reason(row)[0],
                "href": page if opens else None,
                "card": card if opens else None,
            }
        )
    return found
