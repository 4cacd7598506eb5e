"""补登: entries and achievements of before come in as a file and count in their own months."""

import csv
import io

import pytest

from keshu.bringing.applying import apply
from keshu.bringing.models import StagedRecord
from keshu.bringing.receiving import read, receive
from keshu.figures import counting
from keshu.ledger.registers import by_code
from keshu.reserves import achieving
from keshu.reserves.models import Achievement, Reserve
from keshu.terms.period import Period
from tests.programmes.test_counting import value

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def staged(room, code, *rows):
    register, office = by_code(code), room.actors["office"]
    heads = [column.label for column in register.bringing.columns]
    text = io.StringIO()
    csv.writer(text).writerows([heads, *([row.get(head, "") for head in heads] for row in rows)])
    batch = receive(io.BytesIO(text.getvalue().encode("utf-8-sig")), "补登.csv", office, register)
    return read(batch, office, register)


def entry(title="储备甲", **changed):
    return {
        "名称": title, "储备类别": "企业研发机构", "拟报级别": "省级", "领域": "工业", "承担单位": "北岭新材料有限公司",
        "年度": "2025", "入库日期": "2025-05-10", "现在状态": "在库", **changed,
    }  # fmt: skip


def achievement(number="2019Y001", **changed):
    return {
        "登记号": number, "成果名称": "老成果", "类别": "应用技术", "领域": "农业", "第一完成单位": "南塘机电有限公司",
        "年度": "2019", "登记日期": "2019-11-05", **changed,
    }  # fmt: skip


def test_entries_of_before_count_when_they_entered_and_a_batch_row_as_many_as_it_stands_for(room):
    """In May 2025 one by itself and a batch of eleven: twelve entered; one of them left in June, eleven stay."""
    rows = [
        entry(现在状态="已转立项", 出库日期="2025-06-20"),
        entry("储备汇总", 承担单位="", 地区="岚川县", 件数="11"),
    ]
    batch = staged(room, "reserves", *rows)
    assert batch.counts["new"] == 2, list(StagedRecord.objects.values_list("reason", flat=True))
    apply(batch, room.actors["office"], by_code("reserves"))
    city = room.staff.city
    assert value("reserve_projects_entered", city, Period.year(2025)).value == 12
    assert value("reserve_projects_held", city, Period.month(2025, 5)).value == 12
    assert value("reserve_projects_held", city, Period.month(2025, 6)).value == 11
    assert value("reserve_projects_entered", room.staff.other, Period.year(2025)).value == 11
    assert counting.differing()[1] == []
    numbers = [row.number for row in Reserve.objects.for_system("测试").order_by("pk")]
    assert numbers == ["CB2026-0001", "CB2026-0002"] and room.held("south").number == "CB2026-0003"
    again = staged(room, "reserves", *rows)
    assert again.counts["identical"] == 2, list(StagedRecord.objects.filter(batch=again).values())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"出库日期": "2025-06-01"}, "在库的不写出库日期"),
        ({"现在状态": "已出库"}, "转立项、撤回、出库的要写"),
        ({"现在状态": "已出库", "出库日期": "2025-01-01"}, "早于入库日期"),
        ({"入库日期": "2026-03-17"}, "还没有到"),
        ({"年度": "1949"}, "年度 1949 不对"),
        ({"储备类别": "别的"}, "储备类别"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(room, changed, said):
    batch = staged(room, "reserves", entry(**changed))
    assert batch.counts["refused"] == 1
    row = StagedRecord.objects.get()
    assert said in row.reason + row.column


def test_achievements_of_before_keep_their_numbers_and_are_not_public(room):
    apply(staged(room, "achievements", achievement()), room.actors["office"], by_code("achievements"))
    made = Achievement.objects.for_system("测试").get()
    assert (made.number, made.state, made.open_to_public) == ("2019Y001", "registered", False)
    assert value("achievements_registered", room.staff.city, Period.year(2019)).value == 1
    assert achieving.step(made, "release", room.actors["south"]).open_to_public


def test_our_own_series_passes_over_a_number_that_came_in_with_a_file(room):
    taken = achievement("0002026Y0001", 年度="2026", 登记日期="2026-01-05")
    apply(staged(room, "achievements", taken), room.actors["office"], by_code("achievements"))
    assert room.registered().number == "0002026Y0002"
