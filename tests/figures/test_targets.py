"""Targets come in from a file as a whole or not at all."""

from decimal import Decimal

import pytest

from keshu.directory.actors import Actor
from keshu.figures.models import Target
from keshu.figures.targets import MayNotSetTargets, TargetsRefused, apply_targets, read_targets
from keshu.journal import moments

pytestmark = pytest.mark.django_db
HEAD = "指标,县（市、区）,年度,目标,上限,单位,文号\n"


def file(tmp_path, text):
    path = tmp_path / "目标.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_a_file_of_targets_is_written_and_repeating_it_changes_nothing(city, tmp_path, actor):
    path = file(tmp_path, "技术合同占比,甲县,2026,0.60,,%,试〔2026〕1号\n高企申报,乙县,2026,1,2,家,\n")
    assert [one.verdict for one in apply_targets(path, path.name, actor)] == ["新增", "新增"]
    before = moments.latest()
    assert [one.verdict for one in apply_targets(path, path.name, actor)] == ["相同", "相同"]
    assert moments.latest() == before
    target = Target.objects.for_system("测试").get(subject=city.b)
    assert (target.low, target.high) == (Decimal(1), Decimal(2))


def test_amounts_are_converted_to_the_indicator_s_unit(city, tmp_path, actor):
    """0.35 亿元 = 3500 万元 = 35000000 元（铜川 2014 的单位混用）。"""
    path = file(tmp_path, "已登记合同额,甲县,2026,0.35,,亿元,\n已登记合同额,乙县,2026,3500,,万元,\n")
    apply_targets(path, path.name, actor)
    lows = {t.low for t in Target.objects.for_system("测试")}
    assert lows == {Decimal(35000000)}


def test_one_bad_row_keeps_all_rows_out_and_says_where(city, tmp_path, actor):
    path = file(
        tmp_path,
        "技术合同占比,甲县,2026,0.60,,%,\n技术合同占比,申县,2026,0.6,,%,\n技术合同占比,甲县,2026,0.7,,%,\n",
    )
    _, refused = read_targets(path, path.name)
    assert [(one.row, one.column) for one in refused] == [(3, "地区"), (4, "整行")]
    with pytest.raises(TargetsRefused, match="有 2 行不能导入"):
        apply_targets(path, path.name, actor)
    assert not Target.objects.for_system("测试").exists()


def test_an_upper_bound_below_the_lower_is_refused(city, tmp_path):
    _, refused = read_targets(file(tmp_path, "高企申报,甲县,2026,3,1,家,\n"), "x.csv")
    assert "上限 1 小于下限 3" in refused[0].reason


def test_only_who_may_set_targets_sets_them(city, tmp_path):
    path = file(tmp_path, "高企申报,甲县,2026,3,,家,\n")
    with pytest.raises(MayNotSetTargets):
        apply_targets(path, path.name, Actor(account_id=1, name="县局"))
