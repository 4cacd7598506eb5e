"""Charts of an indicator: how it went, why it moved, how places changed. Options are data; what is read is text from the server."""

from decimal import Decimal
from typing import Any

from keshu.desk.dispatching.faces import Face, called
from keshu.desk.dispatching.pictures import number
from keshu.figures.dispatch import Row
from keshu.figures.history import History, Point
from keshu.figures.models import Indicator
from keshu.terms.period import Period
from keshu.terms.quantity import show_change, show_number

LABELLED_AT_MOST = 12
LABEL_LINE = 7
#: Labels at line ends that would meet move apart.
SHIFT = {"moveOverlap": "shiftY"}
GRID = {"left": 8, "right": 88, "top": 20, "bottom": 4}


class Drawn:
    """The charts of one indicator with one region as the subject."""

    def __init__(self, face: Face, row: Row, past: History, mean_name: str) -> None:
        self.face, self.row, self.past, self.mean_name = face, row, past, mean_name
        self.subject = row.region
        size = {"亿元": Decimal(100_000_000), "万元": Decimal(10_000)}
        self.size = size.get(face.unit, Decimal(1))
        self.labels = [self.label(point.period) for point in past.points]

    def label(self, period: Period) -> str:
        """25年一季度, 上半年, 25年末, 2025年."""
        short = f"{period.year % 100:02d}年"
        if period.kind == "year":
            years_only = all(point.period.kind == "year" for point in self.past.points)
            return f"{period.year}" if years_only else f"{short}全年"
        if self.face.indicator.period_rule == Indicator.PeriodRule.STOCK:
            return f"{short}{period.end.month}月末"
        name = {3: "一季度", 6: "上半年", 9: "前三季度"}.get(period.end.month, period.short_label)
        return f"{short}{name}" if period.end.month == 3 else name

    def datum(self, value: Decimal | None) -> dict[str, Any]:
        """A point of a series: its place and its text."""
        if value is None:
            return {"value": None, "text": "缺数"}
        return {
            "value": number(value / self.size),
            "text": f"{self.face.text(value)} {self.face.unit}".strip(),
        }

    def trend(self) -> dict[str, Any]:
        """The subject in accent among its siblings in grey, the mean dashed, the target dotted."""
        series: list[dict[str, Any]] = []
        last = self.past.points[-1]
        named = self._named(last)
        for region in self.past.regions:
            if region.is_ranked and region.pk != self.subject.pk:
                series.append(self._context(region.pk, called(region), region.pk in named))
        means = [point.mean for point in self.past.points]
        if any(mean is not None for mean in means):
            series.append(self._mean_line(means))
        series.append(self._subject_line())
        return {
            "id": "trend",
            "finding": self.finding(),
            "unit": "",
            "option": {
                "grid": GRID,
                "xAxis": {
                    "type": "category",
                    "data": self.labels,
                    "axisLabel": {"interval": 0, "hideOverlap": True, "fontSize": 11},
                },
                "yAxis": {"type": "value"},
                "series": series,
            },
            "table": self.table(),
        }

    def _named(self, last: Point) -> set[int]:
        """Who is labelled: the leader and the next one up."""
        found = set(last.places.order[:1])
        if self.row.next_up is not None:
            found.add(self.row.next_up.pk)
        return found  # type: ignore[return-value]

    def _context(self, pk: int, name: str, labelled: bool) -> dict[str, Any]:
        return {
            "type": "line",
            "name": name,
            "data": [self.datum(value) for value in self.past.series(pk)],
            "symbol": "circle" if None in self.past.series(pk) else "none",
            "symbolSize": 3,
            "labelLayout": SHIFT,
            "lineStyle": {"width": 1.2, "color": "token:chart-mute"},
            "itemStyle": {"color": "token:chart-mute"},
            "endLabel": {"show": labelled, "formatter": name, "color": "token:ink-3", "fontSize": 11},
        }

    def _mean_line(self, means: list[Decimal | None]) -> dict[str, Any]:
        shown = next((mean for mean in reversed(means) if mean is not None), None)
        return {
            "type": "line",
            "name": self.mean_name,
            "data": [self.datum(mean) for mean in means],
            "symbol": "none",
            "labelLayout": SHIFT,
            "lineStyle": {"width": 1.6, "type": [5, 4], "color": "token:ink-2"},
            "itemStyle": {"color": "token:ink-2"},
            "endLabel": {
                "show": True,
                "formatter": f"均值 {self.face.text(shown)}",
                "color": "token:ink",
                "fontSize": 11,
            },
        }

    def _subject_line(self) -> dict[str, Any]:
        values = self.past.series(self.subject.pk)
        now = next((value for value in reversed(values) if value is not None), None)
        made: dict[str, Any] = {
            "type": "line",
            "name": called(self.subject),
            "data": [self.datum(value) for value in values],
            "symbolSize": 6,
            "labelLayout": SHIFT,
            "lineStyle": {"width": 2.6, "color": "token:chart-1"},
            "itemStyle": {"color": "token:chart-1"},
            "endLabel": {
                "show": True,
                "formatter": f"{called(self.subject)} {self.face.text(now)}",
                "color": "token:accent",
                "fontWeight": 600,
                "fontSize": 12,
            },
        }
        target = self._target()
        if target is not None:
            made["markLine"] = {
                "silent": True,
                "symbol": "none",
                "data": [{"yAxis": number(target / self.size)}],
                "lineStyle": {"color": "token:ink-3", "type": [2, 3]},
                "label": {
                    "formatter": f"目标 {self.face.target(self.row)}",
                    "position": "insideMiddleBottom",
                    "fontSize": 11,
                    "color": "token:ink-3",
                },
            }
        return made

    def _target(self) -> Decimal | None:
        target = self.row.target
        if target is None:
            return None
        return target.high if target.high is not None else target.low

    def years(self) -> dict[str, Any]:
        """A fixed figure: its years as bars from zero, the mean as points."""
        values = self.past.series(self.subject.pk)
        bars = [
            {**self.datum(value), "label": {"formatter": self.face.text(value)}}
            if value is not None
            else self.datum(value)
            for value in values
        ]
        means = [point.mean for point in self.past.points]
        return {
            "id": "trend",
            "finding": self.finding(),
            "option": {
                "grid": {"left": 8, "right": 16, "top": 28, "bottom": 4},
                "xAxis": {"type": "category", "data": self.labels},
                "yAxis": {"type": "value", "min": 0 if all((value or 0) >= 0 for value in values) else None},
                "series": [
                    {
                        "type": "bar",
                        "name": called(self.subject),
                        "data": bars,
                        "itemStyle": {"color": "token:chart-1"},
                        "label": {
                            "show": True,
                            "position": "top",
                            "color": "token:ink",
                            "fontSize": 13,
                            "fontWeight": 600,
                        },
                    },
                    {
                        "type": "line",
                        "name": self.mean_name,
                        "data": [self.datum(mean) for mean in means],
                        "lineStyle": {"width": 1.6, "type": [5, 4], "color": "token:ink-2"},
                        "itemStyle": {"color": "token:ink-2"},
                    },
                ],
            },
            "table": self.table(),
        }

    def finding(self) -> str:
        """What is to be seen, read aloud."""
        values = [
            (point, value)
            for point, value in zip(self.past.points, self.past.series(self.subject.pk), strict=True)
            if value is not None
        ]
        name = f"{called(self.subject)}{self.face.indicator.short_name}"
        if len(values) < 2:
            return f"{name}只有 {len(values)} 期有数"
        (first, before), (last, now) = values[0], values[-1]
        went = "升至" if now > before else "降至" if now < before else "仍为"
        unit = self.face.unit
        return f"{name}由{self.label(first.period)}的 {self.face.text(before)}{unit} {went}{self.label(last.period)}的 {self.face.text(now)}{unit}"

    def table(self) -> dict[str, Any]:
        """The numbers behind the lines: regions as rows, the subject first."""
        regions = [self.subject, *(r for r in self.past.regions if r.is_ranked and r.pk != self.subject.pk)]
        rows = [
            [called(r), *(self.face.text(v) if v is not None else "缺数" for v in self.past.series(r.pk))]
            for r in regions
        ]
        rows.append(
            [
                self.mean_name,
                *(self.face.text(p.mean) if p.mean is not None else "" for p in self.past.points),
            ]
        )
        return {"head": [f"单位 {self.face.unit}", *self.labels], "rows": rows}

    def bump(self) -> dict[str, Any]:
        """Places over time, 1 on top."""
        ranked = [region for region in self.past.regions if region.is_ranked]
        few = len(ranked) <= LABELLED_AT_MOST
        named = self._named(self.past.points[-1])
        series = []
        for region in sorted(ranked, key=lambda r: r.pk == self.subject.pk):
            own = region.pk == self.subject.pk
            colour = "token:chart-1" if own else "token:ink-3" if region.pk in named else "token:chart-mute"
            series.append(
                {
                    "type": "line",
                    "name": called(region),
                    "data": [
                        {"value": rank, "text": f"第 {rank} 位" if rank else "缺数"}
                        for rank in self.past.ranks(region.pk)
                    ],
                    "symbolSize": 8 if own else 6 if few else 3,
                    "labelLayout": SHIFT,
                    "lineStyle": {"width": 2.6 if own else 1.4, "color": colour},
                    "itemStyle": {"color": colour},
                    "endLabel": {
                        "show": own or few or region.pk in named,
                        "formatter": called(region),
                        "color": "token:accent" if own else "token:ink-3",
                        "fontSize": 11,
                        "fontWeight": 600 if own else 400,
                        "distance": 8,
                    },
                }
            )
        of = max(point.places.of for point in self.past.points)
        return {
            "id": "places",
            "size": "" if few else "tall",
            "finding": self._places_finding(),
            "option": {
                "grid": {**GRID, "top": 14},
                "xAxis": {
                    "type": "category",
                    "data": self.labels,
                    "axisLabel": {"interval": 0, "hideOverlap": True, "fontSize": 11, "margin": 14},
                    "axisLine": {"show": False},
                },
                "yAxis": {
                    "type": "value",
                    "inverse": True,
                    "min": 1,
                    "max": max(of, 2),
                    "interval": 1 if few else 5,
                    "splitLine": {"show": False},
                },
                "series": series,
            },
            "table": {
                "head": ["位次", *self.labels],
                "rows": [[called(r), *(rank or "缺数" for rank in self.past.ranks(r.pk))] for r in ranked],
            },
        }

    def _places_finding(self) -> str:
        ranks = [rank for rank in self.past.ranks(self.subject.pk) if rank is not None]
        if not ranks:
            return f"{called(self.subject)}没有位次"
        return f"{called(self.subject)}{len(ranks)} 期里最好第 {min(ranks)}、最差第 {max(ranks)}，现在第 {ranks[-1]}"

    def waterfall(self) -> dict[str, Any] | None:
        """From zero: the value before, what numerator and denominator did, the value now. None where it cannot be split."""
        parts, now, before = self.row.split, self.row.figure, self.row.previous
        if parts is None or parts.change is None or now.value is None or before.value is None:
            return None
        up, down = parts.numerator_effect or Decimal(0), parts.denominator_effect or Decimal(0)
        middle = before.value + up
        if min(before.value, now.value, middle) < 0:
            return None
        places = self.face.places + 1
        upper, lower = self._side("分子", "numerator"), self._side("分母", "denominator")
        steps = [
            ("去年同期", Decimal(0), before.value, "token:chart-mute", show_number(before.value, places)),
            (upper, min(before.value, middle), abs(up), _colour(up), show_change(up, places)),
            (lower, min(middle, now.value), abs(down), _colour(down), show_change(down, places)),
            ("本期", Decimal(0), now.value, "token:chart-1", show_number(now.value, places)),
        ]
        unit = self.face.unit
        return {
            "id": "why",
            "finding": "，".join(f"{name.replace(chr(10), ' ')} {text}" for name, _, _, _, text in steps),
            "option": {
                "grid": {"left": 8, "right": 12, "top": 26, "bottom": 4},
                "tooltip": {"show": False},
                "xAxis": {
                    "type": "category",
                    "data": [name for name, *_ in steps],
                    "axisLabel": {"fontSize": 11, "lineHeight": 15, "interval": 0},
                },
                "yAxis": {"type": "value", "min": 0, "show": False},
                "series": [
                    {
                        "type": "bar",
                        "stack": "a",
                        "silent": True,
                        "itemStyle": {"color": "transparent"},
                        "data": [number(base, 8) for _, base, *_ in steps],
                    },
                    {
                        "type": "bar",
                        "stack": "a",
                        "barWidth": "54%",
                        "label": {
                            "show": True,
                            "position": "top",
                            "color": "token:ink",
                            "fontSize": 13,
                            "fontWeight": 600,
                        },
                        "data": [
                            {
                                "value": number(size, 8),
                                "text": text,
                                "itemStyle": {"color": colour},
                                "label": {"formatter": text},
                            }
                            for _, _, size, colour, text in steps
                        ],
                    },
                ],
            },
            "table": {
                "head": ["", unit],
                "rows": [[name.replace("\n", " "), text] for name, _, _, _, text in steps],
            },
        }

    def _side(self, word: str, which: str) -> str:
        """分子 −7.7% over the name of the side, broken into lines so that neighbours do not meet."""
        now, before = getattr(self.row.figure, which), getattr(self.row.previous, which)
        label = (
            self.face.indicator.numerator_label
            if which == "numerator"
            else self.face.indicator.denominator_label
        )
        label = label.partition("（")[0]
        size = -(
            -len(label) // max(1, -(-len(label) // LABEL_LINE))
        )  # lines of equal length, none longer than LABEL_LINE
        name = "\n".join(label[at : at + size] for at in range(0, len(label), size or 1))
        if now is None or before is None or now.value is None or before.value is None or before.value <= 0:
            return f"{word}\n{name}"
        return f"{word} {show_change((now.value - before.value) * 100 / before.value, 1)}%\n{name}"


def _colour(effect: Decimal) -> str:
    return "token:chart-up" if effect >= 0 else "token:chart-down"
