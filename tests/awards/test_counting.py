"""What the register counts: received, recommended, through the notice, given; medals by year and grade."""

from datetime import date

import pytest

from keshu.awards import medals
from keshu.awards.models import Nomination
from keshu.figures import counting
from keshu.figures.book import book
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period
from tests.awards.committee import on, superior

pytestmark = pytest.mark.django_db
YEAR = Period.year(2026)


def value(code, region, period=YEAR, revision=None):
    revision = moments.latest() if revision is None else revision
    definitions = book(revision)
    measure = definitions.measure(code)
    reader = Reader(definitions, revision, on=clock.today())
    reader.load([measure], [region.pk], [period])
    return reader.value(measure, region.pk, period).value


def test_what_is_received_counts_on_the_day_of_acceptance(awarding):
    awarding.to(awarding.draft(), "submitted")
    city, county = awarding.staff.city, awarding.staff.county
    awarding.to(awarding.draft(title="另一项"), "accept_notice")
    assert value("awards_received", county) == 1
    assert value("awards_received", city, Period.month(2026, 4)) == 1
    assert value("awards_received", awarding.staff.other) == 0


def test_three_received_three_recommended_two_through_the_notice(awarding):
    """受理 3 项，推荐 3 项，通过公示 2 项, as a bureau's report counts the province's prize."""
    found = superior(awarding)
    for n in range(3):
        row = awarding.step(awarding.draft(title=f"成果{n}", round=found), "submit", "health")
        row = awarding.step(row, "receive", "office")
        row = awarding.step(row, "recommend", "office", doc_no="青科函〔2026〕5号", on=date(2026, 4, 10))
        if n:
            awarding.step(row, "pass_notice", "office", on=date(2026, 4, 13))
    found = [value(f"awards_{name}", awarding.staff.city) for name in ("received", "recommended", "noticed")]
    assert found == [3, 3, 2]


def test_a_revoked_award_is_taken_back_and_the_earlier_moment_keeps_it(awarding):
    row = awarding.to(awarding.draft(), "awarded")
    city, counted = awarding.staff.city, moments.latest()
    assert value("awards_given", city, Period.month(2026, 6)) == 1
    with on(7, 1):
        awarding.step(row, "revoke", "leader", "材料造假")
    assert value("awards_given", city) == 0
    assert value("awards_given", city, revision=counted) == 1
    assert counting.differing()[1] == []


def given_row(awarding, year, grade, number, **values):
    """An award of an earlier year, entered from its decision."""
    return Nomination(
        round=awarding.round,
        year=year,
        level="city",
        prize_kind="progress",
        title=f"成果{number}",
        unit_name="某单位",
        grade=grade,
        state="awarded",
        region=awarding.staff.city,
        nominator_kind="department",
        awarded_on=date(year, 12, 1),
        **values,
    )


def test_forty_seven_medals_of_four_grades(awarding):
    """1 special + 4 first + 15 second + 27 third = 47; a revoked one and one of another year stand beside and do not count."""
    with writing(awarding.staff.actor, "补登"):
        for grade, many in (("special", 1), ("first", 4), ("second", 15), ("third", 27)):
            for n in range(many):
                given_row(awarding, 2013, grade, f"{grade}{n}").save()
        given_row(awarding, 2012, "first", "早一年").save()
        revoked = given_row(awarding, 2013, "first", "撤销的")
        revoked.state = "revoked"
        revoked.save()
    board = medals.board(Nomination.objects.for_system("测试"))
    assert [(str(level), [str(g) for g in grades]) for level, grades in board.columns] == [
        ("city", ["special", "first", "second", "third"])
    ]
    assert [(year, [cell.count for cell in cells]) for year, cells in board.lines] == [
        (2013, [1, 4, 15, 27, 47]),
        (2012, [0, 1, 0, 0, 1]),
    ]
    assert board.total == 48
    assert value("awards_given", awarding.staff.city, Period.year(2013)) == 47


def test_a_batch_row_gives_as_many_medals_as_it_stands_for(awarding):
    with writing(awarding.staff.actor, "补登"):
        given_row(awarding, 2010, "third", "汇总", items=13).save()
    assert medals.board(Nomination.objects.for_system("测试")).total == 13


def test_no_awards_no_board(awarding):
    board = medals.board(Nomination.objects.for_system("测试"))
    assert (board.columns, board.lines, board.total) == ([], [], 0)
