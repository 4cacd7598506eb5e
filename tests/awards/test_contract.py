"""What every register keeps, kept by the register of awards: the owner is the organisation whose achievement is nominated."""

import pytest

from keshu.awards.models import Nomination, Prize, Round
from keshu.journal.writing import writing
from keshu.terms import clock
from tests.awards.committee import make_round
from tests.ledger.contract import RegisterContract


class TestNominations(RegisterContract):
    code = "awards"
    step = ("return", "office")
    answers = {"reason": "XS-03"}
    measure = "awards_received"

    @pytest.fixture
    def world(self, people):
        with writing(people.staff.actor, "开评奖"):
            prize = Prize(name="青禾市科学技术进步奖", issuer="青禾市人民政府", certificate_prefix="QHJ")
            prize.save()
            return make_round(prize, 2026)

    def make(self, owner, world: Round, n=1, **values):
        with writing(owner, "提名"):
            row = Nomination(
                **{
                    "round": world,
                    "year": world.year,
                    "level": "city",
                    "prize_kind": "progress",
                    "field": "industry",
                    "title": f"材料成果{n}",
                    "number": f"TM2026-{n:04d}",
                    "unit_id": owner.unit_id,
                    "unit_name": "望岭材料研究院",
                    "region_id": owner.region_id,
                    "nominator_kind": "department",
                    "state": Nomination.State.SUBMITTED,
                    # every column holds something, so that every column can be asked for
                    "grade": "third",
                    "received_on": None,
                    "certificate_number": "",
                    **values,
                }
            )
            row.save()
        return row

    def make_counted(self, owner, world):
        today = clock.today()
        return self.make(owner, world, 9, state=Nomination.State.ACCEPT_NOTICE, received_on=today)
