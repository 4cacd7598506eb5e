"""What hangs on the wall: everything about the city in one view, as far as it may be shown to whoever passes by."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, F, Max, Q, Value

from keshu.checking.lighting import NoSuchLamps, standing
from keshu.checking.models import Item
from keshu.checking.opening import last_month
from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.faces import (
    Face,
    amount_text,
    called,
    no_items,
    not_single,
    reason,
    split_regions,
    table_faces,
)
from keshu.desk.dispatching.sheet import completed, compute
from keshu.desk.screen.drawing import cumulative
from keshu.desk.screen.standing import Place, places_of
from keshu.diary.days import Workdays
from keshu.diary.lines import off_in
from keshu.directory.actors import Actor, system
from keshu.directory.models import Person, Region
from keshu.duties.models import OPEN, Order
from keshu.figures.dispatch import Dispatch, Row
from keshu.figures.models import CubeDelta, ReportedValue
from keshu.journal import moments
from keshu.procedure.moving import MoveRefused
from keshu.rules.lamps import Lamp
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import show_number
from keshu.terms.units import convert
from keshu.walls.clearing import UNRELEASED, Gate, gate

#: Data that nobody has touched for so long are said to stand still.
FRESH = timedelta(hours=24)
ORDERS, MOVES, LEADING = 3, 3, 6
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Wall:
    """One view of the wall. Nothing in it names a person."""

    table: Dispatch
    columns: list[Face]
    leading: list[Face]
    ranked: list[Region]
    beside: list[Region]
    gate: Gate
    data_at: datetime | None
    now: datetime

    @property
    def stale(self) -> bool:
        """Whether the data are older than a day."""
        return self.data_at is None or self.now - self.data_at > FRESH


def viewer() -> Actor:
    """Who looks: a wall has nobody in front of it, so it sees the whole and the gate lets through."""
    return system("大屏")


def wall() -> Wall:
    """Compute the wall. Raises one of the dispatch's refusals, NothingHeld."""
    asked, _, _, _, root = completed(Asked(), viewer())
    table = compute(asked, root)
    columns, leading = table_faces(table)
    ranked, beside = split_regions(table.regions)
    assert table.reader is not None
    return Wall(table, columns, leading, ranked, beside, gate(table.reader), data_moment(), clock.now())


def data_moment() -> datetime | None:
    """When a figure last changed: other writings do not make data younger."""
    counted = CubeDelta.objects.aggregate(last=Max("revision"))["last"] or 0
    values = ReportedValue.objects.for_system("大屏的数据截至")
    return moments.moment_of(max(counted, values.aggregate(last=Max("revision"))["last"] or 0))


def out(made: Wall, row: Row) -> bool:
    """Whether a row may be shown with its lamp and place. The reason why a value is missing gives nothing away."""
    if row.value is None and row.region.is_ranked:
        return True
    growth = (row.previous,) if row.indicator.change_as_growth else ()
    return made.gate.passes(row.figure, *growth)


def whole_out(made: Wall, face: Face) -> bool:
    """Whether the figure of the whole may be shown."""
    whole = face.column.total_row
    if whole is None:
        return False
    # What lacks its value is left out of the whole; 市本级 counts with its numerator alone.
    parts = [row for row in face.rows.values() if row.value is not None or not row.region.is_ranked]
    now = made.gate.passes_whole(whole.figure, [row.figure for row in parts])
    if now and whole.indicator.change_as_growth:
        return made.gate.passes_whole(whole.previous, [row.previous for row in parts])
    return now


