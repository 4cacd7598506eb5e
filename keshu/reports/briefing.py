"""调度简报: the dispatch told on official paper. Every sentence is composed from facts of the table; no adjective is added."""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from docxtpl import DocxTemplate

from keshu.figures.dispatch import Column, Dispatch, Row
from keshu.figures.instead import ShownColumn, columns_shown, leading_columns, rows_shown
from keshu.reports import heading
from keshu.reports.archives import steady
from keshu.reports.conclusions import conclusion, moved, row_amount, spoken
from keshu.reports.paper import TITLE_CHARACTERS, PaperTable, TableCell, place_tables, template
from keshu.reports.printable import PrintedCell, printed_table
from keshu.reports.wording import change_words, day_words, indicator_amount, minute_words, share, tight
from keshu.terms import numerals

#: Columns that one table on a page of 156 mm holds at most; more are shared out over equal tables.
COLUMNS_ON_PAPER = 6
ORDER_OF_LAMPS = ("late", "slow", "near")


@dataclass(frozen=True)
class Part:
    """A paragraph with its run-in head, or a table (its number)."""

    head: str = ""
    text: str = ""
    table: int | None = None


@dataclass(frozen=True)
class Section:
    """一、总体情况 and its parts."""

    head: str
    parts: Sequence[Part]


@dataclass
class Briefing:
    """The whole content of a briefing, before it is set."""

    title: str
    second_title: str
    subtitle: str
    carried: str
    issuer: str
    date: str
    sections: list[Section] = field(default_factory=list)
    tables: list[PaperTable] = field(default_factory=list)


def briefing_docx(table: Dispatch, shown: set[int] | None = None, issuer: str = "") -> bytes:
    """The briefing of a table as a Word file; the same bytes for the same table within one version."""
    return typeset(compose(table, shown, issuer), table)


def typeset(content: Briefing, table: Dispatch) -> bytes:
    """Set a briefing on paper."""
    document = DocxTemplate(io.BytesIO(template()))
    whole = f"{content.title}{content.second_title}"
    document.render(
        {
            "title": content.title if len(whole) > TITLE_CHARACTERS else whole,
            "second_title": content.second_title if len(whole) > TITLE_CHARACTERS else "",
            "subtitle": content.subtitle,
            "carried": content.carried,
            "issuer": content.issuer,
            "date": content.date,
            "sections": content.sections,
        },
        autoescape=True,
    )
    place_tables(document.docx, content.tables)
    properties = document.docx.core_properties
    properties.author = properties.last_modified_by = "科枢"
    properties.title, properties.comments, properties.revision = whole, heading.replay_code(table), 1
    out = io.BytesIO()
    document.docx.save(out)
    return steady(out.getvalue(), table.as_of)


def compose(table: Dispatch, shown: set[int] | None = None, issuer: str = "") -> Briefing:
    """What the briefing says. ``shown`` limits it to these subjects; ``issuer`` stands above the date."""
    content = Briefing(
        title=heading.title(table),
        second_title="调度简报",
        subtitle=f"（{table.period.label}）",
        carried=_carried(table),
        issuer=issuer,
        date=day_words(table.as_of),
    )
    sections: list[tuple[str, list[Part]]] = [("总体情况", _overall(table, shown))]
    sections.append(
        ("指标情况", [*_told(table, columns_shown(table), shown), *_tables(content, table, shown)])
    )
    if table.leading:
        leading = [
            *_told(table, leading_columns(table), shown),
            *_tables(content, table, shown, leading=True),
        ]
        sections.append(("先行指标", leading))
    sections.append(("缺数说明", _lacking(table, shown)))
    sections.append(("口径说明", _definitions(table)))
    content.sections = [
        Section(f"{numerals.write(number)}、{head}", parts)
        for number, (head, parts) in enumerate(sections, 1)
    ]
    return content


def _carried(table: Dispatch) -> str:
    rule = "" if table.scheme.annual else f"　亮灯规则 {table.lamp_rule.name if table.lamp_rule else '未定'}"
    progress = heading.progress(table)
    pace = f"　序时进度 {progress}" if progress else ""
    return f"数据截至 {minute_words(table.as_of)}{pace}{rule}　复现码 {heading.replay_code(table)}"


