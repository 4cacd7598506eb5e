"""A ledger of visits as a county bureau would define it, and the people who keep it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from keshu.custom.columns import Col, Count
from keshu.custom.defining import define
from keshu.custom.entering import enter
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.wanted import Wanted, wanted_of
from keshu.directory.actors import Actor, Role
from keshu.journal.writing import writing
from keshu.terms import clock

MARCH = datetime(2026, 3, 16, 9, 0, tzinfo=clock.TZ)
VISITS = Wanted(
    code="visits",
    name="走访登记",
    about="按走访日期计入",
    prefix="ZF",
    who=("bureau", "county", "organisation"),
    counts_by="走访日期",
    key=("企业名称", "走访日期"),
    columns=(
        Col("企业名称", searchable=True),
        Col("走访日期", "date", required=True),
        Col("方式", "choice", choices=("现场", "电话")),
        Col("意向金额", "money", total=True),
        Col("人数", "count", total=True),
        Col("满意度", "number", places=2),
        Col("需要回访", "flag"),
        Col("情况", "long"),
    ),
    measures=(
        Count("走访次数", "次"),
        Count("现场走访意向金额", "元", field="意向金额", condition='方式 == "现场"'),
    ),
)


class House:
    """The bureau and the county of the tests, with one ledger of visits."""

    def __init__(self, staff) -> None:
        self.staff = staff
        self.office = staff.actor_as("office")
        self.planning = staff.actor_as("planning")
        self.county = staff.actor_as("county_filler")

    def define(self, wanted: Wanted = VISITS, **changes: object) -> Definition:
        return define(replace(wanted, **changes), self.office)

    def change(self, definition: Definition, by: Actor | None = None, **changes: object) -> Definition:
        """The definition as it stands, with changes."""
        return define(replace(wanted_of(definition), **changes), by or self.office, seen=definition.edition)

    def columns(self, definition: Definition, **changes: Col | None) -> tuple[Col, ...]:
        """Its columns with some replaced by name, or left out (None)."""
        return tuple(now for col in definition.cols if (now := changes.get(col.name, col)) is not None)

    def enter(self, definition: Definition, by: Actor | None = None, **texts: str) -> CustomRecord:
        """A record by the names of its columns; 地区 and 单位 too."""
        slots = {col.name: col.slot for col in definition.cols}
        slots |= {"地区": "region", "单位": "unit", "件数": "items"}
        filled = {"企业名称": "北岭新材料", "走访日期": "2026-03-05", "地区": "望岭县"} | texts
        return enter(definition, by or self.office, {slots[name]: text for name, text in filled.items()})


@pytest.fixture(autouse=True)
def in_march():
    with clock.pretend(MARCH):
        yield


@pytest.fixture
def house(staff) -> House:
    with writing(staff.actor, "企业和申报人"):
        north = staff.unit("91-N", "北岭新材料有限公司", staff.county)
        south = staff.unit("91-S", "南塘机电有限公司", staff.other)
        staff.hire("north", north, Role.APPLICANT)
        staff.hire("south", south, Role.APPLICANT)
        staff.hire("other_filler", staff.other_bureau, Role.COUNTY_FILLER)
    return House(staff)


__all__ = ["MARCH", "VISITS", "House", "date", "house", "in_march"]
