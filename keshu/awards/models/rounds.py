"""Prizes and their rounds."""

from typing import ClassVar

from django.db import models

from keshu.journal.recorded import Recorded


class Level(models.TextChoices):
    """Whose prize it is."""

    NATION = "nation", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"


class PrizeKind(models.TextChoices):
    """The kind of a prize, as award regulations name it."""

    NATURAL = "natural", "自然科学奖"
    INVENTION = "invention", "技术发明奖"
    PROGRESS = "progress", "科技进步奖"
    EXTENSION = "extension", "成果推广奖"
    OUTSTANDING = "outstanding", "突出贡献奖"
    ENTERPRISE = "enterprise", "企业创新奖"
    COOPERATION = "cooperation", "科技合作奖"
    OTHER = "other", "其他奖"


class Grade(models.TextChoices):
    """The grade of an award; a prize that is not graded gives ``NONE``."""

    SPECIAL = "special", "特等奖"
    FIRST = "first", "一等奖"
    SECOND = "second", "二等奖"
    THIRD = "third", "三等奖"
    NONE = "none", "不分等级"


class Field(models.TextChoices):
    """The field of a nomination, as reports break nominations down."""

    AGRICULTURE = "agriculture", "农业"
    INDUSTRY = "industry", "工业"
    HEALTH = "health", "医疗卫生"
    OTHER = "other", "其他"


class Track(models.TextChoices):
    """Who decides: ourselves, or a superior to whom we recommend."""

    OURS = "ours", "本级评审"
    ABOVE = "above", "推荐上报"


class Prize(Recorded):
    """A prize (奖种) as its regulation sets it up."""

    name = models.CharField("奖种", max_length=60)
    kind = models.CharField("类别", max_length=12, choices=PrizeKind.choices, default=PrizeKind.PROGRESS)
    level = models.CharField("级别", max_length=10, choices=Level.choices, default=Level.CITY)
    track = models.CharField("渠道", max_length=10, choices=Track.choices, default=Track.OURS)
    graded = models.BooleanField("分等级", default=True)
    issuer = models.CharField("授奖机关", max_length=60)
    grade_rule = models.CharField(
        "等级规则", max_length=60, default="award-grades", help_text="规则里“等次”的代码：各等名额和人数上限"
    )
    certificate_prefix = models.CharField("证书字头", max_length=20, blank=True)
    beside = models.BooleanField(
        "可与其他奖种并报", default=False, help_text="突出贡献奖、企业创新奖可以，成果类奖不可以"
    )
    doc_no = models.CharField("设奖依据", max_length=100, blank=True)

    class Meta:
        verbose_name = "奖种"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["name", "level"], name="prize_once")
        ]

    def __str__(self) -> str:
        return self.name


class Days(models.TextChoices):
    """How the days of a notice are counted."""

    NATURAL = "natural", "自然日"
    WORKING = "working", "工作日"


class Round(Recorded):
    """One round of a prize (年度评奖): the year or two years it covers, its windows, the quota of each grade.

    Days, quotas and limits are taken from the dated rules when the round is made and stay with it: what nominators were
    told is what holds, whatever the rules say later. ``quotas``: grade → how many at most. ``limits``: grade → {people, units}.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "筹备"
        OPEN = "open", "提名中"
        CLOSED = "closed", "评审中"
        FINISHED = "finished", "已结束"

    prize = models.ForeignKey(Prize, models.PROTECT, verbose_name="奖种", related_name="rounds")
    year = models.PositiveSmallIntegerField("年度")
    year_from = models.PositiveSmallIntegerField(
        "起始年度", null=True, blank=True, help_text="两年一评的写第一年，如 2022—2023 写 2022"
    )
    doc_no = models.CharField("通知文号", max_length=100, blank=True)
    guide = models.TextField("通知要点", blank=True)
    opens_at = models.DateTimeField("开始提名")
    nominate_until = models.DateTimeField("提名截止")
    accept_days = models.PositiveSmallIntegerField("受理公示天数")
    accept_unit = models.CharField("受理公示按", max_length=10, choices=Days.choices, default=Days.NATURAL)
    final_days = models.PositiveSmallIntegerField("拟奖公示天数")
    final_unit = models.CharField("拟奖公示按", max_length=10, choices=Days.choices, default=Days.WORKING)
    committee = models.PositiveSmallIntegerField("评审委员会人数", null=True, blank=True)
    self_nomination = models.BooleanField("接受自荐", default=False)
    quotas = models.JSONField("各等名额", default=dict)
    limits = models.JSONField("各等人数上限", default=dict)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)

    class Meta:
        verbose_name = "年度评奖"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["prize", "year"], name="round_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("nominate_until")), name="round_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.years} 年度{self.prize.name}"

    @property
    def years(self) -> str:
        """2026, or 2022—2023."""
        return str(self.year) if self.year_from in (None, self.year) else f"{self.year_from}—{self.year}"

    @property
    def grades(self) -> list[Grade]:
        """The grades this round gives, highest first."""
        return [grade for grade in Grade if grade in self.quotas]
