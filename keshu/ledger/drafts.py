"""What somebody is still typing: kept on the server with every change, outside the history, until it is handed in."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models, transaction

from keshu.directory.models import Unit
from keshu.directory.scope import ScopedQuerySet
from keshu.terms import clock


class Draft(models.Model):
    """The unfinished content of one record of one organisation. Takes no revision; texts stay exactly as typed."""

    register = models.CharField("台账", max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="+")
    about = models.BigIntegerField("所对通知", help_text="同一单位对同一通知可以有几份")
    record_pk = models.BigIntegerField("已有记录", null=True, blank=True)
    content = models.JSONField("内容", default=dict)
    saved_at = models.DateTimeField("存于")
    saved_by = models.CharField("谁在写", max_length=60)

    objects = ScopedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"unit": "unit_id"}

    class Meta:
        app_label = "ledger"
        verbose_name = "草稿"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["register", "unit"], name="draft_of_unit")
        ]

    def __str__(self) -> str:
        return f"草稿 {self.pk or '新'}"

    @property
    def region_id(self) -> None:
        """Files of a draft are nobody else's business either: no place opens them, only the draft itself."""
        return None


def keep(draft: Draft, name: str, text: str, who: str) -> Draft:
    """Keep one field as typed. Two people typing in different fields of one draft lose nothing of each other."""
    return keep_many(draft, {name: text}, who)


def keep_many(draft: Draft, texts: Mapping[str, str], who: str) -> Draft:
    """Keep several fields together."""
    with transaction.atomic():
        locked = Draft._base_manager.select_for_update().get(pk=draft.pk)
        content: dict[str, Any] = {**locked.content, **texts}
        locked.content, locked.saved_at, locked.saved_by = content, clock.now(), who
        locked.save()
    return locked
