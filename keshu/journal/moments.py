"""From a moment to a revision, and the check of the chain."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.apps import apps
from django.db import models

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
    if _is_number(text):
        number = int(text[1:])
        if number > latest():
            raise UnknownRevision(f"没有修订号 {number}，最新是 {latest()}。")
        return number
    return revision_at(clock.moment(text))


def judged_at(text: str | None, revision: int) -> datetime:
    """The moment at which lateness and dated rules are judged for an as-of that was read as ``revision``.

    Now; the moment named, though never one to come (of a bare date the last instant of that day, not the next day's first); for
    ``r123`` the moment when that revision was committed, so that a paper with this code is always made alike.
    """
    now = clock.now()
    if not text:
        return now
    if _is_number(text):
        return moment_of(revision) or now
    named = clock.moment(text).astimezone(clock.TZ)
    if named.time() == time():
        named -= timedelta(microseconds=1)
    return min(named, now)


def _is_number(text: str) -> bool:
    return text[:1] in "rR" and text[1:].isdigit()


def moment_of(revision: int) -> datetime | None:
    """When a revision was committed, in local time; None for revision 0."""
    at = Revision.objects.filter(number=revision).values_list("at", flat=True).first()
    return at.astimezone(clock.TZ) if at else None


def stamped_models() -> list[type[models.Model]]:
    """The models whose rows carry a revision number and stand in its digest: the history, and whatever declares ``stamped``."""
    return [HistoryRow, *(model for model in apps.get_models() if getattr(model, "stamped", False))]


def broken_links() -> Iterator[str]:
    """Walk the chain and yield a sentence per break: a changed revision row, a missing one, changed stamped rows."""
    stamped = stamped_models()
    previous = ""
    expected = 1
    for revision in Revision.objects.order_by("number").iterator():
        if revision.number != expected:
            yield f"修订 {expected} 不见了。"
            expected = revision.number
        if revision.previous != previous or link(revision) != revision.digest:
            yield f"修订 {revision.number} 的链值对不上，这一行或它前面被改过。"
        content = Content()
        for model in stamped:
            for row in model._base_manager.filter(revision=revision.number).order_by("pk").iterator():
                content.add(row)
        if content.rows != revision.rows or content.hexdigest() != revision.content:
            yield f"修订 {revision.number} 的内容对不上：记着 {revision.rows} 行，现有 {content.rows} 行或内容被改过。"
        previous = revision.digest
        expected += 1
    head = RevisionHead.objects.filter(pk=1).first()
    if head is not None and head.digest != previous:
        yield "链尾和最后一条修订对不上。"
