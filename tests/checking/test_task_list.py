"""A 任务分解表 with rows that contradict themselves: each stays out with its reason, the others come in with their helpers."""

import csv
import io

import pytest

from keshu.bringing.applying import apply
from keshu.bringing.models import StagedRecord
from keshu.bringing.receiving import read, receive
from keshu.checking.models import Item, ItemHelper
from keshu.directory.actors import Actor
from keshu.ledger.intake.batches import Verdict
from keshu.ledger.registers import by_code

pytestmark = pytest.mark.django_db
HEAD = (
    "序号",
    "年度",
    "工作任务",
    "对应目标",
    "责任科室",
    "协办单位",
    "责任人",
    "开始时间",
    "完成时间",
    "时间表",
    "进度安排",
)


def test_rows_that_contradict_themselves_stay_out_with_their_reason(room):
    farmer = room.staff.accounts["farmer"].person.name
    patentee = room.staff.accounts["patentee"].person.name
    start, end = "2026-01-01", "2026年12月31日"
    rows = [
        ("1", "2026", "农民技术培训", "农民技术培训", "农村科技科", "成果科、岚川县科学技术局", farmer, start, end, "按节点", "6月50%、12月100%"),
        ("2", "2026", "时限早于开始", "", "成果科", "", "", "2026-06-01", "2026-03-01", "按月均衡", ""),
        ("3", "2026", "分给科室外的人", "", "农村科技科", "", patentee, start, end, "按月均衡", ""),
        ("4", "2026", "没有的目标", "农民技术培训班", "成果科", "", "", start, end, "按月均衡", ""),
        ("5", "2026", "加不到一百", "", "成果科", "", "", start, end, "按季节", "3月20%、6月50%"),
        ("6", "2026", "没有的协办", "", "成果科", "气象局", "", start, end, "按月均衡", ""),
        ("7", "2025", "年度不对", "", "成果科", "", "", start, end, "按月均衡", ""),
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])
    actor, register = room.actor("planning"), by_code("items")
    stream = io.BytesIO(text.getvalue().encode("utf-8-sig"))
    batch = read(receive(stream, "任务分解表.csv", actor, register), actor, register)
    refused = StagedRecord.objects.filter(batch=batch, verdict=Verdict.REFUSED).order_by("number")
    said = list(refused.values_list("reason", flat=True))
    for reason, part in zip(
        said,
        (
            "2026-03-01 早于开始日期 2026-06-01",
            f"{patentee} 是成果科的人",
            "是不是“农民技术培训”",
            "加起来是 70%",
            "气象局",
            "完成时限却在 2026 年",
        ),
        strict=True,
    ):
        assert part in reason
    apply(batch, actor, register)
    item = Item.objects.for_system("测试").get()
    assert (item.number, item.order, item.goal, item.target_said) == ("ZR2026-0001", 1, room.goal, "200 期")
    assert item.person.name == farmer and item.plan == {"6": "0.5", "12": "1"}
    helpers = ItemHelper.objects.filter(item=item).order_by("unit__code")
    assert [row.unit.name for row in helpers] == ["岚川县科学技术局", "成果科"]
    # who helps sees it, though it is another county's
    bureaus = room.staff.other_bureau, room.staff.bureau
    sees = [Actor(None, "看的人", unit_ids=frozenset({unit.pk})) for unit in bureaus]
    assert [Item.objects.visible_to(actor).filter(pk=item.pk).exists() for actor in sees] == [True, False]


def test_an_office_does_not_bring_items(room):
    register = by_code("items")
    assert register.bringing.may(room.actor("planning")) and not register.bringing.may(room.actor("farmer"))
