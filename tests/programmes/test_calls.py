"""A call is drafted, published, extended for everybody at once, closed; what is written on its form is read or refused by name."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from keshu.journal.writing import writing
from keshu.ledger.classified import Classified
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.calls import CallUnreadable, advance_call, keep, read
from keshu.programmes.public import every_call, is_public
from keshu.terms import clock

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "2026年度青禾市农业科技攻关",
    "year": "2026",
    "level": "city",
    "field": "agriculture",
    "track": "city",
    "guide": "支持旱作农业。",
    "budget": "200",
    "most_each": "30.5",
    "most_per_unit": "1",
    "notice_days": "5",
    "own_enterprise": "70",
    "own_other": "50",
    "opens_at": "2026-03-16T09:00",
    "apply_until": "2026-03-31T17:30",
    "recommend_until": "2026-04-10T17:30",
    "attachments": "可行性报告\n\n合作协议 ",
}


@pytest.fixture
def draft(office):
    return keep(office.actors["office"], read(TYPED))


def test_what_is_typed_is_read(draft):
    assert (draft.budget, draft.most_each) == (Decimal(2000000), Decimal(305000))
    assert draft.own_funds == {"enterprise": 70, "other": 50}
    assert draft.attachments == ["可行性报告", "合作协议"]
    assert draft.apply_until == datetime(2026, 3, 31, 17, 30, tzinfo=clock.TZ)
    assert draft.state == "draft" and not is_public(draft)


def test_everything_that_cannot_be_read_is_named_at_once(office):
    wrong = {**TYPED, "year": "二〇", "budget": "很多", "apply_until": "2026-03-01T09:00", "level": ""}
    with pytest.raises(CallUnreadable) as refusal:
        read(wrong)
    for said in ("级别没有选", "计划年度“二〇”", "总额度“很多”不是金额", "时间顺序不对"):
        assert said in str(refusal.value)
    with pytest.raises(CallUnreadable, match="已有名称相同的通知"):
        read({**TYPED, "name": office.call.name})
    with pytest.raises(Classified):
        read({**TYPED, "guide": "绝密★十年"})


def test_a_draft_is_the_office_s_until_it_is_published_and_stands_after_that(office, draft):
    with pytest.raises(NotYourTurn):
        keep(office.actors["leader"], read(TYPED, besides=draft.pk), draft)
    call = advance_call(draft, "publish", office.actors["office"])
    assert (call.state, call.published_on) == ("open", date(2026, 3, 16))
    assert call in every_call()
    with pytest.raises(MoveRefused, match="已经发布"):
        keep(office.actors["office"], read(TYPED, besides=draft.pk), call)


def test_an_extension_is_for_everybody_keeps_the_time_of_day_and_says_why(office):
    given = {"apply_until": date(2026, 4, 8), "recommend_until": date(2026, 4, 20), "reason": "系统停机"}
    call = advance_call(office.call, "extend", office.actors["office"], given=given)
    assert call.apply_until.astimezone(clock.TZ) == datetime(2026, 4, 8, 17, 30, tzinfo=clock.TZ)
    assert call.extended == [
        {
            "on": "2026-03-16",
            "from": "2026-03-31 17:30",
            "until": "2026-04-08 17:30",
            "recommend_from": "2026-04-10 17:30",
            "recommend_until": "2026-04-20 17:30",
            "reason": "系统停机",
            "late": False,
        }
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"apply_until": date(2026, 3, 30)}, "只能往后延"),
        ({"apply_until": date(2026, 3, 31)}, "和现在一样"),
        ({"apply_until": date(2026, 4, 15)}, "推荐截止 2026-04-10 17:30 早于新的申报截止"),
    ],
)
def test_what_is_no_extension_is_refused(office, given, said):
    with pytest.raises(MoveRefused, match=said):
        advance_call(office.call, "extend", office.actors["office"], given={**given, "reason": "x"})


def test_after_the_deadline_it_is_extended_only_by_saying_so(office):
    given = {"apply_until": date(2026, 4, 8), "reason": "洪水"}
    with clock.pretend(office.call.apply_until + timedelta(seconds=1)):
        with pytest.raises(MoveRefused, match="截止后再延长，要勾选"):
            advance_call(office.call, "extend", office.actors["office"], given=given)
        call = advance_call(office.call, "extend", office.actors["office"], given={**given, "late": True})
    assert call.extended[0]["late"] is True


def test_the_public_page_says_everything_by_the_server_s_clock(office, client):
    given = {"apply_until": date(2026, 4, 8), "recommend_until": date(2026, 4, 20), "reason": "系统停机"}
    advance_call(office.call, "extend", office.actors["office"], given=given)
    page = client.get(f"/calls/{office.call.pk}/").content.decode()
    for said in ("还剩 23 天", "系统停机", "所有申报单位都适用", "单项最高", "60 万元", "网上申报"):
        assert said in page
    with clock.pretend(datetime(2026, 4, 8, 17, 30, tzinfo=clock.TZ)):
        assert "还剩 0 小时 0 分" in client.get(f"/calls/{office.call.pk}/").content.decode()
    with clock.pretend(datetime(2026, 4, 8, 17, 30, 1, tzinfo=clock.TZ)):
        page = client.get(f"/calls/{office.call.pk}/").content.decode()
        assert "已截止" in page and "/desk/apply/?call=" not in page


def test_a_draft_is_nobody_s_to_read_outside(draft, client):
    assert client.get(f"/calls/{draft.pk}/").status_code == 404
    assert draft.name not in client.get("/calls/").content.decode()


def test_the_public_list_asks_the_same_number_of_queries_for_one_call_and_for_three(office, client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for more in (0, 2):
        for n in range(more):
            with writing(office.actors["office"], "再发"):
                made = keep(office.actors["office"], read({**TYPED, "name": f"再{n}"}))
                advance_call(made, "publish", office.actors["office"])
        client.get("/calls/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/calls/")
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 8
