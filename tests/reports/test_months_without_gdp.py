"""In a month without GDP page, sentence and papers count the registered amount, and the JSON says what stands for what."""

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from keshu.figures.canonical import dispatch_json
from keshu.figures.dispatch import dispatch
from keshu.figures.instead import columns_shown
from keshu.reports import heading
from keshu.reports.briefing import compose
from keshu.reports.conclusions import conclusion, spoken
from keshu.reports.exports import export_dispatch
from keshu.terms.period import Period

AUGUST = "2026-01..08"
COUNTIES = ("云麓区", "枫桥县", "岚川县", "望岭县")
# Registered by August and the year's target in 亿元; 8 months of 12 are due 66.7 %.
# 云麓区 16 / 20 = 80 % is 120 % of what is due; 枫桥县 3 / 4.5 = 66.7 % exactly on it (正常); 岚川县 0.62 / 1 = 62 % is 93 % of it
# (偏慢); 望岭县 0.5 / 1.5 = 33.3 % is half of it (滞后).
REGISTERED = {
    "云麓区": ("16", "20"),
    "枫桥县": ("3", "4.5"),
    "岚川县": ("0.62", "1"),
    "望岭县": ("0.5", "1.5"),
}


def yuan(amount: str) -> int:
    """元 of an amount in 亿元."""
    return int(Decimal(amount) * 10**8)


@pytest.fixture
def august(empty_office):
    """Everything reported but GDP: 8 figures of counties that need no GDP, 4 contract amounts."""
    office, rows = empty_office, []
    for name in COUNTIES:
        rows += [
            ("contract_output", name, AUGUST, 10**8),
            ("contract_registered", name, AUGUST, yuan(REGISTERED[name][0])),
            ("fiscal_st", name, AUGUST, 10**8),
            ("budget_expenditure", name, AUGUST, 50 * 10**8),
            ("hitech_valid", name, "2026-08", 40),
            ("legal_entities", name, "2025-12", 10000),
        ]
    office.put_many(rows)
    for name in COUNTIES:
        office.aim("contract_gdp", name, "0.6")
        office.aim("registered_amount", name, str(yuan(REGISTERED[name][1])))
        office.aim("fiscal_share", name, "1.5")  # 1 / 50 = 2 %: 正常
    return office


def table(office):
    return dispatch("strong-st-5", Period.parse("2026-08"), root=office.top)


def test_the_sentence_counts_the_amount_and_finds_nothing_missing(august):
    # 4 counties × (fiscal, contracts, hitech_density); the last has no target and so no lamp, and is counted all the same.
    said = spoken(conclusion(table(august)))
    assert said.startswith("12个当期项次中滞后1个：望岭县已登记合同额5000.00万元，只到目标的33.3%")
    assert "缺数" not in said and "无分母" not in said


def test_figures_of_the_sentence_open_as_what_they_are(august):
    opened = [s for s in conclusion(table(august)) if s.opens]
    assert [(s.indicator, s.region) for s in opened] == [("registered_amount", "990104")]


def test_the_json_keeps_the_ratio_with_its_reason_and_names_what_is_shown(august):
    data = dispatch_json(table(august))
    ratio = next(r for r in data["rows"] if (r["indicator"], r["region"]) == ("contract_gdp", "望岭县"))
    assert (ratio["value"], ratio["numerator"], ratio["missing"]) == (
        None,
        "100000000",
        "无分母（地区生产总值）",
    )
    stands = {c["indicator"]: c["shown_instead"] for c in data["columns"] if c["shown_instead"]}
    assert stands == {"contract_gdp": "registered_amount"}


def test_workbook_paper_and_briefing_show_the_amount_under_its_own_name(august):
    found = table(august)
    sheet = load_workbook(io.BytesIO(export_dispatch(found, "xlsx")))["总表"]
    heads = [cell.value for row in sheet.iter_rows(min_row=4, max_row=4) for cell in row if cell.value]
    assert "已登记合同额（2026年1—8月，没有分母，代替技术合同占比）" in heads
    html = export_dispatch(found, "html").decode()
    assert "没有分母，代替技术合同占比" in html
    told = {part.head: part.text for section in compose(found).sections for part in section.parts}
    assert (
        "望岭县（5000.00万元，完成33.3%）" in told["（四）已登记技术合同额（没有分母，代替技术合同占比）。"]
    )
    assert [a for a in heading.absences(found) if a.indicator == "技术合同占比"] == []


def test_at_a_quarter_s_end_the_ratio_stands_in_its_own_column(office):
    found = dispatch("strong-st-5", Period.parse("2026-09"), root=office.top)
    assert [shown.instead for shown in columns_shown(found)] == [None] * 5


def test_one_county_with_gdp_keeps_the_ratio_and_the_others_say_why(august):
    august.put("gdp", "云麓区", AUGUST, 800 * 10**8)
    found = table(august)
    assert all(shown.instead is None for shown in columns_shown(found))
    said = spoken(conclusion(found))
    assert "另有3个缺数（无分母3）" in said
    assert len([a for a in heading.absences(found) if a.indicator == "技术合同占比"]) == 3


def test_without_a_registered_amount_the_ratio_is_missing_with_its_reason(august):
    for name in COUNTIES:
        august.put("contract_registered", name, AUGUST, None)
    said = spoken(conclusion(table(august)))
    assert said.endswith("（无分母4）。")
