"""The demonstration's reserve entries, needs with sealed answers, achievements and public documents, each brought in as a person would."""

import io
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from docx import Document

from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can, Role
from keshu.directory.models import Region, Unit
from keshu.journal.writing import Writing
from keshu.ledger.evidence import attach
from keshu.ledger.intake.writing import write_table
from keshu.ledger.numbering import next_number
from keshu.programmes.models import Application
from keshu.reserves import achieving, answering, challenging, publishing, reserving
from keshu.reserves.models import Achievement, Answer, Need, Publication, Reserve
from keshu.reserves.steps.running import milestones
from keshu.terms import clock

WAN = Decimal(10000)
OFFICE = Actor(
    account_id=None,
    name="何叙",
    sees_all=True,
    capabilities=frozenset({Can.HANDLE_PROGRAMMES, Can.KEEP_LEDGERS, Can.SEE_REGISTERS}),
)
LEADER = Actor(account_id=None, name="林守一", sees_all=True, capabilities=frozenset({Can.DECIDE_PROGRAMMES}))
#: The entry that became a project of the spring's call, and the project's title.
CONVERTED = "谐波减速器柔轮寿命提升"


def stages() -> list[Stage]:
    """What happened in this room in the demonstration's year."""
    data = stated("reserves.yaml")
    papers = data["publications"]
    early = [row for row in papers if row.get("day", [12])[0] == 3]
    later = [row for row in papers if row not in early]
    return [
        Stage(moment(3, 6, 16), "公开文件", partial(_publish, early), by="何叙"),
        Stage(moment(9, 28, 8, 30), "公开申报指南", partial(_publish, later), by="何叙"),
        Stage(moment(2, 6, 10), "储备项目入库", partial(_reserve, data, False), by="何叙"),
        Stage(moment(3, 20, 17), "储备转为申报", _applied, by="何叙"),
        Stage(moment(9, 1, 15), "下半年储备项目", partial(_reserve, data, True), by="何叙"),
        Stage(moment(3, 25, 10), "征集技术需求", partial(_collect, data, ("film", "seed")), by="何叙"),
        Stage(moment(4, 2, 10), "发榜", partial(_put_up, ("film", "seed"), [4, 30]), by="何叙"),
        Stage(moment(4, 28, 10), "揭榜", partial(_answer, data, ("film", "seed")), by="揭榜单位"),
        Stage(moment(5, 7, 9), "开榜评榜", partial(_judge, "film", "QH-E02"), by="何叙"),
        Stage(moment(5, 11, 9), "审定公示", partial(_decide, "film"), by="林守一"),
        Stage(moment(5, 25, 9), "三方签约", _sign, by="何叙"),
        Stage(moment(9, 15, 9), "里程碑完成", _reach, by="何叙"),
        Stage(moment(9, 22, 9), "开榜评榜（排种）", partial(_judge, "seed", "QH-E04"), by="何叙"),
        Stage(moment(10, 10, 9), "审定公示（排种）", partial(_decide, "seed"), by="林守一"),
        Stage(moment(9, 24, 9), "秋季征集需求", partial(_collect, data, ("belt", "vaccine")), by="何叙"),
        Stage(moment(9, 25, 9), "秋季发榜", partial(_put_up, ("belt",), [10, 30]), by="何叙"),
        Stage(moment(10, 9, 9), "秋季揭榜", partial(_answer, data, ("belt",)), by="揭榜单位"),
        Stage(moment(6, 26, 9), "科技成果登记", partial(_register, data), by="何叙"),
    ]


def _units() -> dict[str, Unit]:
    return {unit.code: unit for unit in Unit.objects.filter(code__startswith="QH-E")}


def _of(unit: Unit, *capabilities: Can) -> Actor:
    """Somebody of an enterprise, or of the bureau of its county."""
    own = Can.APPLY in capabilities
    return Actor(
        account_id=None,
        name=unit.name if own else "县局",
        unit_id=unit.pk if own else None,
        region_id=unit.region_id,
        region_ids=frozenset() if own else frozenset({unit.region_id}),
        unit_ids=frozenset({unit.pk}) if own else frozenset(),
        roles=frozenset({Role.APPLICANT}) if own else frozenset(),
        capabilities=frozenset(capabilities),
    )


