"""Calls and applications of science and technology programmes."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record


class Level(models.TextChoices):
    """Whose programme it is."""

    NATION = "nation", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"


class Field(models.TextChoices):
    """The class of a programme, as the bureau's reports break projects down."""

    INDUSTRY = "industry", "工业"
    AGRICULTURE = "agriculture", "农业"
    SOCIAL = "social", "社会发展"
    SOFT = "soft", "软科学"
    OTHER = "other", "其他"


class Call(Recorded):
    """A call for applications (申报通知): what is supported, with how much, until when.

    The superior's programmes are a *recommended track*: applied for in the superior's own system, recommended and registered here.
    """

    class Track(models.TextChoices):
        CITY = "city", "本级受理"
        RECOMMENDED = "recommended", "推荐上报"

    class State(models.TextChoices):
        DRAFT = "draft", "起草"
        OPEN = "open", "已发布"
        CLOSED = "closed", "已截止"

    name = models.CharField("名称", max_length=120, unique=True)
    year = models.PositiveSmallIntegerField("计划年度")
    level = models.CharField("级别", max_length=10, choices=Level.choices, default=Level.CITY)
    field = models.CharField("类别", max_length=12, choices=Field.choices, default=Field.INDUSTRY)
    track = models.CharField("渠道", max_length=12, choices=Track.choices, default=Track.CITY)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    guide = models.TextField("指南", blank=True)
    budget = ScaledField("总额度（元）", places=2, null=True, blank=True)
    most_each = ScaledField("单项最高（元）", places=2, null=True, blank=True)
    most_per_unit = models.PositiveSmallIntegerField("每个单位最多报几项", null=True, blank=True)
    opens_at = models.DateTimeField("开始申报")
    apply_until = models.DateTimeField("申报截止")
    recommend_until = models.DateTimeField("推荐截止")
    notice_days = models.PositiveSmallIntegerField("公示工作日", default=5)
    superior = models.CharField("上级部门", max_length=60, blank=True, help_text="推荐上报的写明报给谁")
    attachments = models.JSONField(
        "要交的材料", default=list, blank=True, help_text="申报人要传的材料名称，逐项"
    )
    who_may = models.TextField("申报条件", blank=True, help_text="谁可以申报")
    kinds = models.JSONField(
        "支持方向", default=list, blank=True, help_text="通知里再分的方向或类别，申报人选一个"
    )
    own_funds = models.JSONField(
        "自筹比例",
        default=dict,
        blank=True,
        help_text="自筹占申请加自筹的百分比下限，按牵头单位的类型：{enterprise: 70, other: 50}",
    )
    superior_form = models.JSONField(
        "上级表的次序", default=list, blank=True, help_text="上级申报系统各栏的名称，按它的次序"
    )
    published_on = models.DateField("发布日期", null=True, blank=True)
    extended = models.JSONField("延长记录", default=list, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)

    class Meta:
        verbose_name = "申报通知"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(apply_until__lte=models.F("recommend_until"))
                & models.Q(opens_at__lt=models.F("apply_until")),
                name="call_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def region_id(self) -> None:
        """A call belongs to no region: who may open its files follows from the call, not from a place."""
        return None

    @property
    def is_above(self) -> bool:
        """Whether it is a superior's, applied for in the superior's own system."""
        return self.track == Call.Track.RECOMMENDED


class LeadKind(models.TextChoices):
    """What kind of organisation leads, as guides ask for different shares of own funds."""

    ENTERPRISE = "enterprise", "企业"
    OTHER = "other", "高校、院所、医院等"


