"""The zip of an office file: parts are read by name, and a changed part goes back among the others as they were."""

import io
import zipfile
from collections.abc import Mapping

from keshu.ledger.intake.hazards import DamagedWorkbook


def read_part(content: bytes, part: str, name: str) -> bytes:
    """The bytes of a part, whatever the case of its name. DamagedWorkbook when it is not there or cut off."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = {one.lower(): one for one in package.namelist()}
            return package.read(names[part.lower().lstrip("/")])
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise DamagedWorkbook(name, f"里面缺少“{part}”") from error


def has_part(content: bytes, part: str) -> bool:
    """Whether a part is there."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return part.lower() in {one.lower() for one in package.namelist()}


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The file with some parts replaced. Order, times, names and every byte of the other parts stay; the same content gives the
    same bytes."""
    changed = {part.lower().lstrip("/"): data for part, data in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            data = changed.get(entry.filename.lower())
            kept = zipfile.ZipInfo(entry.filename, entry.date_time)
            kept.compress_type = entry.compress_type
            kept.external_attr, kept.create_system = entry.external_attr, entry.create_system
            kept.comment = entry.comment
            target.writestr(kept, source.read(entry) if data is None else data)
    return out.getvalue()
