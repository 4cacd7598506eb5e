"""A city prize with quotas, nominators of every kind, and the people who handle it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from keshu.awards.models import Basis, Days, Nomination, Objection, Prize, Round, Track, Winner
from keshu.awards.moving import advance
from keshu.awards.objecting import receive
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Account
from keshu.journal.writing import writing
from keshu.terms import clock

APRIL = datetime(2026, 4, 13, 9, 0, tzinfo=clock.TZ)
PUBLICITY = {
    "unit_from": date(2026, 3, 20),
    "unit_until": date(2026, 3, 26),
    "nominator_from": date(2026, 4, 1),
    "nominator_until": date(2026, 4, 7),
}
FIVE = [{"name": f"专家{n}", "unit": f"大学{n}", "title": "教授"} for n in "甲乙丙丁戊"]


def on(month: int, day: int, hour: int = 9, year: int = 2026) -> Any:
    """A day of the test's year."""
    return clock.pretend(datetime(year, month, day, hour, tzinfo=clock.TZ))


@dataclass
class Awarding:
    """The bureau's side and the nominators' side of one round."""

    staff: Any
    prize: Prize
    round: Round
    actors: dict[str, Actor] = field(default_factory=dict)

    def draft(
        self, who: str = "health", people: int = 3, basis: tuple[str, ...] = (), **values: Any
    ) -> Nomination:
        """A nomination with everything filled; ``values`` override."""
        actor = self.actors[who]
        found: Round = values.pop("round", self.round)
        filled = {
            "title": "基层卒中急救协同救治",
            "unit_name": "青禾市第一人民医院",
            "field": "health",
            "nominator_kind": "county" if actor.is_county else "department",
            "letter_no": "青卫函〔2026〕3号",
            "opinion": "同意提名",
            "summary": "构建三级协同救治网络",
            "applied_from": date(2024, 1, 1),
            "region": self.staff.county,
        }
        with writing(actor, "起草"):
            row = Nomination(
                round=found,
                year=found.year,
                level=found.prize.level,
                prize_kind=found.prize.kind,
                track=found.prize.track,
                nominator_id=actor.unit_id,
                state=Nomination.State.DRAFT,
                **{**filled, **values},
            )
            row.save()
            for n in range(1, people + 1):
                Winner(
                    nomination=row, order=n, name=f"{row.title[:2]}完成人{n}", unit_name=row.unit_name
                ).save()
            for number in basis:
                Basis(nomination=row, kind="patent", number=number).save()
        return row

    def step(self, row: Nomination, action: str, who: str, note: str = "", **given: Any) -> Nomination:
        return advance(row, action, self.actors[who], note=note, given=given)

    def to(
        self, row: Nomination, state: str, *, grade: str = "third", votes: int = 12, rank: int = 1
    ) -> Nomination:
        """Walk the ordinary way up to a state: publicity, notice of 15 days, vote on 20 May, final notice, award in June."""
        nominator = next(n for n, a in self.actors.items() if a.unit_id == row.nominator_id)
        way = [
            ((4, 13), "submit", nominator, {}),
            ((4, 13), "publicise", nominator, PUBLICITY),
            ((4, 13), "accept", "office", {}),
            ((5, 6), "begin_review", "office", {}),
            ((5, 8), "score", "office", {"score": "88.50", "rank": rank, "minutes": "评审纪要 1 号"}),
            ((5, 20), "vote", "office", self.votes(grade, votes)),
            ((5, 21), "propose", "leader", {}),
            ((5, 22), "publish", "office", {}),
            ((6, 22), "approve", "office", {"doc_no": "青政发〔2026〕9号"}),
            ((6, 23), "award", "office", {}),
        ]
        begun = False
        for day, action, who, given in way:
            if row.state == state and (begun or action != "publicise"):
                return row
            begun = True
            if action == "submit" and row.state != "draft":
                continue
            with on(*day):
                row = self.step(row, action, who, **given)
        return row

    @staticmethod
    def votes(
        grade: str = "third", votes_for: int = 12, present: int = 13, committee: int = 15
    ) -> dict[str, Any]:
        return {
            "grade": grade,
            "committee": committee,
            "present": present,
            "votes_for": votes_for,
            "votes_against": present - votes_for,
            "on": date(2026, 5, 20),
            "minutes": "表决纪要 2 号",
        }

    def objection(self, row: Nomination, **values: Any) -> Objection:
        filled: dict[str, Any] = {
            "about": "rights",
            "text": "核心专利权属有争议",
            "received_on": clock.today(),
            "objector": "周明远",
            "proof": "专利登记簿副本",
        }
        return receive(row, self.actors["office"], **{**filled, **values})


@pytest.fixture(autouse=True)
def in_april():
    with clock.pretend(APRIL):
        yield


@pytest.fixture
def awarding(staff) -> Awarding:
    with writing(staff.actor, "开评奖"):
        prize = Prize(
            name="青禾市科学技术进步奖",
            issuer="青禾市人民政府",
            certificate_prefix="QHJ",
            doc_no="青政办发〔2020〕1号",
        )
        prize.save()
        found = make_round(prize, 2026)
        health = staff.unit("QH-WJW", "青禾市卫生健康委员会", staff.city)
        staff.hire("health", health, Role.RECOMMENDER)
        hospital = staff.unit("QH-YY", "青禾市第一人民医院", staff.county)
        staff.hire("hospital", hospital, Role.APPLICANT)
    made = Awarding(staff, prize, found)
    for name in ("health", "hospital", "office", "leader", "county_head", "planning", "recommender"):
        made.actors[name] = actor_of(Account.objects.get(username=name))
    return made


def make_round(prize: Prize, year: int, **values: Any) -> Round:
    """An open round. Inside ``writing`` only."""
    filled: dict[str, Any] = {
        "opens_at": datetime(year, 2, 1, 9, tzinfo=clock.TZ),
        "nominate_until": datetime(year, 4, 30, 17, 30, tzinfo=clock.TZ),
        "accept_days": 15,
        "accept_unit": Days.NATURAL,
        "final_days": 15,
        "final_unit": Days.WORKING,
        "committee": 15,
        "quotas": {"special": 1, "first": 1, "second": 2, "third": 3},
        "limits": {
            "special": {"people": 15, "units": 10},
            "first": {"people": 10, "units": 5},
            "second": {"people": 8, "units": 4},
            "third": {"people": 6, "units": 3},
        },
        "state": Round.State.OPEN,
    }
    made = Round(prize=prize, year=year, **{**filled, **values})
    made.save()
    return made


def superior(awarding: Awarding) -> Round:
    """A round of the province's prize, for which we only recommend."""
    with writing(awarding.staff.actor, "省奖"):
        prize = Prize(
            name="省科学技术进步奖", level="province", track=Track.ABOVE, issuer="省人民政府", kind="progress"
        )
        prize.save()
        return make_round(prize, 2026, quotas={}, limits={})
