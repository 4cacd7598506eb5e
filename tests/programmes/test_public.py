"""What anybody may see: calls by the server's clock, approved projects under the name of today, projects in notice."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from keshu.directory.models import Unit
from keshu.journal import moments
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.programmes import applying
from keshu.programmes.calls import CallUnreadable, advance_call, counted, facts, keep, read
from keshu.programmes.models import Call
from keshu.programmes.public import (
    Search,
    calls,
    every_call,
    is_public,
    is_taking,
    left,
    notices,
    projects,
    years,
)
from keshu.terms import clock
from tests.programmes.calls_world import NORTH, RARE, change_call, rename
from tests.programmes.office import GIVEN
from tests.programmes.test_calls import TYPED

pytestmark = pytest.mark.django_db


def titles(**search: str) -> list[str]:
    return [row.title for row in projects(Search(**search))]


# ---- calls --------------------------------------------------------------------------------------------------


def test_a_call_goes_from_draft_to_closed_by_steps_only_and_each_is_told(office):
    call = keep(office.actors["office"], read(TYPED))
    for action in ("extend", "close"):
        given = {"apply_until": date(2026, 4, 8), "reason": "x"} if action == "extend" else None
        with pytest.raises(StaleState, match="现在是“起草”"):
            advance_call(call, action, office.actors["office"], note="x", given=given)
    call = advance_call(call, "publish", office.actors["office"])
    with pytest.raises(MoveRefused, match="截止要写明原因"):
        advance_call(call, "close", office.actors["office"])
    call = advance_call(call, "close", office.actors["office"], note="额度已满")
    assert call.state == "closed" and is_public(call) and not is_taking(call, clock.now())
    with pytest.raises(StaleState):
        advance_call(call, "publish", office.actors["office"])
    assert [(entry.action, entry.before, entry.after) for entry in moves_of(call)] == [
        ("publish", "draft", "open"),
        ("close", "open", "closed"),
    ]


@pytest.mark.parametrize("who", ["leader", "planning", "county_head", "north"])
def test_nobody_but_the_office_publishes_extends_or_closes(office, who):
    call = keep(office.actors["office"], read(TYPED))
    with pytest.raises(NotYourTurn):
        advance_call(call, "publish", office.actors[who])
    with pytest.raises(NotYourTurn):
        advance_call(office.call, "close", office.actors[who], note="x")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"guide": " "}, "指南还没有写"),
        ({"track": "recommended"}, "报给哪个上级部门"),
        ({"opens_at": "2026-03-01T09:00", "apply_until": "2026-03-16T09:00"}, "2026-03-16 09:00 已经过去"),
    ],
)
def test_a_call_that_cannot_be_answered_is_not_published(office, values, said):
    call = keep(office.actors["office"], read({**TYPED, **values}))
    with pytest.raises(MoveRefused, match=said):
        advance_call(call, "publish", office.actors["office"])


def test_two_extensions_are_kept_one_after_the_other(office):
    for until, reason in ((date(2026, 4, 3), "系统停机"), (date(2026, 4, 7), "洪水")):
        call = advance_call(
            office.call, "extend", office.actors["office"], given={"apply_until": until, "reason": reason}
        )
    assert [(row["from"], row["until"], row["reason"]) for row in call.extended] == [
        ("2026-03-31 17:30", "2026-04-03 17:30", "系统停机"),
        ("2026-04-03 17:30", "2026-04-07 17:30", "洪水"),
    ]
    assert [row["recommend_until"] for row in call.extended] == ["2026-04-10 17:30"] * 2


def test_an_extension_lets_in_everybody_who_was_late(office):
    row = office.draft("south")
    with clock.pretend(datetime(2026, 4, 1, 9, 0, tzinfo=clock.TZ)):
        with pytest.raises(MoveRefused, match="17:30:00 截止申报"):
            office.step(row, "submit", "south")
        given = {"apply_until": date(2026, 4, 8), "reason": "停机", "late": True}
        advance_call(office.call, "extend", office.actors["office"], given=given)
        assert office.step(row, "submit", "south").state == "submitted"


def test_a_closed_call_takes_nothing_before_its_deadline_and_an_extension_opens_it_again(office):
    row = office.draft()
    call = advance_call(office.call, "close", office.actors["office"], note="额度已满")
    with pytest.raises(MoveRefused, match="已截止，不收申报"):
        office.step(row, "submit", "north")
    given = {"apply_until": date(2026, 4, 8), "reason": "追加额度"}
    assert advance_call(call, "extend", office.actors["office"], given=given).state == "open"
    assert office.step(row, "submit", "north").state == "submitted"


def test_a_direction_longer_than_an_application_keeps_is_refused_on_the_form():
    with pytest.raises(CallUnreadable, match="超过 40 字"):
        read({**TYPED, "name": "另一个", "kinds": "新" * 41})


def test_a_direction_of_forty_signs_is_kept_whole_to_the_application(office):
    kind = RARE + "新" * 36
    assert read({**TYPED, "kinds": kind})["kinds"] == [kind]


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(days=2), "还剩 2 天"),
        (timedelta(days=2) - timedelta(seconds=1), "还剩 1 天"),
        (timedelta(days=1) - timedelta(seconds=1), "还剩 23 小时 59 分"),
        (timedelta(seconds=59), "还剩 0 小时 0 分"),
        (timedelta(0), "还剩 0 小时 0 分"),
        (timedelta(seconds=-1), "已截止"),
    ],
)
def test_the_time_left_is_never_rounded_up(office, before, said):
    with clock.pretend(office.call.apply_until - before):
        assert left(office.call.apply_until) == said


def test_those_that_take_applications_come_first_by_deadline(office):
    with_days = {
        "soon": ("2026-03-01T09:00", "2026-03-20T17:30"),
        "later": ("2026-04-01T09:00", "2026-05-20T17:30"),
    }
    for name, (opens, until) in with_days.items():
        typed = {
            **TYPED,
            "name": name,
            "opens_at": opens,
            "apply_until": until,
            "recommend_until": "2026-06-01T17:30",
        }
        advance_call(keep(office.actors["office"], read(typed)), "publish", office.actors["office"])
    assert [call.name for call in every_call()] == ["soon", office.call.name, "later"]
    assert [call.name for call in calls()] == ["soon", office.call.name]
    with clock.pretend(datetime(2026, 4, 2, 9, 0, tzinfo=clock.TZ)):
        assert [call.name for call in every_call()] == ["later", office.call.name, "soon"]
        assert [call.name for call in calls()] == ["later"]


def test_an_old_call_that_was_entered_closed_was_never_published(office):
    change_call(office, state="closed")
    assert not is_public(office.call) and every_call() == []


def test_a_call_says_what_it_fixes_and_is_silent_about_the_rest(office):
    change_call(office, own_funds={"enterprise": 70, "other": 50}, budget=None)
    said = {row["label"]: row["text"] for row in facts(office.call)}
    assert said["自筹"] == "企业牵头不低于 70%，高校、院所、医院等牵头不低于 50%"
    assert said["单项最高"] == "60 万元" and "总额度" not in said and "支持方向" not in said


def test_the_office_counts_where_the_applications_of_a_call_stand(office):
    change_call(office, most_per_unit=None)
    office.draft(title="没交的")
    for state in ("submitted", "recommended", "admitted", "notice", "approved"):
        office.to(office.draft(title=state, asked=Decimal(100000)), state)
    row = counted().get(pk=office.call.pk)
    found = {
        name: getattr(row, f"n_{name}")
        for name in ("sent", "waiting", "checking", "judging", "notice", "approved")
    }
    assert found == {"sent": 5, "waiting": 1, "checking": 1, "judging": 1, "notice": 1, "approved": 1}
    assert Call.objects.count() == 1


# ---- projects -----------------------------------------------------------------------------------------------


def test_what_is_not_approved_or_revoked_is_not_in_the_public_register(office):
    change_call(office, most_per_unit=None)
    for state in ("submitted", "reviewed", "notice"):
        office.to(office.draft(title=state), state)
    assert titles() == [] and years() == []
    stands = office.to(office.draft(title="立了的", asked=Decimal(100000)), "running")
    assert titles() == ["立了的"] and years() == [2026]
    office.step(stands, "revoke", "leader", "弄虚作假")
    assert titles() == []


def test_the_register_is_searched_by_title_organisation_number_year_level_and_class(office):
    row = office.to(office.draft(title=f"{RARE}隔膜"), "approved")
    for search in (
        {"text": RARE[-1]},
        {"text": "隔膜"},
        {"text": "北岭"},
        {"text": row.number.lower()},
        {"year": "2026", "level": "city", "field": "industry"},
    ):
        assert titles(**search) == [row.title], search
    for search in (
        {"text": "电池"},
        {"text": row.number[:-1]},
        {"year": "2025"},
        {"year": "二〇二六"},
        {"year": "２０２６"},
        {"level": "nation"},
        {"field": "x"},
    ):
        assert titles(**search) == [], search


def test_a_renamed_organisation_is_found_by_either_name_and_shown_under_the_new(office):
    row = office.to(office.draft(), "approved")
    before = moments.latest()
    unit = rename(office, "north", "北岭科技股份有限公司")
    assert titles(text="科技股份") == titles(text="新材料") == [row.title] and titles(text="旧材料") == []
    assert str(projects(Search())[0].unit) == "北岭科技股份有限公司"
    assert [old.name for old in Unit.as_of(before, [unit.pk])] == [NORTH]
    assert [kept.data["name"] for kept in unit.history()] == [NORTH, "北岭科技股份有限公司"]
    assert applying.unit_then(row) == NORTH
    # The project goes on under the new name: the next step is the same organisation's.
    assert office.to(row, "running").unit_id == unit.pk


def test_a_project_is_in_notice_until_its_last_day(office):
    """Proposed on 16 March: public until Monday 23 March."""
    row = office.to(office.draft(), "notice")
    for day, seen in ((date(2026, 3, 16), [row]), (date(2026, 3, 23), [row]), (date(2026, 3, 24), [])):
        with clock.pretend(datetime(day.year, day.month, day.day, 23, 59, tzinfo=clock.TZ)):
            assert list(notices()) == seen
    office.step(row, "object", "office", "权属", GIVEN["object"])
    assert [found.pk for found in notices()] == [row.pk]  # an objection does not end the notice
    with clock.pretend(datetime(2026, 3, 24, tzinfo=clock.TZ)):
        assert list(notices()) == []
