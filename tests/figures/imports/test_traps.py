"""Each line of the list of bad input, and each trap of the unit, with the sentence that the clerk reads."""

import io
import os
import subprocess
import sys
import textwrap
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import to_excel

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.counting import SOURCE
from keshu.figures.imports.applying import MayNotImport, apply
from keshu.figures.imports.models import ImportBatch, StagedRow
from keshu.figures.imports.receiving import receive
from keshu.figures.models import Measure, Release
from keshu.journal.writing import writing
from keshu.ledger.intake.hazards import EmptyFile, IntakeError, NotAccepted, TooLarge, WrongEncoding, ZipBomb
from tests.figures.imports.making import HEAD, Desk, counts, reason, refusals, values

pytestmark = pytest.mark.django_db
GDP = "地区生产总值"
INTENSITY = "研发经费投入强度(公报)"


def failed(desk: Desk, path: Path) -> str:
    """What the clerk reads of a file that cannot be read at all; the batch keeps it."""
    with pytest.raises(IntakeError) as refusal:
        desk.read(path)
    batch = ImportBatch._base_manager.latest("pk")
    assert (batch.state, batch.failure) == ("failed", str(refusal.value))
    assert not StagedRow.objects.filter(batch=batch).exists()
    return batch.failure


# ---- the file as a whole


def test_a_wrong_encoding_is_named_with_its_line(desk):
    path = desk.file(b"year,region,measure,value\n2023,110000,gdp,1\n" + b"2023,\xff\xfe\xff\xff,gdp,2\n" * 3)
    said = failed(desk, path)
    assert "第 3 行" in said
    assert "既不是 UTF-8 也不是 GBK" in said
    with pytest.raises(WrongEncoding):
        desk.read(path)


def test_an_empty_file_says_so(desk):
    assert failed(desk, desk.file(b"")).endswith("是空的，里面没有任何内容。请打开核对，保存后再传。")
    with pytest.raises(EmptyFile):
        desk.read(desk.file(b""))


def test_a_head_without_rows_and_a_file_without_a_head(desk):
    assert "下面没有数据" in failed(desk, desk.csv())
    assert "没有找到表头" in failed(desk, desk.csv(("a", "b"), head=("c", "d")))
    assert "缺少必填的列：“指标”" in failed(
        desk, desk.csv(("2023年", "北京", "1"), head=("期间", "地区", "数值"))
    )


