"""揭榜挂帅: a need of an enterprise put up for anyone who can meet it, the answers, and the milestones of the contract."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import PersonalField, ScaledField
from keshu.ledger.records import Record
from keshu.programmes.models import Field


class Need(Record):
    """A technical need (榜单) from collection to payment. ``unit`` is who puts it up (出题方), ``taker`` who meets it (揭榜方)."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待论证"
        RETURNED = "returned", "退回修改"
        REFUSED = "refused", "不发榜"
        WITHDRAWN = "withdrawn", "已撤回"
        ARGUED = "argued", "待发榜"
        PUBLISHED = "published", "揭榜中"
        JUDGING = "judging", "评榜中"
        JUDGED = "judged", "待审定"
        UNANSWERED = "unanswered", "流榜"
        NOTICE = "notice", "公示中"
        OBJECTED = "objected", "异议处理"
        SIGNING = "signing", "待签约"
        RUNNING = "running", "攻关中"
        FAILED = "failed", "未通过验收"
        ACCEPTED = "accepted", "待兑付"
        PAID = "paid", "已兑付"
        TERMINATED = "terminated", "已终止"

    class Way(models.TextChoices):
        OPEN = "open", "公开揭榜"
        COMMISSIONED = "commissioned", "定向委托"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.SUBMITTED)
    way = models.CharField("方式", max_length=14, choices=Way.choices, default=Way.OPEN)
    title = models.CharField("需求名称", max_length=120)
    field = models.CharField("领域", max_length=12, choices=Field.choices)
    year = models.PositiveSmallIntegerField("年度")
    problem = models.TextField("要解决的问题")
    indicators = models.TextField("技术指标")
    conditions = models.TextField("对揭榜方的要求", blank=True)
    property_terms = models.TextField("知识产权约定")
    months = models.PositiveSmallIntegerField("完成时限（月）")
    budget = ScaledField("总投入（元）", places=2)
    bounty = ScaledField("榜金（元）", places=2)
    support = ScaledField("财政支持（元）", places=2, null=True, blank=True)
    show_name = models.BooleanField("公开出题方名称", default=True)
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = PersonalField("联系电话", max_length=20, blank=True)
    submitted_on = models.DateField("提出日期", null=True, blank=True)
    argued_minutes = models.CharField("论证纪要", max_length=200, blank=True)
    argued_on = models.DateField("论证日期", null=True, blank=True)
    published_on = models.DateField("发榜日期", null=True, blank=True)
    answer_until = models.DateTimeField("揭榜截止", null=True, blank=True)
    opened_on = models.DateField("开榜日期", null=True, blank=True)
    chosen = models.ForeignKey(
        "reserves.Answer", models.PROTECT, verbose_name="中榜方案", null=True, blank=True, related_name="+"
    )
    taker = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="揭榜方", null=True, blank=True, related_name="+"
    )
    judge_minutes = models.CharField("评榜纪要", max_length=200, blank=True)
    decision_minutes = models.CharField("集体决策纪要", max_length=200, blank=True)
    notice_from = models.DateField("公示起", null=True, blank=True)
    notice_until = models.DateField("公示止", null=True, blank=True)
    contract_number = models.CharField("合同编号", max_length=60, blank=True)
    contract_amount = ScaledField("合同额（元）", places=2, null=True, blank=True)
    signed_on = models.DateField("签约日期", null=True, blank=True)
    ends_on = models.DateField("完成期限", null=True, blank=True)
    accepted_on = models.DateField("验收日期", null=True, blank=True)
    paid = ScaledField("已兑付（元）", places=2, null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    #: Who has taken a need sees its record as well.
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id", "unit": "unit_id", "assigned": "taker_id"}

    class Meta:
        verbose_name = "技术需求"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="need_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(paid__isnull=True) | models.Q(paid__lte=models.F("contract_amount")),
                name="need_paid_within_contract",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "year"], name="need_state"),
            models.Index(fields=["unit"], name="need_unit"),
        ]

    def __str__(self) -> str:
        return self.title


class Answer(Record):
    """What an organisation offers for a need (揭榜方案). Sealed until the need is opened: till then only its own organisation sees it."""

    class State(models.TextChoices):
        SEALED = "sealed", "密封"
        WITHDRAWN = "withdrawn", "已撤回"
        OPENED = "opened", "评榜中"
        CHOSEN = "chosen", "中榜"
        NOT_CHOSEN = "not_chosen", "未中榜"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.SEALED)
    need = models.ForeignKey(Need, models.PROTECT, verbose_name="需求", related_name="answers")
    need_title = models.CharField("揭的榜", max_length=120)
    title = models.CharField("方案名称", max_length=120)
    plan = models.TextField("技术路线")
    team = models.TextField("团队和基础")
    promises = models.TextField("承诺达到的指标")
    asked = ScaledField("报价（元）", places=2)
    months = models.PositiveSmallIntegerField("完成时间（月）")
    leader = models.CharField("负责人", max_length=40)
    phone = PersonalField("联系电话", max_length=20, blank=True)
    answered_at = models.DateTimeField("揭榜时刻", null=True, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    #: No region: a bid is no business of the county it comes from. Who put the need up sees it once it is opened.
    scope_paths: ClassVar[dict[str, str]] = {"unit": "unit_id", "assigned": "need__unit_id"}

    class Meta:
        verbose_name = "揭榜方案"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="answer_number_once"
            ),
            models.UniqueConstraint(
                fields=["need", "unit"],
                condition=~models.Q(state="withdrawn"),
                name="one_answer_of_a_unit_to_a_need",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Milestone(Recorded):
    """One milestone of a signed need: what has to be reached by when, and what was paid for it."""

    need = models.ForeignKey(Need, models.PROTECT, verbose_name="需求", related_name="milestones")
    order = models.PositiveSmallIntegerField("序号")
    text = models.CharField("里程碑", max_length=200)
    due_on = models.DateField("期限")
    amount = ScaledField("约定拨付（元）", places=2)
    reached_on = models.DateField("完成日期", null=True, blank=True)
    doc_no = models.CharField("拨付凭证", max_length=100, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "need__region_id",
        "unit": "need__unit_id",
        "assigned": "need__taker_id",
    }

    class Meta:
        verbose_name = "里程碑"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["need", "order"], name="milestone_order_once")
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.text}"
