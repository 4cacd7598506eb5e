"""导入任务: the goals of a 任务分解 file written down, as issued where the document issues them, flaws and all."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from keshu.directory.actors import Actor
from keshu.directory.models import Region
from keshu.figures.models import Measure
from keshu.goals.demands import RATE, Demand, flaw_of
from keshu.goals.documents import keep_document
from keshu.goals.models import Counter, Goal, SourceDocument
from keshu.goals.moving import publish, refuse_others
from keshu.goals.taskfile import Read, Reading, house, read_goals
from keshu.journal.writing import writing


class GoalsRefused(ValueError):
    """A file from which nothing can be taken."""


def bring_goals(
    path: Path, filename: str, actor: Actor, *, document: SourceDocument, year: int, issued: bool
) -> Reading:
    """Write the rows that can be read; those refused stay out and come back as a workbook. ``issued``: the document issues them.

    Sources that the file names and nobody has registered yet are registered by their name. Raises GoalsRefused where nothing can
    be taken, MayNotSetGoals.
    """
    refuse_others(actor, "导入任务")
    found = read_goals(path, filename, document=document, year=year)
    if not found.rows:
        raise GoalsRefused(
            f"“{filename}”里没有能读入的任务，{len(found.refused)} 行都有问题。请看没有读入的行。"
        )
    place = house()
    if not place:
        raise GoalsRefused("还没有定本级地区。请先运行初始化。")
    with writing(actor, f"导入任务 {filename}"):
        documents = {"": document, **_registered(found.sources, actor, year)}
        goals: dict[str, Goal] = {}
        for order, one in enumerate(found.rows, 1):
            if one.verdict == "相同" and one.before is not None:
                goals[one.number] = one.before
                continue
            goal = _kept(one, documents[one.source], place[0], order, issued, goals.get(one.above))
            goals[one.number] = goal
    return found


def _registered(names: Iterable[str], actor: Actor, year: int) -> dict[str, SourceDocument]:
    found: dict[str, SourceDocument] = {}
    for name in names:
        known = (
            SourceDocument.objects.filter(year=year, title=name).first()
            or SourceDocument.objects.filter(year=year, doc_no=name).first()
        )
        found[name] = known or keep_document(
            actor, title=name[:120], issuer="见原件", kind=kind_of_source(name), year=year
        )
    return found


def kind_of_source(name: str) -> str:
    """What kind of document a source's name says; 本局 where it says nothing."""
    kinds = SourceDocument.Kind
    for words, kind in (
        (("协助", "配合"), kinds.ASSIST),
        (("政府工作报告", "牵头"), kinds.LEAD),
        (("考核", "责任书", "监测"), kinds.ASSESSMENT),
        (("规划", "十四五", "十五五"), kinds.PLAN),
    ):
        if any(word in name for word in words):
            return str(kind)
    return str(kinds.BUREAU)


def _kept(
    one: Read, document: SourceDocument, region: int, order: int, issued: bool, above: Goal | None
) -> Goal:
    goal = one.before or Goal(
        document=document,
        year=one.year,
        subject=Region._base_manager.get(pk=region),
        state=Goal.State.ISSUED if issued else Goal.State.DRAFTED,
    )
    demand = one.demand
    _set(goal, demand)
    goal.name, goal.order, goal.owner = one.task, order, one.owner
    for name in ("last_year", "indicator", "begins_on", "due_on", "flaw"):
        setattr(goal, name, getattr(one, name))
    goal.parent = above
    goal.save()
    _count(goal, one.measures, one.where)
    for place, part in enumerate(demand.inner, 1):
        _keep_within(goal, part, place)
    if goal.given:
        publish(goal)
    return goal


def _set(goal: Goal, demand: Demand) -> None:
    goal.kind, goal.demand, goal.unit = demand.kind, demand.text, demand.unit
    for name in ("low", "high", "stretch", "decimals", "direction"):
        setattr(goal, name, getattr(demand, name))


def _count(goal: Goal, measures: Sequence[Measure], where: str) -> None:
    standing = [
        (one.measure_id, one.where) for one in Counter.objects.for_system("计数来源").filter(goal=goal)
    ]
    for at, measure in enumerate(measures, len(standing)):
        if (measure.pk, where) not in standing:
            Counter(goal=goal, order=at, measure_id=measure.pk, where=where).save()


def _keep_within(goal: Goal, part: Demand, place: int) -> None:
    """A goal behind 其中, as issued; more than its whole is 原文有误, with the arithmetic."""
    name = part.about or part.text
    known = Goal.objects.for_system("其中项").filter(parent=goal, within=True, name=name).first()
    inner = known or Goal(
        document_id=goal.document_id, year=goal.year, parent=goal, within=True, name=name, state=goal.state
    )
    _set(inner, part)
    inner.order, inner.subject_id = place, goal.subject_id
    rate = RATE in (part.kind, goal.kind) and part.kind != goal.kind
    inner.flaw = "" if rate else flaw_of(goal.high or goal.low, goal.unit, part.low, part.unit)
    inner.save()
