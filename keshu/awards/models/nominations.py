"""Nominations, the people behind an achievement, and the patents and papers it rests on."""

import re
import unicodedata
from typing import Any, ClassVar

from django.db import models

from keshu.awards.models.rounds import Field, Grade, Level, PrizeKind, Round, Track
from keshu.directory.models import Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import ScaledField
from keshu.ledger.records import Record
from keshu.terms.text import clean_name


class Nomination(Record):
    """One achievement nominated for one prize of one round (提名书), and the award that it becomes.

    ``unit`` is the first completing unit where the directory knows it; ``unit_name`` is its name on the nomination. What the
    list filters by (``year``, ``level``, ``prize_kind``, ``track``) is copied from the round.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待形式审查"
        RETURNED = "returned", "退回补正"
        FAILED = "failed", "形式审查不合格"
        ACCEPT_NOTICE = "accept_notice", "受理公示"
        REVIEWING = "reviewing", "评审中"
        REVIEWED = "reviewed", "待表决"
        VOTED = "voted", "已表决"
        PROPOSED = "proposed", "拟奖"
        FINAL_NOTICE = "final_notice", "拟奖公示"
        APPROVED = "approved", "待授奖"
        RECEIVED = "received", "已受理待推荐"
        RECOMMENDED = "recommended", "已推荐上报"
        NOTICED = "noticed", "通过公示"
        AWARDED = "awarded", "已授奖"
        NOT_AWARDED = "not_awarded", "未授奖"
        WITHDRAWN = "withdrawn", "已退出"
        REVOKED = "revoked", "已撤销"

    class Nominator(models.TextChoices):
        DEPARTMENT = "department", "部门提名"
        COUNTY = "county", "县(市、区)提名"
        EXPERTS = "experts", "专家联名"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.DRAFT)
    round = models.ForeignKey(Round, models.PROTECT, verbose_name="年度评奖", related_name="nominations")
    title = models.CharField("成果名称", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    prize_kind = models.CharField("奖种", max_length=12, choices=PrizeKind.choices)
    track = models.CharField("渠道", max_length=10, choices=Track.choices, default=Track.OURS)
    field = models.CharField("领域", max_length=12, choices=Field.choices, default=Field.OTHER)
    unit_name = models.CharField("第一完成单位", max_length=100)
    other_units = models.JSONField("其他完成单位", default=list, blank=True)
    nominator_kind = models.CharField("提名方式", max_length=12, choices=Nominator.choices)
    nominator = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="提名单位", null=True, blank=True, related_name="+"
    )
    experts = models.JSONField("联名专家", default=list, blank=True, help_text="第一位是责任专家")
    letter_no = models.CharField("提名函文号", max_length=100, blank=True)
    opinion = models.TextField("提名意见", blank=True)
    summary = models.TextField("成果简介", blank=True)
    achievement_number = models.CharField("成果登记号", max_length=40, blank=True)
    applied_from = models.DateField("投入应用日期", null=True, blank=True)
    title_key = models.CharField("名称归一", max_length=120, editable=False)
    submitted_on = models.DateField("提名日期", null=True, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    unit_notice_from = models.DateField("完成单位公示起", null=True, blank=True)
    unit_notice_until = models.DateField("完成单位公示止", null=True, blank=True)
    nominator_notice_from = models.DateField("提名者公示起", null=True, blank=True)
    nominator_notice_until = models.DateField("提名者公示止", null=True, blank=True)
    reason_code = models.CharField("理由码", max_length=20, blank=True)
    correct_by = models.DateField("补正期限", null=True, blank=True)
    received_on = models.DateField("受理日期", null=True, blank=True)
    accept_notice_from = models.DateField("受理公示起", null=True, blank=True)
    accept_notice_until = models.DateField("受理公示止", null=True, blank=True)
    score = ScaledField("评审得分", places=2, null=True, blank=True)
    rank = models.PositiveSmallIntegerField("评审名次", null=True, blank=True)
    review_minutes = models.CharField("评审纪要", max_length=200, blank=True)
    voted_grade = models.CharField(
        "表决的等级", max_length=10, choices=Grade.choices, blank=True, help_text="公示前只有市局看得到"
    )
    grade = models.CharField("等级", max_length=10, choices=Grade.choices, blank=True)
    committee = models.PositiveSmallIntegerField("应到委员", null=True, blank=True)
    present = models.PositiveSmallIntegerField("到会委员", null=True, blank=True)
    votes_for = models.PositiveSmallIntegerField("赞成", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("反对", null=True, blank=True)
    voted_on = models.DateField("表决日期", null=True, blank=True)
    vote_minutes = models.CharField("表决纪要", max_length=200, blank=True)
    carried = models.BooleanField("表决通过", null=True, blank=True)
    final_notice_from = models.DateField("拟奖公示起", null=True, blank=True)
    final_notice_until = models.DateField("拟奖公示止", null=True, blank=True)
    recommended_on = models.DateField("推荐日期", null=True, blank=True)
    recommend_doc = models.CharField("推荐文号", max_length=100, blank=True)
    passed_on = models.DateField("通过公示日期", null=True, blank=True)
    decided_doc = models.CharField("授奖文号", max_length=100, blank=True)
    awarded_on = models.DateField("授奖日期", null=True, blank=True)
    certificate_number = models.CharField("证书号", max_length=60, blank=True)
    revoked_on = models.DateField("撤销日期", null=True, blank=True)

    #: Not among the facts of its page: scores and votes are shown to the bureau alone, the rest stands in cards of its own.
    untold: ClassVar[frozenset[str]] = frozenset(
        {
            *("score", "rank", "review_minutes", "voted_grade", "committee", "present"),
            *("votes_for", "votes_against", "voted_on", "vote_minutes", "carried"),
            *("title_key", "track", "other_units", "experts", "nominator_kind"),
        }
    )
    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "region_id",
        "unit": "unit_id",
        "assigned": "nominator_id",
    }

    class Meta:
        verbose_name = "科学技术奖"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="nomination_number_once"
            ),
            models.UniqueConstraint(
                fields=["certificate_number"],
                condition=~models.Q(certificate_number=""),
                name="certificate_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["year", "level", "state"], name="nomination_year"),
            models.Index(fields=["round", "state", "grade"], name="nomination_round"),
            models.Index(fields=["title_key"], name="nomination_title"),
            models.Index(fields=["unit"], name="nomination_unit"),
            models.Index(fields=["nominator"], name="nomination_nominator"),
            models.Index(fields=["region", "state"], name="nomination_region"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The normalised title follows the title."""
        self.title_key = title_key(self.title)
        super().save(*args, **kwargs)


