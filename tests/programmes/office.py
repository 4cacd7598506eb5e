"""A city call for industry projects, two enterprises that apply, and the people who handle them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Account
from keshu.journal.writing import writing
from keshu.procedure.moving import move
from keshu.programmes.acceptance import Reached, judge, needs_audit, register_results, write_reached
from keshu.programmes.contracts import Contract, goals_of, split_goals, write_contract
from keshu.programmes.inspections import PROCEDURE as INSPECTING
from keshu.programmes.inspections import plan
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import PROCEDURE, advance
from keshu.terms import clock

MARCH = datetime(2026, 3, 16, 9, 0, tzinfo=clock.TZ)
#: What steps are given in the ordinary way.
GIVEN = {
    "review": {"minutes": "评审纪要 2026-04", "score": "88.5"},
    "object": {"by": "周明远", "proof": "合同复印件 1 份"},
    "return": {"code": "CL-03", "until": date(2026, 3, 27)},
    "refuse": {"code": "SL-02"},
    "sign": {"starts_on": date(2026, 6, 1), "ends_on": date(2028, 5, 31), "doc_no": "青科合〔2026〕8号"},
    "accept": {"way": "meeting", "finance": "passed"},
}


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
            "leader": self._leader(actor),
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

    @staticmethod
    def _leader(actor: Actor) -> str:
        """林见山 for the first of an organisation, somebody else for each further one: a leader may not lead many."""
        before = Application.objects.for_system("测试").filter(unit_id=actor.unit_id).count()
        return f"林见山{before or ''}"

    def step(
        self, row: Application, action: str, who: str, note: str = "", given: dict | None = None
    ) -> Application:
        return advance(row, action, self.actors[who], note=note, given=given)

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
            ("accept", "office", "验收意见书 2026-01"),
        ]
        applicant = next(
            n for n, a in self.actors.items() if a.unit_id == row.unit_id and n in ("north", "south")
        )
        for action, who, note in way:
            if row.state == state:
                return row
            if row.state not in PROCEDURE.transition(action).before:
                continue  # it is further already
            if action == "approve":
                with clock.pretend(datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)):
                    row = self.step(row, action, who, note)
                continue
            row = self.ready_for(row, action, applicant)
            by = applicant if who == "applicant_of" else who
            given = GIVEN.get(action, {})
            if action == "propose":
                given = {"minutes": "局党组会纪要 2026-07", "granted": row.asked}
            row = self.step(row, action, by, note, given)
        return row

    def ready_for(self, row: Application, action: str, applicant: str) -> Application:
        """What people do on the pages before a step: write the contract, fill in what was reached, judge it, audit, register."""
        if action == "sign" and not goals_of(row):
            goals = [(text, promised or "完成") for text, promised in split_goals(row.goals)]
            return write_contract(row, Contract(goals), self.actors["office"])
        if action == "apply_acceptance":
            self.reach(row, applicant)
        if action == "accept":
            self.judge(row)
            self.audit(row)
            return register_results(
                row, self.actors["office"], achievement="CG2027-0003", report="QH-BG-2027-003"
            )
        return row

    def reach(self, row: Application, applicant: str = "north") -> None:
        """Every goal as promised, with proof."""
        told = {goal.order: Reached(goal.promised, "检测报告") for goal in goals_of(row)}
        write_reached(row, told, self.actors[applicant])

    def judge(self, row: Application, *verdicts: str) -> None:
        """The verdicts in order; all met where none are given."""
        told = {n: verdicts[n - 1] if verdicts else "met" for n in range(1, len(goals_of(row)) + 1)}
        judge(row, told, self.actors["office"])

    def audit(self, row: Application) -> None:
        """A special audit without findings, where the rule wants one."""
        if not needs_audit(row):
            return
        (made,) = plan([row], "audit", self.actors["office"], year=clock.today().year)
        given = {"done_on": clock.today()}
        move(made, "clean", self.actors["office"], procedure=INSPECTING, given=given)


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
