"""Files that prove a record: kept by their content, found through the record, served only to those who see the record."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_upload, safe_name, store
from keshu.ledger.models import Evidence
from keshu.terms import clock

#: What a scan may be.
SCANS = (Found.PDF, Found.OFD, Found.PNG, Found.JPEG)
#: What an organisation may hand in.
RECEIVED = (*SCANS, Found.XLSX, Found.OLD_WORKBOOK, Found.WORD, Found.OLD_WORD, Found.TEXT)
MEDIA = {
    Found.PDF: "application/pdf",
    Found.PNG: "image/png",
    Found.JPEG: "image/jpeg",
    Found.TEXT: "text/plain; charset=utf-8",
}


def attach(
    record: Any,
    actor: Actor,
    stream: BinaryIO,
    filename: str,
    *,
    caption: str,
    accept: Collection[Found] = RECEIVED,
) -> Evidence:
    """Keep a file and tie it to a record with a ``region_id``. Every refusal is an IntakeError, or Classified by its name."""
    refuse_classified(filename, caption)
    found = check_upload(stream, filename, accept=accept)
    kept = store(stream, Path(settings.MEDIA_ROOT), name=filename)
    with writing(actor, f"{caption} {record}"):
        evidence = Evidence(
            model=record._meta.label,
            object_pk=record.pk,
            region_id_seen=record.region_id,
            sha256=kept.sha256,
            size=kept.size,
            name=safe_name(filename),
            media_type=MEDIA.get(found, "application/octet-stream"),
            caption=caption[:200],
            added_by=actor.name,
            added_at=clock.now(),
        )
        evidence.save()
    return evidence


def evidence_of(record: Any) -> list[Evidence]:
    """The files behind a record, oldest first. Ask only for a record that the reader may see."""
    if not record.pk:
        return []
    rows = Evidence.objects.for_system("记录页").filter(model=record._meta.label, object_pk=record.pk)
    return list(rows.order_by("added_at", "pk"))


def path_of(evidence: Evidence) -> Path:
    """Where the bytes lie."""
    return Path(settings.MEDIA_ROOT) / evidence.sha256[:2] / evidence.sha256
