"""The demonstration's collections: one form twice, the first complete, the second with somebody missing, wrong, twice and by telephone."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from keshu.collecting.columns import Col
from keshu.collecting.defining import Wanted, define
from keshu.collecting.models import Collection, Sender
from keshu.collecting.procedure import COLLECTING
from keshu.collecting.receiving import Receiving
from keshu.collecting.telling import remind
from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.diary import outbox
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor
from keshu.directory.models import Account, Region, Unit
from keshu.journal.writing import Writing
from keshu.procedure.moving import move

BY = "苏知衡"
CLERK, WETLAND = "suzhiheng", "fanglu"
OFFICE = "QH-KJJ-GH"
WAYS = ("技术转让", "技术许可", "作价入股", "自行实施")
COLS = (
    Col("", "成果", is_key=True),
    Col("", "转化方式", "choice", required=True, choices=WAYS),
    Col("", "合同额", "number", unit="万元", decimals=2, also=("合同金额", "成交额")),
    Col("", "应用单位"),
)
SECOND, THIRD = "二季度", "三季度"


def stages() -> list[Stage]:
    """The second quarter from sending out to closing, then the third up to the demonstration's day."""
    data = stated("collecting.yaml")
    return [
        _stage(moment(7, 2, 9), "发出二季度成果转化表", _send, data, SECOND, moment(7, 10, 17, 30)),
        _stage(moment(7, 9, 16), "收二季度成果转化表", _receive, data, SECOND, list(data["second"].items())),
        _stage(moment(7, 11, 9), "办结二季度成果转化表", _close, data),
        _stage(moment(10, 8, 9), "发出三季度成果转化表", _send, data, THIRD, moment(10, 15, 17, 30)),
        _stage(moment(10, 10, 11), "收三季度成果转化表", _receive, data, THIRD, _came(data)),
        _stage(moment(10, 10, 15), "苇湖区又报一份成果转化表", _again, data),
        _stage(moment(10, 11, 10), "代录松坪县成果转化表", _type, data),
        _stage(moment(10, 11, 16), "催未报成果转化表", _remind, data),
    ]


def _stage(at: Any, name: str, run: Callable[..., None], *what: Any) -> Stage:
    def step(block: Writing) -> int:
        run(*what)
        return 0

    return Stage(at, name, partial(step), by=BY)


def _clerk() -> Actor:
    return actor_of(Account.objects.get(username=CLERK))


def _collection(data: dict[str, Any], quarter: str) -> Collection:
    return Collection.objects.for_system("演示").get(title=data["title"].format(quarter=quarter))


def _send(data: dict[str, Any], quarter: str, due: Any) -> None:
    regions = {one.name: one.pk for one in Region.objects.filter(name__in=data["counties"])}
    wanted = Wanted(
        title=data["title"].format(quarter=quarter),
        due_at=due,
        cols=COLS,
        subjects=tuple(regions[name] for name in data["counties"]),
        note=data["note"],
        follows=_collection(data, SECOND) if quarter == THIRD else None,
    )
    made = define(wanted, _clerk(), unit=Unit.objects.get(code=OFFICE))
    move(made, "open", _clerk(), procedure=COLLECTING)


def _came(data: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was dropped in together: three counties, and a file that names nobody."""
    rows = data["third"]
    found = [(name, rows[name]) for name in ("云麓区", "禾中区", "南芷市", "苇湖区")]
    return [*found, ("", data["nameless"])]


def _receive(data: dict[str, Any], quarter: str, files: Sequence[tuple[str, Any]]) -> None:
    collection = _collection(data, quarter)
    receiving = Receiving(collection, _clerk())
    for name, rows in files:
        receiving.drop(_file(collection, name, rows), f"{name or '新建表格(3)'}{quarter}.csv")


def _file(collection: Collection, name: str, rows: Sequence[Sequence[str]]) -> io.BytesIO:
    """The table as a county saves it out of its office program: GBK, with the line that says whose it is."""
    text = io.StringIO()
    writer = csv.writer(text)
    if name:
        writer.writerow([collection.title])
        writer.writerow([f"填报单位：{name}科学技术局"])
    writer.writerow([col.label for col in COLS])
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode("gb18030"))


def _again(data: dict[str, Any]) -> None:
    """苇湖区 hands in a corrected one itself; which counts is still to be said."""
    collection = _collection(data, THIRD)
    sender = _sender(collection, "苇湖区")
    own = actor_of(Account.objects.get(username=WETLAND))
    file = _file(collection, "苇湖区", data["third"]["苇湖区 更正"])
    Receiving(collection, own).hand_in(file, "苇湖区三季度（更正）.csv", sender)


def _type(data: dict[str, Any]) -> None:
    collection = _collection(data, THIRD)
    rows = [{f"c{at}": text for at, text in enumerate(row, 1) if text} for row in data["third"]["松坪县"]]
    Receiving(collection, _clerk()).enter(
        _sender(collection, "松坪县"), rows, said_by="松坪县科技局 邵工，电话（演示）"
    )


def _sender(collection: Collection, name: str) -> Sender:
    rows = Sender.objects.for_system("演示").filter(collection=collection, name=name)
    return rows.select_related("subject", "region", "unit", "collection").get()


def _remind(data: dict[str, Any]) -> None:
    """Written for all that are missing; the first was read and sent."""
    made, _ = remind(_collection(data, THIRD), _clerk())
    outbox.step(made[0], "send", _clerk())


def _close(data: dict[str, Any]) -> None:
    move(_collection(data, SECOND), "close", _clerk(), procedure=COLLECTING)
