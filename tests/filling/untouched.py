"""What may differ between a blank and the filled form: the value in the cells that were filled, and nothing else."""

import copy
import io
import zipfile

from docx import Document
from lxml import etree
from openpyxl import load_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLE = ("font", "fill", "border", "alignment", "protection", "number_format")
#: What a worksheet says besides its cells, as openpyxl reads it.
PAGE = (
    "merged_cells", "freeze_panes", "print_title_rows", "print_area", "print_options", "page_setup", "page_margins",
    "data_validations", "auto_filter", "sheet_state", "row_breaks", "oddHeader", "oddFooter",
)  # fmt: skip


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {entry.filename: package.read(entry) for entry in package.infolist()}


def told(thing: object) -> str:
    """A setting of openpyxl as text, to be compared."""
    sides = ("left", "center", "right") if type(thing).__name__ == "HeaderFooterItem" else ()
    parts = [getattr(thing, side).text for side in sides]
    return repr(parts or thing)


def same_workbook(before: bytes, after: bytes, filled: set[str], computed: set[str]) -> list[str]:
    """What differs besides the values of ``filled`` and the results of ``computed`` (keys); [] when nothing does."""
    wrong = []
    old, new = parts_of(before), parts_of(after)
    if list(old) != list(new):
        wrong.append(f"parts {sorted(old.keys() ^ new.keys())}")
    sheets = {f"xl/worksheets/sheet{key.split('!')[0]}.xml" for key in filled | computed}
    wrong += [f"part {name}" for name in old if name not in sheets and old[name] != new.get(name)]
    for part in sheets:
        number = part.removeprefix("xl/worksheets/sheet").removesuffix(".xml")
        mine = {key.split("!")[1] for key in filled if key.startswith(f"{number}!")}
        sums = {key.split("!")[1] for key in computed if key.startswith(f"{number}!")}
        if bare(old[part], mine, sums) != bare(new[part], mine, sums):
            wrong.append(f"xml {part}")
    return wrong + same_cells(before, after, filled, computed)


def bare(data: bytes, filled: set[str], computed: set[str]) -> bytes:
    """The XML of a sheet without the values of some cells; cells that only had to be there to be filled are left out."""
    root = etree.fromstring(data)
    for row in list(root.iter(f"{MAIN}row")):
        for cell in list(row):
            if cell.get("r") in filled:
                row.remove(cell)
            elif cell.get("r") in computed:
                cell.attrib.pop("t", None)
                for value in cell.findall(f"{MAIN}v"):
                    cell.remove(value)
        if len(row) == 0 and set(row.attrib) <= {"r"}:
            row.getparent().remove(row)
    return etree.tostring(root, method="c14n")


def same_cells(before: bytes, after: bytes, filled: set[str], computed: set[str]) -> list[str]:
    """Every cell and setting of two workbooks as openpyxl reads them."""
    wrong = []
    old, new = load_workbook(io.BytesIO(before)), load_workbook(io.BytesIO(after))
    if old.sheetnames != new.sheetnames or dict(old.defined_names).keys() != dict(new.defined_names).keys():
        wrong.append("sheets or names")
    for number, name in enumerate(old.sheetnames, 1):
        left, right = old[name], new[name]
        wrong += [
            f"{name} {what}" for what in PAGE if told(getattr(left, what)) != told(getattr(right, what))
        ]
        for dimension in ("column_dimensions", "row_dimensions"):
            a, b = getattr(left, dimension), getattr(right, dimension)
            for at in a:
                same = all(
                    getattr(a[at], f, None) == getattr(b[at], f, None) for f in ("width", "height", "hidden")
                )
                if not same:
                    wrong.append(f"{name} {dimension} {at}")
        for row in range(1, max(left.max_row, right.max_row) + 1):
            for column in range(1, max(left.max_column, right.max_column) + 1):
                one, two = left.cell(row, column), right.cell(row, column)
                key = f"{number}!{one.coordinate}"
                known = f'<c r="{one.coordinate}"' in parts_of(before)[
                    f"xl/worksheets/sheet{number}.xml"
                ].decode().replace("x:", "")
                if known and any(told(getattr(one, f)) != told(getattr(two, f)) for f in STYLE):
                    wrong.append(f"style {key}")
                if key not in filled and one.value != two.value:
                    wrong.append(f"value {key}: {one.value!r} {two.value!r}")
                if told(one.comment and one.comment.text) != told(two.comment and two.comment.text):
                    wrong.append(f"note {key}")
    return wrong


def same_document(before: bytes, after: bytes, filled: set[str]) -> list[str]:
    """What differs between two Word documents besides the text of the filled cells."""
    old, new = parts_of(before), parts_of(after)
    wrong = [f"part {name}" for name in old if name != "word/document.xml" and old[name] != new.get(name)]
    if list(old) != list(new):
        wrong.append("parts")
    trees = []
    for content in (before, after):
        document = Document(io.BytesIO(content))
        body = copy.deepcopy(document.element)
        tables = [t for t in body.iter(f"{W}tbl") if not any(a.tag == f"{W}tbl" for a in t.iterancestors())]
        for key in filled:
            number, address = key.split("!")
            silence(tables[int(number) - 1], address)
        trees.append(etree.tostring(body, method="c14n"))
    return wrong if trees[0] == trees[1] else [*wrong, "document.xml"]


def silence(table: etree._Element, address: str) -> None:
    """Take the text out of one cell (and the runs that hold nothing but it)."""
    column, row = ord(address[0]) - 65, int(address[1:]) - 1
    at = 0
    for cell in [c for c in table.findall(f"{W}tr")[row] if c.tag == f"{W}tc"]:
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        if at == column:
            for run in list(cell.iter(f"{W}r")):
                for text in run.findall(f"{W}t"):
                    text.text = ""
                    text.attrib.clear()
                only_text = [child.tag for child in run] in ([f"{W}t"], [f"{W}rPr", f"{W}t"])
                if only_text:
                    run.getparent().remove(run)
        at += int(span.get(f"{W}val")) if span is not None else 1
