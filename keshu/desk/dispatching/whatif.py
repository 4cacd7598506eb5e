"""测算: sliders over one cell of the table. The server computes; nothing is written."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from keshu.desk.dispatching.asking import Asked, at
from keshu.desk.dispatching.faces import Face, amount_text, called, need_text
from keshu.desk.dispatching.matrix import MEAN
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, sheet
from keshu.desk.guard import needs
from keshu.directory.actors import Actor, Can
from keshu.figures.arithmetic.ratio import HUNDRED, WIDE, Refused
from keshu.figures.arithmetic.whatif import Need
from keshu.figures.dispatch import Row
from keshu.figures.models import Measure
from keshu.figures.supposing import Supposed, growth_of_denominator, may_suppose, suppose
from keshu.reports.wording import is_money, share
from keshu.terms.quantity import plain, round_half_up, show_change, show_number
from keshu.terms.units import convert


@needs(Can.SEE_DISPATCH)
def whatif_page(request: HttpRequest) -> HttpResponse:
    """The result of moved sliders as a fragment, or the whole 测算 as a page where there is no script."""
    asked = Asked.of(request.GET)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        found = sheet(asked.changed(open=asked.name or asked.open, lamp="", group=""), actor)
    except (*REFUSALS, NothingHeld) as refusal:
        raise Http404(str(refusal)) from refusal
    made = drawer(found, asked)
    if made is None:
        raise Http404("这个数不能测算：已定的数改不了，没有数的算不出。")
    if request.headers.get("HX-Request"):
        return render(request, "dispatching/whatif_result.html", {"supposed": made})
    crumbs = [{"label": "调度", "href": Asked().address()}, {"label": "测算"}]
    return render(request, "dispatching/whatif.html", {"drawer": made, "crumbs": crumbs})


def drawer(found: Sheet, asked: Asked) -> dict[str, Any] | None:
    """What the drawer shows for ``asked.whatif`` (a region's code); None where nothing can be moved or seen."""
    face = found.face
    row = next((r for r in face.rows.values() if r.region.code == asked.whatif), None)
    if row is None or not found.opens(row.region.pk) or not may_suppose(row):
        return None
    return Sliders(found, face, row, asked).shown()


class Sliders:
    """The two sliders of one row: where they stand, how far they go, and what follows."""

    def __init__(self, found: Sheet, face: Face, row: Row, asked: Asked) -> None:
        self.found, self.face, self.row, self.asked = found, face, row, asked
        self.measure: Measure = face.numerator
        self.unit, self.size = _slider_unit(row, self.measure)
        self.now = self.row.figure.numerator.value or Decimal(0)
        self.growth_now = growth_of_denominator(row)
        self.ratio = row.figure.denominator is not None

    def shown(self) -> dict[str, Any] | None:
        """Everything the template writes."""
        numerator = self._numerator()
        relative, growth = self._growth()
        supposed = suppose(self.found.table, self.row, numerator, relative)
        if supposed is None:
            return None
        face, row = self.face, self.row
        return {
            "title": f"{called(row.region)} {face.indicator.short_name}",
            "close": self.asked_address(whatif=""),
            "action": at("desk:whatif"),
            "hidden": self._hidden(),
            "reset": self.asked_address(whatif=row.region.code),
            "numerator": self._numerator_slider(supposed),
            "growth": self._growth_slider(growth) if self.ratio else None,
            "result": self._result(supposed),
            "needs": [self._need(need) for need in supposed.needs],
            "falls": supposed.falls,
            "forecast": self._forecast(),
            "page": at(
                "desk:indicator",
                self.found.asked.query(name=face.indicator.code, subject=row.region.code, whatif=""),
            ),
        }

    def asked_address(self, **changes: str) -> str:
        """The dispatch page with this column open."""
        return self.found.asked.address(**changes)

    def _hidden(self) -> list[tuple[str, str]]:
        asked = self.found.asked
        pairs = {
            "scheme": asked.scheme,
            "period": asked.period,
            "level": asked.level,
            "region": asked.region,
            "open": asked.open,
            "asof": asked.asof,
            "vintage": asked.vintage,
            "whatif": self.row.region.code,
        }
        return [(key, value) for key, value in pairs.items() if value]

    def _numerator(self) -> Decimal:
        typed = _decimal(self.asked.add)
        return self.now if typed is None else WIDE.multiply(typed, self.size)

    def _growth(self) -> tuple[Decimal, Decimal]:
        """(growth of the denominator from now on, growth as the slider says it, against last year where that is known)."""
        typed = _decimal(self.asked.growth)
        base = self.growth_now
        if base is None:
            return (typed or Decimal(0)), (typed or Decimal(0))
        if typed is None or typed == round_half_up(base, 1):  # the slider stands where it was put
            return Decimal(0), base
        whole = WIDE.divide(WIDE.add(HUNDRED, typed), WIDE.add(HUNDRED, base))
        return WIDE.multiply(WIDE.subtract(whole, Decimal(1)), HUNDRED), typed

    def _numerator_slider(self, supposed: Supposed) -> dict[str, Any]:
        extras = [need.extra for need in supposed.needs if need.extra is not None]
        top = WIDE.add(self.now, max([*extras, abs(self.now) / 2], default=Decimal(0)))
        top = max(WIDE.multiply(top, Decimal("1.1")), supposed.numerator)
        marks = [("现", self.now)]
        for need in supposed.needs[:3]:
            if need.extra:
                marks.append((self._goal(need, short=True), WIDE.add(self.now, need.extra)))
        text, unit = amount_text(supposed.numerator, self.measure)
        return {
            "label": self.face.indicator.numerator_label or self.measure.name,
            "value": plain(round_half_up(supposed.numerator / self.size, 0)),
            "max": plain(round_half_up(top / self.size, 0)),
            "step": "1",
            "unit": self.unit,
            "text": f"{text} {unit}",
            "marks": [
                {"label": label, "text": self._short(value), "at": _percent(value, top)}
                for label, value in marks
            ],
        }

    def _growth_slider(self, growth: Decimal) -> dict[str, Any]:
        base = self.growth_now
        top = max(Decimal(15), (base or Decimal(0)) + 5)
        return {
            "label": self.face.indicator.denominator_label or "分母",
            "kind": "同比增速" if base is not None else "再增",
            "value": plain(round_half_up(growth, 1)),
            "min": plain(min(Decimal(0), round_half_up(base or Decimal(0), 0) - 5)),
            "max": plain(round_half_up(top, 0)),
            "text": f"{show_change(growth, 1)}%",
            "now": f"现 {show_change(base, 1)}%" if base is not None else "",
        }

    def _result(self, supposed: Supposed) -> dict[str, Any]:
        face, row = self.face, self.row
        return {
            "value": face.text(supposed.value),
            "unit": face.unit,
            "was": face.text(row.value),
            "place": supposed.place,
            "was_place": row.rank,
            "move": (row.rank - supposed.place) if row.rank and supposed.place else None,
            "lamp": supposed.lamp,
            "completion": share(supposed.completion),
            "numerator": " ".join(amount_text(supposed.numerator, self.measure)),
            "denominator": self._denominator(supposed),
        }

    def _denominator(self, supposed: Supposed) -> str:
        under = self.row.figure.denominator
        if supposed.denominator is None or under is None or not under.parts:
            return ""
        return " ".join(amount_text(supposed.denominator, under.parts[0][0]))

    def _need(self, need: Need) -> dict[str, Any]:
        return need_row(self.found, self.face, need)

    def _goal(self, need: Need, short: bool = False) -> str:
        return goal_words(self.found, need, short)

    def _short(self, value: Decimal) -> str:
        return show_number(round_half_up(value / self.size, 0), 0)

    def _forecast(self) -> dict[str, str] | None:
        return forecast_words(self.face, self.row)


def forecast_words(face: Face, row: Row) -> dict[str, str] | None:
    """The year-end range with its basis, or why there is none; None for figures that have no year end."""
    found = row.forecast
    if found is None:
        return None
    if isinstance(found, Refused):
        return {"refused": found.reason}
    low, high = face.text(found.low), face.text(found.high)
    unit = face.unit if face.unit == "%" else f" {face.unit}"
    ends = f"{low}{unit}" if low == high else f"{low}{unit}—{high}{unit}"
    return {"range": ends, "basis": found.basis_text, "low": low, "high": high}


def goal_words(found: Sheet, need: Need, short: bool = False) -> str:
    """年度目标, 追平第 7 位（岚川县）, 县区均值."""
    if need.kind == "target":
        return "到目标" if short else "到年度目标"
    if need.kind == "mean":
        return "到均值" if short else f"到{MEAN[found.table.level]}"
    names = "、".join(called(region) for region in found.table.regions if region.pk in need.keys)
    return f"追平{names}" if short else f"追平第 {need.place} 位（{names}）"


def need_row(found: Sheet, face: Face, need: Need) -> dict[str, Any]:
    """A row of 要多少: where to, at which value, how much is missing."""
    text, unit = need_text(need.extra, face.numerator) if need.extra else ("", "")
    return {
        "goal": goal_words(found, need),
        "ratio": face.text(need.ratio),
        "extra": f"+{text}" if need.extra and need.extra > 0 else text,
        "bare": text,
        "unit": unit,
        "reached": need.extra is not None and need.extra == 0,
    }


def _slider_unit(row: Row, measure: Measure) -> tuple[str, Decimal]:
    """(unit of the numerator slider, its size in stored units)."""
    if is_money(measure.unit):
        return "万元", convert(Decimal(1), "万元", measure.unit)
    return measure.unit, Decimal(1)


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return value if value is None or value.is_finite() else None


def _percent(value: Decimal, top: Decimal) -> str:
    return plain(round_half_up(value / top * 100, 1)) if top > 0 else "0"
