"""往年奖励补登: what a report counted comes in as a file and counts in its own months; a running round is not written past."""

import csv
import io
from collections import Counter

import pytest

from keshu.awards import medals
from keshu.awards.models import Nomination, Round
from keshu.bringing.applying import apply
from keshu.bringing.models import StagedRecord
from keshu.bringing.receiving import read, receive
from keshu.figures import counting
from keshu.ledger.registers import by_code
from keshu.terms.period import Period
from tests.awards.test_counting import value

pytestmark = pytest.mark.django_db
HEAD = ["成果名称", "年度", "级别", "奖种", "等级", "领域", "完成单位", "地区", "件数", "受理日期", "推荐日期",
        "通过公示日期", "授奖日期", "状态"]  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def staged(actor, *rows):
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    register = by_code("awards")
    batch = receive(io.BytesIO(text.getvalue().encode("utf-8-sig")), "往年奖励.csv", actor, register)
    return read(batch, actor, register)


def award(title, grade, **changed):
    row = {
        "成果名称": title, "年度": "2013", "级别": "市级", "奖种": "科技进步奖", "等级": grade, "领域": "工业",
        "完成单位": "某单位", "地区": "望岭县", "授奖日期": "2013-11-05", "状态": "已授奖", **changed,
    }  # fmt: skip
    return [row.get(head, "") for head in HEAD]


def test_a_report_of_forty_seven_awards_and_sixty_seven_received(awarding):
    """Awards 1 + 4 + 15 + 27 = 47; received 4 agriculture + 16 industry + 47 health = 67, in batch rows where nobody itemised."""
    office = awarding.actors["office"]
    rows = [award("特等", "特等奖")] + [award(f"一等{n}", "一等奖") for n in range(4)]
    rows += [award("二等汇总", "二等奖", 件数="15"), award("三等汇总", "三等奖", 件数="27")]
    for field, many in (("农业", "4"), ("工业", "16"), ("医疗卫生", "47")):
        received = {"领域": field, "件数": many, "授奖日期": "", "受理日期": "2012-05-08", "状态": "未授奖"}
        rows.append(award(f"{field}受理", "", 年度="2012", **received))
    batch = staged(office, *rows)
    assert batch.counts["new"] == 10, list(StagedRecord.objects.values_list("reason", flat=True))
    apply(batch, office, by_code("awards"))
    assert value("awards_given", awarding.staff.city, Period.year(2013)) == 47
    assert value("awards_received", awarding.staff.city, Period.year(2012)) == 67
    board = medals.board(Nomination.objects.for_system("测试"))
    assert [(year, [cell.count for cell in cells]) for year, cells in board.lines] == [
        (2013, [1, 4, 15, 27, 47])
    ]
    past = Round.objects.filter(year__lt=2026)
    assert Counter(past.values_list("state", flat=True)) == {"finished": 2}
    assert counting.differing()[1] == []
    assert staged(office, *rows).counts["identical"] == 10


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"授奖日期": ""}, "已授奖的要写授奖日期"),
        ({"等级": ""}, "授奖的要写等级"),
        ({"授奖日期": "2030-01-01"}, "还没有到"),
        ({"受理日期": "2013-12-01"}, "受理日期 2013-12-01 晚于授奖日期 2013-11-05"),
        ({"状态": "未授奖"}, "状态却不是已授奖"),
        ({"年度": "2026", "授奖日期": "2026-01-05"}, "正在本系统里评"),
        ({"年度": "1949"}, "年度 1949 不对"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(awarding, changed, said):
    batch = staged(awarding.actors["office"], award("某成果", "一等奖", **changed))
    assert batch.counts["refused"] == 1
    assert said in StagedRecord.objects.get().reason


def test_only_the_awards_office_brings(awarding):
    assert not by_code("awards").bringing.may(awarding.actors["health"])
    assert not by_code("awards").bringing.may(awarding.actors["planning"])
