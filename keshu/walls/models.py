"""A screen's link and the named release of figures that nobody has published yet."""

from typing import ClassVar

from django.db import models

from keshu.figures.models import Indicator
from keshu.journal.recorded import Recorded
from keshu.terms import clock
from keshu.terms.period import Period


class Clearance(Recorded):
    """具名放行: somebody, by name and on a basis, lets an indicator's figures up to a period hang on a wall although no
    authority has published them. It ends when it is withdrawn; the history keeps it.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="+")
    until = models.CharField("放行到", max_length=12, help_text="数据期间；更早的期间一并放行")
    basis = models.CharField("依据", max_length=200)
    cleared_by = models.CharField("放行人", max_length=60)
    cleared_at = models.DateTimeField("放行时刻")
    withdrawn_by = models.CharField("收回人", max_length=60, blank=True)
    withdrawn_at = models.DateTimeField("收回时刻", null=True, blank=True)

    class Meta:
        verbose_name = "上屏放行"
        ordering = ("pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["indicator", "until"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="cleared_once_while_it_holds",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} 放行到{self.period.label}"

    @property
    def period(self) -> Period:
        """The last data period that is let through."""
        return Period.parse(self.until)


class Screen(Recorded):
    """A link under which the wall can be read without signing in. Only the digest of its secret is kept; it ends by itself."""

    place = models.CharField("放在哪里", max_length=60)
    digest = models.CharField("地址摘要", max_length=64, unique=True)
    made_by = models.CharField("生成人", max_length=60)
    made_at = models.DateTimeField("生成时刻")
    expires_on = models.DateField("有效期至", help_text="含当日")
    withdrawn_by = models.CharField("停用人", max_length=60, blank=True)
    withdrawn_at = models.DateTimeField("停用时刻", null=True, blank=True)

    class Meta:
        verbose_name = "大屏地址"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.place

    @property
    def holds(self) -> bool:
        """Whether the link opens the wall today."""
        return self.withdrawn_at is None and clock.today() <= self.expires_on
