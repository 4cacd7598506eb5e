"""结论句 of a sheet: the sentence that reports compose, with its figures opening to their traces."""

from typing import Any

from keshu.desk.dispatching.sheet import Sheet
from keshu.reports.conclusions import conclusion


def lead_of(found: Sheet, shown: set[int] | None = None) -> list[dict[str, Any]]:
    """The parts of the sentence as the page writes them; [] where there is nothing to say.

    A reader who sees only some regions gets a sentence about these.
    """
    if shown is None and len(found.sight.whole) < len(found.table.regions):
        shown = set(found.sight.whole)
    if shown is not None and not shown:
        return []
    regions = {region.code: region for region in (*found.table.regions, found.table.parent)}
    periods = {face.indicator.code: face.column.period.code for face in (*found.leading, *found.columns)}
    parts = []
    for segment in conclusion(found.table, shown):
        region = regions.get(segment.region)
        part: dict[str, Any] = {"text": segment.text, "strong": segment.strong, "wide": segment.wide}
        if segment.opens and region is not None and found.opens(region.pk) and segment.indicator in periods:
            part["href"], part["trace"] = found.doors.figure(
                segment.indicator, region.code, periods[segment.indicator]
            )
        parts.append(part)
    return parts
