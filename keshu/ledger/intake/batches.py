"""A file of rows on its way in, whatever the rows become: kept, read in the background, looked at, applied as a whole or given up."""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from django.db import DatabaseError, models, transaction
from django.db.models import F

from keshu.directory.actors import Actor
from keshu.directory.scope import ScopedQuerySet
from keshu.journal import moments
from keshu.ledger.intake.cells import Row
from keshu.ledger.intake.uploads import place_of
from keshu.terms import clock

# A reading that has said nothing for so long has lost its worker; opening a long workbook takes seconds, not minutes.
PATIENCE = timedelta(seconds=90)
CHUNK = 2000


class BatchState(ValueError):
    """The batch is not in the state this needs."""


class ReadElsewhere(BatchState):
    """Another reading of the batch began, or it was given up, while this one was under way."""


class PreviewStale(BatchState):
    """What stood when the preview was made has been changed by somebody else since."""


class Verdict(models.TextChoices):
    """What would become of a row."""

    NEW = "new", "新增"
    CHANGED = "changed", "改动"
    IDENTICAL = "identical", "相同"
    EMPTY = "empty", "空缺"
    REFUSED = "refused", "拒收"


class FileBatch(models.Model):
    """One uploaded file on its way in. Its rows are ``rows``; ``fresh`` says what a new reading begins with besides the counts."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待读取"
        READING = "reading", "读取中"
        READY = "ready", "待确认"
        APPLIED = "applied", "已导入"
        FAILED = "failed", "没读成"
        DISCARDED = "discarded", "已放弃"

    filename = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    size = models.BigIntegerField("字节数", default=0)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    account = models.BigIntegerField("账号", null=True)
    employment = models.BigIntegerField("任职", null=True)
    uploaded_by = models.CharField("上传人", max_length=60)
    uploaded_at = models.DateTimeField("上传时刻")
    head = models.JSONField("表头", default=list)
    sheet_unit = models.CharField("表上注明的单位", max_length=20, blank=True)
    attempt = models.IntegerField("第几次读", default=0)
    beat_at = models.DateTimeField("最近动静", null=True)
    rows_read = models.IntegerField("已读行数", default=0)
    read_at_revision = models.BigIntegerField("比对时的修订号", default=0)
    counts = models.JSONField("计数", default=dict)
    notes = models.JSONField("说明", default=list)
    failure = models.TextField("没读成的原因", blank=True)
    revision = models.BigIntegerField("修订号", null=True)
    applied_at = models.DateTimeField("导入时刻", null=True)

    objects = ScopedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"account": "account"}

    fresh: ClassVar[dict[str, Any]] = {}

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.filename}（第 {self.pk} 批）"

    @property
    def is_open(self) -> bool:
        """Whether somebody may still act on it: it is neither applied nor given up."""
        return self.state not in (self.State.APPLIED, self.State.DISCARDED)

    @property
    def is_underway(self) -> bool:
        """Whether it waits for its reading or is being read."""
        return self.state in (self.State.WAITING, self.State.READING)

    @property
    def is_stalled(self) -> bool:
        """Whether the reading has stopped without an end (没读完): it can be read again or given up.

        The distance counts both ways, because a demonstration's date stands still while its hours run past midnight.
        """
        return self.is_underway and (self.beat_at is None or abs(clock.now() - self.beat_at) > PATIENCE)

    @property
    def standing(self) -> str:
        """The state in a word for a list."""
        if self.is_stalled:
            return "没读完" if self.state == self.State.READING else "没有开始读"
        return self.State(self.state).label


B = TypeVar("B", bound=FileBatch)
State = FileBatch.State


def open_batch(
    model: type[B], filename: str, actor: Actor, *, size: int = 0, sha256: str = "", **more: Any
) -> B:
    """A new batch that waits for its reading."""
    now = clock.now()
    return model._base_manager.create(
        filename=filename[:200],
        size=size,
        sha256=sha256,
        account=actor.account_id,
        employment=actor.employment_id,
        uploaded_by=actor.name,
        uploaded_at=now,
        beat_at=now,
        **more,
    )


def wait(batch: FileBatch) -> None:
    """Put a batch back in the queue: the worker takes it from here."""
    waiting = (
        type(batch)._base_manager.filter(pk=batch.pk).exclude(state__in=[State.APPLIED, State.DISCARDED])
    )
    waiting.update(state=State.WAITING, beat_at=clock.now(), rows_read=0, failure="")
    batch.refresh_from_db()


def path_of(batch: FileBatch) -> Path:
    """Where the file of a batch lies."""
    return place_of(batch.sha256)


def is_disk_full(error: DatabaseError) -> bool:
    """Whether a database gave up because nothing more fits: SQLITE_FULL, or 53100 of the PostgreSQL family."""
    return "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", "") == "53100"


def begin(batch: FileBatch) -> None:
    """Take the batch for this reading; an earlier one that is still under way finds its attempt gone."""
    revision = moments.latest()
    with transaction.atomic():
        began = (
            type(batch)
            ._base_manager.filter(
                pk=batch.pk, state__in=[State.WAITING, State.READING, State.READY, State.FAILED]
            )
            .update(
                state=State.READING,
                attempt=F("attempt") + 1,
                beat_at=clock.now(),
                rows_read=0,
                failure="",
                counts={},
                notes=[],
                read_at_revision=revision,
                **batch.fresh,
            )
        )
        batch.refresh_from_db()
        if not began:
            raise BatchState(f"{batch}现在是“{State(batch.state).label}”，不能再读。请重新上传。")
        batch.rows.all().delete()  # type: ignore[attr-defined]


def update(batch: FileBatch, **values: object) -> None:
    """Change the batch as long as it is this reading's; ReadElsewhere otherwise."""
    mine = type(batch)._base_manager.filter(pk=batch.pk, attempt=batch.attempt, state=State.READING)
    if not mine.update(beat_at=clock.now(), **values):
        raise ReadElsewhere(f"{batch}已经在别处重读或放弃了，这一次没有读完，数没有变。")
    for name, value in values.items():
        setattr(batch, name, value)


