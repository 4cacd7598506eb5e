"""政策与表格下载: what is released can be found and fetched by anyone, an abolished one says so, the rest is not there."""

import hashlib
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keshu.desk.limits import PUBLIC_SEARCH, use
from keshu.ledger.evidence import attach, path_of
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.reserves import filling, publishing
from keshu.terms import clock
from tests.reserves.room import in_march  # noqa: F401

pytestmark = pytest.mark.django_db
LIST = "/downloads/"
BYTES = "序号,科目\n1,设备费\n".encode()


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def with_file(room, title="经费预算表", **texts):
    """A released document with one file."""
    paper = room.hand_in("publications", "office", title=title, **texts)
    file = attach(paper, room.actors["office"], io.BytesIO(BYTES), "经费预算表.csv", caption="表格")
    return publishing.step(paper, "publish", room.actors["office"]), file


def titles(answer):
    return [item["row"].title for item in answer.context["rows"]]


def test_only_what_is_released_is_listed_opened_and_fetched(client, room):
    paper, file = with_file(room)
    draft = room.hand_in("publications", "office", title="还在起草")
    hidden = attach(draft, room.actors["office"], io.BytesIO(BYTES), "草稿.csv", caption="")
    assert titles(client.get(LIST)) == ["经费预算表"]
    assert client.get(reverse("portal:download", args=[paper.pk])).status_code == 200
    assert client.get(reverse("portal:download_file", args=[file.pk])).status_code == 200
    assert client.get(reverse("portal:download", args=[draft.pk])).status_code == 404
    assert client.get(reverse("portal:download_file", args=[hidden.pk])).status_code == 404
    publishing.step(paper, "take_down", room.actors["office"], note="有误")
    assert titles(client.get(LIST)) == []
    for address in (
        reverse("portal:download", args=[paper.pk]),
        reverse("portal:download_file", args=[file.pk]),
    ):
        assert client.get(address).status_code == 404


def test_a_file_of_another_record_is_not_served_by_this_door(client, room):
    entry = room.held()
    file = attach(entry, room.actors["north"], io.BytesIO(BYTES), "商业计划.csv", caption="")
    assert client.get(reverse("portal:download_file", args=[file.pk])).status_code == 404


def test_a_file_is_saved_not_shown_and_known_by_its_digest(client, room):
    _, file = with_file(room)
    address = reverse("portal:download_file", args=[file.pk])
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == BYTES
    digest = hashlib.sha256(BYTES).hexdigest()
    assert answer["ETag"] == f'"{digest}"' and file.sha256 == digest
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-cache" in answer["Cache-Control"]
    assert client.get(address, headers={"if-none-match": f'"{digest}"'}).status_code == 304
    assert digest in client.get(reverse("portal:download", args=[file.object_pk])).content.decode()
    Path(path_of(file)).unlink()
    assert client.get(address).status_code == 404


def test_an_abolished_document_stays_below_and_says_by_what(client, room):
    old, _ = with_file(room, "旧办法", dated="2021-04-06")
    with_file(room, "新办法", dated="2020-01-01")
    given = {"by": "青科发〔2026〕8号", "on": date(2026, 3, 16)}
    with pytest.raises(MoveRefused, match="还没到"):
        publishing.step(old, "abolish", room.actors["office"], given={**given, "on": date(2026, 3, 17)})
    publishing.step(old, "abolish", room.actors["office"], given=given)
    page = client.get(LIST)
    assert titles(page) == ["新办法", "旧办法"] and "已废止" in page.content.decode()
    assert "青科发〔2026〕8号" in client.get(reverse("portal:download", args=[old.pk])).content.decode()


def test_a_document_past_its_term_says_so(client, room):
    with_file(room, "试行办法", dated="2024-03-17", valid_until="2026-03-16")
    assert "有效期已满" not in client.get(LIST).content.decode()
    with clock.pretend(datetime(2026, 3, 17, 0, 30, tzinfo=clock.TZ)):
        assert "有效期已满" in client.get(LIST).content.decode()


def test_it_is_searched_by_title_number_issuer_and_category(client, room):
    with_file(room, "科技计划办法", category="policy", doc_no="青科发〔2026〕1号", issuer="市科技局")
    with_file(room, "验收清单", category="form")
    for query in ({"q": "计划"}, {"q": "〔2026〕1号"}, {"q": "市科技局"}, {"category": "policy"}):
        assert titles(client.get(LIST, query)) == ["科技计划办法"], query
    for query in ({"q": "没有的"}, {"category": "x"}, {"q": "%"}):
        answer = client.get(LIST, query)
        assert titles(answer) == [] and "没有查到" in answer.content.decode()
    assert client.get(LIST, {"q": "a\x00b"}).status_code == 200


def test_only_who_keeps_ledgers_releases_and_nothing_empty_goes_out(room):
    with pytest.raises(NotYourTurn):
        filling.begin(publishing.FORM, room.actors["north"])
    empty = room.hand_in("publications", "office", summary="")
    with pytest.raises(MoveRefused, match="还没有文件"):
        publishing.step(empty, "publish", room.actors["office"])
    with pytest.raises(MoveRefused, match="有效期不早于成文日期"):
        room.hand_in("publications", "office", dated="2026-03-02", valid_until="2026-03-01")


def test_documents_are_numbered_when_they_are_released(room):
    room.hand_in("publications", "office", title="起草的")
    first, second = room.public_paper(title="甲"), room.public_paper(title="乙")
    assert [first.number, second.number] == ["ZC2026-0001", "ZC2026-0002"]


def test_the_list_asks_the_same_number_of_queries_for_one_row_and_for_three(client, room):
    counts = []
    for more in (1, 2):
        for n in range(more):
            with_file(room, f"文件{more}{n}")
        client.get(LIST)
        with CaptureQueriesContext(connection) as caught:
            client.get(LIST)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 8


def test_searching_is_limited_by_address_and_looking_is_not(client, room):
    with_file(room)
    for _ in range(PUBLIC_SEARCH.times):
        use(PUBLIC_SEARCH, "@127.0.0.1")
    refused = client.get(LIST, {"q": "表"})
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert client.get(LIST).status_code == 200
