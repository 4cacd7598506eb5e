"""目标责任书 on the official page: what one county, office or person answers for in a year, as it was issued."""

from datetime import datetime

from keshu.figures.models import RegionShown
from keshu.goals.letters import goals_of
from keshu.goals.models import Goal, Letter
from keshu.reports.letters import paper_bytes
from keshu.reports.paper import PaperTable, TableCell, add_table, blank, head_line
from keshu.reports.wording import day_words
from keshu.terms.quantity import plain


def letter_word(letter: Letter, at: datetime) -> bytes:
    """The letter as a Word file: parties, the table of targets with their documents, places for both signatures.

    The same bytes for the same letter, goals and moment within one version.
    """
    shown = RegionShown.objects.select_related("region").first()
    bureau = f"{shown.region.name}科学技术局" if shown else "市科学技术局"
    goals = goals_of(letter)
    documents = list(dict.fromkeys(str(goal.document) for goal in goals))
    paper = blank()
    head_line(paper, letter.number)
    paper.add_paragraph(f"{letter.year}年科技工作目标责任书", style="公文标题")
    paper.add_paragraph("")
    paper.add_paragraph(f"甲方：{bureau}", style="公文正文")
    paper.add_paragraph(f"乙方：{letter.subject.name}", style="公文正文")
    based = f"根据{'、'.join(documents)}，" if documents else ""
    paper.add_paragraph(
        f"{based}乙方{letter.year}年承担下列 {len(goals)} 项目标任务。下达的数只经调整申请变更，以批准的文件和生效日期为准。",
        style="公文正文",
    )
    add_table(paper, _table(goals))
    paper.add_paragraph("")
    for line in (
        "甲方（盖章）：　　　　　　　　　　乙方（盖章）：",
        "负责人（签字）：　　　　　　　　　负责人（签字）：",
    ):
        paper.add_paragraph(line, style="公文正文")
    paper.add_paragraph("")
    paper.add_paragraph(
        day_words(letter.signed_on) if letter.signed_on else "　　年　　月　　日", style="公文落款"
    )
    return paper_bytes(paper, f"{letter.subject.name}{letter.year}年目标责任书", at)


def _table(goals: list[Goal]) -> PaperTable:
    return PaperTable(
        "",
        [("基本目标", ""), ("奋斗目标", ""), ("完成时限", ""), ("任务来源", "")],
        [
            (
                f"{number}. {goal.name}",
                [
                    TableCell(_asked(goal)),
                    TableCell("" if goal.stretch is None else _number(goal, "stretch")),
                    TableCell(day_words(goal.due_on) if goal.due_on else f"{goal.year}年底"),
                    TableCell(goal.document.doc_no or goal.document.title),
                ],
            )
            for number, goal in enumerate(goals, 1)
        ],
        first="目标任务",
        widths=(52, 30, 22, 24, 28),
    )


def _asked(goal: Goal) -> str:
    """What is asked, with its unit: 150件, 1—2名, 保第9位; of a qualitative one the sentence."""
    if goal.kind == Goal.Kind.QUALITY:
        return goal.demand
    if goal.kind == Goal.Kind.RANK:
        return f"第 {plain(goal.low)} 位" if goal.low is not None else ""
    if goal.high is not None and goal.low is not None:
        return f"{plain(goal.low)}—{plain(goal.high)}{goal.unit}"
    return _number(goal, "low")


def _number(goal: Goal, name: str) -> str:
    value = getattr(goal, name)
    return "" if value is None else f"{plain(value)}{goal.unit}"
