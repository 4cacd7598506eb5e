"""What every register keeps, kept by the meetings (the owner is an invited unit that convenes) and by what they ask."""

from datetime import date, timedelta

import pytest

from keshu.directory.actors import Role
from keshu.directory.models import Unit
from keshu.figures.models import Indicator, Scheme
from keshu.journal.writing import writing
from keshu.meetings.models import Attendee, Meeting, Request
from keshu.terms import clock
from tests.ledger.contract import RegisterContract

DAY = date(2026, 10, 14)
#: What the register of meetings keeps by the same code as the requests beside it is tried once, on the requests.
SHARED = (
    "test_a_view_is_its_owner_s_until_it_is_shared",
    "test_a_refused_paper_keeps_what_was_typed",
    "test_who_added_a_paper_takes_it_back_and_its_history_stays",
    "test_a_paper_is_not_there_under_another_record",
    "test_a_paper_is_kept_and_served_to_those_who_see_the_record_only",
    "test_every_filter_and_the_search_answer_any_text",
    "test_every_column_can_be_chosen_sorted_and_linked",
    "test_the_export_and_the_print_carry_what_the_reader_sees",
)


def convened(owner, n=1, **values) -> Meeting:
    """A meeting convened by the owner's unit and ready for its notice, in four days."""
    made = Meeting(
        **{
            "title": f"材料产业调度会{n}",
            "number": f"DDH2026-{n:04d}",
            "year": 2026,
            "scheme": Scheme.objects.get(code="strong-st-5"),
            "period": "2026-01..09",
            "held_at": clock.now() + timedelta(days=4),
            "place": "四楼",
            "answer_by": DAY,
            "counts_on": DAY,
            "region_id": owner.region_id,
            "unit_id": owner.unit_id,
            "chair_id": owner.person_id,
            "revision": 1,
            # every column holds something, so that every column can be asked for
            "notified_on": DAY,
            "issued_on": DAY,
            "minutes_no": f"纪要{n}号",
            **values,
        }
    )
    with writing(owner, "开会"):
        made.save()
        Attendee(meeting=made, unit=Unit.objects.get(pk=owner.unit_id), order=1).save()
    return made


class TestMeetings(RegisterContract):
    code = "meetings"
    owner_roles = stranger_roles = (Role.COUNTY_HEAD,)
    step = ("notify", "planning")

    def make(self, owner, world, n=1):
        return convened(owner, n)


for name in SHARED:
    setattr(TestMeetings, name, None)


class TestRequests(RegisterContract):
    code = "meeting-requests"
    owner_roles = stranger_roles = (Role.COUNTY_HEAD,)
    step = ("answer", "owner")
    answers = {"cause": "合同在外地登记", "measures": "月底前核清"}

    @pytest.fixture
    def world(self, people):
        return convened(people.actor("owner"), 1, state=Meeting.State.NOTIFIED)

    def make(self, owner, world, n=1):
        code = ("contract_gdp", "fiscal_share", "hitech_density", "rd_gdp")[n - 1]
        made = Request(
            number=f"DDH2026-0001-{n:02d}",
            region_id=owner.region_id,
            unit_id=owner.unit_id,
            counts_on=DAY,
            state=Request.State.ASKED,
            meeting=world,
            title=f"望岭县第{n}项",
            year=2026,
            indicator=Indicator.objects.get(code=code),
            period="2026-01..09",
            lamp_level="late",
            lamp_word="滞后",
            done="46.2%",
            due_on=DAY,
            answered_on=DAY,
        )
        with writing(owner, "问"):
            made.save()
        return made
