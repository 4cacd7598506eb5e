"""A county as the operator: the same house one level down, towns as its rows."""

import argparse
import json

import pytest

from keshu.cli import commands, founding
from keshu.cli.importing import NoSuchFile
from keshu.cli.main import parser
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Can
from keshu.directory.models import Account, Region, Unit
from keshu.figures.models import RegionShown
from keshu.journal import moments

pytestmark = pytest.mark.slow

TOWNS = """code,name,short,part,group
990110,临溪县,,,
990110100,城关镇,,,一类
990110101,石桥镇,,,一类
990110102,梅岭乡,,,二类
990110103,双河镇,,,二类
990110104,青石街道,,,一类
990110900,县本级,,own,
"""
# fiscal science expenditure and budget of the half-year, 万元
FIGURES = """计量,地区,期间,数值,单位,来源
财政科技支出,城关镇,2026年1-6月,120,万元,县财政局
一般公共预算支出,城关镇,2026年1-6月,4000,万元,县财政局
财政科技支出,石桥镇,2026年1-6月,60,万元,县财政局
一般公共预算支出,石桥镇,2026年1-6月,3000,万元,县财政局
财政科技支出,双河镇,2026年1-6月,75,万元,县财政局
一般公共预算支出,双河镇,2026年1-6月,3000,万元,县财政局
"""


def call(*words):
    """Run a command of the command line as a person types it."""
    options = parser().parse_args([str(word) for word in words])
    return commands.RUN[options.command](options)


@pytest.fixture
def towns(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text(TOWNS, encoding="utf-8")
    return path


@pytest.fixture
def county(base, towns):
    call("init", "--region", "990110", "--children", towns)
    return Region.objects.get(code="990110")


def test_a_county_outside_the_package_is_founded_with_its_towns(county):
    assert RegionShown.objects.get().region == county
    assert (county.level, county.parent.code) == ("county", "000000")
    below = list(Region.objects.filter(parent=county).order_by("order"))
    assert [town.short_name for town in below] == ["城关", "石桥", "梅岭", "双河", "青石", "县本级"]
    assert {town.level for town in below} == {"town"}
    assert [town.is_ranked for town in below] == [True] * 5 + [False]


def test_founding_again_changes_nothing(county, towns):
    before = moments.latest()
    call("init", "--region", "990110", "--children", towns)
    assert moments.latest() == before


def test_towns_are_the_rows_of_a_county_s_dispatch(county, tmp_path, capsys):
    path = tmp_path / "figures.csv"
    path.write_text(FIGURES, encoding="utf-8")
    call("import", "figures", path)
    capsys.readouterr()
    call("dispatch", "--scheme", "strong-st-5", "--period", "2026H1")
    table = json.loads(capsys.readouterr().out)
    assert (table["level"], table["region"]) == ("town", "990110")
    rows = {row["region"]: row for row in table["rows"] if row["indicator"] == "fiscal_share"}
    # 120/4000, 60/3000, 75/3000
    assert {name: (row["value"], row["rank"]) for name, row in rows.items() if row["value"]} == {
        "城关": ("3", 1),
        "双河": ("2.5", 2),
        "石桥": ("2", 3),
    }
    assert rows["城关"]["class_rank"] == 1
    assert rows["梅岭"]["missing"]
    total = next(column for column in table["columns"] if column["indicator"] == "fiscal_share")
    assert total["total"] == "2.55"  # 255 / 10000
    assert total["missing"] == ["梅岭乡", "青石街道"]


def test_a_named_county_hangs_below_its_known_province(base):
    call("init", "--region", "330110", "--name", "余杭区")
    region = Region.objects.get(code="330110")
    assert (region.short_name, region.level, region.parent.code) == ("余杭", "county", "330000")
    assert Unit.objects.get(region=region).name == "余杭区科学技术局"


def test_a_known_region_is_served_as_it_is(base):
    call("init", "--region", "浙江省")
    assert RegionShown.objects.get().region.code == "330000"


def test_an_unknown_region_without_a_name_is_refused(base):
    with pytest.raises(founding.FoundingRefused, match="--name"):
        call("init", "--region", "330110")


def test_a_house_serves_one_region(county):
    with pytest.raises(founding.FoundingRefused, match="服务 临溪县"):
        call("init", "--region", "浙江省")
    assert RegionShown.objects.get().region == county


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("990110100,重复镇,,,", "重复"),
        ("990110105,,,,", "缺代码或名称"),
        ("990110105,某镇,,村,", "类型“村”不认识"),
    ],
)
def test_a_bad_line_names_its_row_and_founds_nothing(base, tmp_path, line, words):
    path = tmp_path / "towns.csv"
    path.write_text(f"{TOWNS}{line}\n", encoding="utf-8")
    with pytest.raises(founding.FoundingRefused, match=words) as refused:
        call("init", "--region", "990110", "--children", path)
    assert "第 9 行" in str(refused.value)
    assert not RegionShown.objects.exists()


