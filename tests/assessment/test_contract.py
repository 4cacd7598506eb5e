"""The register of assessed items keeps what every register has to keep."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.assessment.models import Assessment, Item
from keshu.journal.writing import writing
from tests.ledger.contract import RegisterContract


class TestItems(RegisterContract):
    code = "assessed"
    step = ("check", "planning")
    answers = {"finding": "agreed"}

    @pytest.fixture
    def world(self, people):
        with writing(people.staff.actor, "考核"):
            made = Assessment(
                region=people.staff.city,
                year=2025,
                assessor="省科学技术厅",
                scheme="考核",
                total=Decimal(100),
            )
            made.save()
        return made

    def make(self, owner, world, n=1):
        with writing(owner, "考核项"):
            item = Item(
                number=f"KH2025-{owner.unit_id}-{n}",
                assessment=world,
                year=world.year,
                name=f"考核项{owner.unit_id}-{n}",
                full=Decimal(20),
                score=Decimal(15),
                regainable=Decimal(2),
                regain_by=date(2026, 11, 30),
                unit_id=owner.unit_id,
                region_id=owner.region_id,
            )
            item.save()
        return item
