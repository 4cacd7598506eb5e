"""What a file is by its content; the extension is only what somebody called it."""

import struct
import zipfile
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

from keshu.ledger.intake.hazards import DamagedWorkbook, ZipBomb, size_text
from keshu.ledger.intake.limits import Limits

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Content:
    """A kind of file: its name in a sentence and the extensions that may honestly stand on it."""

    name: str
    extensions: tuple[str, ...] = ()


class Found(Enum):
    """The kinds that are told apart."""

    XLSX = Content("Excel 工作簿", (".xlsx", ".xlsm", ".xltx", ".xltm", ".et", ".ett"))
    XLSB = Content("Excel 二进制工作簿（xlsb）", (".xlsb",))
    ODS = Content("OpenDocument 表格（ods）", (".ods",))
    OLD_WORKBOOK = Content("旧格式的工作簿（xls、et）", (".xls", ".et", ".xlt", ".ett"))
    ENCRYPTED = Content(
        "加密的 Office 文件", (".xlsx", ".xlsm", ".docx", ".pptx", ".xls", ".doc", ".et", ".wps")
    )
    WORD = Content("Word 文档", (".docx", ".docm", ".dotx", ".wps"))
    OLD_WORD = Content("旧格式的 Word 文档（doc、wps）", (".doc", ".wps", ".dot"))
    SLIDES = Content("演示文稿", (".pptx", ".pptm", ".ppsx", ".dps"))
    OLD_OFFICE = Content("旧格式的 Office 文件", (".doc", ".ppt", ".xls", ".wps", ".et", ".dps", ".msg"))
    PDF = Content("PDF 文件", (".pdf",))
    OFD = Content("OFD 版式文件", (".ofd",))
    PNG = Content("PNG 图片", (".png",))
    JPEG = Content("JPEG 图片", (".jpg", ".jpeg"))
    OTHER_IMAGE = Content("图片", (".gif", ".bmp", ".webp", ".tif", ".tiff"))
    ZIP = Content("压缩包", (".zip",))
    OTHER_ARCHIVE = Content("压缩包", (".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz"))
    WEB_PAGE = Content("网页或 XML 文件", (".html", ".htm", ".mht", ".xml", ".svg"))
    PROGRAM = Content("可执行程序", ())
    TEXT = Content("文本", (".csv", ".txt", ".tsv", ".md", ".json"))
    UNKNOWN = Content("认不出的二进制文件", ())


_MAGIC = (
    (b"%PDF-", Found.PDF),
    (b"\x89PNG\r\n\x1a\n", Found.PNG),
    (b"\xff\xd8\xff", Found.JPEG),
    (b"GIF8", Found.OTHER_IMAGE),
    (b"II*\x00", Found.OTHER_IMAGE),
    (b"MM\x00*", Found.OTHER_IMAGE),
    (b"Rar!", Found.OTHER_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Found.OTHER_ARCHIVE),
    (b"\x1f\x8b", Found.OTHER_ARCHIVE),
    (b"BZh", Found.OTHER_ARCHIVE),
    (b"\xfd7zXZ\x00", Found.OTHER_ARCHIVE),
    (b"MZ", Found.PROGRAM),
    (b"\x7fELF", Found.PROGRAM),
    (b"#!/", Found.PROGRAM),
)
OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def sniff(stream: BinaryIO, name: str, limits: Limits) -> Found:
    """What the stream holds. Reads the head, and of a zip the directory; leaves the stream at 0. ZipBomb, DamagedWorkbook."""
    stream.seek(0)
    head = stream.read(4096)
    try:
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _inside_zip(stream, name, limits)
        if head.startswith(OLE_HEADER):
            return _inside_ole(stream)
    finally:
        stream.seek(0)
    for magic, found in _MAGIC:
        # "MZ" and "BZh" are also how a line of text may begin; a program's head holds zero bytes.
        if head.startswith(magic) and (len(magic) > 3 or found is Found.JPEG or b"\x00" in head):
            return found
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Found.OTHER_IMAGE
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith(
        (
            b"<html",
            b"<!doctype",
            b"<table",
            b"<?xml",
            b"<meta",
            b"<head",
            b"<style",
            b"<svg",
            b"<script",
            b"mime-version:",
        )
    ):
        return Found.WEB_PAGE
    if utf16_of(head) or not _binary(head):
        return Found.TEXT
    return Found.UNKNOWN


