"""History keeps whole rows: as of any revision the objects are what they were."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from keshu.directory.actors import system
from keshu.directory.models import Region
from keshu.journal import moments
from keshu.journal.recorded import same
from keshu.journal.writing import writing
from keshu.rules.models import CalendarDay, Rule


@pytest.mark.django_db
def test_as_of_gives_the_row_as_it_was(actor):
    with writing(actor, "建"):
        rule = Rule(
            kind="deadline",
            code="monthly",
            name="月报",
            valid_from=date(2026, 1, 1),
            data={"day": 10, "time": "17:30"},
        )
        rule.save()
    with writing(actor, "改"):
        rule.data = {"day": 8}
        rule.save()
    with writing(actor, "删"):
        rule.delete()
    assert Rule.as_of(0) == []
    assert Rule.as_of(1)[0].data == {"day": 10, "time": "17:30"}
    assert Rule.as_of(1)[0].valid_from == date(2026, 1, 1)
    assert Rule.as_of(2)[0].data == {"day": 8}
    assert Rule.as_of(3) == []
    assert [row.action for row in rule.history()] == ["create", "change", "delete"]


@pytest.mark.django_db
def test_a_child_of_another_table_is_rebuilt_whole(base, actor):
    """A region is a subject too: both tables' columns stand in one history row."""
    then = moments.latest()
    region = Region.objects.get(code="110000")
    with writing(actor, "改名"):
        region.name = "北京"
        region.save()
    (old,) = Region.as_of(then, [region.pk])
    assert (old.name, old.code, old.level, old.kind) == ("北京市", "110000", "province", "region")
    assert Region.as_of(moments.latest(), [region.pk])[0].name == "北京"


@pytest.mark.django_db
def test_created_and_deleted_in_one_transaction_never_stood(actor):
    with writing(actor, "又建又删"):
        row = CalendarDay(day=date(2026, 10, 1), works=False)
        row.save()
        row.delete()
    assert CalendarDay.as_of(moments.latest()) == []


class Replays(TestCase):
    """Random edits: what ``as_of`` rebuilds equals what a plain dictionary remembered."""

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(
            st.lists(
                st.tuples(
                    st.integers(0, 4),
                    st.one_of(st.none(), st.booleans()),
                    st.text("甲乙\n'\"\\<&é𠮷 ", max_size=6),
                ),
                min_size=1,
                max_size=4,
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_as_of_equals_what_stood(self, transactions):
        actor = system("测试")
        stood: dict[int, dict[date, tuple[bool, str]]] = {0: {}}
        for edits in transactions:
            with writing(actor, "随机"):
                for number, works, note in edits:
                    day = date(2026, 10, 1 + number)
                    row = CalendarDay.objects.filter(day=day).first()
                    if works is None:
                        if row is not None:
                            row.delete()
                        continue
                    row = row or CalendarDay(day=day)
                    row.works, row.note = works, note
                    row.save()
            now = {row.day: (row.works, row.note) for row in CalendarDay.objects.all()}
            stood[moments.latest()] = now
        for revision, then in stood.items():
            assert {row.day: (row.works, row.note) for row in CalendarDay.as_of(revision)} == then
        for row in CalendarDay.as_of(moments.latest()):
            assert same(row, CalendarDay.objects.get(pk=row.pk))
        assert list(moments.broken_links()) == []
