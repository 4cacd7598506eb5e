"""Streaming XML of an office package: expat with every door shut that leads outside the document."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from keshu.ledger.intake.hazards import DamagedWorkbook, ForbiddenXml
from keshu.ledger.intake.sniffing import CHUNK

# One tag or attribute that stays open this long is an attack on memory, not a table.
LONGEST_TOKEN = 8 << 20

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def pieces(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """An entry of a package in pieces. DamagedWorkbook where it was cut off, altered or longer than it declares."""
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DamagedWorkbook(name, "压缩的内容读到一半就断了") from error


def parser_for(
    name: str, start: Start, end: End | None = None, text: Text | None = None
) -> expat.XMLParserType:
    """A parser that refuses DTDs and entities with ForbiddenXml (what ``defusedxml`` does, at the speed of bare expat)."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16

    def forbid(*_: object) -> int:
        raise ForbiddenXml(name)

    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    parser.UnparsedEntityDeclHandler = forbid
    parser.ExternalEntityRefHandler = forbid
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    return parser


def feed(parser: expat.XMLParserType, stream: IO[bytes], name: str) -> Iterator[None]:
    """Push the stream through the parser, yielding after each chunk so that the caller can hand on what it collected."""
    fed = 0
    try:
        for chunk in pieces(stream, name):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
                raise DamagedWorkbook(name, "内部 XML 里有一个标签长得不合理")
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise DamagedWorkbook(name, f"内部 XML 第 {error.lineno} 行不合规") from error


def local(tag: str) -> str:
    """A tag without its prefix: ``x:row`` → ``row``. Some programs prefix everything."""
    return tag.rpartition(":")[2]