def context(made: Wall, *, linked: bool = False) -> dict[str, Any]:
    """What the template draws. ``linked``: without signing in; the same wall, the gate does not ask who looks."""
    off = off_in(clock.today().year, viewer())
    places = {
        pk: place
        for pk, place in places_of(made.table.parent).items()
        if made.gate.passes_standing(place.standing)
    }
    rows, hidden = counted_rows(made)
    return {
        "linked": linked,
        "title": f"{made.table.parent.name} · {made.table.scheme.name}",
        "period": made.table.period.label,
        "progress": _share(made.table.period.elapsed_share()) if made.table.period.kind != "year" else "",
        "data_at": f"{made.data_at:%m-%d %H:%M}" if made.data_at else "",
        "stale": made.stale,
        "clock": f"{made.now.astimezone(clock.TZ):%H:%M}",
        "count": len(rows),
        "hidden": hidden,
        "lamps": lamp_counts([row.lamp for row in rows if row.lamp]),
        "five": [five(made, face, places.get(face.named.pk)) for face in made.columns],
        "heads": [(face.named.short_name, _period_words(face)) for face in made.columns],
        "matrix": [line(made, region) for region in (*made.ranked, *made.beside)],
        "curve": curve(made),
        "orders": None if "orders" in off else orders(),
        "items": None if "items" in off else items(),
        "leading": [found for face in made.leading[:LEADING] if (found := lead(made, face))],
        "moves": moves(made),
        "rule": made.table.lamp_rule,
        "legend": legend(rows),
    }


def counted_rows(made: Wall) -> tuple[list[Row], int]:
    """(当期项次 that may be shown, how many may not)."""
    current = [face.rows[region.pk] for face in made.columns if not face.fixed for region in made.ranked]
    shown = [row for row in current if out(made, row)]
    return shown, len(current) - len(shown)


def lamp_counts(lamps: list[Lamp]) -> list[dict[str, Any]]:
    """How many of each lamp, the mildest first, in the words of the rule."""
    order = ["ok", "near", "slow", "late", "none"]
    first: dict[str, Lamp] = {}
    for lit in lamps:
        first.setdefault(lit.level, lit)
    counts = Counter(lit.level for lit in lamps)
    return [{"lamp": first[level], "count": counts[level]} for level in sorted(first, key=order.index)]


def legend(rows: list[Row]) -> list[Lamp]:
    """One lamp of each kind that is lit."""
    return [found["lamp"] for found in lamp_counts([row.lamp for row in rows if row.lamp])]


def five(made: Wall, face: Face, place: Place | None) -> dict[str, Any]:
    """One indicator of the city: 当期 with lamp, bar and tick, 已定 with year and target only."""
    row = face.column.total_row
    found: dict[str, Any] = {
        "name": face.named.short_name,
        "unit": face.unit,
        "fixed": face.fixed,
        "place": place,
        "instead": face.indicator.short_name if face.instead else "",
    }
    if row is None or row.value is None:
        return found | {"word": reason(row)[0] if row else "没有数"}
    if not whole_out(made, face):
        return found | {"word": UNRELEASED, "place": None}
    found["text"] = face.text(row.value)
    target = face.target(row)
    if face.fixed:
        said = f"{face.column.period.label}已定"
        if target:
            met = "" if row.met is None else "已达" if row.met else "未达"
            said += f"，{met}目标 {target}"
        return found | {"said": said}
    done = None if row.completion is None else row.completion * HUNDRED
    return found | {
        "lamp": row.lamp if row.target is not None else None,
        "percent": done,
        "tick": row.progress * HUNDRED if row.progress is not None else None,
        "said": f"完成 {show_number(done, 1)}%" if done is not None else "没有下达目标",
    }


def line(made: Wall, region: Region) -> dict[str, Any]:
    """One region of the matrix; ``hot`` where most is behind."""
    cells = [cell(made, face, face.rows[region.pk]) for face in made.columns]
    late = sum(1 for one in cells if one.get("lamp") is not None and one["lamp"].level == "late")
    return {"name": called(region), "cells": cells, "hot": late > 1}


def cell(made: Wall, face: Face, row: Row) -> dict[str, Any]:
    """Value with lamp (当期) or 已达 / 未达 (已定), else the word why there is none."""
    if not_single(row):
        return {"word": "不单列"}
    if not out(made, row):
        return {"word": UNRELEASED}
    if face.shows_amount(row):
        held = row.figure.numerator.value
        assert held is not None
        if face.numerator.unit == "元":
            text, unit = show_number(convert(held, "元", "亿元"), 2), "亿"
        else:
            text, unit = amount_text(held, face.numerator)
        return {"text": f"{text} {unit}", "lamp": row.lamp if row.target is not None else None}
    if row.value is None:
        return {"word": reason(row)[0], "lamp": None if face.fixed else row.lamp}
    if face.fixed:
        met = "" if row.met is None else "已达" if row.met else "未达"
        return {"text": face.text(row.value), "met": met}
    return {"text": face.text(row.value), "lamp": row.lamp if row.target is not None else None}


