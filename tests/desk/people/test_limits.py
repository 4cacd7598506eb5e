"""How often: a sliding window per account and address, the same for all processes."""

from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from keshu.desk import limits
from keshu.desk.limits import Limit, TooOften, use
from keshu.directory.models import UseMark
from keshu.terms import clock

pytestmark = pytest.mark.django_db
THREE = Limit("上传", 3, 600)
NINE = datetime(2026, 10, 12, 9, 0, tzinfo=clock.TZ)


def at(seconds, who="1@127.0.0.1", limit=THREE):
    with clock.pretend(NINE + timedelta(seconds=seconds)):
        use(limit, who)


def test_the_window_slides(staff):
    for seconds in (0, 100, 200):
        at(seconds)
    with pytest.raises(TooOften, match="上传在 10 分钟里已有 3 次，再等 301 秒") as refused:
        at(299)
    assert refused.value.wait == 301
    at(600)  # the first use has left the window: it is 600 seconds old
    with pytest.raises(TooOften):
        at(601)
    at(700)


def test_a_refused_try_does_not_count(staff):
    for seconds in (0, 1, 2):
        at(seconds)
    for seconds in range(3, 100):
        with pytest.raises(TooOften):
            at(seconds)
    at(600)
    assert UseMark.objects.count() == 3  # what is older than the window is dropped


def test_accounts_addresses_and_things_are_counted_apart(staff):
    for _ in range(3):
        at(0)
    at(0, who="2@127.0.0.1")
    at(0, who="1@10.0.0.2")
    at(0, limit=Limit("给数", 3, 600))


def test_a_demonstration_whose_hours_turn_at_midnight_does_not_lock_itself(staff):
    """Today is fixed, the hours run: after 23:59 the clock shows 00:00 of the same day."""
    for minute in (57, 58, 59):
        with clock.pretend(datetime(2026, 10, 12, 23, minute, tzinfo=clock.TZ)):
            use(THREE, "1@127.0.0.1")
    with clock.pretend(datetime(2026, 10, 12, 0, 0, tzinfo=clock.TZ)):
        use(THREE, "1@127.0.0.1")


def test_a_limited_view_answers_429_in_words_and_says_when(staff):
    @limits.limited(Limit("上传", 1, 600))
    def view(request):
        return HttpResponse("收到")

    def request(method="post"):
        made = getattr(RequestFactory(), method)("/")
        made.user = staff.accounts["planning"]
        return made

    assert view(request()).content.decode() == "收到"
    refused = view(request())
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) in range(595, 601)
    assert "上传在 10 分钟里已有 1 次" in refused.content.decode()
    assert view(request("get")).status_code == 200  # looking is not limited


def test_guessing_at_many_accounts_from_one_address_is_slowed(staff):
    client = staff.client()
    answers = [
        client.post("/login/", {"username": f"nobody{n}", "password": "x"}).status_code
        for n in range(limits.SIGN_IN.times + 1)
    ]
    assert answers == [200] * limits.SIGN_IN.times + [429]


def test_every_upload_and_every_gift_of_figures_is_limited():
    """By its name: what takes a file or gives figures out is a POST that counts."""
    from tests.test_routes import ALL, TABLE

    wanted = [
        name
        for name, row in TABLE.items()
        if row.method == "POST" and (name.endswith(("_upload", "_paper")) or name.startswith("desk:give"))
    ]
    assert len(wanted) >= 4
    assert [name for name in wanted if not hasattr(ALL[name][0].callback, "limit")] == []
