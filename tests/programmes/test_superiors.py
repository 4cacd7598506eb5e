"""The superior's 立项 document: names as superiors write them, one list twice, two clerks at once, all or none."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.directory.models import Unit
from keshu.journal import moments
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes.models import Application
from keshu.programmes.recommending import letters, summary, waiting
from keshu.programmes.superiors import Verdict, register
from tests.programmes.calls_world import (
    HEAD,
    LETTER,
    NORTH,
    RARE,
    SENT_ON,
    SOUTH,
    THEIRS,
    at_once,
    every,
    forwarded,
    registered,
    rename,
    seen,
    to_superior,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def above(office):
    to_superior(office)
    return office


def test_what_was_forwarded_carries_the_letter_and_waits_no_longer(above):
    (row,) = forwarded(above, "柔性产线")
    assert (row.state, row.forwarded_doc, row.forwarded_on) == ("forwarded", LETTER, SENT_ON)
    assert row.number == "SB2026-0001"  # the number of the project comes with the superior's decision
    assert waiting(above.call) == [] and [one.count for one in letters(above.call)] == [1]
    assert summary([row])[0][-1] == "望岭县科学技术局"


@pytest.mark.parametrize("action", ["admit", "review", "propose", "approve"])
def test_no_step_of_our_own_decision_is_possible_for_a_superior_s_project(above, action):
    row = above.step(above.step(above.draft(), "submit", "north"), "recommend", "county_head")
    who = "leader" if action == "propose" else "office"
    given = {"review": {"minutes": "纪要"}, "propose": {"minutes": "纪要", "granted": Decimal(1)}}
    with pytest.raises((NotYourTurn, MoveRefused)):
        above.step(row, action, who, "文号", given.get(action))
    assert every()[0].state == "recommended"


def test_a_project_of_our_own_call_is_never_forwarded(office):
    row = office.to(office.draft(), "recommended")
    with pytest.raises(NotYourTurn):
        office.step(row, "forward", "office", given={"doc_no": LETTER, "on": SENT_ON})


@pytest.mark.parametrize(
    "written",
    [
        "硅光《芯片》封装",
        "硅光 芯片 封装",
        "硅光芯片封装",
        "硅光“芯片”—封装",
        f"\u200b硅光“芯片”封装{chr(0x3000)}",
    ],
)
def test_marks_and_spaces_do_not_part_a_name_from_itself(above, written):
    (row,) = forwarded(above, "硅光“芯片”封装")
    assert [line.application for line in seen(above, (written, NORTH, 30, "")).lines] == [row]


def test_another_number_in_the_title_is_another_project(above):
    forwarded(above, "产线二期")
    assert seen(above, ("产线三期", NORTH, 30, "")).lines[0].verdict is Verdict.UNKNOWN
    assert seen(above, ("产线二期", SOUTH, 30, "")).lines[0].verdict is Verdict.UNKNOWN


def test_rare_characters_are_found_on_the_superior_s_list(above):
    one, other = forwarded(above, f"{RARE}粉体", f"{RARE[:3]}粉体")
    found = seen(above, (f"{RARE}粉体", NORTH, 30, ""), (f"{RARE[:3]}粉体", NORTH, 20, ""))
    assert [line.application for line in found.lines] == [one, other]


def test_two_that_were_forwarded_under_one_name_are_not_guessed_apart(above):
    forwarded(above, "柔性产线", "柔性产线")
    line = seen(above, ("柔性产线", NORTH, 50, "")).lines[0]
    assert line.verdict is Verdict.TWICE and "2 项都叫这个名称" in line.why and line.application is None


def test_of_two_like_names_the_one_that_is_written_exactly_so_is_meant(above):
    one, other = forwarded(above, "柔性“产线”", "柔性产线")
    assert seen(above, ("柔性产线", NORTH, 50, "")).lines[0].application == other
    assert seen(above, ("柔性“产线”", NORTH, 50, "")).lines[0].application == one


def test_a_list_that_names_the_organisation_as_the_letter_did_is_found_after_a_renaming(above):
    (row,) = forwarded(above, "柔性产线")
    rename(above, "north", "北岭科技股份有限公司")
    for name in (NORTH, "北岭科技股份有限公司"):
        assert seen(above, ("柔性产线", name, 50, "")).lines[0].application == row
    registered(above, seen(above, ("柔性产线", NORTH, 50, "")))
    assert str(every("approved")[0].unit) == "北岭科技股份有限公司"


@pytest.mark.parametrize(
    ("head", "written", "yuan"),
    [
        ("立项经费（万元）", 30.5, "305000"),
        ("立项经费（元）", 305000, "305000"),
        ("资助金额（万元）", "0.01", "100"),
    ],
)
def test_money_is_read_in_the_unit_that_the_head_names(above, head, written, yuan):
    forwarded(above, "柔性产线")
    names = (*HEAD[:2], head, HEAD[3])
    assert seen(above, ("柔性产线", NORTH, written, ""), head=names).lines[0].granted == Decimal(yuan)


@pytest.mark.parametrize("money", ["0", "-5", "约30", "0.0000001", ""])
def test_money_that_is_none_stops_the_list(above, money):
    forwarded(above, "柔性产线", "硅光封装")
    found = seen(above, ("柔性产线", NORTH, money, ""), ("硅光封装", NORTH, 20, ""))
    assert found.lines[0].verdict is Verdict.UNREADABLE
    with pytest.raises(MoveRefused, match="现在一项也没有登记"):
        registered(above, found)
    assert every("approved") == []


def test_the_numbers_follow_the_list_without_a_gap_after_a_refusal(above):
    """Two forwarded, one of them moved on meanwhile: nothing is registered and no number is used up."""
    rows = forwarded(above, "甲", "乙", "丙")
    stale = seen(above, *((row.title, NORTH, 10, f"SZD-{row.title}") for row in rows))
    above.step(rows[2], "refuse_above", "office", "电话通知")
    with pytest.raises(MoveRefused):
        registered(above, stale)
    assert every("approved") == []
    done = registered(above, seen(above, *((row.title, NORTH, 10, f"SZD-{row.title}") for row in rows[:2])))
    assert (done.approved, done.entered, done.passed_over) == (2, 0, 0)
    held = [(row.number, row.superior_number, row.decided_doc) for row in every("approved")]
    assert held == [("XM2026-0001", "SZD-甲", THEIRS), ("XM2026-0002", "SZD-乙", THEIRS)]


def test_the_superior_s_money_is_limited_by_no_call_of_ours(above):
    forwarded(above, "柔性产线")
    above.call.budget = Decimal(1)
    registered(above, seen(above, ("柔性产线", NORTH, 800, "")))
    assert every("approved")[0].granted == Decimal(8000000)


def test_the_same_list_again_changes_nothing(above):
    forwarded(above, "柔性产线", "没有选上")
    rows = (("柔性产线", NORTH, 50, ""), ("没推荐过的", SOUTH, 20, ""))
    first = seen(above, *rows)
    registered(above, first, enter=[first.lines[1].number], pass_over=True)
    before = moments.latest(), [(row.number, row.state, row.granted) for row in every()]
    again = seen(above, *rows)
    assert [line.verdict for line in again.lines] == [Verdict.STANDS, Verdict.STANDS] and again.absent == []
    with pytest.raises(MoveRefused, match="没有可登记的项目"):
        registered(above, again, pass_over=True)
    with pytest.raises(MoveRefused, match="不能补登"):
        registered(above, again, enter=[again.lines[1].number])
    assert (moments.latest(), [(row.number, row.state, row.granted) for row in every()]) == before


def test_a_preview_registered_twice_enters_nothing_twice(above):
    """The button pressed twice: the second time works with the list as it was looked at before."""
    forwarded(above, "柔性产线")
    looked_at = seen(above, ("没推荐过的", SOUTH, 20, ""))
    registered(above, looked_at, enter=[looked_at.lines[0].number])
    with pytest.raises(MoveRefused, match="“没推荐过的”已经登记了"):
        registered(above, looked_at, enter=[looked_at.lines[0].number])
    assert [row.title for row in every("approved")] == ["没推荐过的"]


def test_what_is_entered_new_belongs_to_its_organisation_and_says_where_it_comes_from(above):
    looked_at = seen(above, ("没推荐过的", SOUTH, 20, "SZD-9"), ("外地的", "外地公司", 20, ""))
    with pytest.raises(MoveRefused, match="不能补登：本局没有推荐，单位名录里也没有这个单位"):
        registered(above, looked_at, enter=[line.number for line in looked_at.lines])
    assert every() == []
    registered(above, looked_at, enter=[looked_at.lines[0].number])
    (row,) = every()
    assert (row.unit, row.region, row.level) == (Unit.objects.get(name=SOUTH), above.staff.county, "province")
    assert (row.number, row.superior_number, row.granted) == ("XM2026-0001", "SZD-9", Decimal(200000))
    assert (row.approved_on, row.counts_on) == (date(2026, 3, 12), date(2026, 3, 12)) and THEIRS in row.source


def test_what_the_list_leaves_out_is_closed_only_when_that_is_said(above):
    forwarded(above, "柔性产线", "没有选上")
    found = seen(above, ("柔性产线", NORTH, 50, ""))
    assert [row.title for row in found.absent] == ["没有选上"]
    registered(above, found)
    assert [row.title for row in every("forwarded")] == ["没有选上"]
    registered(above, seen(above, ("柔性产线", NORTH, 50, "")), pass_over=True)
    (row,) = every("not_chosen")
    assert (row.title, moves_of(row).last().note) == ("没有选上", f"未列入 {THEIRS}")


@pytest.mark.parametrize("who", ["leader", "county_head", "north", "planning"])
def test_only_the_office_registers_a_superior_s_list(above, who):
    forwarded(above, "柔性产线")
    found = seen(above, ("柔性产线", NORTH, 50, ""))
    with pytest.raises(NotYourTurn):
        register(above.call, found, above.actors[who], doc_no=THEIRS, on=SENT_ON)
    with pytest.raises(MoveRefused, match="立项文号没有填"):
        registered(above, found, doc_no="  ")


@pytest.mark.parametrize(
    ("action", "given", "said"),
    [
        ("forward", {"doc_no": "函" * 101, "on": SENT_ON}, "推荐函文号写了 101 字，最多 100 字"),
        (
            "approve_above",
            {"doc_no": THEIRS, "on": SENT_ON, "granted": Decimal(1), "number": "9" * 61},
            "上级编号写了 61 字，最多 60 字",
        ),
    ],
)
def test_an_answer_longer_than_its_place_is_refused_in_words(above, action, given, said):
    row = above.step(above.step(above.draft(), "submit", "north"), "recommend", "county_head")
    if action == "approve_above":
        row = above.step(row, "forward", "office", given={"doc_no": LETTER, "on": SENT_ON})
    with pytest.raises(MoveRefused, match=said):
        above.step(row, action, "office", given=given)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_register_one_list_at_once_register_it_once(above):
    forwarded(above, "柔性产线")
    looked_at = seen(above, ("柔性产线", NORTH, 50, ""), ("没推荐过的", SOUTH, 20, ""))
    refused = at_once(2, lambda n: registered(above, looked_at, enter=[looked_at.lines[1].number]))
    assert len(refused) == 1
    assert isinstance(refused[0], MoveRefused)
    rows = Application.objects.for_system("测试").filter(state="approved")
    assert sorted(rows.values_list("number", flat=True)) == ["XM2026-0001", "XM2026-0002"]
