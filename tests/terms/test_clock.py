# ruff: noqa: TID251, DTZ001 - the oracle for the clock is the machine's own clock; naive moments are a case

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from keshu.terms import clock


@pytest.fixture(autouse=True)
def bare_clock(monkeypatch):
    """No pin and no KESHU_NOW, whatever the suite itself runs under."""
    monkeypatch.delenv("KESHU_NOW", raising=False)
    before = clock._pinned_path
    clock.pin(None)
    yield
    clock.pin(before)


def test_real_time_is_shanghai_time():
    real = datetime.now(UTC)
    assert abs(clock.now() - real) < timedelta(seconds=5)
    assert clock.now().utcoffset() == timedelta(hours=8)


def test_bare_date_means_24_00_of_that_day():
    assert clock.moment("2026-10-10") == datetime(2026, 10, 11, tzinfo=clock.TZ)
    assert clock.moment("2028-02-28") == datetime(2028, 2, 29, tzinfo=clock.TZ)
    assert clock.moment("2028-02-29") == datetime(2028, 3, 1, tzinfo=clock.TZ)
    assert clock.moment("2026-12-31 24:00") == datetime(2027, 1, 1, tzinfo=clock.TZ)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-10 09:30", datetime(2026, 10, 10, 9, 30, tzinfo=clock.TZ)),
        ("2026-10-10 09:30:15", datetime(2026, 10, 10, 9, 30, 15, tzinfo=clock.TZ)),
        ("２０２６－１０－１０　０９：３０", datetime(2026, 10, 10, 9, 30, tzinfo=clock.TZ)),
        ("2026年10月10日 09:30", datetime(2026, 10, 10, 9, 30, tzinfo=clock.TZ)),
        ("2026-10-10T01:30:00Z", datetime(2026, 10, 10, 9, 30, tzinfo=clock.TZ)),
        ("2026-10-10T09:30:00.250000+08:00", datetime(2026, 10, 10, 9, 30, 0, 250000, tzinfo=clock.TZ)),
        ("2026-10-09T20:30-0500", datetime(2026, 10, 10, 9, 30, tzinfo=clock.TZ)),
    ],
)
def test_moments_are_read_as_people_and_programs_write_them(text, expected):
    found = clock.moment(text)
    assert found == expected
    assert found.tzinfo is clock.TZ


def test_an_iso_moment_survives_the_round_trip():
    stamp = datetime(2026, 3, 5, 23, 59, 59, 999999, tzinfo=clock.TZ)
    assert clock.moment(stamp.isoformat()) == stamp


@pytest.mark.parametrize(
    "text",
    [
        "",
        "昨天",
        "2026-02-29",
        "2026-13-01",
        "2026-10-10 25:00",
        "2026-10-10 9",
        "20261010",
        "2026-10-10x",
        "9999-12-31",
    ],
)
def test_unreadable_moment_says_what_to_write(text):
    with pytest.raises(clock.UnreadableMoment, match="请写成"):
        clock.moment(text)


def test_pretended_time_stands_still_and_ends_with_the_block():
    with clock.pretend(datetime(2027, 2, 1, 8, 0)) as at:
        assert clock.now() == at == datetime(2027, 2, 1, 8, 0, tzinfo=clock.TZ)
        assert clock.today() == date(2027, 2, 1)
        with clock.pretend(date(2028, 2, 29)):
            assert clock.today() == date(2028, 2, 29)
        assert clock.today() == date(2027, 2, 1)
    assert clock.now().year == datetime.now(UTC).year


def test_utc_midnight_is_already_the_next_morning_in_shanghai():
    with clock.pretend(datetime(2026, 9, 30, 20, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 10, 1)


def test_another_thread_does_not_see_what_this_one_pretends():
    seen = []
    with clock.pretend(date(2000, 1, 1)):
        thread = threading.Thread(target=lambda: seen.append(clock.today()))
        thread.start()
        thread.join()
    assert seen[0].year > 2000


@pytest.mark.parametrize(
    "text", ["2026-10-10", "2026-10-10 00:01\n", "\ufeff2026-10-10", "2026-10-10T23:00:00+08:00"]
)
def test_pinned_file_fixes_the_date_and_lets_the_time_of_day_run(tmp_path, text):
    path = tmp_path / "today"
    path.write_text(text, encoding="utf-8")
    clock.pin(path)
    assert clock.today() == date(2026, 10, 10)
    real = datetime.now(clock.TZ)
    seconds = clock.now().replace(year=real.year, month=real.month, day=real.day) - real
    assert abs(seconds) < timedelta(seconds=5) or abs(seconds) > timedelta(hours=23)


def test_a_changed_pin_is_seen_and_a_removed_one_pins_nothing(tmp_path):
    path = tmp_path / "today"
    clock.pin(path)
    assert clock.today().year == datetime.now(UTC).year
    path.write_text("2030-01-01")
    assert clock.today() == date(2030, 1, 1)
    path.write_text("2031-01-01 08:00")
    assert clock.today() == date(2031, 1, 1)
    path.unlink()
    assert clock.today().year == datetime.now(UTC).year


def test_pin_wins_over_the_environment_and_pretending_over_both(tmp_path, monkeypatch):
    monkeypatch.setenv("KESHU_NOW", "2027-02-01")
    assert clock.today() == date(2027, 2, 1)
    monkeypatch.setenv("KESHU_NOW", "2028-02-29T12:00:00+08:00")
    assert clock.today() == date(2028, 2, 29)
    path = tmp_path / "today"
    path.write_text("2026-10-10")
    clock.pin(path)
    assert clock.today() == date(2026, 10, 10)
    with clock.pretend(date(2025, 1, 1)):
        assert clock.today() == date(2025, 1, 1)


def test_a_spoilt_pin_is_an_error_not_the_wrong_day(tmp_path):
    path = tmp_path / "today"
    path.write_text("十月十日")
    clock.pin(path)
    with pytest.raises(clock.UnreadableMoment):
        clock.now()


def test_durations_never_go_back():
    assert clock.monotonic() <= clock.monotonic()