def _overall(table: Dispatch, shown: set[int] | None) -> list[Part]:
    said = spoken(conclusion(table, shown))
    parts = [Part(text=said)] if said else []
    with_lamps = [row for row in heading.kept(rows_shown(table), shown) if row.lamp is not None]
    lit = [row for row in with_lamps if row.region.is_ranked]
    if lit and not table.scheme.annual:
        counts = Counter(row.lamp.word for row in lit if row.lamp)
        words = "、".join(f"{word}{number}个" for word, number in counts.most_common())
        own = [row for row in with_lamps if not row.region.is_ranked]
        beside = f"市本级等不排位的另有{len(own)}个。" if own else ""
        parts.append(Part(text=f"按“{heading.rule_name(table)}”亮灯：{words}。{beside}"))
    return parts


def _told(table: Dispatch, columns: Sequence[ShownColumn], shown: set[int] | None) -> list[Part]:
    parts = []
    for number, one in enumerate(columns, 1):
        text = paragraph(table, one.column, heading.kept(list(one.rows), shown))
        stands = f"（{heading.instead_words(one)}）" if one.instead else ""
        parts.append(
            Part(head=f"（{numerals.write(number)}）{one.column.indicator.name}{stands}。", text=text)
        )
    return parts


def paragraph(table: Dispatch, column: Column, rows: Sequence[Row]) -> str:
    """What there is to say of one indicator: the whole, the mean, first and last, who is behind, the biggest change, who is missing."""
    ranked = [row for row in rows if row.region.is_ranked]
    held = [row for row in ranked if row.value is not None]
    clauses = [_whole(table, column), _middle(table, column, held), _ends(held)]
    if not held and column.total_row is not None and column.total_row.value is None:
        clauses = []
    opening = "，".join(filter(None, clauses))
    fixed = "（已定）" if rows and rows[0].fixed else ""
    opened = f"{column.period.label}{fixed}，{opening}。" if opening else f"{column.period.label}{fixed}，"
    sentences = [opened, *_behind(ranked), _mover(held), _absent(ranked)]
    return tight("".join(filter(None, sentences)))


def _whole(table: Dispatch, column: Column) -> str:
    row = column.total_row
    if row is None:
        return ""
    name = "全市" if table.parent.level == "city" else table.parent.name
    if row.value is None:
        return f"{name}{heading.reason(row)}" if row.missing else ""
    note = heading.total_note(column)
    return f"{name}{row_amount(row)}{f'（{note}）' if note else ''}"


def _middle(table: Dispatch, column: Column, held: Sequence[Row]) -> str:
    if column.mean is None or len(held) < 2:
        return ""
    name = "县区均值" if table.level == "county" else "各地均值"
    return f"{name}{indicator_amount(column.indicator, column.mean)}"


def _ends(held: Sequence[Row]) -> str:
    placed = sorted((row for row in held if row.rank is not None), key=lambda row: row.rank or 0)
    if len(placed) < 2 or placed[0].rank == placed[-1].rank:
        return ""
    first = [row for row in placed if row.rank == placed[0].rank]
    last = [row for row in placed if row.rank == placed[-1].rank]
    return f"居首{_names(first)}{row_amount(first[0])}，居末{_names(last)}{row_amount(last[0])}"


def _names(rows: Sequence[Row]) -> str:
    return "、".join(row.region.name for row in rows)


def _behind(ranked: Sequence[Row]) -> list[str]:
    """Rows by lamp, the most severe first; for a fixed figure who reached its target and who did not."""
    if ranked and ranked[0].fixed:
        done = [row for row in ranked if row.met]
        short = [row for row in ranked if row.met is False]
        said = []
        if short:
            said.append(f"未达目标{len(short)}个：{_names(short)}。")
        if done:
            said.append(f"已达目标{len(done)}个：{_names(done)}。")
        return said
    said = []
    for level in ORDER_OF_LAMPS:
        rows = [
            row
            for row in ranked
            if row.value is not None and row.lamp is not None and row.lamp.level == level
        ]
        if rows and rows[0].lamp:
            each = "、".join(f"{row.region.name}（{row_amount(row)}{_done(row)}）" for row in rows)
            said.append(f"{rows[0].lamp.word}{len(rows)}个：{each}。")
    return said


