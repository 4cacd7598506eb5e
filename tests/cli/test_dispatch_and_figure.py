"""``keshu dispatch`` and ``keshu figure`` as a person types them: every form of output, every field, every refusal in Chinese."""

import io
import json
import zipfile

import pytest
from openpyxl import load_workbook

from keshu.cli.main import main
from keshu.journal import moments

pytestmark = pytest.mark.django_db
Q3 = "2026-01..09"
#: The fields that the command line promises of each row, in the order of the promise.
PROMISED = [
    "indicator",
    "region_code",
    "region",
    "value",
    "unit",
    "numerator",
    "denominator",
    "target",
    "completion",
    "time_progress",
    "lamp",
    "rank",
    "of",
    "rank_change",
    "previous",
    "change",
    "numerator_effect",
    "denominator_effect",
    "mean",
    "gap_to_mean",
    "gap_to_next",
    "forecast",
    "missing",
]
DECIMALS = [
    "value",
    "numerator",
    "denominator",
    "completion",
    "time_progress",
    "previous",
    "change",
    "numerator_effect",
    "denominator_effect",
    "mean",
    "gap_to_mean",
    "gap_to_next",
]


@pytest.fixture
def contracts(city):
    """甲 3000万/100亿 = 0.30%, 乙 8000万/100亿 = 0.80%; a year before 2000万/80亿 = 0.25%, 7000万/80亿 = 0.875%."""
    for region, now, before in ((city.a, 3, 2), (city.b, 8, 7)):
        city.put("contract_output", region, Q3, now * 10**7)
        city.put("gdp", region, Q3, 10**10)
        city.put("contract_output", region, "2025-01..09", before * 10**7)
        city.put("gdp", region, "2025-01..09", 8 * 10**9)
    return city


@pytest.fixture
def keshu(capsys):
    """Run a command; (exit code, standard output, error output)."""

    def run(*words) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:  # a call that argparse refuses
            code = end.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def asked(city, *more):
    return ("dispatch", "--scheme", "strong-st-5", "--period", "2026-09", "--region", city.top.code, *more)


def test_every_promised_field_is_there_and_every_decimal_is_a_string(contracts, keshu):
    code, out, _ = keshu(*asked(contracts))
    data = json.loads(out)
    assert code == 0
    assert list(data)[:1] == ["scheme"] and {"scheme", "period", "as_of", "revision", "rows"} <= set(data)
    assert (data["period"], data["revision"]) == (Q3, moments.latest())
    for row in data["rows"]:
        assert set(PROMISED) <= set(row)
        assert all(row[name] is None or isinstance(row[name], str) for name in DECIMALS)
    row = next(r for r in data["rows"] if (r["indicator"], r["region"]) == ("contract_gdp", "甲县"))
    # rank 2 of 2; to 乙 0.50; mean (0.30 + 0.80) / 2 = 0.55; a year before 乙 led too
    assert {name: row[name] for name in ("value", "rank", "of", "rank_change", "previous", "change", "mean")} == {
        "value": "0.3", "rank": 2, "of": 2, "rank_change": 0, "previous": "0.25", "change": "0.05", "mean": "0.55",
    }  # fmt: skip
    assert (row["gap_to_mean"], row["gap_to_next"]) == ("-0.25", "0.5")
    assert row["forecast"] == {"refused": "历史不足 8 期，不作预计"}


def test_as_of_gives_the_table_that_stood_then(contracts, keshu):
    _, before, _ = keshu(*asked(contracts))
    then = moments.latest()
    contracts.put("contract_output", contracts.a, Q3, "90000000")
    _, now, _ = keshu(*asked(contracts))
    _, again, _ = keshu(*asked(contracts, "--as-of", f"r{then}"))
    assert json.loads(now) != json.loads(before) == json.loads(again)


def test_every_form_is_written_where_it_was_asked_for(contracts, keshu, tmp_path):
    for kind in ("xlsx", "docx", "html", "csv", "json"):
        code, out, _ = keshu(*asked(contracts, "--format", kind, "--out", tmp_path / f"table.{kind}"))
        assert (code, out.strip()) == (0, str(tmp_path / f"table.{kind}"))
    read = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    assert load_workbook(io.BytesIO(read[".xlsx"])).sheetnames[:2] == ["总表", "明细"]
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(read[".docx"])).namelist()
    assert read[".html"].startswith(b"<!doctype html>") and "复现码" in read[".html"].decode()
    assert read[".csv"].decode("utf-8-sig").startswith("指标,地区,数据期间")
    assert json.loads(read[".json"])["scheme"] == "strong-st-5"


def test_a_figure_opens_to_both_sides_and_their_sources(contracts, keshu):
    words = ("figure", "contract_gdp", "--region", contracts.a.code, "--period", Q3)
    code, out, _ = keshu(*words, "--trace")
    found = json.loads(out)
    assert (code, found["value"], found["numerator"], found["denominator"]) == (
        0,
        "0.3",
        "30000000",
        "10000000000",
    )
    assert [(leaf["measure"], leaf["value"]) for leaf in found["values"]] == [
        ("contract_output", "30000000"),
        ("gdp", "10000000000"),
    ]
    source = found["values"][0]["sources"][0]
    assert source["taken"] and source["recorded_at"]
    assert "values" not in json.loads(keshu(*words)[1])


def test_a_figure_as_of_an_earlier_revision(contracts, keshu):
    then = moments.latest()
    contracts.put("contract_output", contracts.a, Q3, "90000000")
    words = ("figure", "技术合同占比", "--region", "甲县", "--period", "2026年前三季度")
    assert json.loads(keshu(*words)[1])["value"] == "0.9"
    assert json.loads(keshu(*words, "--as-of", f"r{then}")[1])["value"] == "0.3"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "pdf"), "不出“pdf”格式。可以要 xlsx、docx、html、csv、json。"),
        (("--level", "village"), "没有层级“village”。可以写"),
        (("--level", "town"), "下面没有乡级地区"),
        (("--as-of", "r99999"), "没有修订号 99999"),
        (("--as-of", "前天"), "时点“前天”读不懂"),
        (("--period", "昨天"), "时期“昨天”读不懂"),
        (("--region", "试验是"), "没有地区“试验是”。是不是 试验市"),
        (("--scheme", "强科技五项"), "没有调度方案“强科技五项”"),
        (("--format", "xlsx", "--out", "/proc/不存在/表.xlsx"), "读写不成"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_chinese_with_exit_1(contracts, keshu, words, said):
    code, out, err = keshu(*asked(contracts, *words))
    assert (code, out) == (1, "") and said in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dispatch", "--period", "2026"), "少写了 --scheme。用法见 keshu dispatch --help。"),
        (("dispatch", "--scheme"), "--scheme 后面要写一个值"),
        (("verify", "all"), "没有 'all'，可以写 'cube'、'chain'、'audit'"),
        (("serve", "--port", "八千"), "--port 的值 '八千' 不对，要写整数"),
        (("demo", "load", "--now"), "不认识 --now"),
        ((), "少写了 命令"),
    ],
)
def test_a_wrong_call_is_said_in_chinese_with_exit_2(keshu, words, said):
    code, out, err = keshu(*words)
    assert (code, out) == (2, "") and said in err
