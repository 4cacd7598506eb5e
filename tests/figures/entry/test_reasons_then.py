"""Why a figure was missing at an earlier moment: under the forms, deadlines and regions of that moment, late as it was late then."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.directory.models import Region
from keshu.figures.dispatch import dispatch
from keshu.figures.entry.absence import absent_reasons
from keshu.figures.entry.models import FormRow
from keshu.figures.models import RegionShown
from keshu.journal import moments
from keshu.journal.models import Revision, RevisionHead
from keshu.journal.writing import writing
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period
from tests.figures.entry.conftest import at

pytestmark = pytest.mark.django_db
MONTH = Period.parse("2026-09")


@pytest.fixture
def founded(county):
    """The house with everything founded on 1 August 2026, whatever day the tests run on."""
    Revision.objects.update(at=at(8, 1))
    RevisionHead.objects.update(at=at(8, 1))
    return county


def said(county, revision, when, code="st_loans"):
    measure = county.rows[code].measure
    found = absent_reasons([measure], [county.region.pk], [MONTH], revision, when)
    return found.get((measure.pk, county.region.pk, MONTH.code))


def test_a_deadline_moved_later_leaves_what_was_late_then(county):
    then = moments.latest()
    with writing(county.system, "期限推迟"):
        rule = Rule.objects.get(kind="deadline", code="monthly-report")
        rule.data = {"day": 20, "time": "17:30"}
        rule.save()
    # due on the 10th as the rule stood, on the 20th as it stands
    assert said(county, then, at(10, 12)) == "未报，超期 2 天"
    assert said(county, moments.latest(), at(10, 12)) == "未报"


def test_a_row_added_to_the_form_later_was_not_asked_for_then(county):
    then = moments.latest()
    row = county.rows["st_loans"]
    with writing(county.system, "删去一行"):
        FormRow.objects.get(pk=row.pk).delete()
    without = moments.latest()
    assert said(county, then, at(10, 12)) == "未报，超期 2 天"
    assert said(county, without, at(10, 12)) is None


def test_a_county_abolished_later_still_owed_its_sheet_then(county):
    then = moments.latest()
    with writing(county.system, "撤县"):
        region = Region.objects.get(pk=county.region.pk)
        region.valid_to = at(10, 1).date()
        region.save()
    assert said(county, then, at(10, 12)) == "未报，超期 2 天"
    assert said(county, moments.latest(), at(10, 12)) is None


def test_the_table_as_of_a_moment_is_late_by_that_moment_and_not_by_the_last_writing(founded):
    """Written on 9 October, looked at on the 12th: two days late; asked for again in November: as it stood on the 12th."""

    def reason(as_of=None):
        table = dispatch("strong-st-5", MONTH, region=founded.city.top.code, as_of=as_of)
        rows = [r for r in table.leading_rows if r.indicator.code == "hitech_applications"]
        return next(r.missing for r in rows if r.region.pk == founded.region.pk)

    with clock.pretend(at(10, 9)):
        founded.city.put("gdp", founded.region, "2026-01..09", "100")
        assert reason().startswith("未报")
    with clock.pretend(at(10, 12)):
        stood = reason()
    with clock.pretend(at(11, 20)):
        assert reason("2026-10-12 10:00") == reason("2026-10-12") == stood
        assert reason() != stood


def test_a_rule_that_began_between_the_last_writing_and_the_moment_is_used(founded):
    with clock.pretend(at(9, 1)), writing(founded.system, "新灯"):
        old = Rule.objects.get(kind="lamps", code="house")
        Rule(kind="lamps", code="house", name="十月的灯", valid_from=at(10, 1).date(), data=old.data).save()

    def rule(as_of):
        table = dispatch("strong-st-5", MONTH, region=founded.city.top.code, as_of=as_of)
        return table.lamp_rule.name

    with clock.pretend(at(11, 20)):
        assert rule("2026-09-30") == "序时三档"
        assert rule("2026-10-01") == "十月的灯"


def test_one_asked_row_costs_as_many_queries_as_three(county):
    RegionShown.objects.create(region=county.city.top)
    codes = ("st_loans", "farm_training", "hitech_applied")

    def asked(some, regions):
        measures = [county.rows[code].measure for code in some]
        with CaptureQueriesContext(connection) as counted:
            absent_reasons(
                measures, [region.pk for region in regions], [MONTH, MONTH.to_date()], moments.latest()
            )
        return len(counted)

    asked(codes, county.city.counties)  # fills the book of definitions
    assert asked(codes[:1], [county.region]) == asked(codes, county.city.counties[:3]) <= 8
