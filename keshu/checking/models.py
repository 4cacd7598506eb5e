"""Items of responsibility (责任事项) and their monthly check (对照检查): what was assigned, what the office says, what is frozen."""

from typing import Any, ClassVar, Self

from django.db import models

from keshu.directory.actors import Actor
from keshu.directory.models import Person, Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.goals.models import Goal
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record
from keshu.terms.period import Period

#: Shares are kept for lists and sums; the exact quotient stands as text in what is frozen.
SHARE_PLACES = 6


class Timetable(models.TextChoices):
    """How the year's work falls on its months."""

    EQUAL = "equal", "按月均衡"
    SEASONAL = "seasonal", "按季节"
    MILESTONES = "milestones", "按节点"


class ItemQuerySet(ScopedRecordedQuerySet):
    """Items of one's region and organisation, and those one's organisation helps with."""

    def visible_to(self, actor: Actor) -> Self:
        """Also what the actor's organisation helps with; a condition on keys, so that no item comes twice."""
        own = super().visible_to(actor)
        if actor.sees_all or not actor.unit_ids:
            return own
        helped = ItemHelper.objects.filter(unit__in=actor.unit_ids).values("item")
        return own | self._clear().filter(pk__in=helped)


class Item(Record):
    """One line of the task list of a year (任务分解表): who is responsible, for what, by when, proved by what.

    ``unit`` is the responsible office or county bureau (牵头单位), ``region`` what it is about. ``plan``: month → share as text, of that
    month where the time table is seasonal, reached by its end where it has milestones. The names are kept as the document
    writes them beside the persons they mean. The ``last_…`` columns repeat the last month that was reviewed, for the list.
    """

    class State(models.TextChoices):
        ASSIGNED = "assigned", "在办"
        CLOSED = "closed", "已销号"
        CANCELLED = "cancelled", "已撤销"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.ASSIGNED)
    year = models.PositiveSmallIntegerField("年度")
    order = models.PositiveSmallIntegerField("序号", null=True, blank=True)
    name = models.CharField("任务", max_length=200)
    origin = models.CharField("任务来源", max_length=200, blank=True, help_text="如 政府工作报告牵头")
    goal = models.ForeignKey(
        Goal, models.PROTECT, verbose_name="目标", null=True, blank=True, related_name="items"
    )
    goal_name = models.CharField("对应目标", max_length=200, blank=True)
    target_said = models.CharField("目标值", max_length=100, blank=True)
    leader = models.ForeignKey(
        Person, models.PROTECT, verbose_name="责任领导", null=True, blank=True, related_name="+"
    )
    leader_name = models.CharField("责任领导姓名", max_length=60, blank=True)
    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name="责任人", null=True, blank=True, related_name="+"
    )
    person_name = models.CharField("责任人姓名", max_length=60, blank=True)
    helper_names = models.CharField("协办单位", max_length=200, blank=True)
    requirement = models.TextField("工作要求", blank=True)
    evidence_wanted = models.CharField("佐证要求", max_length=200, blank=True)
    begins_on = models.DateField("开始日期")
    due_on = models.DateField("完成时限")
    timetable = models.CharField("时间表", max_length=10, choices=Timetable.choices, default=Timetable.EQUAL)
    plan = models.JSONField("进度安排", default=dict, blank=True)
    plan_said = models.CharField("节点", max_length=200, blank=True)
    last_month = models.CharField("对照到", max_length=7, blank=True)
    last_progress = models.TextField("本月进展", blank=True)
    last_completion = ScaledField("完成率（%）", places=4, null=True, blank=True)
    last_lamp = models.CharField("灯号", max_length=20, blank=True)
    last_reason = models.TextField("存在问题", blank=True)
    last_next_step = models.TextField("下步措施", blank=True)
    last_coordination = models.TextField("需协调事项", blank=True)
    last_evidence = models.PositiveSmallIntegerField("佐证（份）", default=0)
    last_opinion = models.TextField("督查意见", blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)

    untold: ClassVar[frozenset[str]] = frozenset({"plan"})
    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = "责任事项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="item_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("begins_on")), name="item_due_after_it_begins"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["year", "state", "unit"], name="item_year"),
            models.Index(fields=["region", "state"], name="item_region"),
        ]

    def __str__(self) -> str:
        return self.name


class ItemHelper(Recorded):
    """A unit that helps with an item (协办)."""

    item = models.ForeignKey(Item, models.PROTECT, verbose_name="责任事项", related_name="helpers")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="协办单位", related_name="+")

    class Meta:
        verbose_name = "协办"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "unit"], name="item_helper_once")
        ]

    def __str__(self) -> str:
        return self.unit.name


class Check(Record):
    """The check of one item in one month. ``period`` is the code of the month; ``unit`` and ``region`` are the item's.

    Before the review the figures stand empty and are worked out when somebody looks; with the review they are ``frozen``: exact
    texts with the rule and the revision they were worked out with, never changed afterwards.
    """

    class State(models.TextChoices):
        OPEN = "open", "待填"
        SUBMITTED = "submitted", "待审"
        RETURNED = "returned", "退回"
        REVIEWED = "reviewed", "已审定"

    class Verdict(models.TextChoices):
        DONE = "done", "已完成"
        GOING = "going", "按计划推进"
        BEHIND = "behind", "落后"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.OPEN)
    item = models.ForeignKey(Item, models.PROTECT, verbose_name="责任事项", related_name="checks")
    name = models.CharField("任务", max_length=200)
    period = models.CharField("月份", max_length=7)
    fill_by = models.DateField("填报期限", null=True, blank=True)
    verdict = models.CharField("对照结论", max_length=10, choices=Verdict.choices, blank=True)
    progress = models.TextField("本月进展", blank=True)
    own_value = ScaledField("自报累计数", places=6, null=True, blank=True)
    own_unit = models.CharField("自报单位", max_length=20, blank=True)
    reason = models.TextField("存在问题和原因", blank=True)
    next_step = models.TextField("下步措施", blank=True)
    needs_coordination = models.TextField("需协调事项", blank=True)
    filled_by = models.CharField("填报人", max_length=60, blank=True)
    filled_by_id = models.BigIntegerField("填报账号", null=True, blank=True)
    filled_at = models.DateTimeField("填报时刻", null=True, blank=True)
    planned = ScaledField("应到（%）", places=4, null=True, blank=True)
    actual = ScaledField("实际", places=6, null=True, blank=True)
    completion = ScaledField("完成率（%）", places=4, null=True, blank=True)
    lamp_level = models.CharField("灯级", max_length=10, blank=True)
    lamp_word = models.CharField("灯号", max_length=20, blank=True)
    opinion = models.TextField("督查意见", blank=True)
    reviewed_by = models.CharField("审定人", max_length=60, blank=True)
    reviewed_at = models.DateTimeField("审定时刻", null=True, blank=True)
    frozen_revision = models.PositiveBigIntegerField("冻结时的修订", null=True, blank=True)
    frozen = models.JSONField("冻结的对照", default=dict, blank=True)

    #: What the card of a check tells with its unit, and what only the house reads.
    untold: ClassVar[frozenset[str]] = frozenset(
        {"frozen", "filled_by_id", "lamp_level", "frozen_revision", "actual", "own_value", "own_unit"}
    )

    class Meta:
        verbose_name = "对照检查"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "period"], name="check_once_a_month")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["period", "state"], name="check_period"),
            models.Index(fields=["unit", "state"], name="check_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period}"

    @property
    def month(self) -> Any:
        """The month as a period."""
        return Period.parse(self.period)
