"""Two offices of a county's bureau, the city's planning office that reviews, goals without a register, a summer's clock."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from keshu.checking import steps
from keshu.checking.assigning import give_out
from keshu.checking.models import Check, Item
from keshu.checking.opening import open_month
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role, system
from keshu.directory.models import Account, Unit
from keshu.goals.models import Goal, SourceDocument
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period
from tests import snapshots
from tests.desk.staff import QUICK, Staff

JULY = datetime(2026, 7, 2, 9, 0, tzinfo=clock.TZ)
JUNE = Period.month(2026, 6)


@dataclass
class Room:
    """Everybody of this room's work."""

    staff: Any
    farming: Unit
    results: Unit
    goal: Goal
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        if who not in self.actors:
            self.actors[who] = actor_of(Account.objects.get(username=who))
        return self.actors[who]

    def item(self, **values: Any) -> Item:
        """An item of the farming office for the whole year 2026, with the goal of 200 trainings unless said otherwise."""
        filled = {
            "year": 2026,
            "order": 1,
            "name": "农民技术培训",
            "unit": self.farming,
            "region_id": self.farming.region_id,
            "goal": self.goal,
            "begins_on": date(2026, 1, 1),
            "due_on": date(2026, 12, 31),
        }
        return give_out([Item(**{**filled, **values})], self.actor("planning"))[0]

    def opened(self, item: Item, month: Period = JUNE) -> Check:
        open_month(month, self.actor("planning"))
        return Check.objects.for_system("测试").select_related("item__goal").get(item=item, period=month.code)

    def fill(self, check: Check, who: str = "farmer", paper: bool = False, **given: str) -> Check:
        """Hand in a line; ``paper`` attaches a proof with it."""
        files = ("0" * 64,) if paper else ()
        said = {"verdict": "going", "progress": "办了两期"} | given
        return steps.step(check, "submit", self.actor(who), given=said, evidence=files)

    def review(self, check: Check, who: str = "planning", **given: str) -> Check:
        return steps.step(check, "review", self.actor(who), given=given)


def build(staff: Staff) -> Room:
    """The room upon the staff."""
    with writing(staff.actor, "科室和人员"):
        offices = []
        for code, name in (("WL-NC", "农村科技科"), ("WL-CG", "成果科")):
            office = Unit(code=code, name=name, region=staff.county, parent=staff.county_bureau)
            office.save()
            offices.append(office)
        staff.hire("farmer", offices[0], Role.COUNTY_FILLER)
        staff.hire("patentee", offices[1], Role.COUNTY_FILLER)
        document = SourceDocument(
            title="年度目标责任分解意见", issuer="望岭县科学技术局", kind="bureau", year=2026
        )
        document.save()
        goal = Goal(
            document=document,
            year=2026,
            order=1,
            name="农民技术培训",
            kind=Goal.Kind.TOTAL,
            subject=staff.county,
            unit="期",
            low=Decimal(200),
            state=Goal.State.ISSUED,
        )
        goal.save()
    return Room(staff, *offices, goal)


@pytest.fixture(scope="session")
def kept_room(django_db_setup, django_db_blocker, kept_staff) -> Room:
    """The room upon the staff, kept beside the tables."""

    def made() -> Room:
        return build(Staff(system("测试")))

    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK):
        return snapshots.take("checking", made, on="base")


@pytest.fixture
def room(base, actor, kept_room, quick_passwords) -> Room:
    return snapshots.begin("checking", kept_room, lambda: build(Staff(actor)))


@pytest.fixture(autouse=True)
def in_july(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.pretend(JULY):
        yield
