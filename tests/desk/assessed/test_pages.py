"""被考核 as people see it: the sentence, what can be regained, a sheet coming in, why a rank moved."""

import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from keshu.assessment.models import Assessment, Item
from keshu.figures.models import Indicator, Standing
from keshu.journal.writing import writing
from tests.assessment.world import ROWS, TEXTS, a_file, an_assessment, item_of, with_items

D = Decimal


def words(page: str) -> str:
    """What a reader reads, without tags."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def see(staff, who, path, status=200) -> str:
    answer = staff.client(who).get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return words(answer.content.decode())


@pytest.fixture
def made(planning, tmp_path) -> Assessment:
    return with_items(planning, tmp_path)


def test_the_sentence_says_score_rank_the_greatest_loss_and_what_is_left(staff, made):
    """68.5 of 100, 12th of 14; 财政 lost 8; 1.5 + 3 + 3 = 7.5 to be had, the first by 31 October."""
    said = see(staff, "leader", f"/desk/assessed/{made.pk}/").replace(" ", "")
    assert "2023年度得68.50分（满分100），第12位（共14个）；" in said
    assert "扣分最多的是财政科技支出占一般公共预算支出比重，扣8.00分，还没有落实责任科室；" in said
    assert "还能争取7.50分，最近的2024-10-31到期。" in said
    assert "数据年2022、2023和考核年度不同" in said
    assert "通报加不起来" not in said and "导入得分" not in said


def test_what_does_not_add_up_is_said_on_the_page(staff, planning, tmp_path):
    made = with_items(planning, tmp_path, score="69")
    said = see(staff, "office", f"/desk/assessed/{made.pk}/")
    assert "各项得分 14 + 17 + 12 + 13 + 12.5 = 68.5，比通报得分 69 少 0.5。" in said


def test_a_county_sees_its_own_item_and_neither_the_score_nor_the_others(staff, made):
    said = see(staff, "county_head", f"/desk/assessed/{made.pk}/")
    assert "技术合同成交额占地区生产总值比重" in said and "只列归本单位落实的 1 项" in said
    assert "68.50" not in said and "第 12 位" not in said and "每万家" not in said
    assert "1" in see(staff, "county_head", "/desk/assessed/")
    see(staff, "county_head", f"/desk/registers/assessed/{item_of(made, '每万家').pk}/", 404)


def test_a_county_without_an_item_does_not_find_the_assessment(staff, planning, tmp_path):
    made = with_items(planning, tmp_path, ROWS[:3], total="60", score="43")
    see(staff, "county_filler", f"/desk/assessed/{made.pk}/", 404)
    assert "没有归本单位落实的考核项" in see(staff, "county_filler", "/desk/assessed/")


def test_the_list_of_years_asks_as_many_queries_for_three_as_for_one(staff, planning, tmp_path):
    client = staff.client("leader")

    def queries(path):
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    last = with_items(planning, tmp_path, ROWS[:1], total="20", score="14")
    one, one_item = queries("/desk/assessed/"), queries(f"/desk/assessed/{last.pk}/")
    for year in ("2021", "2020"):
        with_items(planning, tmp_path, year=year, doc_no=f"科发〔{year}〕6号", total="20", score="14")
    assert queries("/desk/assessed/") == one
    more = with_items(planning, tmp_path, [ROWS[0], *ROWS[3:]], year="2018", total="60", score="39.5")
    # Two more items bring two more sets of periods (2023 of a flow, the end of 2023 of a stock with its denominator).
    assert queries(f"/desk/assessed/{more.pk}/") <= one_item + 4


def test_an_assessment_is_written_down_on_its_form(staff, planning):
    client = staff.client("planning")
    bad = client.post("/desk/assessed/new/", {**TEXTS, "rank": "20"})
    assert bad.status_code == 422 and "位次 20 不在参评的 14 个里" in bad.content.decode()
    assert client.post("/desk/assessed/new/", TEXTS).status_code == 302
    made = Assessment.objects.for_system("测试").get()
    assert client.post(f"/desk/assessed/{made.pk}/edit/", {**TEXTS, "rank": "11"}).status_code == 302
    assert Assessment.objects.for_system("测试").get().rank.value == 11


def test_a_sheet_is_shown_then_written_and_its_refused_rows_come_back(staff, planning, tmp_path):
    made = an_assessment(planning)
    client = staff.client("planning")
    rows = [*ROWS, ["坏的一行", "", "20", "abc", "", "", "", "", "", ""]]
    content = a_file(tmp_path, rows).read_bytes()
    shown = client.post(
        f"/desk/assessed/{made.pk}/upload/", {"file": SimpleUploadedFile("得分.csv", content)}
    )
    said = words(shown.content.decode())
    assert "新增 5 个" in said and "拒收 1 个" in said
    assert not Item.objects.for_system("测试").exists()
    kept = {"sha256": shown.context["sha256"], "name": shown.context["name"]}
    back = client.post(f"/desk/assessed/{made.pk}/refused/", kept)
    sheet = load_workbook(io.BytesIO(b"".join(back.streaming_content))).active
    assert sheet.cell(3, 1).value == "坏的一行"
    assert client.post(f"/desk/assessed/{made.pk}/apply/", kept).status_code == 302
    assert Item.objects.for_system("测试").count() == 5
    lost = client.post(f"/desk/assessed/{made.pk}/apply/", {"sha256": "../../etc/passwd"}, follow=True)
    assert "传过的文件找不到了" in lost.content.decode()
    template = client.get(f"/desk/assessed/{made.pk}/template/")
    book = load_workbook(io.BytesIO(b"".join(template.streaming_content)))
    assert book.active.cell(1, 1).value == "*考核项"


def test_the_item_shows_its_worth_takes_a_plan_and_supposes(staff, made):
    item = item_of(made, "技术合同")
    path = f"/desk/registers/assessed/{item.pk}/"
    said = see(staff, "planning", f"{path}?suppose=2.5")
    assert "满分 20.00，得 13.00 分，扣 7.00 分" in said and "通报 第 10 位（共 14 个）" in said
    assert "指标到 2.5：" in said and "没有建档，没有它们的数值，得不出位次" in said
    assert "“很多”不是数" in see(staff, "planning", f"{path}?suppose=很多")
    county = staff.client("county_head")
    assert "测算" not in words(county.get(path).content.decode())
    plan = f"/desk/assessed/items/{item.pk}/plan/"
    county.post(plan, {"plan": "逐户登记", "regain_by": "2024-11-20"})
    assert item_of(made, "技术合同").plan == "逐户登记"
    assert county.post(f"/desk/assessed/items/{item_of(made, '每万家').pk}/plan/", {}).status_code == 404
    planning = staff.client("planning")
    refused = planning.post(plan, {"regainable": "9", "regain_by": "2024-11-20"}, follow=True)
    assert "可争取 9 分，这一项只扣了 7 分" in words(refused.content.decode())
    planning.post(f"/desk/assessed/items/{item.pk}/method/", {"method": "score-rank"})
    assert item_of(made, "技术合同").method == "score-rank"


# ---- 位次为什么变 ------------------------------------------------------------------------------------------


def moved(desk, who="bureau", **query):
    asked = {"name": "contract_gdp", "subject": desk.city.a.code, **query}
    return desk.client(who).get("/desk/assessed/moved/", asked)


def test_the_page_says_who_passed_whom(desk):
    """2025: 甲 2000/80 = 0.25, 乙 7000/80 = 0.875, 丙 4000/40 = 1.00; 2026: 0.30, 0.80, 1.00: 甲 stays third, 0.50 behind 乙."""
    said = words(moved(desk).content.decode()).replace(" ", "")
    assert "甲县2026年1—9月和2025年1—9月都是第3位（共3个），没有谁超过谁；离第2位乙县差0.50个百分点。" in said
    assert "增50.0%、地区生产总值增25.0%" in said
    desk.city.put("contract_output", desk.city.b, "2026-01..09", D(2) * 10**7)
    said = words(moved(desk).content.decode()).replace(" ", "")
    assert "甲县由第3位升到第2位（共3个），超过了乙县" in said


def test_a_county_opens_its_own_and_not_its_neighbours(desk):
    assert "第 3 位" in words(moved(desk, "county").content.decode())
    assert moved(desk, "county", subject=desk.city.b.code).status_code == 403
    # Others' figures are named with value and place, as in a published dispatch, and do not open.
    page = moved(desk, "county").content.decode()
    assert f"region={desk.city.a.code}" in page and f"region={desk.city.b.code}" not in page


def test_the_city_itself_has_reported_ranks_only(desk):
    indicator = Indicator.objects.get(code="st_progress")
    with writing(desk.city.actor, "通报"):
        for year, place, population in ((2023, 11, 14), (2024, 12, 13)):
            Standing(
                indicator=indicator, subject=desk.city.top, period=str(year), kind="rank", value=D(place),
                population=population, assessor="省科学技术厅",
            ).save()  # fmt: skip
    answer = moved(desk, name="st_progress", subject=desk.city.top.code, period="2024")
    said = words(answer.content.decode())
    assert "第 12 位（共 13 个）" in said and "第 11 位（共 14 个）" in said
    assert "参评数由 14 变为 13，两个位次不全可比。" in said
    assert "通报只给了位次，没有各地的数值" in said
    # A county reads of the assessment only its own items: the reported rank of the city is not told here either.
    answer = moved(desk, "county", name="st_progress", subject=desk.city.top.code, period="2024")
    assert answer.status_code == 200 and "省科学技术厅" not in words(answer.content.decode())


def test_what_an_address_gets_wrong_is_answered_and_never_breaks(desk):
    for query in (
        {"name": "没有这个"},
        {"subject": "没有这里"},
        {"from": "2027"},
        {"from": "乱写"},
        {"period": "9999-99"},
        {"name": "st_progress", "subject": desk.city.top.code},
        {"subject": "110000"},
    ):
        assert moved(desk, **query).status_code == 404, query


def test_the_indicator_page_leads_to_it(desk):
    page = desk.see(f"/desk/dispatch/indicator/?name=contract_gdp&subject={desk.city.a.code}")
    assert "看位次为什么变" in page and "/desk/assessed/moved/?" in page
