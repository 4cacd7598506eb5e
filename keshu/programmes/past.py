"""往年项目补登: projects approved before this house stood come in as a file, with the number and the date of their document."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.ledger.registers import Bringing, Column
from keshu.programmes.models import Application, Call
from keshu.terms import clock

S = Application.State
#: What a past project may be by now: approved and on its way, or ended.
STATES = tuple(
    (str(state), str(S(state).label))
    for state in (S.RUNNING, S.PASSED, S.CONCLUDED, S.FAILED, S.TERMINATED, S.REVOKED)
)
ENDED = frozenset(str(state) for state in (S.PASSED, S.CONCLUDED, S.TERMINATED, S.REVOKED))


def _choices(name: str) -> tuple[tuple[str, str], ...]:
    field: Any = Application._meta.get_field(name)
    return tuple((str(value), str(label)) for value, label in field.flatchoices)


COLUMNS = (
    Column("number", "项目编号", required=True, longest=40, names=("编号", "立项编号")),
    Column("title", "项目名称", "name", required=True, longest=120),
    Column("year", "计划年度", "count", required=True, names=("年度", "年份")),
    Column("level", "级别", "choice", required=True, choices=_choices("level")),
    Column("field", "类别", "choice", required=True, choices=_choices("field")),
    Column("unit", "承担单位", "unit", required=True, names=("单位", "单位名称", "统一社会信用代码")),
    Column("region", "地区", "region", help="空着用承担单位所在地区", names=("县（市、区）", "县区")),
    Column("leader", "负责人", longest=40, names=("项目负责人",)),
    Column("granted", "立项经费（万元）", "money", places=2, names=("立项经费", "财政经费", "经费")),
    Column("approved_on", "立项日期", "date", required=True, help="立项文件的日期，按它计入"),
    Column("starts_on", "执行起", "date"),
    Column("ends_on", "执行止", "date"),
    Column("state", "现在状态", "state", required=True, choices=STATES, names=("状态",)),
    Column("closed_on", "验收或结束日期", "date", names=("验收日期", "结束日期")),
)


def build(values: Mapping[str, Any], actor: Actor) -> Application:
    """A past project of one row. ValueError where the row contradicts itself."""
    year = int(values["year"])
    if not 1980 <= year <= clock.today().year:
        raise ValueError(f"计划年度 {year} 不对，往年项目写 1980 到今年")
    if values["approved_on"] > clock.today():
        raise ValueError("立项日期还没有到，这里只补登已经立项的")
    closed = values.get("closed_on")
    if values["state"] in ENDED and closed is None:
        raise ValueError("已经验收、结题、终止或撤销的，要写验收或结束日期，在研数才对得上")
    if values["state"] not in ENDED and closed is not None:
        raise ValueError("还没有结束的项目写了结束日期，请核对现在状态")
    if closed is not None and closed < values["approved_on"]:
        raise ValueError("结束日期早于立项日期，请核对")
    own = {name: values.get(name) for name in ("granted", "starts_on", "ends_on")}
    return Application(
        number=values["number"],
        title=values["title"],
        year=year,
        level=values["level"],
        field=values["field"],
        unit_id=values["unit"],
        region_id=values["region"],
        leader=values.get("leader") or "",
        approved_on=values["approved_on"],
        counts_on=values["approved_on"],
        closed_on=closed,
        state=values["state"],
        **own,
    )


def calls_for(rows: Iterable[Mapping[str, Any]]) -> Callable[[Application], None]:
    """The closed calls under which past projects stand, one a year, made where they are missing."""
    calls: dict[int, int] = {}
    for year in sorted({int(row["year"]) for row in rows}):
        name = f"{year}年度科技计划（补登）"
        call = Call._base_manager.filter(name=name).first()
        if call is None:
            first, last = (
                datetime(year, 1, 2, 9, tzinfo=clock.TZ),
                datetime(year, 12, 31, 17, tzinfo=clock.TZ),
            )
            call = Call(
                name=name,
                year=year,
                opens_at=first,
                apply_until=last,
                recommend_until=last,
                state=Call.State.CLOSED,
            )
            call.save()
        calls[year] = call.pk

    def finish(project: Application) -> None:
        project.call_id = calls[project.year]

    return finish


BRINGING = Bringing(
    columns=COLUMNS,
    build=build,
    may=lambda actor: actor.can(Can.HANDLE_PROGRAMMES),
    key=("number",),
    prepare=calls_for,
    note="补登起用本系统以前立项的项目，按立项日期计入；已经在系统里的项目不由文件改。",
)