class Application(Record):
    """An application and, once approved, the project it becomes (申报书 → 项目)."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待推荐"
        RECOMMENDED = "recommended", "待形式审查"
        FORWARDED = "forwarded", "已报上级"
        RETURNED = "returned", "退回补正"
        REFUSED = "refused", "不予受理"
        ADMITTED = "admitted", "待评审"
        REVIEWED = "reviewed", "待审定"
        NOT_CHOSEN = "not_chosen", "未立项"
        NOTICE = "notice", "公示中"
        OBJECTED = "objected", "异议处理"
        APPROVED = "approved", "已立项"
        RUNNING = "running", "执行中"
        ACCEPTING = "accepting", "验收中"
        PASSED = "passed", "通过验收"
        CONCLUDED = "concluded", "结题"
        FAILED = "failed", "未通过验收"
        TERMINATED = "terminated", "已终止"
        REVOKED = "revoked", "已撤销"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.DRAFT)
    call = models.ForeignKey(Call, models.PROTECT, verbose_name="申报通知", related_name="applications")
    title = models.CharField("项目名称", max_length=120)
    year = models.PositiveSmallIntegerField("计划年度")
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    field = models.CharField("类别", max_length=12, choices=Field.choices)
    leader = models.CharField("负责人", max_length=40, blank=True)
    summary = models.TextField("研究内容", blank=True)
    goals = models.TextField("考核指标", blank=True)
    asked = ScaledField("申请经费（元）", places=2, null=True, blank=True)
    granted = ScaledField("立项经费（元）", places=2, null=True, blank=True)
    submitted_at = models.DateTimeField("提交时刻", null=True, blank=True)
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    recommended_by = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="推荐单位", null=True, blank=True, related_name="+"
    )
    recommender = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="归口推荐单位",
        null=True,
        blank=True,
        related_name="+",
        help_text="空着的由所在县(市、区)局推荐",
    )
    forwarded_doc = models.CharField("推荐函文号", max_length=100, blank=True)
    forwarded_on = models.DateField("推荐上报日期", null=True, blank=True)
    review_score = ScaledField("评审得分", places=2, null=True, blank=True)
    review_minutes = models.CharField("评审纪要", max_length=200, blank=True)
    decision_minutes = models.CharField("局党组会纪要", max_length=200, blank=True)
    accepted_kind = models.CharField("申报类别", max_length=40, blank=True, help_text="通知里再分的类别")
    own_funds = ScaledField("自筹（元）", places=2, null=True, blank=True)
    lead_kind = models.CharField("牵头单位类型", max_length=12, choices=LeadKind.choices, blank=True)
    committed = models.CharField("承诺书", max_length=60, blank=True, help_text="申报人勾选的那一版")
    correct_by = models.DateField("补正截止", null=True, blank=True)
    superior_number = models.CharField("上级编号", max_length=60, blank=True)
    direct_cost = ScaledField("直接费用（元）", places=2, null=True, blank=True)
    equipment_cost = ScaledField("其中设备购置费（元）", places=2, null=True, blank=True)
    paper_received_on = models.DateField("纸质件收到日期", null=True, blank=True)
    reserve_number = models.CharField("来自储备", max_length=40, blank=True)
    reason_code = models.CharField("理由码", max_length=20, blank=True)
    notice_from = models.DateField("公示起", null=True, blank=True)
    notice_until = models.DateField("公示止", null=True, blank=True)
    decided_doc = models.CharField("立项文号", max_length=100, blank=True)
    approved_on = models.DateField("立项日期", null=True, blank=True)
    contract_doc = models.CharField("任务书文号", max_length=100, blank=True)
    indirect_cost = ScaledField("间接费用（元）", places=2, null=True, blank=True)
    starts_on = models.DateField("执行起", null=True, blank=True)
    ends_on = models.DateField("执行止", null=True, blank=True)
    extend_by = models.DateField("延期最迟提出日", null=True, blank=True, help_text="已延过期的空着")
    extensions = models.PositiveSmallIntegerField("延期次数", default=0)
    accept_by = models.DateField("验收期限", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("未通过验收次数", default=0)
    paid = ScaledField("已拨付（元）", places=2, null=True, blank=True)
    spent = ScaledField("已用经费（元）", places=2, null=True, blank=True)
    to_return = ScaledField("应收回（元）", places=2, null=True, blank=True)
    returned = ScaledField("已收回（元）", places=2, null=True, blank=True)
    chased = models.PositiveSmallIntegerField("催办次数", default=0)
    chased_on = models.DateField("最近催办", null=True, blank=True)
    performance = models.CharField("绩效等次", max_length=10, blank=True)
    achievement_number = models.CharField("成果登记号", max_length=40, blank=True)
    technology_report = models.CharField("科技报告编号", max_length=40, blank=True)
    archive_number = models.CharField("档号", max_length=60, blank=True)
    closed_on = models.DateField("验收或结束日期", null=True, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "region_id",
        "unit": "unit_id",
        "assigned": "recommender_id",
    }

    class Meta:
        verbose_name = "科技计划项目"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="application_number_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["year", "state", "asked", "granted"], name="application_year"),
            models.Index(fields=["state", "year", "asked", "granted"], name="application_sums"),
            models.Index(fields=["unit"], name="application_unit"),
            models.Index(fields=["region", "state"], name="application_region"),
            models.Index(fields=["state", "ends_on"], name="application_ends"),
            models.Index(fields=["state", "accept_by"], name="application_accept_by"),
            models.Index(fields=["state", "extend_by"], name="application_extend_by"),
            models.Index(fields=["state", "notice_until"], name="application_notice"),
            models.Index(fields=["state", "correct_by"], name="application_correct_by"),
        ]

    def __str__(self) -> str:
        return self.title


class Objection(Recorded):
    """An objection to a project in public notice (异议): who raised it and with what proof. Seen by the bureau only."""

    application = models.ForeignKey(
        Application, models.PROTECT, verbose_name="项目", related_name="objections"
    )
    by = models.CharField("异议人", max_length=60, help_text="真实姓名或单位全称")
    contact = models.CharField("联系方式", max_length=60, blank=True)
    grounds = models.TextField("异议理由")
    proof = models.CharField("证明材料", max_length=200)
    received_on = models.DateField("收到日期")
    settled_on = models.DateField("处理日期", null=True, blank=True)
    outcome = models.TextField("处理结果", blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    #: No path: regions, organisations and assigned bodies never see who objected.
    scope_paths: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = "异议"

    def __str__(self) -> str:
        return f"对“{self.application}”的异议"

    @property
    def region_id(self) -> None:
        """No place opens its files: they are seen through the objection only."""
        return None
