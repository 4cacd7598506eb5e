"""What limits an application: the same rules in the pre-check and in the step, each with the fact it found."""

from decimal import Decimal

import pytest

from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused
from keshu.programmes.limits import Sought, checks, directions
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db
WAN = Decimal(10000)


def of(office, **values):
    """The checks by the beginning of their rule."""
    sought = Sought(office.call, office.actors["north"].unit_id, **values)
    return {check.rule.split("（")[0]: check for check in checks(sought)}


@pytest.mark.parametrize(
    ("kind", "asked", "own", "holds", "least"),
    [
        # 70 of 100 is 70 %: just enough. 69.99 of 99.99 is below. Own funds x with x/(30+x) >= 0.7: x >= 70.
        ("enterprise", 30, "70", True, "70"),
        ("enterprise", 30, "69.99", False, "70"),
        # 50 %: as much as is asked for. 2/3 is no question here.
        ("other", 30, "30", True, "30"),
        ("other", 30, "29.9999", False, "30"),
    ],
)
def test_own_funds_are_a_share_of_what_is_asked_and_put_in(office, kind, asked, own, holds, least):
    office.call.own_funds = {"enterprise": 70, "other": 50}
    found = of(office, asked=asked * WAN, own_funds=Decimal(own) * WAN, lead_kind=kind)
    check = next(check for rule, check in found.items() if "自筹不低于" in rule)
    assert check.holds is holds and f"自筹至少 {least} 万元" in check.fact


def test_a_leader_applies_twice_in_a_year_and_not_a_third_time(office):
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    for n in range(2):
        office.step(office.draft(title=f"第{n}个", leader="许青"), "submit", "north")
    with pytest.raises(MoveRefused, match="许青 已报 2 项"):
        office.step(office.draft(title="第三个", leader="许青"), "submit", "north")
    office.step(office.draft(title="别人的", leader="林川"), "submit", "north")
    office.step(office.draft("south", leader="许青"), "submit", "south")  # another organisation's 许青


def test_spaces_and_full_width_letters_make_no_other_leader(office):
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    for title, leader in (("一", "许 青A"), ("二", "许青Ａ")):
        office.step(office.draft(title=title, leader=leader), "submit", "north")
    with pytest.raises(MoveRefused, match="已报 2 项"):
        office.step(office.draft(title="三", leader="许\u3000青A"), "submit", "north")


def test_fewer_than_three_valid_applications_in_a_direction_are_too_few(office):
    office.call.kinds, office.call.most_per_unit = ["材料", "装备"], None
    with writing(office.actors["planning"], "分方向"):
        office.call.save()
    for n in range(3):
        office.to(office.draft(title=f"材料{n}", accepted_kind="材料"), "admitted")
    for n in range(2):
        office.to(office.draft("south", title=f"装备{n}", accepted_kind="装备"), "admitted")
    refused = office.to(office.draft("south", title="装备三", accepted_kind="装备"), "recommended")
    office.step(refused, "refuse", "office", "重复", GIVEN["refuse"])
    assert [(d.name, d.valid, d.enough) for d in directions(office.call)] == [
        ("材料", 3, True),
        ("装备", 2, False),
    ]
