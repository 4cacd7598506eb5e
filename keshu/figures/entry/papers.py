"""Files that prove a sheet: the sealed scan, the received file behind a 代录. Kept by content, found through the sheet."""

from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from keshu.directory.actors import Actor
from keshu.figures.entry.models import Sheet
from keshu.journal.writing import writing
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_upload, safe_name, store
from keshu.ledger.models import Evidence
from keshu.terms import clock

#: What a scan may be.
SCANS = (Found.PDF, Found.OFD, Found.PNG, Found.JPEG)
#: What a department or county may have sent.
RECEIVED = (*SCANS, Found.XLSX, Found.OLD_WORKBOOK, Found.WORD, Found.OLD_WORD, Found.TEXT)
MEDIA = {
    Found.PDF: "application/pdf",
    Found.PNG: "image/png",
    Found.JPEG: "image/jpeg",
    Found.TEXT: "text/plain; charset=utf-8",
}
SEALED, SENT = "盖章扫描件", "收到的文件"


class NotYet(ValueError):
    """The paper cannot be attached now."""


def attach(sheet: Sheet, actor: Actor, stream: BinaryIO, filename: str, caption: str) -> Evidence:
    """Keep a file and tie it to the sheet. ``caption`` is SEALED or SENT.

    Every refusal is an IntakeError. A sealed scan is of a printed, finished sheet: NotYet while it is a draft.
    """
    if caption == SEALED and sheet.state == Sheet.State.DRAFT:
        raise NotYet("还是草稿，没有可盖章的表。先送审核，打印盖章后再传扫描件。")
    found = check_upload(stream, filename, accept=SCANS if caption == SEALED else RECEIVED)
    kept = store(stream, Path(settings.MEDIA_ROOT), name=filename)
    with writing(actor, f"{caption} {sheet}"):
        evidence = Evidence(
            model=Sheet._meta.label,
            object_pk=sheet.pk,
            region_id_seen=sheet.region_id,
            sha256=kept.sha256,
            size=kept.size,
            name=safe_name(filename),
            media_type=MEDIA.get(found, "application/octet-stream"),
            caption=caption,
            added_by=actor.name,
            added_at=clock.now(),
        )
        evidence.save()
    return evidence


def papers_of(sheet: Sheet) -> list[Evidence]:
    """The sheet's papers, oldest first."""
    if not sheet.pk:
        return []
    rows = Evidence.objects.for_system("填报页").filter(model=Sheet._meta.label, object_pk=sheet.pk)
    return list(rows.order_by("added_at", "pk"))


def path_of(evidence: Evidence) -> Path:
    """Where the bytes lie."""
    return Path(settings.MEDIA_ROOT) / evidence.sha256[:2] / evidence.sha256
