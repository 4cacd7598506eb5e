"""给数 on the page: answered at once, warned before it leaves, kept with to whom."""

import re

import pytest
from django.urls import reverse

from keshu.reports.models import Issued, IssuedFigure

GIVE = "desk:give"


def givings():
    return list(Issued.objects.for_system("测试").order_by("pk"))


def page(client, **query):
    return client.get(reverse(GIVE), query)


def record(client, answer, **more):
    seen = re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]
    return client.post(reverse("desk:give_record"), {"seen": seen, **more})


def text(answer):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", answer.content.decode()))


def test_asks_and_answers_with_date_and_definition(house):
    answer = page(house.client("planning"), q="望岭 技术合同占比 同比")
    said = text(answer)
    assert "截至2026年10月12日，望岭县技术合同成交额占地区生产总值比重0.28%，比去年同期降0.05个百分点" in said
    assert "输出技术口径，2026年1—9月" in said
    html = answer.content.decode()
    assert "<svg xmlns" in html and 'data-copy-text="#rp-say"' in html and "disabled" not in html
    assert "/trace/?name=contract_gdp&amp;region=990104&amp;period=2026-01..09" in html


def test_choosing_instead_of_typing(house):
    answer = page(
        house.client("leader"), thing=["contract_gdp", "fiscal_share"], region=["990104"], compare="last_year"
    )
    assert "望岭县技术合同" in text(answer) and "财政科技支出占一般公共预算支出比重2.00%" in text(answer)


def test_words_and_ticks_join(house):
    said = text(page(house.client("planning"), q="高企数", region=["990103"]))
    assert "岚川县高新技术企业有效数30家" in said and "青禾市高新" not in said


def test_what_was_not_understood_is_named_with_suggestions(house):
    said = text(page(house.client("planning"), q="望领县 研发强度"))
    assert "没看懂“望领县”。是不是 望岭县" in said
    assert "还没有查到数" in text(page(house.client("planning"), q="天气"))


def test_a_bad_period_or_moment_is_a_sentence_and_no_breakdown(house):
    client = house.client("planning")
    assert "读不懂" in text(page(client, thing="contract_gdp", period="2026年13月"))
    answer = page(client, q="高企数", asof="昨天下午")
    assert answer.status_code == 422 and "时点“昨天下午”读不懂" in text(answer)


def test_markup_typed_into_the_question_stays_text(house):
    answer = page(house.client("planning"), q="<script>alert(1)</script> 高企数", period='"><b>')
    assert "<script>alert" not in answer.content.decode() and '"><b>' not in answer.content.decode()


def test_what_was_given_is_kept(house):
    client = house.client("planning")
    query = {"q": "望岭 高企数"}
    answer = record(client, page(client, **query), **query, receiver="市政府办", purpose="常务会")
    assert answer.status_code == 302
    kept = givings()[0]
    assert (kept.receiver, kept.purpose, kept.channel, kept.given_by) == (
        "市政府办",
        "常务会",
        "given",
        "人员2",
    )
    assert "已记下" in text(client.get(answer["Location"]))


def test_nobody_named_keeps_nothing_and_keeps_the_question(house):
    client = house.client("planning")
    answer = record(client, page(client, q="望岭 高企数"), q="望岭 高企数", receiver=" ", purpose="常务会")
    assert (
        answer.status_code == 422
        and "还没写给谁" in text(answer)
        and 'value="常务会"' in answer.content.decode()
    )
    assert givings() == []


def test_a_different_value_is_told_before_it_can_be_copied(house):
    client = house.client("planning")
    query = {"q": "望岭 高企数"}
    record(client, page(client, **query), **query, receiver="市政府办")
    house.office.put("hitech_valid", "望岭县", "2026-09", 39)
    answer = page(client, **query)
    html = answer.content.decode()
    assert (
        "10-12 给市政府办的是 38家，现在是 39家，因望岭县高新技术企业有效数（2026年9月）由 38家改为 39家"
        in text(answer)
    )
    assert len(re.findall(r'data-copy-\w+="[^"]+"[^>]* disabled', html)) == 3
    assert record(client, answer, **query, receiver="市统计局").status_code == 409
    assert len(givings()) == 1
    assert record(client, answer, **query, receiver="市统计局", known="1").status_code == 302
    assert [row.receiver for row in givings()] == ["市政府办", "市统计局"]


def test_figures_that_moved_while_looking_are_not_kept_unseen(house):
    client = house.client("planning")
    query = {"q": "望岭 高企数"}
    answer = page(client, **query)
    house.office.put("hitech_valid", "望岭县", "2026-09", 39)
    late = record(client, answer, **query, receiver="市政府办")
    assert late.status_code == 409 and "有数更新了" in text(late) and "39家" in text(late)
    assert givings() == []


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("leader", 200), ("planning", 200), ("office", 200), ("inspector", 403), ("county_filler", 403),
        ("county_head", 403), ("system_admin", 403), ("anonymous", 302),
    ],
)  # fmt: skip
def test_only_the_bureau_gives_figures(house, role, status):
    assert page(house.client(role), q="望岭 高企数").status_code == status
    assert house.client(role).post(reverse("desk:give_record"), {"q": "望岭 高企数"}).status_code in (
        status,
        409,
    )
    assert IssuedFigure.objects.for_system("测试").count() == 0


def test_an_ambiguous_name_is_offered_as_choices(house):
    from keshu.directory.models import Region
    from keshu.journal.writing import writing

    office = house.office
    with writing(office.actor, "两个同名的区"):
        for number, code in enumerate(("110000", "220000")):
            office.region(f"99900{number}", "朝阳区", "朝阳区", "county", Region.objects.get(code=code))
    answer = page(house.client("planning"), q="朝阳区 研发投入强度")
    assert "“朝阳区”有 2 个。" in text(answer) and "朝阳区（北京市）" in text(answer)
    assert "region=999000" in answer.content.decode()
    followed = page(house.client("planning"), q="研发投入强度", region="999000")
    assert "朝阳区研发经费投入强度还没有数，未发布" in text(followed)


def test_too_many_figures_at_once_are_cut_and_said(house):
    from keshu.figures.models import Measure

    codes = list(Measure.objects.values_list("code", flat=True))
    regions = [
        "990100",
        *(r.code for r in house.office.counties.values()),
        *(f"{n}0000" for n in (11, 12, 13, 14, 15)),
    ]
    answer = page(house.client("planning"), thing=codes, region=regions)
    assert answer.status_code == 200 and "一次最多给 200 个数" in text(answer)
