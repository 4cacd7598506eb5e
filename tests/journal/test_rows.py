"""Plain rows enter tables and digests exactly as objects do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshu.figures.models import CubeDelta, ReportedValue
from keshu.figures.values import DELTAS, VALUES
from keshu.journal import moments
from keshu.journal.models import HistoryRow
from keshu.journal.rows import Plain, Shape, canonical, canonical_rows, columns_of
from keshu.journal.writing import Content, writing

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(),
    st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none())),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(st.dictionaries(st.text(min_size=1), anything, min_size=1))
def test_a_line_is_the_canonical_json_of_the_row(row):
    names = list(row)
    order = sorted(range(len(names)), key=names.__getitem__)
    keys = [(canonical(names[at]) + ":", at) for at in order]
    assert canonical_rows(keys, [list(row.values())]) == canonical(row) + "\n"


def test_a_moment_counts_in_utc_whatever_zone_a_database_gives_it_back_in():
    keys = [('"at":', 0)]
    shanghai = datetime(2026, 10, 12, 8, tzinfo=timezone(timedelta(hours=8)))
    assert canonical_rows(keys, [[shanghai]]) == canonical_rows(keys, [[shanghai.astimezone(UTC)]])


@pytest.mark.django_db
def test_objects_and_plain_rows_of_the_same_content_have_the_same_digest():
    key = {"measure_id": 7, "subject_id": 8, "period": "2026-09", "release_id": 9}
    delta = CubeDelta(**key, amount=-(2**62), held=1, estimated=0, revision=3)
    value = ReportedValue(**key, version=2, scaled=None, missing="未报", note="“引号”\n与\\", revision=3)
    by_object, by_row = Content(), Content()
    for row, shape in ((delta, DELTAS), (value, VALUES)):
        by_object.add(row)
        by_row.add_plain(shape, [[getattr(row, name) for name in shape.columns]])
    assert by_object.hexdigest() == by_row.hexdigest()
    assert by_object.rows == by_row.rows == 2


@pytest.mark.django_db
def test_plain_rows_are_read_back_as_they_were_written_and_hold_the_chain(actor):
    shape = Shape(HistoryRow, "revision", "model", "object_pk", "action", "data")
    texts = ["", "%s 与 %d", "'引\"号\n\\", "😀"]

    def rows(number):
        for at in range(1203):  # more than two INSERTs of 500
            yield Plain(shape, (number, "test.Row", at, texts[at % 4], None))

    with writing(actor, "批量") as block:
        block.stamp(rows)
    held = (
        HistoryRow.objects.filter(model="test.Row").order_by("pk").values_list("object_pk", "action", "data")
    )
    assert list(held) == [(at, texts[at % 4], None) for at in range(1203)]
    assert list(moments.broken_links()) == []


@pytest.mark.django_db
def test_a_shape_that_forgets_a_column_is_refused_before_anything_is_written():
    with pytest.raises(AssertionError, match="other columns"):
        Shape(CubeDelta, "measure_id", "amount").insert([(1, 2)])
    assert not CubeDelta.objects.exists()


def test_the_columns_of_a_model_leave_out_its_primary_key():
    names, keys = columns_of(CubeDelta)
    assert set(names) == set(DELTAS.columns)
    assert [key for key, _ in keys] == sorted(key for key, _ in keys)
