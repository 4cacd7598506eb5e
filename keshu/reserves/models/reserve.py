"""An entry of a reserve library (储备库): what may become an application when its programme opens."""

from typing import ClassVar

from django.db import models

from keshu.ledger.fields import PersonalField, ScaledField
from keshu.ledger.records import Record
from keshu.programmes.models import Field, Level
from keshu.reserves.models.achievements import Stage


class Reserve(Record):
    """A project, a research body, a financing or an assistance project kept ready. The kinds are those that the bureaus' reports name."""

    class Kind(models.TextChoices):
        BODY = "body", "企业研发机构"
        PROJECT = "project", "项目"
        FINANCING = "financing", "技术产权融资"
        POVERTY = "poverty", "扶贫储备"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待推荐"
        RETURNED = "returned", "退回修改"
        RECOMMENDED = "recommended", "待入库"
        REFUSED = "refused", "不入库"
        HELD = "held", "在库"
        CONVERTED = "converted", "已转立项"
        WITHDRAWN = "withdrawn", "已撤回"
        REMOVED = "removed", "已出库"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.PROPOSED)
    kind = models.CharField("储备类别", max_length=12, choices=Kind.choices)
    title = models.CharField("名称", max_length=120)
    holder = models.CharField("承担单位（没有建档的）", max_length=100, blank=True)
    level = models.CharField("拟报级别", max_length=10, choices=Level.choices)
    target = models.CharField("拟报计划", max_length=100, blank=True, help_text="如 省重点研发计划")
    field = models.CharField("领域", max_length=12, choices=Field.choices)
    year = models.PositiveSmallIntegerField("年度")
    investment = ScaledField("总投资（元）", places=2, null=True, blank=True)
    needed = ScaledField("资金需求（元）", places=2, null=True, blank=True)
    maturity = models.CharField("成熟度", max_length=10, choices=Stage.choices, blank=True)
    summary = models.TextField("主要内容", blank=True)
    progress = models.TextField("进展", blank=True)
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = PersonalField("联系电话", max_length=20, blank=True)
    proposed_on = models.DateField("提出日期", null=True, blank=True)
    entered_on = models.DateField("入库日期", null=True, blank=True)
    confirmed_on = models.DateField("最近确认", null=True, blank=True)
    confirm_by = models.DateField("确认期限", null=True, blank=True)
    left_on = models.DateField("出库日期", null=True, blank=True)
    left_why = models.CharField("出库原因", max_length=200, blank=True)
    application_number = models.CharField("转成的项目", max_length=40, blank=True)

    class Meta:
        verbose_name = "储备项目"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="reserve_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True) | models.Q(entered_on__isnull=False),
                name="reserve_leaves_only_after_entering",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "kind", "year"], name="reserve_state"),
            models.Index(fields=["unit"], name="reserve_unit"),
            models.Index(fields=["region", "state"], name="reserve_region"),
        ]

    def __str__(self) -> str:
        return self.title
