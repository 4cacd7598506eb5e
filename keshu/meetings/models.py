"""Meetings, who attends, what is asked before, what is agreed."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from keshu.directory.actors import Actor
from keshu.directory.models import Person, Region, Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.figures.models import Indicator, Scheme
from keshu.journal.recorded import Recorded
from keshu.ledger.records import Record
from keshu.terms import clock


class MeetingQuerySet(ScopedRecordedQuerySet):
    """Meetings of a reader: the bureau all; the convening unit its own; whoever is invited from the notice on."""

    def visible_to(self, actor: Actor) -> Self:
        """As every scoped model, but an invitation is a row of its own (a join would list a meeting once per invited unit)."""
        clone = self._clear()
        if actor.sees_all:
            return clone
        invited = Attendee.objects.filter(unit__in=actor.unit_ids).values("meeting")
        told = Q(pk__in=invited) & ~Q(state__in=(Meeting.State.PREPARING, Meeting.State.CANCELLED))
        return clone.filter(Q(unit__in=actor.unit_ids) | told)


class Meeting(Record):
    """One dispatch meeting (调度会): what it is about, when, where, who chairs; the revision at which its figures were taken.

    ``unit`` convenes, ``region`` is the region whose parts are dispatched, ``counts_on`` the day of the meeting.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", "筹备"
        NOTIFIED = "notified", "已通知"
        SITTING = "sitting", "会上"
        DRAFTING = "drafting", "纪要起草"
        ISSUED = "issued", "已印发"
        CANCELLED = "cancelled", "不开了"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.PREPARING)
    title = models.CharField("会议名称", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    scheme = models.ForeignKey(Scheme, models.PROTECT, verbose_name="调度方案", related_name="+")
    period = models.CharField("调度期间", max_length=12)
    level = models.CharField("层级", max_length=10, choices=Region.Level.choices, default=Region.Level.COUNTY)
    held_at = models.DateTimeField("开会时间")
    place = models.CharField("地点", max_length=100)
    chair = models.ForeignKey(
        Person, models.PROTECT, verbose_name="主持人", null=True, blank=True, related_name="+"
    )
    agenda = models.TextField("议程", blank=True)
    notice_no = models.CharField("通知文号", max_length=60, blank=True)
    answer_by = models.DateField("原因措施截止")
    previous = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上次会议", null=True, blank=True, related_name="followed_by"
    )
    revision = models.BigIntegerField("取数修订号", null=True, blank=True)
    taken_at = models.DateTimeField("取数时刻", null=True, blank=True)
    notified_on = models.DateField("通知日期", null=True, blank=True)
    opened_at = models.DateTimeField("开始", null=True, blank=True)
    closed_at = models.DateTimeField("散会", null=True, blank=True)
    overall = models.TextField("会议概况", blank=True, help_text="纪要开头的话，空着按事实起草")
    minutes_no = models.CharField("纪要文号", max_length=60, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)

    untold: ClassVar[frozenset[str]] = frozenset({"revision", "previous"})
    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "调度会"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "held_at"], name="meeting_when")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """The code with which anyone gets its figures again; empty before they were taken."""
        return f"r{self.revision}" if self.revision else ""


class Attendee(Recorded):
    """One unit that is invited: who comes, whether and as which it speaks, whether it came, what it said."""

    class Came(models.TextChoices):
        UNKNOWN = "", "未记"
        YES = "yes", "到会"
        LEAVE = "leave", "请假"
        NO = "no", "缺席"

    meeting = models.ForeignKey(Meeting, models.PROTECT, verbose_name="调度会", related_name="attendees")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="参会单位", related_name="+")
    name = models.CharField("参会人", max_length=60, blank=True)
    speaks = models.BooleanField("发言", default=True)
    order = models.PositiveSmallIntegerField("发言顺序")
    came = models.CharField("到会", max_length=6, choices=Came.choices, blank=True, default=Came.UNKNOWN)
    said = models.TextField("会上记录", blank=True)

    class Meta:
        verbose_name = "参会单位"
        ordering: ClassVar[list[str]] = ["order", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "unit"], name="attendee_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.name}".strip()


