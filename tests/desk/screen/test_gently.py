"""What cannot be taken back is asked once in the page; a sum that nobody filled is no zero; the rail of a leader."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

import keshu
from keshu.desk import shell
from keshu.desk.registers.cells import total
from keshu.ledger.registers import Column
from tests.desk.staff import quick_passwords, staff  # noqa: F401

TEMPLATES = Path(keshu.__file__).parent / "desk" / "templates"
#: Buttons that throw something away without a reason of their own being typed: each stands in parts/confirm.html.
THROWS = ("删除草稿", "放弃这一批", "停用地址", "收回放行")


def test_what_is_thrown_away_is_asked_first():
    for page in TEMPLATES.rglob("*.html"):
        words = re.findall(r"<button[^>]*>([^<{]+)</button>", page.read_text())
        assert not set(words) & set(THROWS), page.name


@pytest.mark.parametrize("page", ["applying/form.html", "awarding/form.html", "reserving/sheet.html"])
def test_a_draft_is_deleted_by_the_second_touch(page):
    words = (TEMPLATES / page).read_text()
    assert 'include "parts/confirm.html" with label="删除草稿" sure="删去这份草稿"' in words
    assert "留着" in (TEMPLATES / "parts/confirm.html").read_text()


@pytest.mark.parametrize("kind", ["money", "number", "count"])
def test_the_sum_of_a_column_that_nobody_filled_is_no_zero(kind):
    column = Column("amount", "金额", kind, total=True)
    assert total(None, column) == ("— 未填", "")
    assert Decimal(total(Decimal(0), column)[0]) == 0


def test_rows_are_walked_with_j_and_k_ticked_with_x_and_the_help_says_so():
    folder = Path(keshu.__file__).parent / "desk/static/keshu/js"
    assert "['j', 'k', 'x']" in (folder / "registers.js").read_text()
    assert "row(['J', 'K'], '下一行、上一行')" in (folder / "house.js").read_text()


@pytest.mark.django_db
def test_a_leader_s_rail_and_phone_bar(staff):  # noqa: F811
    entries = shell.rail(staff.actor_as("leader"))
    assert [one["label"] for one in entries[:6]] == ["今日", "调度", "目标", "督办", "报告", "大屏"]
    assert [one["label"] for one in entries if one["phone"]] == ["今日", "调度", "督办", "报告"]
    planning = shell.rail(staff.actor_as("planning"))
    assert [one["label"] for one in planning[:6]] == ["今日", "调度", "目标", "台账", "报告", "督办"]
