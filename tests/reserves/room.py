"""Two enterprises of one county and one of the other, the people who handle what they propose, and a March morning."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Account
from keshu.journal.writing import writing
from keshu.ledger.drafts import keep
from keshu.reserves import achieving, challenging, filling, publishing, reserving
from keshu.reserves.models import Answer, Need, Reserve
from keshu.reserves.sheets import FORMS
from keshu.terms import clock

MARCH = datetime(2026, 3, 16, 9, 0, tzinfo=clock.TZ)
WAN = Decimal(10000)
SHEETS: dict[str, dict[str, str]] = {
    "reserves": {
        "kind": "project",
        "title": "硅光收发模块",
        "level": "province",
        "target": "省重点研发计划",
        "field": "industry",
        "investment": "180",
        "needed": "40",
        "maturity": "middle",
        "summary": "封装与测试",
        "contact": "秦霁",
        "phone": "13800001234",
    },
    "needs": {
        "title": "井下胶带撕裂识别",
        "field": "industry",
        "problem": "粉尘大，误报多",
        "indicators": "识别率不低于 99%",
        "months": "18",
        "budget": "400",
        "bounty": "120",
        "support": "60",
        "property_terms": "双方共有",
    },
    "answers": {
        "title": "多光谱融合识别",
        "plan": "三步走",
        "team": "十二人",
        "promises": "识别率 99.5%",
        "asked": "110",
        "months": "15",
        "leader": "方砚",
        "phone": "13900005678",
    },
    "achievements": {
        "title": "低温硝化菌剂",
        "kind": "applied",
        "stage": "mature",
        "field": "social",
        "people": "韩溪、方砚",
        "judged_by": "第三方评价",
        "report_number": "PJ-2026-11",
        "standing": "国内先进",
        "keywords": "硝化、低温",
        "summary": "低温条件下硝化率提高",
        "open_to_public": "1",
    },
    "publications": {"title": "项目管理办法", "category": "policy", "dated": "2026-03-02", "summary": "全文"},
}


@dataclass
class Room:
    """Everybody of this room's work."""

    staff: Any
    actors: dict[str, Actor] = field(default_factory=dict)

    def sheet(self, code: str, who: str = "north", about: int = 0, **texts: str) -> Any:
        """A sheet typed and not handed in."""
        draft = filling.begin(FORMS[code], self.actors[who], about)
        for name, text in {**SHEETS[code], **texts}.items():
            draft = keep(draft, name, text, who)
        return draft

    def hand_in(self, code: str, who: str = "north", about: int = 0, **texts: str) -> Any:
        """A sheet typed and handed in."""
        return filling.hand_in(FORMS[code], self.sheet(code, who, about, **texts), self.actors[who])

    def held(self, who: str = "north", on: date | None = None, **texts: str) -> Reserve:
        """An entry in reserve."""
        entry = reserving.step(self.hand_in("reserves", who, **texts), "recommend", self.recommender(who))
        return reserving.step(entry, "enter", self.actors["office"], given={"on": on} if on else {})

    def recommender(self, who: str) -> Actor:
        return self.actors["other_head" if who == "far" else "county_head"]

    def published(self, who: str = "north", until: date = date(2026, 4, 15), **texts: str) -> Need:
        """A need that takes answers."""
        need = challenging.step(
            self.hand_in("needs", who, **texts), "argue", self.actors["office"], given=ARGUED
        )
        return challenging.step(need, "publish", self.actors["office"], given={"until": until})

    def answered(self, need: Need, *who: str) -> list[Answer]:
        return [self.hand_in("answers", name, need.pk, title=f"{name}的方案") for name in who]

    def step(self, need: Need, action: str, who: str = "office", note: str = "", **given: Any) -> Need:
        return challenging.step(need, action, self.actors[who], note=note, given=given)

    def noticed(self, who: str = "south") -> Need:
        """A need with two answers, one of them in public notice since 2026-04-20."""
        need = self.published()
        answers = {row.unit_id: row for row in self.answered(need, "south", "far")}
        with clock.pretend(datetime(2026, 4, 20, 9, 0, tzinfo=clock.TZ)):
            need = self.step(need, "open")
            chosen = answers[self.actors[who].unit_id]
            need = self.step(need, "judge", answer=str(chosen.pk), minutes="评榜纪要")
            return self.step(need, "decide", "leader", minutes="党组会纪要")

    def running(self, amount: int = 100) -> Need:
        """A need signed on 2026-05-06 for ``amount`` 万元."""
        need = self.noticed()
        with clock.pretend(datetime(2026, 5, 6, 9, 0, tzinfo=clock.TZ)):
            need = self.step(need, "confirm")
            return self.step(
                need,
                "sign",
                number="HT-1",
                on=date(2026, 5, 6),
                amount=amount * WAN,
                ends_on=date(2027, 5, 5),
                three=True,
            )

    def registered(self, who: str = "north", **texts: str) -> Any:
        """A registered achievement."""
        made = achieving.step(self.hand_in("achievements", who, **texts), "recommend", self.recommender(who))
        return achieving.step(made, "register", self.actors["office"])

    def public_paper(self, **texts: str) -> Any:
        """A document that anyone may see."""
        return publishing.step(
            self.hand_in("publications", "office", **texts), "publish", self.actors["office"]
        )


ARGUED = {"minutes": "论证会纪要", "genuine": True, "funded": True}


@pytest.fixture(autouse=True)
def in_march():
    with clock.pretend(MARCH):
        yield


@pytest.fixture
def room(staff) -> Room:
    with writing(staff.actor, "三个单位"):
        for username, code, name, region in (
            ("north", "91-N", "北岭新材料有限公司", staff.county),
            ("south", "91-S", "南塘机电有限公司", staff.county),
            ("far", "91-F", "岚川电子研究所", staff.other),
        ):
            staff.hire(username, staff.unit(code, name, region), Role.APPLICANT)
        staff.hire("other_head", staff.other_bureau, Role.COUNTY_HEAD)
    made = Room(staff)
    for name in ("north", "south", "far", "office", "leader", "county_head", "other_head", "planning"):
        made.actors[name] = actor_of(Account.objects.get(username=name))
    return made


@pytest.fixture
def both(office) -> Room:
    """The room among the people of the programmes' office, whose call is open."""
    made = Room(office.staff)
    made.actors = office.actors
    return made
