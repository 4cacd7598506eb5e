"""Dated rules and the working calendar."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Region
from keshu.journal.recorded import Recorded


class Rule(Recorded):
    """One dated rule: what it says as data, by which document, from when to when."""

    class Kind(models.TextChoices):
        LAMPS = "lamps", "亮灯规则"
        PLAN = "plan", "进度计划"
        PREFERENCE = "preference", "数据来源取用顺序"
        DEADLINE = "deadline", "期限"
        LIMIT = "limit", "限额"
        RATE = "rate", "比例"
        REASON = "reason", "理由码"
        GRADE = "grade", "等次"

    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=100)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="适用地区", null=True, blank=True)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("发布机关", max_length=100, blank=True)
    source_mark = models.CharField(
        "依据程度", max_length=100, blank=True, help_text="实有文件、惯例或本单位自定"
    )
    valid_from = models.DateField("起用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)
    checked_at = models.DateField("核对日期", null=True, blank=True)
    data = models.JSONField("内容")

    class Meta:
        verbose_name = "规则"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "code", "valid_from"], name="rule_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.doc_no}".strip()


class CalendarDay(Recorded):
    """A day the State Council moves: a holiday on a weekday or a working day on a weekend."""

    day = models.DateField("日期", unique=True)
    works = models.BooleanField("上班")
    note = models.CharField("说明", max_length=60, blank=True)
    doc_no = models.CharField("文号", max_length=100, blank=True)

    class Meta:
        verbose_name = "调休日"
