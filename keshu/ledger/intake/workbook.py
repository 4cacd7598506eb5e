"""The parts of a workbook that stand outside its sheets: which sheets there are, how numbers are shown, shared strings."""

import posixpath
import re
import zipfile
from dataclasses import dataclass
from typing import IO, BinaryIO

from keshu.ledger.intake.cells import Shown, shown_by
from keshu.ledger.intake.hazards import CellTooLong, DamagedWorkbook
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.strings import SharedStrings
from keshu.ledger.intake.xml import feed, local, parser_for

# Excel's own bounds are 64,000 styles and 31 letters of a sheet's name; ours only keep memory flat.
MOST_STYLES = 70_000
MOST_SHEETS = 500


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet as the workbook lists it; ``part`` is the entry in the package."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """An open xlsx package. Close it: it holds the strings on disk."""

    def __init__(self, stream: BinaryIO, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self._strings: SharedStrings | None = None
        try:
            self._package = zipfile.ZipFile(stream)
        except zipfile.BadZipFile as error:
            raise DamagedWorkbook(name, "压缩包的目录读不出来") from error
        self._entries = {info.filename.lower(): info.filename for info in self._package.infolist()}
        root = self._relations("_rels/.rels", "")
        main = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
        relations = self._relations(_relations_part(main), posixpath.dirname(main))
        parts = dict(relations.values())
        self._strings_part = parts.get("sharedStrings", "xl/sharedStrings.xml")
        self.epoch_1904 = False
        self.sheets = self._read_sheets(main, relations)
        self.shown = self._read_styles(parts.get("styles", "xl/styles.xml"))

    def close(self) -> None:
        self._package.close()
        if self._strings is not None:
            self._strings.close()

    def open_part(self, part: str) -> IO[bytes]:
        """An entry of the package as a stream, whatever its case. DamagedWorkbook when it is not there."""
        try:
            return self._package.open(self._entries[part.lower().lstrip("/")])
        except (KeyError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise DamagedWorkbook(self.name, f"里面缺少“{part}”") from error

    def has_part(self, part: str) -> bool:
        return part.lower().lstrip("/") in self._entries

    def _relations(self, part: str, base: str) -> dict[str, tuple[str, str]]:
        """Relation id → (last word of its type, target path)."""
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if (
                local(tag) == "Relationship"
                and attributes.get("TargetMode") != "External"
                and len(found) < 10_000
            ):
                target = attributes.get("Target", "")
                path = (
                    target.lstrip("/")
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(base, target))
                )
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)

        if self.has_part(part):
            self._parse(part, start)
        return found

    def _parse(self, part: str, start: object) -> None:
        with self.open_part(part) as stream:
            for _ in feed(parser_for(self.name, start), stream, self.name):  # type: ignore[arg-type]
                pass

    def _read_sheets(self, main: str, relations: dict[str, tuple[str, str]]) -> list[SheetPart]:
        sheets: list[SheetPart] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if local(tag) == "workbookPr":
                self.epoch_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")
            if local(tag) != "sheet":
                return
            reference = next(
                (value for key, value in attributes.items() if local(key) == "id" and ":" in key), ""
            )
            kind, part = relations.get(reference, ("", ""))
            if kind == "worksheet" and len(sheets) < MOST_SHEETS:
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(SheetPart(attributes.get("name", ""), part, hidden))

        self._parse(main, start)
        return sheets

    def _read_styles(self, part: str) -> list[Shown]:
        """How each cell style shows a number, by style index."""
        codes: dict[int, str] = {}
        formats: list[int] = []
        inside = [False]

        def start(tag: str, attributes: dict[str, str]) -> None:
            tag = local(tag)
            if tag == "numFmt" and len(codes) < MOST_STYLES:
                codes[_integer(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:1000]
            elif tag == "cellXfs":
                inside[0] = True
            elif tag == "xf" and inside[0] and len(formats) < MOST_STYLES:
                formats.append(_integer(attributes.get("numFmtId")))
            elif tag in ("cellStyles", "dxfs"):
                inside[0] = False

        if self.has_part(part):
            self._parse(part, start)
        known = {number: shown_by(number, codes.get(number)) for number in set(formats)}
        return [known[number] for number in formats]

    @property
    def strings(self) -> SharedStrings:
        """The shared strings, read at the first cell that needs one."""
        if self._strings is None:
            self._strings = self._read_strings()
        return self._strings

    def _read_strings(self) -> SharedStrings:
        strings = SharedStrings()
        pieces: list[str] = []
        state = {"text": False, "phonetic": False, "chars": 0}

        def start(tag: str, attributes: dict[str, str]) -> None:
            tag = local(tag)
            if tag == "si":
                pieces.clear()
                state["chars"] = 0
            elif tag == "t":
                state["text"] = not state["phonetic"]
            elif tag == "rPh":  # how a name is pronounced, not part of it
                state["phonetic"] = True

        def end(tag: str) -> None:
            tag = local(tag)
            if tag == "si":
                strings.add(unescape("".join(pieces)))
            elif tag == "t":
                state["text"] = False
            elif tag == "rPh":
                state["phonetic"] = False

        def text(data: str) -> None:
            if state["text"]:
                state["chars"] += len(data)
                if state["chars"] > self.limits.cell_chars * 2:
                    raise CellTooLong(strings.count + 1, self.limits.cell_chars)
                pieces.append(data)

        if self.has_part(self._strings_part):
            with self.open_part(self._strings_part) as stream:
                for _ in feed(parser_for(self.name, start, end, text), stream, self.name):
                    pass
        strings.finish()
        return strings


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Undo Excel's _xHHHH_ escapes for characters that XML cannot hold."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _relations_part(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
