"""三员分立 and 申请—批准: nobody holds two of the three, nobody grants alone."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from keshu.directory.accounts import actor_of
from keshu.directory.actors import ADMIN_ROLES, Role
from keshu.directory.models import Employment, GrantRequest, RoleGrant
from keshu.journal.writing import writing
from keshu.procedure import granting
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState
from keshu.terms import clock

pytestmark = pytest.mark.django_db
START = date(2020, 1, 1)


def post_of(staff, username):
    return Employment.objects.get(person=staff.accounts[username].person)


def give(staff, username, role, valid_from=START, valid_to=None):
    with writing(staff.actor, "授权"):
        grant = RoleGrant(
            employment=post_of(staff, username),
            role=role,
            valid_from=valid_from,
            valid_to=valid_to,
            granted_by="甲",
            approved_by="乙",
        )
        grant.save()
    return grant


@pytest.mark.parametrize("held", sorted(ADMIN_ROLES))
@pytest.mark.parametrize(
    "wanted", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.LEADER, Role.COUNTY_FILLER]
)
def test_an_administrator_holds_nothing_else(staff, held, wanted):
    if held == wanted:
        return
    with pytest.raises(ValidationError, match="三员分立"):
        give(staff, held.value, wanted)
    assert actor_of(staff.accounts[held.value]).roles == {held}


def test_a_business_role_cannot_become_an_administrator(staff):
    with pytest.raises(ValidationError, match="三员分立"):
        give(staff, "planning", Role.AUDIT_ADMIN)


def test_one_person_may_fill_review_and_sign_for_a_county(staff):
    give(staff, "county_filler", Role.COUNTY_REVIEWER)
    give(staff, "county_filler", Role.COUNTY_HEAD)
    assert len(actor_of(staff.accounts["county_filler"]).roles) == 3


def test_the_separation_holds_over_all_posts_of_a_person(staff):
    with writing(staff.actor, "另一个岗位"):
        second = Employment(
            person=staff.accounts["audit_admin"].person,
            unit=staff.county_bureau,
            title="科员",
            valid_from=START,
        )
        second.save()
    with pytest.raises(ValidationError, match="三员分立"), writing(staff.actor, "授权"):
        RoleGrant(
            employment=second, role=Role.COUNTY_FILLER, valid_from=START, granted_by="甲", approved_by="乙"
        ).save()


def test_a_role_that_begins_next_month_counts_as_well(staff):
    with writing(staff.actor, "新人"):
        staff.hire("newcomer", staff.bureau)
    next_month = clock.today() + timedelta(days=30)
    give(staff, "newcomer", Role.PLANNING, valid_from=next_month)
    with pytest.raises(ValidationError, match="三员分立"):
        give(staff, "newcomer", Role.AUDIT_ADMIN)
    give(staff, "newcomer", Role.AUDIT_ADMIN, valid_to=next_month - timedelta(days=1))


def test_after_a_withdrawal_another_role_may_follow(staff):
    with writing(staff.actor, "新人"):
        staff.hire("newcomer", staff.bureau)
    grant = give(staff, "newcomer", Role.PLANNING)
    granting.withdraw(grant, staff.actor_as("security_admin"), "转岗")
    assert actor_of(staff.accounts["newcomer"]).roles == frozenset()
    give(staff, "newcomer", Role.AUDIT_ADMIN)


def wish(staff, username="newcomer", role=Role.OFFICE, **more):
    return granting.Wish(post_of(staff, username), role, reason="青科〔2026〕1号", **more)


@pytest.fixture
def newcomer(staff):
    with writing(staff.actor, "新人"):
        staff.hire("newcomer", staff.county_bureau)
    return staff


def test_a_role_is_asked_by_one_and_approved_by_another(newcomer):
    asked = granting.ask(newcomer.actor_as("system_admin"), wish(newcomer))
    assert actor_of(newcomer.accounts["newcomer"]).roles == frozenset()  # nothing before the approval
    decided = granting.decide(asked, "approve", newcomer.actor_as("security_admin"))
    assert decided.state == "approved"
    assert actor_of(newcomer.accounts["newcomer"]).roles == {Role.OFFICE}
    grant = decided.grant
    assert grant.granted_by == newcomer.accounts["system_admin"].person.name
    assert grant.approved_by == newcomer.accounts["security_admin"].person.name
    assert [(m.action, m.before, m.after) for m in Move.objects.all()] == [("approve", "asked", "approved")]


@pytest.mark.parametrize("who", ["leader", "planning", "security_admin", "audit_admin", "county_head"])
def test_only_the_system_administrator_asks(newcomer, who):
    with pytest.raises(NotYourTurn):
        granting.ask(newcomer.actor_as(who), wish(newcomer))


@pytest.mark.parametrize("who", ["leader", "planning", "system_admin", "audit_admin", "county_head"])
def test_only_the_security_administrator_approves(newcomer, who):
    asked = granting.ask(newcomer.actor_as("system_admin"), wish(newcomer))
    with pytest.raises(NotYourTurn):
        granting.decide(asked, "approve", newcomer.actor_as(who))
    assert RoleGrant.objects.filter(employment=asked.employment).count() == 0


def test_who_asked_cannot_approve_even_with_the_other_capability_by_then(newcomer):
    asked = granting.ask(newcomer.actor_as("system_admin"), wish(newcomer))
    with writing(newcomer.actor, "换岗"):
        row = GrantRequest.objects.get(pk=asked.pk)
        row.asked_person_id = newcomer.accounts["security_admin"].person_id
        row.save()
    with pytest.raises(MoveRefused, match="不能是同一个人"):
        granting.decide(asked, "approve", newcomer.actor_as("security_admin"))


def test_nobody_approves_a_role_for_themselves(newcomer):
    with writing(newcomer.actor, "两个岗位"):
        second = Employment(
            person=newcomer.accounts["security_admin"].person,
            unit=newcomer.bureau,
            title="科员",
            valid_from=START,
        )
        second.save()
    asked = granting.ask(
        newcomer.actor_as("system_admin"), granting.Wish(second, Role.SECURITY_ADMIN, reason="兼另一处")
    )
    with pytest.raises(MoveRefused, match="给自己"):
        granting.decide(asked, "approve", newcomer.actor_as("security_admin"))


def test_a_request_against_the_separation_is_refused_when_asked_and_when_approved(newcomer):
    with pytest.raises(MoveRefused, match="三员分立"):
        granting.ask(newcomer.actor_as("system_admin"), wish(newcomer, "planning", Role.AUDIT_ADMIN))
    first = granting.ask(newcomer.actor_as("system_admin"), wish(newcomer, role=Role.OFFICE))
    second = granting.ask(newcomer.actor_as("system_admin"), wish(newcomer, role=Role.AUDIT_ADMIN))
    granting.decide(first, "approve", newcomer.actor_as("security_admin"))
    with pytest.raises(MoveRefused, match="三员分立"):
        granting.decide(second, "approve", newcomer.actor_as("security_admin"))
    assert actor_of(newcomer.accounts["newcomer"]).roles == {Role.OFFICE}


def test_a_refusal_wants_words_and_is_final(newcomer):
    security = newcomer.actor_as("security_admin")
    asked = granting.ask(newcomer.actor_as("system_admin"), wish(newcomer))
    with pytest.raises(MoveRefused, match="写明原因"):
        granting.decide(asked, "refuse", security)
    assert granting.decide(asked, "refuse", security, note="岗位不符").decision == "岗位不符"
    with pytest.raises(StaleState, match="不批准"):
        granting.decide(asked, "approve", security)


def test_the_one_who_asked_may_take_it_back(newcomer):
    system = newcomer.actor_as("system_admin")
    asked = granting.ask(system, wish(newcomer))
    assert granting.decide(asked, "take_back", system).state == "taken_back"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"valid_to": date(2019, 1, 1)}, "早于起期"),
        ({"reason": " "}, "写明事由"),
        ({"region": "county"}, "只用于县"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(newcomer, more, said):
    if "region" in more:
        more = {"region": newcomer.county}
    made = granting.Wish(post_of(newcomer, "newcomer"), Role.OFFICE, **{"reason": "文件", **more})
    with pytest.raises(MoveRefused, match=said):
        granting.ask(newcomer.actor_as("system_admin"), made)
    assert GrantRequest.objects.count() == 0


def test_the_same_role_is_not_asked_twice(newcomer):
    system = newcomer.actor_as("system_admin")
    asked = granting.ask(system, wish(newcomer))
    with pytest.raises(MoveRefused, match="已经申请过"):
        granting.ask(system, wish(newcomer))
    granting.decide(asked, "approve", newcomer.actor_as("security_admin"))
    with pytest.raises(MoveRefused, match="已经有了"):
        granting.ask(system, wish(newcomer))


def test_a_county_role_over_another_region_sees_that_region(newcomer):
    asked = granting.ask(
        newcomer.actor_as("system_admin"), wish(newcomer, role=Role.COUNTY_FILLER, region=newcomer.other)
    )
    granting.decide(asked, "approve", newcomer.actor_as("security_admin"))
    assert actor_of(newcomer.accounts["newcomer"]).region_ids == {newcomer.other.pk}


def test_a_withdrawal_wants_a_reason_and_happens_once(newcomer):
    grant = RoleGrant.objects.get(employment=post_of(newcomer, "office"))
    security = newcomer.actor_as("security_admin")
    with pytest.raises(MoveRefused, match="写明原因"):
        granting.withdraw(grant, security, "")
    with pytest.raises(NotYourTurn):
        granting.withdraw(grant, newcomer.actor_as("system_admin"), "转岗")
    granting.withdraw(grant, security, "转岗")
    with pytest.raises(MoveRefused, match="已由"):
        granting.withdraw(grant, security, "转岗")
    assert actor_of(newcomer.accounts["office"]).roles == frozenset()


def test_a_role_ends_with_its_date_and_with_the_post(newcomer):
    yesterday = clock.today() - timedelta(days=1)
    with writing(newcomer.actor, "到期"):
        grant = RoleGrant.objects.get(employment=post_of(newcomer, "office"))
        grant.valid_to = yesterday
        grant.save()
        post = post_of(newcomer, "leader")
        post.valid_to = yesterday
        post.save()
    assert actor_of(newcomer.accounts["office"]).roles == frozenset()
    assert actor_of(newcomer.accounts["leader"]).roles == frozenset()
