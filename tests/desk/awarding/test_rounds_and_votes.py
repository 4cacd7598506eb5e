"""评奖 pages: a round is opened with what the rules propose; review results and votes are seen before they are recorded."""

import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from openpyxl import load_workbook

from keshu.awards.models import Nomination, Prize, Round
from keshu.journal.models import AuditEntry
from tests.awards.committee import on

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(awarding):
    return awarding.staff.client("office")


def test_a_prize_is_registered_and_its_round_opened(awarding, office):
    typed = {
        "name": "青禾市自然科学奖", "issuer": "青禾市人民政府", "kind": "natural", "level": "city", "track": "ours",
        "graded": "1",
    }  # fmt: skip
    form = office.post("/desk/awards/prizes/", typed)["Location"]
    texts = office.get(form).context["texts"]
    assert (texts["quota.second"], texts["accept_days"], texts["accept_unit"]) == ("10", "15", "natural")
    wrong = office.post(form, {**texts, "until": "2026-01-01", "quota.first": "很多"})
    said = wrong.content.decode()
    assert wrong.status_code == 422 and "有 2 处要改，还没有存" in said and "很多" in said
    page = office.post(form, {**texts, "until": "2026-07-01"})["Location"]
    assert "还没有提名" in office.get(page).content.decode()
    office.post(f"{page}act/", {"action": "open"})
    assert Round.objects.get(prize__name="青禾市自然科学奖").state == "open"
    again = office.post("/desk/awards/prizes/", typed)
    assert again.status_code == 422 and "已经登记过了" in again.content.decode()
    assert Prize.objects.filter(name="青禾市自然科学奖").count() == 1


def test_a_finished_round_is_not_changed(awarding, office):
    page = f"/desk/awards/rounds/{awarding.round.pk}/"
    office.post(f"{page}act/", {"action": "close"})
    assert office.post(f"{page}act/", {"action": "reopen"}).status_code == 422  # without a reason
    office.post(f"{page}act/", {"action": "finish"})
    assert office.get(f"{page}edit/").status_code == 404
    assert "改这一轮" not in office.get(page).content.decode()


def test_the_round_shows_where_everything_stands_and_every_number_opens(awarding, office):
    awarding.to(awarding.draft(), "proposed")
    second = awarding.to(awarding.draft(title="另一项"), "accept_notice")
    awarding.objection(second)
    page = office.get(f"/desk/awards/rounds/{awarding.round.pk}/")
    stages = {stage["label"]: stage for stage in page.context["stages"]}
    assert {label: stage["count"] for label, stage in stages.items()} == {"受理公示": 1, "拟奖": 1}
    rows = office.get(stages["拟奖"]["href"]).context["lines"]
    assert [row["title"] for row in rows] == ["基层卒中急救协同救治"]
    places = {place.grade.label: (place.used, place.allowed) for place in page.context["places"]}
    assert places["三等奖"] == (1, 3) and places["一等奖"] == (0, 1)
    assert "YY2026-0001" in page.content.decode()


def test_scores_are_looked_at_with_their_places_then_recorded(awarding, office):
    rows = [awarding.to(awarding.draft(title=f"成果{n}"), "reviewing") for n in (1, 2)]
    page = f"/desk/awards/rounds/{awarding.round.pk}/scores/"
    typed = {f"score.{rows[0].pk}": "80", f"score.{rows[1].pk}": "八十", "minutes": "会评纪要"}
    with on(5, 8):
        wrong = office.post(page, typed)
        assert wrong.status_code == 422 and "评审得分“八十”不是数" in wrong.content.decode()
        typed[f"score.{rows[1].pk}"] = "91.5"
        seen = office.post(page, typed)
        assert [row["rank"] for row in seen.context["rows"]] == [2, 1]
        assert set(Nomination.objects.for_system("测试").values_list("state", flat=True)) == {"reviewing"}
        changed = office.post(page, {**typed, f"score.{rows[0].pk}": "95", "seen": seen.context["seen"]})
        assert changed.status_code == 200 and [r["rank"] for r in changed.context["rows"]] == [1, 2]
        done = office.post(page, {**typed, "seen": seen.context["seen"]})
    assert done.status_code == 302
    assert list(Nomination.objects.for_system("测试").order_by("pk").values_list("rank", flat=True)) == [2, 1]


