"""A sheet as its page shows it: rows with both readings of a figure, remarks beside them, the foot."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keshu.figures.entry.checks import Remark
from keshu.figures.entry.models import FormRow, Sheet
from keshu.figures.entry.reading_cells import shown_in
from keshu.figures.entry.sheets import ABSENCES, Content, Entry

LAMPS = {"red": ("late", "■"), "open": ("none", "◌"), "amber": ("slow", "▲"), "fine": ("fine", "")}


@dataclass(frozen=True)
class RowFace:
    """One line of the form."""

    entry: Entry
    section: str
    section_source: str
    single: str
    cumulative: str
    before: str
    last_year: str
    remarks: list[dict[str, Any]]
    severity: str
    is_child: bool

    @property
    def row(self) -> FormRow:
        return self.entry.row

    @property
    def input_in(self) -> str:
        """Which of the two columns is typed in."""
        if not self.row.is_typed:
            return ""
        return "single" if self.row.typed == FormRow.Typed.SINGLE else "cumulative"


def _text(entry: Entry, value: Decimal | None, missing: str) -> str:
    if value is None:
        return missing
    return shown_in(entry.row, value)


def faces(content: Content) -> list[RowFace]:
    """The rows of a sheet in order; a section's title stands on its first row."""
    made = []
    section = None
    for entry in content.entries:
        row, line = entry.row, entry.line
        title, source = "", ""
        if row.section != section:
            section, title, source = row.section, row.section, row.section_source
        absence = entry.cell.absence
        waiting = absence or ("" if row.is_typed else content.past.current_missing.get(row.pk, ""))
        remarks = [_remark(remark) for remark in content.examination.of([row.pk])]
        severity = content.examination.severity(row.pk)
        made.append(
            RowFace(
                entry,
                title,
                source,
                _text(entry, line.single, waiting),
                _text(entry, line.cumulative if line.typed != "stock" else line.value, waiting),
                _text(entry, content.past.before.get(row.pk), content.past.before_missing.get(row.pk, "")),
                _text(entry, content.past.last_year.get(row.pk), ""),
                remarks,
                severity.value if severity else "",
                bool(row.parent_id or row.whole_id),
            )
        )
    return made


def _remark(remark: Remark) -> dict[str, Any]:
    tone, mark = LAMPS[remark.severity.value]
    return {
        "text": remark.text,
        "tone": tone,
        "mark": mark,
        "proposal": remark.proposal,
        "wants_note": remark.wants_note,
        "noted": remark.noted,
        "row": remark.keys[0],
    }


def foot(content: Content) -> dict[str, Any]:
    """The counts of the sticky foot."""
    found = content.examination
    return {
        "done": found.done,
        "of": len(found.lines),
        "red": found.red,
        "amber": found.amber,
        "empty": found.empty,
        "left": content.open_points,
        "first_open": found.first_open,
    }


def steps(sheet: Sheet) -> list[dict[str, Any]]:
    """填表人 › 审核 › 单位负责人 › 市局核实, with who did it and whose turn it is."""
    state = Sheet.State
    order = [
        (
            "填表人",
            sheet.filler or (sheet.entered_by and f"{sheet.entered_by}（代录）"),
            (state.DRAFT, state.RETURNED, state.SUPPLYING),
        ),
        ("审核", sheet.reviewer, (state.FILLED,)),
        ("单位负责人", sheet.head, (state.REVIEWED,)),
        ("市局核实", sheet.verified_by, (state.SIGNED,)),
    ]
    return [{"label": label, "who": who, "now": sheet.state in states} for label, who, states in order]


def reasons() -> tuple[str, ...]:
    """Why a row may have no number."""
    return ABSENCES
