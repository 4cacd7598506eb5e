"""One door for every write: numbers in the order of commits, one number per transaction, none for nothing."""

from datetime import date, datetime

import pytest
from django.db import connection, transaction

from keshu.directory.models import Region
from keshu.journal import moments
from keshu.journal.models import HistoryRow, Revision
from keshu.journal.writing import HistoryBypassed, NotWriting, writing
from keshu.procedure.models import Move
from keshu.rules.models import CalendarDay
from keshu.terms import clock

pytestmark = pytest.mark.django_db


def holiday(day: date, note: str = "放假") -> CalendarDay:
    return CalendarDay(day=day, works=False, note=note)


def test_a_save_outside_a_writing_block_is_refused_and_leaves_nothing():
    with pytest.raises(NotWriting, match="没有留痕"), transaction.atomic():
        holiday(date(2026, 10, 1)).save()
    assert CalendarDay.objects.count() == 0


def test_one_transaction_takes_one_number_however_much_it_writes(actor):
    with writing(actor, "国庆") as block:
        for day in range(1, 8):
            holiday(date(2026, 10, day)).save()
    assert block.revision.number == moments.latest() == 1
    assert block.revision.rows == 7
    assert set(HistoryRow.objects.values_list("revision", flat=True)) == {1}


def test_a_nested_block_joins_the_outer_one(actor):
    with writing(actor, "外") as outer:
        holiday(date(2026, 10, 1)).save()
        with writing(actor, "内") as inner:
            holiday(date(2026, 10, 2)).save()
        assert inner is outer
        assert moments.latest() == 0  # the number is taken when the outermost block ends
    assert Revision.objects.get().reason == "外"
    assert Revision.objects.get().rows == 2


def test_a_nested_block_that_fails_takes_the_whole_down(actor):
    with pytest.raises(RuntimeError), writing(actor, "外"):
        holiday(date(2026, 10, 1)).save()
        with writing(actor, "内"):
            raise RuntimeError
    assert moments.latest() == 0
    assert CalendarDay.objects.count() == 0
    with writing(actor, "再来"):
        holiday(date(2026, 10, 1)).save()
    assert moments.latest() == 1


def test_a_block_that_wrote_nothing_takes_no_number(actor):
    with writing(actor, "只看") as block:
        list(CalendarDay.objects.all())
    assert block.revision is None
    assert moments.latest() == 0


def test_several_saves_of_one_object_in_a_transaction_leave_its_last_state_once(actor):
    with writing(actor, "改两次"):
        row = holiday(date(2026, 10, 1), "甲")
        row.save()
        row.note = "乙"
        row.save()
    (kept,) = row.history()
    assert (kept.action, kept.data["note"]) == ("create", "乙")


def test_the_clock_standing_still_or_running_back_never_gives_two_revisions_one_moment(actor):
    stands = datetime(2026, 10, 12, 9, 0, tzinfo=clock.TZ)
    with clock.pretend(stands):
        for day in (1, 2):
            with writing(actor, "同一刻"):
                holiday(date(2026, 10, day)).save()
    with clock.pretend(datetime(2026, 10, 12, 8, 0, tzinfo=clock.TZ)), writing(actor, "钟往回走"):
        holiday(date(2026, 10, 3)).save()
    at = list(Revision.objects.order_by("number").values_list("at", flat=True))
    assert at == sorted(at)
    assert len(set(at)) == 3


def test_as_of_a_bare_date_means_the_end_of_that_day(actor):
    with clock.pretend(datetime(2026, 10, 12, 23, 59, tzinfo=clock.TZ)), writing(actor, "晚上"):
        holiday(date(2026, 10, 1)).save()
    assert moments.read_as_of("2026-10-11") == 0
    assert moments.read_as_of("2026-10-12") == 1
    assert moments.read_as_of("2026-10-12 23:58") == 0
    assert moments.read_as_of("r1") == moments.read_as_of("") == 1
    with pytest.raises(moments.UnknownRevision, match="没有修订号 9，最新是 1"):
        moments.read_as_of("r9")


@pytest.mark.parametrize("name", ["update", "delete", "bulk_create", "bulk_update"])
def test_recorded_models_refuse_what_leaves_no_history(name):
    arguments = {"update": [], "delete": [], "bulk_create": [[]], "bulk_update": [[], ["note"]]}[name]
    for rows in (CalendarDay.objects.all(), Region.objects.filter(level="city")):
        with pytest.raises(HistoryBypassed, match="不留痕"):
            getattr(rows, name)(*arguments)


def test_recorded_models_refuse_the_same_through_the_manager_and_relations(base, actor):
    for call in (
        lambda: CalendarDay.objects.bulk_create([holiday(date(2026, 10, 1))]),
        lambda: CalendarDay.objects.update(note=""),
        lambda: Region.objects.get(code="000000").children.update(order=0),
        lambda: Region.objects.get(code="000000").children.all().delete(),
        lambda: CalendarDay.objects.update_or_create(day=date(2026, 10, 1), defaults={"works": True}),
    ):
        with pytest.raises((HistoryBypassed, NotWriting)), transaction.atomic():
            call()


def test_a_sound_chain_has_no_broken_links(actor):
    three(actor)
    assert list(moments.broken_links()) == []


def three(actor):
    for number in (1, 2, 3):
        with writing(actor, f"第 {number} 天"):
            holiday(date(2026, 10, number)).save()


def raw(sql: str, *values: object) -> None:
    """Somebody at the database's own console."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE journal_revision SET reason = 'x' WHERE number = 2", "修订 2 的链值对不上"),
        ("UPDATE journal_revision SET actor_name = '别人' WHERE number = 2", "修订 2 的链值对不上"),
        ("DELETE FROM journal_revision WHERE number = 2", "修订 2 不见了"),
        ("DELETE FROM journal_revision WHERE number = 3", "链尾和最后一条修订对不上"),
        ("DELETE FROM journal_historyrow WHERE revision = 2", "修订 2 的内容对不上：记着 1 行，现有 0 行"),
        ("UPDATE journal_historyrow SET object_pk = 99 WHERE revision = 2", "修订 2 的内容对不上"),
        ("UPDATE journal_historyrow SET revision = 3 WHERE revision = 2", "修订 2 的内容对不上"),
        ("UPDATE journal_revisionhead SET digest = 'x'", "链尾和最后一条修订对不上"),
    ],
)
def test_a_row_altered_behind_the_house_is_found(actor, sql, said):
    three(actor)
    raw(sql)
    assert any(said in line for line in moments.broken_links())


def test_history_data_altered_behind_the_house_is_found(actor):
    three(actor)
    raw("UPDATE journal_historyrow SET data = %s WHERE revision = 2", '{"note": "改"}')
    assert any("修订 2 的内容对不上" in line for line in moments.broken_links())


def test_the_whole_history_erased_is_found(actor):
    three(actor)
    for table in ("journal_revision", "journal_historyrow"):
        raw(f"DELETE FROM {table}")
    assert list(moments.broken_links()) == ["链尾和最后一条修订对不上。"]


def test_stamped_rows_are_part_of_the_chain(actor):
    def move(number: int) -> list[Move]:
        return [
            Move(
                model="x",
                object_pk=1,
                procedure="p",
                version="1",
                action="a",
                before="",
                after="b",
                at=clock.now(),
                actor_name="",
                revision=number,
            )
        ]

    with writing(actor, "盖号") as block:
        block.stamp(move)
    assert list(moments.broken_links()) == []
    raw("UPDATE procedure_move SET actor_name = '别人'")
    assert list(moments.broken_links()) != []
