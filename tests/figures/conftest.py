"""A small city under the nation, for tests that need counties."""

from decimal import Decimal

import pytest

from keshu.directory.models import Region
from keshu.figures.book import book
from keshu.figures.models import Release
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.period import Period
from keshu.terms.quantity import scale


class City:
    """A city with counties A, B, C, its own level and a zone reported inside A; values are typed in stored units."""

    def __init__(self, actor):
        self.actor = actor
        with writing(actor, "建市"):
            nation = Region.objects.get(code="000000")
            self.top = Region(code="990000", name="试验市", short_name="试验", level="city", parent=nation)
            self.top.save()
            self.counties = []
            for order, (name, part, group) in enumerate(
                [
                    ("甲县", "area", "一类"),
                    ("乙县", "area", "一类"),
                    ("丙县", "area", "二类"),
                    ("市本级", "own", ""),
                    ("甲园区", "zone_inside", ""),
                ]
            ):
                row = Region(
                    code=f"99000{order + 1}",
                    name=name,
                    short_name=name,
                    level="county",
                    part=part,
                    group=group,
                    parent=self.top,
                    order=order,
                )
                row.save()
                self.counties.append(row)
            self.release = Release(source="试验统计局", label="")
            self.release.save()
        self.a, self.b, self.c, self.own, self.zone = self.counties

    def put(self, measure, region, period, value, release=None):
        """Record one value; ``value`` None retracts."""
        found = book(moments.latest()).measure(measure)
        code = measure_period(found, Period.parse(period)).code
        scaled = None if value is None else scale(Decimal(value), found.decimals)
        with writing(self.actor, f"录入 {measure}") as block:
            release_id = (release or self.release).pk
            record_values(block, [ValueChange(found.pk, region.pk, code, release_id, scaled)])


@pytest.fixture
def city(base, actor) -> City:
    return City(actor)
