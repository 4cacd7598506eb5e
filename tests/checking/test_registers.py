"""Items and their checks keep the promises that every register keeps."""

from datetime import date

import pytest

from keshu.checking.assigning import give_out
from keshu.checking.models import Check, Item
from keshu.checking.opening import open_month
from keshu.directory.actors import Role
from keshu.directory.models import Unit
from tests.checking.room import JUNE
from tests.ledger.contract import RegisterContract


def given_out(people, owner, n: int) -> Item:
    """An item of the owner's bureau."""
    unit = Unit.objects.get(pk=owner.unit_id)
    item = Item(
        year=2026,
        order=n,
        name=f"责任事项{n}",
        unit=unit,
        region_id=unit.region_id,
        begins_on=date(2026, 1, 1),
        due_on=date(2026, 12, 31),
        timetable="milestones",
        plan={"6": "0.5", "12": "1"},
        requirement="逐月对照",
    )
    return give_out([item], people.actor("planning"))[0]


class TestItems(RegisterContract):
    code = "items"
    owner_roles = (Role.COUNTY_FILLER,)
    stranger_roles = (Role.COUNTY_FILLER,)
    step = ("cancel", "planning")
    note = "上级取消了这一项"

    @pytest.fixture
    def world(self, people):
        return people

    def make(self, owner, world, n=1):
        return given_out(world, owner, n)


class TestChecks(RegisterContract):
    """Who sees a check, who steps, which papers, how many queries; what any list answers is tried with the items."""

    code = "checks"
    test_every_filter_and_the_search_answer_any_text = None
    test_every_column_can_be_chosen_sorted_and_linked = None
    test_a_view_is_its_owner_s_until_it_is_shared = None
    test_a_refused_paper_keeps_what_was_typed = None
    test_who_added_a_paper_takes_it_back_and_its_history_stays = None
    test_administrators_see_no_register = None
    owner_roles = (Role.COUNTY_FILLER,)
    stranger_roles = (Role.COUNTY_FILLER,)
    step = ("submit", "owner")
    answers = {"verdict": "going", "progress": "在办", "reason": "慢", "next_step": "赶"}

    @pytest.fixture
    def world(self, people):
        return people

    def make(self, owner, world, n=1):
        item = given_out(world, owner, n)
        open_month(JUNE, world.actor("planning"))
        return Check.objects.for_system("测试").get(item=item)
