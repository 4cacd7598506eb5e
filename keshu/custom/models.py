"""Definitions of custom ledgers, and the one table in which all their records lie."""

from typing import Any, ClassVar

from django.db import models

from keshu.custom.columns import PLACES, SLOTS, Col, Count, from_json
from keshu.journal.recorded import Recorded, plain_value
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record


class Definition(Recorded):
    """What a ledger's columns are, in which slot each lies, and what is counted. ``edition`` rises with every change."""

    class Unit(models.TextChoices):
        """Whether a record names an organisation."""

        NONE = "none", "不登记单位"
        OPTIONAL = "optional", "可以写单位"
        REQUIRED = "required", "必须写单位"

    code = models.CharField("代码", max_length=30, unique=True, help_text="小写字母开头，定了不改")
    name = models.CharField("名称", max_length=40, unique=True)
    first_name = models.CharField("最初的名称", max_length=40)
    about = models.CharField("说明", max_length=200, blank=True)
    prefix = models.CharField("编号字头", max_length=10)
    columns = models.JSONField("列", default=list)
    measures = models.JSONField("计量", default=list)
    spent = models.JSONField("用过的槽位和计量代码", default=list)
    key = models.JSONField("导入时凭哪几列认同一条", default=list)
    who = models.JSONField("谁可登记", default=list)
    counts_by = models.CharField("计入日期取自", max_length=40, blank=True, help_text="空着按登记当天")
    unit_use = models.CharField("单位", max_length=10, choices=Unit.choices, default=Unit.OPTIONAL)
    batch = models.BooleanField("收汇总行", default=False, help_text="一行可以代表多件，写件数")
    active = models.BooleanField("在用", default=True, help_text="停用的台账能查能统计，不再登记")
    edition = models.PositiveIntegerField("版本", default=1)
    digest = models.CharField("内容摘要", max_length=64)

    class Meta:
        verbose_name = "台账定义"

    def __str__(self) -> str:
        return self.name

    @property
    def cols(self) -> tuple[Col, ...]:
        """All columns, those no longer used included."""
        return tuple(from_json(Col, one) for one in self.columns)

    @property
    def used(self) -> tuple[Col, ...]:
        """The columns that are entered and shown."""
        return tuple(col for col in self.cols if not col.off)

    @property
    def counts(self) -> tuple[Count, ...]:
        """The measures."""
        return tuple(from_json(Count, one) for one in self.measures)


class CustomRecord(Record):
    """One record of one custom ledger: what its columns say lies in typed slots, as the definition maps them.

    Missing is null in every slot, so that a condition tells missing from empty. ``edition`` is the definition's at the last writing.
    """

    class State(models.TextChoices):
        REGISTERED = "registered", "已登记"
        VERIFIED = "verified", "已核实"
        VOID = "void", "已作废"

    definition = models.ForeignKey(Definition, models.PROTECT, verbose_name="台账", related_name="records")
    edition = models.PositiveIntegerField("登记时的定义版本")
    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.REGISTERED)
    text1 = models.CharField(max_length=200, null=True, blank=True)
    text2 = models.CharField(max_length=200, null=True, blank=True)
    text3 = models.CharField(max_length=200, null=True, blank=True)
    text4 = models.CharField(max_length=200, null=True, blank=True)
    text5 = models.CharField(max_length=200, null=True, blank=True)
    text6 = models.CharField(max_length=200, null=True, blank=True)
    text7 = models.CharField(max_length=200, null=True, blank=True)
    text8 = models.CharField(max_length=200, null=True, blank=True)
    text9 = models.CharField(max_length=200, null=True, blank=True)
    text10 = models.CharField(max_length=200, null=True, blank=True)
    text11 = models.CharField(max_length=200, null=True, blank=True)
    text12 = models.CharField(max_length=200, null=True, blank=True)
    long1 = models.TextField(null=True, blank=True)
    long2 = models.TextField(null=True, blank=True)
    number1 = ScaledField(places=PLACES, null=True, blank=True)
    number2 = ScaledField(places=PLACES, null=True, blank=True)
    number3 = ScaledField(places=PLACES, null=True, blank=True)
    number4 = ScaledField(places=PLACES, null=True, blank=True)
    number5 = ScaledField(places=PLACES, null=True, blank=True)
    number6 = ScaledField(places=PLACES, null=True, blank=True)
    number7 = ScaledField(places=PLACES, null=True, blank=True)
    number8 = ScaledField(places=PLACES, null=True, blank=True)
    date1 = models.DateField(null=True, blank=True)
    date2 = models.DateField(null=True, blank=True)
    date3 = models.DateField(null=True, blank=True)
    date4 = models.DateField(null=True, blank=True)
    flag1 = models.BooleanField(null=True, blank=True)
    flag2 = models.BooleanField(null=True, blank=True)
    flag3 = models.BooleanField(null=True, blank=True)
    flag4 = models.BooleanField(null=True, blank=True)

    class Meta:
        verbose_name = "自定义台账记录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["definition", "number"], condition=~models.Q(number=""), name="custom_number_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["definition", "state"], name="custom_state"),
            models.Index(fields=["definition", "region"], name="custom_region"),
            models.Index(fields=["definition", "unit"], name="custom_unit"),
            models.Index(fields=["definition", "counts_on"], name="custom_counts_on"),
            models.Index(fields=["definition", "text1"], name="custom_text1"),
            models.Index(fields=["definition", "text2"], name="custom_text2"),
            models.Index(fields=["definition", "number1"], name="custom_number1"),
            models.Index(fields=["definition", "date1"], name="custom_date1"),
        ]

    def __str__(self) -> str:
        return self.text1 or self.number or f"记录 {self.pk or '新'}"

    def recorded_data(self) -> dict[str, Any]:
        """The row as plain JSON values; empty slots are left out, and read back as empty."""
        held = self.__dict__
        return {
            name: value if type(value) in _PLAIN else plain_value(column, value)
            for name, column, is_slot in _COLUMNS
            if (value := held[name] if name in held else getattr(self, name)) is not None or not is_slot
        }


_PLAIN = frozenset((str, int, bool, type(None)))
_SLOTS = frozenset(slot for slots in SLOTS.values() for slot in slots)
_COLUMNS = [
    (column.attname, column, column.attname in _SLOTS) for column in CustomRecord._meta.concrete_fields
]
