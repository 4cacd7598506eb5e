"""What this room keeps: reminders and their preparation, addresses of feeds, lines of business switched off."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Account, Employment, Region, Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.rules.models import Rule


class Reminder(Recorded):
    """A reminder to an organisation: prepared from a dated rule or written by hand, read and edited before it leaves.

    One deadline of one record gives one reminder per step (``register``, ``object_pk``, ``field``, ``due_on``, ``step``).
    """

    class State(models.TextChoices):
        PREPARED = "prepared", "待发"
        EDITED = "edited", "已改待发"
        SENT = "sent", "已发出"
        DROPPED = "dropped", "不发"

    class Channel(models.TextChoices):
        HOUSE = "house", "站内"
        SMS = "sms", "短信"
        MAIL = "mail", "邮件"
        PHONE = "phone", "电话"

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="发给", related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    channel = models.CharField("途径", max_length=10, choices=Channel.choices, default=Channel.HOUSE)
    subject = models.CharField("标题", max_length=200)
    text = models.TextField("内容")
    due_on = models.DateField("期限", null=True, blank=True)
    register = models.CharField("台账", max_length=40, blank=True)
    object_pk = models.BigIntegerField("记录", null=True, blank=True)
    field = models.CharField("哪个期限", max_length=60, blank=True)
    step = models.CharField("哪一步", max_length=30, blank=True)
    rule = models.ForeignKey(
        Rule, models.PROTECT, verbose_name="依据规则", null=True, blank=True, related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PREPARED)
    prepared_at = models.DateTimeField("生成时刻")
    prepared_by = models.CharField("生成人", max_length=60)
    sent_at = models.DateTimeField("发出时刻", null=True, blank=True)
    sent_by = models.CharField("发出人", max_length=60, blank=True)
    read_at = models.DateTimeField("已读时刻", null=True, blank=True)
    read_by = models.CharField("已读人", max_length=60, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id", "unit": "unit_id"}

    class Meta:
        verbose_name = "提醒"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["register", "object_pk", "field", "due_on", "step"],
                condition=~models.Q(step=""),
                name="reminder_once_a_step",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "state", "read_at"], name="reminder_inbox"),
            models.Index(fields=["state", "due_on"], name="reminder_outbox"),
        ]

    def __str__(self) -> str:
        return self.subject


class Preparation(models.Model):
    """The one row that orders preparations: who holds it prepares, another waits. ``scheduled_for``: the next daily run."""

    last_at = models.DateTimeField("上次生成", null=True)
    last_by = models.CharField("谁生成的", max_length=60, blank=True)
    made = models.PositiveIntegerField("新生成", default=0)
    lapsed = models.PositiveIntegerField("作废", default=0)
    unknown = models.CharField("数不了工作日的年份", max_length=60, blank=True)
    scheduled_for = models.DateField("下次生成日", null=True)

    class Meta:
        verbose_name = "提醒生成"


class Feed(models.Model):
    """The secret address under which one account's calendar can be read without signing in. Only its digest is kept."""

    account = models.OneToOneField(Account, models.CASCADE, verbose_name="账号", related_name="+")
    employment = models.ForeignKey(
        Employment, models.CASCADE, verbose_name="岗位", null=True, related_name="+"
    )
    digest = models.CharField("地址摘要", max_length=64, unique=True)
    made_at = models.DateTimeField("生成时刻")

    class Meta:
        verbose_name = "日程订阅"


class Line(Recorded):
    """A line of business switched off for years, for the whole house or one region; ended when it is switched on again."""

    register = models.CharField("台账", max_length=40)
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="地区", null=True, blank=True, related_name="+"
    )
    first_year = models.PositiveSmallIntegerField("停用起年")
    last_year = models.PositiveSmallIntegerField("停用止年", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    switched_by = models.CharField("停用人", max_length=60)
    switched_at = models.DateTimeField("停用时刻")
    ended_by = models.CharField("启用人", max_length=60, blank=True)
    ended_at = models.DateTimeField("启用时刻", null=True, blank=True)
    ended_reason = models.CharField("启用原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "业务停用"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(last_year__isnull=True) | models.Q(last_year__gte=models.F("first_year")),
                name="line_years_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.years}"

    @property
    def years(self) -> str:
        """2026, 2026—2028, 2026 起."""
        if self.last_year is None:
            return f"{self.first_year} 年起"
        return (
            f"{self.first_year} 年"
            if self.last_year == self.first_year
            else f"{self.first_year}—{self.last_year} 年"
        )
