"""The whole is its parts: nothing is lost, added or rounded between the workbooks that came in and the one that goes out."""

import io
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshu.collecting.columns import Col, settled
from keshu.collecting.differing import Line, differences
from keshu.collecting.merging import merged, standings, totals
from keshu.collecting.models import ReplyRow
from keshu.collecting.reading import read_reply
from keshu.collecting.telling import AT, FILE, SENDER, export, group_text, remind
from keshu.diary.models import Reminder
from keshu.journal import moments
from keshu.procedure.moving import NotYourTurn
from tests.collecting.office import COLS, HEAD, book

NAMES = ("望岭县", "岚川县", "青禾市财政局")
KIND = st.none() | st.sampled_from(COLS[1].choices)
AMOUNT = st.decimals(min_value=-100_000, max_value=100_000, places=2)
ROW = st.tuples(KIND, AMOUNT, st.none() | st.integers(0, 9999))
PART = st.lists(ROW, min_size=1, max_size=8)
KEYS = ("c1", "c2", "c3", "c4", "c5")


def lines(rows) -> list[tuple]:
    return [(f"企业{n}", *row, None) for n, row in enumerate(rows)]


def as_values(line) -> dict[str, str]:
    """What a row is read as, worked out on its own."""
    name, kind, amount, count, _ = line
    normal = amount.normalize()
    found = {"c1": name, "c3": f"{normal:f}" if amount else "0"}
    return found | ({"c2": kind} if kind else {}) | ({"c4": str(count)} if count is not None else {})


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(parts=st.lists(PART, min_size=1, max_size=3))
def test_a_merged_workbook_equals_its_parts(house, parts):
    with transaction.atomic():
        for name, part in zip(NAMES, parts, strict=False):
            house.drop(house.filled(name, lines(part)), "x.xlsx")
        wanted = [
            (name, as_values(line)) for name, part in zip(NAMES, parts, strict=False) for line in lines(part)
        ]
        assert [(row.reply.sender.name, row.values) for row in merged(house.collection)] == wanted
        amount, count = totals(house.collection.cols, standings(house.collection))
        assert amount.value == sum(row[1] for part in parts for row in part)
        held = [row[2] for part in parts for row in part if row[2] is not None]
        assert count.value == (sum(held) if held else None)
        assert [name for name in NAMES[len(parts) :] if name not in amount.said] == []
        out = io.BytesIO()
        assert export(house.collection, out) == len(wanted)
        # Names of enterprises repeat between counties, so the whole is read with the sender as a second key.
        whole = (Col("", SENDER, is_key=True), *COLS)
        again = read_reply(out, "合表.xlsx", settled(whole))
        shifted = {f"c{n + 1}": f"c{n}" for n in range(1, 6)}
        assert [
            (row.values["c1"], {shifted[k]: v for k, v in row.values.items() if k in shifted})
            for row in again.taken
        ] == wanted
        transaction.set_rollback(True)


@given(before=PART, after=PART)
def test_differences_lead_from_one_table_to_the_other(before, after):
    """Applied to the first, what differs gives the second: nothing is missed, nothing invented."""
    cols = settled(COLS)
    first = [Line(as_values(line), 1, n) for n, line in enumerate(lines(before))]
    second = [Line(as_values(line), 2, n) for n, line in enumerate(lines(after))]
    table = {line.values["c1"]: dict(line.values) for line in first}
    for one in differences(cols, first, second):
        if one.kind == "gone":
            del table[one.row]
        elif one.kind == "added":
            table[one.row] = dict(one.new.values)
        elif one.after:
            table[one.row][one.col.key] = one.after
        else:
            del table[one.row][one.col.key]
    assert table == {line.values["c1"]: dict(line.values) for line in second}


def test_the_exported_workbook_names_sender_file_and_row(house):
    house.drop(book(lines([("技术开发", Decimal("1.50"), 3)])), "望岭县 报.xlsx")
    out = io.BytesIO()
    export(house.collection, out)
    from openpyxl import load_workbook

    rows = list(load_workbook(out).active.iter_rows(values_only=True))
    head = dict(zip(rows[1], rows[2], strict=True))
    assert (head[SENDER], head[FILE], head[AT]) == ("望岭县", "望岭县 报.xlsx", 2)
    assert head["成交额（万元）"] == 1.5


def test_the_words_for_the_group_say_who_is_missing_and_whose_cell_is_wrong(house):
    house.drop(book([("甲", "技术开发", "3.141", 1, None)], head=HEAD), "望岭县.xlsx")
    house.drop(book([("甲", 1)], head=("名称", "数")), "岚川县.xlsx")
    text = group_text(house.collection, standings(house.collection), "http://ke.shu/answering/")
    assert text.splitlines() == [
        "【三季度技术交易情况表】10 月 20 日 17:30 截止",
        "已报 1 / 3。",
        "还没有报：青禾市财政局。",
        text.splitlines()[3],
        "望岭县：第 2 行“成交额”读到 3.141，最多 2 位小数，系统不替人舍入，请改好。",
        "请在系统“交表”里上传或填报：http://ke.shu/answering/，也可以把表发给我。",
    ]
    assert text.splitlines()[3].startswith("岚川县：报来的没有收下（前 20 行里没有找到表头")


def test_reminding_is_for_who_collects_and_once_until_it_is_sent(house):
    with pytest.raises(NotYourTurn):
        remind(house.collection, house.county)
    made, nowhere = remind(house.collection, house.clerk)
    assert [one.unit.name for one in made] == ["望岭县科学技术局", "岚川县科学技术局", "青禾市财政局"]
    assert nowhere == [] and remind(house.collection, house.clerk)[0] == []
    assert "标记 " in Reminder.objects.for_system("测试").first().text


def test_what_came_in_stands_in_the_chain(house):
    house.drop(book(lines([("技术开发", Decimal("1.50"), 3)])), "望岭县.xlsx")
    assert ReplyRow.objects.for_system("测试").get().revision > 0
    assert list(moments.broken_links()) == []
