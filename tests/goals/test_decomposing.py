"""Sharing a goal out, locking, sharing again; what the documents say stays, what is issued stays."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, reject
from hypothesis import strategies as st

from keshu.directory.accounts import actor_of
from keshu.directory.models import Employment, Person, Unit
from keshu.figures.book import book
from keshu.goals import adjusting, decomposing
from keshu.goals.decomposing import (
    GoalFixed,
    NotDecomposed,
    bearers,
    branch,
    children_of,
    lock,
    respread,
    set_number,
)
from keshu.goals.models import CyclicTree, Goal
from keshu.goals.moving import MayNotSetGoals
from keshu.goals.spreading import CannotSpread, FloorsTooHigh
from keshu.goals.tree import Tree, again, numbers_of
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.period import Period
from tests.programmes.calls_world import at_once

D = Decimal


def goal_of(pk: int, parent: int | None, **values) -> Goal:
    """A goal in memory."""
    said = {
        "name": f"目标{pk}",
        "kind": "total",
        "unit": "件",
        "year": 2026,
        "subject_id": None,
        "decimals": 0,
    }
    return Goal(id=pk, parent_id=parent, order=pk, **{**said, **values})


@st.composite
def trees(draw):
    """A tree of up to three levels, each branch shared by last year, with locks here and there."""
    counter = iter(range(1, 1000))
    decimals = draw(st.integers(0, 2))
    top = goal_of(next(counter), None, low=D(draw(st.integers(50, 500))), method="share", decimals=decimals)
    if draw(st.booleans()):
        top.stretch = top.low + draw(st.integers(0, 50))
    goals, edge = [top], [top]
    for _ in range(draw(st.integers(1, 2))):
        below = []
        for parent in edge:
            children = [
                goal_of(
                    next(counter),
                    parent.pk,
                    last_year=D(draw(st.integers(1, 90))),
                    method="share",
                    decimals=decimals,
                )
                for _ in range(draw(st.integers(1, 4)))
            ]
            if len(children) > 1 and draw(st.booleans()):
                children[0].low, children[0].locked = D(draw(st.integers(0, 3))), True
                children[0].stretch = children[0].low
            below += children
        goals += below
        edge = [child for child in below if not child.locked]
    return goals


@given(trees(), st.randoms())
def test_shared_again_every_branch_meets_its_parent_and_locked_ones_never_move(goals, chance):
    locked = {goal.pk: numbers_of(goal) for goal in goals if goal.locked}
    listed = list(goals)
    chance.shuffle(listed)
    tree = Tree(listed)
    try:
        again(tree)
    except FloorsTooHigh:
        # Refused rightly: what is locked in some branch is more than its parent was given.
        held = [(goal, [one.low for one in tree.parts(goal) if one.locked]) for goal in goals]
        assert any(sum(lows) > goal.low for goal, lows in held if lows and goal.low is not None)
        reject()
    for goal in goals:
        parts = tree.parts(goal)
        if parts:
            assert sum(part.low for part in parts) == goal.low
            if goal.stretch is not None:
                assert sum(part.stretch for part in parts) == goal.stretch
    assert {pk: numbers_of(tree.goals[pk]) for pk in locked} == locked
    assert again(tree) == []
    assert all(one.short is None and one.difference == 0 for one in tree.sums().values())


def test_a_circle_is_named_not_walked_for_ever():
    round_and_round = [goal_of(1, 3), goal_of(2, 1), goal_of(3, 2), goal_of(4, None)]
    with pytest.raises(CyclicTree, match="目标1”“目标2”“目标3"):
        Tree(round_and_round)


def test_ratios_ranks_and_parts_within_are_not_added_up():
    rate = goal_of(1, None, kind="rate", unit="%", low=D(60))
    assert Tree([rate, goal_of(2, 1, kind="rate", unit="%", low=D(70))]).sum_of(rate) is None
    whole = goal_of(1, None, low=D(60))
    inner = goal_of(2, 1, low=D(80), within=True)
    of_next_year = goal_of(3, 1, low=D(30), year=2027)
    assert Tree([whole, inner, of_next_year]).sum_of(whole) is None


@pytest.mark.django_db
class TestOnTheTree:
    def test_counties_with_the_city_s_own_level_take_their_shares_exactly(self, world):
        """150 over last year's 61, 40 and 20: 75.62 49.59 24.79; 75 49 24 and one each to .79 and .62."""
        goal = world.goal(150, stretch=D(165))
        world.counter(goal, "登记的专利申请数")
        assert [one.name for one in bearers(goal, "county")] == ["望岭县", "岚川县", "市本级"]
        made = world.share(goal, 61, 40, 20)
        assert [int(child.low) for child in made] == [76, 49, 25]
        assert sum(child.stretch for child in made) == 165
        assert all(child.stretch >= child.low for child in made)
        assert [child.counters.for_system("测试").count() for child in children_of(goal)] == [1, 1, 1]
        assert {child.document.kind for child in children_of(goal)} == {"bureau"}

    def test_nobody_falls_below_last_year_while_the_whole_grows(self, world):
        goal = world.goal(125)
        made = world.share(goal, 61, 40, 20, method="growth")
        assert [int(child.low) for child in made] == [63, 41, 21]
        locked = [
            replace(one, low=D(70), locked=True) if at == 0 else one
            for at, one in enumerate(world.portions(61, 40, 20))
        ]
        with pytest.raises(FloorsTooHigh, match="锁定的已有 70，其余不低于 60，超出 5"):
            world.share(goal, method="growth", portions=locked)

    def test_capacity_as_weights_comes_from_a_measure(self, world):
        goal = world.goal(30)
        for place, held in ((world.staff.county, 60), (world.staff.other, 30), (world.own, 10)):
            world.report("hitech_valid", place, "2025-12", held)
        measure = book(moments.latest()).measure("hitech_valid")
        subjects = bearers(goal, "county")
        weights = decomposing.weights_by(measure, subjects, Period.month(2025, 12))
        portions = [
            decomposing.Portion(subject, weight=weights[subject.pk], cap=D(15)) for subject in subjects
        ]
        made = world.share(goal, method="weight", portions=portions)
        assert [int(child.low) for child in made] == [15, 11, 4]

    def test_last_year_comes_from_the_counters_where_nobody_typed_it(self, world):
        goal = world.goal(10)
        world.counter(goal, "登记的专利申请数")
        for number in range(3):
            world.patent(f"Z{number}", "2025-05-02")
        found = decomposing.portions_of(goal, bearers(goal, "county"))
        assert [one.last_year for one in found] == [3, 0, 0]

    def test_a_margin_needs_its_document_and_children_may_sum_to_it(self, world):
        goal = world.goal(100)
        with pytest.raises(NotDecomposed, match="要写明依据文件"):
            world.share(goal, 5, 3, 2, margin=D("1.04"), margins=(D(1), D("1.05")))
        paper = world.document("加压办法", kind="bureau")
        made = world.share(goal, 5, 3, 2, margin=D("1.04"), margins=(D(1), D("1.05")), margin_document=paper)
        assert sum(child.low for child in made) == 104
        found = branch(Goal.objects.for_system("测试").get(pk=goal.pk)).sums()[goal.pk]
        assert (found.difference, found.short, found.above, found.drafts) == (4, None, False, 3)

    def test_shared_by_hand_a_shortfall_is_recorded_and_shown(self, world):
        goal = world.goal(150)
        portions = [
            replace(one, low=low)
            for one, low in zip(world.portions(1, 1, 1), (D(80), D(47), D(20)), strict=True)
        ]
        world.share(goal, method="hand", portions=portions)
        assert branch(goal).sums()[goal.pk].short == 3

    def test_a_locked_child_stays_and_the_others_make_room(self, world):
        goal = world.goal(150)
        first = world.share(goal, 61, 40, 20)[0]
        before = moments.latest()
        set_number(first, world.planning, low=D(90))
        changed = respread(goal, world.planning)
        assert [int(child.low) for child in children_of(goal)] == [90, 40, 20]
        assert {child.subject_id for child in changed} == {world.staff.other.pk, world.own.pk}
        assert [int(child.low) for child in Goal.as_of(before) if child.parent_id == goal.pk] == [76, 49, 25]
        lock(first, world.planning, False)
        respread(goal, world.planning)
        assert [int(child.low) for child in children_of(goal)] == [76, 49, 25]
        assert list(moments.broken_links()) == []

    def test_an_issued_child_stays_as_it_was_issued(self, world):
        goal = world.goal(150)
        made = world.share(goal, 61, 40, 20)
        world.issue(made[:1])
        with writing(world.planning, "上级加码"):
            row = Goal.objects.for_system("测试").get(pk=goal.pk)
            row.low = D(180)
            row.save()
        respread(goal, world.planning)
        assert [int(child.low) for child in children_of(goal)] == [76, 69, 35]
        with pytest.raises(GoalFixed, match="请走调整申请"):
            set_number(made[0], world.planning, low=D(1))

    def test_offices_persons_and_towns_bear_parts_of_a_branch(self, world):
        goal = world.goal(40)
        portions = [decomposing.Portion(office, weight=D(1)) for office in bearers(goal, "office")]
        assert [one.subject.name for one in portions] == ["规划科", "成果转化科"]
        halves = world.share(goal, method="weight", portions=portions)
        assert [int(child.low) for child in halves] == [20, 20]
        county = world.goal(6, subject_id=world.staff.county.pk, name="县任务")
        assert [one.name for one in bearers(county, "town")] == ["石桥镇"]
        assert len(bearers(county, "person")) == 3

    def test_people_and_offices_of_other_bureaus_bear_nothing(self, world):
        goal = world.goal(40)
        with writing(world.planning, "别的局"):
            other = Unit(code="OTHER", name="农业农村局", region=world.staff.city)
            other.save()
            office = Unit(code="OTHER-1", name="科教科", region=world.staff.city, parent=other)
            office.save()
            person = Person(code="OTHER-P", name="别局的人")
            person.save()
            Employment(person=person, unit=office, title="科长", valid_from=date(2026, 1, 1)).save()
        assert "别局的人" not in [one.name for one in bearers(goal, "person")]
        assert [one.name for one in bearers(goal, "office")] == ["规划科", "成果转化科"]

    def test_a_rank_is_not_shared_and_a_ratio_only_by_hand(self, world):
        rank = world.goal(9, kind="rank", unit="位")
        with pytest.raises(NotDecomposed, match="位次，不向下分解"):
            world.share(rank, 1, 1, 1)
        rate = world.goal(60, kind="rate", unit="%")
        with pytest.raises(NotDecomposed, match="只能人工逐个定"):
            world.share(rate, 1, 1, 1)
        portions = [replace(one, low=D(70)) for one in world.portions(None, None, None)]
        assert [int(child.low) for child in world.share(rate, method="hand", portions=portions)] == [
            70,
            70,
            70,
        ]

    def test_who_is_no_longer_named_goes_while_nothing_was_asked_of_it(self, world):
        goal = world.goal(150)
        made = world.share(goal, 61, 40, 20)
        world.share(goal, 61, 40)
        assert [int(child.low) for child in children_of(goal)] == [91, 59]
        world.issue(made[:1])
        with pytest.raises(NotDecomposed, match="已经往下办了"):
            world.share(goal, portions=world.portions(61, 40)[1:])

    def test_a_goal_is_not_hung_below_itself_and_does_not_end_before_it_begins(self, world):
        goal = world.goal(150)
        child = world.share(goal, 61, 40, 20)[0]
        with pytest.raises(CyclicTree, match="绕成一圈"), writing(world.planning, "改挂"):
            row = Goal.objects.for_system("测试").get(pk=goal.pk)
            row.parent = child
            row.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            world.goal(1, begins_on=date(2026, 5, 1), due_on=date(2026, 4, 1))

    def test_only_who_sets_targets_shares_them_out(self, world):
        goal = world.goal(150)
        county = actor_of(world.staff.accounts["county_head"])
        with pytest.raises(MayNotSetGoals, match="请由规划科办理"):
            respread(goal, county)
        with pytest.raises(CannotSpread, match="没有按办法分解过"):
            respread(goal, world.planning)
        assert Goal.objects.visible_to(county).count() == 0
        made = world.share(goal, 61, 40, 20)
        assert Goal.objects.visible_to(county).count() == 0  # still being worked out
        world.issue(made)
        assert [one.low for one in Goal.objects.visible_to(county)] == [76]


@pytest.mark.django_db(transaction=True)
def test_three_who_share_out_one_goal_at_once_make_one_set_of_children(world):
    goal, document = world.goal(150), world.document("分解意见", kind="bureau")
    assert at_once(3, lambda n: world.share(goal, 61 + n, 40, 20, document=document)) == []
    assert len(children_of(goal)) == 3
    assert branch(goal).sums()[goal.pk].difference == 0
    made = world.issue(children_of(goal))
    refused = at_once(2, lambda n: adjusting.ask(made[0], world.planning, low=D(60 + n), why="企业外迁"))
    assert [type(refusal) for refusal in refused] == [adjusting.AdjustmentRefused]
