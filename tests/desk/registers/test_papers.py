"""材料 on the page of a record: with and without a step, refused files keep what was typed, no way around the record."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from keshu.desk.limits import UPLOAD
from keshu.ledger.models import Evidence
from keshu.procedure.moving import moves_of
from keshu.programmes.models import Application

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sent(office):
    return office.step(office.draft("north"), "submit", "north")


def at(name, *args):
    return reverse(f"desk:{name}", args=["programmes", *args])


def pdf(name="推荐函.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def papers():
    return list(Evidence.objects.for_system("测试").order_by("pk"))


def test_a_paper_goes_with_a_step_and_the_entry_names_it(office, sent):
    client = office.staff.client("county_head")
    form = {"action": "recommend", "state": "submitted", "seen": "1", "note": "同意推荐"}
    answer = client.post(at("record_act", sent.pk), {**form, "paper": pdf(), "paper_caption": "盖章推荐函"})
    assert answer.status_code == 302
    (paper,) = papers()
    entry = moves_of(sent).last()
    assert (entry.action, entry.evidence, paper.caption) == ("recommend", [paper.sha256], "盖章推荐函")
    page = client.get(at("record", sent.pk))
    assert page.context["papers"]["rows"][0]["back_href"] == ""
    refused = client.post(at("record_paper_back", sent.pk, paper.pk), follow=True)
    assert "已随办理的一步交出，不能撤下" in refused.content.decode()
    office.staff.client("planning").post(at("record_paper_back", sent.pk, paper.pk))
    assert papers() == [paper]


def test_a_refused_paper_stops_the_step_and_what_was_typed_stays(office, sent):
    client = office.staff.client("county_head")
    answer = client.post(
        at("record_act", sent.pk),
        {
            "action": "recommend",
            "state": "submitted",
            "note": "经审核同意推荐",
            "paper": pdf("机密函.pdf"),
            "paper_caption": "推荐函",
        },
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "标有“机密”" in said and "这一步还没有办" in said and "经审核同意推荐" in said and "推荐函" in said
    assert Application.objects.for_system("测试").get(pk=sent.pk).state == "submitted" and papers() == []


def test_a_refused_step_keeps_no_paper(office, sent):
    answer = office.staff.client("county_head").post(
        at("record_act", sent.pk), {"action": "send_back", "state": "submitted", "paper": pdf()}
    )
    assert answer.status_code == 422 and papers() == []


def test_who_only_looks_adds_nothing(office, sent):
    for who in ("inspector", "county_filler"):
        assert office.staff.client(who).get(at("record", sent.pk)).context["papers"]["may"] is False
        answer = office.staff.client(who).post(at("record_papers", sent.pk), {"file": pdf()})
        assert answer.status_code == 404, who
    assert papers() == []


def test_a_form_without_a_file_and_a_caption_too_long(office, sent):
    client = office.staff.client("north")
    answer = client.post(at("record_papers", sent.pk), {"caption": "先写了说明"})
    assert answer.status_code == 422 and "没有选文件" in answer.content.decode()
    assert "先写了说明" in answer.content.decode()
    answer = client.post(at("record_papers", sent.pk), {"caption": "长" * 201, "file": pdf()})
    assert answer.status_code == 422 and "最多 200 字" in answer.content.decode()


def test_uploads_are_limited_like_all_others(office, sent):
    client = office.staff.client("north")
    answers = [client.post(at("record_papers", sent.pk), {"caption": "x"}) for _ in range(UPLOAD.times + 1)]
    assert [answer.status_code for answer in answers] == [422] * UPLOAD.times + [429]
    form = {"action": "withdraw", "note": "写的意见", "paper": pdf()}
    answer = client.post(at("record_act", sent.pk), form)
    assert answer.status_code == 429 and "写的意见" in answer.content.decode()
    assert client.post(at("record_act", sent.pk), {"action": "withdraw"}).status_code == 302


def test_the_applicant_takes_nothing_back_after_somebody_has_acted(office, sent):
    client = office.staff.client("north")
    client.post(at("record_papers", sent.pk), {"file": pdf("承诺书.pdf"), "caption": "承诺书"})
    (paper,) = papers()
    office.step(sent, "recommend", "county_head")
    answer = client.post(at("record_paper_back", sent.pk, paper.pk), follow=True)
    assert "已经有人办过" in answer.content.decode() and papers() == [paper]
    office.staff.client("planning").post(at("record_paper_back", sent.pk, paper.pk))
    assert papers() == []


def test_papers_of_a_draft_are_nobody_else_s_business_by_any_address(office):
    draft = office.draft("north")
    office.staff.client("north").post(at("record_papers", draft.pk), {"file": pdf()})
    (paper,) = papers()
    for who in ("county_head", "office", "south"):
        client = office.staff.client(who)
        assert client.get(at("record_paper", draft.pk, paper.pk)).status_code == 404, who
        # The way of the monthly forms opens papers by region; a record's papers are not among them.
        answer = client.get(reverse("desk:entry_paper", args=[paper.pk]))
        assert answer.status_code in (403, 404), who


def test_a_name_that_lies_is_served_harmlessly(office, sent):
    name = "../..\\承诺\u202e书.pdf"
    office.staff.client("north").post(at("record_papers", sent.pk), {"file": pdf(name)})
    (paper,) = papers()
    served = office.staff.client("north").get(at("record_paper", sent.pk, paper.pk))
    assert "/" not in paper.name and "\u202e" not in paper.name
    assert served["Content-Disposition"].startswith("attachment")