def test_200_megabytes_are_refused_by_size_before_anything_is_kept(desk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    big = tmp_path / "大.csv"
    with big.open("wb") as out:
        out.truncate(200 * 1024 * 1024)  # sparse: takes no room
    assert "200 MB" in failed(desk, big)
    with big.open("rb") as stream, pytest.raises(TooLarge, match="拆成几个文件分别上传"):
        receive(stream, "大.csv", desk.actor)
    assert not (tmp_path / "files").exists()


def test_a_zip_bomb_is_not_unpacked(desk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    made = openpyxl.Workbook()
    made.save(tmp_path / "小.xlsx")
    bomb = tmp_path / "炸.xlsx"
    with (
        zipfile.ZipFile(tmp_path / "小.xlsx") as package,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in package.namelist():
            if "sheet1" not in name:
                out.writestr(name, package.read(name))
        with out.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(60):
                sheet.write(b" " * 1024 * 1024)
    assert "像是压缩炸弹，没有解开" in failed(desk, bomb)
    with bomb.open("rb") as stream, pytest.raises(ZipBomb):
        receive(stream, "炸.xlsx", desk.actor)
    assert not (tmp_path / "files").exists()


def test_a_picture_is_no_table(desk):
    with pytest.raises(NotAccepted, match="可以上传：Excel 工作簿、文本"):
        receive(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(100)), "表.png", desk.actor)


# ---- names


def test_an_unknown_region_or_measure_is_asked_back_with_the_nearest_names(desk):
    with writing(desk.actor, "建县"):
        Region(code="991001", name="望岭县", short_name="望岭", level="county").save()
    batch = desk.read(
        desk.csv(("2023年", "望领县", GDP, "1", "亿元"), ("2023年", "北京", "地区生产总直", "1", "亿元"))
    )
    assert refusals(batch) == [
        (2, "地区", "没有地区“望领县”。是不是 望岭县？"),
        (3, "指标", "没有指标或计量“地区生产总直”。是不是 地区生产总值、地区生产总值_由公报强度反推？"),
    ]


def test_names_with_spaces_wrong_glyphs_and_full_width_letters_are_known(desk):
    batch, _ = desk.take(
        desk.csv(
            ("2023年", "四藏自治区", GDP, "2392.67", "亿元"),
            ("2023年", "浙　江 省", "ＧＤＰ", "82553.2", "亿元"),
            ("2023年", "广西壮族自治区", " 地区 生产总值", "27202.39", "亿元"),
        )
    )
    assert counts(batch) == {"new": 3}
    assert values(GDP, "西藏", "2023")[0].value == Decimal("239267000000")


def test_a_code_and_a_name_must_mean_the_same_place(desk):
    head = ("期间", "地区代码", "地区", "指标", "数值", "单位")
    batch = desk.read(
        desk.csv(
            ("2023", "330000", "浙江", GDP, "1", "亿元"),
            ("2023", "340000", "浙江", GDP, "1", "亿元"),
            head=head,
        )
    )
    assert counts(batch) == {"new": 1, "refused": 1}
    assert reason(batch) == "代码 340000 是安徽省，名称写的是“浙江”，两样对不上。请改成一致。"


def test_two_places_of_one_name_are_told_apart_by_their_code_only(desk):
    with writing(desk.actor, "建区"):
        for code in ("320106", "410204"):
            Region(code=code, name="鼓楼区", short_name="鼓楼", level="county").save()
    head = ("期间", "地区代码", "地区", "指标", "数值", "单位")
    batch = desk.read(
        desk.csv(
            ("2023", "", "鼓楼区", GDP, "1", "亿元"),
            ("2023", "410204", "鼓楼区", GDP, "1", "亿元"),
            head=head,
        )
    )
    assert reason(batch) == "叫“鼓楼区”的有 2 个（320106、410204），分不清是哪一个。请填地区代码。"
    assert counts(batch) == {"new": 1, "refused": 1}


# ---- scope


@pytest.fixture
def county(desk, city, tmp_path) -> Desk:
    """甲县's own desk: a county actor who was given the right to import."""
    actor = Actor(
        account_id=None,
        name="甲县局",
        region_ids=frozenset({city.a.pk}),
        capabilities=frozenset({Can.IMPORT_FIGURES}),
    )
    return Desk(tmp_path, actor)


def test_a_county_cannot_import_for_another(county):
    batch = county.read(
        county.csv(("2026年1—9月", "甲县", GDP, "80", "亿元"), ("2026年1—9月", "乙县", GDP, "90", "亿元"))
    )
    assert counts(batch) == {"new": 1, "refused": 1}
    assert refusals(batch) == [
        (3, "地区", "乙县不在现在这个岗位的范围里。请由管乙县的科技局上传，或交市局导入。")
    ]


def test_a_batch_read_in_a_wider_post_is_not_confirmed_in_a_narrower_one(county, desk):
    batch = desk.read(desk.csv(("2026年1—9月", "乙县", GDP, "90", "亿元")))
    with pytest.raises(MayNotImport, match="换回上传时的岗位"):
        apply(batch, county.actor)


def test_what_a_county_sends_of_itself_stands_beside_the_authority_and_never_replaces_it(county, desk):
    head = (*HEAD, "来源")
    row = ("2026年1—9月", "甲县", GDP)
    desk.take(desk.csv((*row, "80", "亿元", "统计局"), head=head))
    batch, _ = county.take(county.csv((*row, "81", "亿元", "统计局"), head=head))
    assert counts(batch) == {"new": 1}
    authority, own = values(GDP, "甲县", "2026-01..09")
    assert (authority.version, authority.release.kind) == (1, Release.Kind.AUTHORITY)
    assert (own.version, own.release.kind, own.release.source) == (1, Release.Kind.COUNTY, "县局上传·统计局")


def test_a_county_report_is_not_changed_by_an_import_of_the_city(county, desk):
    head = (*HEAD, "来源")
    row = ("2026年1—9月", "甲县", GDP)
    county.take(county.csv((*row, "81", "亿元", "统计局"), head=head))
    batch = desk.read(desk.csv((*row, "95", "亿元", "县局上传·统计局"), head=head))
    assert reason(batch) == "“县局上传·统计局”是县里报的数，不能用导入改。要改请在填报页代录或追溯调整。"


# ---- numbers


def test_full_width_digits_and_thousands_separators_are_numbers(desk):
    batch, _ = desk.take(
        desk.csv(
            ("2023年", "北京", GDP, "４３，７６０．７", "亿元"), ("2023年", "浙江", GDP, "82,553.2", "亿元")
        )
    )
    assert counts(batch) == {"new": 2}
    assert [values(GDP, place, "2023")[0].value for place in ("北京", "浙江")] == [
        Decimal("4376070000000"),
        Decimal("8255320000000"),
    ]


def test_a_letter_o_among_the_digits_is_shown_with_what_was_meant(desk):
    batch = desk.read(desk.csv(("2023年", "北京", GDP, "1,2O0", "亿元")))
    assert refusals(batch) == [
        (2, "数值", "“1,2O0”不能当作数字：里面有字母 O。是否应为 1200？请改成一个数，没有数据时留空或填“—”。")
    ]


def test_out_of_range_names_the_bound(desk):
    batch = desk.read(
        desk.csv(
            ("2023年", "北京", INTENSITY, "67.3", "%"), ("2023年", "北京", "全社会研发经费支出", "-5", "亿元")
        )
    )
    assert [one[2] for one in refusals(batch)] == [
        "研发经费投入强度_公报 67.3% 高于上限 20。请核对单位和小数点。",
        "全社会研发经费支出 -5亿元 低于下限 0。请核对正负号和单位。",
    ]


def test_a_measure_that_is_never_negative_refuses_a_minus(desk):
    with writing(desk.actor, "不为负"):
        measure = Measure.objects.get(code="valid_patents")
        measure.negative_allowed = False
        measure.save()
    batch = desk.read(desk.csv(("2023年", "北京", "有效发明专利", "-3", "件")))
    assert reason(batch) == "有效发明专利不会是负数，这里是 -3件。请核对正负号。"


def test_a_unit_that_measures_something_else_and_two_units_at_once(desk):
    batch = desk.read(
        desk.csv(
            ("2023年", "北京", GDP, "1", "家"),
            ("2023年", "浙江", GDP, "1", "两"),
            ("2023年", "安徽", GDP, "3万元", "亿元"),
        )
    )
    assert [one[2] for one in refusals(batch)] == [
        "地区生产总值用亿元，这里写“家”，换算不了。请改单位。",
        "地区生产总值用亿元，这里写“两”，换算不了。请改单位。",
        "数值里写着“万元”，单位列是“亿元”，两样不同。请只留一个。",
    ]


def test_more_decimals_than_are_kept_are_refused_and_not_rounded(desk):
    batch = desk.read(desk.csv(("2023年", "北京", "有效发明专利", "3.5", "件")))
    assert reason(batch) == "折成件是 3.5，超过 0 位小数。请按 件 核对后重填。"


# ---- traps of the unit


def test_a_ratio_where_percent_is_declared_is_known_by_last_year(desk):
    """0.0265 typed as % beside 2.54 of last year: a hundredth. Written as 比值 it is 2.65 %."""
    desk.take(desk.csv(("2022年", "全国", INTENSITY, "2.54", "%")))
    batch = desk.read(desk.csv(("2023年", "全国", INTENSITY, "0.0265", "%")))
    assert reason(batch) == (
        "0.0265%，同一地区相邻年份是 2.54%，像是比值没有乘 100（该写成百分数，或把单位写成“比值”）。"
        "请改单位或数值；确实如此的，在备注写“已核对”再传。"
    )
    desk.take(desk.csv(("2023年", "全国", INTENSITY, "0.0265", "比值")))
    assert values(INTENSITY, "全国", "2023")[0].value == Decimal("2.65")


def test_ten_thousand_yuan_against_a_hundred_million_is_known_by_last_year(desk):
    desk.take(desk.csv(("2022年", "北京", "财政科技支出", "477.8", "亿元")))
    small = desk.read(desk.csv(("2023年", "北京", "财政科技支出", "498.1", "万元")))
    assert "498.1" not in reason(small)  # shown in the unit of the measure, so that both compare
    assert "0.04981亿元，同一地区相邻年份是 477.8亿元，像是单位写小了（亿元写成万元" in reason(small)
    large = desk.read(desk.csv(("2023年", "北京", "财政科技支出", "4981000", "亿元")))
    assert "像是单位写大了（万元写成亿元" in reason(large)
    rightly = desk.read(desk.csv(("2023年", "北京", "财政科技支出", "4981000", "万元")))
    assert counts(rightly) == {"new": 1}


def test_a_slip_within_one_file_is_known_by_its_neighbours(desk):
    batch = desk.read(
        desk.csv(
            ("2021年", "全国", INTENSITY, "2.44", "%"),
            ("2022年", "全国", INTENSITY, "2.54", "%"),
            ("2023年", "全国", INTENSITY, "0.0265", "%"),
        )
    )
    assert [one[0] for one in refusals(batch)] == [4]


def test_what_was_checked_is_taken(desk):
    desk.take(desk.csv(("2022年", "西藏", "技术合同成交额(输出)", "0.01", "亿元")))
    row = ("2023年", "西藏", "技术合同成交额(输出)", "90", "亿元")
    assert counts(desk.read(desk.csv(row))) == {"refused": 1}
    assert counts(desk.read(desk.csv((*row, "已核对"), head=(*HEAD, "备注")))) == {"new": 1}


def test_a_percent_format_of_excel_is_percent(desk):
    made = openpyxl.Workbook()
    made.active.append(list(HEAD))
    made.active.append(["2023年", "全国", INTENSITY, 0.0265, "%"])
    made.active["D2"].number_format = "0.00%"
    desk.take(desk.book(made))
    assert values(INTENSITY, "全国", "2023")[0].value == Decimal("2.65")


# ---- workbooks


def test_merged_names_fill_down_with_a_note_and_merged_numbers_are_refused(desk):
    made = openpyxl.Workbook()
    for row in (
        HEAD,
        ("2023年", "北京", GDP, 43760.7, "亿元"),
        ("2024年", None, GDP, 49843.1, "亿元"),
        ("2023年", "浙江", GDP, 1, "亿元"),
        ("2023年", "安徽", GDP, None, "亿元"),
    ):
        made.active.append(list(row))
    made.active.merge_cells("B2:B3")
    made.active.merge_cells("D4:D5")
    batch, _ = desk.take(desk.book(made))
    assert values(GDP, "北京", "2024")[0].value == Decimal("4984310000000")
    assert "从第 2 行起 2 行“地区”：取自合并单元格 B2:B3" in batch.notes
    assert [one[2] for one in refusals(batch)] == [
        "合并单元格 D4:D5 里的 1 不知道属于哪一格，请取消合并后分别填写"
    ] * 2


def test_hidden_sheets_are_not_read_and_named(desk):
    batch = desk.read(desk.xlsx(("2023年", "北京", GDP, 43760.7, "亿元"), hidden=["去年底稿"]))
    assert batch.notes == ["工作表“去年底稿”是隐藏的，没有读"]


def test_a_formula_is_read_by_its_saved_result_and_refused_without_one(desk):
    batch = desk.read(desk.xlsx(("2023年", "北京", GDP, "=43760+0.7", "亿元")))  # openpyxl saves no result
    assert "是公式，没有存下结果，请复制后选择性粘贴为数值再传" in reason(batch)


def test_dates_as_serials_are_periods_and_dates_with_a_note(desk):
    head = (*HEAD, "发布日期")
    serial, period = int(to_excel(date(2024, 10, 2))), int(to_excel(date(2026, 9, 1)))
    batch, _ = desk.take(desk.xlsx((period, "北京", "有效发明专利", 1000, "件", serial), head=head))
    (value,) = values("valid_patents", "北京", "2026-09")
    assert value.release.released_on == date(2024, 10, 2)
    assert f"第 2 行“期间”：{period} 是日期序号，读作 2026年9月" in batch.notes


def test_gbk_csv_reads_like_utf8(desk):
    batch = desk.read(desk.csv(("2023年", "北京", GDP, "43760.7", "亿元"), encoding="gbk"))
    assert counts(batch) == {"new": 1}


def test_an_unreadable_period_says_how_to_write_it(desk):
    batch = desk.read(desk.csv(("去年", "北京", GDP, "1", "亿元")))
    assert "去年" in reason(batch)


def test_total_rows_are_refused_and_never_counted(desk):
    batch = desk.read(desk.csv(("2023年", "北京", GDP, "1", "亿元"), ("合计", "", GDP, "1", "亿元")))
    assert counts(batch) == {"new": 1, "refused": 1}


# ---- publications


def test_each_data_year_of_first_releases_is_a_release_of_its_own(desk):
    head = (*HEAD, "版次", "来源")
    rows = [
        (f"{year}年", "全国", INTENSITY, value, "%", "首次发布", "统计公报")
        for year, value in ((2022, 2.54), (2023, 2.65))
    ]
    desk.take(desk.csv(*rows, head=head))
    assert sorted(Release.objects.exclude(source=SOURCE).values_list("label", flat=True)) == [
        "2022年首次发布",
        "2023年首次发布",
    ]


def test_one_publication_has_one_date(desk):
    head = (*HEAD, "发布", "发布日期")
    row = ("全国", INTENSITY, "2.54", "%", "2023年公报")
    batch, _ = desk.take(desk.csv(("2022年", *row, "2024-10-02"), ("2021年", *row, "2024-10-03"), head=head))
    assert reason(batch) == (
        "“未注明来源 2023年公报”的发布日期已是 2024-10-02，这里写 2024-10-03。"
        "请改成一致；不是同一次发布的，在发布列另写名称。"
    )
    again = desk.read(desk.csv(("2020年", *row, "2024-10-05"), head=head))
    assert "的发布日期已是 2024-10-02" in reason(again)


def test_one_value_in_one_release_given_twice_with_other_words_is_repeated(desk):
    """The release is told by source and name; a mark of revision on one of the rows makes no second one."""
    head = (*HEAD, "版次", "发布")
    row = ("2022年", "全国", INTENSITY)
    batch = desk.read(
        desk.csv((*row, "2.54", "%", "首次发布", "公报"), (*row, "2.56", "%", "修订", "公报"), head=head)
    )
    assert counts(batch) == {"refused": 2}


# ---- the disk


SCRIPT = """
    import os, resource, sys
    from pathlib import Path
    os.environ["DJANGO_SETTINGS_MODULE"] = "keshu.settings"
    import django
    django.setup()
    from keshu.cli.prepare import prepare
    prepare()
    from django.conf import settings
    from keshu.directory.actors import system
    from keshu.figures.imports.models import ImportBatch
    from keshu.figures.imports.receiving import receive
    from keshu.ledger.intake.hazards import DiskFull
    size = 64 << 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        with open(sys.argv[1], "rb") as stream:
            receive(stream, "大.csv", system("测试"))
    except DiskFull as error:
        print(error)
    files = [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]
    print(len(files), ImportBatch._base_manager.count())
"""


def test_no_room_for_the_upload_keeps_no_half_file_and_opens_no_batch(tmp_path):
    """A limit of the operating system on the size of files stands for a full disk."""
    big = tmp_path / "大.csv"
    with big.open("wb") as out:
        out.write("期间,地区,指标,数值\n".encode())
        for _ in range(70):
            out.write(b"2023,a,b,1\n" * 96_000)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(big)],
        env={**os.environ, "KESHU_HOME": str(tmp_path / "home"), "KESHU_DATABASE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said, left = done.stdout.strip().splitlines()
    assert said == "服务器磁盘空间不足，文件没有保存，原有数据不受影响。请联系系统管理员清理磁盘后再传一次。"
    assert left == "0 0"
