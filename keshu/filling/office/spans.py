"""Where things stand in the XML of a part, in bytes, so that a cell can be replaced and nothing else is written anew."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from keshu.ledger.intake.hazards import DamagedWorkbook, IntakeError
from keshu.ledger.intake.xml import End, Start, Text, parser_for

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TAG_END = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")


class OtherEncoding(IntakeError):
    """A part that is not UTF-8: its bytes cannot be edited in place."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(
            f"“{name}”的内部文字用的是 {encoding} 编码，不能原样填写。请用 Excel、Word 或 WPS 打开，另存一次再传。"
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes ``start``—``end`` of a part replaced by ``new``; ``start`` == ``end`` inserts."""

    start: int
    end: int
    new: bytes


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The part with all edits made; they must not overlap."""
    out, at = [], 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if edit.start < at:
            raise ValueError("edits overlap")
        out += [data[at : edit.start], edit.new]
        at = edit.end
    out.append(data[at:])
    return b"".join(out)


class Walk:
    """One pass over a part with the byte position of every tag. DTDs and entities are refused (ForbiddenXml)."""

    def __init__(
        self, data: bytes, name: str, start: Start, end: End | None = None, text: Text | None = None
    ) -> None:
        declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (
            declared and declared[1].lower() not in (b"utf-8", b"us-ascii")
        ):
            raise OtherEncoding(name, declared[1].decode() if declared else "UTF-16")
        self.data = data
        self._name = name
        self._parser = parser_for(name, start, end, text)

    def run(self) -> None:
        """Read the part. DamagedWorkbook where it is no XML."""
        try:
            self._parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise DamagedWorkbook(self._name, f"内部 XML 第 {error.lineno} 行不合规") from error

    @property
    def here(self) -> int:
        """Where the tag stands whose handler runs. At the end of an empty element: behind it."""
        return self._parser.CurrentByteIndex

    def tag_end(self, start: int) -> int:
        """Behind the ``>`` of the tag that begins at ``start``."""
        found = _TAG_END.match(self.data, start)
        if found is None:
            raise DamagedWorkbook(self._name, "内部 XML 有一个标签没有结束")
        return found.end()

    def is_empty(self, start: int) -> bool:
        """Whether the tag that begins at ``start`` closes itself."""
        return self.data[self.tag_end(start) - 2 : self.tag_end(start) - 1] == b"/"

    def element_end(self, start: int) -> int:
        """In the end handler of the element that begins at ``start``: where the element ends."""
        return self.tag_end(start) if self.is_empty(start) else self.tag_end(self.here)


def escaped(text: str) -> bytes:
    """Text for the inside of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
