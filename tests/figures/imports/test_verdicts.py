"""What a file would do and what it did: new, changed, identical, empty, refused; all or nothing; the same file twice."""

from decimal import Decimal

import openpyxl
import pytest

from keshu.figures import cube
from keshu.figures.imports.applying import MayNotImport, apply, pending_notes
from keshu.figures.imports.models import ImportBatch, StagedRow, Verdict
from keshu.figures.imports.refused import write_refused_book
from keshu.figures.models import Measure, Release, ReportedValue
from keshu.journal import moments
from keshu.ledger.intake.batches import BatchState, discard
from tests.figures.imports.making import HEAD, counts, refusals, values

pytestmark = pytest.mark.django_db
GDP = "地区生产总值"


def test_the_preview_counts_new_changed_identical_empty_and_refused_and_writes_nothing(desk):
    desk.take(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"), ("2023年", "浙江", GDP, "82553", "亿元")))
    before = moments.latest()
    batch = desk.read(
        desk.csv(
            ("2023年", "北京", GDP, "43760.7", "亿元"),
            ("2023年", "浙江", GDP, "82553.2", "亿元"),
            ("2023年", "安徽", GDP, "47050.6", "亿元"),
            ("2023年", "西藏", GDP, "—", "亿元"),
            ("2023年", "望领县", GDP, "1", "亿元"),
        )
    )
    assert counts(batch) == {"new": 1, "changed": 1, "identical": 1, "empty": 1, "refused": 1}
    changed = StagedRow.objects.get(batch=batch, verdict=Verdict.CHANGED)
    assert (changed.before, changed.scaled) == (
        8_255_300_000_000_00,
        8_255_320_000_000_00,
    )  # 元 with two decimals
    assert moments.latest() == before
    assert len(values(GDP, "浙江", "2023")) == 1


def test_confirming_takes_one_revision_and_every_value_knows_its_row(desk):
    before = moments.latest()
    batch, outcome = desk.take(
        desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"), ("2023年", "浙江", GDP, "82553.2", "亿元"))
    )
    assert (outcome.new, outcome.changed) == (2, 0)
    assert batch.revision == moments.latest() == before + 1
    (value,) = values(GDP, "浙江", "2023")
    assert (value.value, value.origin, value.origin_pk) == (
        Decimal("8255320000000.00"),
        f"导入第{batch.pk}批第3行",
        batch.pk,
    )
    assert cube.verify()[1] == []


def test_repeating_the_same_file_changes_nothing_and_takes_no_revision(desk):
    path = desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"), ("2023年", "浙江", GDP, "82553.2", "亿元"))
    desk.take(path)
    before = moments.latest()
    batch, outcome = desk.take(path)
    assert counts(batch) == {"identical": 2}
    assert (outcome.new, outcome.changed, outcome.identical) == (0, 0, 2)
    assert (batch.revision, moments.latest()) == (None, before)
    assert ReportedValue.objects.for_system("测试").count() == 2


def test_two_previews_of_one_file_both_confirmed_leave_one_set_of_values(desk):
    path = desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"))
    first, second = desk.read(path), desk.read(path)
    assert counts(second) == {"new": 1}
    apply(first, desk.actor)
    before = moments.latest()
    outcome = apply(second, desk.actor)
    assert (outcome.new, outcome.changed, outcome.identical) == (0, 0, 1)
    assert (second.revision, moments.latest()) == (None, before)
    assert len(values(GDP, "北京", "2023")) == 1


def test_a_correction_within_one_release_is_the_next_version(desk):
    desk.take(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元")))
    _batch, outcome = desk.take(desk.csv(("2023年", "北京", GDP, "43760.9", "亿元")))
    assert outcome.changed == 1
    assert [(one.version, str(one.value)) for one in values(GDP, "北京", "2023")] == [
        (1, "4376070000000.00"),
        (2, "4376090000000.00"),
    ]
    assert cube.verify()[1] == []


def test_a_blank_or_a_dash_is_missing_it_is_not_zero_and_never_erases(desk):
    desk.take(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元")))
    for nothing in ("", "—", "…", "暂无"):
        batch, _outcome = desk.take(
            desk.csv(("2023年", "北京", GDP, nothing, "亿元"), ("2023年", "浙江", GDP, nothing, "亿元"))
        )
        assert counts(batch) == {"empty": 2}
        assert batch.revision is None
    assert [str(one.value) for one in values(GDP, "北京", "2023")] == ["4376070000000.00"]
    assert values(GDP, "浙江", "2023") == []


def test_a_zero_is_a_value(desk):
    desk.take(desk.csv(("2023年", "西藏", "技术合同成交额(输出)", "0", "亿元")))
    assert [one.scaled for one in values("contract_output", "西藏", "2023")] == [0]


def test_a_batch_is_confirmed_once_and_the_second_browser_is_told(desk):
    batch = desk.read(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元")))
    apply(batch, desk.actor)
    with pytest.raises(BatchState, match=r"已经导入过了.*没有再写"):
        apply(ImportBatch._base_manager.get(pk=batch.pk), desk.actor)
    with pytest.raises(BatchState, match="不能放弃"):
        discard(batch)
    given_up = desk.read(desk.csv(("2023年", "浙江", GDP, "82553.2", "亿元")))
    discard(given_up)
    with pytest.raises(BatchState, match="已经放弃"):
        apply(given_up, desk.actor)
    assert not StagedRow.objects.filter(batch=given_up).exists()


def test_without_the_right_nobody_imports(desk):
    from keshu.directory.actors import Actor

    batch = desk.read(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元")))
    with pytest.raises(MayNotImport, match="张三没有导入权限"):
        apply(batch, Actor(account_id=None, name="张三", sees_all=True))


def test_two_rows_for_one_key_are_both_refused_and_go_back_as_they_stood(desk, tmp_path):
    path = desk.xlsx(
        ("2023年", "北京", GDP, 43760.7, "亿元", "甲表"),
        ("2023年", "浙江", GDP, 82553.2, "亿元", ""),
        ("2023", "北京市", "GDP", "４３７６０．９", "亿元", "乙表"),
        head=(*HEAD, "备注"),
    )
    batch = desk.read(path)
    assert counts(batch) == {"new": 1, "refused": 2}
    said = "第 2、4 行说的是同一个数，不知道以哪一行为准。请只留一行。"
    assert refusals(batch) == [(2, "整行", said), (4, "整行", said)]
    out = tmp_path / "拒收.xlsx"
    assert write_refused_book(batch, out) == 2
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(out).active.iter_rows(min_row=2)]
    assert rows == [
        ["期间", "地区", "指标", "数值", "单位", "备注", "行号", "列", "原因"],
        ["2023年", "北京", GDP, 43760.7, "亿元", "甲表", 2, None, said],
        ["2023", "北京市", "GDP", "４３７６０．９", "亿元", "乙表", 4, None, said],
    ]


def test_the_refused_workbook_corrected_and_sent_again_is_taken(desk, tmp_path):
    path = desk.csv(
        ("2023年", "北京", GDP, "43760.7", "亿元"),
        ("2023年", "望领", GDP, "1,2O0", "亿元"),
        ("2023年", "安徽", GDP, "47,050.6", "亿元"),
        ("2023年", "安徽", GDP, "47050.7", "亿元"),
    )
    first, _ = desk.take(path)
    assert counts(first) == {"new": 1, "refused": 3}
    out = tmp_path / "拒收.xlsx"
    write_refused_book(first, out)
    book = openpyxl.load_workbook(out)
    page = book.active
    page["B3"], page["D3"] = "浙江", 82553.2
    page.delete_rows(5)
    second, outcome = desk.take(desk.book(book))
    assert counts(second) == {"new": 2}
    assert outcome.new == 2
    assert str(values(GDP, "安徽", "2023")[0].value) == "4705060000000.00"


def test_a_unit_above_the_table_comes_back_with_the_refused_rows(desk, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["单位：万元"],
        ["期间", "地区", "指标", "数值"],
        ["2023年", "北京", "财政科技支出", "4980000"],
        ["2023年", "北境", "财政科技支出", "7"],
    ):
        book.active.append(row)
    batch, _ = desk.take(desk.book(book))
    assert values("fiscal_st", "北京", "2023")[0].value == Decimal("49800000000")
    out = tmp_path / "拒收.xlsx"
    write_refused_book(batch, out)
    again = openpyxl.load_workbook(out)
    again.active["B3"] = "西藏"
    desk.take(desk.book(again))
    assert values("fiscal_st", "西藏", "2023")[0].value == Decimal("70000")


@pytest.mark.slow
def test_several_thousand_repeated_rows_take_one_more_pass_over_the_file(desk):
    rows = [("2023年", "北京", GDP, "43760.7", "亿元")] * 5000
    batch = desk.read(desk.csv(*rows))
    assert counts(batch) == {"refused": 5000}
    first = StagedRow.objects.filter(batch=batch).order_by("number").first()
    assert first.cells == ["2023年", "北京", GDP, "43760.7", "亿元"]
    assert "等 5000 行" in first.reason


def test_the_panels_notes_become_notes_of_the_definition(desk):
    head = ("year", "region", "measure", "value", "unit", "vintage", "source")
    path = desk.csv(
        ("2023", "北京", "高新技术企业当年公告数", "10475", "家", "流量；非有效存量", "认定公告名单"),
        head=head,
    )
    batch = desk.read(path)
    assert {m.code: notes for m, notes in pending_notes(batch).items()} == {
        "hitech_announced": ["流量；非有效存量"]
    }
    assert Measure.objects.get(code="hitech_announced").notes == []
    apply(batch, desk.actor)
    assert Measure.objects.get(code="hitech_announced").notes == ["流量；非有效存量"]
    assert pending_notes(batch) == {}
    before = moments.latest()
    desk.take(path)
    assert moments.latest() == before


def test_a_note_alone_is_written_even_when_every_value_stands(desk):
    head = (*HEAD, "口径")
    row = ("2023年", "北京", "高新技术企业当年公告数", "10475", "家")
    desk.take(desk.csv((*row, ""), head=head))
    batch, outcome = desk.take(desk.csv((*row, "流量"), head=head))
    assert (outcome.new, outcome.changed, outcome.identical) == (0, 0, 1)
    assert Measure.objects.get(code="hitech_announced").notes == ["流量"]
    assert batch.revision == moments.latest()


def test_an_estimate_is_flagged_and_its_release_is_an_estimate(desk):
    head = (*HEAD, "版次", "来源")
    desk.take(
        desk.csv(
            ("2022年", "北京", GDP, "41540.9", "亿元", "推算", "统计年鉴"),
            ("2023年", "北京", GDP, "43760.7", "亿元", "初步核算", "统计年鉴"),
            head=head,
        )
    )
    (guess,), (published,) = values(GDP, "北京", "2022"), values(GDP, "北京", "2023")
    assert (guess.estimated, guess.release.kind, guess.release.label) == (True, Release.Kind.ESTIMATE, "推算")
    assert (published.estimated, published.release.kind) == (False, Release.Kind.AUTHORITY)
    assert published.release.label == "2023年初步核算"
