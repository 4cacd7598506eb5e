"""What a figure opens to: trace, versions, indicator, county page, what-if."""

import re
from decimal import Decimal

import pytest

from keshu.figures.models import Indicator, Release, Standing
from keshu.journal.models import AuditEntry, Revision
from keshu.journal.writing import writing

pytestmark = pytest.mark.django_db
Q3 = "2026-01..09"


def words(html: str) -> str:
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", html, flags=re.S).split())


def trace(desk, path="card/", name="contract_gdp", region=None, period=Q3, more="", who="bureau"):
    code = (region or desk.city.a).code
    return desk.client(who).get(f"/desk/trace/{path}?name={name}&region={code}&period={period}{more}")


def test_the_card_says_both_sides_the_source_and_the_unrounded_value(desk):
    """8000万 / 100亿 = 0.8 %."""
    answer = trace(desk, region=desk.city.b)
    said = words(answer.content.decode())
    assert answer["X-Keshu-Fragment"] == "1"
    assert "乙县 · 技术合同占比 0.80%" in said
    assert "8000.00 万元" in said and "100.00 亿元" in said
    assert "试验统计局，部门数" in said
    assert "未取整值 0.8%" in said


def test_each_side_opens_to_its_own_trace(desk):
    html = trace(desk).content.decode()
    assert "name=contract_output" in html and "name=gdp" in html
    assert "3000.00 万元" in words(trace(desk, "", "contract_output").content.decode())


def test_releases_stand_side_by_side_and_the_taken_one_is_marked(desk):
    with writing(desk.city.actor, "县报"):
        county = Release(source="甲县报送", kind="county")
        county.save()
    desk.city.put("contract_output", desk.city.a, Q3, "31000000", county)
    said = words(trace(desk, "").content.decode())
    assert "取用 试验统计局 部门数" in said
    assert "甲县报送 县报数 2026年1—9月 3100.00 万元" in said


def test_the_versions_show_what_was_and_what_became_of_it(desk):
    desk.city.put("contract_output", desk.city.a, Q3, "32000000")
    said = words(trace(desk, "versions/").content.decode())
    assert "2 3000.00 万元 3200.00 万元" in said


def test_the_whole_opens_to_its_parts_and_names_who_is_left_out(desk):
    """(3000 + 8000 + 5000 + 2000) 万 = 1.80 亿."""
    answer = trace(desk, "", region=desk.city.top, more="&level=county")
    said = words(answer.content.decode())
    assert "1.80 亿元" in said and "250.00 亿元" in said and "0.72%" in said
    assert "市本级 2000.00 万元 计入" in said
    assert "不计：其中数，不另加" in said


def test_a_missing_figure_says_why(desk):
    said = words(trace(desk, name="rd_gdp", period="2025").content.decode())
    assert "缺数 未发布（全社会研发经费支出）" in said


def test_a_county_may_not_open_another_county_s_figure_and_the_try_is_kept(desk):
    answer = trace(desk, region=desk.city.b, who="county")
    assert answer.status_code == 403
    entry = AuditEntry.objects.latest("pk")
    assert entry.kind == "拒绝" and "乙县" in entry.target
    assert trace(desk, who="county").status_code == 200


def test_what_does_not_exist_is_not_found(desk):
    assert trace(desk, name="没有的").status_code == 404
    assert desk.client().get("/desk/trace/?name=gdp&region=没有&period=2026").status_code == 404
    assert desk.client().get("/desk/trace/").status_code == 404


def test_the_page_that_is_not_there_says_what_was_not_found(desk):
    client = desk.client()
    said = client.get("/desk/dispatch/indicator/?name=contract_gdp&subject=没有").content.decode()
    assert "这张表里没有“没有”。" in said and "回到工作台" in said
    unknown = client.get("/desk/没有这个地址/").content.decode()
    assert "地址可能抄漏了一段" in unknown and "Resolver404" not in unknown


def indicator(desk, query="", who="bureau"):
    return desk.client(who).get(
        f"/desk/dispatch/indicator/?name=contract_gdp&subject={desk.city.a.code}{query}"
    )


def test_the_indicator_says_why_it_moved_with_both_growth_rates(desk):
    """Numerator 2000 → 3000 万 (+50 %), denominator 80 → 100 亿 (+25 %): 0.25 → 0.30."""
    said = words(indicator(desk).content.decode())
    assert "分子增 50.0%、分母增 25.0%，分子快于分母，占比升 0.05 个百分点" in said


