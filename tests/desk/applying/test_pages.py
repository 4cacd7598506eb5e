"""网上申报: a draft kept as typed, what is missing said rule by rule, handed in once, taken back and sent again."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from keshu.journal import moments
from keshu.ledger.drafts import Draft
from keshu.programmes.models import Application
from keshu.terms import clock

pytestmark = pytest.mark.django_db
FILLED = {
    "title": "低温闪蒸浓缩装置",
    "leader": "许青",
    "asked": "45.5",
    "summary": "样机",
    "goals": "能耗降 20%",
    "commitment": "1",
}


@pytest.fixture
def north(office):
    return office.staff.client("north")


def begin(client, call):
    return client.post("/desk/apply/begin/", {"call": call.pk})["Location"]


def fill(client, page, **fields):
    for name, text in fields.items():
        answer = client.post(f"{page}keep/", {name: text})
        assert answer.status_code == 200
    return answer


def test_a_draft_is_kept_as_typed_takes_no_revision_and_is_pre_filled(office, north):
    before = moments.latest()
    page = begin(north, office.call)
    fill(north, page, title="低温闪蒸", asked="四十万")
    assert moments.latest() == before
    again = north.get(page).content.decode()
    assert "低温闪蒸" in again and "四十万" in again and office.actors["north"].name in again
    assert office.staff.client("south").get(page).status_code == 404


def test_the_pre_check_names_every_rule_and_what_it_found(office, north):
    page = begin(north, office.call)
    said = fill(north, page, **{**FILLED, "asked": "61"}).content.decode()
    assert "还差 1 处" in said
    assert "不超过单项最高 60 万元" in said and "申请 61 万元" in said
    said = fill(north, page, asked="一堆").content.decode()
    assert "申请经费是正数，最多到分" in said and "写的是“一堆”" in said
    assert "可以提交" in fill(north, page, asked="45.5").content.decode()


def test_handing_in_gives_a_receipt_and_the_draft_goes(office, north):
    page = begin(north, office.call)
    fill(north, page, **FILLED)
    answer = north.post(f"{page}hand-in/", follow=True)
    row = Application.objects.for_system("测试").get()
    assert (row.state, row.number, row.asked) == ("submitted", "SB2026-0001", Decimal("455000.00"))
    assert (row.unit.name, row.region) == ("北岭新材料有限公司", office.staff.county)
    said = answer.content.decode()
    assert "回执 SB2026-0001" in said and row.content_hash in said and row.committed == "通用版 2000-01-01"
    assert not Draft.objects.for_system("测试").exists()
    assert north.post(f"{page}hand-in/").status_code == 404  # pressed twice


def test_what_was_typed_in_the_last_second_goes_with_it_and_a_refusal_loses_nothing(office, north):
    page = begin(north, office.call)
    fill(north, page, title="低温闪蒸", leader="许青")
    answer = north.post(f"{page}hand-in/", {"summary": "最后一秒写的"})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert (
        "还差 3 处，请做到：申请经费（万元）已填；考核指标已填；已勾选承诺。" in said
        and "最后一秒写的" in said
    )
    assert Application.objects.for_system("测试").count() == 0


def test_after_the_deadline_nothing_is_taken_and_the_draft_stays(office, north):
    page = begin(north, office.call)
    fill(north, page, **FILLED)
    with clock.pretend(office.call.apply_until + timedelta(seconds=1)):
        answer = north.post(f"{page}hand-in/")
        assert answer.status_code == 422 and "在申报期内" in answer.content.decode()
        assert north.post("/desk/apply/begin/", {"call": office.call.pk}).status_code == 404
    assert Draft.objects.for_system("测试").count() == 1


def test_a_returned_application_is_corrected_and_sent_again_under_its_number(office, north):
    page = begin(north, office.call)
    fill(north, page, **FILLED)
    north.post(f"{page}hand-in/")
    row = Application.objects.for_system("测试").get()
    office.step(row, "send_back", "county_head", "考核指标要能量")
    page = north.post("/desk/apply/begin/", {"application": row.pk})["Location"]
    assert "45.5" in north.get(page).content.decode()
    fill(north, page, goals="每吨能耗 ≤ 85 kWh")
    north.post(f"{page}hand-in/")
    row.refresh_from_db()
    assert (row.state, row.number, row.goals) == ("submitted", "SB2026-0001", "每吨能耗 ≤ 85 kWh")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("title", "长" * 121, "写了 121 字，最多 120 字"),
        ("summary", "本项目为机密级", "涉密内容不能写进本系统"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(office, north, field, text, said):
    page = begin(north, office.call)
    answer = north.post(f"{page}keep/", {field: text})
    assert said in answer.content.decode()
    assert Draft.objects.for_system("测试").get().content.get(field, "") == ""
    assert "申报书没有“”这一项" in north.post(f"{page}keep/", {"nonsense": "x"}).content.decode()


def test_a_project_overdue_for_acceptance_stops_a_new_application(office, north):
    office.call.most_per_unit = None
    row = office.to(office.draft("north"), "running")
    from keshu.journal.writing import writing

    with writing(office.actors["planning"], "补登任务书"):
        row.ends_on, row.accept_by = date(2025, 9, 15), date(2026, 3, 15)
        row.save()
    page = begin(north, office.call)
    said = fill(north, page, **FILLED).content.decode()
    assert "没有逾期未验收的项目" in said and "逾期 1 项" in said


def test_the_list_shows_calls_drafts_and_what_was_sent(office, north):
    begin(north, office.call)
    said = north.get("/desk/apply/").content.decode()
    assert "2026年度青禾市工业科技攻关" in said and "还剩 15 天" in said and "还没有写名称" in said
    assert re.search(r"草稿", said)
