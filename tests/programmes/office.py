"""A city call for industry projects, two enterprises that apply, and the people who handle them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import pytest

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Account
from keshu.journal.writing import writing
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.terms import clock

MARCH = datetime(2026, 3, 16, 9, 0, tzinfo=clock.TZ)


@dataclass
class Office:
    """The bureau's side and the applicants' side of one call."""

    staff: object
    call: Call
    actors: dict[str, Actor] = field(default_factory=dict)

    def draft(self, who: str = "north", **values: object) -> Application:
        """A draft with everything filled; ``values`` override."""
        actor = self.actors[who]
        filled = {
            "title": "高比能电池隔膜中试",
            "leader": "林见山",
            "summary": "中试线与工艺",
            "goals": "良率 95%",
            "asked": Decimal("500000.00"),
        }
        with writing(actor, "起草"):
            row = Application(
                call=self.call,
                year=self.call.year,
                level=self.call.level,
                field=self.call.field,
                state=Application.State.DRAFT,
                unit_id=actor.unit_id,
                region_id=actor.region_id,
                **{**filled, **values},
            )
            row.save()
        return row

    def step(self, row: Application, action: str, who: str, note: str = "") -> Application:
        return advance(row, action, self.actors[who], note=note)

    def to(self, row: Application, state: str) -> Application:
        """Walk the ordinary way up to a state."""
        way = [
            ("submit", "applicant_of", ""),
            ("recommend", "county_head", ""),
            ("admit", "office", ""),
            ("review", "office", "评审纪要 2026-04"),
            ("propose", "leader", ""),
            ("approve", "office", "青科发〔2026〕21号"),
            ("sign", "office", ""),
            ("apply_acceptance", "applicant_of", ""),
            ("accept", "office", "验收意见书"),
        ]
        applicant = next(
            n for n, a in self.actors.items() if a.unit_id == row.unit_id and n in ("north", "south")
        )
        for action, who, note in way:
            if row.state == state:
                return row
            if action == "approve":
                with clock.pretend(datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)):
                    row = self.step(row, action, who, note)
                continue
            row = self.step(row, action, applicant if who == "applicant_of" else who, note)
        return row


@pytest.fixture(autouse=True)
def in_march():
    with clock.pretend(MARCH):
        yield


@pytest.fixture
def office(staff) -> Office:
    with writing(staff.actor, "发通知"):
        call = Call(
            name="2026年度青禾市工业科技攻关",
            year=2026,
            level="city",
            field="industry",
            budget=Decimal("1000000.00"),
            most_each=Decimal("600000.00"),
            most_per_unit=1,
            opens_at=datetime(2026, 3, 1, 9, 0, tzinfo=clock.TZ),
            apply_until=datetime(2026, 3, 31, 17, 30, tzinfo=clock.TZ),
            recommend_until=datetime(2026, 4, 10, 17, 30, tzinfo=clock.TZ),
            state=Call.State.OPEN,
        )
        call.save()
        for name, code, unit_name in (
            ("north", "91-N", "北岭新材料有限公司"),
            ("south", "91-S", "南塘机电有限公司"),
        ):
            unit = staff.unit(code, unit_name, staff.county)
            staff.hire(name, unit, Role.APPLICANT)
    made = Office(staff, call)
    for name in ("north", "south", "office", "leader", "county_head", "planning"):
        made.actors[name] = actor_of(Account.objects.get(username=name))
    return made
