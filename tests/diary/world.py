"""Projects of two enterprises with something due around the National Day of 2026, and the people who look after them.

The published arrangement (国务院办公厅关于2026年部分节假日安排的通知): 国庆节 10-01 to 10-07 off, 09-20 and 10-10 worked;
中秋节 09-25 to 09-27 off. The house's today is Monday 2026-09-28.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Account, Unit
from keshu.journal.writing import writing
from keshu.programmes.models import Application, Call
from keshu.terms import clock

TODAY = datetime(2026, 9, 28, 9, 0, tzinfo=clock.TZ)


@dataclass
class World:
    """One call, two enterprises of two counties, the bureau."""

    staff: object
    call: Call
    units: dict[str, Unit]
    actors: dict[str, Actor] = field(default_factory=dict)
    made: int = 0

    def project(
        self, title: str, *, of: str = "north", state: str = "running", **dates: object
    ) -> Application:
        """A project that stands in a state with some dates, as a 补登 would enter it."""
        self.made += 1
        unit = self.units[of]
        with writing(self.staff.actor, "补登"):
            row = Application(
                call=self.call,
                number=f"XM2025-{self.made:04d}",
                title=title,
                year=2025,
                level="city",
                field="industry",
                unit=unit,
                region_id=unit.region_id,
                state=state,
                granted=Decimal("200000.00"),
                **dates,
            )
            row.save()
        return row

    def client(self, who: str):
        return self.staff.client(who)


@pytest.fixture(autouse=True)
def in_september():
    with clock.pretend(TODAY):
        yield


@pytest.fixture
def world(staff) -> World:
    with writing(staff.actor, "建单位"):
        call = Call(
            name="2026年度青禾市软科学研究",
            year=2026,
            opens_at=datetime(2026, 9, 1, 9, 0, tzinfo=clock.TZ),
            apply_until=datetime(2026, 10, 9, 17, 30, tzinfo=clock.TZ),
            recommend_until=datetime(2026, 10, 20, 17, 30, tzinfo=clock.TZ),
            state=Call.State.OPEN,
        )
        call.save()
        units = {
            "north": staff.unit("91-N", "北岭新材料有限公司", staff.county),
            "south": staff.unit("91-S", "南塘机电有限公司", staff.other),
        }
        for name, unit in units.items():
            staff.hire(name, unit, Role.APPLICANT)
        staff.hire("other_head", staff.other_bureau, Role.COUNTY_HEAD)
    made = World(staff, call, units)
    names = ("north", "south", "other_head", "office", "leader", "county_head", "planning", "recommender")
    for name in names:
        made.actors[name] = actor_of(Account.objects.get(username=name))
    return made


def day(month: int, number: int, year: int = 2026) -> date:
    return date(year, month, number)
