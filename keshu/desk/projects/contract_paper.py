"""任务书 on paper: the three parties, the goals with their promised values, stages, money; set as official papers are."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from docxtpl import DocxTemplate

from keshu.figures.models import RegionShown
from keshu.programmes.contracts import goals_of, phases_of
from keshu.programmes.models import Application
from keshu.reports.archives import steady
from keshu.reports.paper import TITLE_CHARACTERS, PaperTable, TableCell, place_tables, template
from keshu.reports.wording import day_words
from keshu.terms import clock
from keshu.terms.quantity import wan


@dataclass(frozen=True)
class Part:
    """A paragraph with its run-in head, or a table (its number)."""

    head: str = ""
    text: str = ""
    table: int | None = None


@dataclass(frozen=True)
class Section:
    """一、… and its parts."""

    head: str
    parts: Sequence[Part]


def parties(application: Application) -> list[tuple[str, str]]:
    """甲方 the bureau, 乙方 the organisation, 丙方 the body that recommended it, as the paper names them."""
    shown = RegionShown.objects.select_related("region").first()
    third = application.recommender or application.recommended_by
    return [
        ("甲方（下达部门）", f"{shown.region.name}科学技术局" if shown else ""),
        ("乙方（承担单位）", str(application.unit or "")),
        ("丙方（归口管理单位）", str(third or "")),
    ]


def contract_docx(application: Application) -> bytes:
    """The contract as a Word file after GB/T 9704; the same bytes for the same contract."""
    tables: list[PaperTable] = []
    sections = [
        Section("一、项目和各方", _who(application)),
        Section("二、研究内容", [Part("", application.summary or "见申报书。")]),
        Section("三、考核指标", _goals(application, tables)),
        Section("四、阶段安排", _stages(application, tables)),
        Section("五、经费", [Part("", _money(application))]),
        Section(
            "六、共同遵守",
            [
                Part(
                    "",
                    "考核指标立项后无正当理由不改；变更、延期按规定申请。任务书到期后按期申请验收，逐条对照上列指标。",
                )
            ],
        ),
        Section(
            "七、签章", [Part(f"{name}：", "（盖章）　　　　年　月　日") for name, _ in parties(application)]
        ),
    ]
    document = DocxTemplate(io.BytesIO(template()))
    title = "科技计划项目任务书"
    long = len(application.title) > TITLE_CHARACTERS
    document.render(
        {
            "title": title,
            "second_title": application.title if not long else "",
            "subtitle": f"（{application.title}）" if long else f"（{application.year}年度）",
            "carried": f"立项编号 {application.number}　立项文号 {application.decided_doc}",
            "issuer": "",
            "date": day_words(clock.now()),
            "sections": sections,
        },
        autoescape=True,
    )
    place_tables(document.docx, tables)
    properties = document.docx.core_properties
    properties.author = properties.last_modified_by = "科枢"
    properties.title, properties.revision = f"{title} {application.number}", 1
    out = io.BytesIO()
    document.docx.save(out)
    return steady(out.getvalue(), None)


def _who(application: Application) -> list[Part]:
    lines = [Part("项目名称。", application.title)]
    lines += [Part(f"{name}。", said or "（填写）") for name, said in parties(application)]
    lines.append(Part("项目负责人。", application.leader or "（填写）"))
    lines.append(Part("计划类别。", f"{application.get_level_display()}{application.get_field_display()}"))
    lines.append(Part("任务书文号。", application.contract_doc or "（签订时填）"))
    lines.append(Part("执行期限。", _term(application.starts_on, application.ends_on)))
    return lines


def _term(starts: date | None, ends: date | None) -> str:
    if starts is None or ends is None:
        return "    年  月  日至    年  月  日（签订时填）"
    return f"{starts.year}年{starts.month}月{starts.day}日至{ends.year}年{ends.month}月{ends.day}日"


def _goals(application: Application, tables: list[PaperTable]) -> list[Part]:
    goals = goals_of(application)
    if not goals:
        return [Part("", "还没有逐条写考核指标。")]
    lines = [(str(goal.order), (TableCell(goal.text), TableCell(goal.promised))) for goal in goals]
    tables.append(PaperTable("考核指标", (("指标", ""), ("约定值", "")), lines, first="序号"))
    return [Part("", "验收时逐条对照下表。"), Part(table=len(tables) - 1)]


def _stages(application: Application, tables: list[PaperTable]) -> list[Part]:
    phases = phases_of(application)
    if not phases:
        return [Part("", "不分阶段，按执行期限完成。")]
    lines = [
        (str(phase.order), (TableCell(phase.until.isoformat()), TableCell(phase.task))) for phase in phases
    ]
    tables.append(PaperTable("阶段安排", (("截止", ""), ("任务", "")), lines, first="阶段"))
    return [Part("", "各阶段的截止日期和任务见下表。"), Part(table=len(tables) - 1)]


def _money(application: Application) -> str:
    named = (
        ("财政经费", application.granted),
        ("直接费用", application.direct_cost),
        ("其中设备购置费", application.equipment_cost),
        ("间接费用", application.indirect_cost),
        ("自筹", application.own_funds),
    )
    told = [f"{label}{wan(amount)}万元" for label, amount in named if amount is not None]
    return f"{'，'.join(told) or '未列经费'}。经费专款专用，单独核算。"
