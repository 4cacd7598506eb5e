"""Forms and their rows, sheets and their cells, retrospective adjustments, doubts about a figure, full-year estimates."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Region, Unit
from keshu.directory.scope import ScopedQuerySet, ScopedRecordedQuerySet
from keshu.figures.models import Measure
from keshu.journal.recorded import Recorded
from keshu.terms.period import Period


class Form(Recorded):
    """A statistical form as it was approved: number, maker, approval, validity, who fills it, when it is due.

    The four lines at its head (表号, 制定机关, 批准文号, 有效期) are what 统计法实施条例 asks of a departmental form.
    """

    class Frequency(models.TextChoices):
        MONTH = "month", "月报"
        QUARTER = "quarter", "季报"
        DAY = "day", "截至某日"

    code = models.SlugField("代码", max_length=40, unique=True)
    number = models.CharField("表号", max_length=40)
    name = models.CharField("名称", max_length=60)
    issuer = models.CharField("制定机关", max_length=80)
    approval_no = models.CharField("批准文号", max_length=80, blank=True)
    valid_from = models.DateField("起用日期", help_text="从这一天所在的期间起应报")
    valid_to = models.DateField("有效期至", null=True, blank=True)
    frequency = models.CharField("频率", max_length=8, choices=Frequency.choices, default=Frequency.MONTH)
    level = models.CharField(
        "填报层级", max_length=10, choices=Region.Level.choices, default=Region.Level.COUNTY
    )
    parts = models.JSONField("填报地区类型", default=list, help_text="空着只由行政区填报")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        verbose_name="填报部门",
        null=True,
        blank=True,
        help_text="部门表写部门，各县填的空着",
    )
    deadline = models.CharField("期限规则", max_length=60, default="monthly-report")
    joint_first = models.BooleanField("1—2月合报", default=True, help_text="1 月不单独报")
    estimate_from = models.PositiveSmallIntegerField("全年预计数起报月份", default=10, help_text="0 表示不报")
    identities = models.JSONField("勾稽关系", default=list)

    class Meta:
        verbose_name = "报表"

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class FormRow(Recorded):
    """One row of a form: what is asked, in which unit, cumulative or of the month, and what it must agree with."""

    class Typed(models.TextChoices):
        CUMULATIVE = "cumulative", "累计"
        SINGLE = "single", "当月"
        STOCK = "stock", "期末"

    class Fill(models.TextChoices):
        TYPED = "typed", "填报"
        AUTO = "auto", "自动"

    form = models.ForeignKey(Form, models.PROTECT, verbose_name="报表", related_name="rows")
    order = models.PositiveSmallIntegerField("序号")
    section = models.CharField("分段", max_length=60, blank=True)
    section_source = models.CharField("分段来源", max_length=100, blank=True)
    label = models.CharField("项目", max_length=80)
    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="计量", related_name="+")
    unit = models.CharField("填报单位", max_length=20)
    places = models.PositiveSmallIntegerField("显示小数位", default=0)
    typed = models.CharField("填报口径", max_length=12, choices=Typed.choices)
    fill = models.CharField("谁填", max_length=8, choices=Fill.choices, default=Fill.TYPED)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="其中于",
        null=True,
        blank=True,
        related_name="included",
        help_text="和不大于它",
    )
    whole = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="合计",
        null=True,
        blank=True,
        related_name="parts",
        help_text="各部分之和等于它",
    )
    authority = models.CharField(
        "别家的表", max_length=30, blank=True, help_text="数出自哪家的表；勾稽不平时附说明即可通过"
    )
    hint = models.CharField("填报提示", max_length=100, blank=True)

    class Meta:
        verbose_name = "报表项目"
        ordering: ClassVar[list[str]] = ["order"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["form", "measure"], name="measure_once_in_form")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def name(self) -> str:
        """The label in a sentence: without 其中."""
        return self.label.removeprefix("其中：").removeprefix("其中:")

    @property
    def is_typed(self) -> bool:
        """Whether a person types it; the others are read from the registers."""
        return self.fill == FormRow.Fill.TYPED


class Sheet(Recorded):
    """One form of one region for one period, on its way from the clerk to the city."""

    class State(models.TextChoices):
        DRAFT = "draft", "填报中"
        FILLED = "filled", "待审核"
        REVIEWED = "reviewed", "待签报"
        SIGNED = "signed", "待市局核实"
        VERIFIED = "verified", "已核实"
        RETURNED = "returned", "已退回"
        SUPPLYING = "supplying", "补报中"

    form = models.ForeignKey(Form, models.PROTECT, verbose_name="报表", related_name="sheets")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="填报部门", null=True, blank=True, related_name="+"
    )
    period = models.CharField("期间", max_length=12)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    filler = models.CharField("填表人", max_length=60, blank=True)
    reviewer = models.CharField("审核人", max_length=60, blank=True)
    head = models.CharField("单位负责人", max_length=60, blank=True)
    verified_by = models.CharField("核实人", max_length=60, blank=True)
    verified_at = models.DateTimeField("核实时刻", null=True, blank=True)
    due_at = models.DateTimeField("截止")
    reported_at = models.DateTimeField(
        "首次报出", null=True, blank=True, help_text="按时与否按它算，退回后再报不算迟"
    )
    last_reported_at = models.DateTimeField("最近报出", null=True, blank=True)
    is_late = models.BooleanField("超期", default=False)
    entered_for = models.BooleanField("代录", default=False)
    entered_by = models.CharField("代录人", max_length=60, blank=True)
    said_by = models.CharField("报数人", max_length=60, blank=True, help_text="谁说的、怎么说的")
    confirmed_by = models.CharField("确认人", max_length=60, blank=True)
    open_rows = models.JSONField("可改的行", null=True, blank=True, help_text="空着全部可改")
    return_note = models.TextField("退回意见", blank=True)
    returned_by = models.CharField("退回人", max_length=60, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id"}

    class Meta:
        verbose_name = "报表填报"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["form", "region", "period"], name="sheet_once")
        ]

    def __str__(self) -> str:
        return f"{self.region.short_name}{self.stretch.short_label}{self.form.name}"

    @property
    def stretch(self) -> Period:
        """The period it is of."""
        return Period.parse(self.period)

    def is_open(self, row: FormRow) -> bool:
        """Whether the row may be typed now, as far as the sheet's state says."""
        editable = (Sheet.State.DRAFT, Sheet.State.RETURNED, Sheet.State.SUPPLYING)
        return (
            row.is_typed and self.state in editable and (self.open_rows is None or row.pk in self.open_rows)
        )


