"""Unit traps: a value that stands 100 or 10,000 times off its neighbours was typed in another unit."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from keshu.figures.models import Measure, ReportedValue
from keshu.terms.quantity import convert, plain, unscale

# How many times its neighbouring year a figure must be before a slip of the unit is the likelier story.
PERCENT, MONEY = Decimal(40), Decimal(3000)
NEAR_YEARS = (1, -1, 2, -2)
# How many values of the file itself are remembered as neighbours, twice: memory must not grow with its length.
KEPT = 10_000
CHECKED = "已核对"
Figure = tuple[int, int, str]  # measure, subject, period
Place = tuple[int, int, str, int]  # measure, subject, period without its year, year


class Magnitudes:
    """Sizes of each figure in its neighbouring years: as the database holds them, and as the file itself says."""

    def __init__(self) -> None:
        self._held: dict[Place, int] = {}
        self._said: dict[Place, int] = {}
        self._said_before: dict[Place, int] = {}
        self._empty: dict[int, bool] = {}

    def load(self, figures: Iterable[Figure]) -> None:
        """Fetch the neighbours of some figures, one query per measure; those of earlier calls are let go."""
        self._held = {}
        wanted: dict[int, tuple[set[int], set[str]]] = {}
        for measure, subject, period in figures:
            subjects, periods = wanted.setdefault(measure, (set(), set()))
            subjects.add(subject)
            periods.add(period)
        for measure, (subjects, periods) in wanted.items():
            if self._is_empty(measure):
                continue
            near = {f"{int(code[:4]) + n}{code[4:]}" for code in periods for n in (0, *NEAR_YEARS)}
            rows = (
                ReportedValue.objects.for_system("量级比对")
                .filter(measure_id=measure, subject_id__in=subjects, period__in=near, scaled__isnull=False)
                .order_by("version")
                .values_list("subject_id", "period", "scaled")
            )
            for subject, code, scaled in rows.iterator(chunk_size=5000):
                self._held[measure, subject, code[4:], int(code[:4])] = scaled

    def _is_empty(self, measure: int) -> bool:
        if measure not in self._empty:
            held = ReportedValue.objects.for_system("量级比对").filter(measure_id=measure)
            self._empty[measure] = not held.exists()
        return self._empty[measure]

    def problem(self, measure: Measure, subject: int, period: str, scaled: int) -> str:
        """A sentence when the value looks like a slip of the unit; empty otherwise, and the value becomes a neighbour."""
        tail, year = period[4:], int(period[:4])
        before = self._neighbour(measure.id, subject, tail, year)
        if (
            self._at(measure.id, subject, tail, year) == scaled
            or before is None
            or scaled == 0
            or (before < 0) != (scaled < 0)
        ):
            slip = ""
        else:
            slip = _slip(measure, Decimal(abs(scaled)) / Decimal(abs(before)))
        if not slip or before is None:
            self._said[measure.id, subject, tail, year] = scaled
            # The older half goes at once: taking one at a time would search for the first.
            if len(self._said) >= KEPT:
                self._said, self._said_before = {}, self._said
            return ""
        return (
            f"{_shown(measure, scaled)}，同一地区相邻年份是 {_shown(measure, before)}，{slip}。"
            f"请改单位或数值；确实如此的，在备注写“{CHECKED}”再传。"
        )

    def _at(self, *place: Any) -> int | None:
        return self._said.get(place) or self._said_before.get(place) or self._held.get(place)  # type: ignore[call-overload]

    def _neighbour(self, measure: int, subject: int, tail: str, year: int) -> int | None:
        """The nearest year's value that is not zero."""
        for n in NEAR_YEARS:
            found = self._at(measure, subject, tail, year + n)
            if found:
                return found
        return None


def _slip(measure: Measure, times: Decimal) -> str:
    inverse = 1 / times
    if measure.unit == "%":
        if inverse >= PERCENT:
            return "像是比值没有乘 100（该写成百分数，或把单位写成“比值”）"
        return "像是多乘了 100" if times >= PERCENT else ""
    if measure.unit == "元":
        if times >= MONEY:
            return "像是单位写大了（万元写成亿元，或元写成万元）"
        if inverse >= MONEY:
            return "像是单位写小了（亿元写成万元，或万元写成元）"
    return ""


def _shown(measure: Measure, scaled: int) -> str:
    value = convert(unscale(scaled, measure.decimals), measure.unit, measure.shown_unit)
    return f"{plain(value.normalize())}{measure.shown_unit}"
