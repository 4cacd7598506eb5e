"""Documents that set targets, the tree that shares them out, what counts towards them, adjustments and letters of responsibility."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from keshu.directory.actors import Actor
from keshu.directory.models import Region, Subject
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.figures.models import Indicator, Measure
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record

PLACES = 6  # decimals that a goal's numbers are kept with; how many are shown is the goal's own ``decimals``


class CyclicTree(ValueError):
    """A goal would stand below itself."""


class SourceDocument(Recorded):
    """A document that sets, decomposes or corrects targets; the paper itself is its evidence."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "上级考核"
        LEAD = "lead", "政府工作报告牵头"
        ASSIST = "assist", "政府工作报告协助"
        PLAN = "plan", "规划"
        BUREAU = "bureau", "本局"
        CORRECTION = "correction", "更正"

    title = models.CharField("名称", max_length=120)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("发文单位", max_length=100)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    year = models.PositiveSmallIntegerField("年度")
    issued_on = models.DateField("成文日期", null=True, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, verbose_name="更正哪一份", null=True, blank=True, related_name="corrections"
    )
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="收存地区", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "来源文件"

    def __str__(self) -> str:
        return f"{self.title}（{self.doc_no}）" if self.doc_no else self.title


class GoalQuerySet(ScopedRecordedQuerySet):
    """Goals as they may be seen: what is still being worked out (测算) is the bureau's own business."""

    def visible_to(self, actor: Actor) -> Self:
        """The goals of the actor's region, unit or person, from 征求意见 on; all of them for the bureau."""
        found = super().visible_to(actor)
        return found if actor.sees_all else found.exclude(state="drafted")


class Goal(Recorded):
    """One target: of the year, for a region, a unit or a person, with its place in the tree that shares it out.

    ``low`` is the 基本目标, or the lower end of a range whose upper end is ``high``; ``stretch`` the 奋斗目标. Of a rank the places.
    A goal that its document calls 其中 (``within``) is not added up with its brothers. ``margin_low``—``margin_high`` are the
    加压系数 that its children may sum to (1—1.05 times the goal).
    """

    class Kind(models.TextChoices):
        TOTAL = "total", "总量"
        NET = "net", "净增"
        NEW = "new", "新认定"
        RANGE = "range", "区间"
        RATE = "rate", "比率"
        RANK = "rank", "位次"
        QUALITY = "quality", "定性"

    class Direction(models.TextChoices):
        UP = "up", "越高越好"
        DOWN = "down", "越低越好"

    class State(models.TextChoices):
        DRAFTED = "drafted", "测算"
        CONSULTING = "consulting", "征求意见"
        MET = "met", "会议"
        ISSUED = "issued", "文件下达"
        SIGNED = "signed", "签责任书"

    class Method(models.TextChoices):
        SHARE = "share", "按上年占比"
        GROWTH = "growth", "同幅增长"
        WEIGHT = "weight", "按权重"
        HAND = "hand", "人工"

    document = models.ForeignKey(
        SourceDocument, models.PROTECT, verbose_name="来源文件", related_name="goals"
    )
    year = models.PositiveSmallIntegerField("年度")
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级目标", null=True, blank=True, related_name="children"
    )
    order = models.PositiveIntegerField("序号", default=0)
    name = models.CharField("任务", max_length=200)
    kind = models.CharField("类型", max_length=8, choices=Kind.choices)
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="承担对象", null=True, blank=True, related_name="goals"
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="指标", null=True, blank=True, related_name="goals"
    )
    unit = models.CharField("单位", max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField("小数位", default=0)
    low = ScaledField("基本目标", places=PLACES, null=True, blank=True)
    high = ScaledField("上限", places=PLACES, null=True, blank=True)
    stretch = ScaledField("奋斗目标", places=PLACES, null=True, blank=True)
    direction = models.CharField("方向", max_length=4, choices=Direction.choices, default=Direction.UP)
    last_year = ScaledField("上年完成", places=PLACES, null=True, blank=True)
    demand = models.CharField("文件原句或定性要求", max_length=1000, blank=True)
    owner = models.CharField("责任（文件所写）", max_length=200, blank=True)
    begins_on = models.DateField("起", null=True, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)
    within = models.BooleanField("其中项", default=False)
    weight = ScaledField("权重", places=PLACES, null=True, blank=True)
    floor = ScaledField("不低于", places=PLACES, null=True, blank=True)
    cap = ScaledField("不高于", places=PLACES, null=True, blank=True)
    computed = ScaledField("测算数", places=PLACES, null=True, blank=True)
    locked = models.BooleanField("锁定", default=False)
    method = models.CharField("下级分解办法", max_length=8, choices=Method.choices, blank=True)
    margin = ScaledField("加压系数", places=PLACES, default=1)
    margin_low = ScaledField("加压系数下限", places=PLACES, default=1)
    margin_high = ScaledField("加压系数上限", places=PLACES, default=1)
    margin_document = models.ForeignKey(
        SourceDocument, models.PROTECT, verbose_name="加压依据", null=True, blank=True, related_name="+"
    )
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFTED)
    flaw = models.CharField("原文有误", max_length=300, blank=True)
    corrected_by = models.ForeignKey(
        SourceDocument,
        models.PROTECT,
        verbose_name="更正文件",
        null=True,
        blank=True,
        related_name="corrected",
    )

    objects = GoalQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "subject_id",
        "unit": "subject_id",
        "account": "subject__as_person__accounts",
    }

    class Meta:
        verbose_name = "目标"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["year", "subject"], name="goal_of_year")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="goal_not_below_itself"
            ),
            models.CheckConstraint(
                condition=Q(high__isnull=True) | Q(high__gte=F("low")), name="goal_range_in_order"
            ),
            models.CheckConstraint(
                condition=Q(begins_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("begins_on")),
                name="goal_due_after_start",
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parent_was = self.__dict__.get("parent_id")

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What tells it from its brothers, whatever order they stand in."""
        return f"{self.subject_id:012}" if self.subject_id else f"~{self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a goal that is hung elsewhere may not come to stand below itself (CyclicTree)."""
        if not self._state.adding and self.parent_id != self._parent_was:
            self._refuse_cycle()
        super().save(*args, **kwargs)
        self._parent_was = self.parent_id

    def _refuse_cycle(self) -> None:
        above = self.parent_id
        while above is not None:
            if above == self.pk:
                raise CyclicTree(
                    f"“{self.name}”不能挂到自己或自己的下级“{self.parent}”下面，那样绕成一圈。请另选上级目标。"
                )
            above = Goal._base_manager.values_list("parent_id", flat=True).get(pk=above)

    @property
    def summed(self) -> bool:
        """Whether children add up to it: amounts and counts do; ratios, places and qualitative ones do not."""
        return self.kind in SUMMED

    @property
    def flawed(self) -> bool:
        """Whether the document contradicts itself here and nothing has corrected it: completion waits."""
        return bool(self.flaw) and self.corrected_by_id is None

    @property
    def given(self) -> bool:
        """Whether it has been issued: from then on only an adjustment or a correction changes its numbers."""
        return self.state in (Goal.State.ISSUED, Goal.State.SIGNED)


SUMMED = frozenset({Goal.Kind.TOTAL, Goal.Kind.NET, Goal.Kind.NEW, Goal.Kind.RANGE})


class Counter(Recorded):
    """What counts towards a goal: a measure, of a register under a further condition. Several counters of one goal add up."""

    goal = models.ForeignKey(Goal, models.PROTECT, verbose_name="目标", related_name="counters")
    order = models.PositiveSmallIntegerField("序号", default=0)
    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="计量", related_name="+")
    where = models.CharField("只计", max_length=500, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "goal__subject_id", "unit": "goal__subject_id"}

    class Meta:
        verbose_name = "计数来源"

    def __str__(self) -> str:
        return f"{self.measure}（{self.where}）" if self.where else str(self.measure)


