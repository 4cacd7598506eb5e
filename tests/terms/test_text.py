import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.terms.text import clean_name, guard_cell, nearest, region_key, repair_glyphs

PROVINCES = [
    "北京市", "天津市", "河北省", "山西省", "内蒙古自治区", "辽宁省", "吉林省", "黑龙江省", "上海市", "江苏省", "浙江省", "安徽省",
    "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "广西壮族自治区", "海南省", "重庆市", "四川省", "贵州省",
    "云南省", "西藏自治区", "陕西省", "甘肃省", "青海省", "宁夏回族自治区", "新疆维吾尔自治区",
]  # fmt: skip


def test_names_with_spaces_and_odd_brackets_are_one_name():
    assert clean_name(" 青 禾　市\u200b") == "青禾市"
    assert (
        clean_name("青禾科技(集团)有限公司")
        == clean_name("青禾科技（集团） 有限公司")
        == "青禾科技（集团）有限公司"
    )
    assert clean_name("ＡＢＣ１２３") == "ABC123"


@given(st.text())
def test_a_clean_name_is_clean(text):
    assert clean_name(clean_name(text)) == clean_name(text)


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("四藏", "西藏"),
        ("浙汀", "浙江"),
        ("江四", "江西"),
        ("内蒙占", "内蒙古"),
        (" 四 藏 自治区", "西藏自治区"),
    ],
)
def test_faults_of_scanned_yearbooks_lead_to_the_province(seen, meant):
    assert region_key(seen) == region_key(meant)


def test_right_names_are_not_repaired():
    assert [repair_glyphs(name) for name in PROVINCES] == PROVINCES
    assert repair_glyphs("长江四路") == "长江四路"


def test_provinces_have_31_keys_without_their_kind():
    keys = [region_key(name) for name in PROVINCES]
    assert len(set(keys)) == 31
    assert {"广西", "内蒙古", "新疆", "宁夏", "西藏", "浙江", "上海"} <= set(keys)
    assert region_key("香港特别行政区") == "香港"


@pytest.mark.parametrize(
    ("name", "key", "county_key"),
    [
        ("岚川县", "岚川县", "岚川"), ("临平区", "临平区", "临平"), ("赵县", "赵县", "赵县"), ("恩施土家族苗族自治州", "恩施", "恩施"),
        ("长阳土家族自治县", "长阳土家族自治县", "长阳"), ("青禾高新区", "青禾高新区", "青禾高新区"), ("义乌市", "义乌", "义乌"),
        ("沙市", "沙市", "沙市"), ("莫力达瓦达斡尔族自治旗", "莫力达瓦达斡尔族自治旗", "莫力达瓦"),
    ],
)  # fmt: skip
def test_counties_lose_their_kind_only_when_asked(name, key, county_key):
    assert region_key(name) == key
    assert region_key(name, county=True) == county_key


def test_suggestions_come_nearest_first():
    assert nearest("浙江", PROVINCES)[0] == "浙江省"
    assert nearest("新彊维吾尔自治区", PROVINCES)[0] == "新疆维吾尔自治区"
    assert nearest("技术合同成交", ["技术合同成交额", "研发经费", "技术合同数"])[0] == "技术合同成交额"
    assert nearest("完全无关", PROVINCES) == []
    assert nearest("", PROVINCES) == []
    assert len(nearest("省", PROVINCES)) == 3


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "-", "--1", "-1-1"],
)
def test_cells_that_a_spreadsheet_would_run_get_an_apostrophe(cell):
    guarded = guard_cell(cell)
    assert guarded == (cell if cell == "-" else "'" + cell)
    assert guard_cell(guarded) == guarded


@pytest.mark.parametrize(
    "cell", ["-5", "+3.2", "-1,234.50", "−0.06", "-5%", "1-2", "青禾市", "", "—", "a=b", "-1E+5"]
)
def test_numbers_and_words_are_left_alone(cell):
    assert guard_cell(cell) == cell
