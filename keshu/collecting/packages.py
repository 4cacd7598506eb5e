"""Workbooks that come packed: what a chat group or a mail program made of many files is opened file by file."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from keshu.collecting.receiving import LIMITS
from keshu.ledger.intake.hazards import DamagedWorkbook
from keshu.ledger.intake.limits import MEGABYTE
from keshu.ledger.intake.sniffing import Found, checked_entries, sniff

#: What a package may hold unpacked: as much as one upload may be.
PACKED = replace(LIMITS, unpacked_bytes=200 * MEGABYTE)
_UTF8 = 0x800
_MAC = "__MACOSX/"


def unpacked(stream: BinaryIO, filename: str) -> Iterator[tuple[BinaryIO, str]]:
    """The file itself, or every file of a zip with its own name. Raises ZipBomb, DamagedWorkbook.

    A workbook is a zip too and stays whole. Packages inside packages are given as they are: they are no workbooks and are refused.
    """
    if sniff(stream, filename, PACKED) is not Found.ZIP:
        yield stream, filename
        return
    entries = checked_entries(stream, filename, PACKED)
    with zipfile.ZipFile(stream) as package:
        for info in entries:
            name = _name(info)
            if info.is_dir() or name.startswith(_MAC) or name.rpartition("/")[2].startswith((".", "~$")):
                continue
            try:
                yield io.BytesIO(package.read(info)), name.rpartition("/")[2]
            except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
                raise DamagedWorkbook(filename, f"里面的“{name}”读不出来") from error


def _name(info: zipfile.ZipInfo) -> str:
    """Windows packs Chinese names in GBK without saying so; ``zipfile`` then reads them as code page 437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename
