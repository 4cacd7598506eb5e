"""报出数台账: to whom, when, what — and why the same figure is another one today."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from keshu.directory.scope import ScopeMissing
from keshu.figures.book import book
from keshu.figures.dispatch import dispatch
from keshu.figures.models import Indicator, Release
from keshu.journal import moments
from keshu.journal.writing import HistoryBypassed, writing
from keshu.reports.giving import answer
from keshu.reports.issued_sheets import register_csv, register_xlsx
from keshu.reports.issuing import (
    MayNotGive,
    NobodyNamed,
    Search,
    earlier_different,
    leaving_answer,
    leaving_table,
    record_issue,
    register,
)
from keshu.reports.models import Issued, IssuedFigure
from keshu.reports.parsing import parse
from keshu.reports.saying import sentence
from keshu.terms import clock
from keshu.terms.period import Period

JULY = datetime(2026, 7, 3, 10, 0, tzinfo=clock.TZ)


@pytest.fixture
def ask(office):
    def asked(text):
        return answer(parse(text, book(moments.latest()), office.top, date(2026, 10, 12)))

    return asked


@pytest.fixture
def give(ask, office, clerk):
    def given(text, receiver="市政府办", **more):
        made = ask(text)
        how = {"sentence": sentence(made), "revision": made.revision, "region": office.top, **more}
        return record_issue(clerk, leaving_answer(made), receiver=receiver, **how)

    return given


@pytest.fixture
def warn(ask, clerk):
    def warned(text):
        return earlier_different(clerk, leaving_answer(ask(text)))

    return warned


def test_a_giving_is_kept_with_its_words_and_figures(give, office):
    issued = give("望岭 技术合同占比 高企数", purpose="常务会材料")
    kept = Issued.objects.for_system("测试").get(pk=issued.pk)
    assert (kept.receiver, kept.purpose, kept.given_by) == ("市政府办", "常务会材料", "苏禾")
    assert kept.sentence.startswith("截至2026年10月12日，望岭县")
    figures = IssuedFigure.objects.for_system("测试").filter(issued=kept).order_by("pk")
    assert [(f.code, f.said, f.exact) for f in figures] == [
        ("contract_gdp", "0.28%", Decimal("0.28")),
        ("hitech_valid", "38家", Decimal(38)),
    ]
    assert figures[0].amount == Decimal("0.28") and figures[0].period == "2026-01..09"
    assert figures[0].definition_label == "输出技术口径"


def test_a_different_value_tells_who_got_what_and_why(office, give, warn):
    with clock.pretend(JULY):
        give("全市 输出额 2026年1-9月")
    office.put(
        "contract_output", "望岭县", "2026-01..09", "78000000", reason="登记", note="补登 QH-2026-0391"
    )
    warning = warn("全市 输出额 2026年1-9月")[0]
    # 27.03664 → 27.11664 亿元 when 望岭县 goes from 0.70 to 0.78 亿元.
    assert warning.said == (
        "青禾市2026年1—9月输出额：7-03 给市政府办的是 27.04亿元，现在是 27.12亿元，"
        "因望岭县技术合同成交额_输出（2026年1—9月）由 7000.00万元改为 7800.00万元（秦霁 10-12，说明：补登 QH-2026-0391）。"
    )


def test_everybody_who_got_another_value_is_named_newest_first(office, give, warn):
    give("望岭 高企数", receiver="市政府办")
    office.put("hitech_valid", "望岭县", "2026-09", 39)
    give("望岭 高企数", receiver="市统计局")
    office.put("hitech_valid", "望岭县", "2026-09", 40)
    warning = warn("望岭 高企数")[0]
    assert [(e.receiver, e.figure.said) for e in warning.earlier] == [
        ("市统计局", "39家"),
        ("市政府办", "38家"),
    ]
    assert "由 39家改为 40家" in warning.said


def test_the_same_value_in_the_reader_s_eyes_is_no_warning(office, give, warn):
    give("望岭 技术合同占比")
    office.put("contract_output", "望岭县", "2026-01..09", "70001000")  # 0.280004 %: still 0.28 %
    assert warn("望岭 技术合同占比") == []


def test_what_was_missing_and_is_there_now_is_no_warning(office, give, warn):
    give("枫桥 每万家法人高企数")
    office.put("legal_entities", "枫桥县", "2025-12", 20000)
    assert warn("枫桥 每万家法人高企数 9月") == []


def test_a_value_that_was_taken_back_is_a_warning(office, give, warn):
    give("望岭 高企数 9月")
    office.put("hitech_valid", "望岭县", "2026-09", None)
    said = warn("望岭 高企数 9月")[0].said
    assert "现在是 没有数（未报）" in said and "撤回，已退回" in said


def test_a_changed_definition_is_the_reason(office, give, warn):
    give("望岭 技术合同占比")
    with writing(office.actor, "改口径"):
        row = Indicator.objects.get(code="contract_gdp")
        row.formula, row.definition_label = "contract_absorbed / gdp * 100", "吸纳技术口径"
        row.save()
    office.put("contract_absorbed", "望岭县", "2026-01..09", "150000000")
    said = warn("望岭 技术合同占比")[0].said
    assert "公式由“contract_output / gdp * 100”改为“contract_absorbed / gdp * 100”" in said
    assert "口径版本由“输出技术口径”改为“吸纳技术口径”" in said


def test_another_publication_is_the_reason(office, give, warn):
    give("望岭 GDP 2025年")
    with writing(office.actor, "修订"):
        revised = Release(
            source="青禾市统计局", label="2025年修订", revised=True, released_on=date(2026, 10, 11)
        )
        revised.save()
    office.put("gdp", "望岭县", "2025", "30500000000", release=revised)
    said = warn("望岭 GDP 2025年")[0].said
    assert (
        "改取青禾市统计局 2025年修订的 305.00亿元" in said and "原取青禾市月报 2026年9月的 300.00亿元" in said
    )


def test_many_changes_are_counted(office, give, warn):
    give("全市 高企数")
    for name, number in (("云麓区", 251), ("枫桥县", 91), ("岚川县", 31), ("望岭县", 39)):
        office.put("hitech_valid", name, "2026-09", number)
    warning = warn("全市 高企数")[0]
    assert len(warning.why) == 4 and warning.why[-1] == "另有 1 处改动"


def test_a_dispatch_that_leaves_is_checked_too(office, give, clerk):
    give("望岭 技术合同占比")
    office.put("contract_output", "望岭县", "2026-01..09", "90000000")
    table = dispatch("strong-st-5", Period.parse("2026-01..09"), root=office.top)
    warnings = earlier_different(clerk, leaving_table(table))
    assert [w.what for w in warnings] == ["望岭县2026年1—9月技术合同占比"]


def test_county_posts_give_nothing(county_clerk, office):
    with pytest.raises(MayNotGive, match="不能对外给数"):
        record_issue(county_clerk, [], receiver="x", sentence="", revision=1, region=office.top)


def test_somebody_must_be_named(clerk, office):
    with pytest.raises(NobodyNamed):
        record_issue(clerk, [], receiver="　 ", sentence="", revision=1, region=office.top)
    assert not Issued.objects.for_system("测试").exists()


def test_the_register_is_scoped_and_cannot_be_edited_past_its_history(give, county_clerk):
    give("望岭 高企数")
    with pytest.raises(ScopeMissing):
        list(Issued.objects.all())
    assert not Issued.objects.visible_to(county_clerk).exists()
    with pytest.raises(HistoryBypassed):
        Issued.objects.for_system("测试").update(receiver="别人")


def test_register_is_searched_by_figure_receiver_and_day(give, clerk):
    with clock.pretend(JULY):
        give("望岭 高企数", receiver="市政府办")
    give("望岭 技术合同占比", receiver="市人大财经委", purpose="调研")

    def receivers(**search):
        return [row.receiver for row in register(clerk, Search(**search))]

    assert receivers() == ["市人大财经委", "市政府办"]
    assert receivers(figure="hitech_valid") == ["市政府办"]
    assert receivers(figure="高新技术企业") == ["市政府办"]
    assert receivers(text="人大 调研") == ["市人大财经委"]
    assert receivers(since="2026-07-04") == ["市人大财经委"]
    assert receivers(until="2026-07-03") == ["市政府办"]
    assert receivers(channel="export") == []


def test_a_receiver_that_would_run_as_a_formula_is_harmless_in_excel(give, clerk):
    give("望岭 高企数", receiver="=cmd|'/c calc'!A0", purpose="@SUM(1)")
    rows = register(clerk, Search())
    sheet = load_workbook(io.BytesIO(register_xlsx(rows))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "'=cmd|'/c calc'!A0" in [cell.value for cell in cells]
    lines = list(csv.reader(io.StringIO(register_csv(rows).decode("utf-8-sig"))))
    assert lines[1][1] == "'=cmd|'/c calc'!A0" and lines[1][2] == "'@SUM(1)"


def test_long_amounts_of_the_nation_fit(clerk, office, ask):
    office.counties["全国"] = type(office.top).objects.get(code="000000")
    office.put("gdp", "全国", "2024", "134908400000000")
    made = ask("全国 GDP 2024")
    issued = record_issue(
        clerk,
        leaving_answer(made),
        receiver="市政府办",
        sentence=sentence(made),
        revision=made.revision,
        region=office.top,
    )
    assert issued.figures.for_system("测试").get().amount == Decimal("134908400000000")


def test_two_givings_on_one_day_stay_two(give, clerk):
    give("望岭 高企数")
    give("望岭 高企数")
    rows = list(register(clerk, Search()))
    assert len(rows) == 2 and rows[0].given_at - rows[1].given_at < timedelta(days=1)


def test_a_giving_is_shown_beside_what_the_figures_are_now(give, office):
    from keshu.reports.since import since

    issued = give("望岭 技术合同占比 高企数")
    office.put("hitech_valid", "望岭县", "2026-09", 39)
    contracts, firms = since(issued)
    assert (contracts.now, contracts.same, contracts.why) == ("0.28%", True, ())
    assert (firms.now, firms.same) == ("39家", False) and "由 38家改为 39家" in firms.why[0]


def test_what_somebody_exported_for_own_use_warns_nobody(office, give, warn):
    give("望岭 高企数", receiver="本人存用", channel=Issued.Channel.EXPORT)
    office.put("hitech_valid", "望岭县", "2026-09", 39)
    assert warn("望岭 高企数") == []
