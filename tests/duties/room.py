"""A county bureau, an office of the city's bureau, those who issue and verify, and an October morning."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from keshu.directory.actors import Actor, Role
from keshu.directory.models import Unit
from keshu.duties.issuing import Origin, issue_order
from keshu.duties.models import Order
from keshu.duties.moving import advance
from keshu.journal.writing import writing
from keshu.ledger.evidence import attach
from keshu.terms import clock
from tests.desk.staff import Staff

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
LAMP = Origin("lamp", "dispatch|strong|rd|991001|2026M09", "调度 2026 年 1—9 月：望岭县 技术合同 滞后")


def day(month: int, number: int, hour: int = 9, year: int = 2026) -> datetime:
    return datetime(year, month, number, hour, 0, tzinfo=clock.TZ)


@dataclass
class Room:
    """What a day of supervision needs."""

    staff: Staff
    transfer_office: Unit
    actors: dict[str, Actor] = field(default_factory=dict)

    def issue(self, who: str = "planning", **values: Any) -> Order:
        """An order to 望岭县's bureau, due 2026-10-31; ``values`` override."""
        given: dict[str, Any] = {
            "what": "补登技术合同 12 份",
            "holder": self.staff.county_bureau,
            "due_on": date(2026, 10, 31),
            "origin": LAMP,
            "evidence_wanted": "登记证明",
        }
        return issue_order(actor=self.actors[who], **{**given, **values})

    def step(self, order: Order, action: str, who: str, note: str = "", **given: Any) -> Order:
        return advance(order, action, self.actors[who], note=note, given=given)

    def prove(self, order: Order, who: str = "county_head") -> None:
        attach(order, self.actors[who], io.BytesIO(PDF), "登记证明.pdf", caption="登记证明")

    def reported(self, order: Order) -> Order:
        order = self.step(order, "sign", "county_filler")
        self.prove(order)
        return self.step(order, "report", "county_head", said="12 份已登记")

    def verified(self, order: Order) -> Order:
        return self.step(self.reported(order), "verify", "inspector", way="papers", finding="已逐份核对")

    def closed(self, order: Order) -> Order:
        return self.step(self.verified(order), "close", "planning")


def furnish(staff: Staff) -> Room:
    """The room around a staff: a second office of the city's bureau joins, with one person."""
    with writing(staff.actor, "成果转化科"):
        office = staff.unit("QH-KJ-ZH", "成果转化科", staff.city)
        office.parent = staff.bureau
        office.save()
        staff.hire("transfer", office, Role.OFFICE)
        staff.hire("watcher", staff.unit("QH-DC", "督查审计组", staff.city), Role.INSPECTOR)
        staff.hire("other_head", staff.other_bureau, Role.COUNTY_HEAD)
    names = ("leader", "planning", "office", "inspector", "applicant", "transfer", "watcher", "other_head")
    county = ("county_filler", "county_reviewer", "county_head")
    return Room(staff, office, {name: staff.actor_as(name) for name in (*names, *county)})


@pytest.fixture(autouse=True)
def in_october():
    with clock.pretend(day(10, 12)):
        yield


@pytest.fixture
def room(staff, settings, tmp_path) -> Room:
    settings.MEDIA_ROOT = tmp_path
    return furnish(staff)
