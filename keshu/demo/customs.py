"""The demonstration's custom ledger: trainings of farmers, loaded from the ready-made definition and entered through the year."""

from datetime import date
from functools import partial
from typing import Any

from keshu.custom.defining import define
from keshu.custom.entering import enter
from keshu.custom.files import ready_made
from keshu.custom.models import CustomRecord, Definition
from keshu.custom.procedure import PROCEDURE
from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import system
from keshu.journal.writing import Writing
from keshu.procedure.moving import move

BY = "何叙"
#: What was held up to this day has been verified by the demonstration's day.
VERIFIED_UNTIL = date(2026, 8, 31)
COLUMNS = ("培训内容", "开班日期", "地点", "地区", "类别", "授课人", "件数", "发放资料", "经费")


def stages() -> list[Stage]:
    """The definition, the courses of each quarter, and their verification."""
    data = stated("customs.yaml")
    found = [Stage(moment(1, 5, 10), "定义农民培训登记", partial(_define, data), by=BY)]
    for number, (first, last, at) in enumerate(
        (("01", "03", moment(4, 2, 10)), ("04", "06", moment(7, 2, 10)), ("07", "10", moment(10, 9, 16))), 1
    ):
        rows = [row for row in data["rows"] if first <= str(row[1])[5:7] <= last]
        found.append(Stage(at, f"登记第{number}批农民培训", partial(_enter, data, rows), by=BY))
    found.append(Stage(moment(10, 10, 10), "核实农民培训登记", _verify, by=BY))
    return found


def _define(data: dict[str, Any], block: Writing) -> int:
    wanted = next(one for one in ready_made() if one.code == data["ledger"])
    define(wanted, system(BY))
    return 0


def _enter(data: dict[str, Any], rows: list[list[Any]], block: Writing) -> int:
    definition = Definition._base_manager.get(code=data["ledger"])
    paths = {col.name: col.slot for col in definition.cols} | {"地区": "region", "件数": "items"}
    for row in rows:
        texts = {paths[name]: str(text) for name, text in zip(COLUMNS, row, strict=True)}
        enter(definition, system(BY), texts, source="县局报送（演示）")
    return 0


def _verify(block: Writing) -> int:
    rows = CustomRecord.objects.for_system("演示").filter(counts_on__lte=VERIFIED_UNTIL)
    for row in rows.order_by("pk"):
        move(row, "verify", system(BY), procedure=PROCEDURE)
    return 0
