"""Measures, indicators, schemes, releases, values, the cube, targets and reported standings."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from keshu.directory.models import Region, Subject
from keshu.directory.scope import ScopedQuerySet, ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.terms.quantity import unscale


class Measure(Recorded):
    """What is counted, summed or reported: unit, nature, authority, when it can be had, who may enter it."""

    class Nature(models.TextChoices):
        FLOW = "flow", "流量"
        STOCK = "stock", "存量"
        RATE = "rate", "比率或得分"

    class Typed(models.TextChoices):
        CUMULATIVE = "cumulative", "累计"
        SINGLE = "single", "当月"

    class Frequency(models.TextChoices):
        MONTH = "month", "月"
        QUARTER = "quarter", "季"
        YEAR = "year", "年"

    class Enters(models.TextChoices):
        """Ways in which a value may come; a measure that names none is open to all."""

        REGION = "region", "下级地区填报"
        DEPARTMENT = "department", "部门填报"
        IMPORT = "import", "规划科导入"
        HOUSE = "house", "本系统算出"

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=80, unique=True)
    aliases = models.JSONField("别名", default=list, help_text="导入时认得的其他写法")
    unit = models.CharField("存储单位", max_length=20)
    shown_unit = models.CharField("填报与显示单位", max_length=20)
    decimals = models.PositiveSmallIntegerField("存储小数位")
    shown_decimals = models.PositiveSmallIntegerField("显示小数位", default=2)
    nature = models.CharField("性质", max_length=10, choices=Nature.choices)
    typed = models.CharField("填报口径", max_length=12, choices=Typed.choices, default=Typed.CUMULATIVE)
    authority = models.CharField(
        "主管来源", max_length=30, help_text="统计局、财政局、税务局、市场监管局、火炬、省厅、本局"
    )
    frequency = models.CharField("频率", max_length=10, choices=Frequency.choices)
    lag_days = models.PositiveSmallIntegerField("期末后可得天数", default=0)
    lowest = models.CharField("合理下限", max_length=30, blank=True, help_text="以填报单位计，低于它拒收")
    highest = models.CharField("合理上限", max_length=30, blank=True)
    negative_allowed = models.BooleanField("可为负（冲减）", default=True)
    estimated = models.BooleanField("推算数", default=False, help_text="推算数不进指标的分母分子")
    entered_by = models.JSONField("谁可录入", default=list)
    definition = models.TextField("口径", blank=True)
    notes = models.JSONField("口径说明", default=list)
    legal_ref = models.CharField("依据", max_length=200, blank=True)
    open_to_public = models.BooleanField("可公开", default=False)
    register = models.CharField("取自台账", max_length=40, blank=True, help_text="空着是填报或导入的数")

    class Meta:
        verbose_name = "计量"

    def __str__(self) -> str:
        return self.name


class Indicator(Recorded):
    """A formula over measures: direction, unit, period rule, definition, leading indicators."""

    class Direction(models.TextChoices):
        UP = "up", "越高越好"
        DOWN = "down", "越低越好"

    class PeriodRule(models.TextChoices):
        ANNUAL = "annual", "年度（已定）"
        TO_DATE = "to_date", "年初到期末"
        STOCK = "stock", "期末存量"

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=80, unique=True)
    short_name = models.CharField("简称", max_length=30)
    formula = models.CharField("公式", max_length=2000)
    direction = models.CharField("方向", max_length=4, choices=Direction.choices, default=Direction.UP)
    unit = models.CharField("单位", max_length=20)
    decimals = models.PositiveSmallIntegerField("显示小数位", default=2)
    period_rule = models.CharField("期间规则", max_length=10, choices=PeriodRule.choices)
    denominator_annual = models.BooleanField("分母取上年末", default=False)
    own_numerator_counts = models.BooleanField("市本级分子计入全市", default=False)
    numerator_label = models.CharField("分子名称", max_length=80, blank=True)
    denominator_label = models.CharField("分母名称", max_length=80, blank=True)
    definition = models.TextField("口径")
    definition_label = models.CharField("口径版本", max_length=40, blank=True)
    doc_no = models.CharField("依据文号", max_length=100, blank=True)
    office = models.CharField("责任科室", max_length=40, blank=True)
    change_as_growth = models.BooleanField("看增速", default=False, help_text="先行指标以同比增速亮灯")
    valid_from = models.DateField("起用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = "指标"

    def __str__(self) -> str:
        return self.name


class Scheme(Recorded):
    """A set of indicators that is dispatched together, at one level and period."""

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=80, unique=True)
    doc_no = models.CharField("依据文号", max_length=100, blank=True)
    lamp_rule = models.CharField("亮灯规则", max_length=60)
    annual = models.BooleanField("按年调度", default=False)
    published = models.BooleanField("县区可互看", default=True)
    open_to_public = models.BooleanField("可公开", default=False)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "调度方案"

    def __str__(self) -> str:
        return self.name


class SchemeItem(Recorded):
    """One indicator in one scheme. The assessment year belongs to this pair; ``lag`` says how the data year trails it."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, verbose_name="方案", related_name="items")
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="in_schemes")
    order = models.PositiveSmallIntegerField("序号")
    lag = models.PositiveSmallIntegerField("数据滞后年数", default=0)
    plan = models.CharField("进度计划", max_length=60, blank=True, help_text="空着按序时；full 表示应到 100%")
    lamp_rule = models.CharField("另用亮灯规则", max_length=60, blank=True, help_text="空着用方案的规则")
    leads = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="先行于", null=True, blank=True, related_name="led_by"
    )
    reference = models.CharField("数据到", max_length=40, blank=True)

    class Meta:
        verbose_name = "方案指标"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scheme", "indicator"], name="indicator_once_in_scheme")
        ]


