"""Batches of records and their staged rows: drafts until they are applied, so they take no revision."""

from typing import ClassVar

from django.db import models

from keshu.ledger.intake.batches import FileBatch, Verdict


class Batch(FileBatch):
    """One uploaded file of records of one register on its way in."""

    register = models.CharField("台账", max_length=40)
    standing_for = models.BigIntegerField("件数合计", default=0)

    class Meta:
        verbose_name = "台账导入批次"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["register"], name="brought_register")]


class StagedRecord(models.Model):
    """One row of the file: the record it would make or change, or why it is refused."""

    batch = models.ForeignKey(Batch, models.CASCADE, verbose_name="批次", related_name="rows", db_index=False)
    number = models.IntegerField("行号")
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices)
    key = models.CharField("凭以认同的内容摘要", max_length=32, blank=True)
    record_pk = models.BigIntegerField("已有记录", null=True)
    content = models.JSONField("读到的内容", null=True)
    before = models.JSONField("改动前", null=True)
    column = models.CharField("列", max_length=40, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    cells = models.JSONField("原样", null=True)

    class Meta:
        verbose_name = "台账导入行"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["batch", "verdict", "number"], name="brought_verdict"),
            models.Index(fields=["batch", "key"], name="brought_key"),
        ]
