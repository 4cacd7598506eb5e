"""Two people at once, readings that break off, disks that fill, writes that fail half-way: all or nothing, and said."""

import threading
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Role
from keshu.directory.models import Account, Employment, Person, Region, RoleGrant, Unit
from keshu.figures import cube
from keshu.figures.counting import SOURCE
from keshu.figures.imports.applying import apply
from keshu.figures.imports.models import ImportBatch, StagedRow
from keshu.figures.imports.receiving import AT_ONCE, read, read_again, receive
from keshu.figures.imports.staging import stage
from keshu.figures.models import CubeDelta, Release, ReportedValue
from keshu.figures.packages import load_base
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.intake.batches import (
    PATIENCE,
    BatchState,
    PreviewStale,
    ReadElsewhere,
    begin,
    discard,
    path_of,
    update,
)
from keshu.ledger.intake.hazards import DiskFull
from keshu.terms import clock
from tests.figures.imports.making import Desk, counts, values

GDP = "地区生产总值"
ROW = ("2023年", "北京", GDP, "43760.7", "亿元")


def everything() -> tuple[int, int, int]:
    """How many values, deltas and releases there are."""
    return (
        ReportedValue.objects.for_system("测试").count(),
        CubeDelta.objects.count(),
        Release.objects.exclude(source=SOURCE).count(),
    )


@pytest.fixture
def house(transactional_db, actor, tmp_path) -> Desk:
    """The base package in a database that threads share."""
    load_base(actor)
    return Desk(tmp_path, actor)


def at_once(*works) -> list[Exception]:
    """Run each in a thread of its own, all starting together; what they raised."""
    raised: list[Exception] = []
    start = threading.Barrier(len(works))

    def run(work):
        try:
            start.wait()
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_the_same_file_sent_and_confirmed_from_two_browsers_at_once_leaves_one_set_of_values(house):
    rows = [
        (f"{year}年", place, GDP, year * 7, "亿元")
        for year in range(2000, 2024)
        for place in ("北京", "浙江", "安徽")
    ]
    path = house.csv(*rows)
    assert at_once(lambda: house.take(path), lambda: house.take(path)) == []
    assert ReportedValue.objects.for_system("测试").count() == 72
    assert set(ReportedValue.objects.for_system("测试").values_list("version", flat=True)) == {1}
    assert Release.objects.count() == 1
    assert cube.verify()[1] == []
    assert list(moments.broken_links()) == []
    applied = ImportBatch._base_manager.filter(state="applied").values_list("revision", flat=True)
    assert sorted(applied, key=str) == [moments.latest(), None]


def test_one_batch_confirmed_from_two_browsers_at_once_is_written_once(house):
    batch = house.read(house.csv(ROW))

    def confirm():
        apply(ImportBatch._base_manager.get(pk=batch.pk), house.actor)

    (told,) = at_once(confirm, confirm)
    assert isinstance(told, BatchState)
    assert "已经导入过了" in str(told)
    assert len(values(GDP, "北京", "2023")) == 1


@pytest.mark.django_db
def test_a_value_changed_by_somebody_since_the_preview_is_told_and_nothing_is_written(desk):
    desk.take(desk.csv(ROW))
    batch = desk.read(desk.csv((*ROW[:3], "43760.9", "亿元"), ("2023年", "浙江", GDP, "82553.2", "亿元")))
    desk.take(desk.csv((*ROW[:3], "43761", "亿元")))
    before = everything()
    with pytest.raises(PreviewStale) as told:
        apply(batch, desk.actor)
    assert "北京2023年地区生产总值现在是 43761亿元" in str(told.value)
    assert "请重新比对" in str(told.value)
    assert everything() == before
    batch.refresh_from_db()
    assert batch.state == "ready"
    stage(batch, desk.folder / batch.filename, desk.actor)
    outcome = apply(batch, desk.actor)
    assert (outcome.new, outcome.changed) == (1, 1)
    assert [one.version for one in values(GDP, "北京", "2023")] == [1, 2, 3]


