"""What has been written, in which order, by whom: the revision row, the history rows and the audit entries."""

from django.db import models


class RevisionHead(models.Model):
    """The one row that gives out revision numbers; locking it orders all writers."""

    number = models.BigIntegerField("修订号", default=0)
    at = models.DateTimeField("时刻", null=True)
    digest = models.CharField("链值", max_length=64, default="")

    class Meta:
        verbose_name = "修订号"


class Revision(models.Model):
    """One committed writing transaction; ``digest`` closes the chain over everything it stamped."""

    number = models.BigIntegerField("修订号", primary_key=True)
    at = models.DateTimeField("时刻", db_index=True)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("经办人", max_length=60)
    reason = models.CharField("事由", max_length=200)
    rows = models.IntegerField("行数")
    content = models.CharField("内容摘要", max_length=64)
    previous = models.CharField("上一链值", max_length=64)
    digest = models.CharField("链值", max_length=64)

    class Meta:
        verbose_name = "修订"


class HistoryRow(models.Model):
    """The state of one recorded object after one revision; ``data`` is null when it was removed."""

    revision = models.BigIntegerField("修订号")
    model = models.CharField("模型", max_length=60)
    object_pk = models.BigIntegerField("主键")
    action = models.CharField("动作", max_length=10)
    data = models.JSONField("内容", null=True)

    class Meta:
        verbose_name = "变更历史"
        indexes = [
            models.Index(fields=["model", "object_pk", "revision"], name="hist_object"),
            models.Index(fields=["model", "revision"], name="hist_model"),
            models.Index(fields=["revision"], name="hist_revision"),
        ]


class AuditEntry(models.Model):
    """An act that matters for security: signing in, exporting, being refused, granting. Append-only, chained."""

    at = models.DateTimeField("时刻", db_index=True)
    actor_id = models.BigIntegerField("账号", null=True, db_index=True)
    actor_name = models.CharField("主体", max_length=60)
    kind = models.CharField("类型", max_length=40, db_index=True)
    target = models.CharField("客体", max_length=200)
    outcome = models.CharField("结果", max_length=20)
    address = models.CharField("来源地址", max_length=45, default="")
    detail = models.JSONField("详情", default=dict)
    previous = models.CharField("上一链值", max_length=64)
    digest = models.CharField("链值", max_length=64)

    class Meta:
        verbose_name = "审计记录"


class AuditHead(models.Model):
    """The last link of the audit chain; locking it orders the entries."""

    digest = models.CharField("链值", max_length=64, default="")

    class Meta:
        verbose_name = "审计链尾"
