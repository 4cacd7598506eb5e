"""What a file that is kept as it came carries: whether it was cut off, whether it runs something, what its first page says.

Nothing here opens what it does not have to: scans are judged by their first and last bytes, packages by their directory
and the first characters of their text.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from keshu.ledger.intake.hazards import DamagedWorkbook, IntakeError
from keshu.ledger.intake.sniffing import CHUNK, Found, utf16_of
from keshu.ledger.intake.xml import feed, local, parser_for

FIRST_PAGE = 4000  # characters that are looked at: more than any first page holds
TAIL = 64 * 1024
PACKAGES = (Found.XLSX, Found.WORD, Found.OFD)
_TEXT_PARTS = re.compile(
    r"(?:word/(?:document|header\d*)|xl/(?:sharedStrings|worksheets/sheet\d+))\.xml", re.I
)
_MARKUP = (b"<script", b"<svg", b"<html", b"<!doctype", b"<iframe", b"javascript:")
_PDF_ACTIONS = (b"/JavaScript", b"/Launch")
_ENDS = {Found.PDF: b"%%EOF", Found.PNG: b"IEND", Found.JPEG: b"\xff\xd9"}
_BREAKS = frozenset({"p", "si", "c", "row", "oddHeader", "firstHeader"})


class CutOff(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}”没有传完整：文件缺了结尾，打不开。请核对原文件能打开，再传一次。")


class CarriesScript(IntakeError):
    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"“{name}”里带有{what}，为安全没有收。请另存为不带{what}的文件，或导出成 PDF 再传。")


def refuse_cut_off(stream: BinaryIO, name: str, found: Found) -> None:
    """Raises CutOff for a PDF, PNG or JPEG without its end. Packages have been looked into before (DamagedWorkbook)."""
    end = _ENDS.get(found)
    if end is None:
        return
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    whole = end in stream.read()
    stream.seek(0)
    if not whole:
        raise CutOff(name)


def refuse_script(stream: BinaryIO, name: str, found: Found) -> None:
    """Raises CarriesScript: a macro in a package, an action in a PDF, markup that a browser would run in a text."""
    what = ""
    if found in PACKAGES:
        with _package(stream, name) as package:
            if any(entry.lower().endswith("vbaproject.bin") for entry in package.namelist()):
                what = "宏"
    elif (found is Found.PDF and _holds(stream, _PDF_ACTIONS)) or (
        found is Found.TEXT and _holds(stream, _MARKUP, lower=True)
    ):
        what = "脚本"
    stream.seek(0)
    if what:
        raise CarriesScript(name, what)


def _holds(stream: BinaryIO, words: tuple[bytes, ...], *, lower: bool = False) -> bool:
    stream.seek(0)
    tail = b""
    while chunk := stream.read(CHUNK):
        data = tail + (chunk.lower() if lower else chunk)
        if any(word in data for word in words):
            return True
        tail = data[-32:]
    return False


def first_page(stream: BinaryIO, name: str, found: Found) -> list[str]:
    """The first lines of a text, a Word document or a workbook, blanks taken out; nothing for scans and old formats."""
    lines: Iterator[str] = iter(())
    if found is Found.TEXT:
        lines = iter(_decoded(stream).splitlines())
    elif found in (Found.WORD, Found.XLSX):
        lines = _packed(stream, name)
    kept = [tight for line in lines if (tight := re.sub(r"\s+", "", line))]
    stream.seek(0)
    return kept


def _decoded(stream: BinaryIO) -> str:
    stream.seek(0)
    head = stream.read(FIRST_PAGE * 4)
    for encoding in (utf16_of(head) or "utf-8-sig", "gb18030"):
        # A head that was cut in the middle of a character is no reason to read nothing.
        text = head.decode(encoding, errors="ignore")
        if encoding == "gb18030" or len(text.encode(encoding, errors="ignore")) > len(head) - 8:
            return text[:FIRST_PAGE]
    return ""


def _packed(stream: BinaryIO, name: str) -> Iterator[str]:
    with _package(stream, name) as package:
        for entry in sorted(package.namelist()):
            if _TEXT_PARTS.fullmatch(entry):
                with package.open(entry) as part:
                    yield from _text_of(part, name)


def _text_of(part: object, name: str) -> Iterator[str]:
    pieces: list[str] = []
    count = 0

    def text(data: str) -> None:
        nonlocal count
        count += len(data)
        pieces.append(data)

    def end(tag: str) -> None:
        if local(tag) in _BREAKS:
            pieces.append("\n")

    parser = parser_for(name, lambda tag, attributes: None, end, text)
    for _ in feed(parser, part, name):  # type: ignore[arg-type]
        if count > FIRST_PAGE:
            break
    yield from "".join(pieces).splitlines()


def _package(stream: BinaryIO, name: str) -> zipfile.ZipFile:
    stream.seek(0)
    try:
        return zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        raise DamagedWorkbook(name, "压缩包的目录读不出来") from error
