"""What a preview shows: staged rows with names instead of keys, the publications touched, the sentence that sums it up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q

from keshu.desk.shell import href
from keshu.figures.book import Book
from keshu.figures.imports.applying import WRITES, pending_notes
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.models import Measure, Release
from keshu.terms.period import Period
from keshu.terms.quantity import convert, plain, unscale

MOST_PUBLICATIONS = 50


@dataclass(frozen=True)
class Line:
    """One row of the preview; ``trace`` is (page, fragment) where the figure is already held, else None twice."""

    row: StagedRow
    measure: str
    region: str
    period: str
    unit: str
    before: str
    after: str
    words_only: bool
    trace: tuple[str | None, str | None]


def lines_of(rows: Iterable[StagedRow], definitions: Book, *, applied: bool) -> list[Line]:
    """Lines for a page of staged rows; the book of definitions is the only look-up."""
    page, card = href("desk:trace"), href("desk:trace_card")
    lines = []
    for row in rows:
        measure = definitions.measures.get(row.measure_id) if row.measure_id else None
        region = definitions.regions.get(row.subject_id) if row.subject_id else None
        held = applied or row.verdict in (Verdict.CHANGED, Verdict.IDENTICAL)
        trace: tuple[str | None, str | None] = (None, None)
        if page and card and measure and region and held:
            query = urlencode({"name": measure.code, "region": region.code, "period": row.period})
            trace = (f"{page}?{query}", f"{card}?{query}")
        lines.append(
            Line(
                row,
                measure.name if measure else "",
                region.short_name if region else "",
                Period.parse(row.period).label if row.period else "",
                measure.shown_unit if measure else "",
                _shown(measure, row.before),
                _shown(measure, row.scaled),
                row.verdict == Verdict.CHANGED and row.before == row.scaled,
                trace,
            )
        )
    return lines


def _shown(measure: Measure | None, scaled: int | None) -> str:
    if measure is None or scaled is None:
        return ""
    return plain(convert(unscale(scaled, measure.decimals), measure.unit, measure.shown_unit))


def publications_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """The publications that confirming writes to (or has written to), with how many values, the first fifty."""
    counted = (
        StagedRow.objects.filter(batch=batch, verdict__in=WRITES)
        .order_by("release")
        .values_list("release")
        .annotate(
            new=Count("pk", filter=Q(verdict=Verdict.NEW)),
            changed=Count("pk", filter=Q(verdict=Verdict.CHANGED)),
        )
    )
    kinds = dict(Release.Kind.choices)
    return [
        {
            **batch.releases[number],
            "kind": kinds[batch.releases[number]["kind"]],
            "added": new,
            "altered": changed,
        }
        for number, new, changed in counted[:MOST_PUBLICATIONS]
    ]


def notes_of(batch: ImportBatch) -> list[str]:
    """What was passed over or assumed, and what the definitions will say from now on."""
    notes = list(batch.notes)
    if batch.state == ImportBatch.State.READY:
        for measure, fresh in pending_notes(batch).items():
            notes.append(f"“{measure.name}”的口径说明将加上：{'；'.join(fresh)}")
    return notes


def lead_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """结论句: what confirming will do, or what it did."""
    counts = {verdict: batch.counts.get(verdict, 0) for verdict in Verdict.values}
    writes = counts["new"] + counts["changed"]
    parts: list[dict[str, Any]] = []
    if batch.state == ImportBatch.State.APPLIED:
        if batch.revision is None:
            parts.append({"text": "全部相同，没有要改的，没有占修订号。"})
        else:
            parts += [
                {"text": "已导入 "},
                {"text": f"{writes} 个数", "strong": True},
                {"text": f"，修订号 r{batch.revision}。点数值看出处。"},
            ]
    elif writes:
        said = [
            f"{word} {counts[key]} 个" for word, key in (("新增", "new"), ("改动", "changed")) if counts[key]
        ]
        parts += [
            {"text": "确认后写入 "},
            {"text": f"{writes} 个数", "strong": True},
            {"text": f"：{'、'.join(said)}。"},
        ]
    elif counts["identical"] or not counts["refused"]:
        parts.append(
            {"text": "读得了的都相同，没有要改的。" if counts["refused"] else "全部相同，没有要改的。"}
        )
    else:
        parts.append({"text": "没有能写入的数。"})
    if counts["refused"]:
        parts += [
            {"text": "拒收 "},
            {"text": f"{counts['refused']} 行", "strong": True},
            {"text": "，改好再传。"},
        ]
    if counts["empty"]:
        parts.append({"text": f"空缺 {counts['empty']} 个，不动原来的数。"})
    return parts