def votes_typed(rows, *votes, **head):
    typed = {"on": "2026-05-20", "committee": "15", "present": "12", "minutes": "表决纪要", **head}
    for row, (grade, ayes) in zip(rows, votes, strict=True):
        typed |= {f"grade.{row.pk}": grade, f"for.{row.pk}": ayes, f"against.{row.pk}": ""}
    return typed


def test_votes_are_looked_at_then_recorded_all_or_none(awarding, office):
    rows = [awarding.to(awarding.draft(title=f"成果{n}"), "reviewed", rank=n) for n in (1, 2, 3)]
    page = f"/desk/awards/rounds/{awarding.round.pk}/votes/"
    typed = votes_typed(rows, ("first", "8"), ("first", "9"), ("", ""))
    with on(5, 20):
        seen = office.post(page, typed)
        said = seen.content.decode()
        assert "2/3 以上才通过" in said and "超 1 项" in said and "登记 2 项表决" in said
        assert not Nomination.objects.for_system("测试").exclude(state="reviewed").exists()
        awarding.objection(rows[1], received_on=date(2026, 4, 20))
        stopped = office.post(page, {**typed, "seen": seen.context["seen"]})
        assert stopped.status_code == 422 and "2 项里有 1 项不能办，一项也没有办" in stopped.content.decode()
        assert not Nomination.objects.for_system("测试").exclude(state="reviewed").exists()
        typed = votes_typed(rows, ("first", "8"), ("", ""), ("third", "5"))
        seen = office.post(page, typed)
        office.post(page, {**typed, "seen": seen.context["seen"]})
    found = (
        Nomination.objects.for_system("测试").order_by("pk").values_list("state", "carried", "voted_grade")
    )
    assert list(found) == [("voted", True, "first"), ("reviewed", None, ""), ("voted", False, "third")]


@pytest.mark.parametrize(
    ("head", "vote", "said"),
    [
        ({"present": "9"}, ("third", "9"), "到会 9 人，应到 15 人，不足 2/3，表决无效"),
        ({"present": "十二"}, ("third", "9"), "到会委员“十二”不是整数"),
        ({"on": "昨天"}, ("third", "9"), "表决日期“昨天”不是日期"),
        ({"minutes": ""}, ("third", "9"), "没有写表决纪要"),
        ({}, ("third", "13"), "多于到会 12 人"),
        ({}, ("", "9"), "没有选等级"),
        ({}, ("third", ""), "赞成没有填"),
        ({}, ("", ""), "一项也没有填"),
        ({"on": "2027-01-01"}, ("third", "9"), "表决日期 2027-01-01 还没有到"),
    ],
)
def test_votes_that_cannot_stand_are_named_and_nothing_is_recorded(awarding, office, head, vote, said):
    row = awarding.to(awarding.draft(), "reviewed")
    page = f"/desk/awards/rounds/{awarding.round.pk}/votes/"
    typed = votes_typed([row], vote, **head)
    with on(5, 20):
        answer = office.post(page, typed)
        if answer.status_code == 200:  # what only the step can tell
            answer = office.post(page, {**typed, "seen": answer.context["seen"]})
    assert answer.status_code == 422 and said in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "reviewed"


def test_scores_and_votes_are_not_shown_to_who_was_nominated(awarding, office):
    row = awarding.to(awarding.draft(), "voted", grade="first", votes=11)
    page = f"/desk/registers/awards/{row.pk}/"
    bureau = office.get(page).content.decode()
    assert "赞成 11，反对 2" in bureau and "88.50" in bureau
    for who in ("hospital", "health", "county_head"):
        said = awarding.staff.client(who).get(page).content.decode()
        assert "赞成 11" not in said and "88.50" not in said and "一等奖" not in said, who