def _reserve(data: dict[str, Any], autumn: bool, block: Writing) -> int:
    units = _units()
    for row in data["reserves"]:
        waits = row["to"] in ("proposed", "recommended", "returned")
        if autumn != (waits or row["entered"][:2] == [2026, 9]):
            continue
        unit = units[row["unit"]]
        entry = Reserve(
            unit=unit,
            region_id=unit.region_id,
            state=Reserve.State.PROPOSED,
            proposed_on=date(*row["entered"]) if "entered" in row else clock.today(),
            kind=row["kind"],
            title=row["title"],
            level=row["level"],
            field=row["field"],
            target=row["target"],
            year=row["entered"][0] if "entered" in row else clock.today().year,
            investment=row["investment"] * WAN,
            needed=row["needed"] * WAN,
            maturity=row["maturity"],
            summary=f"{row['title']}的关键技术、中试条件和应用场景（演示）",
            contact="联系人（演示）",
            phone="13800000000",
            source="网上填报（演示）",
        )
        entry.save()
        _walk(entry, row, _of(unit, Can.RECOMMEND))
    return 0


def _walk(entry: Reserve, row: dict[str, Any], county: Actor) -> None:
    if row["to"] == "proposed":
        return
    entry = reserving.step(entry, "recommend", county)
    if row["to"] == "returned":
        reserving.step(entry, "return", OFFICE, note=row["why"])
    elif row["to"] in ("held", "removed"):
        entry = reserving.step(entry, "enter", OFFICE, given={"on": date(*row["entered"])})
        if row["to"] == "removed":
            reserving.step(entry, "remove", OFFICE, note=row["why"])


def _applied(block: Writing) -> int:
    """The entry was applied for with the spring's call; its approval takes it out by itself."""
    entry = Reserve.objects.for_system("演示").get(title=CONVERTED)
    project = Application.objects.for_system("演示").filter(title=CONVERTED, unit=entry.unit).first()
    if project is not None:
        project.reserve_number = entry.number
        project.save()
    return 0


def _collect(data: dict[str, Any], keys: tuple[str, ...], block: Writing) -> int:
    units = _units()
    for row in data["needs"]:
        if row["key"] in keys:
            unit = units[row["unit"]]
            Need(
                number=next_number("XQ", clock.today().year),
                unit=unit,
                region_id=unit.region_id,
                state=Need.State.SUBMITTED,
                submitted_on=clock.today(),
                title=row["title"],
                field=row["field"],
                year=clock.today().year,
                problem=row["problem"],
                indicators=row["indicators"],
                property_terms=row["terms"],
                conditions="有同类产品的设计或试验经历",
                months=row["months"],
                budget=row["budget"] * WAN,
                bounty=row["bounty"] * WAN,
                support=row["support"] * WAN,
                contact="联系人（演示）",
                phone="13800000000",
                source=f"网上填报（演示 {row['key']}）",
            ).save()
    return 0


def _need(key: str) -> Need:
    return Need.objects.for_system("演示").get(source=f"网上填报（演示 {key}）")


def _put_up(keys: tuple[str, ...], until: list[int], block: Writing) -> int:
    for key in keys:
        given = {"minutes": "论证会纪要（演示）", "genuine": True, "funded": True}
        need = challenging.step(_need(key), "argue", OFFICE, given=given)
        challenging.step(need, "publish", OFFICE, given={"until": date(2026, *until)})
    return 0


def _answer(data: dict[str, Any], keys: tuple[str, ...], block: Writing) -> int:
    units = _units()
    for row in data["answers"]:
        if row["need"] in keys:
            need, unit = _need(row["need"]), units[row["unit"]]
            answer = Answer(
                need=need,
                need_title=need.title,
                unit=unit,
                region_id=unit.region_id,
                number=next_number("JB", clock.today().year),
                state=Answer.State.SEALED,
                answered_at=clock.now(),
                title=row["title"],
                plan="技术路线分三步：机理、样机、现场验证（演示）",
                team="团队 12 人，近三年完成同类项目 2 项（演示）",
                promises=need.indicators,
                asked=row["asked"] * WAN,
                months=row["months"],
                leader=row["leader"],
                phone="13800000000",
                source="网上揭榜（演示）",
            )
            answer.content_hash = answering.content_hash(answer)
            answer.save()
    return 0


