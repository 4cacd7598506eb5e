"""A sheet as its page shows it: rows with both readings of a figure, remarks beside them, the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keshu.desk.dispatching.asking import Asked, Doors
from keshu.directory.actors import COUNTY_ROLES, Role
from keshu.directory.models import RoleGrant, Unit
from keshu.figures.entry.lines import Remark, Severity
from keshu.figures.entry.models import Doubt, FormRow, Sheet
from keshu.figures.entry.past import cumulative_kind
from keshu.figures.entry.periods import value_period
from keshu.figures.entry.reading_cells import shown_in
from keshu.figures.entry.sheets import ABSENCES, Content, Entry
from keshu.terms.period import Period

EMPTY = "待填"
#: Steps that bring the sheet on; the last thing in the foot. The others take it back.
ONWARD = ("hand_in", "review", "sign", "report_for", "verify")
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
    #: How many rows share one cell of remarks; 0 where the cell above is shared.
    span: int
    #: The row whose cell of remarks speaks of this one.
    group: int
    #: (page, fragment) of the traces of what stands around the typed figure.
    before_door: tuple[str, str] | None
    last_year_door: tuple[str, str] | None
    auto_door: tuple[str, str] | None

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


def faces(content: Content, doubts: Sequence[Doubt] = ()) -> list[RowFace]:
    """The rows of a sheet in order; a section's title stands on its first row. Open doubts are told beside their row."""
    made = []
    section = None
    leader = 0
    groups = {group[0].row.pk: group for group in _groups(content.entries)}
    doors = Doors(Asked())
    for entry in content.entries:
        row, line = entry.row, entry.line
        title, source = "", ""
        if row.section != section:
            section, title, source = row.section, row.section, row.section_source
        absence = entry.cell.absence
        waiting = absence or (EMPTY if row.is_typed else content.past.current_missing.get(row.pk, ""))
        if (
            line.value is not None
        ):  # typed, but what stood before is not known: the other reading waits for that
            waiting = content.past.before_missing.get(row.pk, "")
        group = groups.get(row.pk, [])
        leader = row.pk if group else leader
        remarks = [*_doubted(group, doubts), *_remarks(content, group)]
        severity = content.examination.severity(row.pk)
        made.append(
            RowFace(
                entry,
                title,
                source,
                "" if line.typed == "stock" else _text(entry, line.single, waiting),
                _text(entry, line.cumulative if line.typed != "stock" else line.value, waiting),
                _text(entry, content.past.before.get(row.pk), content.past.before_missing.get(row.pk, "")),
                _text(entry, content.past.last_year.get(row.pk), ""),
                remarks,
                severity.value if severity else "",
                bool(row.parent_id or row.whole_id),
                len(group),
                leader,
                _door(doors, content, row, content.past.before.get(row.pk), content.past.previous),
                _door(
                    doors, content, row, content.past.last_year.get(row.pk), content.period.previous_year()
                ),
                None if row.is_typed else _door(doors, content, row, line.value, content.period),
            )
        )
    return made


def _door(
    doors: Doors, content: Content, row: FormRow, value: Decimal | None, period: Period | None
) -> tuple[str, str] | None:
    """Where a figure of the year to date opens; None where there is no figure."""
    if value is None or period is None:
        return None
    stretch = value_period(cumulative_kind(row), row.measure, period)
    return doors.figure(row.measure.code, content.sheet.region.code, stretch.code)


def _groups(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Rows that are checked together and stand together share one cell of remarks: a split with its parts, 其中 siblings."""
    groups: list[list[Entry]] = []
    for entry in entries:
        row = entry.row
        if groups:
            leader = groups[-1][0].row
            is_part = row.whole_id is not None and row.whole_id == leader.pk
            is_sibling = row.parent_id is not None and row.parent_id == leader.parent_id
            if is_part or is_sibling:
                groups[-1].append(entry)
                continue
        groups.append([entry])
    return groups


def _remarks(content: Content, group: Sequence[Entry]) -> list[dict[str, Any]]:
    """What is said beside a group, worst first; in a group of several a quiet remark names its row."""
    found = []
    names = {entry.row.pk: entry.line.name for entry in group}
    for remark in content.examination.of(names):
        shown = _remark(remark)
        if len(group) > 1 and remark.severity == Severity.FINE:
            shown["text"] = f"{names[remark.keys[0]]}：{remark.text}"
        found.append(shown)
    return found


def _doubted(group: Sequence[Entry], doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    """填报有误 that is not settled, beside its row; it blocks nothing."""
    named = {entry.row.pk: entry.line.name for entry in group}
    return [
        {
            "text": f"填报有误：{f'{named[one.row_id]} ' if len(group) > 1 else ''}{one.text}（{one.asked_by}，{Doubt.State(one.state).label}）",
            "tone": "slow",
            "mark": "◆",
            "href": "#doubts",
        }
        for one in doubts
        if one.row_id in named and one.state != Doubt.State.SETTLED
    ]


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
    held = {} if sheet.entered_for else holders(sheet)
    order = [
        (
            "填表人",
            sheet.filler
            or (sheet.entered_by and f"{sheet.entered_by}（代录）")
            or held.get(Role.COUNTY_FILLER, ""),
            (state.DRAFT, state.RETURNED, state.SUPPLYING),
        ),
        ("审核", sheet.reviewer or held.get(Role.COUNTY_REVIEWER, ""), (state.FILLED,)),
        ("单位负责人", sheet.head or held.get(Role.COUNTY_HEAD, ""), (state.REVIEWED,)),
        ("市局核实", sheet.verified_by, (state.SIGNED,)),
    ]
    return [{"label": label, "who": who, "now": sheet.state in states} for label, who, states in order]


def filling_unit(sheet: Sheet) -> str:
    """The name at the head of the printed form: the department, else the county's own bureau."""
    if sheet.unit is not None:
        return sheet.unit.name
    units = Unit.objects.filter(region=sheet.region, parent__isnull=True).order_by("pk")
    own = [unit.name for unit in units if "科技" in unit.name or "科学技术" in unit.name]
    return own[0] if own else f"{sheet.region.name}科技主管部门"


def confirms(sheet: Sheet) -> str:
    """Who is to confirm what the city entered: the county, a department with an account; for one without, the received file
    stands."""
    if sheet.unit is None:
        return "待本县确认"
    return "待该部门确认" if sheet.unit.has_account else f"{sheet.unit.name}没有账号，以收到的文件为准"


def holders(sheet: Sheet) -> dict[str, str]:
    """Who holds the county's roles today, by role: whose turn it is has a name before it is taken. One query."""
    if sheet.unit is not None:
        return {}
    grants = RoleGrant.objects.filter(
        role__in=COUNTY_ROLES, employment__unit__region=sheet.region_id, withdrawn_on=None
    ).select_related("employment__person")
    found: dict[str, list[str]] = {}
    for grant in grants.order_by("pk"):
        if grant.in_force() and grant.employment.in_force():
            found.setdefault(grant.role, []).append(grant.employment.person.name)
    return {role: "、".join(dict.fromkeys(names)) for role, names in found.items()}


def reasons() -> tuple[str, ...]:
    """Why a row may have no number."""
    return ABSENCES
