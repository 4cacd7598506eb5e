"""What a custom ledger counts: from the first record on, by its condition, in the month of its date; recounted when it changes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from keshu.custom.columns import Col, Count
from keshu.custom.defining import DefinitionRefused
from keshu.custom.models import CustomRecord
from keshu.custom.procedure import PROCEDURE
from keshu.figures import counting
from keshu.figures.book import book
from keshu.figures.models import Measure
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.models import Revision
from keshu.ledger.registers import by_code, by_label
from keshu.procedure.moving import move
from keshu.terms.period import Period
from tests.custom.ledgers import VISITS

pytestmark = pytest.mark.django_db
MARCH = Period.month(2026, 3)


def value(name: str, region, period: Period = MARCH, revision: int | None = None):
    """A register's figure as a reader of the dispatch gets it."""
    at = moments.latest() if revision is None else revision
    reader = Reader(book(at), at)
    measure = reader.book.measure(name)
    reader.load([measure], [region.pk], [period])
    return reader.value(measure, region.pk, period)


def test_a_ledger_counts_from_its_first_record_on(house):
    ledger = house.define()
    house.enter(ledger, 方式="现场", 意向金额="12.5")
    house.enter(ledger, 方式="电话", 意向金额="3", 企业名称="南塘机电", 地区="岚川县")
    city = house.staff.city
    assert value("走访次数", city).value == 2
    assert value("走访次数", house.staff.county).value == 1
    # Only the visit on the spot: 12.5 万元.
    assert value("现场走访意向金额", city).value == Decimal("125000")
    assert value("走访次数", city, Period.month(2026, 2)).value == 0
    assert counting.differing()[1] == []


def test_a_ledger_in_which_nothing_was_entered_is_missing_not_zero(house):
    house.define()
    found = value("走访次数", house.staff.city)
    assert found.value is None and found.missing


def test_a_void_record_is_taken_back_and_the_earlier_moment_keeps_it(house):
    ledger = house.define()
    row = house.enter(ledger)
    then = moments.latest()
    move(row, "void", house.office, procedure=PROCEDURE, note="登重了")
    assert value("走访次数", house.staff.city).value == 0
    assert value("走访次数", house.staff.city, revision=then).value == 1


def test_what_must_be_verified_counts_only_then(house):
    ledger = house.define(measures=(Count("核实走访", "次", verified=True),))
    row = house.enter(ledger)
    assert value("核实走访", house.staff.city).value is None  # nothing was ever counted
    move(row, "verify", house.office, procedure=PROCEDURE)
    assert value("核实走访", house.staff.city).value == 1


def test_a_changed_condition_is_recounted_in_the_one_revision_of_the_change(house):
    ledger = house.define()
    house.enter(ledger, 人数="3")
    house.enter(ledger, 人数="8", 企业名称="南塘机电")
    before = Revision.objects.count()
    first, second = ledger.counts
    ledger = house.change(ledger, measures=(replace(first, condition="人数 > 5"), second))
    assert Revision.objects.count() == before + 1
    assert value("走访次数", house.staff.city).value == 1
    ledger = house.change(ledger, measures=(replace(ledger.counts[0], condition=""), second))
    assert value("走访次数", house.staff.city).value == 2
    assert counting.differing()[1] == []


def test_two_ledgers_over_one_table_count_apart(house):
    visits = house.define()
    calls = house.define(code="calls", name="来电登记", prefix="LD", measures=(Count("来电次数", "次"),))
    house.enter(visits)
    house.enter(calls)
    house.enter(calls, 企业名称="南塘机电")
    assert value("走访次数", house.staff.city).value == 1
    assert value("来电次数", house.staff.city).value == 2
    assert [register.code for register in by_label()["custom.CustomRecord"]] == ["visits", "calls"]
    assert by_code("calls").rows(house.office).count() == 2
    assert counting.differing()[1] == []


def test_a_tampered_cell_of_a_custom_ledger_is_found(house):
    from keshu.figures.models import CubeDelta

    ledger = house.define()
    house.enter(ledger)
    CubeDelta.objects.filter(measure__name="走访次数").update(amount=2)
    assert [code for code, _ in counting.differing()[1]] == ["visits"]


def test_a_measure_that_is_given_up_leaves_the_cube(house):
    ledger = house.define()
    house.enter(ledger, 方式="现场", 意向金额="1")
    house.change(ledger, measures=ledger.counts[:1])
    assert counting.differing()[1] == []
    gone = Measure.objects.get(name="现场走访意向金额")
    assert counting.read([gone.pk], [house.staff.county.pk], moments.latest()) == {}


def test_a_measure_that_an_indicator_needs_cannot_be_given_up(house):
    from keshu.figures.models import Indicator
    from keshu.journal.writing import writing

    ledger = house.define()
    with writing(house.staff.actor, "定指标"):
        Indicator(
            code="visits_rate", name="走访数", short_name="走访", formula=ledger.counts[0].code, unit="次",
            period_rule="to_date", definition="试",
        ).save()  # fmt: skip
    with pytest.raises(DefinitionRefused, match="还用在指标“走访数”里"):
        house.change(ledger, measures=ledger.counts[1:])


def test_a_name_that_another_measure_has_is_refused_in_words(house):
    taken = Measure.objects.exclude(name="").first()
    with pytest.raises(DefinitionRefused, match="已经有一个计量叫"):
        house.define(measures=(Count(taken.name, "次"),))


def test_the_trace_of_a_figure_names_its_records(house):
    ledger = house.define()
    row = house.enter(ledger)
    measure = book(moments.latest()).measure("走访次数")
    behind = counting.records_behind(
        measure.pk, [house.staff.county.pk], "2026-01", "2026-12", moments.latest()
    )
    assert behind == [("custom.CustomRecord", row.pk, 1)]
    assert isinstance(row, CustomRecord)


def test_a_batch_row_counts_as_many_as_it_stands_for(house):
    ledger = house.define(batch=True)
    house.enter(ledger, 件数="38")
    assert value("走访次数", house.staff.city).value == 38


def test_a_stock_leaves_the_day_after_it_ends(house):
    ledger = house.define(
        code="contracts",
        name="服务合同",
        prefix="HT",
        columns=(*VISITS.columns, Col("到期", "date")),
        measures=(Count("在期合同", "份", nature="stock", date="走访日期", until="到期"),),
    )
    house.enter(ledger, 到期="2026-05-31")
    assert value("在期合同", house.staff.city, Period.month(2026, 5)).value == 1
    assert value("在期合同", house.staff.city, Period.month(2026, 6)).value == 0
