"""From a moment to a revision, and the check of the chain."""

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps

from keshu.journal.models import HistoryRow, Revision, RevisionHead
from keshu.journal.writing import Content, link
from keshu.terms import clock


class UnknownRevision(ValueError):
    """No revision has this number."""


def latest() -> int:
    """The newest committed revision number, 0 in an empty house."""
    return RevisionHead.objects.values_list("number", flat=True).filter(pk=1).first() or 0


def revision_at(moment: datetime) -> int:
    """The highest revision at or before ``moment``; 0 when nothing had been written yet."""
    number = (
        Revision.objects.filter(at__lte=moment).order_by("-number").values_list("number", flat=True).first()
    )
    return number or 0


def read_as_of(text: str | None) -> int:
    """An as-of as people write it: empty = now, ``r123`` = that revision, otherwise a moment (a bare date means 24:00)."""
    if not text:
        return latest()
    if text[:1] in "rR" and text[1:].isdigit():
        number = int(text[1:])
        if number > latest():
            raise UnknownRevision(f"没有修订号 {number}，最新是 {latest()}。")
        return number
    return revision_at(clock.moment(text))


def moment_of(revision: int) -> datetime | None:
    """When a revision was committed, in local time; None for revision 0."""
    at = Revision.objects.filter(number=revision).values_list("at", flat=True).first()
    return at.astimezone(clock.TZ) if at else None


def broken_links(stamped_models: tuple[str, ...] = ()) -> Iterator[str]:
    """Walk the chain and yield a sentence per break: a changed revision row, a missing one, changed stamped rows."""
    previous = ""
    expected = 1
    for revision in Revision.objects.order_by("number").iterator():
        if revision.number != expected:
            yield f"修订 {expected} 不见了。"
            expected = revision.number
        if revision.previous != previous or link(revision) != revision.digest:
            yield f"修订 {revision.number} 的链值对不上，这一行或它前面被改过。"
        content = Content()
        for model in (HistoryRow, *(apps.get_model(label) for label in stamped_models)):
            for row in model._base_manager.filter(revision=revision.number).order_by("pk").iterator():
                content.add(row)
        if content.rows != revision.rows or content.hexdigest() != revision.content:
            yield f"修订 {revision.number} 的内容对不上：记着 {revision.rows} 行，现有 {content.rows} 行或内容被改过。"
        previous = revision.digest
        expected += 1
    head = RevisionHead.objects.filter(pk=1).first()
    if head is not None and head.digest != previous:
        yield "链尾和最后一条修订对不上。"
