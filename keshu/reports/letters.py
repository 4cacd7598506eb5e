"""Papers of single business on the official page: a letter to another body with its table, and the printed copy of a form."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from docx.document import Document as Paper

from keshu.reports.archives import steady
from keshu.reports.paper import PaperTable, TableCell, add_table, blank, head_line
from keshu.reports.wording import day_words


@dataclass(frozen=True)
class Letter:
    """A letter (函): who to, what it says in paragraphs, who signs, its number and day, and a table that goes with it."""

    title: str
    to: str
    paragraphs: Sequence[str]
    issuer: str
    on: date
    doc_no: str = ""
    table: PaperTable | None = None


@dataclass(frozen=True)
class Form:
    """A filled-in form for signature and stamp: pairs of label and text, long texts under their own heads.

    ``mark`` stands at the head of every page. ``signs``: lines at the end that are signed by hand.
    """

    title: str
    mark: str
    facts: Sequence[tuple[str, str]]
    texts: Sequence[tuple[str, str]] = field(default=())
    lists: Sequence[tuple[str, Sequence[str]]] = field(default=())
    signs: Sequence[str] = field(default=())
    foot: str = ""


def letter_docx(letter: Letter, at: datetime) -> bytes:
    """The letter as a Word file; the same bytes for the same letter and moment within one version."""
    paper = blank()
    if letter.doc_no:
        paper.add_paragraph(letter.doc_no, style="公文落款")
        paper.add_paragraph("")
    paper.add_paragraph(letter.title, style="公文标题")
    paper.add_paragraph("")
    paper.add_paragraph(f"{letter.to}：", style="Normal")
    for text in letter.paragraphs:
        paper.add_paragraph(text, style="公文正文")
    paper.add_paragraph("")
    if letter.table is not None:
        paper.add_paragraph(f"附件：{letter.table.caption}", style="公文正文")
        paper.add_paragraph("")
    if letter.issuer:
        paper.add_paragraph(letter.issuer, style="公文落款")
    paper.add_paragraph(day_words(letter.on), style="公文落款")
    if letter.table is not None:
        paper.add_page_break()
        add_table(paper, letter.table)
    return paper_bytes(paper, letter.title, at)


def form_docx(form: Form, at: datetime) -> bytes:
    """The printed copy of a form as a Word file, its mark at the head of every page."""
    paper = blank()
    head_line(paper, form.mark)
    paper.add_paragraph(form.title, style="公文标题")
    paper.add_paragraph("")
    add_table(
        paper,
        PaperTable(
            "",
            [("内容", "")],
            [(label, [TableCell(text or "—")]) for label, text in form.facts],
            first="项目",
            widths=(40, 116),
        ),
    )
    for label, text in form.texts:
        paper.add_paragraph(label, style="公文一级")
        for line in text.splitlines() or [""]:
            paper.add_paragraph(line, style="公文正文")
    for label, lines in form.lists:
        paper.add_paragraph(label, style="公文一级")
        for number, line in enumerate(lines, 1):
            paper.add_paragraph(f"{number}. {line}", style="公文正文")
    paper.add_paragraph("")
    for line in form.signs:
        paper.add_paragraph(line, style="公文正文")
    if form.foot:
        paper.add_paragraph("")
        paper.add_paragraph(form.foot, style="公文表格")
    return paper_bytes(paper, form.title, at)


def paper_bytes(paper: Paper, title: str, at: datetime) -> bytes:
    """A finished paper as a Word file; the same bytes for the same content and moment within one version."""
    properties = paper.core_properties
    properties.author = properties.last_modified_by = "科枢"
    properties.title, properties.revision, properties.comments = title[:250], 1, ""
    out = io.BytesIO()
    paper.save(out)
    return steady(out.getvalue(), at)
