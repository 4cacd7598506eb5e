"""An assessment of the bureau's own region by its superior, and the items its score is made of."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from keshu.directory.models import Region
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.figures.models import Indicator, Standing
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record
from keshu.terms import clock

ZERO = Decimal(0)


class Assessment(Recorded):
    """One yearly assessment as its document gives it: who assessed whom by which scheme, full marks, and the reported score and rank.

    The score and the rank are reported standings (:class:`figures.models.Standing`), never computed here. ``year`` is the year
    assessed; the data of an item may be older (:attr:`Item.data_year`).
    """

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="被考核地区", related_name="+")
    year = models.PositiveSmallIntegerField("考核年度")
    assessor = models.CharField("考核单位", max_length=100)
    scheme = models.CharField("考核办法", max_length=200)
    document = models.CharField("通报文件", max_length=200, blank=True)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    released_on = models.DateField("通报日期", null=True, blank=True)
    total = ScaledField("满分", places=4)
    score = models.ForeignKey(
        Standing, models.PROTECT, verbose_name="通报得分", null=True, blank=True, related_name="+"
    )
    rank = models.ForeignKey(
        Standing, models.PROTECT, verbose_name="通报位次", null=True, blank=True, related_name="+"
    )
    population = models.PositiveSmallIntegerField("参评数", null=True, blank=True)
    exclusions = models.CharField("不参评", max_length=200, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    #: A county sees the assessment through the items it answers for; ask with ``distinct()``.
    scope_paths: ClassVar[dict[str, str]] = {"region": "items__region_id", "unit": "items__unit_id"}

    class Meta:
        verbose_name = "上级考核"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["region", "year", "assessor", "scheme"], name="assessment_once_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}年度{self.scheme}"


class Item(Record):
    """One item of an assessment: what it weighs, what was scored and lost, why, whose it is, and what can still be had back.

    ``region`` is the county that answers for it (the assessed region itself where no county does), ``unit`` the office.
    Points stand as issued; an appeal that was granted is kept beside them (``returned``), never written over the score.
    An item with full marks of zero adds or takes off points (加减分项).
    """

    class State(models.TextChoices):
        RECEIVED = "received", "收到"
        CHECKED = "checked", "已核对"
        APPEALED = "appealed", "已申诉"
        ANSWERED = "answered", "已答复"
        FILED = "filed", "已归档"
        STRUCK = "struck", "已撤销"

    class Finding(models.TextChoices):
        AGREED = "agreed", "无异议"
        DISPUTED = "disputed", "有异议"

    class Outcome(models.TextChoices):
        GRANTED = "granted", "采纳"
        PART = "part", "部分采纳"
        REFUSED = "refused", "不采纳"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.RECEIVED)
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, verbose_name="考核", related_name="items", db_index=True
    )
    year = models.PositiveSmallIntegerField("考核年度")
    order = models.PositiveSmallIntegerField("序号", default=0)
    name = models.CharField("考核项", max_length=120)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="指标", null=True, blank=True, related_name="+"
    )
    data_year = models.PositiveSmallIntegerField("数据年", null=True, blank=True)
    weight = ScaledField("权重", places=4, null=True, blank=True)
    full = ScaledField("满分", places=4)
    score = ScaledField("得分", places=4)
    deduction = ScaledField(
        "通报扣分", places=4, null=True, blank=True, help_text="通报表写了才填，和满分减得分核对"
    )
    reason = models.TextField("扣分原因", blank=True)
    rank = models.ForeignKey(
        Standing, models.PROTECT, verbose_name="通报位次", null=True, blank=True, related_name="+"
    )
    method = models.CharField("计分办法", max_length=60, blank=True, help_text="计分法库里的代码")
    regainable = ScaledField("可争取分值", places=4, null=True, blank=True)
    regain_by = models.DateField("争取期限", null=True, blank=True)
    plan = models.TextField("怎么争取", blank=True)
    finding = models.CharField("核对结果", max_length=10, choices=Finding.choices, blank=True)
    appeal_by = models.DateField("申诉截止", null=True, blank=True)
    appealed_on = models.DateField("申诉日期", null=True, blank=True)
    appeal = models.TextField("申诉理由", blank=True)
    asked = ScaledField("请求加回分值", places=4, null=True, blank=True)
    outcome = models.CharField("答复结果", max_length=10, choices=Outcome.choices, blank=True)
    answer_doc = models.CharField("答复文号", max_length=100, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    returned = ScaledField("加回分值", places=4, null=True, blank=True)

    #: Shown in points by the cards of this room.
    untold: ClassVar[frozenset[str]] = frozenset({"order", "method"})

    class Meta:
        verbose_name = "考核项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["assessment", "name"], name="assessed_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    @property
    def adds(self) -> bool:
        """加减分项: nothing to lose, points come on top or go off."""
        return self.full == 0

    @property
    def lost(self) -> Decimal:
        """Points lost by arithmetic: full marks minus score, never negative; of a 减分项 what it took off."""
        return max(self.full - self.score, ZERO)

    @property
    def lapsed(self) -> bool:
        """已过期未申诉: points were lost, the day for appealing is over and nobody appealed."""
        return bool(
            self.lost
            and self.appeal_by is not None
            and self.appeal_by < clock.today()
            and self.appealed_on is None
            and self.state != self.State.STRUCK
        )
