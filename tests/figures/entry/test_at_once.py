"""Two people at once, on a database that lets them in together."""

import threading

import pytest
from django.db import connections

from keshu.figures import book, cube
from keshu.figures.entry import cells, flow, loading
from keshu.figures.entry.models import Cell, Sheet
from keshu.figures.models import Measure, ReportedValue
from keshu.procedure.moving import StaleState, moves_of
from keshu.terms import clock
from tests.figures.conftest import City
from tests.figures.entry.conftest import SEPTEMBER, County, at


@pytest.fixture
def county(transactional_db, actor):
    from keshu.figures.packages import load_base

    book.forget()
    load_base(actor)
    return County(City(actor), actor)


def together(*works):
    """Run the works at the same moment in threads of their own; what each raised or returned."""
    gate = threading.Barrier(len(works))
    results = [None] * len(works)

    def run(place, work):
        try:
            gate.wait(10)
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_writers_on_one_cell_one_wins_and_one_is_told(county):
    sheet, row = county.open(), county.rows["st_loans"]
    results = together(
        *[
            lambda text=text: cells.type_cell(sheet, row, county.filler, text, version=0)
            for text in ("350", "360")
        ]
    )
    told = [r for r in results if isinstance(r, cells.CellConflict)]
    assert len(told) == 1
    cell = Cell.objects.for_system("测试").get()
    assert cell.version == 1 and cell.text in ("350", "360")


def test_two_hand_in_at_once_and_one_move_is_made(county):
    sheet = county.open("2026-01..02")
    county.type(sheet, SEPTEMBER)
    results = together(*[lambda: flow.hand_in(sheet, county.filler)] * 2)
    assert sum(isinstance(r, StaleState) for r in results) == 1
    assert moves_of(sheet).count() == 1


def test_typing_while_handing_in_is_either_in_or_told(county):
    sheet = county.open("2026-01..02")
    county.type(sheet, SEPTEMBER)
    typed, handed = together(
        lambda: cells.type_cell(sheet, county.rows["st_loans"], county.filler, "351"),
        lambda: flow.hand_in(sheet, county.filler),
    )
    assert isinstance(handed, Sheet)
    text = Cell.objects.for_system("测试").get(row=county.rows["st_loans"]).text
    assert text == ("350" if isinstance(typed, cells.CellLocked) else "351")


def test_a_sheet_opened_by_two_is_one(county):
    results = together(*[lambda: county.open("2026-01..02")] * 2)
    assert results[0].pk == results[1].pk
    assert Sheet.objects.for_system("测试").count() == 1


def test_two_counties_report_at_once_and_both_rates_stand(county):
    sheets = []
    for region in (county.region, county.other):
        sheet = loading.open_sheet(county.form, region, "2026-01..02", county.system)
        county.type(sheet, SEPTEMBER, county.system)
        sheets.append(flow.review(flow.hand_in(sheet, county.system), county.system))

    def signing(sheet):
        def work():
            with clock.pretend(at(3, 12)):  # after the deadline, so that each counts the other too
                return flow.sign(sheet, county.system)

        return work

    assert all(isinstance(r, Sheet) for r in together(*map(signing, sheets)))
    measure = Measure.objects.get(code="on_time_rate")
    last = {
        v.subject_id: v.scaled
        for v in ReportedValue.objects.for_system("测试").filter(measure=measure).order_by("version")
    }
    assert last[county.region.pk] == 0 and last[county.other.pk] == 0
    assert cube.verify()[1] == []
