"""Unit traps: a value that stands 100 or 10,000 times off its neighbours was typed in another unit."""

from decimal import Decimal

from keshu.figures.models import Measure, ReportedValue
from keshu.terms.quantity import convert, plain, unscale

# How far a real figure may move between neighbouring years before a slip of the unit is the likelier story.
HUNDRED = (Decimal(40), Decimal(250))
TEN_THOUSAND = (Decimal(3000), Decimal(30000))
HUNDRED_MILLION = (Decimal(30_000_000), Decimal(300_000_000))
NEAR_YEARS = (1, -1, 2, -2)
CHECKED = "已核对"
Place = tuple[int, str]  # subject, period without its year


class Magnitudes:
    """Sizes of each figure in its neighbouring years: from the database, then from the rows of the file itself."""

    def __init__(self) -> None:
        self._known: dict[int, dict[Place, dict[int, int]]] = {}

    def _of(self, measure: Measure) -> dict[Place, dict[int, int]]:
        known = self._known.get(measure.pk)
        if known is None:
            known = {}
            rows = (
                ReportedValue.objects.for_system("量级比对")
                .filter(measure_id=measure.pk, scaled__isnull=False)
                .order_by("version")
                .values_list("subject_id", "period", "scaled")
            )
            for subject, period, scaled in rows.iterator(chunk_size=5000):
                known.setdefault((subject, period[4:]), {})[int(period[:4])] = scaled
            self._known[measure.pk] = known
        return known

    def problem(self, measure: Measure, subject: int, period: str, scaled: int) -> str:
        """A sentence when the value looks like a slip of the unit; empty otherwise, and the value becomes a neighbour."""
        years = self._of(measure).setdefault((subject, period[4:]), {})
        year = int(period[:4])
        if years.get(year) == scaled:
            return ""
        before = next((years[year + n] for n in NEAR_YEARS if years.get(year + n)), None)
        if before is None or scaled == 0 or (before < 0) != (scaled < 0):
            years[year] = scaled
            return ""
        times = Decimal(abs(scaled)) / Decimal(abs(before))
        slip = _slip(measure, times)
        if not slip:
            years[year] = scaled
            return ""
        return (
            f"{_shown(measure, scaled)}，同一地区相邻年份是 {_shown(measure, before)}，{slip}。"
            f"请改单位或数值；确实如此的，在备注写“{CHECKED}”再传。"
        )


def _slip(measure: Measure, times: Decimal) -> str:
    inverse = 1 / times
    if measure.unit == "%":
        if HUNDRED[0] <= inverse <= HUNDRED[1]:
            return "像是比值没有乘 100（该写成百分数，或把单位写成“比值”）"
        return "像是多乘了 100" if HUNDRED[0] <= times <= HUNDRED[1] else ""
    if measure.unit == "元":
        for low, high in (TEN_THOUSAND, HUNDRED_MILLION):
            if low <= times <= high:
                return "像是单位写大了（万元写成亿元，或元写成万元）"
            if low <= inverse <= high:
                return "像是单位写小了（亿元写成万元，或万元写成元）"
    return ""


def _shown(measure: Measure, scaled: int) -> str:
    value = convert(unscale(scaled, measure.decimals), measure.unit, measure.shown_unit)
    return f"{plain(value.normalize())}{measure.shown_unit}"
