"""A form is mapped once, filled for a period as of a revision, checked, exported and noted; what was sent never changes."""

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from keshu.directory.actors import Actor, Can
from keshu.figures.models import ReportedValue
from keshu.filling import drafting
from keshu.filling.adopting import MayNotAdopt, adopt
from keshu.filling.checks import is_open
from keshu.filling.computing import dated
from keshu.filling.feedback import NotSent, NotThisForm, differences, import_feedback
from keshu.filling.layout import Layout
from keshu.filling.mapping import BadMapping, MappedCell, MayNotFill, confirm_mapping
from keshu.filling.receiving import NameTaken, latest_blank, layout_of, new_blank, new_template
from keshu.filling.relations import UnreadableRelation, read_relation
from keshu.filling.working import (
    AlreadySent,
    ChecksOpen,
    LayoutChanged,
    NotExported,
    NotMapped,
    OtherPeriod,
    Stopped,
    changed_layout,
    check,
    earlier,
    export,
    fill_period,
    moved_since,
    record_sent,
    type_in,
    values_of,
)
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.reports.issuing import earlier_different
from keshu.reports.keeping import content_of
from keshu.reports.models import Issued, IssuedFigure
from keshu.reports.since import since
from keshu.terms.quantity import unscale
from keshu.terms.units import convert
from tests.filling.conftest import receive
from tests.filling.forms import BlankForm, monthly, percents, saved, two_sheets, word_two_tables

pytestmark = pytest.mark.django_db


def value(filled, address):
    return next(one for one in values_of(filled) if one.cell.key == f"1!{address}")


def cell(office, address, code="fiscal_st", region="望岭县", **more):
    return MappedCell(f"1!{address}", code=code, region=office[region].code, **{"rule": "to_date", **more})


# ---- mapping ------------------------------------------------------------------------------------------------


def test_heads_say_figure_region_period_unit_and_decimals(mapped, office):
    cells = {c["key"]: c for c in drafting.latest_mapping(mapped).cells}
    one = cells["1!C8"]
    assert (one["code"], one["region"], one["rule"]) == (
        "contract_output",
        office["望岭县"].code,
        "year_ago_to_date",
    )
    assert (one["unit"], one["decimals"]) == ("万元", 2)
    assert one["label"] == "望岭县 技术合同成交额 上年同期累计"


def test_nothing_is_mapped_before_a_clerk_has_confirmed_the_suggestions(clerk, form):
    drafting.put_suggestions(clerk, form)
    with pytest.raises(drafting.NotConfirmed, match="16 格只是建议"):
        drafting.confirm(clerk, form)