def utf16_of(head: bytes) -> str | None:
    """``utf-16`` (with mark), ``utf-16-le`` or ``utf-16-be`` (without) when the head reads as such, else None.

    Without a mark the commas and line ends of a table betray it: every second byte of many is zero, always on one side.
    """
    if head.startswith(_UTF16_BOMS):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd >= 4 and even == 0 and b"\n\0" in head:
        return "utf-16-le"
    if even >= 4 and odd == 0 and b"\0\n" in head:
        return "utf-16-be"
    return None


def _binary(head: bytes) -> bool:
    controls = sum(head.count(code) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    return controls * 50 > len(head) or head.count(0) * 10 > len(head)


def _inside_ole(stream: BinaryIO) -> Found:
    """Names in a compound file's directory are UTF-16; the directory may stand anywhere, so the whole file is scanned."""
    wanted = {
        "EncryptedPackage": Found.ENCRYPTED,
        "Workbook": Found.OLD_WORKBOOK,
        "Book": Found.OLD_WORKBOOK,
        "WordDocument": Found.OLD_WORD,
    }
    seen = set()
    stream.seek(0)
    tail = b""
    while chunk := stream.read(CHUNK):
        data = tail + chunk
        for word in wanted:
            # A directory entry is 128 bytes and begins with its name; the name is closed by a zero.
            if word not in seen and (word + "\0").encode("utf-16-le") in data:
                seen.add(word)
        tail = data[-64:]
    return next((found for word, found in wanted.items() if word in seen), Found.OLD_OFFICE)


def _inside_zip(stream: BinaryIO, name: str, limits: Limits) -> Found:
    names = {info.filename for info in checked_entries(stream, name, limits)}
    if "xl/workbook.bin" in names:
        return Found.XLSB
    if any(one.startswith("xl/") or one.endswith("/workbook.xml") or one == "workbook.xml" for one in names):
        return Found.XLSX
    if "EncryptedPackage" in names:
        return Found.ENCRYPTED
    for prefix, found in (("word/", Found.WORD), ("ppt/", Found.SLIDES)):
        if any(one.startswith(prefix) for one in names):
            return found
    if "OFD.xml" in names:
        return Found.OFD
    return Found.ODS if {"mimetype", "content.xml"} <= names else Found.ZIP


def checked_entries(stream: BinaryIO, name: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """The entries of a zip whose directory has been found harmless before anything is unpacked.

    Checked: size of the directory itself (it is held in memory), number of entries, sum of unpacked sizes, ratio of each
    large entry, and that the packed sizes fit into the file (overlapping entries do not). ``zipfile`` never unpacks more
    than an entry declares, so a lying directory ends as a damaged file. ZipBomb, DamagedWorkbook.
    """
    size = stream.seek(0, 2)
    entries, directory = _directory_size(stream, size, name)
    if entries > limits.entries or directory > limits.directory_bytes:
        raise ZipBomb(name, f"里面有 {entries} 个文件（最多 {limits.entries} 个）")
    try:
        with zipfile.ZipFile(stream) as package:
            infos = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise DamagedWorkbook(name, "压缩包的目录读不出来") from error
    if len(infos) > limits.entries:
        raise ZipBomb(name, f"里面有 {len(infos)} 个文件（最多 {limits.entries} 个）")
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked_bytes:
        raise ZipBomb(name, f"解开后有 {size_text(total)}（上限 {size_text(limits.unpacked_bytes)}）")
    for info in infos:
        if info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * max(
            info.compress_size, 1
        ):
            times = info.file_size // max(info.compress_size, 1)
            raise ZipBomb(name, f"里面的“{info.filename}”解开后大了 {times} 倍（上限 {limits.ratio} 倍）")
    if sum(info.compress_size for info in infos) > size:
        raise ZipBomb(name, "里面的文件互相重叠")
    if any(info.flag_bits & 1 for info in infos):
        raise DamagedWorkbook(name, "压缩包加了密码")
    return infos


def _directory_size(stream: BinaryIO, size: int, name: str) -> tuple[int, int]:
    """(entries, bytes) of the central directory, read from its end record before ``zipfile`` loads it whole."""
    reach = min(size, 65_535 + 22)
    stream.seek(size - reach)
    tail = stream.read(reach)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise DamagedWorkbook(name, "压缩包没有结尾")
    entries, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    locator = size - reach + at - 20
    if locator >= 0:
        stream.seek(locator)
        record = stream.read(20)
        if record.startswith(b"PK\x06\x07"):
            stream.seek(min(struct.unpack("<Q", record[8:16])[0], size))
            wide = stream.read(56)
            if len(wide) == 56 and wide.startswith(b"PK\x06\x06"):
                entries, directory = struct.unpack("<QQ", wide[32:48])
    return entries, directory
