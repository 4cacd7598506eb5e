"""Objections (异议) against a nomination in notice."""

from typing import ClassVar

from django.db import models

from keshu.awards.models.nominations import Nomination
from keshu.awards.models.rounds import Grade
from keshu.directory.models import Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.ledger.fields import PersonalField
from keshu.ledger.records import Record


class Objection(Record):
    """One objection as it was received: who, with what proof, about what; what became of it.

    Who objected is shown to the bureau alone: no region and no unit opens it, not even the nominated one's.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "待判断是否受理"
        REFUSED = "refused", "不予受理"
        ADMITTED = "admitted", "已受理"
        INVESTIGATING = "investigating", "核实中"
        RESOLVED = "resolved", "已有结论"
        NOTIFIED = "notified", "已告知"

    class Objector(models.TextChoices):
        PERSON = "person", "个人"
        UNIT = "unit", "单位"

    class About(models.TextChoices):
        RIGHTS = "rights", "知识产权归属"
        ORDER = "order", "完成人或完成单位排序"
        TRUTH = "truth", "材料真实性"
        NOVELTY = "novelty", "创新性或应用情况"
        PROCESS = "process", "程序或回避"
        GRADE = "grade", "评审等级"
        RESULT = "result", "评审结果"
        ACADEMIC = "academic", "单纯学术观点"
        UNRELATED = "unrelated", "与提名材料无关"

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "异议不成立，维持"
        REORDERED = "reordered", "改正排序"
        DOWNGRADED = "downgraded", "降等"
        REMOVED = "removed", "撤项"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.RECEIVED)
    nomination = models.ForeignKey(
        Nomination, models.PROTECT, verbose_name="对哪一项", related_name="objections"
    )
    title = models.CharField("对哪一项", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    objector_kind = models.CharField(
        "异议方类别", max_length=10, choices=Objector.choices, default=Objector.PERSON
    )
    objector = models.CharField(
        "真实姓名或单位名称", max_length=100, blank=True, help_text="匿名来信空着，不予受理"
    )
    contact = PersonalField("联系方式", max_length=60, blank=True)
    sealed = models.BooleanField("盖单位公章", default=False)
    about = models.CharField("异议内容属于", max_length=12, choices=About.choices)
    text = models.TextField("异议内容")
    proof = models.TextField("证据或线索", blank=True)
    received_on = models.DateField("收到日期")
    notice_until = models.DateField(
        "异议截止", null=True, blank=True, help_text="收到时所在或最近一次公示的最后一天"
    )
    reason_code = models.CharField("不受理理由", max_length=20, blank=True)
    assigned_to = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="核实单位", null=True, blank=True, related_name="+"
    )
    answer_by = models.DateField("核实期限", null=True, blank=True)
    outcome = models.CharField("结论", max_length=12, choices=Outcome.choices, blank=True)
    new_grade = models.CharField("降为", max_length=10, choices=Grade.choices, blank=True)
    resolved_on = models.DateField("结论日期", null=True, blank=True)
    notified_on = models.DateField("告知日期", null=True, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = "奖励异议"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["nomination", "state"], name="objection_nomination")
        ]

    def __str__(self) -> str:
        return f"异议：{self.title}"
