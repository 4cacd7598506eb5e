"""科技成果登记 (国科发计字〔2000〕542号): what came out of projects and beside them, with its registration number."""

from typing import ClassVar

from django.db import models

from keshu.ledger.records import Record
from keshu.programmes.models import Application, Field


class Stage(models.TextChoices):
    """所处阶段, as the registration form of 2002 divides it."""

    EARLY = "early", "初期"
    MIDDLE = "middle", "中期"
    MATURE = "mature", "成熟应用"


class Achievement(Record):
    """A registered achievement. ``unit`` is the first organisation that completed it (第一完成单位)."""

    class Kind(models.TextChoices):
        APPLIED = "applied", "应用技术"
        THEORY = "theory", "基础理论"
        SOFT = "soft", "软科学"

    class Nature(models.TextChoices):
        ORIGINAL = "original", "原始性创新"
        ABSORBED = "absorbed", "国外引进消化吸收创新"
        REDEVELOPED = "redeveloped", "国内技术二次开发"

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待推荐"
        RETURNED = "returned", "退回修改"
        RECOMMENDED = "recommended", "待审查"
        REGISTERED = "registered", "已登记"
        REFUSED = "refused", "不予登记"
        REVOKED = "revoked", "已撤销"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.SUBMITTED)
    title = models.CharField("成果名称", max_length=120)
    kind = models.CharField("成果类别", max_length=10, choices=Kind.choices)
    nature = models.CharField("成果属性", max_length=12, choices=Nature.choices, blank=True)
    stage = models.CharField("所处阶段", max_length=10, choices=Stage.choices, blank=True)
    field = models.CharField("领域", max_length=12, choices=Field.choices)
    year = models.PositiveSmallIntegerField("年度")
    standing = models.CharField("成果水平", max_length=40, default="未评价", help_text="按评价结论写")
    keywords = models.CharField("关键词", max_length=60, blank=True, help_text="最多三个，用顿号隔开")
    holder = models.CharField("第一完成单位（没有建档的）", max_length=100, blank=True)
    others = models.CharField("其他完成单位", max_length=200, blank=True)
    people = models.CharField("完成人", max_length=200, blank=True)
    judged_by = models.CharField("评价方式", max_length=40, blank=True)
    report_number = models.CharField("评价报告号", max_length=60, blank=True)
    summary = models.TextField("成果简介", blank=True)
    transfer = models.CharField("拟转化方式", max_length=40, blank=True)
    application = models.ForeignKey(
        Application, models.PROTECT, verbose_name="来自项目", null=True, blank=True, related_name="+"
    )
    project_number = models.CharField("项目编号", max_length=40, blank=True)
    open_to_public = models.BooleanField("公开", default=False)
    submitted_on = models.DateField("报送日期", null=True, blank=True)
    registered_on = models.DateField("登记日期", null=True, blank=True)
    revoked_on = models.DateField("撤销日期", null=True, blank=True)

    class Meta:
        verbose_name = "科技成果"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="achievement_number_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "open_to_public", "year"], name="achievement_public"),
            models.Index(fields=["unit"], name="achievement_unit"),
        ]

    def __str__(self) -> str:
        return self.title
