"""What a step asks for: read from texts, refused with the reader's own words."""

from datetime import date
from decimal import Decimal

import pytest

from keshu.procedure.asking import Ask, MoveRefused, complete, read, shown

ASKS = (
    Ask("granted", "立项经费", "money"),
    Ask("on", "立项日期", "date"),
    Ask("votes", "赞成票", "number", required=False),
    Ask("grade", "等次", "choice", choices=(("1", "一等奖"), ("2", "二等奖"))),
    Ask("seen", "已看原件", "flag"),
)


def test_texts_become_typed_answers():
    texts = {"granted": "12.5", "on": "2026-05-31", "votes": "", "grade": "2", "seen": "1"}
    assert read(ASKS, texts, None) == {
        "granted": Decimal("125000.00"),
        "on": date(2026, 5, 31),
        "grade": "2",
        "seen": True,
    }


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"granted": "很多"}, "立项经费“很多”不是金额，请写万元，最多到分"),
        ({"granted": "-1"}, "“-1”不是金额"),
        ({"granted": "0.0000001"}, "最多到分"),
        ({"on": "5月31日"}, "立项日期“5月31日”不是日期"),
        ({"votes": "七"}, "赞成票“七”不是整数"),
        ({"grade": "3"}, "等次请从列出的里面选"),
        ({}, "立项经费没有填；立项日期没有填；等次没有填"),
    ],
)
def test_what_cannot_be_read_is_named(texts, said):
    with pytest.raises(MoveRefused, match=said):
        read(ASKS, texts, None)


def test_nothing_more_and_nothing_less_than_asked_is_taken():
    with pytest.raises(MoveRefused, match="还要填：立项日期、等次"):
        complete(ASKS, {"granted": Decimal(1)})
    with pytest.raises(MoveRefused, match="不收“state”"):
        complete(ASKS[:1], {"granted": Decimal(1), "state": "approved"})


def test_the_history_says_the_answers_as_a_clerk_reads_them():
    assert [
        shown(a, None, v)
        for a, v in zip(ASKS, [Decimal(125000), date(2026, 5, 31), 7, "2", True], strict=True)
    ] == [
        "12.5 万元",
        "2026-05-31",
        "7",
        "二等奖",
        "是",
    ]


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e99999999", "1e-99999999", "sNaN", "9" * 60]
)
def test_what_only_a_programmer_calls_a_number_is_no_amount(text):
    with pytest.raises(MoveRefused, match="不是金额"):
        read(ASKS[:1], {"granted": text}, None)
