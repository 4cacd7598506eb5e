"""The registers of adjustments and of letters keep what every register keeps."""

import pytest

from keshu.directory.models import Unit
from keshu.goals import adjusting, letters
from keshu.goals.models import Goal, SourceDocument
from keshu.journal.writing import writing
from tests.ledger.contract import RegisterContract


def issued(owner, document, n):
    """A goal of the owner's organisation, as issued."""
    with writing(owner, "下达"):
        goal = Goal(
            document=document, year=2025 + n, name=f"任务{n}", kind="total", unit="件", low=100 + n,
            subject_id=owner.unit_id, state="issued",
        )  # fmt: skip
        goal.save()
    return goal


@pytest.fixture
def paper(staff):
    with writing(staff.actor, "来源文件"):
        document = SourceDocument(title="分解意见", issuer="青禾市科技局", kind="bureau", year=2026)
        document.save()
    return document


class TestAdjustments(RegisterContract):
    code = "goal_adjustments"
    step = ("refuse", "planning")
    note = "依据不足"

    @pytest.fixture
    def world(self, people, paper):
        return paper

    def make(self, owner, world, n=1):
        return adjusting.ask(issued(owner, world, n), owner, low=50 + n, why="企业外迁")


#: What every register does alike, whatever it declares: tried once, with the adjustments.
MACHINERY = (
    "test_administrators_see_no_register",
    "test_the_pages_of_one_organisation_never_name_another_s_record",
    "test_a_step_on_another_s_record_is_not_there",
    "test_another_s_record_is_not_taken_into_a_bulk_step",
    "test_a_paper_is_kept_and_served_to_those_who_see_the_record_only",
    "test_a_paper_is_not_there_under_another_record",
    "test_a_refused_paper_keeps_what_was_typed",
    "test_who_added_a_paper_takes_it_back_and_its_history_stays",
    "test_a_view_is_its_owner_s_until_it_is_shared",
    "test_a_bulk_step_moves_all_or_none",
    "test_every_filter_and_the_search_answer_any_text",
)


class TestLetters(RegisterContract):
    locals().update(dict.fromkeys(MACHINERY))
    code = "goal_letters"
    step = ("void", "planning")
    note = "对象写错"

    @pytest.fixture
    def world(self, people, paper):
        return (paper, people.actor("planning"))

    def make(self, owner, world, n=1):
        document, planning = world
        issued(owner, document, n)
        return letters.draw_up(Unit._base_manager.get(pk=owner.unit_id), 2025 + n, planning)