def test_the_gap_to_the_mean_says_whether_it_grew(desk):
    """Now 0.30 − 0.70 = −0.40; then 0.25, 7000/80 = 0.875, 4000/40 = 1.00, mean 0.7083, gap −0.4583: smaller by 0.06."""
    assert "−0.40 百分点，较去年同期缩小 0.06" in words(indicator(desk).content.decode())


def test_what_it_takes_names_the_target_the_places_and_the_mean(desk):
    """0.60 → 3000 万; 乙 0.80 → 5000 万; 丙 1.00 → 7000 万; mean 0.70 → 4000 万."""
    said = words(indicator(desk).content.decode())
    assert "到年度目标 0.60 3000 万元" in said
    assert "追平第 2 位（乙县） 0.80 5000 万元" in said
    assert "追平第 1 位（丙县） 1.00 7000 万元" in said
    assert "到县区均值 0.70 4000 万元" in said


def test_a_reported_place_stands_apart_from_the_computed_one(desk):
    with writing(desk.city.actor, "通报"):
        Standing(
            indicator=Indicator.objects.get(code="contract_gdp"),
            subject=desk.city.top,
            period=Q3,
            kind="rank",
            value=Decimal(12),
            population=14,
            assessor="省科技厅",
        ).save()
    said = words(indicator(desk).content.decode())
    assert "通报的位次和得分" in said and "第 12 位 共 14 个" in said


def test_a_fixed_indicator_is_not_forecast_and_offers_no_what_if(desk):
    answer = desk.client().get(f"/desk/dispatch/indicator/?name=st_progress&subject={desk.city.a.code}")
    said = words(answer.content.decode())
    assert "已定" in said and "年末预计" not in said and "打开测算" not in said
    assert "未达 目标 46.00" in said


def test_a_short_history_is_not_forecast(desk):
    assert "不作预计 历史不足 8 期，不作预计" in words(indicator(desk).content.decode())


def test_a_county_sees_only_itself_as_the_subject(desk):
    assert indicator(desk, who="county").status_code == 200
    answer = desk.client("county").get(
        f"/desk/dispatch/indicator/?name=contract_gdp&subject={desk.city.b.code}"
    )
    assert answer.status_code == 403


def test_an_indicator_without_a_scheme_in_the_address_finds_one(desk):
    assert desk.client().get("/desk/dispatch/indicator/?name=技术合同占比").status_code == 200
    assert desk.client().get("/desk/dispatch/indicator/?name=没有").status_code == 404


def test_a_county_on_one_page(desk):
    said = words(desk.client().get(f"/desk/dispatch/county/?region={desk.city.a.code}").content.decode())
    assert "技术合同占比 2026年1—9月 0.30 % 0.60 50.0% 滞后" in said
    assert "乙县，差 5000 万元" in said
    assert "缺什么" in said and "研发投入强度 ：未发布" in said.replace("研发投入强度：", "研发投入强度 ：")


def test_a_county_gets_its_own_page_without_asking_and_no_other(desk):
    client = desk.client("county")
    assert "甲县" in client.get("/desk/dispatch/county/").content.decode()
    assert client.get(f"/desk/dispatch/county/?region={desk.city.b.code}").status_code == 403


def suppose(desk, **moved):
    query = "&".join(f"{key}={value}" for key, value in moved.items())
    path = f"/desk/dispatch/whatif/?name=contract_gdp&whatif={desk.city.a.code}&{query}"
    answer = desk.client().get(path, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return words(answer.content.decode())


def test_a_moved_numerator_gives_value_place_and_lamp(desk):
    """9000 万 / 100 亿 = 0.90 %: between 乙 0.80 and 丙 1.00, 150.0 % of the target."""
    before = Revision.objects.count()
    said = suppose(desk, add=9000)
    assert "0.90 % 现 0.30" in said and "位次 2 ↑1 现 3" in said and "正常 完成 150.0%" in said
    assert Revision.objects.count() == before


def test_a_growing_denominator_lowers_the_ratio(desk):
    """Growth against last year of 50 %: 80 亿 × 1.5 = 120 亿; 3000 万 / 120 亿 = 0.25 %."""
    said = suppose(desk, growth=50)
    assert "0.25 % 现 0.30" in said and "分母 120.00 亿元" in said
    assert "即“不增反降”" in said


def test_what_cannot_be_moved_has_no_what_if(desk):
    answer = desk.client().get(f"/desk/dispatch/whatif/?name=st_progress&whatif={desk.city.a.code}")
    assert answer.status_code == 404


def test_sliders_that_hold_nonsense_count_as_not_moved(desk):
    assert "0.30 % 现 0.30" in suppose(desk, add="NaN", growth="abc")
