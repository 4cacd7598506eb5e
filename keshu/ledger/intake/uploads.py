"""Files that come in: what they are, what they may be called, and keeping them by their content."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.conf import settings

from keshu.ledger.intake.hazards import DiskFull, EmptyFile, NotAccepted, TooLarge, WrongExtension
from keshu.ledger.intake.limits import MEGABYTE, Limits
from keshu.ledger.intake.sniffing import CHUNK, Found, sniff

# What is left free for the database to go on writing.
RESERVE_BYTES = 200 * MEGABYTE
LONGEST_NAME_BYTES = 200
NO_NAME = "未命名"

# A filesystem, a quota or a file-size limit that refuses the next byte is the same to the clerk.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept file. ``size`` in bytes; ``existed`` when the same content had been kept before."""

    sha256: str
    size: int
    path: Path
    existed: bool


@contextmanager
def disk_full_as_refusal() -> Iterator[None]:
    """Turn "no room" of the operating system into DiskFull; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull from error
        raise


def safe_name(name: str) -> str:
    """A file name fit to be shown and to be saved under Windows, macOS and Linux; never a path, never empty.

    Takes the last part of either kind of path; drops control, format (right-to-left override) and forbidden characters,
    leading dots, trailing dots and spaces; puts _ before reserved device names; keeps the extension when it shortens.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(
        one for one in last if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    kept = _FORBIDDEN.sub("_", visible).strip().lstrip(".").rstrip(". ").strip()
    if not kept:
        return NO_NAME
    if _RESERVED.match(kept):
        kept = "_" + kept
    if len(kept.encode()) > LONGEST_NAME_BYTES:
        suffix = PurePosixPath(kept).suffix
        suffix = suffix if len(suffix.encode()) <= 20 else ""
        room = LONGEST_NAME_BYTES - len(suffix.encode())
        stem = kept[: len(kept) - len(suffix)].encode()[:room].decode(errors="ignore")
        kept = stem + suffix
    return kept


def check_upload(
    stream: BinaryIO, filename: str, *, accept: Collection[Found], limits: Limits | None = None
) -> Found:
    """What an upload is, when it may come in; the stream stands at 0 afterwards.

    Errors: TooLarge and EmptyFile by size alone, NotAccepted by content, WrongExtension when the name pretends,
    ZipBomb and DamagedWorkbook from looking into a package.
    """
    limits = limits or Limits()
    size = stream.seek(0, os.SEEK_END)
    if size > limits.upload_bytes:
        raise TooLarge(filename, size, limits.upload_bytes)
    if size == 0:
        raise EmptyFile(filename)
    found = sniff(stream, filename, limits)
    if found not in accept:
        names = list(dict.fromkeys(one.value.name for one in Found if one in accept))
        raise NotAccepted(filename, found.value.name, names)
    if PurePosixPath(filename.lower()).suffix not in found.value.extensions:
        raise WrongExtension(filename, found.value.name, found.value.extensions)
    return found


def check_space(directory: Path, need: int, *, reserve: int = RESERVE_BYTES) -> None:
    """DiskFull when ``need`` bytes more would leave less than ``reserve`` free where ``directory`` is (or will be)."""
    place = directory
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < need + reserve:
        raise DiskFull(need + reserve, free)


def store(stream: BinaryIO, directory: Path, *, name: str = "", limits: Limits | None = None) -> Stored:
    """Keep a stream under its SHA-256 (``ab/ab12…``) and say where; all of it or nothing.

    Written beside its place, flushed to the disk, then renamed: a cut never leaves half a file under a good name. The
    size is counted while it streams, so a lying header does not help. Errors: TooLarge, DiskFull; nothing stays then.
    """
    limit = (limits or Limits()).upload_bytes
    with disk_full_as_refusal():
        directory.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".incoming-", dir=directory)
    try:
        digest, size = hashlib.sha256(), 0
        with disk_full_as_refusal(), os.fdopen(handle, "wb") as out:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLarge(name, size, limit)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        sha256 = digest.hexdigest()
        path = place_of(sha256, directory)
        with disk_full_as_refusal():
            path.parent.mkdir(exist_ok=True)
            existed = path.exists()
            if existed:
                Path(temporary).unlink()
            else:
                Path(temporary).replace(path)
                _sync_folder(path.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Stored(sha256, size, path, existed)


def place_of(sha256: str, directory: Path | None = None) -> Path:
    """Where the bytes of a digest lie, by default in the house's own folder of files."""
    return (Path(settings.MEDIA_ROOT) if directory is None else directory) / sha256[:2] / sha256


def found_again(sha256: str) -> Path | None:
    """A file that a form names by its digest, as it was shown before; None for what is no digest or is not there."""
    if len(sha256) != 64 or not (sha256.isascii() and sha256.isalnum()):
        return None
    path = place_of(sha256)
    return path if path.is_file() else None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
