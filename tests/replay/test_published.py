"""A project that stands in a figure already given out is revoked: what was given stays as it was, the next giving shows the correction."""

from datetime import date, datetime

import pytest

from keshu.figures.book import book
from keshu.figures.models import Indicator, Scheme, SchemeItem
from keshu.figures.slicing import slice_of
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.giving import answer
from keshu.reports.issuing import earlier_different, leaving_answer, record_issue
from keshu.reports.keeping import figures_digest, holds, keep_briefing, pinned, recomposed
from keshu.reports.models import IssuedFigure
from keshu.reports.parsing import parse
from keshu.reports.saying import sentence
from keshu.reports.since import since
from keshu.terms import clock
from keshu.terms.period import Period
from tests.programmes.office import in_march, office  # noqa: F401

pytestmark = pytest.mark.django_db
JUNE, JULY = (datetime(2026, month, 2, 10, 0, tzinfo=clock.TZ) for month in (6, 7))
YEAR = Period.year(2026)
ASKED = "望岭县 科技计划立项数 2026年"


@pytest.fixture
def two_projects(office):  # noqa: F811
    """Two projects of one county, approved in May."""
    return [
        office.to(office.draft(who, title=title), "approved")
        for who, title in (("north", "隔膜中试"), ("south", "伺服电机"))
    ]


@pytest.fixture
def clerk(office):  # noqa: F811
    return office.staff.actor_as("planning")


def given_now(office):  # noqa: F811
    return answer(parse(ASKED, book(moments.latest()), office.staff.city, date(2026, 7, 2)))


def test_the_issued_figure_stays_and_the_next_giving_tells_the_correction(office, two_projects, clerk):  # noqa: F811
    with clock.pretend(JUNE):
        made = given_now(office)
        issued = record_issue(
            clerk,
            leaving_answer(made),
            receiver="市政府办",
            sentence=sentence(made),
            revision=made.revision,
            region=office.staff.city,
        )
    with clock.pretend(JULY):
        office.step(two_projects[0], "revoke", "leader", "弄虚作假，青科发〔2026〕40号")
        now = given_now(office)
        kept = IssuedFigure.objects.for_system("测试").get(issued=issued)
        warning = earlier_different(clerk, leaving_answer(now))[0]
        beside = since(issued)[0]
    assert (kept.said, now.figures[0].value) == ("2项", 1)
    # Asked as of then, the figure is what was given, with both records behind it; as of now it is the corrected one.
    again = answer(made.question, as_of=f"r{issued.revision}")
    assert again.figures[0].value == 2
    here = {"region": "望岭县", "period": YEAR}
    assert len(slice_of("projects_approved", **here, revision=issued.revision).records) == 2
    assert slice_of("projects_approved", **here).records == (two_projects[1].pk,)
    assert "6-02 给市政府办的是 2项，现在是 1项" in warning.said
    assert "不再计入" in warning.said and "隔膜中试" in warning.said and "7-02 撤销" in warning.said
    assert "伺服电机" not in warning.said
    assert (beside.now, beside.same) == ("1项", False)


def test_the_kept_briefing_is_recomposed_alike_and_the_next_one_counts_anew(
    office,  # noqa: F811
    two_projects,
    clerk,
    settings,
    tmp_path,
):
    settings.MEDIA_ROOT = tmp_path
    with writing(clerk, "建调度方案"):
        indicator = Indicator(
            code="approved_count", name="立项项目数", short_name="立项数", formula="projects_approved",
            unit="项", decimals=0, period_rule=Indicator.PeriodRule.TO_DATE, definition="立项的项目",
        )  # fmt: skip
        indicator.save()
        scheme = Scheme(code="projects-only", name="项目调度", lamp_rule="house")
        scheme.save()
        SchemeItem(scheme=scheme, indicator=indicator, order=1).save()

    def table(as_of=None):
        return pinned("projects-only", Period.ytd(2026, 6), level="county", region=None, as_of=as_of)

    with clock.pretend(JUNE):
        kept = keep_briefing(clerk, table())
    with clock.pretend(JULY):
        office.step(two_projects[0], "revoke", "leader", "撤销决定")
        then, content = recomposed(kept)
        assert content and holds(kept) and figures_digest(then) == kept.figures_sha256
        assert value_of(then) == 2
        assert figures_digest(table()) != kept.figures_sha256
        assert value_of(table()) == 1


def value_of(table):
    """The county's figure in a table of one indicator."""
    row = next(one for one in table.rows if one.region.code == "991001")
    return row.figure.value