class Cell(models.Model):
    """What was typed in one row of one sheet. A draft: saved as typed, without a revision; ``version`` tells two writers apart."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, verbose_name="填报", related_name="cells")
    row = models.ForeignKey(FormRow, models.PROTECT, verbose_name="项目", related_name="+")
    text = models.CharField("填的原文", max_length=60, blank=True)
    scaled = models.BigIntegerField("值", null=True, help_text="以计量的存储单位和小数位")
    zero = models.BooleanField("零报告", default=False)
    absence = models.CharField("没有数的原因", max_length=20, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    estimate_text = models.CharField("全年预计数原文", max_length=60, blank=True)
    estimate_scaled = models.BigIntegerField("全年预计数", null=True)
    version = models.PositiveIntegerField("版本", default=0)
    changed_by = models.CharField("改动人", max_length=60, blank=True)
    changed_at = models.DateTimeField("改动时刻", null=True)

    objects = ScopedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "sheet__region_id"}

    class Meta:
        verbose_name = "填报格"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sheet", "row"], name="cell_once")
        ]

    @property
    def is_empty(self) -> bool:
        """Neither a text nor a reason."""
        return not self.text and not self.absence


class Adjustment(Recorded):
    """追溯调整: an earlier period's value, old → new, with a reason, verified by the city. Sheets already issued keep the old one."""

    class State(models.TextChoices):
        ASKED = "asked", "待核实"
        VERIFIED = "verified", "已核实"
        REFUSED = "refused", "不同意"

    row = models.ForeignKey(FormRow, models.PROTECT, verbose_name="项目", related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    period = models.CharField("调整的期间", max_length=12)
    old = models.BigIntegerField("原值", null=True)
    new = models.BigIntegerField("新值")
    reason = models.CharField("原因", max_length=150)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.CharField("申请人", max_length=60)
    asked_at = models.DateTimeField("申请时刻")
    answered_by = models.CharField("核实人", max_length=60, blank=True)
    answered_at = models.DateTimeField("核实时刻", null=True, blank=True)
    answer = models.CharField("核实意见", max_length=200, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id"}

    class Meta:
        verbose_name = "追溯调整"

    def __str__(self) -> str:
        return f"{self.region.short_name}{Period.parse(self.period).short_label}{self.row.name}追溯调整"

    @property
    def stretch(self) -> Period:
        """The earlier period."""
        return Period.parse(self.period)


class Doubt(Recorded):
    """填报有误: somebody holds that a figure of a sheet (or the whole month) is wrong and says why. The other side answers;
    who raised it settles it. Nothing is changed by it: the figure is corrected in the sheet, by a return or an adjustment."""

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        ANSWERED = "answered", "已答复"
        SETTLED = "settled", "已销号"

    sheet = models.ForeignKey(Sheet, models.PROTECT, verbose_name="填报", related_name="doubts")
    row = models.ForeignKey(
        FormRow,
        models.PROTECT,
        verbose_name="项目",
        null=True,
        blank=True,
        related_name="+",
        help_text="空着指整张表",
    )
    seen = models.CharField("当时的数", max_length=60, blank=True)
    text = models.CharField("哪里有误", max_length=200)
    by_city = models.BooleanField("市局提出", default=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    asked_by = models.CharField("提出人", max_length=60)
    asked_at = models.DateTimeField("提出时刻")
    answer = models.CharField("答复", max_length=200, blank=True)
    answered_by = models.CharField("答复人", max_length=60, blank=True)
    settled_by = models.CharField("销号人", max_length=60, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "sheet__region_id"}

    class Meta:
        verbose_name = "填报有误"

    def __str__(self) -> str:
        return f"{self.sheet}{self.row.name if self.row else '整张表'}填报有误"


class YearEstimate(Recorded):
    """全年预计数 as a sheet gave it: no fact, kept apart from values, later compared with the outcome."""

    measure = models.ForeignKey(Measure, models.PROTECT, verbose_name="计量", related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    made_in = models.CharField("报送期间", max_length=12)
    scaled = models.BigIntegerField("预计数")
    entered_by = models.CharField("填报人", max_length=60)
    sheet = models.ForeignKey(
        Sheet,
        models.PROTECT,
        verbose_name="填报",
        null=True,
        blank=True,
        related_name="+",
        help_text="空着是起用本系统以前报的，补登在这里",
    )

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id"}

    class Meta:
        verbose_name = "全年预计数"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["measure", "region", "year", "made_in"], name="estimate_once")
        ]
