"""Papers of a dispatch meeting on official paper: the notice, one page per county and all of them together, the minutes.

Notice and minutes follow GB/T 9704-2012 (the minutes its 10.3: the mark of the minutes in red, 出席、请假 named after the text).
Figures are those of the meeting's own revision, whose code stands on every paper.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor

from keshu.directory.models import Region
from keshu.duties.models import PENDING, Order
from keshu.figures.dispatch import Dispatch, Row
from keshu.figures.instead import columns_shown
from keshu.figures.reading import NOT_APPLICABLE
from keshu.meetings.minutes import Standing
from keshu.meetings.models import AgreedItem, Attendee, Meeting, Request
from keshu.reports import heading
from keshu.reports.conclusions import conclusion, row_amount, spoken
from keshu.reports.letters import paper_bytes
from keshu.reports.paper import (
    BODY_FACE,
    HEAD_FACE,
    SIZE_4,
    TITLE_CHARACTERS,
    TITLE_FACE,
    PaperTable,
    TableCell,
    add_table,
    blank,
    head_line,
    set_face,
)
from keshu.reports.wording import day_words, lamp_words, minute_words, reached, share, tight
from keshu.terms import clock, numerals

RED = RGBColor(0xC0, 0x00, 0x00)
WEEKDAYS = "一二三四五六日"
#: The mark of minutes: as large as one line of the text's width takes.
MARK_SIZE = Pt(32)


@dataclass(frozen=True)
class CountyPaper:
    """What stands on the page of one county or office: its rows, what it answered, its open orders, what it held last time."""

    name: str
    region: Region | None
    requests: Sequence[Request]
    orders: Sequence[Order] = field(default=())
    carried: Sequence[Standing] = field(default=())


# ---- the notice ---------------------------------------------------------------------------------------------


def when_words(moment: datetime) -> str:
    """2026年10月20日（星期二）9时; 9时30分."""
    local = moment.astimezone(clock.TZ)
    minutes = f"{local.minute}分" if local.minute else ""
    return f"{day_words(local)}（星期{WEEKDAYS[local.weekday()]}）{local.hour}时{minutes}"


def notice_docx(
    meeting: Meeting,
    attendees: Sequence[Attendee],
    requests: Sequence[Request],
    *,
    issuer: str,
    most: int,
    at: datetime,
) -> bytes:
    """The notice of a meeting: when, where, who chairs, who speaks in which order, which causes and measures are asked by when.

    ``attendees`` in the order of speaking with their units, ``requests`` with units; ``most`` characters per answer.
    """
    paper = blank()
    if meeting.notice_no:
        paper.add_paragraph(meeting.notice_no, style="公文落款")
        paper.add_paragraph("")
    title = f"关于召开{meeting.title}的通知"
    # A title of two lines is broken where its sense breaks, not inside its last word.
    lines = [title] if len(title) <= TITLE_CHARACTERS else ["关于召开", title.removeprefix("关于召开")]
    for line in lines:
        paper.add_paragraph(line, style="公文标题")
    paper.add_paragraph("")
    paper.add_paragraph("各参会单位：", style="Normal")
    opening = (
        f"定于{day_words(meeting.held_at.astimezone(clock.TZ))}召开{meeting.title}，现将有关事项通知如下。"
    )
    paper.add_paragraph(tight(opening), style="公文正文")
    parts = [("时间", f"{when_words(meeting.held_at)}。"), ("地点", f"{meeting.place}。")]
    if meeting.chair:
        parts.append(("主持", f"{meeting.chair.name}。"))
    parts.append(("参会单位和发言", f"参会单位{len(attendees)}个，发言顺序见附件1。"))
    if meeting.agenda:
        parts.append(("议程", meeting.agenda))
    if requests:
        parts.append(
            (
                "会前材料",
                f"附件2所列{len(requests)}个项次，请有关单位于{day_words(meeting.answer_by)}前报原因和措施，"
                f"每个项次不超过{most}字。逾期未报的在会上通报。",
            )
        )
    for number, (head, text) in enumerate(parts, 1):
        paper.add_paragraph(f"{numerals.write(number)}、{head}", style="公文一级")
        for line in text.splitlines():
            paper.add_paragraph(tight(line), style="公文正文")
    paper.add_paragraph("")
    paper.add_paragraph("附件：1.参会单位和发言顺序", style="公文正文")
    if requests:
        paper.add_paragraph("　　　2.请报原因措施的项次", style="公文正文")
    paper.add_paragraph("")
    paper.add_paragraph(issuer, style="公文落款")
    paper.add_paragraph(day_words(meeting.notified_on or at), style="公文落款")
    paper.add_page_break()
    paper.add_paragraph("附件1", style="Normal")
    add_table(paper, _speakers_table(attendees))
    if requests:
        paper.add_page_break()
        paper.add_paragraph("附件2", style="Normal")
        add_table(paper, _asked_table(meeting, requests))
    return paper_bytes(paper, title, at)


def _speakers_table(attendees: Sequence[Attendee]) -> PaperTable:
    speaking = [row for row in attendees if row.speaks]
    places = {row.pk: str(number) for number, row in enumerate(speaking, 1)}
    ordered = [*speaking, *(row for row in attendees if not row.speaks)]
    return PaperTable(
        "参会单位和发言顺序",
        [("单位", ""), ("参会人", ""), ("发言顺序", "")],
        [
            (
                str(n),
                [TableCell(row.unit.name), TableCell(row.name or "—"), TableCell(places.get(row.pk, "列席"))],
            )
            for n, row in enumerate(ordered, 1)
        ],
        first="序号",
        widths=(14, 72, 44, 26),
    )


def _asked_table(meeting: Meeting, requests: Sequence[Request]) -> PaperTable:
    return PaperTable(
        "请报原因措施的项次",
        [("项次", ""), ("亮灯", ""), ("完成率", ""), ("答复单位", ""), ("期限", "")],
        [
            (
                str(number),
                [
                    TableCell(one.title),
                    TableCell(one.lamp_word),
                    TableCell(one.done or "—"),
                    TableCell(one.unit.name if one.unit else ""),
                    TableCell(f"{one.due_on.month}月{one.due_on.day}日"),
                ],
            )
            for number, one in enumerate(requests, 1)
        ],
        [_figures_note(meeting)],
        first="序号",
        widths=(12, 48, 16, 18, 40, 22),
    )


def _figures_note(meeting: Meeting) -> str:
    if not meeting.revision:
        return "还没有取数。"
    taken = meeting.taken_at.astimezone(clock.TZ) if meeting.taken_at else None
    return f"数据截至{minute_words(taken)}，复现码{meeting.code}"


# ---- one page per county ------------------------------------------------------------------------------------


def compilation_docx(
    meeting: Meeting, table: Dispatch, papers: Sequence[CountyPaper], *, at: datetime, today: date
) -> bytes:
    """一县一页 of all counties and offices, each on a sheet of its own, the summary of answers before them."""
    paper = blank()
    head_line(paper, f"{meeting.title}　{_figures_note(meeting)}")
    single = len(papers) == 1
    title = f"{meeting.title}材料" if not single else f"{meeting.title}材料（{papers[0].name}）"
    if not single:
        paper.add_paragraph(title, style="公文标题")
        paper.add_paragraph(f"（{table.period.label}）", style="公文副题")
        _summary(paper, table, papers, today)
    for number, one in enumerate(papers):
        _county(paper, table, one, today, new_sheet=not single or number > 0)
    return paper_bytes(paper, title, at)


def _summary(paper: Paper, table: Dispatch, papers: Sequence[CountyPaper], today: date) -> None:
    said = spoken(conclusion(table))
    if said:
        paper.add_paragraph(said, style="公文正文")
    asked = [request for one in papers for request in one.requests]
    answered = [one for one in asked if one.state == Request.State.ANSWERED]
    words = f"问原因措施{len(asked)}项，已答{len(answered)}项。" if asked else "这次会没有问原因措施。"
    late = sorted({one.unit.name for one in asked if one.unit and one.late(today)})
    if late:
        words += f"逾期的：{'、'.join(late)}。"
    paper.add_paragraph(words, style="公文正文")
    lines = [
        (
            str(number),
            [
                TableCell(one.name),
                TableCell("、".join(_short(request, one.name) for request in one.requests) or "没有问"),
                TableCell(_answers(one.requests, today)),
                TableCell(str(len(one.orders)) if one.orders else "0"),
            ],
        )
        for number, one in enumerate(papers, 1)
    ]
    heads = [("单位", ""), ("问了的项次", ""), ("原因措施", ""), ("在办督办", "件")]
    add_table(paper, PaperTable("各单位情况", heads, lines, first="序号", widths=(12, 40, 58, 28, 18)))


def _short(request: Request, name: str) -> str:
    return f"{request.title.removeprefix(name)}（{request.lamp_word}）"


def _answers(requests: Sequence[Request], today: date) -> str:
    if not requests:
        return "—"
    answered = sum(1 for one in requests if one.state == Request.State.ANSWERED)
    late = sum(1 for one in requests if one.late(today))
    return f"已答{answered}项，共{len(requests)}项" + (f"，逾期{late}项" if late else "")


def _county(paper: Paper, table: Dispatch, one: CountyPaper, today: date, *, new_sheet: bool) -> None:
    """One sheet: figures, causes and measures, open orders, what it took on last time; everything in tables, so that it fits."""
    title = paper.add_paragraph(one.name, style="公文标题")
    # A paragraph with nothing but a break would fall behind a full sheet and leave an empty one.
    title.paragraph_format.page_break_before = new_sheet
    if one.region is not None:
        rows = _rows_of(table, one.region)
        if rows:
            add_table(paper, _figures(rows))
    if one.requests:
        _causes(paper, one.requests, today)
    if one.orders:
        _orders(paper, one.orders, today)
    carried_table(paper, one.carried)


def _rows_of(table: Dispatch, region: Region) -> list[Row]:
    """The rows of a region in the order of the scheme, the leading ones behind; what it never has is left out."""
    own = [row for column in columns_shown(table) for row in column.rows if row.region.pk == region.pk]
    shown = {row.indicator.pk for row in own}
    leading = [row for row in table.leading_rows if row.indicator.pk not in shown]
    return [row for row in (*own, *leading) if row.region.pk == region.pk and row.missing != NOT_APPLICABLE]


def _figures(rows: Iterable[Row]) -> PaperTable:
    lines = []
    for row in rows:
        value = heading.reason(row) if row.value is None else str(row_amount(row))
        growth = row.indicator.change_as_growth
        done = reached(row) if row.fixed else "" if growth else share(row.completion)
        period = row.figure.period
        when = f"{period.label}已定" if row.fixed else period.short_label
        lines.append(
            (
                row.indicator.short_name,
                [
                    TableCell(when),
                    TableCell(value),
                    TableCell(heading.target_words(row.indicator, row.target) or "—"),
                    TableCell(done or "—"),
                    TableCell(lamp_words(row.lamp) or "—"),
                    TableCell(_place(row)),
                ],
            )
        )
    heads = [("数据期间", ""), ("数值", ""), ("目标", ""), ("完成", ""), ("灯", ""), ("位次", "")]
    return PaperTable("指标和位次", heads, lines, first="指标", widths=(34, 27, 26, 20, 16, 16, 17))


def _place(row: Row) -> str:
    if not row.region.is_ranked:
        return "不排位"
    return f"{'并列' if row.tied else ''}{row.rank}/{row.of}" if row.rank else "—"


def _causes(paper: Paper, requests: Sequence[Request], today: date) -> None:
    lines = []
    for one in requests:
        late = one.late(today)
        answered = one.state == Request.State.ANSWERED
        day = one.answered_on if answered else None
        state = f"{day.month}月{day.day}日答" if day else one.get_state_display()
        lines.append(
            (
                one.title,
                [
                    TableCell(one.lamp_word, one.done),
                    TableCell(_flat(one.cause) if answered else "—"),
                    TableCell(_flat(one.measures) if answered else "—"),
                    TableCell(state, f"逾期{late}天" if late else ""),
                ],
            )
        )
    heads = [("灯", ""), ("原因", ""), ("措施", ""), ("答复", "")]
    add_table(paper, PaperTable("原因和措施", heads, lines, first="项次", widths=(30, 14, 46, 46, 20)))
    _to_the_left(paper, 2, 3)


def _to_the_left(paper: Paper, *columns: int) -> None:
    """Sentences in a cell begin at its left edge; the cells of the last table's columns, its head excepted."""
    for row in paper.tables[-1].rows[1:]:
        for column in columns:
            for paragraph in row.cells[column].paragraphs:
                if len(paragraph.text) > 1:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT


