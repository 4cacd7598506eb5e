"""Office files with the same bytes for the same content: fixed times inside the archive and in its core properties."""

import io
import re
import zipfile
from datetime import UTC, datetime

_DATED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def steady(content: bytes, moment: datetime | None) -> bytes:
    """The same OOXML archive with every time in it set to ``moment`` (None: 1980), so that bytes depend on content only."""
    stamp = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "1980-01-01T00:00:00Z"
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _DATED.sub(rb"\g<1>" + stamp.encode() + rb"\g<2>", data)
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, data)
    return out.getvalue()
