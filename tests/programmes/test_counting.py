"""What the register counts: the figure moves with the record, as of any moment, and is recounted from the records."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from keshu.figures import counting
from keshu.figures.book import book
from keshu.figures.models import CubeDelta
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.registers import Contribution, DeclarationBroken, Register, RegisterMeasure, by_label
from keshu.programmes.models import Application
from keshu.programmes.register import APPLICATIONS
from keshu.terms import clock
from keshu.terms.period import Period

pytestmark = pytest.mark.django_db
MAY, JUNE, YEAR = Period.month(2026, 5), Period.month(2026, 6), Period.year(2026)


def value(code, region, period, revision=None):
    """A register's figure as the reader gives it."""
    revision = moments.latest() if revision is None else revision
    definitions = book(revision)
    measure = definitions.measure(code)
    reader = Reader(definitions, revision, on=clock.today())
    reader.load([measure], [region.pk], [period])
    return reader.value(measure, region.pk, period)


def test_an_approval_is_counted_at_once_in_its_county_and_in_the_city(office):
    before = moments.latest()
    assert value("projects_approved", office.staff.county, YEAR).missing == "台账未启用"
    office.to(office.draft(), "approved")
    for region in (office.staff.county, office.staff.city):
        assert value("projects_approved", region, MAY).value == 1
        assert value("projects_granted", region, YEAR).value == Decimal("500000.00")
    assert value("projects_approved", office.staff.other, YEAR).value == 0
    assert value("projects_approved", office.staff.county, JUNE).value == 0
    assert value("projects_approved", office.staff.county, YEAR, before).missing == "台账未启用"


def test_a_revoked_project_is_taken_back_and_the_earlier_moment_keeps_it(office):
    row = office.to(office.draft(), "approved")
    counted = moments.latest()
    office.step(row, "revoke", "leader", "弄虚作假，青科发〔2026〕40号")
    assert value("projects_approved", office.staff.city, YEAR).value == 0
    assert value("projects_approved", office.staff.city, YEAR, counted).value == 1


def test_a_project_runs_until_it_is_closed(office):
    """Approved on 2026-05-20, accepted on 2026-06-10: one in May's end, none in June's."""
    row = office.to(office.draft(), "accepting")
    with clock.pretend(datetime(2026, 6, 10, 9, 0, tzinfo=clock.TZ)):
        office.to(row, "passed")
    assert value("projects_running", office.staff.city, MAY).value == 1
    assert value("projects_running", office.staff.city, JUNE).value == 0


def test_the_records_behind_a_figure_are_those_that_were_counted_then(office):
    row = office.to(office.draft(), "approved")
    then = moments.latest()
    measure = book(then).measure("projects_granted")
    office.step(row, "revoke", "leader", "撤销")
    asked = (measure.pk, [office.staff.county.pk], "2026-01", "2026-12")
    assert counting.records_behind(*asked, then) == [("programmes.Application", row.pk, 50000000)]
    assert counting.records_behind(*asked, moments.latest()) == []


def test_recounting_finds_a_cell_that_was_tampered_with(office):
    office.to(office.draft(), "approved")
    assert counting.differing()[1] == []
    CubeDelta.objects.filter(measure__code="projects_approved").update(amount=2)
    assert [code for code, _ in counting.differing()[1]] == ["programmes"]


def test_an_imported_record_counts_as_one_that_was_moved(office):
    """A project approved before the house was built: entered with its date and document, counted in its month."""
    with writing(office.actors["planning"], "补登"):
        Application(
            call=office.call, title="旧项目", year=2024, level="city", field="industry", state="passed",
            region=office.staff.other, approved_on=date(2024, 7, 1), closed_on=date(2025, 12, 1),
            granted=Decimal("80000"), number="XM2024-0007", source="立项文件",
        ).save()  # fmt: skip
    assert value("projects_approved", office.staff.other, Period.year(2024)).value == 1
    assert value("projects_running", office.staff.other, Period.month(2025, 11)).value == 1
    assert value("projects_running", office.staff.other, Period.month(2025, 12)).value == 0


def test_a_batch_row_counts_as_many_as_it_stands_for(office):
    row = office.draft(items=12)
    row.state, row.approved_on = "approved", date(2026, 2, 3)
    found = {c.measure: c for c in APPLICATIONS.contributions(row)}
    assert found["projects_approved"] == Contribution("projects_approved", row.region_id, "2026-02", 12, 1)
    assert row.is_batch


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (RegisterMeasure("x", "甲", "项", condition="stat == 'a'"), "stat"),
        (RegisterMeasure("x", "甲", "项", condition="year + 1"), "不是条件"),
        (RegisterMeasure("x", "甲", "项", date="born_on"), "born_on"),
        (RegisterMeasure("x", "甲", "元", field="title"), "不是数值字段"),
    ],
)
def test_a_declaration_that_the_model_cannot_answer_is_refused_at_the_start(measure, said):
    broken = Register("x", "试", Application, (), measures=(measure,))
    with pytest.raises((DeclarationBroken, ValueError), match=said):
        _ = broken.conditions


def test_the_register_is_found_by_its_model():
    assert by_label()["programmes.Application"] == (APPLICATIONS,)
