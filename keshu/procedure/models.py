"""The immutable entries that a move leaves."""

from typing import ClassVar

from django.db import models


class Move(models.Model):
    """One transition of one record: who, when, from where to where, with what. Stamped, never changed."""

    stamped: ClassVar[bool] = True

    model = models.CharField("模型", max_length=60)
    object_pk = models.BigIntegerField("主键")
    procedure = models.CharField("流程", max_length=40)
    version = models.CharField("流程版本", max_length=20)
    action = models.CharField("动作", max_length=40)
    before = models.CharField("原状态", max_length=30)
    after = models.CharField("新状态", max_length=30)
    at = models.DateTimeField("时刻")
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("经办人", max_length=60)
    note = models.TextField("意见", blank=True)
    evidence = models.JSONField("附件摘要", default=list)
    revision = models.BigIntegerField("修订号")

    class Meta:
        verbose_name = "流转"
        indexes = [
            models.Index(fields=["model", "object_pk", "revision"], name="move_object"),
            models.Index(fields=["revision"], name="move_revision"),
        ]
