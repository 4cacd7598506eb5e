"""Forms of a superior: the blank as received, the mapping of its cells, and what was filled for a period."""

from typing import Any, ClassVar

from django.db import models

from keshu.directory.models import Region
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.reports.models import Composed, Issued
from keshu.terms.period import Period


class FormTemplate(Recorded):
    """A form that a superior wants filled again and again: who wants it, how often, what stands in a cell without a figure."""

    class Frequency(models.TextChoices):
        MONTH = "month", "月报"
        QUARTER = "quarter", "季报"
        HALF = "half", "半年报"
        YEAR = "year", "年报"

    name = models.CharField("表名", max_length=120, unique=True)
    receiver = models.CharField("报给谁", max_length=100)
    doc_no = models.CharField("依据文号", max_length=100, blank=True)
    frequency = models.CharField("多久一报", max_length=10, choices=Frequency.choices)
    missing_text = models.CharField(
        "缺数时写", max_length=20, blank=True, help_text="空着就留空格；永远不写 0"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="本级地区", related_name="+")
    note = models.CharField("说明", max_length=200, blank=True)
    stopped = models.BooleanField("不再报", default=False)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id"}

    class Meta:
        verbose_name = "套表"

    def __str__(self) -> str:
        return self.name


class Blank(Recorded):
    """One blank as it was received. The bytes lie under the data folder by their sha256 and are never written again.

    ``layout`` is what :mod:`keshu.filling.layout` reads of it, ``fingerprint`` the digest of its heads and cells. An old
    workbook (xls, et) is kept as received (``received_sha256``) beside the xlsx it was turned into.
    """

    template = models.ForeignKey(FormTemplate, models.PROTECT, verbose_name="套表", related_name="blanks")
    number = models.PositiveSmallIntegerField("第几版空表")
    kind = models.CharField("格式", max_length=4, choices=(("xlsx", "Excel"), ("docx", "Word")))
    filename = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件摘要", max_length=64)
    size = models.BigIntegerField("字节数")
    received_sha256 = models.CharField("收到时的摘要", max_length=64)
    fingerprint = models.CharField("版式指纹", max_length=64)
    layout = models.JSONField("版式")
    received_by = models.CharField("收表人", max_length=60)
    received_at = models.DateTimeField("收到")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "template__region_id"}

    class Meta:
        verbose_name = "空表"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["template", "number"], name="blank_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.filename}（第 {self.number} 版空表）"


class Mapping(Recorded):
    """A confirmed mapping of one blank, never changed: another one is the next number. ``cells`` as MappedCell.plain gives
    them, ``sums`` the lines that must hold (C12 = C5:C11)."""

    template = models.ForeignKey(FormTemplate, models.PROTECT, verbose_name="套表", related_name="mappings")
    blank = models.ForeignKey(Blank, models.PROTECT, verbose_name="空表", related_name="mappings")
    number = models.PositiveSmallIntegerField("第几版对应")
    cells = models.JSONField("各格")
    sums = models.JSONField("应有的关系", default=list)
    made_by = models.CharField("对表人", max_length=60)
    made_at = models.DateTimeField("对表时刻")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "template__region_id"}

    class Meta:
        verbose_name = "对表"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["template", "number"], name="mapping_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.template} 第 {self.number} 版对应"


class Filled(Recorded):
    """A form filled for a period as of a revision. What it holds changes until it has been sent; then never again."""

    template = models.ForeignKey(FormTemplate, models.PROTECT, verbose_name="套表", related_name="filled")
    mapping = models.ForeignKey(Mapping, models.PROTECT, verbose_name="对表", related_name="filled")
    blank = models.ForeignKey(Blank, models.PROTECT, verbose_name="空表", related_name="+")
    period = models.CharField("期间", max_length=12)
    revision = models.BigIntegerField("取数的修订号")
    cells = models.JSONField("各格的数")
    filled_by = models.CharField("填表人", max_length=60)
    filled_at = models.DateTimeField("填表时刻")
    note = models.CharField("校核说明", max_length=200, blank=True)
    copy = models.ForeignKey(
        Composed, models.PROTECT, verbose_name="导出的文件", null=True, blank=True, related_name="+"
    )
    issued = models.ForeignKey(
        Issued, models.PROTECT, verbose_name="报出", null=True, blank=True, related_name="+"
    )
    feedback = models.JSONField("上级反馈", default=dict)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "template__region_id"}

    class Meta:
        verbose_name = "套表填报"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["template", "period"], name="filled_of_period")
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.stretch.label}"

    @property
    def stretch(self) -> Period:
        """The period it is filled for."""
        return Period.parse(self.period)

    @property
    def standing(self) -> str:
        """已填, 已导出 or 已报."""
        if self.issued_id:
            return "已报"
        return "已导出" if self.copy_id else "已填"

    @property
    def counts(self) -> dict[str, int]:
        """How many cells stand in which state."""
        found: dict[str, int] = {}
        for cell in self.cells:
            found[cell["state"]] = found.get(cell["state"], 0) + 1
        return found

    def cell(self, key: str) -> dict[str, Any] | None:
        """What stands under a key (sheet!address)."""
        return next((one for one in self.cells if one["key"] == key), None)
