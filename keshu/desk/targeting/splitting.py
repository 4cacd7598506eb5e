"""分解: the panel beside the tree: who bears a part, by what, and what that works out to."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from keshu.desk.targeting.rows import gap, names, number, plainly
from keshu.figures.book import book
from keshu.goals.decomposing import (
    LEVELS,
    Portion,
    bearers,
    children_of,
    portions_of,
    propose,
    weights_by,
)
from keshu.goals.models import Goal, SourceDocument
from keshu.journal import moments
from keshu.terms.period import Period

REFUSED = 422
FIELDS = ("last", "weight", "floor", "cap", "low", "high", "stretch")


class NotANumber(ValueError):
    """Something typed that is no number."""


@dataclass
class Row:
    """One bearer in the panel: what is typed, and what was worked out."""

    pk: int
    name: str
    tag: str
    on: bool
    locked: bool
    given: bool
    texts: dict[str, str]
    computed: str = ""


@dataclass
class Panel:
    """The panel of one goal."""

    goal: Goal
    low: str
    levels: list[dict[str, Any]]
    level: str
    method: str
    rows: list[Row]
    documents: list[tuple[int, str]]
    texts: dict[str, str] = field(default_factory=dict)
    said: str = ""
    gap: str = ""
    short: bool = False
    problem: str = ""

    @property
    def methods(self) -> list[dict[str, Any]]:
        """The ways of sharing that fit the goal's kind."""
        fitting = (
            Goal.Method.choices if self.goal.summed else [(Goal.Method.HAND.value, Goal.Method.HAND.label)]
        )
        return [{"value": value, "label": label, "on": value == self.method} for value, label in fitting]

    @property
    def chosen(self) -> int:
        """The document picked as basis."""
        text = self.texts.get("document", "")
        return int(text) if text.isdigit() else 0

    @property
    def margin_chosen(self) -> int:
        """The document picked for the margin."""
        text = self.texts.get("margin_document", "")
        return int(text) if text.isdigit() else 0


def panel_of(goal: Goal, level: str) -> Panel:
    """The panel as things stand."""
    children = [child for child in children_of(goal) if child.subject_id]
    chosen = _level(goal, level, children)
    bears = bearers(goal, chosen)
    known = {subject.pk for subject in bears}
    bears += [child.subject for child in children if child.subject_id not in known]  # type: ignore[misc]
    standing = {child.subject_id: child for child in children}
    said = names([Goal(subject_id=subject.pk) for subject in bears])
    rows = []
    for portion in portions_of(goal, bears):
        child = standing.get(portion.subject.pk)
        rows.append(
            Row(
                portion.subject.pk,
                portion.subject.name,
                said.get(portion.subject.pk, ("", ""))[1],
                child is not None or not children,
                portion.locked,
                child is not None and child.given,
                {
                    "last": plainly(portion.last_year),
                    "weight": plainly(portion.weight),
                    "floor": plainly(portion.floor),
                    "cap": plainly(portion.cap),
                    "low": plainly(portion.low),
                    "high": plainly(portion.high),
                    "stretch": plainly(portion.stretch),
                },
                number(child.computed, goal) if child is not None else "",
            )
        )
    document = children[0].document_id if children else ""
    return Panel(
        goal,
        number(goal.low, goal),
        [{"value": value, "label": label, "on": value == chosen} for value, label in LEVELS],
        chosen,
        goal.method or (Goal.Method.SHARE if goal.summed else Goal.Method.HAND),
        rows,
        [(row.pk, str(row)) for row in SourceDocument.objects.order_by("-year", "-pk")[:200]],
        {
            "margin": plainly(goal.margin),
            "margin_low": plainly(goal.margin_low),
            "margin_high": plainly(goal.margin_high),
            "margin_document": str(goal.margin_document_id or ""),
            "document": str(document or ""),
            "measure": "",
        },
    )


