"""A ledger defined on a page keeps what every register has to keep."""

from dataclasses import replace

import pytest

from keshu.custom.defining import define
from keshu.custom.entering import enter
from keshu.custom.models import CustomRecord, Definition
from keshu.directory.models import Unit
from tests.custom.ledgers import VISITS
from tests.ledger.contract import RegisterContract


class TestCustomLedger(RegisterContract):
    code = "visits"
    step = ("verify", "office")
    measure = "visits_2"

    @pytest.fixture(autouse=True)
    def world(self, people) -> Definition:
        return define(replace(VISITS, batch=True), people.actor("office"))

    def make(self, owner, world, n=1, **texts) -> CustomRecord:
        slots = {col.name: col.slot for col in world.cols}
        unit = Unit.objects.get(pk=owner.unit_id)
        filled = {"企业名称": f"第{n}次走访", "走访日期": f"2026-03-{n:02d}", "情况": "谈了扩产"} | texts
        texts = {slots[name]: text for name, text in filled.items()}
        return enter(world, owner, {**texts, "unit": unit.name})

    def make_counted(self, owner, world) -> CustomRecord:
        return self.make(owner, world, 4, 方式="现场", 意向金额="12.5")
