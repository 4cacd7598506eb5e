"""Files that prove a record: kept by their content, found through the record, served only to those who see the record."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models import Min

from keshu.directory.actors import Actor, Can
from keshu.journal.models import HistoryRow
from keshu.journal.writing import writing
from keshu.ledger.classified import Classified, refuse_classified
from keshu.ledger.intake.contents import first_page, refuse_cut_off, refuse_script
from keshu.ledger.intake.limits import MEGABYTE, Limits
from keshu.ledger.intake.sniffing import Found
from keshu.ledger.intake.uploads import check_upload, place_of, safe_name, store
from keshu.ledger.models import Evidence
from keshu.ledger.registers import Register
from keshu.procedure.moving import moves_of
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
#: One paper of a record. Our own configuration, no document fixes it; the whole form has to fit beside it.
MOST_BYTES = 50 * MEGABYTE
#: In a file's name a level stands bare; 商业秘密, 国家秘密 and 技术秘密 are also what ordinary papers are about.
_IN_NAME = re.compile(r"(?<!商业)(?<!国家)(?<!技术)(绝密|机密|秘密)")
#: On a first page a level stands on a line of its own or behind 密级 (GB/T 9704: left above, with or without its term).
_ON_PAGE = re.compile(r"(?:密级(?:和保密期限)?[:：])?(绝密|机密|秘密)(?:级|[★☆].*)?")


class EvidenceStays(PermissionError):
    """A paper may not be taken back."""


def attach(
    record: Any,
    actor: Actor,
    stream: BinaryIO,
    filename: str,
    *,
    caption: str,
    accept: Collection[Found] = RECEIVED,
) -> Evidence:
    """Keep a file and tie it to a record with a ``region_id``.

    Refused as IntakeError: too large, empty, of a kind that is not taken, called what it is not, cut off, carrying a macro
    or a script. Refused as Classified: marks of classified content in the name, the caption or on the first page.
    """
    limits = replace(Limits(), upload_bytes=MOST_BYTES)
    found = check_received(stream, filename, caption=caption, accept=accept, limits=limits)
    kept = store(stream, Path(settings.MEDIA_ROOT), name=filename, limits=limits)
    with writing(actor, f"{caption or '佐证'} {record}"):
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
            added_by_id=actor.account_id,
            added_at=clock.now(),
        )
        evidence.save()
    return evidence


def check_received(
    stream: BinaryIO, filename: str, *, accept: Collection[Found], limits: Limits, caption: str = ""
) -> Found:
    """What a file from outside is, when it may be kept. IntakeError and Classified as in ``attach``; the stream stands at 0."""
    refuse_classified(filename, caption)
    _refuse_level(_IN_NAME.search(filename))
    found = check_upload(stream, filename, accept=accept, limits=limits)
    refuse_cut_off(stream, filename, found)
    refuse_script(stream, filename, found)
    for line in first_page(stream, filename, found):
        refuse_classified(line)
        _refuse_level(_ON_PAGE.fullmatch(line))
    stream.seek(0)
    return found


def _refuse_level(mark: re.Match[str] | None) -> None:
    if mark is not None:
        raise Classified(
            f"这份文件标有“{mark.group(1)}”。涉密文件不能传进本系统，请撤下，并按保密规定办理；不是涉密的，改掉字样再传。"
        )


def may_attach(register: Register, record: Any, actor: Actor) -> bool:
    """Whether this actor may add a paper to a record it sees: its own organisation, whoever takes a turn, who keeps ledgers.

    Never while the register says that it takes no papers from this actor (``closed``).
    """
    if register.closed is not None and register.closed(record, actor) is not None:
        return False
    own = record.unit_id is not None and record.unit_id in actor.unit_ids
    return own or actor.can(Can.KEEP_LEDGERS) or any(actor.can(turn) for turn in register.turns.values())


def staying(papers: Sequence[Evidence], record: Any, actor: Actor) -> dict[int, str]:
    """Primary key → why this actor may not take the paper back, for those that stay. Two queries for all papers of a record.

    Whoever added a paper may take it back while nobody has taken a step since; who keeps ledgers may later too, but never a
    paper that went along with a step: the entry of the step names it.
    """
    entries = list(moves_of(record).values_list("revision", "evidence")) if papers else []
    history = HistoryRow.objects.filter(model=Evidence._meta.label, object_pk__in=[p.pk for p in papers])
    added = dict(history.values_list("object_pk").annotate(first=Min("revision"))) if papers else {}
    found = ((paper, _why(paper, entries, added.get(paper.pk, 0), actor)) for paper in papers)
    return {paper.pk: why for paper, why in found if why}


def _why(paper: Evidence, entries: list[tuple[int, list[str]]], added: int, actor: Actor) -> str:
    keeper = actor.can(Can.KEEP_LEDGERS)
    if not keeper and (paper.added_by_id is None or paper.added_by_id != actor.account_id):
        return f"“{paper.name}”是{paper.added_by}传的。请由本人或管台账的科室撤下。"
    if any(revision >= added and paper.sha256 in files for revision, files in entries):
        return f"“{paper.name}”已随办理的一步交出，不能撤下。要更正就再传一份，写明替代哪一份。"
    if not keeper and any(revision > added for revision, _ in entries):
        return f"“{paper.name}”传上来以后已经有人办过，不能自己撤下。请管台账的科室撤，或再传一份更正。"
    return ""


def take_back(evidence: Evidence, record: Any, actor: Actor) -> None:
    """Take a paper off a record; its history stays. Raises EvidenceStays with the reason."""
    stays = staying([evidence], record, actor)
    if stays:
        raise EvidenceStays(stays[evidence.pk])
    with writing(actor, f"撤下佐证 {evidence.name} {record}"):
        evidence.delete()


def evidence_of(record: Any) -> list[Evidence]:
    """The files behind a record, oldest first. Ask only for a record that the reader may see."""
    if not record.pk:
        return []
    rows = Evidence.objects.for_system("记录页").filter(model=record._meta.label, object_pk=record.pk)
    return list(rows.order_by("added_at", "pk"))


def path_of(evidence: Evidence) -> Path:
    """Where the bytes lie."""
    return place_of(evidence.sha256)