@pytest.mark.django_db
def test_another_change_since_the_preview_does_not_disturb(desk):
    batch = desk.read(desk.csv(ROW))
    desk.take(desk.csv(("2023年", "浙江", GDP, "82553.2", "亿元")))
    assert apply(batch, desk.actor).new == 1


@pytest.mark.django_db
def test_a_write_that_fails_half_way_leaves_nothing(desk, on_postgres):
    """The database itself refuses the last value of the file: a constraint that a colleague's migration might bring."""
    batch = desk.read(
        desk.csv(
            ROW, ("2023年", "浙江", GDP, "82553.2", "亿元"), ("2023年", "西藏", "有效发明专利", "13", "件")
        )
    )
    before, revision = everything(), moments.latest()
    table = ReportedValue._meta.db_table
    with connection.cursor() as cursor:
        if on_postgres:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT no_thirteen CHECK (scaled <> 13)")
        else:
            cursor.execute(
                f"CREATE TRIGGER no_thirteen BEFORE INSERT ON {table} WHEN NEW.scaled = 13 "
                "BEGIN SELECT RAISE(ABORT, 'CHECK no_thirteen'); END"
            )
    with pytest.raises(DatabaseError, match="no_thirteen"):
        apply(batch, desk.actor)
    assert everything() == before
    assert moments.latest() == revision
    batch.refresh_from_db()
    assert (batch.state, batch.revision) == ("ready", None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT no_thirteen" if on_postgres else "DROP TRIGGER no_thirteen"
        )
    assert apply(batch, desk.actor).new == 3