def fail(batch: FileBatch, reason: str) -> None:
    """Say why the reading ended. Where even that cannot be written, the batch goes silent and is shown as 没读完."""
    with contextlib.suppress(DatabaseError, ReadElsewhere), transaction.atomic():
        update(batch, state=State.FAILED, failure=reason)
        batch.rows.all().delete()  # type: ignore[attr-defined]


def lock(batch: B) -> B:
    """The batch, locked. Inside a transaction."""
    return type(batch)._base_manager.select_for_update().get(pk=batch.pk)


def require_ready(batch: FileBatch) -> None:
    """BatchState, with what to do, unless the batch waits to be confirmed."""
    if batch.state == State.READY:
        return
    if batch.state == State.APPLIED:
        moment = batch.applied_at.astimezone(clock.TZ) if batch.applied_at else None
        when = f"（{moment:%Y-%m-%d %H:%M:%S}）" if moment else ""
        raise BatchState(f"{batch}已经导入过了{when}，这一次没有再写。要改数，请再导入一份更正的。")
    if batch.state == State.DISCARDED:
        raise BatchState(f"{batch}已经放弃，不能再导入。请重新上传。")
    raise BatchState(f"{batch}现在是“{batch.standing}”，还不能导入。请等读完，或重读。")


def discard(batch: FileBatch) -> None:
    """Give a batch up; its rows go, what was there stays as it was. BatchState when it is applied."""
    with transaction.atomic():
        locked = lock(batch)
        if locked.state == State.APPLIED:
            raise BatchState(f"{locked}已经导入，不能放弃。要改数，请再导入一份更正的。")
        locked.rows.all().delete()  # type: ignore[attr-defined]
        locked.state = State.DISCARDED
        locked.save()
    batch.refresh_from_db()


def chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in lists of ``CHUNK``."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
