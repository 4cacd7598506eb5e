"""督办单: the order, who helps, what its holder reported, extensions asked for, and how it rose.

What a supervision must keep is told in public practice of city governments (立项交办、签收、办理、反馈、核实、销号 each with its moment);
how many hours, days and times each takes is set by dated rules (``rules.yaml``), never here.
"""

from typing import ClassVar, Self

from django.db import models

from keshu.directory.actors import Actor
from keshu.directory.models import Account, Person, Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.records import Record


class OrderQuerySet(ScopedRecordedQuerySet):
    """Orders of one's region and organisation, and those one's organisation helps with."""

    def visible_to(self, actor: Actor) -> Self:
        """Also what the actor's organisation helps with; a condition on keys, so that no order comes twice."""
        own = super().visible_to(actor)
        if actor.sees_all or not actor.unit_ids:
            return own
        helped = OrderHelper.objects.filter(unit__in=actor.unit_ids).values("order")
        return own | self._clear().filter(pk__in=helped)


class Order(Record):
    """One order of supervision: something to be done by one organisation (承办单位, ``unit``) by a day, until it is verified as done.

    ``first_due_on`` never changes, ``overdue_before`` keeps the days it stood overdue before an extension: an extension does not
    wash a delay away. ``reported_on`` is the day of the final report that still stands; ``ended_on`` the day it was closed, cancelled
    or merged.
    """

    class State(models.TextChoices):
        ISSUED = "issued", "已交办"
        SIGNED = "signed", "已签收"
        WORKING = "working", "办理中"
        EXTENDING = "extending", "延期待批"
        REPORTED = "reported", "已反馈"
        RETURNED = "returned", "退回"
        VERIFIED = "verified", "已核实"
        CLOSED = "closed", "已销号"
        REOPENED = "reopened", "回头看"
        SUSPENDED = "suspended", "暂停"
        MERGED = "merged", "已并入"
        CANCELLED = "cancelled", "已撤销"

    class Kind(models.TextChoices):
        LAMP = "lamp", "调度亮灯"
        INSTRUCTION = "instruction", "领导批示"
        AUDIT = "audit", "校核发现"
        MINUTES = "minutes", "会议议定"
        CHECK = "check", "对照检查"

    class Every(models.TextChoices):
        WEEK = "week", "每周"
        MONTH = "month", "每月"
        QUARTER = "quarter", "每季"
        NONE = "none", "只在办结时"

    class Outcome(models.TextChoices):
        IN_TIME = "in_time", "按期"
        EXTENDED = "extended", "延期后按期"
        LATE = "late", "超期"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.ISSUED)
    what = models.CharField("事项", max_length=200)
    requirement = models.TextField("要求", blank=True)
    evidence_wanted = models.CharField("要交的佐证", max_length=300, blank=True)
    origin_kind = models.CharField("来源类别", max_length=12, choices=Kind.choices)
    origin_ref = models.CharField(
        "来源标识", max_length=200, blank=True, help_text="同一来源对同一单位不重复下达"
    )
    origin_said = models.CharField("来源说明", max_length=1000)
    origin_paper = models.CharField(
        "来源原件", max_length=64, blank=True, help_text="随单下达的批示件等，不是办理的佐证"
    )
    issued_by = models.ForeignKey(
        Account, models.PROTECT, verbose_name="下达账号", null=True, blank=True, related_name="+"
    )
    issuer = models.CharField("下达人", max_length=60)
    issuing_unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="下达单位", null=True, blank=True, related_name="+"
    )
    issued_on = models.DateField("下达日期")
    sign_by = models.DateTimeField("签收截止", null=True, blank=True)
    due_on = models.DateField("完成时限")
    first_due_on = models.DateField("原定时限", help_text="延期不改它")
    overdue_from = models.DateField(
        "超期起", null=True, blank=True, help_text="过了时限没有反馈办结的，从时限次日起"
    )
    feedback_every = models.CharField("反馈频次", max_length=10, choices=Every.choices, default=Every.MONTH)
    feedback_due_on = models.DateField("下次反馈", null=True, blank=True)
    leader = models.ForeignKey(
        Person, models.PROTECT, verbose_name="包抓领导", null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name="责任人", null=True, blank=True, related_name="+"
    )
    urgent = models.BooleanField("急办", default=False)
    level = models.PositiveSmallIntegerField("升级层级", default=0)
    extended = models.PositiveSmallIntegerField("已延期次数", default=0)
    overdue_before = models.PositiveIntegerField("延期前已超期天数", default=0)
    signed_at = models.DateTimeField("签收时刻", null=True, blank=True)
    signed_by = models.CharField("签收人", max_length=60, blank=True)
    reported_on = models.DateField("办结反馈日期", null=True, blank=True)
    reported_by = models.ForeignKey(
        Account, models.PROTECT, verbose_name="反馈账号", null=True, blank=True, related_name="+"
    )
    verified_on = models.DateField("核实日期", null=True, blank=True)
    verified_by = models.ForeignKey(
        Account, models.PROTECT, verbose_name="核实账号", null=True, blank=True, related_name="+"
    )
    verifier = models.CharField("核实人", max_length=60, blank=True)
    finding = models.TextField("核实意见", blank=True)
    suspended_on = models.DateField("暂停日期", null=True, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    ended_on = models.DateField("办结、撤销或并入日期", null=True, blank=True)
    outcome = models.CharField("办结情况", max_length=10, choices=Outcome.choices, blank=True)
    reopened = models.PositiveSmallIntegerField("回头看次数", default=0)
    asked_at = models.DateTimeField("本轮开始时刻", help_text="下达或回头看的时刻，佐证从这时起才算")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, verbose_name="并入", null=True, blank=True, related_name="+"
    )

    objects = OrderQuerySet.as_manager()
    untold: ClassVar[frozenset[str]] = frozenset(
        {
            "issued_by",
            "reported_by",
            "verified_by",
            "origin_ref",
            "origin_paper",
            "overdue_from",
            "asked_at",
            "source",
        }
    )

    class Meta:
        verbose_name = "督办单"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_on"], name="order_due"),
            models.Index(fields=["unit", "state"], name="order_holder"),
            models.Index(fields=["origin_ref"], name="order_origin"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="order_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.what}".strip()


S = Order.State
#: Its holder works on it.
RUNNING = frozenset(str(s) for s in (S.SIGNED, S.WORKING, S.RETURNED, S.REOPENED))
#: Not at its end yet.
OPEN = RUNNING | frozenset(str(s) for s in (S.ISSUED, S.EXTENDING, S.REPORTED, S.VERIFIED, S.SUSPENDED))
#: Its deadline can still be missed: nobody has reported it done.
PENDING = RUNNING | frozenset(str(s) for s in (S.ISSUED, S.EXTENDING))


class OrderHelper(Recorded):
    """An organisation that helps with an order (协办单位)."""

    order = models.ForeignKey(Order, models.CASCADE, verbose_name="督办单", related_name="helpers")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="协办单位", related_name="+")

    class Meta:
        verbose_name = "协办单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "unit"], name="order_helper_once")
        ]

    def __str__(self) -> str:
        return self.unit.name


