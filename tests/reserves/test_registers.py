"""The registers of this room keep what every register has to keep."""

from datetime import date

import pytest

from keshu.directory.accounts import actor_of
from keshu.directory.models import Account
from keshu.journal.writing import writing
from keshu.reserves import achieving, challenging, reserving
from keshu.reserves.models import Achievement, Answer, Need, Reserve
from tests.ledger.contract import RegisterContract
from tests.reserves.room import ARGUED, SHEETS, WAN


def office() -> object:
    return actor_of(Account.objects.get(username="office"))


def common(owner, code, n):
    """The plain texts of a sheet as fields, told apart by ``n``."""
    texts = {
        k: v
        for k, v in SHEETS[code].items()
        if k
        not in ("investment", "needed", "budget", "bounty", "support", "months", "asked", "open_to_public")
    }
    return {**texts, "title": f"{texts['title']}{n}", "unit_id": owner.unit_id, "region_id": owner.region_id}


class TestReserves(RegisterContract):
    code = "reserves"
    step = ("enter", "office")
    measure = "reserve_projects_entered"

    def make(self, owner, world, n=1):
        with writing(owner, "储备"):
            entry = Reserve(
                **common(owner, "reserves", n), year=2026, investment=WAN, state=Reserve.State.RECOMMENDED
            )
            entry.save()
        return entry

    def make_counted(self, owner, world):
        return reserving.step(self.make(owner, world), "enter", office())


class TestNeeds(RegisterContract):
    code = "needs"
    step = ("argue", "office")
    answers = {"minutes": "论证会纪要", "genuine": "1", "funded": "1"}
    measure = "needs_published"

    def make(self, owner, world, n=1):
        with writing(owner, "需求"):
            need = Need(**common(owner, "needs", n), year=2026, months=12, budget=400 * WAN, bounty=120 * WAN)
            need.save()
        return need

    def make_counted(self, owner, world):
        need = challenging.step(self.make(owner, world), "argue", office(), given=ARGUED)
        return challenging.step(need, "publish", office(), given={"until": date(2026, 4, 15)})


class TestAnswers(RegisterContract):
    code = "answers"
    files = "office"  # an answer that was opened takes nothing from its organisation any more
    outside = ("stranger", "other_county")

    @pytest.fixture
    def world(self, people):
        owner = people.staff
        with writing(owner.actor, "出题方"):
            unit = owner.unit("91-ASK", "出题公司", owner.county)
            need = Need(
                **{**common(people.actor("owner"), "needs", 0), "unit_id": unit.pk},
                year=2026,
                months=12,
                budget=400 * WAN,
                bounty=120 * WAN,
                state=Need.State.JUDGING,
            )
            need.save()
        return need

    def make(self, owner, world, n=1):
        with writing(owner, "揭榜"):
            if Answer.objects.for_system("测试").filter(need=world, unit_id=owner.unit_id).exists():
                world.pk = None
                world._state.adding = True
                world.save()
            answer = Answer(
                **common(owner, "answers", n),
                need=world,
                need_title=world.title,
                asked=WAN,
                months=12,
                state=Answer.State.OPENED,
            )
            answer.save()
        return answer


class TestAchievements(RegisterContract):
    code = "achievements"
    step = ("register", "office")
    measure = "achievements_registered"

    def make(self, owner, world, n=1):
        with writing(owner, "成果"):
            made = Achievement(
                **common(owner, "achievements", n), year=2026, state=Achievement.State.RECOMMENDED
            )
            made.save()
        return made

    def make_counted(self, owner, world):
        return achieving.step(self.make(owner, world), "register", office())
