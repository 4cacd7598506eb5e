"""What the superior sent back: the form with its own figures, or a list; compared cell by cell with what was sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from keshu.directory.actors import Actor
from keshu.figures.book import book
from keshu.filling.computing import CellValue
from keshu.filling.following import follow
from keshu.filling.layout import LaidSheet, Layout, NoSuchCell
from keshu.filling.mapping import FIGURE, PERIOD, VALUE, MappedCell, may_fill
from keshu.filling.models import Filled
from keshu.filling.office.tables import number_in
from keshu.filling.receiving import layout_of, opened
from keshu.filling.suggesting import Words
from keshu.filling.working import values_of
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.intake.hazards import IntakeError
from keshu.terms import clock
from keshu.terms.quantity import UnreadableNumber, is_missing, plain, read_number, round_half_up
from keshu.terms.text import clean_name
from keshu.terms.units import IncompatibleUnits, UnknownUnit, convert

SAME, DIFFERS, ONLY_OURS, ONLY_THEIRS = "same", "differs", "only_ours", "only_theirs"
VERDICTS = {SAME: "一样", DIFFERS: "不一样", ONLY_OURS: "上级没有", ONLY_THEIRS: "当时没报"}
#: Heads of a list, as superiors write them.
LIST_HEADS = {
    "region": ("地区", "县区", "县(市、区)", "县（市、区）", "市州", "单位", "报送单位"),
    "name": ("指标", "指标名称", "项目"),
    "value": ("反馈数", "核定数", "审核数", "认定数", "数值", "数"),
    "unit": ("计量单位", "数值单位"),
}
#: A list names no period: it speaks of the filling's own, never of what stands beside it (上年同期, 上期, 上年末).
OWN_PERIOD = ("current", "to_date", "year", "month")


class NotSent(ValueError):
    """A form that was not sent gets no feedback."""


class NotThisForm(IntakeError):
    """A file that is neither the form nor a list."""


@dataclass(frozen=True)
class Difference:
    """One cell: what was sent and what came back, in the unit of the form. ``verdict`` one of VERDICTS."""

    key: str
    label: str
    sent: Decimal | None
    back: Decimal | None
    unit: str
    verdict: str

    @property
    def by(self) -> Decimal | None:
        """What came back less what was sent."""
        return None if self.sent is None or self.back is None else self.back - self.sent


def read_back(layout: Layout, cells: Iterable[MappedCell]) -> dict[str, Decimal | None]:
    """The numbers in mapped cells of a filled form, by key, in the units of the form; None for an empty cell or words."""
    found: dict[str, Decimal | None] = {}
    for cell in cells:
        try:
            text = layout.cell(cell.key).text
        except NoSuchCell:
            text = ""
        found[cell.key] = number_in(text) if layout.kind == "docx" else number_of(text)
    return found


def number_of(text: str) -> Decimal | None:
    """The number that a cell shows (2.44% is 2.44); None for an empty one or words."""
    if is_missing(text):
        return None
    try:
        return read_number(text)
    except UnreadableNumber:
        return None


def import_feedback(actor: Actor, filled: Filled, stream: BinaryIO, filename: str) -> Filled:
    """Read what came back and keep the differences with the filling; the file itself is kept by its sha256.

    Raises MayNotFill, NotSent, NotThisForm and the refusals of the file.
    """
    may_fill(actor)
    if filled.issued_id is None:
        raise NotSent(f"{filled} 还没有记下已报，没有可以对的。先记下已报，再收上级的反馈。")
    kind, name, content, _, received = opened(stream, filename)
    layout = layout_of(kind, content, name)
    values = [value for value in values_of(filled) if value.cell.kind != PERIOD]
    back = _of_form(filled, layout, values) if kind == filled.blank.kind else None
    if back is None:
        back = _of_list(layout, values, name, filled.template.region_id)
    rows = [_compared(value, back[value.cell.key]) for value in values if value.cell.key in back]
    with writing(actor, f"收上级反馈：{filled}"):
        locked = Filled._base_manager.select_for_update().get(pk=filled.pk)
        locked.feedback = {
            "file": name,
            "sha256": received.sha256,
            "by": actor.name,
            "at": clock.now().astimezone(clock.TZ).strftime("%Y-%m-%d %H:%M"),
            "rows": [_plain(row) for row in rows],
        }
        locked.save()
    return locked


def differences(filled: Filled) -> list[Difference]:
    """What came back against what was sent, what differs first."""
    found = [_difference(kept) for kept in filled.feedback.get("rows", ())]
    order = (DIFFERS, ONLY_THEIRS, ONLY_OURS, SAME)
    return sorted(found, key=lambda row: order.index(row.verdict))


def _of_form(filled: Filled, layout: Layout, values: list[CellValue]) -> dict[str, Decimal | None] | None:
    """The cells of the form as it came back; None where it is another form."""
    own = Layout.of(filled.blank.layout)
    cells = [value.cell for value in values]
    if layout.fingerprint == own.fingerprint:
        return read_back(layout, cells)
    followed = follow(cells, (), own, layout)
    if len(followed.moved) * 2 <= len(cells):
        return None
    there = read_back(layout, followed.cells)
    return {one.before.key: there[one.after.key] for one in followed.moved}


def _of_list(layout: Layout, values: list[CellValue], name: str, root: int) -> dict[str, Decimal | None]:
    """The cells that a list names by region and figure: heads 地区, 指标, 反馈数, and 计量单位 where it is another one."""
    definitions = book(moments.latest())
    found: dict[str, Decimal | None] = {}
    for sheet in layout.sheets:
        head = _list_head(sheet)
        if head is None:
            continue
        top, at = head
        words = Words.of(definitions, definitions.regions.get(root))
        for row in range(top + 1, sheet.rows + 1):
            texts = {what: sheet.at(row, column).text for what, column in at.items()}
            region, thing = words.region([texts["region"]]), words.thing([texts["name"]])
            if region is None or thing is None:
                continue
            for value in values:
                cell = value.cell
                named = (cell.code, cell.region) == (thing.code, region.code)
                own = cell.kind == FIGURE and cell.aspect == VALUE and cell.rule in OWN_PERIOD
                if own and named and cell.key not in found:
                    found[cell.key] = _in_unit(number_of(texts["value"]), texts.get("unit", ""), cell)
    if not found:
        raise NotThisForm(
            f"“{name}”既不是这张表，也不是清单。请上传上级填好的同一张表，或表头有“地区、指标、反馈数”的清单。"
        )
    return found


def _list_head(sheet: LaidSheet) -> tuple[int, dict[str, int]] | None:
    for row in range(1, min(sheet.rows, 10) + 1):
        at: dict[str, int] = {}
        for column in range(sheet.columns):
            text = clean_name(sheet.at(row, column).text)
            for what, names in LIST_HEADS.items():
                if text in map(clean_name, names):
                    at.setdefault(what, column)
        if {"region", "name", "value"} <= at.keys():
            return row, at
    return None


def _in_unit(number: Decimal | None, unit: str, cell: MappedCell) -> Decimal | None:
    if number is None or not unit.strip():
        return number
    try:
        return round_half_up(convert(number, unit, cell.unit), cell.decimals)
    except (UnknownUnit, IncompatibleUnits):
        return number


def _compared(value: CellValue, back: Decimal | None) -> Difference:
    sent = value.written
    if sent is None and back is None:
        verdict = SAME
    elif sent is None:
        verdict = ONLY_THEIRS
    elif back is None:
        verdict = ONLY_OURS
    else:
        verdict = SAME if sent == back else DIFFERS
    label = value.cell.label or value.name
    return Difference(value.cell.key, label, sent, back, value.cell.unit, verdict)


def _plain(row: Difference) -> dict[str, str]:
    return {
        "key": row.key,
        "label": row.label,
        "sent": "" if row.sent is None else plain(row.sent),
        "back": "" if row.back is None else plain(row.back),
        "unit": row.unit,
        "verdict": row.verdict,
    }


def _difference(kept: dict[str, str]) -> Difference:
    sent, back = (Decimal(kept[end]) if kept[end] else None for end in ("sent", "back"))
    return Difference(kept["key"], kept["label"], sent, back, kept["unit"], kept["verdict"])
