"""Applications keep what every register keeps."""

from datetime import timedelta
from decimal import Decimal

import pytest

from keshu.journal.writing import writing
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.terms import clock
from tests.ledger.contract import RegisterContract


class TestApplications(RegisterContract):
    code = "programmes"
    step = ("recommend", "office_of_county")
    measure = "projects_approved"
    thorough = True

    @pytest.fixture
    def world(self, people):
        people.usernames["office_of_county"] = "county_head"
        opens = clock.now() - timedelta(days=1)
        with writing(people.staff.actor, "发通知"):
            call = Call(
                name="2026年度工业科技攻关",
                year=2026,
                opens_at=opens,
                apply_until=opens + timedelta(days=20),
                recommend_until=opens + timedelta(days=30),
                state=Call.State.OPEN,
            )
            call.save()
        return people, call

    def make(self, owner, world, n=1):
        _, call = world
        with writing(owner, "起草"):
            row = Application(
                call=call,
                year=call.year,
                level=call.level,
                field=call.field,
                state=Application.State.DRAFT,
                unit_id=owner.unit_id,
                region_id=owner.region_id,
                title=f"电池隔膜中试{n}",
                leader=f"负责人{n}",
                summary="中试线",
                goals="良率 95%",
                asked=Decimal(500000),
            )
            row.save()
        return advance(row, "submit", owner)

    def make_counted(self, owner, world):
        row = self.make(owner, world, 9)
        with writing(owner, "补登立项"):
            approved = Application(
                **{name: getattr(row, name) for name in ("call", "year", "level", "field", "unit", "region")},
                state=Application.State.APPROVED,
                number="XM2026-0001",
                title="固态电解质",
                granted=Decimal(300000),
                approved_on=clock.today(),
            )
            approved.save()
        return approved