def _flat(text: str) -> str:
    return "".join(line.strip() for line in text.splitlines())


def _orders(paper: Paper, orders: Sequence[Order], today: date) -> None:
    lines = []
    for one in orders:
        late = (today - one.due_on).days if one.state in PENDING else 0
        state = TableCell(Order.State(one.state).label, f"超期{late}天" if late > 0 else "")
        lines.append((one.number, [TableCell(one.what), TableCell(one.due_on.isoformat()), state]))
    heads = [("事项", ""), ("完成时限", ""), ("状态", "")]
    # The figures of the page are those of the meeting's day; orders go on, so their day is said.
    title = f"在办督办（{today.isoformat()} 的状态）"
    add_table(paper, PaperTable(title, heads, lines, first="编号", widths=(28, 82, 26, 20)))
    _to_the_left(paper, 1)


def carried_table(paper: Paper, carried: Sequence[Standing], caption: str = "上次议定事项") -> None:
    """上次议定事项 with their state; nothing where there are none."""
    if not carried:
        return
    lines = [
        (
            str(one.item.order),
            [
                TableCell(one.item.text),
                TableCell(one.item.holder.name),
                TableCell(one.item.due_on.isoformat()),
                TableCell(one.word, f"{one.days_late}天" if one.days_late else ""),
            ],
        )
        for one in carried
    ]
    heads = [("事项", ""), ("承办单位", ""), ("时限", ""), ("状态", "")]
    add_table(paper, PaperTable(caption, heads, lines, first="序号", widths=(12, 64, 38, 24, 18)))
    _to_the_left(paper, 1)


