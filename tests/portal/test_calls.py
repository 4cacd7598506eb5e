"""申报通知 for everybody: what is published, until when by the server's clock, why it was extended, what can be downloaded."""

import io
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshu.journal.writing import writing
from keshu.ledger.evidence import attach
from keshu.programmes.calls import advance_call
from keshu.programmes.models import Call
from keshu.programmes.superiors import LIST
from keshu.terms import clock
from tests.programmes.calls_world import PDF, change_call, to_superior
from tests.programmes.office import MARCH

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_march(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with clock.pretend(MARCH):
        yield


def another(office, name, **values):
    kept = {
        field: getattr(office.call, field)
        for field in ("year", "level", "field", "opens_at", "apply_until", "recommend_until", "state")
    }
    call = Call(**{**kept, "name": name, **values})
    with writing(office.actors["planning"], "另一个通知"):
        call.save()
    return call


def page_of(client, call):
    return client.get(f"/calls/{call.pk}/")


def test_anybody_reads_a_published_call_and_nobody_a_draft(client, office):
    change_call(office, guide="支持减速器和隔膜。", who_may="本市注册的企业", attachments=["可行性报告"])
    draft = another(office, "还没有发布的", state=Call.State.DRAFT)
    text = page_of(client, office.call).content.decode()
    for part in (
        "支持减速器和隔膜。",
        "本市注册的企业",
        "可行性报告",
        "还剩 15 天",
        "2026-03-31 17:30:00 截止",
    ):
        assert part in text, part
    assert "以服务器时间为准，现在 2026-03-16 09:00:00" in text
    assert "还没有发布的" not in client.get("/calls/").content.decode()
    assert page_of(client, draft).status_code == 404


def test_the_second_of_the_deadline_is_still_inside_and_the_next_is_not(client, office):
    last = datetime(2026, 3, 31, 17, 30, 0, tzinfo=clock.TZ)
    with clock.pretend(last):
        assert page_of(client, office.call).context["taking"]
        assert "网上申报</a>" in page_of(client, office.call).content.decode()
    with clock.pretend(last.replace(second=1)):
        page = page_of(client, office.call)
        assert not page.context["taking"] and "<b>已截止</b>" in page.content.decode()


def test_before_it_opens_the_page_says_when(client, office):
    early = another(office, "四月的", opens_at=datetime(2026, 3, 20, 9, 0, tzinfo=clock.TZ))
    assert "2026-03-20 09:00 开始申报" in page_of(client, early).content.decode()
    assert "2026-03-20 09:00 开始" in client.get("/calls/").content.decode()


def test_an_extension_stands_on_the_page_with_its_reason_for_everybody(client, office):
    given = {"apply_until": date(2026, 4, 3), "reason": "系统检修"}
    advance_call(office.call, "extend", office.actors["office"], given=given)
    text = page_of(client, office.call).content.decode()
    assert "申报截止由 2026-03-31 17:30 延长至 2026-04-03 17:30，所有申报单位都适用" in text
    assert "理由：系统检修" in text
    assert "已延长" in client.get("/calls/").content.decode()


def test_an_extension_after_the_deadline_is_called_so(client, office):
    given = {"apply_until": date(2026, 4, 8), "reason": "停电", "late": True}
    with clock.pretend(datetime(2026, 4, 1, 9, 0, tzinfo=clock.TZ)):
        advance_call(office.call, "extend", office.actors["office"], given=given)
        text = page_of(client, office.call).content.decode()
    assert "申报原定 2026-03-31 17:30 截止，截止后延长至 2026-04-08 17:30" in text


def test_materials_can_be_downloaded_but_neither_the_superior_s_list_nor_a_draft_s_file(client, office):
    to_superior(office)
    guide = attach(office.call, office.actors["office"], io.BytesIO(PDF), "指南.pdf", caption="指南")
    listed = attach(office.call, office.actors["office"], io.BytesIO(PDF), "名单.pdf", caption=LIST)
    draft = another(office, "还没有发布的", state=Call.State.DRAFT)
    early = attach(draft, office.actors["office"], io.BytesIO(PDF), "稿.pdf", caption="稿")
    served = client.get(f"/calls/{office.call.pk}/files/{guide.pk}/")
    assert b"".join(served.streaming_content) == PDF
    assert served["Content-Disposition"].startswith("attachment")
    assert "名单.pdf" not in page_of(client, office.call).content.decode()
    for call, paper in ((office.call, listed), (draft, early), (office.call, early)):
        assert client.get(f"/calls/{call.pk}/files/{paper.pk}/").status_code == 404


def test_the_public_list_asks_the_same_number_of_queries_for_one_call_and_for_three(client, office):
    counts = []
    for more in (0, 2):
        for n in range(more):
            another(office, f"通知{n}")
        client.get("/calls/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/calls/")
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 8
