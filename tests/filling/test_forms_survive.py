"""Ten varied blank forms are filled: the figures are in, and nothing else of the file has changed."""

import io
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from keshu.filling.composing import laid_out
from keshu.filling.computing import FILLED, CellValue
from keshu.filling.feedback import read_back
from keshu.filling.mapping import MappedCell
from keshu.filling.office import tables, workbooks
from keshu.filling.receiving import layout_of
from tests.filling.forms import FORMS, BlankForm, monthly, rewritten, two_sheets, with_image
from tests.filling.untouched import parts_of, same_document, same_workbook

BLANKS = {make.__name__: make() for make in FORMS}


def filled(form: BlankForm, numbers: dict[str, Decimal | None]) -> tuple[bytes, set[str]]:
    """The form with numbers in its cells, and the keys of the formulas whose results were kept."""
    layout = layout_of(form.kind, form.content, "空表")
    values = []
    for key, number in numbers.items():
        cell = MappedCell(key, unit="万元", decimals=form.cells[key])
        state = "missing" if number is None else FILLED
        values.append(CellValue(cell, state, number, number, missing="" if number is not None else "未报"))
    sheet = laid_out(layout, values, "")
    if form.kind == "docx":
        return tables.write(form.content, "空表", sheet.entries), set()
    return workbooks.write(form.content, "空表", layout, sheet.entries, sheet.results), set(sheet.results)


def numbers_for(form: BlankForm) -> dict[str, Decimal | None]:
    """Numbers with all the decimals of their cells; one cell stays without."""
    found: dict[str, Decimal | None] = {}
    for at, (key, places) in enumerate(form.cells.items(), 1):
        found[key] = Decimal(1200 + 37 * at).scaleb(-places)
    found[next(reversed(found))] = None
    return found


@pytest.mark.parametrize("name", BLANKS)
def test_a_blank_form_is_filled_and_nothing_else_of_it_changes(name):
    form = BLANKS[name]
    numbers = numbers_for(form)
    content, computed = filled(form, numbers)
    if form.kind == "docx":
        assert same_document(form.content, content, set(form.cells)) == []
    else:
        assert same_workbook(form.content, content, set(form.cells), computed) == []
    back = read_back(layout_of(form.kind, content, "回读"), [MappedCell(key) for key in numbers])
    assert back == numbers


def test_what_was_filled_can_be_filled_again_with_the_same_layout():
    form = BLANKS["monthly"]
    once, _ = filled(form, numbers_for(form))
    again, computed = filled(
        BlankForm("", form.kind, once, form.cells), dict.fromkeys(form.cells, Decimal("1.25"))
    )
    assert same_workbook(form.content, again, set(form.cells), computed) == []


def test_a_sum_of_the_form_keeps_its_formula_and_shows_the_new_result():
    form = monthly()
    content, _ = filled(
        form, {"1!B5": Decimal("2.10"), "1!B6": Decimal("0.05"), "1!B7": None, "1!B8": Decimal("7")}
    )
    assert load_workbook(io.BytesIO(content))["表1"]["B9"].value == "=SUM(B5:B8)"
    # 2.10 + 0.05 + 7 by hand; what is missing adds nothing, as in Excel.
    assert load_workbook(io.BytesIO(content), data_only=True)["表1"]["B9"].value == 9.15


def test_a_formula_over_two_sheets_is_computed_from_the_figures_of_the_other():
    form = two_sheets()
    numbers = {
        "1!B2": Decimal("3.10"),
        "1!C2": Decimal("200"),
        "1!B3": Decimal("1.90"),
        "1!C3": Decimal("300"),
    }
    content, _ = filled(form, numbers)
    book = load_workbook(io.BytesIO(content), data_only=True)
    assert (book["汇总 表"]["B2"].value, book["汇总 表"]["B3"].value) == (5, 500)
    assert book["分县"]["D2"].value == 1.55  # 3.10 / 200 × 100


def test_a_formula_that_only_excel_can_compute_makes_excel_compute_it():
    form = monthly()
    content = form.content
    odd = rewritten(
        content, "xl/worksheets/sheet1.xml", lambda t: t.replace("SUM(B5:B8)", "SUMPRODUCT(B5:B8,C5:C8)")
    )
    made, _ = filled(BlankForm("", "xlsx", odd, form.cells), {"1!B5": Decimal("1.00")})
    parts, before = parts_of(made), parts_of(odd)
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
    assert [name for name in before if before[name] != parts[name]] in (
        ["xl/worksheets/sheet1.xml", "xl/workbook.xml"],
        ["xl/worksheets/sheet1.xml"],
        ["xl/workbook.xml", "xl/worksheets/sheet1.xml"],
    )
    assert load_workbook(io.BytesIO(made), data_only=True)["表1"]["B9"].value is None


def test_a_formula_that_reads_no_filled_cell_keeps_the_result_it_came_with():
    odd = rewritten(
        BLANKS["shared_formulas"].content,
        "xl/worksheets/sheet1.xml",
        lambda text: re.sub(r"<f>SUM\(D2:D5\)</f><v>0</v>", "<f>COUNTA(A2:A5)</f><v>4</v>", text),
    )
    form = BlankForm("", "xlsx", odd, BLANKS["shared_formulas"].cells)
    content, computed = filled(form, {"1!B2": Decimal("3.00"), "1!C2": Decimal("1.00")})
    assert computed == {"1!D2"}
    assert same_workbook(odd, content, {"1!B2", "1!C2"}, computed) == []
    values = load_workbook(io.BytesIO(content), data_only=True).active
    assert (values["D2"].value, values["D6"].value) == (2, 4)


def test_a_percent_cell_holds_a_hundredth_and_reads_back_as_percent():
    form = BLANKS["percents"]
    content, _ = filled(form, {"1!B2": Decimal("2.44")})
    assert load_workbook(io.BytesIO(content)).active["B2"].value == 0.0244
    assert read_back(layout_of("xlsx", content, "回读"), [MappedCell("1!B2")]) == {"1!B2": Decimal("2.44")}


def test_a_picture_is_still_there():
    content, _ = filled(with_image(), {"1!B2": Decimal("412")})
    assert parts_of(content)["xl/media/image1.png"] == parts_of(with_image().content)["xl/media/image1.png"]


@given(
    st.sampled_from(sorted(BLANKS)),
    st.lists(st.integers(-(10**11), 10**11) | st.none(), min_size=20, max_size=20),
)
def test_filling_a_form_and_reading_it_back_gives_the_same_figures(name, digits):
    form = BLANKS[name]
    numbers = {
        key: None if whole is None else Decimal(whole).scaleb(-places)
        for whole, (key, places) in zip(digits, form.cells.items(), strict=False)
    }
    content, _ = filled(form, numbers)
    assert read_back(layout_of(form.kind, content, "回读"), [MappedCell(key) for key in numbers]) == numbers