# ---- minutes ------------------------------------------------------------------------------------------------


def overall_words(
    meeting: Meeting, table: Dispatch | None, attendees: Sequence[Attendee], agreed: int
) -> str:
    """The first words of the minutes, composed from facts: when, where, who chaired, what was reported, who spoke, how much was
    agreed. What the clerk writes instead stands instead."""
    held = meeting.opened_at or meeting.held_at
    local = held.astimezone(clock.TZ)
    chair = meeting.chair.name if meeting.chair else ""
    opening = (
        f"{day_words(local)}，{chair}在{meeting.place}主持召开{meeting.title}。"
        if chair
        else f"{day_words(local)}，在{meeting.place}召开{meeting.title}。"
    )
    spoke = [row.unit.name for row in attendees if row.speaks and row.came in ("", Attendee.Came.YES)]
    said = [opening]
    if table is not None:
        sentence = spoken(conclusion(table))
        said.append(f"会议通报了{table.period.label}{table.scheme.name}情况。{sentence}")
    heard = f"会议听取了{'、'.join(spoke)}的发言，" if spoke else "会议"
    said.append(f"{heard}议定{agreed}项工作。")
    return tight("\n".join(said))


def minutes_docx(
    meeting: Meeting,
    items: Sequence[AgreedItem],
    attendees: Sequence[Attendee],
    *,
    overall: str,
    helpers: Mapping[int, Sequence[str]],
    carried: Sequence[Standing] = (),
    issuer: str,
    at: datetime,
) -> bytes:
    """The minutes: their mark, number and day, what the meeting amounted to, every agreed item with holder and day, who was there.

    ``helpers``: agreed item → names of the units that help. A paper that is not issued says （稿）.
    """
    paper = blank()
    issued = meeting.state == Meeting.State.ISSUED
    on = meeting.issued_on or at.astimezone(clock.TZ).date()
    _mark(paper, issuer)
    number = meeting.minutes_no or ("" if issued else "（稿）")
    if number:
        centred = paper.add_paragraph(number, style="Normal")
        centred.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _issuer_line(paper, issuer, day_words(on))
    paper.add_paragraph("")
    paper.add_paragraph(f"{meeting.title}纪要{'' if issued else '（稿）'}", style="公文标题")
    paper.add_paragraph("")
    for line in overall.splitlines():
        if line.strip():
            paper.add_paragraph(line.strip(), style="公文正文")
    paper.add_paragraph("会议议定：", style="公文正文")
    for place, item in enumerate(items, 1):
        helped = f"配合单位：{'、'.join(helpers.get(item.pk, ()))}；" if helpers.get(item.pk) else ""
        text = item.text.rstrip("。；")
        paragraph = paper.add_paragraph(f"{numerals.write(place)}、{text}。", style="公文正文")
        paragraph.add_run(f"承办单位：{item.holder.name}；{helped}完成时限：{day_words(item.due_on)}。")
    carried_table(paper, carried)
    paper.add_paragraph("")
    for head, names in _there(meeting, attendees):
        there = paper.add_paragraph(style="公文正文")
        set_face(there.add_run(f"{head}："), HEAD_FACE)
        there.add_run("、".join(names))
    _colophon(paper, issuer, day_words(on), issued)
    return paper_bytes(paper, f"{meeting.title}纪要", at)