def _period_words(face: Face) -> str:
    period = face.column.period
    if face.fixed:
        return f"{period.label} 已定"
    return f"{period.end.month}月末" if face.indicator.period_rule == "stock" else period.short_label


def curve(made: Wall) -> dict[str, Any] | None:
    """Cumulative against plan and last year, of the first 当期 ratio that sums money; None where nothing of it may be shown."""
    summed = [
        f for f in made.columns if not f.fixed and f.numerator.unit == "元" and f.numerator.nature == "flow"
    ]
    face = next(
        (f for f in summed if f.column.total_row and f.column.total_row.target), next(iter(summed), None)
    )
    if face is None or made.table.period.kind == "year":
        return None
    measure, root, reader = face.numerator, made.table.parent, made.table.reader
    assert reader is not None
    year, last = made.table.period.year, made.table.period.end.month
    parts = [region.pk for region in made.table.regions]
    periods = [Period.ytd(y, month) for y in (year, year - 1) for month in range(1, 13)]
    reader.load([measure], [root.pk, *parts], periods)
    now = _months(made, face, year, last)
    if not now:
        return None
    before = _months(made, face, year - 1, 12)
    plan = _plan(face) if whole_out(made, face) else []  # its denominator is a statistic too
    newest = now[-1][1]
    text = show_number(newest, 2)
    finding = f"{face.indicator.numerator_label or measure.name}今年 1—{now[-1][0]} 月累计 {text} 亿元"
    labels = (
        text,
        f"去年 {show_number(before[-1][1], 2)}" if before else "",
        f"按目标应有 {show_number(plan[-1][1], 2)}" if plan else "",
    )
    return {
        "name": face.indicator.numerator_label or measure.name,
        "svg": cumulative(now, before, plan, finding=finding, labels=labels),
    }


def _months(made: Wall, face: Face, year: int, last: int) -> list[tuple[int, Decimal]]:
    """Cumulative 亿元 by month, of the city's own value or the sum of all its parts; a month that lacks a part is left out."""
    measure, reader = face.numerator, made.table.reader
    assert reader is not None
    found = []
    for month in range(1, last + 1):
        period = Period.ytd(year, month)
        own = reader.value(measure, made.table.parent.pk, period)
        values = (
            [own]
            if own.held
            else [
                reader.value(measure, region.pk, period)
                for region in made.table.regions
                if region.part != Region.Part.ZONE_INSIDE
            ]
        )
        if not values or not all(value.held for value in values if value.missing != "不适用"):
            continue
        if not made.gate.passes_values(face.named, [(measure, period, value) for value in values]):
            continue
        total = sum((value.value for value in values if value.value is not None), Decimal(0))
        found.append((month, convert(total, measure.unit, "亿元")))
    return found


def _plan(face: Face) -> list[tuple[int, Decimal]]:
    """The plan by month: the target of the amount, by its dated plan or in equal parts. Only where an amount was promised."""
    whole = face.column.total_row
    if whole is None or whole.target is None or face.indicator.unit != "元":
        return _ratio_plan(face)
    year = convert(whole.target.low, "元", "亿元")
    return [(month, year * month / 12) for month in range(1, 13)]


def _ratio_plan(face: Face) -> list[tuple[int, Decimal]]:
    """Where a ratio was promised: its target times the denominator held, by month in equal parts of what that makes now."""
    whole = face.column.total_row
    if (
        whole is None
        or whole.target is None
        or whole.figure.denominator is None
        or not whole.figure.denominator.value
    ):
        return []
    due = whole.target.low / whole.figure.factor * whole.figure.denominator.value
    now = convert(due, face.numerator.unit, "亿元")
    last = face.column.period.end.month
    return [(month, now * month / last) for month in range(1, last + 1)]


