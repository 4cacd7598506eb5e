"""A planning office that collects one form from two counties and a department, and workbooks as they come back."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import openpyxl
import pytest

from keshu.collecting.columns import Col
from keshu.collecting.defining import Wanted, define
from keshu.collecting.models import Collection, Reply, Sender
from keshu.collecting.procedure import COLLECTING
from keshu.collecting.receiving import Arrival, Receiving
from keshu.collecting.sending import write_workbook
from keshu.directory.actors import Actor
from keshu.journal.writing import writing
from keshu.procedure.moving import move
from keshu.terms import clock

NOW = datetime(2026, 10, 12, 9, 30, tzinfo=clock.TZ)
DUE = datetime(2026, 10, 20, 17, 30, tzinfo=clock.TZ)
COLS = (
    Col("", "企业名称", is_key=True),
    Col("", "合同类型", "choice", choices=("技术开发", "技术转让", "技术咨询", "技术服务")),
    Col("", "成交额", "number", required=True, unit="万元", decimals=2),
    Col("", "合同数", "number", unit="项"),
    Col("", "备注"),
)
HEAD = ("企业名称", "合同类型", "成交额（万元）", "合同数（项）", "备注")
Lines = Sequence[Sequence[object]]


def book(rows: Lines, *, head: Sequence[str] = HEAD, above: Lines = (), below: Lines = ()) -> io.BytesIO:
    """A workbook that somebody made by hand."""
    made = openpyxl.Workbook()
    for line in (*above, head, *rows, *below):
        made.active.append(list(line))
    out = io.BytesIO()
    made.save(out)
    return out


@dataclass
class House:
    """The clerk, the counties' people, and one open collection."""

    staff: object
    collection: Collection
    clerk: Actor
    county: Actor

    def sender(self, name: str) -> Sender:
        return (
            Sender.objects.for_system("测试")
            .select_related("subject", "region", "unit")
            .get(collection=self.collection, name=name)
        )

    def fresh(self) -> Collection:
        return Collection._base_manager.get(pk=self.collection.pk)

    def filled(self, name: str, rows: Lines) -> io.BytesIO:
        """The workbook that went out to a sender, filled in."""
        out = io.BytesIO()
        write_workbook(self.collection, self.sender(name), out)
        made = openpyxl.load_workbook(out)
        for line in rows:
            made.worksheets[0].append(list(line))
        out = io.BytesIO()
        made.save(out)
        return out

    def drop(self, file: io.BytesIO, name: str) -> Arrival:
        return Receiving(self.fresh(), self.clerk).drop(file, name)

    def hand_in(self, file: io.BytesIO, name: str, sender: str = "望岭县") -> Arrival:
        return Receiving(self.fresh(), self.county).hand_in(file, name, self.sender(sender))

    def counted(self, name: str) -> Reply | None:
        rows = Reply.objects.for_system("测试").filter(sender=self.sender(name), state="counted")
        return rows.select_related("collection", "sender").first()


def build(staff) -> House:
    with writing(staff.actor, "添部门"):
        finance = staff.unit("QH-CZ", "青禾市财政局", staff.city)
    clerk = staff.actor_as("planning")
    asked = (staff.county.pk, staff.other.pk, finance.pk)
    collection = define(Wanted("三季度技术交易情况表", DUE, COLS, asked), clerk)
    move(collection, "open", clerk, procedure=COLLECTING)
    return House(
        staff, Collection._base_manager.get(pk=collection.pk), clerk, staff.actor_as("county_filler")
    )


@pytest.fixture(autouse=True)
def in_october():
    with clock.pretend(NOW):
        yield


@pytest.fixture
def house(staff, settings, tmp_path) -> House:
    settings.MEDIA_ROOT = tmp_path
    return build(staff)