def test_certificates_and_the_decision_leave_as_files(awarding, office):
    first = awarding.draft(people=2, other_units=["青禾大学"])
    first = awarding.to(first, "awarded", grade="first")
    page = f"/desk/awards/rounds/{awarding.round.pk}/"
    answer = office.get(f"{page}certificates/")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    at = next(n for n, row in enumerate(rows) if row[0] == "证书号")
    assert [row[:5] for row in rows[at + 1 :]] == [
        ("QHJ2026-0001-D01", "一等奖", "基层卒中急救协同救治", "青禾市第一人民医院", 1),
        ("QHJ2026-0001-D02", "一等奖", "基层卒中急救协同救治", "青禾大学", 2),
        ("QHJ2026-0001-R01", "一等奖", "基层卒中急救协同救治", "基层完成人1", 1),
        ("QHJ2026-0001-R02", "一等奖", "基层卒中急救协同救治", "基层完成人2", 2),
    ]
    assert AuditEntry.objects.latest("pk").kind == "导出"
    paper = Document(io.BytesIO(office.get(f"{page}decision/").content))
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "青禾市人民政府关于授予2026年度青禾市科学技术进步奖的决定" in text
    assert "根据青政办发〔2020〕1号" in text and "其中一等奖1项" in text and "一、一等奖（1项）" in text
    assert "2026年6月23日" in text and "（稿）" not in text
    assert [cell.text for cell in paper.tables[0].rows[1].cells][1] == "基层卒中急救协同救治"


def test_a_decision_before_the_award_is_a_draft_and_before_the_notice_there_is_none(awarding, office):
    row = awarding.to(awarding.draft(), "proposed")
    page = f"/desk/awards/rounds/{awarding.round.pk}/decision/"
    assert office.get(page).status_code == 302
    with on(5, 22):
        awarding.step(row, "publish", "office")
        paper = Document(io.BytesIO(office.get(page).content))
    assert "（稿）" in "\n".join(p.text for p in paper.paragraphs)


def test_medals_open_to_exactly_their_records(awarding, office):
    awarding.to(awarding.draft(), "awarded", grade="first")
    page = office.get("/desk/awards/medals/")
    cells = page.context["lines"][0]["cells"]
    assert [cell["count"] for cell in cells] == [1, 1]
    listed = office.get(cells[0]["href"])
    assert [line["title"] for line in listed.context["lines"]] == ["基层卒中急救协同救治"]
    other = awarding.staff.client("recommender").get("/desk/awards/medals/")
    assert "还没有授奖" in other.content.decode()


@pytest.mark.parametrize(
    "address", ["/desk/awards/rounds/", "/desk/awards/rounds/{}/", "/desk/awards/medals/"]
)
def test_pages_ask_the_same_number_of_queries_for_one_and_for_three(awarding, office, address):
    counts = []
    for more in (1, 2):
        for n in range(more):
            row = awarding.to(awarding.draft(title=f"获奖{more}{n}"), "awarded", rank=more * 2 + n)
            with on(6, 24):
                awarding.objection(row, received_on=date(2026, 5, 23))
        page = address.format(awarding.round.pk)
        office.get(page)
        with CaptureQueriesContext(connection) as caught:
            office.get(page)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 30


@pytest.mark.parametrize("who", ["health", "office"])
def test_lists_of_nominations_ask_the_same_number_of_queries(awarding, who):
    client = awarding.staff.client(who)
    for page in ("/desk/nominate/", "/desk/registers/awards/"):
        counts = []
        for more in (1, 2):
            for n in range(more):
                awarding.to(awarding.draft(title=f"{page}{more}{n}"), "submitted")
            client.get(page)
            with CaptureQueriesContext(connection) as caught:
                client.get(page)
            counts.append(len(caught))
        assert counts[0] == counts[1] <= 30, page
