"""One door for every write: ``with writing(actor, reason):``.

Rows that must carry the revision number wait until the block ends; then the number is taken from the one
``RevisionHead`` row, which stays locked until the commit. So the order of numbers is the order of commits, and
"everything at or before number n" is a state that really stood (decision 0002).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol, TypeVar, cast

from django.db import models, transaction

from keshu.journal.models import HistoryRow, Revision, RevisionHead
from keshu.journal.rows import Plain, Shape, Written, canonical, canonical_rows, columns_of, insert_new
from keshu.terms import clock
from keshu.terms.cycles import looked_for_seldom

CHUNK = 2000
HISTORY = Shape(HistoryRow, "revision", "model", "object_pk", "action", "data")
Head = TypeVar("Head", bound=models.Model)
Follower = Callable[[Sequence[HistoryRow], int], Iterable[models.Model | Plain]]
_followers: list[Follower] = []


class Writer(Protocol):
    """Who writes: an account with a name, or the system with id None."""

    @property
    def account_id(self) -> int | None: ...

    @property
    def name(self) -> str: ...


class NotWriting(RuntimeError):
    """A recorded object was saved outside ``writing(...)``; its history would have a hole."""


class HistoryBypassed(RuntimeError):
    """``update()`` or ``bulk_*`` was called on a recorded model; these leave no history."""


class NotStamped(RuntimeError):
    """Rows of a model that does not declare ``stamped`` were given to a revision; the check of the chain would miss them."""


@dataclass
class Writing:
    """What one transaction is about to stamp."""

    actor: Writer
    reason: str
    history: list[HistoryRow] = field(default_factory=list)
    stamped: list[Callable[[int], Iterable[models.Model | Plain]]] = field(default_factory=list)
    brought: list[Callable[[], Iterable[models.Model]]] = field(default_factory=list)
    revision: Revision | None = None
    _seen: dict[tuple[str, int], int] = field(default_factory=dict)

    def record(self, instance: models.Model, action: str, data: dict[str, Any] | None) -> None:
        """Remember the state of a recorded object; several saves in one transaction leave one row."""
        label = instance._meta.label
        key = (label, instance.pk)
        if key in self._seen:
            row = self.history[self._seen[key]]
            row.data = data
            row.action = "delete" if data is None else row.action
            return
        self._seen[key] = len(self.history)
        self.history.append(HistoryRow(model=label, object_pk=instance.pk, action=action, data=data))

    def stamp(self, rows: Callable[[int], Iterable[models.Model | Plain]]) -> None:
        """Insert rows that carry the revision number: ``rows(number)`` is consumed lazily when the block ends.

        Objects, or plain rows of a shape where there are many. Their model declares ``stamped = True``, by which the check of
        the chain finds it.
        """
        self.stamped.append(rows)

    def bring(self, objects: Callable[[], Iterable[models.Model]]) -> None:
        """Save many recorded objects when the block ends, in chunks, each with its history and what follows from it.

        ``objects()`` is consumed lazily: memory does not grow with their number. New ones are inserted together; each object comes
        once, and is not saved in the block otherwise.
        """
        self.brought.append(objects)


def follow(follower: Follower) -> Follower:
    """Declare what follows from saved objects in the same transaction: ``follower(history rows, number)`` gives rows to stamp.

    It is asked when a block ends, under the writers' lock, so what it reads is what stood before this revision. Declared once,
    when the application starts: a figure must not depend on who remembered to count.
    """
    if follower not in _followers:
        _followers.append(follower)
    return follower


_current: ContextVar[Writing | None] = ContextVar("keshu_writing", default=None)


def current() -> Writing:
    """The open writing block, or NotWriting."""
    open_block = _current.get()
    if open_block is None:
        raise NotWriting("写入要在 writing(...) 里进行，否则没有留痕。")
    return open_block


@contextmanager
def writing(actor: Writer, reason: str) -> Iterator[Writing]:
    """One transaction that ends by taking a revision number. A nested block joins the outer one."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        block = Writing(actor, reason)
        token = _current.set(block)
        try:
            yield block
        finally:
            _current.reset(token)
        _close(block)


