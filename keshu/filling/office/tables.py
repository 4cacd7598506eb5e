"""A form that is a Word document: its tables as grids, and the same file with figures in the text of their cells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from keshu.filling.layout import Area, LaidCell, LaidSheet, Layout, place_of
from keshu.filling.office.package import read_part, with_parts
from keshu.filling.office.sheets import Entry
from keshu.filling.office.spans import Edit, Walk, apply, escaped
from keshu.filling.office.workbooks import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, NoForm
from keshu.ledger.intake.cells import letter
from keshu.ledger.intake.xml import local
from keshu.terms.quantity import plain

DOCUMENT = "word/document.xml"
#: What is drawn to be written upon: ____万元.
_RULE = re.compile(r"[_＿]{2,}")


@dataclass
class TextAt:
    """A ``w:t``: its element, its bytes' place and its text."""

    start: int
    end: int = 0
    text: str = ""


@dataclass
class ParagraphAt:
    """A ``w:p`` of a cell: where a run may be put, and how its mark is formatted."""

    start: int
    inner: int
    empty: bool
    end: int = 0
    behind_properties: int = 0
    mark_format: bytes = b""


@dataclass
class BoxAt:
    """A ``w:tc``: its place in the grid and what can be written to."""

    row: int
    column: int
    span: int = 1
    continues: bool = False
    texts: list[TextAt] = field(default_factory=list)
    paragraphs: list[ParagraphAt] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """C12"""
        return f"{letter(self.column)}{self.row}"


def _boxes(data: bytes, name: str) -> tuple[list[list[BoxAt]], str]:
    """The cells of every table that stands in no other table, and the prefix of the markup (``w:``)."""
    tables: list[list[BoxAt]] = []
    state = {"depth": 0, "row": 0, "column": 0, "shut": 0, "properties": 0, "ppr": 0, "in_t": 0}
    prefix = [""]
    box: list[BoxAt] = []
    paragraph: list[ParagraphAt] = []
    mark: list[int] = []

    def start(tag: str, given: dict[str, str]) -> None:
        what, here = local(tag), walk.here
        if what == "document":
            prefix[0] = tag.removesuffix("document")
        elif what == "tbl":
            state["depth"] += 1
            if state["depth"] == 1 and not state["shut"]:
                tables.append([])
                state["row"] = 0
        elif what == "txbxContent":
            state["shut"] += 1
        if state["depth"] != 1 or state["shut"]:
            return
        value = next((text for key, text in given.items() if local(key) == "val"), "")
        if what == "tr":
            state["row"] += 1
            state["column"] = 0
        elif what == "gridBefore":
            state["column"] += int(value) if value.isdigit() else 0
        elif what == "tc":
            box[:] = [BoxAt(state["row"], state["column"])]
            tables[-1].append(box[0])
        elif not box:
            return
        elif what == "gridSpan":
            box[0].span = max(1, int(value)) if value.isdigit() else 1
        elif what == "vMerge":
            box[0].continues = value != "restart"
        elif what == "p":
            paragraph[:] = [ParagraphAt(here, walk.tag_end(here), walk.is_empty(here))]
            paragraph[0].behind_properties = paragraph[0].inner
            box[0].paragraphs.append(paragraph[0])
            box[0].lines.append("")
        elif what == "pPr":
            state["properties"] += 1
            if state["properties"] == 1:
                state["ppr"] = here
        elif what == "rPr" and state["properties"]:
            mark[:] = [here]
        elif what == "t" and paragraph:
            box[0].texts.append(TextAt(here))
            state["in_t"] = 1
        elif what in ("tab", "br") and box[0].lines and not state["properties"]:
            box[0].lines[-1] += " "

    def end(tag: str) -> None:
        what = local(tag)
        if what == "txbxContent":
            state["shut"] -= 1
        elif what == "tbl":
            state["depth"] -= 1
        elif state["depth"] == 1 and not state["shut"] and box:
            if what == "tc":
                state["column"] += box[0].span
                box.clear()
            elif what == "rPr" and state["properties"] and mark:
                paragraph[0].mark_format = data[mark[0] : walk.element_end(mark[0])]
                mark.clear()
            elif what == "pPr" and paragraph:
                state["properties"] -= 1
                if not state["properties"]:
                    paragraph[0].behind_properties = walk.element_end(state["ppr"])
            elif what == "t" and state["in_t"]:
                box[0].texts[-1].end = walk.element_end(box[0].texts[-1].start)
                state["in_t"] = 0
            elif what == "p" and paragraph:
                paragraph[0].end = walk.element_end(paragraph[0].start)

    def text(piece: str) -> None:
        if state["in_t"] and box:
            box[0].texts[-1].text += piece
            box[0].lines[-1] += piece

    walk = Walk(data, name, start, end, text)
    walk.run()
    return tables, prefix[0]


