"""The audit chain: who did what that matters for security, append-only, each entry closed over the one before."""

import hashlib
from typing import Any

from django.db import transaction

from keshu.journal.models import AuditEntry, AuditHead
from keshu.journal.rows import canonical
from keshu.journal.writing import Writer, head_row
from keshu.terms import clock


def note(
    actor: Writer | None,
    kind: str,
    target: str,
    *,
    outcome: str = "成功",
    address: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; ``kind`` is a short Chinese word such as 登录, 导出, 拒绝, 授权."""
    with transaction.atomic():
        head = head_row(AuditHead)
        entry = AuditEntry(
            at=clock.now(),
            actor_id=actor.account_id if actor else None,
            actor_name=actor.name if actor else "未登录",
            kind=kind,
            target=target[:200],
            outcome=outcome,
            address=address,
            detail=detail or {},
            previous=head.digest,
        )
        entry.digest = link(entry)
        entry.save(force_insert=True)
        AuditHead.objects.filter(pk=1).update(digest=entry.digest)
    return entry


def link(entry: AuditEntry) -> str:
    """The digest of one entry over the previous one."""
    parts = [
        entry.previous,
        entry.at.astimezone(clock.TZ).isoformat(),
        entry.actor_id,
        entry.actor_name,
        entry.kind,
        entry.target,
        entry.outcome,
        entry.address,
        entry.detail,
    ]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def broken_entries() -> list[int]:
    """Primary keys of entries whose link does not hold; empty when the chain is sound.

    Entries cut off at the end are seen against the head: then the key after the last one is named.
    """
    broken = []
    previous = ""
    last = 0
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.previous != previous or link(entry) != entry.digest:
            broken.append(entry.pk)
        previous, last = entry.digest, entry.pk
    head = AuditHead.objects.filter(pk=1).first()
    if head is not None and head.digest != previous:
        broken.append(last + 1)
    return broken