class Feedback(Recorded):
    """What the holder reported: progress on the way, or the final report (``final``). ``evidence``: SHA-256 of the files that went along."""

    order = models.ForeignKey(Order, models.PROTECT, verbose_name="督办单", related_name="feedback")
    on = models.DateField("反馈日期")
    answers = models.DateField("对应的反馈日", null=True, blank=True)
    final = models.BooleanField("办结反馈", default=False)
    said = models.TextField("进展")
    problem = models.TextField("存在问题", blank=True)
    next_step = models.TextField("下步措施", blank=True)
    wanted = models.TextField("需协调事项", blank=True)
    by = models.CharField("反馈人", max_length=60)
    evidence = models.JSONField("佐证", default=list, blank=True)

    class Meta:
        verbose_name = "反馈"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.order.number} {self.on} 反馈"


class Extension(Recorded):
    """An extension asked for and what the issuer decided. ``overdue``: days it stood overdue on the day of asking."""

    order = models.ForeignKey(Order, models.PROTECT, verbose_name="督办单", related_name="extensions")
    asked_on = models.DateField("申请日期")
    asked_by = models.CharField("申请人", max_length=60)
    reason = models.TextField("理由")
    due_before = models.DateField("申请时的时限")
    until = models.DateField("申请延到")
    overdue = models.PositiveIntegerField("申请时已超期天数", default=0)
    granted = models.BooleanField("同意", null=True)
    decided_on = models.DateField("决定日期", null=True, blank=True)
    decided_by = models.CharField("决定人", max_length=60, blank=True)
    said = models.TextField("意见", blank=True)

    class Meta:
        verbose_name = "延期申请"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.order.number} 延至 {self.until}"


class Escalation(Recorded):
    """One rise of an order, or its announcement. A level for a cause of one due day is announced once and reached once."""

    class Cause(models.TextChoices):
        OVERDUE = "overdue", "超期"
        SILENT = "silent", "连续未反馈"

    order = models.ForeignKey(Order, models.PROTECT, verbose_name="督办单", related_name="escalations")
    cause = models.CharField("原因", max_length=10, choices=Cause.choices)
    level = models.PositiveSmallIntegerField("级")
    since = models.DateField("依据的时限", help_text="完成时限，或漏掉的最近一个反馈日")
    takes_effect_on = models.DateField("升级日")
    announced_on = models.DateField("预告日期", null=True, blank=True)
    reached_on = models.DateField("升级日期", null=True, blank=True)
    told = models.CharField("告知", max_length=200, blank=True)
    said = models.CharField("说明", max_length=300)

    class Meta:
        verbose_name = "升级"
        ordering = ("pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "cause", "level", "since"], name="order_rises_once")
        ]

    def __str__(self) -> str:
        return f"{self.order.number} {self.said}"
