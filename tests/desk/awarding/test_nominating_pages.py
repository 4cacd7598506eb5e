"""提名 pages: drafts kept as typed, the pre-check while typing, handed in once, corrected under the same number."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from keshu.awards.models import Nomination
from keshu.diary.lines import switch_off
from keshu.journal import moments
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import evidence_of
from keshu.ledger.models import Evidence
from tests.awards.committee import FIVE
from tests.awards.test_nominating import FILLED

pytestmark = pytest.mark.django_db


@pytest.fixture
def health(awarding):
    return awarding.staff.client("health")


def begin(client, awarding):
    return client.post("/desk/nominate/begin/", {"round": awarding.round.pk})["Location"]


def fill(client, page, **fields):
    for name, text in fields.items():
        answer = client.post(f"{page}keep/", {name: text})
        assert answer.status_code == 200
    return answer.content.decode()


def test_a_draft_is_kept_as_typed_and_takes_no_revision(awarding, health):
    before = moments.latest()
    page = begin(health, awarding)
    said = fill(health, page, title="低碳稻作", applied_from="去年")
    assert moments.latest() == before
    assert "投入应用日期已填" in said and "不是日期，请写成 2026-05-31" in said
    again = health.get(page).content.decode()
    assert "低碳稻作" in again and "去年" in again
    for who in ("county_head", "office"):
        assert awarding.staff.client(who).get(page).status_code == 404


def test_handing_in_gives_a_receipt_and_the_draft_goes(awarding, health):
    page = begin(health, awarding)
    assert "可以提名" in fill(health, page, **FILLED)
    said = health.post(f"{page}hand-in/", follow=True).content.decode()
    row = Nomination.objects.for_system("测试").get()
    assert (row.state, row.number) == ("submitted", "TM2026-0001")
    assert "回执 TM2026-0001" in said and row.content_hash[:8] in said and "周明远" in said
    assert health.post(f"{page}hand-in/").status_code == 404  # pressed twice
    assert "低碳稻作技术集成" in health.get("/desk/nominate/").content.decode()


def test_what_was_typed_in_the_last_second_goes_with_it_and_a_refusal_loses_nothing(awarding, health):
    page = begin(health, awarding)
    fill(health, page, **{**FILLED, "summary": ""})
    answer = health.post(f"{page}hand-in/", {"opinion": "最后一秒写的", "summary": ""})
    said = answer.content.decode()
    assert answer.status_code == 422 and "成果简介已填" in said and "最后一秒写的" in said
    assert not Nomination.objects.for_system("测试").exists()
    assert Draft.objects.for_system("测试").count() == 1


def test_the_bureau_enters_a_letter_of_five_experts(awarding):
    client = awarding.staff.client("office")
    page = begin(client, awarding)
    experts = "\n".join(f"{e['name']}，{e['unit']}，{e['title']}" for e in FIVE)
    fill(client, page, **FILLED, experts=experts)
    client.post(f"{page}hand-in/")
    row = Nomination.objects.for_system("测试").get()
    assert (row.nominator_kind, len(row.experts), row.state) == ("experts", 5, "submitted")


def test_a_returned_nomination_is_corrected_from_its_page(awarding, health):
    page = begin(health, awarding)
    fill(health, page, **FILLED)
    health.post(f"{page}hand-in/")
    row = Nomination.objects.for_system("测试").get()
    row = awarding.step(row, "return", "office", reason="XS-03")
    said = health.get(f"/desk/registers/awards/{row.pk}/").content.decode()
    assert "打开提名书补正" in said and "2026-04-20 截止" in said
    page = health.post("/desk/nominate/begin/", {"nomination": row.pk})["Location"]
    fill(health, page, summary="补了应用证明")
    health.post(f"{page}hand-in/")
    row.refresh_from_db()
    assert (row.state, row.number, row.summary) == ("submitted", "TM2026-0001", "补了应用证明")
    for who in ("county_head", "office"):
        client = awarding.staff.client(who)
        assert client.post("/desk/nominate/begin/", {"nomination": row.pk}).status_code == 404


@pytest.mark.parametrize("typed", [{"round": "999999"}, {"round": ""}, {"nomination": "9" * 30}, {}])
def test_nothing_begins_where_nothing_is_open(awarding, health, typed):
    assert health.post("/desk/nominate/begin/", typed).status_code == 404


def test_classified_text_is_refused_and_the_field_keeps_what_it_had(awarding, health):
    page = begin(health, awarding)
    assert "涉密内容不能写进本系统" in fill(health, page, summary="本成果为机密级")
    assert "提名书没有“”这一项" in fill(health, page, nonsense="x")
    assert Draft.objects.for_system("测试").get().content.get("summary") is None


def test_a_draft_may_be_given_up(awarding, health):
    page = begin(health, awarding)
    assert health.post(f"{page}drop/").status_code == 302
    assert not Draft.objects.for_system("测试").exists()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def hand(client, page, name="提名函.pdf", caption="提名函"):
    return client.post(
        f"{page}file/", {"caption": caption, "file": SimpleUploadedFile(name, PDF)}, follow=True
    )


def test_files_are_handed_in_beside_the_draft_and_go_with_the_nomination(awarding, health):
    page = begin(health, awarding)
    fill(health, page, **FILLED)
    for form, why in (
        ({"caption": "提名函"}, "没有选文件"),
        ({"caption": " ", "file": SimpleUploadedFile("a.pdf", PDF)}, "请写明这份材料是什么"),
        ({"caption": "提名函", "file": SimpleUploadedFile("机密.pdf", PDF)}, "涉密"),
        ({"caption": "提名函", "file": SimpleUploadedFile("a.pdf", b"MZ" + b"0" * 90)}, "提名函"),
    ):
        answer = health.post(f"{page}file/", form)
        assert answer.status_code == 422 and why in answer.content.decode(), why
    assert not Evidence.objects.for_system("测试").exists()
    assert "提名函.pdf" in hand(health, page).content.decode()
    hand(health, page, "多余.pdf", "多余的")
    draft = Draft.objects.for_system("测试").get()
    kept, extra = evidence_of(draft)
    opened = health.get(f"{page}file/{kept.pk}/")
    assert b"".join(opened.streaming_content) == PDF
    for who in ("county_head", "office"):
        assert awarding.staff.client(who).get(f"{page}file/{kept.pk}/").status_code == 404
        assert hand(awarding.staff.client(who), page).status_code == 404
    health.post(f"{page}file/{extra.pk}/")
    health.post(f"{page}hand-in/")
    row = Nomination.objects.for_system("测试").get()
    assert [(paper.name, paper.caption) for paper in evidence_of(row)] == [("提名函.pdf", "提名函")]
    assert "提名函.pdf" in health.get(f"/desk/registers/awards/{row.pk}/").content.decode()

    row = awarding.step(row, "return", "office", reason="XS-03")
    page = health.post("/desk/nominate/begin/", {"nomination": row.pk})["Location"]
    assert "已随提名交出" in hand(health, page, "应用证明.pdf", "应用证明").content.decode()
    said = health.post(f"{page}file/{kept.pk}/", follow=True).content.decode()
    assert "已经随提名交出，不能撤下" in said
    health.post(f"{page}hand-in/")
    assert [paper.name for paper in evidence_of(row)] == ["提名函.pdf", "应用证明.pdf"]


def test_a_draft_that_is_given_up_takes_its_files_with_it(awarding, health):
    page = begin(health, awarding)
    hand(health, page)
    health.post(f"{page}drop/")
    assert not Evidence.objects.for_system("测试").exists()


def test_a_county_where_the_line_is_off_sees_no_round_and_the_others_do(awarding):
    county, bureau = awarding.staff.client("county_head"), awarding.staff.client("office")
    assert "开始提名" in county.get("/desk/nominate/").content.decode()
    switch_off(
        awarding.staff.actor_as("planning"),
        "awards",
        first_year=awarding.round.year,
        region=awarding.staff.county,
        reason="本县今年不办",
    )
    assert "开始提名" not in county.get("/desk/nominate/").content.decode()
    assert county.post("/desk/nominate/begin/", {"round": awarding.round.pk}).status_code == 404
    assert "开始提名" in bureau.get("/desk/nominate/").content.decode()