def test_no_figure_is_suggested_for_the_remarks_beside_it(clerk, office):
    """The row names the figure, so that the column has to say that it is none."""
    book = Workbook()
    for line in (["指标", "本期", "备注"], ["技术合同成交额（万元）", None, None]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    form = new_template(clerk, out, "季报.xlsx", name="季报", receiver="省科技厅", frequency="quarter")
    assert drafting.put_suggestions(clerk, form) == 1
    assert list(drafting.work_on(clerk, form).cells) == ["1!B2"]


def test_another_mapping_is_another_version_and_the_old_one_stays(clerk, mapped, office):
    drafting.drop_cell(clerk, mapped, "1!B5")
    drafting.put_cell(clerk, mapped, cell(office, "D5", unit="亿元", decimals=4, region="云麓区"))
    second = drafting.confirm(clerk, mapped)
    first = mapped.mappings.for_system("测试").get(number=1)
    assert (second.number, len(second.cells), len(first.cells)) == (2, 15, 16)
    assert next(c["unit"] for c in first.cells if c["key"] == "1!D5") == "万元"


def test_a_cell_that_cannot_be_mapped_says_why(clerk, form, office):
    for given, said in (
        ({"key": "1!B9"}, "是公式"),
        ({"key": "1!A5"}, "里是文字“云麓区”"),
        ({"key": "1!Z99"}, "没有 Z99 这一格"),
        ({"key": "乱写"}, "不是格的位置"),
        ({"code": "高企"}, "没有"),
        ({"unit": "家"}, "不能换算"),
        ({"unit": "块"}, "不认识"),
        ({"decimals": 9}, "0 到 6"),
    ):
        wrong = MappedCell.of({**cell(office, "D8", unit="万元").plain(), **given})
        with pytest.raises(BadMapping, match=said):
            confirm_mapping(clerk, latest_blank(form), [wrong])


def test_a_county_fills_no_forms(form, office):
    county = Actor(account_id=None, name="秦霁", region_ids=frozenset({office["望岭县"].pk}))
    with pytest.raises(MayNotFill):
        fill_period(county, form, "2026-09")


def test_a_name_is_taken_once(clerk, form):
    with pytest.raises(NameTaken, match="上传新空表"):
        receive(clerk, monthly())


# ---- filling ------------------------------------------------------------------------------------------------


def test_a_cell_is_converted_to_its_unit_and_rounded_once(clerk, form, office):
    # 望岭县: 0.7584 亿元 of the year before is 7584 万元, 0.76 亿元; 岚川县 0.89664 / 200 × 100 = 0.44832 %.
    cells = [
        cell(office, "C8", "contract_output", rule="year_ago_to_date", unit="万元", decimals=0),
        cell(office, "C7", "contract_output", rule="year_ago_to_date", unit="亿元"),
        cell(office, "D7", "contract_gdp", region="岚川县", unit="%", decimals=3),
        cell(office, "E8", "contract_output", aspect="change", decimals=1),
    ]
    confirm_mapping(clerk, latest_blank(form), cells)
    filled = fill_period(clerk, form, "2026-09")
    assert value(filled, "C8").said == "7584"
    assert value(filled, "C7").said == "0.76"
    assert value(filled, "D7").said == "0.448"
    # (0.70 − 0.7584) / 0.7584 = −7.7004 %
    assert value(filled, "E8").said == "−7.7" and value(filled, "E8").cell.unit == "%"


def test_a_missing_figure_leaves_the_cell_empty_with_its_reason_and_never_a_zero(clerk, mapped):
    filled = fill_period(clerk, mapped, "2026-09")
    assert (value(filled, "E8").state, value(filled, "E8").missing) == ("missing", "未发布")
    made = load_workbook(io.BytesIO(content_of(export(clerk, filled, note="未发布").copy)))["表1"]
    assert made["E8"].value is None and made["D8"].value == 5000


def test_the_text_agreed_for_missing_figures_stands_in_their_cells(clerk, office):
    form = receive(clerk, monthly(), name="另一张", missing_text="—")
    confirm_mapping(clerk, latest_blank(form), [cell(office, "E8", rule="year_ago_to_date", unit="万元")])
    filled = export(clerk, fill_period(clerk, form, "2026-09"), note="未发布")
    assert load_workbook(io.BytesIO(content_of(filled.copy)))["表1"]["E8"].value == "—"


def test_a_form_filled_as_of_an_earlier_revision_holds_what_stood_then(clerk, mapped, office):
    then = moments.latest()
    office.put("fiscal_st", "望岭县", "2026-01..09", 60_000_000)
    assert value(fill_period(clerk, mapped, "2026-09"), "D8").said == "6000.00"
    assert value(fill_period(clerk, mapped, "2026-09", as_of=f"r{then}"), "D8").said == "5000.00"


def test_a_form_waits_for_its_mapping_takes_its_own_periods_only_and_can_be_stopped(clerk, form, actor):
    with pytest.raises(NotMapped):
        fill_period(clerk, form, "2026-09")
    drafting.put_suggestions(clerk, form)
    drafting.confirm_suggestions(clerk, form)
    drafting.confirm(clerk, form)
    with pytest.raises(OtherPeriod, match="是月报"):
        fill_period(clerk, form, "2026")
    form.stopped = True
    with writing(actor, "停报"):
        form.save()
    with pytest.raises(Stopped):
        fill_period(clerk, form, "2026-09")


def test_what_was_typed_survives_taking_the_figures_anew(clerk, form, office):
    hand = MappedCell("1!F8", kind="hand", label="备注")
    confirm_mapping(clerk, latest_blank(form), [hand, cell(office, "D8", unit="万元")])
    filled = type_in(clerk, fill_period(clerk, form, "2026-09"), {"1!F8": "１２．５万", "1!D8": "1"})
    assert value(filled, "F8").written == Decimal(125000) and value(filled, "D8").said == "5000.00"
    again = fill_period(clerk, form, "2026-09")
    assert again.pk == filled.pk and value(again, "F8").text == "１２．５万"


# ---- 校核 ---------------------------------------------------------------------------------------------------


def relation_form(clerk, office, line, **totals):
    """Two counties and a total that is mapped, not computed by the form."""
    book = Workbook()
    sheet = book.active
    sheet.append(["地区", "财政科技支出（亿元）"])
    for name in ("岚川县", "望岭县", "合计"):
        sheet.append([name])
    form = receive(clerk, BlankForm("", "xlsx", saved(book), {}), name="有合计的表")
    cells = [
        cell(office, "B2", region="岚川县", unit="亿元", **totals),
        cell(office, "B3", region="望岭县", unit="亿元", **totals),
        cell(office, "B4", region="青禾市", unit="亿元", **totals),
    ]
    confirm_mapping(clerk, latest_blank(form), cells, [line])
    return form


def test_a_total_that_is_not_its_parts_is_found(clerk, office):
    form = relation_form(clerk, office, "B4 = B2:B3")
    found = check(clerk, fill_period(clerk, form, "2026-09"))
    # the whole city is 6.28 亿元, the two counties 1.10: 云麓区, 枫桥县 and 市本级 are not in the form
    assert [one.what for one in found if is_open(one)] == ["B4=B2:B3 不成立：B4 6.28，合计 1.1，差 5.18"]


def test_a_last_digit_lost_by_rounding_is_no_error(clerk, office):
    for name, yuan in (("岚川县", 14_000_000), ("望岭县", 24_000_000), ("青禾市", 38_000_000)):
        office.put("fiscal_st", name, "2026-01..09", yuan)
    # 0.14 → 0.1, 0.24 → 0.2, 0.38 → 0.4: the sums differ by 0.1, the unrounded ones do not
    found = check(
        clerk, fill_period(clerk, relation_form(clerk, office, "B4 = B2:B3", decimals=1), "2026-09")
    )
    assert [(one.kind, is_open(one)) for one in found] == [("rounding", False)]


def test_a_relation_that_cannot_be_read_says_how_to_write_it(clerk, form):
    layout = Layout.of(latest_blank(form).layout)
    for line, said in (
        ("B9", "看不懂"),
        ("B9 = B5 到 B8", "看不懂"),
        ("B9 = B5:B40", "没有"),
        ("B9 = B5:B9", "分项"),
    ):
        with pytest.raises(UnreadableRelation, match=said):
            read_relation(line, layout)
    assert read_relation("D9 <= D5+D6, 1!D7", layout).parts == ("1!D5", "1!D6", "1!D7")


def test_a_formula_over_a_missing_cell_is_named_and_the_export_wants_words(clerk, mapped):
    filled = fill_period(clerk, mapped, "2026-09")
    found = [one for one in check(clerk, filled) if one.kind == "formula"]
    assert ["E9" in one.what and "偏少" in one.what for one in found] == [True]
    with pytest.raises(ChecksOpen, match="写明原因"):
        export(clerk, filled)
    assert export(clerk, filled, note="上年财政数未发布").note == "上年财政数未发布"


def test_a_total_that_leaves_a_county_out_is_not_sent_without_words(clerk, form, office):
    confirm_mapping(clerk, latest_blank(form), [cell(office, "D8", region="青禾市", unit="万元")])
    assert not [one for one in check(clerk, fill_period(clerk, form, "2026-09")) if is_open(one)]
    office.put("fiscal_st", "望岭县", "2026-01..09", None)
    filled = fill_period(clerk, form, "2026-09")
    found = [one.what for one in check(clerk, filled) if is_open(one)]
    # 1.80 + 0.80 + 0.60 + 2.58 亿元
    assert found == ["D8 57800.00 未含望岭县，表里看不出来"]


def test_a_figure_that_changed_since_the_form_was_filled_is_shown(clerk, mapped, office):
    filled = fill_period(clerk, mapped, "2026-09")
    office.put("gdp", "望岭县", "2026-01..09", 25_100_000_000)
    assert moved_since(filled) == []
    office.put("fiscal_st", "望岭县", "2026-01..09", 51_000_000)
    assert [(one.cell.key, one.said) for one in moved_since(filled)] == [("1!D8", "5100.00")]


def test_the_period_goes_where_the_form_leaves_room_for_it():
    for text, filled in (
        ("情况表（    年  月）", "情况表（2026年9月）"),
        ("____年____月月报", "2026年9月月报"),
        ("2025年12月", "2026年9月"),
        ("报告期：2026年三季度", "报告期：2026年9月"),
        ("", "2026年9月"),
    ):
        assert dated(text, "2026年9月") == filled


def test_the_name_of_the_period_and_an_empty_remark_want_no_figure(clerk, form, office):
    period = MappedCell("1!A1", kind="period")
    confirm_mapping(clerk, latest_blank(form), [period, MappedCell("1!F8", kind="remark", label="备注")])
    filled = fill_period(clerk, form, "2026-09")
    assert check(clerk, filled) == []
    made = load_workbook(io.BytesIO(content_of(export(clerk, filled).copy)))["表1"]
    assert made["A1"].value == "科技统计月报（2026年9月）" and made["F8"].value is None


# ---- leaving ------------------------------------------------------------------------------------------------


def sent(clerk, form, period="2026-09", **more):
    filled = export(clerk, fill_period(clerk, form, period), note="未发布")
    record_sent(clerk, filled, **more)
    filled.refresh_from_db()
    return filled


def test_every_figure_goes_into_the_register_in_the_words_of_the_form(clerk, form, office):
    cells = [
        cell(office, "D8", unit="亿元", decimals=4),
        cell(office, "E8", "contract_output", aspect="change", decimals=1),
        MappedCell("1!F8", kind="hand", label="备注"),
        cell(office, "C8", rule="year_ago_to_date", unit="万元"),
    ]
    confirm_mapping(clerk, latest_blank(form), cells)
    filled = type_in(clerk, fill_period(clerk, form, "2026-09"), {"1!F8": "42"})
    record_sent(clerk, export(clerk, filled, note="未发布"))
    issued = Issued.objects.for_system("测试").get()
    rows = IssuedFigure.objects.for_system("测试").filter(issued=issued).order_by("pk")
    assert [(r.kind, r.said) for r in rows] == [
        ("measure", "未发布"), ("measure", "0.5000亿元"), ("form", "−7.7%"), ("form", "42"),
    ]  # fmt: skip
    assert issued.receiver == "省科技厅" and "已填 2 格，手填 1 格，缺数 1 格" in issued.sentence
    assert (
        content_of(issued.composed)[:2] == b"PK"
        and issued.composed.file_name == "科技统计月报_2026年9月.xlsx"
    )
    assert all(one.same for one in since(issued))


def test_a_figure_that_left_in_the_form_is_compared_in_the_forms_own_unit(clerk, form, office):
    confirm_mapping(clerk, latest_blank(form), [cell(office, "D8", unit="亿元", decimals=4)])
    first = sent(clerk, form)
    # 0.50000004 亿元 reads 0.5000 亿元 as before; 0.5004 does not.
    office.put("fiscal_st", "望岭县", "2026-01..09", 50_000_004)
    again = fill_period(clerk, form, "2026-09")
    assert again.pk != first.pk and not [c for c in check(clerk, again) if c.kind == "changed"]
    office.put("fiscal_st", "望岭县", "2026-01..09", 50_040_000, reason="县局改数")
    again = fill_period(clerk, form, "2026-09")
    found = next(c for c in check(clerk, again) if c.kind == "changed")
    assert "省科技厅的是 0.5000亿元，现在是 0.5004亿元" in found.what and found.keys == ("1!D8",)
    exported = export(clerk, again, note="县局改数")
    with pytest.raises(ChecksOpen, match="知道了"):
        record_sent(clerk, exported)
    record_sent(clerk, exported, known=True)
    assert not earlier_different(clerk, [])


def test_what_was_sent_does_not_change(clerk, mapped):
    filled = sent(clerk, mapped)
    for attempt in (
        lambda: type_in(clerk, filled, {}),
        lambda: export(clerk, filled),
        lambda: record_sent(clerk, filled),
    ):
        with pytest.raises(AlreadySent):
            attempt()


def test_a_form_that_was_changed_after_its_export_is_exported_again_before_it_is_noted(clerk, mapped, office):
    filled = export(clerk, fill_period(clerk, mapped, "2026-09"), note="未发布")
    office.put("fiscal_st", "望岭县", "2026-01..09", 51_000_000)
    filled = fill_period(clerk, mapped, "2026-09")
    with pytest.raises(NotExported):
        record_sent(clerk, filled)


def test_the_period_before_stands_beside_with_what_was_sent_then(clerk, mapped):
    august = sent(clerk, mapped, "2026-08")
    assert earlier(fill_period(clerk, mapped, "2026-09"), clerk).pk == august.pk
    assert earlier(august, clerk) is None


# ---- feedback -----------------------------------------------------------------------------------------------


def test_feedback_in_the_form_is_compared_cell_by_cell(clerk, mapped):
    filled = sent(clerk, mapped)
    book = load_workbook(io.BytesIO(content_of(filled.copy)))
    book["表1"]["D8"], book["表1"]["E8"], book["表1"]["B5"] = 4800, 4700, None
    filled = import_feedback(clerk, filled, io.BytesIO(saved(book)), "反馈.xlsx")
    told = {one.key: (one.verdict, one.by) for one in differences(filled)}
    assert told["1!D8"] == ("differs", Decimal(-200))
    assert (told["1!E8"][0], told["1!B5"][0], told["1!D7"][0]) == ("only_theirs", "only_ours", "same")


def test_feedback_as_a_list_is_found_by_region_and_figure(clerk, mapped):
    filled = sent(clerk, mapped)
    book = Workbook()
    book.active.append(["地区", "指标", "反馈数", "计量单位"])
    book.active.append(["望岭县", "财政科技支出", 0.48, "亿元"])
    filled = import_feedback(clerk, filled, io.BytesIO(saved(book)), "清单.xlsx")
    assert [(one.sent, one.back) for one in differences(filled) if one.sent] == [
        (Decimal(5000), Decimal(4800))
    ]


def test_feedback_is_recorded_as_a_release_of_its_own_once_and_what_was_reported_stays(clerk, mapped):
    filled = sent(clerk, mapped)
    book = Workbook()
    book.active.append(["地区", "指标", "反馈数", "计量单位"])
    book.active.append(["望岭县", "财政科技支出", 0.48, "亿元"])
    filled = import_feedback(clerk, filled, io.BytesIO(saved(book)), "清单.xlsx")
    before = ReportedValue.objects.for_system("测试").count()
    with pytest.raises(MayNotAdopt):
        adopt(clerk, filled)
    planner = replace(clerk, capabilities=clerk.capabilities | {Can.IMPORT_FIGURES})
    release = adopt(planner, filled)
    (value,) = ReportedValue.objects.for_system("测试").filter(release=release)
    # 0.48 亿元 is 48 000 000 元
    assert unscale(value.scaled, value.measure.decimals) == convert(
        Decimal("0.48"), "亿元", value.measure.unit
    )
    assert (release.kind, value.origin_pk, "清单.xlsx" in release.note) == ("feedback", filled.pk, True)
    assert adopt(planner, filled) == release
    assert ReportedValue.objects.for_system("测试").count() == before + 1


def test_feedback_wants_a_form_that_was_sent_and_a_file_of_it(clerk, mapped):
    filled = fill_period(clerk, mapped, "2026-09")
    with pytest.raises(NotSent):
        import_feedback(clerk, filled, io.BytesIO(monthly().content), "月报.xlsx")
    with pytest.raises(NotThisForm):
        import_feedback(clerk, sent(clerk, mapped), io.BytesIO(percents().content), "别的.xlsx")


# ---- a form whose layout changed ----------------------------------------------------------------------------


def altered(change):
    book = load_workbook(io.BytesIO(monthly().content))
    change(book["表1"])
    return io.BytesIO(saved(book))


def test_another_month_in_the_title_is_no_change_of_the_form(clerk, mapped):
    def title(sheet):
        sheet["A1"] = "科技统计月报（2026年10月）"

    blank = new_blank(clerk, mapped, altered(title), "月报.xlsx")
    assert blank.number == 2 and changed_layout(mapped) is None
    assert fill_period(clerk, mapped, "2026-09").blank_id == blank.pk


def test_an_added_row_is_named_and_the_cells_below_are_followed(clerk, mapped):
    def county(sheet):
        sheet.insert_rows(7)
        sheet["A7"] = "南芷市"

    new_blank(clerk, mapped, altered(county), "月报.xlsx")
    change = changed_layout(mapped)
    moved = {one.before.key: one.after.key for one in change.moved}
    assert moved["1!D7"] == "1!D8" and moved["1!D5"] == "1!D5" and not change.lost
    assert change.new == ("第 7 行多了一项“南芷市”，没有对上",)
    with pytest.raises(LayoutChanged, match="第 7 行多了一项“南芷市”"):
        fill_period(clerk, mapped, "2026-09")


def test_a_column_that_went_is_named_with_its_cells(clerk, mapped):
    def without(sheet):
        sheet["E4"] = "本月"

    new_blank(clerk, mapped, altered(without), "月报.xlsx")
    change = changed_layout(mapped)
    assert len(change.lost) == 4 and len(change.moved) == 12
    assert "没有“望岭县”“上年同期累计”这一格" in change.lost[-1][1]
    assert any("E 列多了一项" in said for said in change.new)


def test_relations_move_with_their_cells(clerk, office):
    form = relation_form(clerk, office, "B4 = B2:B3")
    book = Workbook()
    book.active.append(["地区", "财政科技支出（亿元）"])
    for name in ("云麓区", "岚川县", "望岭县", "合计"):
        book.active.append([name])
    new_blank(clerk, form, io.BytesIO(saved(book)), "表.xlsx")
    assert changed_layout(form).sums == ("1!B5=1!B3+1!B4",)
    assert drafting.take_over(clerk, form) == 3
    drafting.confirm_suggestions(clerk, form)
    assert drafting.confirm(clerk, form).sums == ["1!B5=1!B3+1!B4"]


def test_a_word_form_and_a_form_of_two_sheets_are_filled_from_the_figures(clerk, office):
    for form, address, text in ((word_two_tables(), "1!C2", "0.7000"), (two_sheets(), "1!B5", "0.7")):
        template = receive(clerk, form, name=form.what)
        one = MappedCell(
            address,
            code="contract_output",
            region=office["望岭县"].code,
            rule="to_date",
            unit="亿元",
            decimals=4,
        )
        confirm_mapping(clerk, latest_blank(template), [one])
        filled = export(clerk, fill_period(clerk, template, "2026-09"), note="只填一格")
        made: Layout = layout_of(form.kind, content_of(filled.copy), "回读")
        assert made.cell(address).text == text
