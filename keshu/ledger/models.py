"""Files and the evidence they are; questions to a register kept under a name; what was taken out of a batch row."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Unit
from keshu.directory.scope import ScopedQuerySet, ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.drafts import Draft
from keshu.ledger.numbering import Series

__all__ = ["Draft", "Evidence", "Itemised", "SavedView", "Series"]


class Evidence(Recorded):
    """A file that proves something about a record: a sealed scan, a received workbook, a document.

    The bytes lie under the data folder by their sha256 and are served only through a scoped view.
    """

    model = models.CharField("所属模型", max_length=60)
    object_pk = models.BigIntegerField("所属主键")
    region_id_seen = models.BigIntegerField("所属地区", null=True)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.BigIntegerField("字节数")
    name = models.CharField("文件名", max_length=200)
    media_type = models.CharField("类型", max_length=100)
    caption = models.CharField("说明", max_length=200, blank=True)
    added_by = models.CharField("上传人", max_length=60)
    added_by_id = models.BigIntegerField("上传账号", null=True)
    added_at = models.DateTimeField("上传时刻")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths = {"region": "region_id_seen"}

    class Meta:
        verbose_name = "佐证"
        indexes = [models.Index(fields=["model", "object_pk"], name="evidence_object")]


class SavedView(models.Model):
    """A question to a register under a name (视图): one's own, or shared with one's organisation.

    Takes no revision: it says what somebody likes to look at, nothing of what is true. Read by ``ledger.saved.views_of``,
    because the whole house being in sight is no reason to see what others have kept for themselves.
    """

    register = models.CharField("台账", max_length=40)
    name = models.CharField("名称", max_length=30)
    question = models.CharField("条件", max_length=1000, help_text="网址里问号后面的部分")
    account_id = models.BigIntegerField("账号")
    made_by = models.CharField("谁存的", max_length=60)
    shared_with = models.ForeignKey(
        Unit, models.CASCADE, verbose_name="共享给", null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField("存于")

    objects = ScopedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"account": "account_id", "unit": "shared_with_id"}

    class Meta:
        verbose_name = "视图"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account_id", "register", "name"], name="view_name_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["register", "shared_with"], name="view_shared")
        ]

    def __str__(self) -> str:
        return self.name


class Itemised(Recorded):
    """A single record that was taken out of a batch row (汇总行): the batch stands for that many fewer since.

    A table of its own, so that no register needs a column for it. ``amounts`` keeps what was taken off the batch, by column,
    as text, so that it can be given back.
    """

    model = models.CharField("所属模型", max_length=60)
    batch_pk = models.BigIntegerField("汇总行")
    record_pk = models.BigIntegerField("逐条记录")
    items = models.PositiveIntegerField("件数")
    amounts = models.JSONField("划出的数", default=dict)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = "逐条"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["model", "record_pk"], name="itemised_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["model", "batch_pk"], name="itemised_batch")
        ]
