"""Where the lines of business stand this month: sums by hand over dated approvals."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.figures.book import book
from keshu.figures.pace import paces
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.programmes.models import Application


def approved(office, day, yuan, closed=None, state="running"):
    actor = office.actors["north"]
    with writing(office.staff.actor, "补登"):
        Application(
            call=office.call, title=f"项目 {day}", year=day.year, level="city", field="industry", unit_id=actor.unit_id,
            region_id=actor.region_id, state=state, granted=Decimal(yuan), approved_on=day, closed_on=closed,
            number=f"T{day:%Y%m%d}",
        ).save()  # fmt: skip


@pytest.fixture
def lines(office):
    """2025: March 100, September 200 (closed in February 2026). 2026: January 300, May 400, one revoked in May."""
    approved(office, date(2025, 3, 3), "100")
    approved(office, date(2025, 9, 9), "200", closed=date(2026, 2, 10), state="passed")
    approved(office, date(2026, 1, 5), "300")
    approved(office, date(2026, 5, 6), "400")
    approved(office, date(2026, 5, 7), "900", state="revoked")
    revision = moments.latest()
    found = paces(book(revision), revision, office.staff.city.pk, date(2026, 5, 21))
    return {pace.measure.code: (pace.so_far, pace.this_month, pace.before) for pace in found}


def test_a_flow_adds_up_since_january_and_stands_beside_the_same_months_of_last_year(lines):
    assert lines["projects_approved"] == (Decimal(2), Decimal(1), Decimal(1))
    assert lines["projects_granted"] == (Decimal(700), Decimal(400), Decimal(100))


def test_a_stock_is_what_is_held_and_how_it_moved_this_month(lines):
    """End of May 2026: four approved less one closed = 3; May added one; end of May 2025: one."""
    assert lines["projects_running"] == (Decimal(3), Decimal(1), Decimal(1))


def test_a_register_in_which_nothing_was_counted_is_left_out(office):
    revision = moments.latest()
    assert paces(book(revision), revision, office.staff.city.pk, date(2026, 5, 21)) == []
