"""Text tables: CSV and TXT in the encodings that Chinese office programs write, streamed line by line."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from keshu.ledger.intake.cells import Row, letter, text_cell
from keshu.ledger.intake.hazards import (
    CellTooLong,
    EmptyFile,
    LineTooLong,
    NulBytes,
    TooWide,
    UnbalancedQuotes,
    WrongEncoding,
)
from keshu.ledger.intake.limits import Limits
from keshu.ledger.intake.sniffing import CHUNK, utf16_of

DELIMITERS = (",", "\t", ";", "，", "、", "|")
SAMPLE_LINES = 30
# A quoted field with this many line ends is a quote that nobody closed.
MOST_LINES_IN_RECORD = 200


def detect_encoding(stream: BinaryIO, name: str) -> str:
    """``utf-8``, ``utf-8-sig``, ``gb18030`` (GBK within it) or a ``utf-16``, by strict decoding of the whole stream in pieces.

    Errors: NulBytes and WrongEncoding, each with the line; EmptyFile for nothing but a byte order mark.
    """
    stream.seek(0)
    head = stream.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00") and not stream.read(1):
        raise EmptyFile(name)
    wide = utf16_of(head)
    if wide:
        candidates: tuple[str, ...] = (wide,)
    else:
        candidates = ("utf-8-sig",) if head.startswith(codecs.BOM_UTF8) else ("utf-8", "gb18030")
    line, raw = 1, b""
    for encoding in candidates:
        bad = _first_bad(stream, encoding, name, nul_allowed=bool(wide))
        if bad is None:
            return encoding
        line, raw = bad
    raise WrongEncoding(name, line, raw)


def _first_bad(stream: BinaryIO, encoding: str, name: str, *, nul_allowed: bool) -> tuple[int, bytes] | None:
    """Line and bytes of the first place that does not decode, or None."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    stream.seek(0)
    lines = 1
    while True:
        chunk = stream.read(CHUNK)
        if not nul_allowed and (at := chunk.find(b"\0")) >= 0:
            raise NulBytes(name, lines + chunk.count(b"\n", 0, at))
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
            return lines + before, bytes(error.object[error.start : error.start + 4])
        if not chunk:
            return None
        lines += chunk.count(b"\n")


class TextTable:
    """A text table with its encoding and delimiter found. ``rank`` says how good a head a split sample line makes."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        limits: Limits,
        rank: Callable[[Sequence[str]], int] = lambda names: 0,
    ) -> None:
        self.name, self.limits = name, limits
        self._stream = stream
        self.encoding = detect_encoding(stream, name)
        self._skip = 0
        self.delimiter = self._find_delimiter(rank)

    def rows(self) -> Iterator[Row]:
        """Every record, blank ones too, numbered as a spreadsheet would show them.

        Errors: UnbalancedQuotes, LineTooLong, CellTooLong, TooWide.
        """
        lines = _Lines(self._text(), self.limits.line_chars)
        for _ in range(self._skip):
            next(lines, None)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number = 0
        most, longest = self.limits.columns, self.limits.cell_chars
        while True:
            lines.record_from(number + 1)
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise UnbalancedQuotes(number + 1) from error
            number += 1
            cells = [text_cell(_unwrapped(value)) for value in values]
            while cells and not cells[-1].text:
                cells.pop()
            if len(cells) > most:
                raise TooWide(number, letter(len(cells) - 1), most)
            if any(len(cell.text) > longest for cell in cells):
                raise CellTooLong(number, longest)
            yield Row(number, cells)

    def _text(self) -> io.TextIOWrapper:
        self._stream.seek(0)
        # A view that can be dropped without closing the stream underneath.
        lent = io.BufferedReader(_Unclosable(self._stream))
        return io.TextIOWrapper(lent, encoding=self.encoding, errors="strict", newline="")

    def _find_delimiter(self, rank: Callable[[Sequence[str]], int]) -> str:
        lines = _Lines(self._text(), self.limits.line_chars)
        sample = []
        for index, line in enumerate(lines):
            if index == 0 and line.strip().lower()[:4] == "sep=" and len(line.strip()) == 5:
                self._skip = 1  # Excel's own way to name the delimiter; it does not show this line
                return line.strip()[4]
            if line.strip():
                sample.append(line)
            if len(sample) >= SAMPLE_LINES:
                break
        if not sample:
            raise EmptyFile(self.name)

        def merit(delimiter: str) -> tuple[int, int, int]:
            split = list(csv.reader(sample, delimiter=delimiter))
            widths = Counter(len(one) for one in split if len(one) > 1)
            if not widths:
                return (0, 0, 0)
            width, times = widths.most_common(1)[0]
            return (max(map(rank, split)), times, width)

        # ``max`` keeps the first of equals, so the comma wins a tie.
        return max(DELIMITERS, key=merit)


class _Lines:
    """Lines of a text stream, none longer than the limit, no record over too many of them."""

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._text, self._longest = text, longest
        self._number, self._lines = 1, 0

    def record_from(self, number: int) -> None:
        self._number, self._lines = number, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._longest + 1)
        if not line:
            raise StopIteration
        self._lines += 1
        if self._lines > MOST_LINES_IN_RECORD:
            raise UnbalancedQuotes(self._number)
        if len(line) > self._longest:
            raise LineTooLong(self._number, self._longest)
        return line


class _Unclosable(io.RawIOBase):
    """A stream lent to a text reader: closing the reader leaves it open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lent = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._lent.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _unwrapped(value: str) -> str:
    """``="00123"``, which some systems write to keep Excel from dropping the zeros, is 00123."""
    if value.startswith('="') and value.endswith('"') and len(value) > 2:
        return value[2:-1]
    return value