class OfNomination(Recorded):
    """A row that belongs to one nomination; who sees the nomination sees it."""

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "nomination__region_id",
        "unit": "nomination__unit_id",
        "assigned": "nomination__nominator_id",
    }

    class Meta:
        abstract = True


class Winner(OfNomination):
    """One person who completed the achievement, at a place of the order (完成人排序)."""

    nomination = models.ForeignKey(
        Nomination, models.PROTECT, verbose_name="科学技术奖", related_name="winners"
    )
    order = models.PositiveSmallIntegerField("排序")
    name = models.CharField("姓名", max_length=40)
    unit_name = models.CharField("工作单位", max_length=100, blank=True)
    title = models.CharField("职称", max_length=40, blank=True)

    class Meta:
        verbose_name = "完成人"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["nomination", "order"], name="winner_order_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name"], name="winner_name")]

    def __str__(self) -> str:
        return self.name


class Basis(OfNomination):
    """A patent, paper or standard that the achievement rests on. Behind an awarded achievement it is spent."""

    class Kind(models.TextChoices):
        PATENT = "patent", "专利"
        PAPER = "paper", "论文专著"
        STANDARD = "standard", "标准"
        SOFTWARE = "software", "软件著作权"
        VARIETY = "variety", "品种权"
        OTHER = "other", "其他"

    nomination = models.ForeignKey(
        Nomination, models.PROTECT, verbose_name="科学技术奖", related_name="bases"
    )
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    number = models.CharField("号码", max_length=100)
    key = models.CharField("号码归一", max_length=100, editable=False)
    name = models.CharField("名称", max_length=200, blank=True)
    awarded = models.BooleanField("已支撑获奖", default=False)

    class Meta:
        verbose_name = "支撑材料"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["nomination", "key"], name="basis_once"),
            # The last word whoever forgot to look: one patent stands behind one awarded achievement.
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(awarded=True), name="basis_behind_one_award"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The normalised number follows the number."""
        self.key = basis_key(self.number)
        super().save(*args, **kwargs)


def title_key(title: str) -> str:
    """One spelling of a title: width, spaces and case make no difference."""
    return clean_name(title).casefold()


def basis_key(number: str) -> str:
    """One spelling of a patent, paper or standard number: ``ZL 2023 1 0012345.6`` and ``202310012345.6`` are the same patent,
    a DOI is the same with and without the resolver's address. Numbers without letters or digits stay as they are."""
    folded = unicodedata.normalize("NFKC", number).upper().strip()
    folded = re.sub(r"^(HTTPS?://)?(DX\.)?DOI\.ORG/", "", folded)
    folded = re.sub(r"^DOI\s*[::]?\s*", "", folded)
    plain = re.sub(r"[^0-9A-Z一-鿿]", "", folded)
    return re.sub(r"^(ZL|CN)(?=\d{8,})", "", plain) or folded
