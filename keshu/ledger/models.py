"""Files and the evidence they are."""

from django.db import models

from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.drafts import Draft
from keshu.ledger.numbering import Series

__all__ = ["Draft", "Evidence", "Series"]


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
    added_at = models.DateTimeField("上传时刻")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths = {"region": "region_id_seen"}

    class Meta:
        verbose_name = "佐证"
        indexes = [models.Index(fields=["model", "object_pk"], name="evidence_object")]