def _judge(key: str, winner: str, block: Writing) -> int:
    need = challenging.step(_need(key), "open", OFFICE)
    chosen = Answer.objects.for_system("演示").get(need=need, unit__code=winner)
    given = {"answer": str(chosen.pk), "minutes": "评榜会纪要（演示）"}
    challenging.step(need, "judge", OFFICE, given=given)
    return 0


def _decide(key: str, block: Writing) -> int:
    challenging.step(_need(key), "decide", LEADER, given={"minutes": "局党组会纪要（演示）"})
    return 0


def _sign(block: Writing) -> int:
    need = challenging.step(_need("film"), "confirm", OFFICE)
    given = {
        "number": "QH-JB-2026-01（演示）",
        "on": date(2026, 5, 25),
        "amount": 88 * WAN,
        "ends_on": date(2027, 5, 24),
        "three": True,
    }
    need = challenging.step(need, "sign", OFFICE, given=given)
    for text, due, amount in (
        ("配方定型，收缩率达标", date(2026, 9, 30), 30),
        ("器件老化试验通过", date(2027, 2, 28), 30),
    ):
        plan = {"text": text, "due_on": due, "amount": amount * WAN}
        need = challenging.step(need, "plan", OFFICE, given=plan)
    return 0


def _reach(block: Writing) -> int:
    need = _need("film")
    first = milestones(need)[0]
    given = {"milestone": str(first.pk), "on": date(2026, 9, 14), "doc_no": "青科拨〔2026〕6号（演示）"}
    challenging.step(need, "reach", OFFICE, given=given)
    return 0


def _register(data: dict[str, Any], block: Writing) -> int:
    units = _units()
    for row in data["achievements"]:
        unit = units[row["unit"]]
        project = Application.objects.for_system("演示").filter(number=row["project"]).first()
        made = Achievement(
            unit=unit,
            region_id=unit.region_id,
            state=Achievement.State.SUBMITTED,
            title=row["title"],
            kind=row["kind"],
            stage=row["stage"],
            nature=row["nature"],
            field=row["field"],
            year=clock.today().year,
            standing=row["standing"],
            keywords=row["keywords"],
            people="完成人（演示）",
            judged_by=row["way"],
            transfer=row["transfer"],
            application=project if row["project"] else None,
            project_number=row["project"],
            open_to_public=row.get("open", False),
            submitted_on=clock.today(),
            summary=f"{row['title']}，已完成试验或试用（演示）",
            source="网上填报（演示）",
        )
        made.save()
        if "day" in row:
            made = achieving.step(made, "recommend", _of(unit, Can.RECOMMEND))
            achieving.step(made, "register", OFFICE, given={"on": date(*row["day"])})
    return 0


def _publish(rows: list[dict[str, Any]], block: Writing) -> int:
    city = Region.objects.get(level=Region.Level.CITY)
    for row in rows:
        paper = Publication(
            region=city,
            state=Publication.State.DRAFT,
            title=row["title"],
            category=row["category"],
            doc_no=row.get("doc_no", ""),
            issuer="青禾市科学技术局",
            dated=date(*row["dated"]),
            valid_until=date(*row["until"]) if "until" in row else None,
            summary=row["summary"],
            source="本局公开（演示）",
        )
        paper.save()
        if "file" in row:
            attach(
                paper, OFFICE, _file(row), row["file"], caption="正文" if "docx" in row["file"] else "表格"
            )
        if "day" in row:
            paper = publishing.step(paper, "publish", OFFICE)
        if "abolished" in row:
            given = {"by": row["abolished"], "on": clock.today()}
            publishing.step(paper, "abolish", OFFICE, given=given)
    return 0


def _file(row: dict[str, Any]) -> io.BytesIO:
    out = io.BytesIO()
    if row["file"].endswith(".docx"):
        paper = Document()
        paper.add_heading(row["title"], level=1)
        paper.add_paragraph(row["summary"])
        paper.save(out)
    else:
        heads = ["序号", "科目或材料", "金额（万元）", "说明"]
        names = (
            ["设备费", "业务费", "劳务费", "间接费用"]
            if "预算" in row["title"]
            else ["申请书", "总结报告", "决算表"]
        )
        write_table(heads, [[str(n), name, None, ""] for n, name in enumerate(names, 1)], out, sheet="表")
    out.seek(0)
    return out
