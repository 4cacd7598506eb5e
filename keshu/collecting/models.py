"""What this room keeps: a collection with its form, the senders it asks, the replies that came, and the rows they hold."""

from typing import Any, ClassVar

from django.db import models

from keshu.collecting.columns import Col, from_json
from keshu.diary.models import Reminder
from keshu.directory.models import Region, Subject, Unit
from keshu.directory.scope import ScopedQuerySet, ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded
from keshu.ledger.fields import PersonalField
from keshu.terms import clock


class Collection(Recorded):
    """收表: one form sent to many, with a time by which it is due. ``follows``: the earlier collection of the same form."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草"
        OPEN = "open", "正在收"
        CLOSED = "closed", "已办结"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("编号", max_length=40, unique=True)
    title = models.CharField("名称", max_length=100)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="收表单位", null=True, related_name="+")
    columns = models.JSONField("列", default=list)
    note = models.CharField("填报说明", max_length=500, blank=True)
    due_at = models.DateTimeField("截止")
    follows = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上一次", null=True, blank=True, related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    made_by = models.CharField("起草人", max_length=60)
    made_at = models.DateTimeField("起草时刻")
    opened_at = models.DateTimeField("发出时刻", null=True, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id", "unit": "unit_id"}

    class Meta:
        verbose_name = "收表"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_at"], name="collection_due")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def cols(self) -> tuple[Col, ...]:
        """The columns of the form."""
        return from_json(self.columns)

    @property
    def is_open(self) -> bool:
        """Whether replies are taken."""
        return self.state == self.State.OPEN

    @property
    def is_overdue(self) -> bool:
        """Whether the time has passed while it is still open."""
        return self.is_open and clock.now() > self.due_at


class Sender(Recorded):
    """One that is asked: a county (its bureau answers) or a department. ``code`` stands in its workbook, hidden and readable."""

    collection = models.ForeignKey(Collection, models.PROTECT, verbose_name="收表", related_name="senders")
    subject = models.ForeignKey(Subject, models.PROTECT, verbose_name="填报单位", related_name="+")
    name = models.CharField("名称", max_length=100)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="由谁交", null=True, blank=True, related_name="+"
    )
    code = models.CharField("标记", max_length=50, unique=True)
    order = models.PositiveIntegerField("排序")
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = PersonalField("联系电话", max_length=20, blank=True)
    reminder = models.ForeignKey(
        Reminder, models.PROTECT, verbose_name="最近一次催办", null=True, blank=True, related_name="+"
    )

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id", "unit": "unit_id"}

    class Meta:
        verbose_name = "填报单位"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["collection", "subject"], name="sender_once")
        ]
        ordering: ClassVar[list[str]] = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class Reply(Recorded):
    """One workbook that came in, or one that was filled or typed here: whose, how it was matched, whether it counts.

    Its rows never change; a correction is another reply. ``sums``: key of a number column → [sum, cells held, cells blank] over
    the rows that are taken, as texts, so that a total asks no row. ``content``: digest of the values, by which two are equal.
    """

    class State(models.TextChoices):
        UNCLAIMED = "unclaimed", "待认领"
        COUNTED = "counted", "计入"
        RIVAL = "rival", "两份不同，待定"
        ASIDE = "aside", "不计"
        RETURNED = "returned", "已退回"
        REFUSED = "refused", "没有收下"

    class Way(models.TextChoices):
        UPLOADED = "uploaded", "本单位上传"
        FILLED = "filled", "网上填"
        DROPPED = "dropped", "收进来"
        TYPED = "typed", "代录"

    class Matched(models.TextChoices):
        OWN = "own", "本单位账号"
        MARK = "mark", "表里的标记"
        INSIDE = "inside", "表上写的填报单位"
        FILENAME = "filename", "文件名"
        CONTENT = "content", "表里的内容"
        HAND = "hand", "人工认领"

    collection = models.ForeignKey(Collection, models.PROTECT, verbose_name="收表", related_name="replies")
    sender = models.ForeignKey(
        Sender, models.PROTECT, verbose_name="填报单位", null=True, blank=True, related_name="replies"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices)
    way = models.CharField("怎么来的", max_length=10, choices=Way.choices)
    matched = models.CharField("凭什么认的", max_length=10, choices=Matched.choices, blank=True)
    candidates = models.JSONField("可能是谁", default=list)
    filename = models.CharField("文件名", max_length=200, blank=True)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    size = models.BigIntegerField("字节数", default=0)
    received_at = models.DateTimeField("收到时刻")
    received_by = models.CharField("谁收的", max_length=60)
    said_by = models.CharField("谁报的", max_length=100, blank=True)
    rows_taken = models.PositiveIntegerField("收下的行", default=0)
    rows_wrong = models.PositiveIntegerField("有错的行", default=0)
    sums = models.JSONField("各数合计", default=dict)
    content = models.CharField("内容摘要", max_length=64, blank=True)
    letters = models.JSONField("各列在表里的位置", default=dict)
    notes = models.JSONField("读的时候", default=list)
    refusal = models.CharField("没有收下的原因", max_length=1000, blank=True)
    confirmed_by = models.CharField("确认人", max_length=60, blank=True)
    confirmed_at = models.DateTimeField("确认时刻", null=True, blank=True)

    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "sender__region_id", "unit": "sender__unit_id"}

    class Meta:
        verbose_name = "报来的表"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["sender"], condition=models.Q(state="counted"), name="reply_counted_once"
            ),
            models.UniqueConstraint(
                fields=["collection", "sha256"], condition=~models.Q(sha256=""), name="reply_file_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["collection", "state"], name="reply_state")
        ]

    def __str__(self) -> str:
        return f"{self.sender or self.filename or '报来的表'}的表"

    @property
    def region_id(self) -> int | None:
        """The region of its sender, by which its evidence is scoped."""
        return self.sender.region_id if self.sender is not None else self.collection.region_id

    @property
    def is_unconfirmed(self) -> bool:
        """Typed for the sender, and nobody has said yet that it is right."""
        return self.way == self.Way.TYPED and self.confirmed_at is None

    @property
    def is_late(self) -> bool:
        """Whether it came after the time."""
        return self.received_at > self.collection.due_at


class ReplyRow(models.Model):
    """One row of a reply as it was read: values by column key, and why it is not taken where it is not.

    Stamped with its revision and never changed. ``texts`` holds what stood in the cells where that differs from the value.
    """

    stamped = True

    reply = models.ForeignKey(Reply, models.PROTECT, verbose_name="报来的表", related_name="rows")
    at = models.PositiveIntegerField("行号")
    values = models.JSONField("值", default=dict)
    texts = models.JSONField("原文", default=dict)
    problems = models.JSONField("不收的原因", default=list)
    wrong = models.BooleanField("不收", default=False)
    revision = models.BigIntegerField("修订号")

    objects = ScopedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {
        "region": "reply__sender__region_id",
        "unit": "reply__sender__unit_id",
    }

    class Meta:
        verbose_name = "表中一行"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reply", "at"], name="reply_row_once")
        ]

    def __str__(self) -> str:
        return f"第 {self.at} 行"

    def text(self, key: str) -> str:
        """What stood in the cell."""
        held: Any = self.texts.get(key, self.values.get(key, ""))
        return str(held)
