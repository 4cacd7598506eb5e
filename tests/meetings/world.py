"""A small city on the eve of its third-quarter meeting: two counties, two offices, figures that can be worked by hand."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from keshu.directory.actors import Actor, Role
from keshu.directory.models import Unit
from keshu.figures.book import book
from keshu.figures.models import Indicator, Release, Target
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.meetings import asking, minutes, preparing
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.meetings.moving import advance, advance_request
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import scale
from tests.desk.staff import Staff

#: Meetings are prepared on the 10th, answers are due on the 12th, the meeting is on the 14th.
TENTH = datetime(2026, 10, 10, 9, 0, tzinfo=clock.TZ)
TWELFTH = datetime(2026, 10, 12, 9, 0, tzinfo=clock.TZ)
THIRTEENTH = datetime(2026, 10, 13, 9, 0, tzinfo=clock.TZ)
MEETING = datetime(2026, 10, 14, 9, 0, tzinfo=clock.TZ)
YI = 100_000_000
Q3 = "2026-01..09"
#: In 亿元. 望岭县: contracts 0.70 / 250 = 0.28 %, target 0.606: 46.2 %; finance 0.50 / 25 = 2 %, target 2: 100 %.
#: 岚川县: contracts 0.90 / 200 = 0.45 %, target 0.48: 93.75 %; finance 0.60 / 30 = 2 %, target 2.4: 83.3 %.
#: The city: contracts 1.60 / 450 = 0.3556 %, target 0.50: 71.1 %. Large enterprises of 望岭县: 0.98 after 1.00: −2 %, target 10.
VALUES = (
    ("contract_output", "county", Q3, "0.70"),
    ("gdp", "county", Q3, "250"),
    ("contract_output", "other", Q3, "0.90"),
    ("gdp", "other", Q3, "200"),
    ("fiscal_st", "county", Q3, "0.50"),
    ("budget_expenditure", "county", Q3, "25"),
    ("fiscal_st", "other", Q3, "0.60"),
    ("budget_expenditure", "other", Q3, "30"),
    ("rd_expenditure", "county", "2025", "4.8"),
    ("gdp", "county", "2025", "300"),
    ("rd_large", "county", Q3, "0.98"),
    ("rd_large", "county", "2025-01..09", "1"),
)
TARGETS = (
    ("contract_gdp", "county", "0.606", 2026),
    ("contract_gdp", "other", "0.48", 2026),
    ("contract_gdp", "city", "0.50", 2026),
    ("fiscal_share", "county", "2", 2026),
    ("fiscal_share", "other", "2.4", 2026),
    ("rd_gdp", "county", "3", 2025),
    ("rd_large_growth", "county", "10", 2026),
)
CAUSE, MEASURES = "两份合同在外地登记", "10月底前核清，四季度起在县内登记"
TEXTS = {
    "title": "2026年三季度强科技行动调度会",
    "scheme": "strong-st-5",
    "period": Q3,
    "held": "2026-10-14T09:00",
    "place": "四楼会议室",
    "answer_by": "2026-10-12",
    "agenda": "通报\n发言",
}


@dataclass
class House:
    """Everybody of this room's work; actors by the name of their role."""

    staff: Staff
    office: Unit
    release: Release
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        if who not in self.actors:
            self.actors[who] = self.staff.actor_as(who)
        return self.actors[who]

    def put(self, *rows: tuple[str, str, str, str]) -> None:
        """Values in 亿元 by measure and region of the staff's city."""
        definitions = book(moments.latest())
        changes = []
        for measure, region, period, value in rows:
            found = definitions.measure(measure)
            code = measure_period(found, Period.parse(period)).code
            scaled = scale(Decimal(value) * YI, found.decimals)
            changes.append(
                ValueChange(found.pk, getattr(self.staff, region).pk, code, self.release.pk, scaled)
            )
        with writing(self.staff.actor, "录入") as block:
            record_values(block, changes)

    # ---- a meeting in each of its states

    def meeting(self, **texts: str) -> Meeting:
        """One that is being prepared, chaired by the leader."""
        chair = str(self.actor("leader").person_id)
        return preparing.keep_meeting(
            self.actor("planning"),
            {**TEXTS, "chair": chair, **texts},
            region=self.staff.city,
            unit=self.staff.bureau,
        )

    def notified(self, *keys: str, **texts: str) -> Meeting:
        """One whose notice is out and that asks these causes."""
        planning = self.actor("planning")
        meeting = preparing.take_figures(planning, self.meeting(**texts))
        if keys:
            asking.ask(planning, meeting, keys)
        return advance(meeting, "notify", planning)

    def drafting(self, *keys: str) -> Meeting:
        """One that is over, two days later."""
        meeting = self.notified(*keys)
        with clock.pretend(MEETING):
            meeting = advance(meeting, "open", self.actor("planning"))
            return advance(meeting, "close", self.actor("planning"))

    def agree(
        self, meeting: Meeting, text: str = "核清外流合同", who: str = "county_bureau", **more: Any
    ) -> Any:
        """An agreed item of the county's bureau by the end of November."""
        values = {"due_on": date(2026, 11, 30), **more}
        return minutes.keep_item(
            self.actor("planning"), meeting, text=text, holder=getattr(self.staff, who), **values
        )

    def issued(self) -> Meeting:
        """One whose minutes are out, with two items."""
        meeting = self.drafting()
        with clock.pretend(MEETING):
            self.agree(meeting)
            self.agree(meeting, "拨付到序时进度", "other_bureau", due_on=date(2026, 10, 31))
            return advance(
                meeting, "issue", self.actor("planning"), given={"minutes_no": "青科会纪〔2026〕4号"}
            )

    def request(self, meeting: Meeting, key: str) -> Request:
        indicator, region = key.split(":")
        return meeting.requests.for_system("测试").get(indicator__code=indicator, region__code=region)

    def answer(
        self, request: Request, who: str = "county_filler", cause: str = CAUSE, measures: str = MEASURES
    ) -> Request:
        return advance_request(
            request, "answer", self.actor(who), given={"cause": cause, "measures": measures}
        )

    def speakers(self, meeting: Meeting) -> list[str]:
        rows = Attendee.objects.filter(meeting=meeting, speaks=True).select_related("unit").order_by("order")
        return [row.unit.name for row in rows]


def build(staff: Staff) -> House:
    """Offices, targets, figures."""
    with writing(staff.actor, "调度会的世界"):
        office = Unit(code="QH-KJ-ZH", name="成果转化科", region=staff.city, parent=staff.bureau)
        office.save()
        staff.hire("conversion", office, Role.OFFICE)
        staff.hire("other_head", staff.other_bureau, Role.COUNTY_HEAD)
        release = Release(source="青禾市月报", label="2026年9月", released_on=date(2026, 10, 9))
        release.save()
        for code, region, low, year in TARGETS:
            Target(
                indicator=Indicator.objects.get(code=code),
                subject=getattr(staff, region),
                year=year,
                low=Decimal(low),
            ).save()
    house = House(staff, office, release)
    house.put(*VALUES)
    return house
