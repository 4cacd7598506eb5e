"""申报通知 pages of the office: written, published, extended, letters and lists, many approved at once, objections kept close."""

import io
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.programmes.models import Application, Call, Objection
from keshu.terms import clock
from tests.programmes.office import GIVEN
from tests.programmes.test_calls import TYPED
from tests.programmes.test_recommending import NORTH, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(office):
    return office.staff.client("office")


def test_a_call_is_written_published_and_extended_on_its_pages(office, client):
    refused = client.post("/desk/calls/new/", {**TYPED, "budget": "很多"})
    assert refused.status_code == 422 and "支持旱作农业。" in refused.content.decode()
    page = client.post("/desk/calls/new/", TYPED)["Location"]
    assert client.post(f"{page}act/", {"action": "publish", "state": "draft"}).status_code == 302
    late = client.post(f"{page}act/", {"action": "publish", "state": "draft"})
    assert late.status_code == 409 and "有人先办了" in late.content.decode()
    given = {"action": "extend", "extend.apply_until": "2026-04-02", "extend.reason": "停电"}
    client.post(f"{page}act/", given)
    call = Call.objects.get(name=TYPED["name"])
    assert f"{call.apply_until.astimezone(clock.TZ):%Y-%m-%d %H:%M}" == "2026-04-02 17:30"
    assert "停电" in client.get(page).content.decode()


def test_a_file_of_a_call_can_be_downloaded_by_anybody_and_the_superior_s_list_cannot(office, client):
    page = f"/desk/calls/{office.call.pk}/"
    upload = io.BytesIO("一、填写说明\n".encode())
    upload.name = "模板.txt"
    client.post(f"{page}materials/", {"caption": "申报书模板", "file": upload})
    office.call.track, office.call.superior = "recommended", "省科学技术厅"
    with writing(office.actors["planning"], "省里的"):
        office.call.save()
    listed = sheet(("别家的", NORTH, 50, ""))
    listed.name = "名单.xlsx"
    answer = client.post(f"{page}above/", {"file": listed})
    file = int(answer["Location"].rstrip("/").rsplit("/", 1)[1])
    public = office.staff.client().get(f"/calls/{office.call.pk}/").content.decode()
    assert "申报书模板" in public and "名单.xlsx" not in public
    assert office.staff.client().get(f"/calls/{office.call.pk}/files/{file}/").status_code == 404
    assert office.staff.client().get(f"/calls/{office.call.pk}/files/{file - 1}/").status_code == 200


def test_the_superior_s_list_is_shown_and_registered(office, client):
    office.call.track, office.call.superior = "recommended", "省科学技术厅"
    with writing(office.actors["planning"], "省里的"):
        office.call.save()
    row = office.step(office.step(office.draft(), "submit", "north"), "recommend", "county_head")
    page = f"/desk/calls/{office.call.pk}/"
    client.post(f"{page}forward/", {"row": row.pk, "doc_no": "青科函〔2026〕9号", "on": "2026-03-16"})
    listed = sheet((row.title, NORTH, 50, "SZD-1"))
    listed.name = "名单.xlsx"
    preview = client.post(f"{page}above/", {"file": listed})["Location"]
    assert "相符" in client.get(preview).content.decode()
    assert client.post(preview, {"doc_no": "", "on": "2026-03-16"}).status_code == 422
    client.post(preview, {"doc_no": "省科计〔2026〕66号", "on": "2026-03-16"})
    row.refresh_from_db()
    assert (row.state, row.granted) == ("approved", Decimal(500000))


def test_many_are_approved_on_one_page(office, client):
    rows = [office.to(office.draft(who, asked=Decimal(400000)), "notice") for who in ("north", "south")]
    page = f"/desk/calls/{office.call.pk}/approve/"
    with clock.pretend(datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)):
        asked = {"row": [row.pk for row in rows], "doc_no": "青科发〔2026〕21号", "jointly": "市财政局"}
        looked = client.get(page, asked)
        assert looked.context["money"]["left"] == "20" and looked.context["count"] == 2
        client.post(page, {**asked, "do": "approve"})
    assert Application.objects.for_system("测试").filter(state="approved").count() == 2


def test_who_objected_is_shown_to_the_office_only_and_the_telephone_is_masked(office, client):
    row = office.to(office.draft(), "notice")
    given = {**GIVEN["object"], "contact": "13900001234"}
    office.step(row, "object", "office", "权属不清", given)
    address = reverse("desk:record", args=["programmes", row.pk])
    for who in ("north", "county_head"):
        said = office.staff.client(who).get(address).content.decode()
        assert "周明远" not in said and "13900001234" not in said
    said = client.get(address).content.decode()
    assert "周明远" in said and "139****1234" in said and "13900001234" not in said
    objection = Objection.objects.for_system("测试").get()
    assert "13900001234" in client.get(address, {"contact": objection.pk}).content.decode()
    assert AuditEntry.objects.latest("pk").kind == "看联系方式"


def test_the_list_of_calls_asks_the_same_number_of_queries_for_one_and_for_three(office, client):
    counts = []
    for more in (0, 2):
        for n in range(more):
            client.post("/desk/calls/new/", {**TYPED, "name": f"通知{n}"})
        client.get("/desk/calls/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/desk/calls/")
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 20