def orders() -> dict[str, Any]:
    """Orders open, the most urgent first: what, who holds it, when. Names of people are taken out of the words."""
    rows = Order.objects.for_system("大屏的在办督办")
    today, days = clock.today(), Workdays()
    counts = rows.aggregate(
        running=Count("pk", filter=Q(state__in=OPEN)),
        closed=Count("pk", filter=Q(state=Order.State.CLOSED, closed_on__year=today.year)),
        late=Count("pk", filter=Q(state__in=OPEN, due_on__lt=today)),
    )
    listed = list(rows.filter(state__in=OPEN).select_related("unit").order_by("due_on", "pk")[:ORDERS])
    hide = Nameless([order.what for order in listed])
    found = []
    for order in listed:
        left = days.left(today, order.due_on)
        found.append(
            {
                "what": hide(order.what),
                "holder": order.unit.name if order.unit else "",
                "when": left.text,
                "tone": left.tone,
            }
        )
    return counts | {"listed": found}


class Nameless:
    """Takes the names of people that the house knows out of texts. One query for all of them."""

    def __init__(self, texts: list[str]) -> None:
        joined = "\n".join(texts)
        known = (
            Person.objects.annotate(text=Value(joined, output_field=CharField()))
            .filter(text__contains=F("name"))
            .values_list("name", flat=True)
        )
        self._names = sorted(
            {name for name in known if len(name) > 1} if joined else (), key=len, reverse=True
        )

    def __call__(self, text: str) -> str:
        for name in self._names:
            text = text.replace(name, "有关负责人")
        return text


def items() -> dict[str, Any] | None:
    """The year of the bureau: the items of the task list by lamp, at the end of the last month whose sheet can stand."""
    try:
        month = last_month()
        listed = list(
            Item.objects.for_system("大屏的责任事项")
            .filter(year=month.year, begins_on__lte=month.end)
            .exclude(state=Item.State.CANCELLED)
            .select_related("goal", "goal__document")
            .order_by("order", "pk")
        )
        lit = standing(listed, until=month.end) if listed else []
    except (NoSuchLamps, MoveRefused):
        return None
    if not lit:
        return None
    closed = sum(1 for item in listed if item.state == Item.State.CLOSED)
    return {
        "month": month.label,
        "count": len(lit),
        "closed": closed,
        "lamps": lamp_counts([one.lamp for one in lit]),
    }


def lead(made: Wall, face: Face) -> dict[str, Any] | None:
    """One 先行 figure of the whole, dated."""
    row = face.column.total_row
    if row is None or not_single(row):
        return None
    period = face.column.period
    reaches = face.column.item.reference or (
        f"{period.end.month}月末" if face.indicator.period_rule == "stock" else period.short_label
    )
    found = {"name": face.indicator.short_name, "reaches": reaches}
    if row.value is None:
        return found | {"word": no_items(face, row) or reason(row)[0]}
    if not whole_out(made, face):
        return found | {"word": UNRELEASED}
    figure = row.figure
    lit = row.lamp if row.target is not None else None
    if face.counted() and figure.denominator is not None:
        above, below = figure.numerator.value, figure.denominator.value
        if above is not None and below is not None:
            return found | {"text": f"{show_number(above, 0)}/{show_number(below, 0)}", "lamp": lit}
    unit = "%" if face.unit == "%" else f" {face.unit}"
    return found | {"text": f"{face.text(row.value)}{unit}", "lamp": lit}


def moves(made: Wall) -> list[dict[str, Any]]:
    """The places that changed most against the same period of last year, of figures that may be shown at both ends."""
    changed = [
        (abs(row.rank_change), face, row)
        for face in made.columns
        for row in face.rows.values()
        if row.rank is not None
        and row.rank_change
        and row.region.is_ranked
        and out(made, row)
        and made.gate.passes(row.previous)
    ]
    changed.sort(key=lambda one: (-one[0], one[2].region.order, one[1].named.pk))
    return [
        {"name": f"{called(row.region)} {face.named.short_name}", "place": row.rank, "move": row.rank_change}
        for _, face, row in changed[:MOVES]
    ]


def _share(value: Decimal | None) -> str:
    return "" if value is None else f"{show_number(value * HUNDRED, 1)}%"