def _done(row: Row) -> str:
    if row.completion is None or row.indicator.change_as_growth:
        return ""
    return f"，完成{share(row.completion)}"


def _mover(held: Sequence[Row]) -> str:
    """The biggest change against the same period of last year, and what made it."""
    movers = [row for row in held if row.change.value is not None]
    if not movers:
        return ""
    row = max(movers, key=lambda r: abs(r.change.value or Decimal(0)))
    words = change_words(row.change, row.indicator.unit, row.indicator.decimals)
    why = moved(row)
    mixes = "（两期取自不同发布）" if row.mixes else ""
    return f"与上年同期比变化最大的是{row.region.name}，{why or words}{mixes}。"


def _absent(ranked: Sequence[Row]) -> str:
    rows = [row for row in ranked if row.value is None]
    if not rows:
        return ""
    if len(rows) == len(ranked):
        reasons = "、".join(dict.fromkeys(heading.reason(row) for row in rows))
        return f"各地都还没有数：{reasons}。"
    by_reason: dict[str, list[Row]] = {}
    for row in rows:
        by_reason.setdefault(heading.reason(row), []).append(row)
    return "缺数：" + "；".join(f"{_names(group)}{reason}" for reason, group in by_reason.items()) + "。"


def _tables(
    content: Briefing, table: Dispatch, shown: set[int] | None, *, leading: bool = False
) -> list[Part]:
    """The table of the indicators, in pieces that fit on a page; each is captioned and placed after the text."""
    columns = leading_columns(table) if leading else columns_shown(table)
    name = "先行指标" if leading else "各项指标"
    parts = []
    note = heading.inside_note(table)
    pieces = -(-len(columns) // COLUMNS_ON_PAPER)
    each = -(-len(columns) // max(pieces, 1))
    for start in range(0, len(columns), max(each, 1)):
        printed = printed_table(table, columns[start : start + each], shown)
        number = len(content.tables)
        lines = [
            (region, [_on_paper(cell) for cell in cells]) for region, cells in (*printed.lines, *printed.foot)
        ]
        caption = f"表{number + 1}　{name}分地区情况" + ("（续）" if start else "")
        content.tables.append(PaperTable(caption, printed.heads, lines, [note] if note else []))
        parts.append(Part(table=number))
    return parts


def _on_paper(cell: PrintedCell) -> TableCell:
    second = "　".join(filter(None, (cell.lamp, cell.place)))
    return TableCell(cell.text, second)


def _lacking(table: Dispatch, shown: set[int] | None) -> list[Part]:
    lacking = heading.absences(table, shown)
    parts = []
    grouped: dict[tuple[str, str], list[str]] = {}
    for absence in lacking:
        grouped.setdefault((absence.indicator, absence.reason), []).append(absence.region)
    if grouped:
        text = "；".join(
            f"{name}：{'、'.join(regions)}，{reason}" for (name, reason), regions in grouped.items()
        )
        parts.append(Part(text=tight(f"{text}。缺数不按零计，不参加排位。")))
    else:
        parts.append(Part(text="本期没有缺数。"))
    mixed = heading.mixed(table, shown)
    if mixed:
        each = "、".join(f"{row.region.name}{row.indicator.short_name}" for row in mixed)
        parts.append(Part(text=f"两期数取自不同发布、变化含修订影响的：{each}。"))
    return parts


def _definitions(table: Dispatch) -> list[Part]:
    parts = []
    for number, row in enumerate(heading.definitions(table), 1):
        label = f"（{row.label}）" if row.label else ""
        formula = f"算法为{row.formula}。" if row.formula else ""
        basis = f"依据{row.doc_no}。" if row.doc_no else ""
        text = f"{number}.{row.name}{label}：{row.text.rstrip('。')}。{formula}数据期间{row.period}。{basis}"
        parts.append(Part(text=tight(text)))
    return parts