class Release(Recorded):
    """One publication (or one report of a county): it may hold several data years."""

    class Kind(models.TextChoices):
        AUTHORITY = "authority", "部门数"
        COUNTY = "county", "县报数"
        FEEDBACK = "feedback", "省反馈数"
        BULLETIN = "bulletin", "省通报数"
        ESTIMATE = "estimate", "推算数"

    source = models.CharField("来源", max_length=100)
    label = models.CharField("版次", max_length=60, blank=True)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.AUTHORITY)
    released_on = models.DateField("发布日期", null=True, blank=True)
    revised = models.BooleanField("修订", default=False)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "发布"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "label"], name="release_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.label}".strip()


class ReportedValue(models.Model):
    """One value as one release gives it. Append-only: a correction is the next version, a retraction a version without value."""

    stamped: ClassVar[bool] = True  # its rows stand in the digest of their revision

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="计量", related_name="values")
    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="对象", related_name="+")
    period = models.CharField("期间", max_length=12)
    release = models.ForeignKey(Release, models.PROTECT, verbose_name="发布", related_name="values")
    version = models.PositiveIntegerField("版本", default=1)
    scaled = models.BigIntegerField("值", null=True)
    missing = models.CharField("缺数原因", max_length=20, blank=True)
    estimated = models.BooleanField("推算", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    origin = models.CharField("来处", max_length=40, blank=True, help_text="导入批次、填报表或代录")
    origin_pk = models.BigIntegerField("来处主键", null=True)
    entered_by = models.CharField("填报人", max_length=60, blank=True)
    verified_by = models.CharField("核实人", max_length=60, blank=True)
    revision = models.BigIntegerField("修订号")

    objects = ScopedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "subject_id"}

    class Meta:
        verbose_name = "报告值"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["measure", "subject", "period", "release", "version"], name="value_version_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["revision"], name="value_revision")]

    @property
    def value(self) -> Decimal | None:
        """The value in the measure's stored unit, or None when it was retracted."""
        return None if self.scaled is None else unscale(self.scaled, self.measure.decimals)


class CubeDelta(models.Model):
    """A change of one cell: ±value and ±number of values held. A cell is their sum, as of a revision or now."""

    stamped: ClassVar[bool] = True

    measure = models.ForeignKey(
        Measure, models.PROTECT, verbose_name="计量", db_index=False, related_name="+"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="对象", db_index=False, related_name="+"
    )
    period = models.CharField("期间", max_length=12)
    release = models.ForeignKey(
        Release, models.PROTECT, verbose_name="发布", db_index=False, related_name="+"
    )
    amount = models.BigIntegerField("增减")
    held = models.SmallIntegerField("个数增减")
    estimated = models.SmallIntegerField("推算个数增减", default=0)
    revision = models.BigIntegerField("修订号")

    class Meta:
        verbose_name = "立方增量"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["measure", "period", "subject", "release"], name="cube_cell"),
            models.Index(fields=["revision"], name="cube_revision"),
        ]


class RecordDelta(models.Model):
    """What one record changed in one cell of a register's measure. Their sum by record is what stands behind the cell."""

    stamped: ClassVar[bool] = True

    measure = models.ForeignKey(
        Measure, models.PROTECT, verbose_name="计量", db_index=False, related_name="+"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="对象", db_index=False, related_name="+"
    )
    period = models.CharField("月份", max_length=12)
    model = models.CharField("模型", max_length=60)
    object_pk = models.BigIntegerField("主键")
    amount = models.BigIntegerField("增减")
    held = models.SmallIntegerField("个数增减")
    revision = models.BigIntegerField("修订号")

    class Meta:
        verbose_name = "记录增量"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["measure", "subject", "period"], name="record_cell"),
            models.Index(fields=["model", "object_pk"], name="record_of"),
            models.Index(fields=["revision"], name="record_revision"),
        ]


class Target(Recorded):
    """What was promised: of an indicator, for a subject and a year. A range divides by its upper bound."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="targets")
    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="对象", related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    low = ScaledField("目标（下限）", places=6)
    high = ScaledField("上限", places=6, null=True, blank=True)
    stretch = ScaledField("奋斗目标", places=6, null=True, blank=True)
    doc_no = models.CharField("依据文号", max_length=100, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "subject_id"}

    class Meta:
        verbose_name = "目标"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["indicator", "subject", "year"], name="target_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.subject} {self.year}年目标"


class Standing(Recorded):
    """A rank, mean or score somebody else published (全省第12位); never mixed with a computed rank."""

    class Kind(models.TextChoices):
        RANK = "rank", "位次"
        MEAN = "mean", "均值"
        SCORE = "score", "得分"

    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="standings")
    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="对象", related_name="+")
    period = models.CharField("数据期间", max_length=12)
    kind = models.CharField("类别", max_length=6, choices=Kind.choices)
    value = ScaledField("数值", places=6)
    population = models.PositiveSmallIntegerField("参评数", null=True, blank=True)
    exclusions = models.CharField("不参评", max_length=200, blank=True)
    assessor = models.CharField("评定单位", max_length=100)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    released_on = models.DateField("发布日期", null=True, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "subject_id"}

    class Meta:
        verbose_name = "通报位次"


class RegionShown(models.Model):
    """The region this installation serves (one row): the root of its dispatch."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="本级地区")

    class Meta:
        verbose_name = "本单位地区"