def _level(goal: Goal, asked: str, children: list[Goal]) -> str:
    if asked in dict(LEVELS):
        return asked
    subject = children[0].subject if children else None
    if subject is not None and subject.kind == "person":
        return "person"
    if subject is not None and subject.kind == "unit":
        return "office"
    region = book(moments.latest()).regions.get(goal.subject_id or 0)
    if region is None:
        return "person" if goal.subject_id else "county"
    return "town" if region.level == "county" else "county"


def typed(panel: Panel, posted: Mapping[str, str]) -> None:
    """Take over what was typed, so that a refused panel comes back as it was."""
    panel.method = posted.get("method", panel.method)[:10]
    for name in panel.texts:
        panel.texts[name] = posted.get(name, "").strip()[:60]
    for row in panel.rows:
        row.on = f"in-{row.pk}" in posted
        row.locked = f"lock-{row.pk}" in posted or row.given
        for name in FIELDS:
            if f"{name}-{row.pk}" in posted:
                row.texts[name] = posted[f"{name}-{row.pk}"].strip()[:40]


def portions(panel: Panel) -> list[Portion]:
    """What is asked of each bearer that is ticked. Raises NotANumber."""
    subjects = {subject.pk: subject for subject in bearers(panel.goal, panel.level)}
    subjects |= {child.subject_id: child.subject for child in children_of(panel.goal) if child.subject}  # type: ignore[misc]
    found = []
    for row in panel.rows:
        if not row.on:
            continue
        read = {name: read_number(row.texts[name], f"{row.name}的{WORDS[name]}") for name in FIELDS}
        found.append(
            Portion(
                subjects[row.pk],
                read["last"],
                read["weight"],
                read["floor"],
                read["cap"],
                read["low"],
                read["high"],
                read["stretch"],
                row.locked,
            )
        )
    return found


WORDS = {
    "last": "上年数",
    "weight": "权重",
    "floor": "下限",
    "cap": "上限",
    "low": "分解数",
    "high": "范围上限",
    "stretch": "奋斗目标",
}


def read_number(text: str, what: str) -> Decimal | None:
    """A number as typed; None where nothing is. Raises NotANumber with what was typed."""
    folded = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not folded:
        return None
    try:
        value = Decimal(folded)
    except InvalidOperation:
        raise NotANumber(f"{what}写的“{text}”不是数。改成数字再办。") from None
    if not value.is_finite() or abs(value.adjusted()) > 12:
        raise NotANumber(f"{what}写的“{text}”太大。请核对单位。")
    return value


def decimal(panel: Panel, name: str) -> Decimal:
    """One of the three margins; 1 where nothing is typed. Raises NotANumber."""
    return read_number(panel.texts[name], "加压系数") or Decimal(1)


def weigh(panel: Panel, posted: Mapping[str, str]) -> None:
    """Fill the weights from a measure, at the end of last year."""
    measure = book(moments.latest()).measure(posted.get("measure", ""))
    subjects = bearers(panel.goal, panel.level)
    period = (
        Period.month(panel.goal.year - 1, 12)
        if measure.nature == "stock"
        else Period.year(panel.goal.year - 1)
    )
    found = weights_by(measure, subjects, period)
    for row in panel.rows:
        if row.pk in found:
            row.texts["weight"] = plainly(found[row.pk])
    panel.method = Goal.Method.WEIGHT
    panel.said = f"权重取{period.label}的{measure.name}；没有的空着，请补。"


def work_out(panel: Panel, asked: list[Portion], margin: Decimal) -> None:
    """测算: what each would get, and that it adds up. Raises what ``propose`` raises."""
    proposal = propose(panel.goal, asked, method=panel.method, margin=margin)
    by_subject = {child.subject_id: child for child in proposal.children}
    for row in panel.rows:
        child = by_subject.get(row.pk)
        if child is not None:
            row.computed = number(child.low, panel.goal)
            if not row.given:
                for name in ("low", "high", "stretch"):
                    row.texts[name] = plainly(getattr(child, name))
    total = proposal.sum
    if total is not None and total.total is not None:
        panel.gap, panel.short = gap(total, panel.goal), total.short is not None
        panel.said = f"取整后合计恰好 {number(total.total, panel.goal)}"
