"""Batches and their staged rows: drafts until they are applied, so they take no revision."""

from datetime import timedelta

from django.db import models

from keshu.directory.scope import ScopedQuerySet
from keshu.terms import clock

# A reading that has said nothing for so long has lost its worker; opening a long workbook takes seconds, not minutes.
PATIENCE = timedelta(seconds=90)


class Verdict(models.TextChoices):
    """What would become of a row."""

    NEW = "new", "新增"
    CHANGED = "changed", "改动"
    IDENTICAL = "identical", "相同"
    EMPTY = "empty", "空缺"
    REFUSED = "refused", "拒收"


class ImportBatch(models.Model):
    """One uploaded file on its way in."""

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
    releases = models.JSONField("涉及的发布", default=list)
    measure_notes = models.JSONField("口径说明", default=dict)
    failure = models.TextField("没读成的原因", blank=True)
    revision = models.BigIntegerField("修订号", null=True)
    applied_at = models.DateTimeField("导入时刻", null=True)

    objects = ScopedQuerySet.as_manager()
    scope_paths = {"account": "account"}

    class Meta:
        verbose_name = "导入批次"

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


class StagedRow(models.Model):
    """One row of the file: the value it would write, or why it is refused. Original cells are kept for refused rows."""

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, verbose_name="批次", related_name="rows", db_index=False
    )
    number = models.IntegerField("行号")
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices)
    measure_id = models.BigIntegerField("计量", null=True)
    subject_id = models.BigIntegerField("对象", null=True)
    period = models.CharField("期间", max_length=12, blank=True)
    release = models.SmallIntegerField("发布序号", null=True)
    scaled = models.BigIntegerField("值", null=True)
    before = models.BigIntegerField("原值", null=True)
    estimated = models.BooleanField("推算", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    column = models.CharField("列", max_length=40, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    cells = models.JSONField("原样", null=True)

    class Meta:
        verbose_name = "导入行"
        indexes = [
            models.Index(fields=["batch", "verdict", "number"], name="staged_verdict"),
            models.Index(
                fields=["batch", "measure_id", "subject_id", "period", "release"], name="staged_key"
            ),
        ]