class Request(Record):
    """Cause and measures (原因、措施) asked of one unit for one lagging item (``indicator`` of ``region``) by a date.

    ``unit`` answers. What the lamp said when it was asked stays with it; the value is read again at the meeting's revision.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "拟问"
        ASKED = "asked", "待答"
        ANSWERED = "answered", "已答"
        RETURNED = "returned", "退回"
        MISSED = "missed", "没有答"
        DROPPED = "dropped", "不再要"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.DRAFT)
    meeting = models.ForeignKey(Meeting, models.PROTECT, verbose_name="调度会", related_name="requests")
    title = models.CharField("项次", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="+")
    period = models.CharField("数据期间", max_length=12)
    leading = models.BooleanField("先行", default=False)
    lamp_level = models.CharField("灯", max_length=10)
    lamp_word = models.CharField("亮灯", max_length=20)
    done = models.CharField("完成率", max_length=20, blank=True)
    due_on = models.DateField("答复期限")
    cause = models.TextField("原因", blank=True)
    measures = models.TextField("措施", blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answered_by = models.CharField("答复人", max_length=60, blank=True)
    returned_for = models.CharField("退回原因", max_length=300, blank=True)
    noted = models.TextField("会上记录", blank=True)

    untold: ClassVar[frozenset[str]] = frozenset({"lamp_level"})
    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"unit": "unit_id"}

    class Meta:
        verbose_name = "原因措施"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "unit", "indicator", "region"],
                condition=~Q(state="dropped"),
                name="request_once_an_item",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "state"], name="request_of_unit")
        ]

    def __str__(self) -> str:
        return self.title

    def late(self, today: date) -> int:
        """Days after the date: of the answer, or while there is none up to ``today`` and never beyond the end of the meeting; 0 when
        in time."""
        if self.state in (Request.State.DRAFT, Request.State.DROPPED):
            return 0
        if self.state == Request.State.ANSWERED and self.answered_on:
            return max((self.answered_on - self.due_on).days, 0)
        closed = self.meeting.closed_at
        until = today if closed is None else min(today, closed.astimezone(clock.TZ).date())
        return max((until - self.due_on).days, 0)


class AgreedItem(Recorded):
    """One thing that was agreed (议定事项): what, who holds it, by when. Neither holder nor date may be missing.

    ``order`` is its place in the minutes, ``issued_as`` the order of supervision made of it.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, verbose_name="调度会", related_name="agreed")
    order = models.PositiveSmallIntegerField("序号")
    text = models.CharField("议定事项", max_length=200)
    holder = models.ForeignKey(Unit, models.PROTECT, verbose_name="承办单位", related_name="+")
    due_on = models.DateField("完成时限")
    evidence_wanted = models.CharField("要什么佐证", max_length=200, blank=True)
    about = models.ForeignKey(
        Request, models.PROTECT, verbose_name="对着哪一项", null=True, blank=True, related_name="+"
    )
    issued_as = models.ForeignKey(
        "duties.Order", models.PROTECT, verbose_name="督办单", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "议定事项"
        ordering: ClassVar[list[str]] = ["order", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def ref(self) -> str:
        """The key by which supervision knows where the order came from."""
        return f"minutes|{self.meeting_id}|{self.pk}"


class AgreedHelper(Recorded):
    """A unit that helps with an agreed item (配合单位)."""

    item = models.ForeignKey(AgreedItem, models.PROTECT, verbose_name="议定事项", related_name="helpers")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="配合单位", related_name="+")

    class Meta:
        verbose_name = "配合单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "unit"], name="agreed_helper_once")
        ]

    def __str__(self) -> str:
        return str(self.unit)
