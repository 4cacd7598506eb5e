"""A workbook that somebody else made gets one hidden sheet more, whose rows say whose it is; every other byte of it stays."""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from keshu.ledger.intake.hazards import DamagedWorkbook
from keshu.ledger.intake.heads import MARK_SHEET

_BOOK, _RELS, _TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
_SHEET, _ID = "xl/worksheets/sheetKeshu.xml", "rIdKeshu"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_NUMBER = re.compile(rb'sheetId\s*=\s*["\'](\d+)["\']')


def with_mark(content: bytes, mark: Mapping[str, str], name: str) -> bytes:
    """The xlsx with ``mark`` (name → text) on a sheet that no menu shows. DamagedWorkbook where its parts do not stand where Excel
    and WPS put them, or where it carries a mark already."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            parts = {part: source.read(part) for part in (_BOOK, _RELS, _TYPES)}
            if _OFFICE.encode() not in parts[_BOOK] or MARK_SHEET.encode() in parts[_BOOK]:
                raise DamagedWorkbook(name, "里面的结构不是常见的样子，加不上标记")
            number = max((int(found) for found in _NUMBER.findall(parts[_BOOK])), default=0) + 1
            told = (
                f'name="{MARK_SHEET}" sheetId="{number}" state="veryHidden" k:id="{_ID}" xmlns:k="{_OFFICE}"'
            )
            changed = {
                _BOOK: _before_end(parts[_BOOK], "sheets", f"sheet {told}", name),
                _RELS: _before_end(
                    parts[_RELS],
                    "Relationships",
                    f'Relationship Id="{_ID}" Type="{_OFFICE}/worksheet" Target="/{_SHEET}"',
                    name,
                ),
                _TYPES: _before_end(
                    parts[_TYPES], "Types", f'Override PartName="/{_SHEET}" ContentType="{_KIND}"', name
                ),
            }
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as target:
                for entry in source.infolist():
                    data = changed.get(entry.filename)
                    target.writestr(entry, source.read(entry) if data is None else data)
                target.writestr(zipfile.ZipInfo(_SHEET), _rows(mark), zipfile.ZIP_DEFLATED)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise DamagedWorkbook(name, "里面的结构读不出来，加不上标记") from error
    return out.getvalue()


def _before_end(data: bytes, parent: str, element: str, name: str) -> bytes:
    """``element`` as the last child of ``parent``, in the namespace prefix that the file uses."""
    ends = list(re.finditer(rb"</((?:\w+:)?)" + parent.encode() + rb"\s*>", data))
    if len(ends) != 1:
        raise DamagedWorkbook(name, "里面的结构不是常见的样子，加不上标记")
    at = ends[0].start()
    return data[:at] + b"<" + ends[0][1] + element.encode() + b"/>" + data[at:]


def _rows(mark: Mapping[str, str]) -> bytes:
    """The worksheet of the mark: name and text side by side, a pair a row."""
    rows = ""
    for number, pair in enumerate(mark.items(), 1):
        cells = zip("AB", pair, strict=True)
        held = (f'<c r="{c}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' for c, text in cells)
        rows += f'<row r="{number}">{"".join(held)}</row>'
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
