"""What is kept of a running project: its task contract, payments, changes asked for, inspections, papers."""

from typing import Any, ClassVar, Self

from django.db import models

from keshu.directory.models import Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record
from keshu.programmes.models.applications import Application


class OfProject(Recorded):
    """A row that belongs to one project; who sees the project sees it."""

    application = models.ForeignKey(Application, models.PROTECT, verbose_name="项目", related_name="+")

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "application__region_id",
        "unit": "application__unit_id",
        "assigned": "application__recommender_id",
    }

    class Meta:
        abstract = True


class ProjectRecord(Record):
    """A record of a register that belongs to one project. Number and title of the project stand in it, so that a list of a
    thousand rows asks for no project."""

    application = models.ForeignKey(
        Application, models.PROTECT, verbose_name="项目", related_name="%(class)ss"
    )
    project = models.CharField("项目编号", max_length=40, blank=True)
    title = models.CharField("项目名称", max_length=120, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "region_id",
        "unit": "unit_id",
        "assigned": "application__recommender_id",
    }

    class Meta:
        abstract = True

    @classmethod
    def of(cls, application: Application, **values: Any) -> Self:
        """An unsaved record of a project, with the project's number, title, organisation and region."""
        return cls(
            application=application,
            project=application.number,
            title=application.title,
            unit_id=application.unit_id,
            region_id=application.region_id,
            **values,
        )


class Goal(OfProject):
    """One indicator of the task contract (任务书考核指标); acceptance judges each against it."""

    class Verdict(models.TextChoices):
        OPEN = "open", "未对照"
        MET = "met", "完成"
        PARTLY = "partly", "部分完成"
        MISSED = "missed", "未完成"

    order = models.PositiveSmallIntegerField("序号")
    text = models.CharField("指标", max_length=200)
    promised = models.CharField("约定值", max_length=60, blank=True)
    reached = models.CharField("完成值", max_length=60, blank=True)
    verdict = models.CharField("对照结果", max_length=10, choices=Verdict.choices, default=Verdict.OPEN)
    proof = models.CharField("佐证", max_length=200, blank=True)

    class Meta:
        verbose_name = "考核指标"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "order"], name="goal_order_once")
        ]

    def __str__(self) -> str:
        return self.text


class Phase(OfProject):
    """One stage of the task contract (阶段安排): what is to be done by when."""

    order = models.PositiveSmallIntegerField("序号")
    until = models.DateField("截止日期")
    task = models.CharField("阶段任务", max_length=200)

    class Meta:
        verbose_name = "阶段安排"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "order"], name="phase_order_once")
        ]

    def __str__(self) -> str:
        return f"{self.until} {self.task}"


class Payment(ProjectRecord):
    """A payment of the grant, as the 拨款文件 says. Never more than was granted."""

    class State(models.TextChoices):
        PAID = "paid", "已拨付"
        VOID = "void", "作废"

    class Level(models.TextChoices):
        NATION = "nation", "中央"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县级"
        RELIEF = "relief", "帮扶"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.PAID)
    amount = ScaledField("金额（元）", places=2)
    doc_no = models.CharField("拨款文号", max_length=100)
    level = models.CharField("资金来源", max_length=20, choices=Level.choices, default=Level.CITY)
    year = models.PositiveSmallIntegerField("年度")

    class Meta:
        verbose_name = "拨款"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_above_zero")
        ]

    def __str__(self) -> str:
        return f"{self.title} 拨款 {self.number}".strip()


class Change(ProjectRecord):
    """A change asked for (变更申请): people, organisation, content, budget, or an extension of the end."""

    class Kind(models.TextChoices):
        EXTEND = "extend", "延期"
        LEADER = "leader", "负责人变更"
        UNIT = "unit", "承担单位变更"
        CONTENT = "content", "内容或指标变更"
        BUDGET = "budget", "预算调剂"
        PEOPLE = "people", "参与人变更"

    class State(models.TextChoices):
        ASKED = "asked", "待县局意见"
        SUPPORTED = "supported", "待审批"
        APPROVED = "approved", "已同意"
        REFUSED = "refused", "不同意"
        TAKEN_BACK = "taken_back", "已收回"
        FILED = "filed", "已备案"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.ASKED)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    before = models.CharField("变更前", max_length=200)
    after = models.CharField("变更后", max_length=200)
    reason = models.TextField("理由")
    goal = models.ForeignKey(
        Goal, models.PROTECT, verbose_name="改哪一条指标", null=True, blank=True, related_name="+"
    )
    new_unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="新承担单位", null=True, blank=True, related_name="+"
    )
    new_end = models.DateField("延至", null=True, blank=True)
    asked_on = models.DateField("申请日期")
    opinion = models.CharField("县局意见", max_length=200, blank=True)
    doc_no = models.CharField("批准文号", max_length=100, blank=True)
    decided_on = models.DateField("办结日期", null=True, blank=True)

    class Meta:
        verbose_name = "变更申请"

    def __str__(self) -> str:
        return f"{self.title} {self.get_kind_display()}"


class Inspection(ProjectRecord):
    """An inspection (滤镜行动, 中期检查, 专项审计, 绩效评价) of one project: findings, what has to be put right, by when."""

    class Kind(models.TextChoices):
        MID_TERM = "mid_term", "中期检查"
        ACTION = "action", "滤镜行动"
        AUDIT = "audit", "专项审计"
        PERFORMANCE = "performance", "绩效评价"

    class State(models.TextChoices):
        PLANNED = "planned", "待检查"
        DROPPED = "dropped", "已取消"
        CLEAN = "clean", "未发现问题"
        FOUND = "found", "整改中"
        RECTIFIED = "rectified", "待复核"
        CLOSED = "closed", "已销号"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.PLANNED)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    campaign = models.CharField("批次", max_length=60, blank=True, help_text="一批检查的名称")
    year = models.PositiveSmallIntegerField("年度")
    score = ScaledField("得分", places=2, null=True, blank=True)
    grade = models.CharField("等次", max_length=10, blank=True)
    findings = models.TextField("发现的问题", blank=True)
    rectify_by = models.DateField("整改期限", null=True, blank=True)
    rectified = models.TextField("整改情况", blank=True)
    done_on = models.DateField("检查日期", null=True, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)

    class Meta:
        verbose_name = "监督检查"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "kind", "year", "campaign"],
                condition=~models.Q(state="dropped"),
                name="inspection_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.get_kind_display()}"


class Paper(OfProject):
    """A document of the project's file (归档): contract, minutes, acceptance opinion, technology report."""

    order = models.PositiveSmallIntegerField("序号", default=0)
    kind = models.CharField("材料", max_length=40)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    dated = models.DateField("日期", null=True, blank=True)
    shelf = models.CharField("档号", max_length=60, blank=True)
    keep_years = models.CharField("保管期限", max_length=10, blank=True)

    class Meta:
        verbose_name = "项目档案"

    def __str__(self) -> str:
        return self.kind
