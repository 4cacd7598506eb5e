"""The blank workbook behind a collection: kept as it came, and sent out as it is while it still holds every column."""

import io
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from keshu.collecting.columns import reading_columns
from keshu.collecting.models import Collection
from keshu.collecting.receiving import LIMITS
from keshu.directory.actors import Actor
from keshu.ledger.evidence import attach, evidence_of, path_of
from keshu.ledger.intake.hazards import IntakeError, OnlyHead
from keshu.ledger.intake.marking import with_mark
from keshu.ledger.intake.reading import open_table
from keshu.ledger.intake.sniffing import Found, sniff
from keshu.ledger.intake.uploads import place_of, store
from keshu.ledger.models import Evidence

CAPTION = "空白表"


def put_by(stream: BinaryIO, filename: str) -> str:
    """Keep a blank whose columns are being looked over; its digest, empty for a kind that cannot be sent out as it is."""
    stream.seek(0)
    if sniff(stream, filename, LIMITS) is not Found.XLSX:
        return ""
    stream.seek(0)
    return store(stream, Path(settings.MEDIA_ROOT), name=filename, limits=LIMITS).sha256


def keep_blank(collection: Collection, actor: Actor, sha256: str, filename: str) -> bool:
    """Tie a blank that was put by to its collection; whether it can be sent out as it is. IntakeError, Classified."""
    with place_of(sha256).open("rb") as stream:
        attach(collection, actor, stream, filename, caption=CAPTION, accept=(Found.XLSX,))
    return blank_of(collection) is not None


def blank_of(collection: Collection) -> bytes | None:
    """The blank to send out: its own or that of a collection it follows; None where a column was renamed or added since."""
    held, asked = _held(collection), collection
    while held is None and asked.follows is not None:
        asked = asked.follows
        held = _held(asked)
    if held is None or not path_of(held).is_file():
        return None
    content = path_of(held).read_bytes()
    try:
        with_mark(content, {}, held.name)
        with open_table(io.BytesIO(content), held.name, columns=reading_columns(collection.cols)):
            pass
    except OnlyHead:
        return content
    except IntakeError:
        return None
    return content


def _held(collection: Collection) -> Evidence | None:
    """The blank that was tied to this very collection last."""
    return next((one for one in reversed(evidence_of(collection)) if one.caption == CAPTION), None)
