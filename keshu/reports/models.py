"""What has left the bureau: composed files, and the register of figures given out (报出数台账)."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from keshu.directory.models import Region, Subject
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField


class Composed(Recorded):
    """A file that was composed and kept: the bytes lie under the data folder by their sha256.

    ``figures_sha256`` is the digest of the canonical JSON of its figures: recomposing from ``revision`` gives the same one,
    always; the same ``sha256`` within one version of the house.
    """

    class Kind(models.TextChoices):
        BRIEFING = "briefing", "调度简报"
        TABLE = "table", "调度表"
        FORM = "form", "套表"

    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    title = models.CharField("标题", max_length=200)
    scheme = models.CharField("方案", max_length=60)
    period = models.CharField("期间", max_length=12)
    level = models.CharField("层级", max_length=10)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="上级地区", related_name="+")
    vintage = models.CharField("取数", max_length=10, default="latest")
    issuer = models.CharField("落款", max_length=100, blank=True)
    revision = models.BigIntegerField("修订号")
    figures_sha256 = models.CharField("数据摘要", max_length=64)
    sha256 = models.CharField("文件摘要", max_length=64)
    size = models.BigIntegerField("字节数")
    file_name = models.CharField("文件名", max_length=200, blank=True, help_text="空着是 Word 成文")
    made_by = models.CharField("经办人", max_length=60)
    made_at = models.DateTimeField("时刻")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id"}

    class Meta:
        verbose_name = "成文"

    def __str__(self) -> str:
        return self.title


class Issued(Recorded):
    """One giving of figures: to whom, when, for what, by whom, as of which revision, in which words."""

    class Channel(models.TextChoices):
        GIVEN = "given", "给数"
        BRIEFING = "briefing", "简报"
        EXPORT = "export", "导出"
        FORM = "form", "套表"

    receiver = models.CharField("给谁", max_length=100)
    purpose = models.CharField("用途", max_length=200, blank=True)
    channel = models.CharField("途径", max_length=10, choices=Channel.choices)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="本级地区", related_name="+")
    given_by = models.CharField("经办人", max_length=60)
    given_by_id = models.BigIntegerField("经办账号", null=True)
    given_at = models.DateTimeField("时刻", db_index=True)
    revision = models.BigIntegerField("修订号")
    sentence = models.TextField("原话")
    composed = models.ForeignKey(
        Composed, models.PROTECT, verbose_name="文件", null=True, blank=True, related_name="issued"
    )

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id"}

    class Meta:
        verbose_name = "报出"

    def __str__(self) -> str:
        return f"{self.receiver} {self.given_at:%Y-%m-%d}"


class IssuedFigure(Recorded):
    """One figure of a giving, as it was said and as it stood unrounded."""

    class Kind(models.TextChoices):
        MEASURE = "measure", "计量"
        INDICATOR = "indicator", "指标"
        FORM = "form", "表内数"

    issued = models.ForeignKey(Issued, models.PROTECT, verbose_name="报出", related_name="figures")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    code = models.CharField("指标代码", max_length=60)
    name = models.CharField("指标", max_length=80)
    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="对象", related_name="+")
    period = models.CharField("期间", max_length=12)
    definition_label = models.CharField("口径版本", max_length=40, blank=True)
    value = models.CharField("未舍入值", max_length=80, blank=True)
    amount = ScaledField("数值", places=4, null=True, blank=True)
    text = models.CharField("报出的写法", max_length=40, blank=True)
    unit = models.CharField("报出的单位", max_length=20, blank=True)
    places = models.PositiveSmallIntegerField("报出的小数位", null=True, blank=True)
    missing = models.CharField("缺数原因", max_length=100, blank=True)
    revision = models.BigIntegerField("修订号")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "issued__region_id"}

    class Meta:
        verbose_name = "报出数"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["code", "subject", "period"], name="issued_figure"),
        ]

    @property
    def exact(self) -> Decimal | None:
        """The value as it stood, unrounded, in the unit of the definition; None when it was missing."""
        return Decimal(self.value) if self.value else None

    @property
    def said(self) -> str:
        """As it left: 18.56亿元, or why there was none."""
        return f"{self.text}{self.unit}" if self.text else self.missing
