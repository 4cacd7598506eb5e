"""Nobody reads without saying for whom."""

import pytest

from keshu.directory.accounts import actor_of, below
from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Region
from keshu.directory.scope import ScopeMissing
from keshu.figures.models import Indicator, Target
from keshu.journal.writing import writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def targets(staff):
    """A target for each of the two counties and the city."""
    indicator = Indicator.objects.get(code="contract_gdp")
    with writing(staff.actor, "定目标"):
        for region in (staff.county, staff.other, staff.city):
            Target(indicator=indicator, subject=region, year=2026, low=1).save()
    return staff


READS = {
    "list": list,
    "len": len,
    "bool": bool,
    "first": lambda rows: rows.first(),
    "get": lambda rows: rows.get(year=2026),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "iterator": lambda rows: list(rows.iterator()),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk", flat=True)),
    "filter": lambda rows: list(rows.filter(year=2026).exclude(low=2).order_by("pk")[:1]),
    "aggregate": lambda rows: rows.aggregate(),
    "in_bulk": lambda rows: rows.in_bulk(),
    "contains": lambda rows: rows.contains(Target(pk=1)),
    "union": lambda rows: list(rows.union(rows)),
}


@pytest.mark.parametrize("read", READS)
def test_reading_without_a_scope_is_refused(targets, read):
    with pytest.raises(ScopeMissing, match="先说给谁看"):
        READS[read](Target.objects.all())


@pytest.mark.parametrize("read", sorted(set(READS) - {"get"}))
def test_the_same_reads_work_with_a_scope(targets, read):
    READS[read](Target.objects.for_system("测试"))


def test_a_scope_stays_through_further_conditions(targets):
    mine = Target.objects.visible_to(targets.actor_as("county_filler"))
    assert [row.subject_id for row in mine.filter(year=2026).order_by("pk")] == [targets.county.pk]
    with pytest.raises(ScopeMissing):
        Target.objects.filter(year=2026).first()


def test_for_system_wants_a_reason():
    with pytest.raises(ScopeMissing, match="理由"):
        Target.objects.for_system("")


def test_a_county_sees_its_own_and_what_lies_below(targets):
    actor = targets.actor_as("county_filler")
    assert actor.region_ids == {targets.county.pk, targets.town.pk}
    assert Target.objects.visible_to(actor).count() == 1


@pytest.mark.parametrize("role", ["leader", "planning", "office", "inspector"])
def test_the_bureau_sees_all(targets, role):
    assert Target.objects.visible_to(targets.actor_as(role)).count() == 3


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_an_administrator_sees_no_record_of_its_own_region_either(targets, role):
    actor = targets.actor_as(role)
    assert (actor.region_ids, actor.unit_ids, actor.sees_all) == (frozenset(), frozenset(), False)
    assert Target.objects.visible_to(actor).count() == 0


def test_an_account_without_role_or_post_sees_nothing(targets):
    with writing(targets.actor, "新人"):
        account = targets.hire("newcomer", targets.county_bureau)
    actor = actor_of(account)
    assert actor.capabilities == frozenset()
    assert Target.objects.visible_to(actor).count() == 0
    assert Target.objects.visible_to(Actor(account_id=1, name="无")).count() == 0


def test_below_walks_down_every_level(staff):
    assert below([staff.city.pk]) == {staff.city.pk, staff.county.pk, staff.other.pk, staff.town.pk}
    assert below([staff.town.pk]) == {staff.town.pk}
    assert below([]) == frozenset()
    nation = Region.objects.get(code="000000")
    assert (
        len(below([nation.pk])) == 1 + 31 + 4
    )  # the nation, its provinces, the city with two counties and a town


def test_a_person_with_two_posts_acts_in_one_at_a_time(staff):
    from datetime import date

    from keshu.directory.models import Employment, RoleGrant

    account = staff.accounts["office"]
    with writing(staff.actor, "挂职"):
        second = Employment(
            person=account.person, unit=staff.other_bureau, title="副局长", valid_from=date(2020, 1, 1)
        )
        second.save()
        RoleGrant(
            employment=second,
            role=Role.COUNTY_HEAD,
            valid_from=date(2020, 1, 1),
            granted_by="甲",
            approved_by="乙",
        ).save()
    bureau, county = actor_of(account), actor_of(account, second.pk)
    assert (bureau.sees_all, bureau.is_county) == (True, False)
    assert (county.sees_all, county.is_county, county.region_ids) == (False, True, {staff.other.pk})
    assert county.can(Can.SIGN_MONTH) and not county.can(Can.GIVE_FIGURES)
    stranger = staff.actor_as("leader").employment_id
    assert (
        actor_of(account, stranger).employment_id == bureau.employment_id
    )  # somebody else's post is not taken


@pytest.mark.parametrize("write", ["update", "delete"])
def test_writing_many_at_once_asks_for_a_scope_too(staff, write):
    """Another county's batches are not emptied by a forgotten condition."""
    from keshu.figures.imports.models import ImportBatch

    act = {"update": lambda rows: rows.update(filename="x"), "delete": lambda rows: rows.delete()}[write]
    with pytest.raises(ScopeMissing, match="先说给谁看"):
        act(ImportBatch.objects.all())
    act(ImportBatch.objects.for_system("测试"))
