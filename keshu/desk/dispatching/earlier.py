"""A table as of an earlier moment, beside the one of now: which cells differ, old and new."""

from dataclasses import dataclass

from keshu.desk.dispatching.asking import Asked
from keshu.desk.dispatching.faces import Face, called, table_faces
from keshu.desk.dispatching.sheet import Sheet, compute, root_region
from keshu.figures.dispatch import Dispatch, NoSuchDispatch, Row
from keshu.journal import moments
from keshu.reports.wording import minute_words
from keshu.terms.text import clean_name


@dataclass(frozen=True)
class Difference:
    """A cell that reads otherwise now. ``href`` opens the figure's trace of now."""

    region: str
    indicator: str
    old: str
    new: str
    href: str


def differences(sheet: Sheet) -> list[Difference] | None:
    """Old → new of every cell the reader may open; None where the table is the present one."""
    if not sheet.asked.asof or sheet.table.revision == moments.latest():
        return [] if sheet.asked.asof else None
    try:
        now = compute(sheet.asked.changed(asof=""), root_region())
    except (NoSuchDispatch, LookupError):
        return []
    then_faces = _by_code(sheet.table)
    found = []
    for code, new_face in _by_code(now).items():
        old_face = then_faces.get(code)
        for region_id, row in new_face.rows.items():
            if not sheet.opens(region_id):
                continue
            before = old_face.rows.get(region_id) if old_face else None
            found += _differs(sheet, old_face, before, new_face, row)
    return found


def _by_code(table: Dispatch) -> dict[str, Face]:
    columns, leading = table_faces(table)
    return {face.indicator.code: face for face in (*leading, *columns)}


def _differs(
    sheet: Sheet, old_face: Face | None, before: Row | None, face: Face, row: Row
) -> list[Difference]:
    """One cell: value, target, lamp and place that read otherwise, old and new side by side."""
    pairs = [
        (_value(old_face, before), _value(face, row)),
        (_target(old_face, before), _target(face, row)),
        (before.lamp.word if before and before.lamp else "", row.lamp.word if row.lamp else ""),
        (f"第 {before.rank} 位" if before and before.rank else "", f"第 {row.rank} 位" if row.rank else ""),
    ]
    moved = [(old, new) for old, new in pairs if old != new]
    if not moved:
        return []
    page, _ = sheet.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
    old, new = ("，".join(filter(None, side)) or "无" for side in zip(*moved, strict=True))
    return [Difference(called(row.region), face.indicator.short_name, old, new, page)]


def _target(face: Face | None, row: Row | None) -> str:
    return f"目标 {face.target(row)}" if face and row and row.target is not None else ""


def _value(face: Face | None, row: Row | None) -> str:
    if face is None or row is None:
        return ""
    return row.missing if row.value is None else f"{face.text(row.value)} {face.unit}".strip()


def strip(sheet: Sheet, found: list[Difference] | None) -> dict[str, object] | None:
    """The ink strip over a table of an earlier moment; None where the table is the present one."""
    if found is None:
        return None
    asked: Asked = sheet.asked
    return {
        "moment": clean_name(asked.asof) if asked.asof[:1] in "rR" else minute_words(sheet.table.as_of),
        "differences": len(found),
        "diff_href": asked.address(diff="" if asked.diff else "1"),
        "now_href": asked.address(asof="", diff=""),
    }