class Adjustment(Record):
    """调整申请: an issued target is changed only by this: who asks, from what to what, why, by which document, from which day."""

    class State(models.TextChoices):
        ASKED = "asked", "待批"
        AGREED = "agreed", "已调整"
        REFUSED = "refused", "不调整"

    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.ASKED)
    goal = models.ForeignKey(Goal, models.PROTECT, verbose_name="目标", related_name="adjustments")
    task = models.CharField("任务", max_length=200, blank=True)
    asked_by = models.CharField("申请单位", max_length=100)
    asked_on = models.DateField("申请日期")
    before = models.CharField("原目标", max_length=100, blank=True)
    after = models.CharField("调整为", max_length=100, blank=True)
    low_before = ScaledField("原基本目标", places=PLACES, null=True, blank=True)
    high_before = ScaledField("原上限", places=PLACES, null=True, blank=True)
    stretch_before = ScaledField("原奋斗目标", places=PLACES, null=True, blank=True)
    low_after = ScaledField("基本目标调整为", places=PLACES, null=True, blank=True)
    high_after = ScaledField("上限调整为", places=PLACES, null=True, blank=True)
    stretch_after = ScaledField("奋斗目标调整为", places=PLACES, null=True, blank=True)
    why = models.CharField("理由", max_length=500)
    document = models.ForeignKey(
        SourceDocument, models.PROTECT, verbose_name="依据文件", null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField("批准日期", null=True, blank=True)
    effect_on = models.DateField("生效日期", null=True, blank=True)

    #: The page tells the numbers with their unit, as ``before`` and ``after`` say them.
    untold: ClassVar[frozenset[str]] = frozenset(
        {"low_before", "high_before", "stretch_before", "low_after", "high_after", "stretch_after"}
    )

    class Meta:
        verbose_name = "调整申请"


class Letter(Record):
    """责任书: the goals of one county, office or person for a year, on paper, signed; the signed scan is its evidence."""

    class State(models.TextChoices):
        DRAWN = "drawn", "待签"
        SIGNED = "signed", "已签"
        VOID = "void", "作废"

    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAWN)
    year = models.PositiveSmallIntegerField("年度")
    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="签订对象", related_name="+")
    holder = models.CharField("签订对象", max_length=100, blank=True)
    signed_on = models.DateField("签订日期", null=True, blank=True)
    signed_by = models.CharField("签字人", max_length=60, blank=True)

    class Meta:
        verbose_name = "责任书"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["year", "subject"], condition=Q(state="drawn"), name="letter_waits_once"
            )
        ]