def test_a_table_saved_by_excel_in_gbk_is_read(base, tmp_path):
    path = tmp_path / "towns.csv"
    path.write_bytes(TOWNS.replace("code,name,short,part,group", "代码,名称,简称,类型,分类").encode("gbk"))
    assert [row.name for row in founding.read_children(path)][1] == "城关镇"


def test_a_missing_table_is_named(base):
    with pytest.raises(NoSuchFile, match="nowhere"):
        call("init", "--region", "990110", "--children", "nowhere.csv")


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("000000", "nation"),
        ("330000", "province"),
        ("330100", "city"),
        ("330110", "county"),
        ("330110001", "town"),
    ],
)
def test_the_level_is_read_from_the_code(code, level):
    assert founding.level_of(code) == level


def test_a_code_that_says_nothing_is_refused():
    with pytest.raises(founding.FoundingRefused, match="--level"):
        founding.level_of("YH01")


@pytest.mark.parametrize(
    ("name", "short"),
    [("余杭区", "余杭"), ("沙县", "沙县"), ("景宁畲族自治县", "景宁畲族"), ("青石街道", "青石")],
)
def test_short_names(name, short):
    assert founding.short_of(name) == short


def test_the_first_account_signs_in_with_the_given_password(county, monkeypatch, capsys):
    monkeypatch.setenv("KESHU_PASSWORD", "linxi-keshu-2026")
    call("account", "planner", "--name", "周全", "--role", "规划科")
    account = Account.objects.get(username="planner")
    assert account.check_password("linxi-keshu-2026")
    assert not account.must_change
    actor = actor_of(account)
    assert actor.can(Can.IMPORT_FIGURES)
    assert actor.region_id == county.pk
    before = moments.latest()
    call("account", "planner", "--name", "周全", "--role", "规划科")
    assert moments.latest() == before
    assert "已经有了" in capsys.readouterr().out


def test_without_a_password_a_first_one_is_made_and_must_be_changed(county, monkeypatch, capsys):
    monkeypatch.delenv("KESHU_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", argparse.Namespace(isatty=lambda: False))
    call("account", "admin", "--name", "管理", "--role", "system_admin")
    account = Account.objects.get(username="admin")
    said = capsys.readouterr().out
    password = said.split("首次口令 ")[1].split("（")[0]
    assert account.check_password(password)
    assert account.must_change


def test_a_weak_password_or_an_unknown_role_is_refused(county, monkeypatch):
    monkeypatch.setenv("KESHU_PASSWORD", "12345678")
    with pytest.raises(founding.FoundingRefused, match="口令太弱"):
        call("account", "planner", "--name", "周全", "--role", "planning")
    with pytest.raises(founding.FoundingRefused, match="没有角色"):
        call("account", "planner", "--name", "周全", "--role", "县长")
    assert not Account.objects.exists()


def test_a_town_s_account_belongs_to_the_town(county, monkeypatch):
    monkeypatch.setenv("KESHU_PASSWORD", "linxi-keshu-2026")
    call("account", "filler", "--name", "程关", "--role", "county_filler", "--region", "城关镇")
    actor = actor_of(Account.objects.get(username="filler"))
    town = Region.objects.get(code="990110100")
    assert actor.region_ids == {town.pk}
