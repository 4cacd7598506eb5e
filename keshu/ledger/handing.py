"""Files handed in beside a draft: they go with it, or become those of the record that it becomes."""

from typing import Any

from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import evidence_of


def give_up(draft: Draft, actor: Actor) -> None:
    """Delete a draft with the files handed in for it."""
    with writing(actor, f"删除{draft}"):
        for paper in evidence_of(draft):
            paper.delete()
        draft.delete()


def hand_over(draft: Draft, record: Any) -> None:
    """The draft's files become the record's. Only inside ``writing``; ``record`` has a ``region_id``."""
    for paper in evidence_of(draft):
        paper.model, paper.object_pk = record._meta.label, record.pk
        paper.region_id_seen = record.region_id
        paper.save()
