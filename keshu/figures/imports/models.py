"""Batches and their staged rows: drafts until they are applied, so they take no revision."""

from typing import Any, ClassVar

from django.db import models

from keshu.ledger.intake.batches import FileBatch, Verdict


class ImportBatch(FileBatch):
    """One uploaded file of figures on its way in."""

    releases = models.JSONField("涉及的发布", default=list)
    measure_notes = models.JSONField("口径说明", default=dict)
    fresh: ClassVar[dict[str, Any]] = {"releases": [], "measure_notes": {}}

    class Meta:
        verbose_name = "导入批次"


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