def _mark(paper: Paper, issuer: str) -> None:
    """The red mark of minutes: 青禾市科学技术局会议纪要."""
    line = paper.add_paragraph(style="公文标题")
    line.paragraph_format.line_spacing = Pt(48)
    line.paragraph_format.space_after = Pt(6)
    text = f"{issuer}会议纪要"
    run = line.add_run(text)
    # 156 mm hold so many characters of this size in one line; a longer name takes smaller ones.
    run.font.size = min(MARK_SIZE, Pt(int(442 / len(text)))) if len(text) > 13 else MARK_SIZE
    run.font.color.rgb = RED
    set_face(run, TITLE_FACE)


def _issuer_line(paper: Paper, issuer: str, day: str) -> None:
    """Who issues at the left, the day at the right, a red rule below."""
    line = paper.add_paragraph(style="Normal")
    properties = line._p.get_or_add_pPr()
    properties.append(
        parse_xml(
            f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="12" w:space="4" w:color="C00000"/></w:pBdr>'
        )
    )
    properties.append(parse_xml(f'<w:tabs {nsdecls("w")}><w:tab w:val="right" w:pos="8844"/></w:tabs>'))
    line.add_run(f"{issuer}\t{day}")


def _there(meeting: Meeting, attendees: Sequence[Attendee]) -> list[tuple[str, list[str]]]:
    """出席、请假、缺席 with unit and person; whoever was not noted counts as there."""
    found: dict[str, list[str]] = {"出席": [], "请假": [], "缺席": []}
    if meeting.chair:
        found["出席"].append(meeting.chair.name)
    words = {Attendee.Came.LEAVE: "请假", Attendee.Came.NO: "缺席"}
    for row in attendees:
        said = f"{row.unit.name}{f'（{row.name}）' if row.name else ''}"
        found[words.get(Attendee.Came(row.came), "出席")].append(said)
    return [(head, names) for head, names in found.items() if names]


def _colophon(paper: Paper, issuer: str, day: str, issued: bool) -> None:
    """版记: who issued and when, between two rules, at the end of the text."""
    paper.add_paragraph("")
    line = paper.add_paragraph(style="Normal")
    properties = line._p.get_or_add_pPr()
    properties.append(
        parse_xml(
            f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="8" w:space="3" w:color="000000"/>'
            '<w:bottom w:val="single" w:sz="8" w:space="3" w:color="000000"/></w:pBdr>'
        )
    )
    properties.append(parse_xml(f'<w:tabs {nsdecls("w")}><w:tab w:val="right" w:pos="8844"/></w:tabs>'))
    run = line.add_run(f"　{issuer}\t{day}{'印发' if issued else '（稿）'}　")
    run.font.size = SIZE_4
    set_face(run, BODY_FACE)
