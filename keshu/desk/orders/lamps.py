"""A row of the dispatch as the origin of an order: 当期 and 先行 figures only, an 已定 one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404

from keshu.desk.dispatching.asking import Asked, at
from keshu.desk.dispatching.faces import Face, amount_text, called
from keshu.desk.dispatching.indicators import face_of, in_scheme, subject_row
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, sheet
from keshu.directory.actors import Actor
from keshu.duties.issuing import Origin
from keshu.duties.models import Order
from keshu.figures.dispatch import Row
from keshu.reports.wording import share


@dataclass(frozen=True)
class LampRow:
    """What an order takes over from a row: the origin, the matter as it may be asked, whose region it is, where it opens."""

    origin: Origin
    what: str
    subject: str
    region_id: int
    href: str

    @property
    def settled(self) -> bool:
        """已定: an annual figure of a year that is over."""
        return self.origin.settled


def lamp_row(query: Mapping[str, str], actor: Actor) -> LampRow:
    """The row an address asks for (scheme, period, name, subject); Http404 where there is none or the reader may not open it."""
    asked = Asked.of(query)
    try:
        asked = in_scheme(asked)
        found = sheet(asked.changed(open=asked.name, lamp="", group="", sort="value", view="table"), actor)
    except (*REFUSALS, NothingHeld) as refusal:
        raise Http404(str(refusal)) from refusal
    face = face_of(found, asked.name)
    row = subject_row(found, face, asked, actor)
    if not found.opens(row.region.pk):
        raise Http404(f"{row.region.name}的这个数不归现在的岗位看。")
    return _of(found, face, row)


def _of(found: Sheet, face: Face, row: Row) -> LampRow:
    indicator, period = face.indicator, row.figure.period
    subject = f"{called(row.region)} {indicator.short_name}"
    settled = face.fixed
    parts = [f"{found.table.scheme.name} {period.label}：{subject} {_value(face, row)}"]
    if row.target is not None:
        parts.append(f"目标 {_with_unit(face.target(row), face.unit)}")
    if row.completion is not None and not settled:
        parts.append(f"完成 {share(row.completion)}")
    if row.lamp is not None and not settled:
        parts.append(
            f"亮“{row.lamp.word}”（{row.lamp.reason}）" if row.lamp.reason else f"亮“{row.lamp.word}”"
        )
    ref = "|".join(
        ("dispatch", found.table.scheme.code, indicator.code, row.region.code, found.table.period.code)
    )
    return LampRow(
        Origin(str(Order.Kind.LAMP), ref, "，".join(parts), settled=settled),
        f"{subject}：赶上应到进度",
        subject,
        row.region.pk,
        at(
            "desk:indicator",
            found.asked.query(name=face.named.code, subject=row.region.code, open="", whatif=""),
        ),
    )


def _value(face: Face, row: Row) -> str:
    if face.shows_amount(row):
        text, unit = amount_text(row.figure.numerator.value, face.numerator)  # type: ignore[arg-type]
        return _with_unit(text, unit)
    return _with_unit(face.text(row.value), face.unit) if row.value is not None else row.missing


def _with_unit(text: str, unit: str) -> str:
    return f"{text}%" if unit == "%" else f"{text} {unit}".strip()
