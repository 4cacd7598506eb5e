"""The demonstration's targets: documents, a file of tasks with its contradiction, decompositions, issue, letters, an adjustment."""

import io
import tempfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from docx import Document

from keshu.demo.people import stated
from keshu.demo.stages import Stage, moment
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.goals import adjusting, letters
from keshu.goals.decomposing import Portion, bearers, children_of, decompose, portions_of
from keshu.goals.documents import keep_document
from keshu.goals.importing import bring_goals
from keshu.goals.models import Adjustment, Goal, Letter, SourceDocument
from keshu.goals.moving import advance
from keshu.journal.writing import Writing
from keshu.ledger.evidence import attach
from keshu.ledger.intake.writing import write_table
from keshu.procedure.moving import move

PLANNING = Actor(
    account_id=None, name="苏知衡", sees_all=True, capabilities=frozenset({Can.SET_TARGETS, Can.KEEP_LEDGERS})
)
ONE = Decimal(1)


def stages() -> list[Stage]:
    """January to June of the demonstration's year."""
    data = stated("goals.yaml")
    return [
        Stage(moment(1, 22, 9), "登记目标来源文件", partial(_documents, data), by="苏知衡"),
        Stage(moment(1, 22, 10), "导入任务分解表", partial(_tasks, data), by="苏知衡"),
        Stage(moment(3, 4, 15), "测算县区目标", partial(_share, data), by="苏知衡"),
        Stage(moment(3, 12, 16), "下达县区目标", partial(_issue, data), by="苏知衡"),
        Stage(moment(3, 20, 10), "签订目标责任书", partial(_sign, data), by="苏知衡"),
        Stage(moment(6, 15, 9), "申请调整目标", partial(_ask, data), by="望岭县科学技术局"),
        Stage(moment(6, 22, 10), "同意调整目标", partial(_agree, data), by="苏知衡"),
        Stage(moment(9, 28, 16), "测算明年目标", partial(_next_year, data), by="苏知衡"),
    ]


@cache
def _page() -> bytes:
    """A page that stands for any paper of the demonstration."""
    paper = Document()
    paper.add_paragraph("演示用文件，内容从略。")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _documents(data: dict[str, Any], block: Writing) -> int:
    for row in data["documents"]:
        file = io.BytesIO(_page())
        keep_document(PLANNING, year=2026, file=file, filename=f"{row['title'][:20]}.docx", **_dated(row))
    return 0


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    month, day = row["dated"]
    said = {name: row[name] for name in ("title", "doc_no", "issuer", "kind")}
    return {**said, "issued_on": date(2026, month, day)}


def _named(title: str) -> SourceDocument:
    return SourceDocument.objects.get(title=title)


def _tasks(data: dict[str, Any], block: Writing) -> int:
    """The file of tasks comes in as a person would bring it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "任务分解表.xlsx"
        write_table(data["head"], data["tasks"], path)
        bring_goals(path, path.name, PLANNING, document=_named(data["split_by"]), year=2026, issued=True)
    return 0


def _goal(name: str, year: int = 2026) -> Goal:
    rows = Goal.objects.for_system("演示").filter(
        name=name, year=year, parent__isnull=True, document__kind__in=KINDS
    )
    return rows.select_related("document").get()


KINDS = ("lead", "assist", "assessment", "plan")


def _portions(goal: Goal, row: dict[str, Any]) -> list[Portion]:
    lasts, locked = row["last"], row.get("locked", {})
    found = []
    for portion, last in zip(portions_of(goal, bearers(goal, "county")), lasts, strict=False):
        if last == "":
            continue
        low = locked.get(portion.subject.name)
        fixed = {"low": Decimal(low), "stretch": Decimal(low), "locked": True} if low else {}
        found.append(replace(portion, last_year=Decimal(last), **fixed))
    return found


def _share(data: dict[str, Any], block: Writing) -> int:
    document = _named(data["issued_by"])
    for row in data["shared"]:
        goal = _goal(row["task"])
        low, high = Decimal(row.get("margin_low", "1")), Decimal(row.get("margin_high", "1"))
        decompose(
            goal,
            PLANNING,
            portions=_portions(goal, row),
            method=row["method"],
            document=document,
            margin=Decimal(row.get("margin", "1")),
            margins=(low, high),
            margin_document=document if high != ONE else None,
        )
    return 0


def _issue(data: dict[str, Any], block: Writing) -> int:
    document = _named(data["issued_by"])
    for row in data["shared"]:
        children = children_of(_goal(row["task"]))
        advance(children, "consult", PLANNING, given={"on": date(2026, 3, 5)})
        advance(
            children,
            "meet",
            PLANNING,
            given={"on": date(2026, 3, 10), "minutes": "局务会纪要〔2026〕5号（演示）"},
        )
        advance(children, "issue", PLANNING, given={"on": date(2026, 3, 12), "document": str(document.pk)})
    return 0


def _sign(data: dict[str, Any], block: Writing) -> int:
    for name, signer in data["signed"].items():
        letter: Letter = letters.draw_up(Region.objects.get(name=name), 2026, PLANNING)
        attach(
            letter,
            PLANNING,
            io.BytesIO(_page()),
            f"{name}责任书（签字盖章）.docx",
            caption="签字盖章的责任书",
        )
        move(
            letter,
            "sign",
            PLANNING,
            procedure=letters.PROCEDURE,
            given={"signed_on": date(2026, 3, 20), "signed_by": signer},
        )
    return 0


def _adjusted(data: dict[str, Any]) -> Goal:
    change = data["adjusted"]
    parent = _goal(change["task"])
    return next(child for child in children_of(parent) if str(child.subject) == change["place"])


def _ask(data: dict[str, Any], block: Writing) -> int:
    change, goal = data["adjusted"], _adjusted(data)
    adjusting.ask(
        goal,
        PLANNING,
        low=Decimal(change["low"]),
        stretch=goal.stretch,
        why=change["why"],
        asked_by=f"{change['place']}科学技术局",
    )
    return 0


def _agree(data: dict[str, Any], block: Writing) -> int:
    row = Adjustment.objects.for_system("演示").get(goal=_adjusted(data))
    given = {"document": str(_named(data["adjusted"]["document"]).pk), "effect_on": date(2026, 6, 18)}
    move(row, "agree", PLANNING, procedure=adjusting.PROCEDURE, given=given)
    return 0


def _next_year(data: dict[str, Any], block: Writing) -> int:
    """Next year's first working-out stays in 测算, shared by hand and three short."""
    row = data["next_year"]
    city = Region.objects.get(code=stated("city.yaml")["region"]["code"])
    goal = Goal(
        document=_named(row["document"]),
        year=2027,
        name=row["task"],
        kind="new",
        subject=city,
        unit=row["unit"],
        low=Decimal(row["low"]),
        last_year=Decimal(row["last_year"]),
        demand=row["demand"],
        state="issued",
    )
    goal.save()
    portions = [
        Portion(subject, last_year=Decimal(last), low=Decimal(low))
        for subject, (last, low) in zip(bearers(goal, "county"), row["by_hand"], strict=False)
    ]
    decompose(goal, PLANNING, portions=portions, method="hand", document=_named(row["document"]))
    return 0