class Content:
    """The digest over the stamped rows of one revision: one running hash per model, in the order of insertion.

    Of each row its columns but the primary key, as canonical JSON on a line of its own; moments in UTC.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._hashes: dict[str, Any] = {}
        self._columns: dict[str, tuple[tuple[str, ...], list[tuple[str, int]]]] = {}

    def add(self, row: models.Model) -> None:
        """Take one object in."""
        label = row._meta.label
        if label not in self._columns:
            self._columns[label] = columns_of(type(row))
        names, written = self._columns[label]
        self._update(label, canonical_rows(written, [[getattr(row, name) for name in names]]), 1)

    def add_plain(self, shape: Shape, rows: Sequence[Sequence[Any]]) -> None:
        """Take plain rows of one model in."""
        self._update(shape.model._meta.label, canonical_rows(shape.written, rows), len(rows))

    def _update(self, label: str, lines: str, count: int) -> None:
        if label not in self._hashes:
            self._hashes[label] = hashlib.sha256()
        self._hashes[label].update(lines.encode())
        self.rows += count

    def hexdigest(self) -> str:
        """One digest over all models."""
        parts = [f"{label}:{running.hexdigest()}" for label, running in sorted(self._hashes.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _insert(rows: Iterable[models.Model | Plain], content: Content) -> None:
    """Insert in chunks grouped by model, feeding the digest; a model comes as objects or as plain rows, not as both."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        objects: dict[type[models.Model], list[models.Model]] = {}
        plain: dict[Shape, list[Sequence[Any]]] = {}
        for row in chunk:
            if isinstance(row, Plain):
                plain.setdefault(row.shape, []).append(row.values)
            else:
                content.add(row)
                objects.setdefault(type(row), []).append(row)
        for model in (*objects, *(shape.model for shape in plain)):
            _require_stamped(model)
        for model, group in objects.items():
            model._base_manager.bulk_create(group, batch_size=CHUNK)
        for shape, values in plain.items():
            content.add_plain(shape, values)
            shape.insert(values)


@dataclass(slots=True)
class Brought:
    """What a follower is told of an object that was saved with many others: as a history row, with the object itself."""

    model: str
    object_pk: int
    action: str
    data: dict[str, Any]
    of: Any


def _bring(objects: Iterable[models.Model], number: int, content: Content) -> None:
    """Save recorded objects chunk by chunk, with their histories and what follows."""
    with looked_for_seldom():
        _bring_chunks(objects, number, content)


def _bring_chunks(objects: Iterable[models.Model], number: int, content: Content) -> None:
    iterator = iter(objects)
    while chunk := list(islice(iterator, CHUNK)):
        new = [one for one in chunk if one._state.adding]
        made = set(map(id, new))
        for one in chunk:
            if id(one) not in made:
                models.Model.save(one, force_update=True)
        if new:
            insert_new(new)
        saved = [
            Brought(
                one._meta.label,
                one.pk,
                "create" if id(one) in made else "change",
                one.recorded_data(),  # type: ignore[attr-defined]
                one,
            )
            for one in chunk
        ]
        rows = [(number, one.model, one.object_pk, one.action, Written.of(one.data)) for one in saved]
        content.add_plain(HISTORY, rows)
        HISTORY.insert(rows)
        for follower in _followers:
            _insert(follower(cast("Sequence[HistoryRow]", saved), number), content)


def _require_stamped(model: type[models.Model]) -> None:
    if model is not HistoryRow and not getattr(model, "stamped", False):
        raise NotStamped(
            f"{model.__name__} 的行要记进修订的摘要，可它没有声明 stamped = True，校验链会漏掉它。请在模型里加上。"
        )


def _close(block: Writing) -> None:
    if not block.history and not block.stamped and not block.brought:
        return
    head = head_row(RevisionHead)
    number = head.number + 1
    at = _after(head.at)
    content = Content()
    for row in block.history:
        row.revision = number
    _insert(block.history, content)
    for follower in _followers:
        _insert(follower(block.history, number), content)
    for objects in block.brought:
        _bring(objects(), number, content)
    for rows in block.stamped:
        _insert(rows(number), content)
    if not content.rows:  # everything turned out to stand already: what changes nothing takes no number
        return
    revision = Revision(
        number=number,
        at=at,
        actor_id=block.actor.account_id,
        actor_name=block.actor.name,
        reason=block.reason[:200],
        rows=content.rows,
        content=content.hexdigest(),
        previous=head.digest,
    )
    revision.digest = link(revision)
    revision.save(force_insert=True)
    RevisionHead.objects.filter(pk=1).update(number=number, at=at, digest=revision.digest)
    block.revision = revision


def head_row(model: type[Head]) -> Head:
    """The single locked row of a chain's head; made on the first write."""
    row = model._base_manager.select_for_update().filter(pk=1).first()
    if row is None:
        model._base_manager.get_or_create(pk=1)
        row = model._base_manager.select_for_update().get(pk=1)
    return row


def _after(last: datetime | None) -> datetime:
    """Now, or a microsecond after the last revision when the clock stands still or runs back."""
    now = clock.now()
    return now if last is None or now > last else last + timedelta(microseconds=1)


def link(revision: Revision) -> str:
    """The digest of one link: the previous link and everything the revision says of itself."""
    parts = [
        revision.previous,
        revision.number,
        revision.at.astimezone(clock.TZ).isoformat(),
        revision.actor_id,
        revision.actor_name,
        revision.reason,
        revision.rows,
        revision.content,
    ]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()
