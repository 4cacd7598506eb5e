"""What every row of every register has: number, region, organisation, the date it counts on, state, source."""

from typing import ClassVar

from django.db import models

from keshu.directory.models import Region, Unit
from keshu.directory.scope import ScopedRecordedQuerySet
from keshu.journal.recorded import Recorded


class Record(Recorded):
    """A row of a register (台账). Concrete models add the columns of their regulation.

    A *batch row* (汇总行) stands for ``items`` things with evidence where nobody itemises; ``items`` is 1 for all others.
    """

    number = models.CharField("编号", max_length=40, blank=True, help_text="空着由系统按年编号")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="+"
    )
    counts_on = models.DateField("计入日期", null=True, blank=True, help_text="按这一天计入哪个月")
    state = models.CharField("状态", max_length=30, help_text="具体台账写明有哪些状态")
    items = models.PositiveIntegerField("件数", default=1, help_text="汇总行代表多少件，逐条登记的是 1")
    source = models.CharField("来源", max_length=200, blank=True)

    #: Columns that the page of a record does not tell among its facts (scores before they are public, what a card shows).
    untold: ClassVar[frozenset[str]] = frozenset()
    objects = ScopedRecordedQuerySet.as_manager()
    scope_paths: ClassVar[dict[str, str]] = {"region": "region_id", "unit": "unit_id"}

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number or f"{self._meta.verbose_name} {self.pk or '新'}"

    @property
    def is_batch(self) -> bool:
        """Whether it stands for things that nobody itemised (未逐条)."""
        return self.items != 1
