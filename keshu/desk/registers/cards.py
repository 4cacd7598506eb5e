"""Cards of every record's page: its papers, and what a batch row (汇总行) still stands for."""

from typing import Any

from django.urls import reverse

from keshu.directory.actors import Actor, Can
from keshu.ledger.batches import batch_of, tied_to
from keshu.ledger.evidence import MOST_BYTES, evidence_of, may_attach, staying
from keshu.ledger.intake.hazards import size_text
from keshu.ledger.models import Itemised
from keshu.ledger.records import Record
from keshu.ledger.registers import Register
from keshu.terms import clock

MOST_SHOWN = 100
ACCEPTS = "PDF、OFD、图片、Word、Excel、文本"


def papers_of(register: Register, record: Record, actor: Actor) -> dict[str, Any]:
    """The card of a record's papers: what there is, and whether this actor may add one."""
    papers = evidence_of(record)
    stays = staying(papers, record, actor)
    return {
        "rows": [
            {
                "pk": paper.pk,
                "caption": paper.caption or "佐证",
                "name": paper.name,
                "about": f"{size_text(paper.size)} · {paper.added_by} · "
                f"{paper.added_at.astimezone(clock.TZ):%Y-%m-%d %H:%M}",
                "href": reverse("desk:record_paper", args=[register.code, record.pk, paper.pk]),
                "sha256": paper.sha256,
                "back_href": reverse("desk:record_paper_back", args=[register.code, record.pk, paper.pk])
                if paper.pk not in stays
                else "",
            }
            for paper in papers
        ],
        "may": may_attach(register, record, actor),
        "most": size_text(MOST_BYTES),
        "most_bytes": MOST_BYTES,
        "accepts": ACCEPTS,
    }


def batch_card(register: Register, record: Record, actor: Actor) -> dict[str, Any] | None:
    """What the page says of a batch row, or of the batch row a record was taken from; None for other records."""
    ties = list(tied_to(record)[:MOST_SHOWN])
    if record.is_batch or ties:
        rows = register.rows(actor).in_bulk([tie.record_pk for tie in ties])
        return {
            "items": record.items,
            "done": sum(tie.items for tie in ties),
            "rows": [_row(register, tie, rows.get(tie.record_pk)) for tie in ties],
            "may": actor.can(Can.KEEP_LEDGERS),
        }
    tie = batch_of(record)
    if tie is None:
        return None
    whole = register.rows(actor).filter(pk=tie.batch_pk).first()
    return {"from": _row(register, tie, whole), "may": actor.can(Can.KEEP_LEDGERS)} if whole else None


def _row(register: Register, tie: Itemised, record: Any) -> dict[str, Any]:
    return {
        "tie": tie.pk,
        "title": str(record) if record is not None else "（不在现在岗位的范围里）",
        "number": record.number if record is not None else "",
        "items": tie.items,
        "href": reverse("desk:record", args=[register.code, record.pk]) if record is not None else "",
    }