def read_layout(content: bytes, name: str) -> Layout:
    """The tables of a Word document as grids. Raises the errors of ``ledger.intake`` and NoForm."""
    tables, _ = _boxes(read_part(content, DOCUMENT, name), name)
    if not tables:
        raise NoForm(f"“{name}”里没有表格。套表只填 Word 表格里的格；请核对是不是传错了文件。")
    if len(tables) > MOST_SHEETS:
        raise NoForm(f"“{name}”有 {len(tables)} 张表格，不像一份要填的表。请只留要报的表再传。")
    sheets = [_laid(boxes, number) for number, boxes in enumerate(tables, 1)]
    for sheet in sheets:
        if sheet.rows > MOST_ROWS or sheet.columns > MOST_COLUMNS:
            raise NoForm(
                f"“{sheet.name}”有 {sheet.rows} 行 {sheet.columns} 列，不像一份要填的表。请拆开再传。"
            )
    return Layout("docx", sheets)


def _laid(boxes: list[BoxAt], number: int) -> LaidSheet:
    made = LaidSheet(f"表{number}", DOCUMENT, number)
    open_above: dict[int, tuple[int, int, int]] = {}  # column → (first row, span, last row)
    for box in boxes:
        made.rows, made.columns = max(made.rows, box.row), max(made.columns, box.column + box.span)
        if box.continues and box.column in open_above:
            top, span, _ = open_above[box.column]
            open_above[box.column] = (top, span, box.row)
            continue
        _close(made, open_above, box.column)
        open_above[box.column] = (box.row, box.span, box.row)
        text = " ".join(" ".join(box.lines).split())
        if text:
            made.cells[box.address] = LaidCell(text)
    for column in list(open_above):
        _close(made, open_above, column)
    made.merges.sort(key=lambda area: (area.top, area.left))
    return made


def _close(made: LaidSheet, open_above: dict[int, tuple[int, int, int]], column: int) -> None:
    held = open_above.pop(column, None)
    if held is not None:
        top, span, last = held
        if span > 1 or last > top:
            made.merges.append(Area(top, column, last, column + span - 1))


def write(content: bytes, name: str, entries: Mapping[str, Entry]) -> bytes:
    """The same file with ``entries`` (by key) as the text of its cells. The runs keep their format; every other part and every
    other byte of the document stay."""
    data = read_part(content, DOCUMENT, name)
    tables, prefix = _boxes(data, name)
    edits: list[Edit] = []
    for key, entry in entries.items():
        place = place_of(key)
        box = next((b for b in tables[place.sheet - 1] if b.address == place.address), None)
        if box is None:
            raise ValueError(f"{key} is no cell of the document")
        edits += _put(box, prefix, "" if entry is None else entry if isinstance(entry, str) else plain(entry))
    return with_parts(content, {DOCUMENT: apply(data, edits)})


def _put(box: BoxAt, prefix: str, text: str) -> list[Edit]:
    ruled = next((at for at in box.texts if _RULE.search(at.text)), None)
    if ruled is not None:
        return [_retold(ruled, prefix, _RULE.sub(lambda _: text, ruled.text, count=1))] if text else []
    if box.texts:
        first, *rest = box.texts
        edits = [_retold(first, prefix, text)] if first.text != text else []
        return edits + [_retold(at, prefix, "") for at in rest if at.text]
    if not text or not box.paragraphs:
        return []
    paragraph = box.paragraphs[0]
    mark = prefix.encode()
    run = b"<" + mark + b"r>" + paragraph.mark_format + _text(prefix, text) + b"</" + mark + b"r>"
    if paragraph.empty:
        # <w:p …/> opens for the run.
        return [Edit(paragraph.inner - 2, paragraph.inner, b">" + run + b"</" + mark + b"p>")]
    return [Edit(paragraph.behind_properties, paragraph.behind_properties, run)]


def _retold(at: TextAt, prefix: str, text: str) -> Edit:
    return Edit(at.start, at.end, _text(prefix, text))


def _text(prefix: str, text: str) -> bytes:
    mark = prefix.encode()
    return b"<" + mark + b't xml:space="preserve">' + escaped(text) + b"</" + mark + b"t>"


def number_in(text: str) -> Decimal | None:
    """The one number in the text of a Word cell, as it was written there (25.40万元 → 25.40); None where there is none."""
    found = re.findall(r"[-−]?\d[\d,]*(?:\.\d+)?", text)
    return Decimal(found[0].replace(",", "").replace("−", "-")) if len(found) == 1 else None
