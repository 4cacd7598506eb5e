"""What leaves the room as files: the list of certificates, and the decision to award on official paper."""

import io
from collections.abc import Sequence
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from keshu.awards.certificates import awarded, certificates
from keshu.awards.models import Nomination, Round
from keshu.desk.awarding.rounds import round_of
from keshu.desk.guard import address, needs
from keshu.desk.reporting.papers import attachment
from keshu.directory.actors import Can
from keshu.journal import audit
from keshu.ledger.intake.writing import write_table
from keshu.reports.exports import MEDIA_TYPES
from keshu.reports.paper import PaperTable, TableCell, add_table, blank
from keshu.terms import clock
from keshu.terms.numerals import write as numeral

S = Nomination.State
HEADS = ("证书号", "等级", "成果名称", "获奖者", "排序", "类别", "工作单位")
#: A decision may be drafted from the final notice on; what was struck or passed over never stands in it.
DECIDED = (str(S.FINAL_NOTICE), str(S.APPROVED), str(S.AWARDED))


@require_GET
@needs(Can.HANDLE_AWARDS, Can.DECIDE_AWARDS)
def certificates_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Every certificate of a round as a workbook: units and people of each award in their order."""
    found = round_of(pk)
    rows = [(c.number, c.grade, c.title, c.holder, c.place, c.kind, c.unit) for c in certificates(found)]
    out = io.BytesIO()
    write_table(HEADS, rows, out, title=f"{found}证书清单", sheet="证书")
    name = f"{found}证书清单_{clock.today()}.xlsx"
    audit.note(
        request.actor,  # type: ignore[attr-defined]
        "导出",
        name,
        address=address(request),
        detail={"证书": len(rows)},
    )
    return attachment(out.getvalue(), name, MEDIA_TYPES["xlsx"])


@require_GET
@needs(Can.HANDLE_AWARDS, Can.DECIDE_AWARDS)
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision to award as a Word file; back to the round while nothing is in final notice."""
    found = round_of(pk)
    rows = awarded(found, *DECIDED)
    if not rows:
        return redirect("desk:award_round", pk=pk)
    name = f"授奖决定_{found}_{clock.today()}.docx"
    audit.note(request.actor, "导出", name, address=address(request), detail={"项": len(rows)})  # type: ignore[attr-defined]
    return attachment(decision_docx(found, rows), name, MEDIA_TYPES["docx"])


def decision_docx(found: Round, rows: Sequence[Nomination]) -> bytes:
    """The decision on paper (GB/T 9704): how many of which grade, then a table per grade with units and people in order."""
    paper = blank()
    prize = found.prize
    paper.add_paragraph(f"{prize.issuer}关于授予{found.years}年度{prize.name}的决定", style="公文标题")
    graded = [(label, list(group)) for label, group in groupby(rows, key=lambda row: row.get_grade_display())]
    said = "、".join(f"{label} {len(group)} 项".replace(" ", "") for label, group in graded)
    basis = f"根据{prize.doc_no}，" if prize.doc_no else ""
    draft = "" if all(row.state == S.AWARDED for row in rows) else "（稿）"
    paper.add_paragraph(
        f"{basis}经提名、形式审查、评审、表决和公示，决定授予{len(rows)}项成果{found.years}年度{prize.name}{draft}，"
        f"其中{said}。",
        style="公文正文",
    )
    for number, (label, group) in enumerate(graded, 1):
        paper.add_paragraph(f"{numeral(number)}、{label}（{len(group)}项）", style="公文一级")
        add_table(
            paper,
            PaperTable(
                caption="",
                first="序号",
                heads=(("成果名称", ""), ("完成单位", ""), ("完成人", "")),
                lines=[
                    (
                        str(place),
                        [
                            TableCell(row.title),
                            TableCell("，".join([row.unit_name, *map(str, row.other_units)])),
                            TableCell("，".join(w.name for w in row.people)),  # type: ignore[attr-defined]
                        ],
                    )
                    for place, row in enumerate(group, 1)
                ],
                widths=(14, 56, 48, 38),
            ),
        )
    paper.add_paragraph("", style="公文正文")
    paper.add_paragraph(prize.issuer, style="公文落款")
    days = {row.awarded_on for row in rows if row.awarded_on}
    day = max(days) if days else clock.today()
    paper.add_paragraph(f"{day.year}年{day.month}月{day.day}日", style="公文落款")
    properties = paper.core_properties
    properties.author = properties.last_modified_by = "科枢"
    properties.title = f"{found}授奖决定{draft}"
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()
