"""Workbooks made by hand for the tests: what Excel, WPS and export programs write, and what attackers do."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from keshu.ledger.intake.heads import Column, Holds

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

REGION = Column("region", ("地区", "县区", "region"), required=True)
PERIOD = Column("period", ("时期", "期间", "period"), required=True, holds=Holds.PERIOD)
AMOUNT = Column("amount", ("技术合同成交额", "合同成交额", "amount"), required=True, holds=Holds.NUMBER)
SIGNED = Column("signed", ("登记日期",), holds=Holds.DATE)
CODE = Column("code", ("统一社会信用代码",))
COLUMNS = (REGION, PERIOD, AMOUNT, SIGNED, CODE)


def workbook(
    sheets: dict[str, str],
    *,
    hidden: Sequence[str] = (),
    strings: Sequence[str] = (),
    formats: Sequence[str] = (),
    epoch_1904: bool = False,
    extra: dict[str, bytes] | None = None,
) -> bytes:
    """An xlsx whose sheets are raw XML. ``formats``: number format codes; style n+1 shows a number by the n-th."""
    names = list(sheets)
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{REL}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><workbookPr date1904="{int(epoch_1904)}"/><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""}/>'
            for n, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(names) + 1)
        )
        + f'<Relationship Id="s" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
        + f'<Relationship Id="y" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si>{one}</si>" for one in strings)
        + "</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>'
        + "".join(
            f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
            for n, code in enumerate(formats)
        )
        + '</numFmts><cellXfs><xf numFmtId="0"/>'
        + "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(formats)))
        + "</cellXfs></styleSheet>",
    }
    files |= {f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in enumerate(names, 1)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
        for name, data in (extra or {}).items():
            package.writestr(name, data)
    return out.getvalue()


def sheet(*rows: str, merges: Sequence[str] = (), before: str = "") -> str:
    """A worksheet of raw rows; ``merges`` stand behind the rows, as in every real file."""
    merged = "".join(f'<mergeCell ref="{one}"/>' for one in merges)
    tail = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData>{tail}</worksheet>'


def row(number: int, *cells: str, attributes: str = "") -> str:
    return f'<row r="{number}" {attributes}>{"".join(cells)}</row>'


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def number(reference: str, value: object, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def texts(at: int, *values: str) -> str:
    """A row of text cells from column A; an empty text leaves its cell out."""
    return row(at, *(text(f"{chr(65 + n)}{at}", value) for n, value in enumerate(values) if value))


HEAD = texts(1, "地区", "时期", "技术合同成交额")
