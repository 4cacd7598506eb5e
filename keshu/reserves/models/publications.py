"""政策与表格下载: documents, notices, forms and guides that the bureau gives to everybody."""

from typing import ClassVar

from django.db import models

from keshu.ledger.records import Record


class Publication(Record):
    """A public document with its files. An abolished one stays findable and says so; an unreleased one is nowhere."""

    class Category(models.TextChoices):
        POLICY = "policy", "政策"
        NOTICE = "notice", "通知"
        FORM = "form", "表格"
        GUIDE = "guide", "指南"

    class State(models.TextChoices):
        DRAFT = "draft", "起草"
        PUBLISHED = "published", "已公开"
        ABOLISHED = "abolished", "已废止"
        TAKEN_DOWN = "taken_down", "已撤下"

    state = models.CharField("状态", max_length=30, choices=State.choices, default=State.DRAFT)
    title = models.CharField("标题", max_length=160)
    category = models.CharField("类别", max_length=10, choices=Category.choices)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("发布机关", max_length=100, blank=True)
    dated = models.DateField("成文日期", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    summary = models.TextField("说明", blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)
    abolished_on = models.DateField("废止日期", null=True, blank=True)
    abolished_by = models.CharField("废止依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "公开文件"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "category", "dated"], name="publication_public")
        ]

    def __str__(self) -> str:
        return self.title