@pytest.mark.django_db
def test_a_reading_whose_worker_died_is_shown_as_unfinished_and_can_be_read_again_or_given_up(
    desk, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path / "files"
    with desk.csv(ROW, ("2023年", "浙江", GDP, "82553.2", "亿元")).open("rb") as stream:
        batch = receive(stream, "数据.csv", desk.actor)
    begin(batch)
    StagedRow.objects.create(batch=batch, number=2, verdict="new")
    update(batch, rows_read=1)
    assert batch.standing == "读取中"
    with pytest.raises(BatchState, match=r"读取中.*不能重读"):
        read_again(batch, desk.actor)
    later = clock.now() + PATIENCE + timedelta(seconds=1)
    with clock.pretend(later):
        batch.refresh_from_db()
        assert (batch.is_stalled, batch.standing) == (True, "没读完")
        read_again(batch, desk.actor)
    assert (batch.state, batch.rows_read, counts(batch)) == ("ready", 2, {"new": 2})
    discard(batch)
    with pytest.raises(BatchState, match=r"已放弃.*不能重读"):
        read_again(batch, desk.actor)
    assert everything() == (0, 0, 0)


@pytest.mark.django_db
def test_a_reading_that_was_taken_over_stops_and_leaves_the_other_one_alone(desk):
    path = desk.csv(ROW)
    batch = desk.read(path)
    old = ImportBatch._base_manager.get(pk=batch.pk)
    begin(old)  # the first worker begins and is thought dead
    stage(ImportBatch._base_manager.get(pk=batch.pk), path, desk.actor)  # the second reads to the end
    with pytest.raises(ReadElsewhere, match="别处重读或放弃"):
        update(old, rows_read=2000)
    batch.refresh_from_db()
    assert (batch.state, counts(batch)) == ("ready", {"new": 1})


@pytest.mark.django_db
def test_a_batch_whose_file_is_gone_asks_for_it_again(desk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    with desk.csv(ROW).open("rb") as stream:
        batch = receive(stream, "数据.csv", desk.actor)
    path_of(batch).unlink()
    with (
        clock.pretend(clock.now() + PATIENCE * 2),
        pytest.raises(BatchState, match=r"没有留在服务器上.*请重新上传"),
    ):
        read_again(batch, desk.actor)


@pytest.mark.slow
def test_a_large_file_is_read_by_the_worker_and_the_browser_may_close(house, actor, tmp_path, settings):
    """The account stays behind the batch: the worker reads for the person, in the post, that uploaded it."""
    settings.MEDIA_ROOT = tmp_path / "files"
    with writing(actor, "建人员"):
        unit = Unit(code="KJ", name="科技局", region=Region.objects.get(code="000000"))
        unit.save()
        person = Person(code="P1", name="苏文")
        person.save()
        post = Employment(person=person, unit=unit, title="科员", valid_from=date(2020, 1, 1))
        post.save()
        RoleGrant(
            employment=post,
            role=Role.PLANNING.value,
            valid_from=date(2020, 1, 1),
            granted_by="a",
            approved_by="b",
        ).save()
        account = Account(username="su", person=person)
        account.save()
    rows = [(f"{1950 + n % 70}年", "北京", GDP, n + 100, "亿元", "填充" * 20) for n in range(12_000)]
    path = house.csv(*rows, head=("期间", "地区", "指标", "数值", "单位", "备注"))
    assert path.stat().st_size > AT_ONCE
    with path.open("rb") as stream:
        batch = receive(stream, "大.csv", actor_of(account, post.pk))
    read(batch, actor_of(account, post.pk))
    assert (batch.state, batch.standing) == ("waiting", "等待读取")
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    batch.refresh_from_db()
    assert (batch.state, batch.rows_read, batch.uploaded_by) == ("ready", 12_000, "苏文")
    assert sum(batch.counts.values()) == 12_000


def fill_sqlite(pages: int) -> None:
    """Let the database file grow by so many pages only: the engine's own limit stands for a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that are free inside the file would hide the limit
        cursor.execute("PRAGMA page_count")
        (now,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {now + pages}")


#: PostgreSQL has no such limit but a full file system. A trigger measures the table's file before every row and gives
#: the server's own error for it, 53100 disk_full, in the middle of a writing.
MEASURE = """
CREATE OR REPLACE FUNCTION small_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF pg_relation_size(TG_RELID) > TG_ARGV[0]::bigint THEN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
  END IF;
  RETURN NEW;
END $$"""
GROWING = (StagedRow, ReportedValue, CubeDelta)


def fill_postgres(pages: int) -> None:
    """Let each table that an import fills grow by so many pages only."""
    with connection.cursor() as cursor:
        cursor.execute(MEASURE)
        for table in (model._meta.db_table for model in GROWING):
            cursor.execute(f"VACUUM FULL {table}")
            cursor.execute(
                f"SELECT pg_relation_size('{table}') + {pages} * current_setting('block_size')::int"
            )
            (limit,) = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER IF EXISTS small_disk ON {table}")
            cursor.execute(
                f"CREATE TRIGGER small_disk BEFORE INSERT ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION small_disk('{limit}')"
            )


@pytest.fixture
def small_disk(on_postgres):
    """How to leave room for so many pages only, on either engine."""
    yield fill_postgres if on_postgres else fill_sqlite
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP FUNCTION IF EXISTS small_disk CASCADE"
            if on_postgres
            else "PRAGMA max_page_count = 1073741823"
        )


def test_a_disk_that_fills_while_reading_or_writing_is_said_and_nothing_stays(house, small_disk):
    rows = [
        (f"{1950 + n % 70}年", "北京", GDP, n + 100, "亿元", f"填充{n}" * 12, f"{n}版") for n in range(1500)
    ]
    path = house.csv(*rows, head=("期间", "地区", "指标", "数值", "单位", "备注", "发布"))
    before = everything()
    small_disk(8)
    with pytest.raises(DiskFull, match="磁盘空间不足"):
        house.read(path)
    batch = ImportBatch._base_manager.latest("pk")
    assert batch.state == "failed"
    assert not StagedRow.objects.filter(batch=batch).exists()
    small_disk(10_000)
    again = house.read(path)
    assert again.state == "ready"
    small_disk(8)
    with pytest.raises(DiskFull, match="原有数据不受影响"):
        apply(again, house.actor)
    assert everything() == before
    small_disk(10_000)
    again.refresh_from_db()
    assert again.state == "ready"
    assert apply(again, house.actor).new == 1500
