"""A clerk defines what is collected from whom by when; a blank workbook that a superior sent gives the columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from keshu.collecting.columns import MONEY, Col, FormRefused, bare_name, from_json, settled, to_json
from keshu.collecting.models import Collection, Sender
from keshu.collecting.receiving import ACCEPTED, LIMITS
from keshu.collecting.who import require_collect
from keshu.directory.actors import COUNTY_ROLES, Actor
from keshu.directory.models import Region, Subject, Unit
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.evidence import check_received
from keshu.ledger.intake.cells import Kind, Row
from keshu.ledger.intake.hazards import IntakeError
from keshu.ledger.intake.heads import IGNORED, is_column_numbers, normal, unit_above
from keshu.ledger.intake.reading import open_table
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import StaleState
from keshu.terms import clock

PREFIX = "HB"
LONGEST_TITLE, LONGEST_NOTE, MOST_SENDERS = 100, 500, 400
_NUMBERS = ("数", "额", "量", "率", "值", "收入", "支出", "经费", "投入", "金额", "占比", "比重", "比例")
_MONEY = ("额", "收入", "支出", "经费", "投入", "资金", "产值", "利润", "税收")


class NoHead(IntakeError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}”里没有找到一行表头（至少两个列名）。请核对是不是空白表，或在页上自己写列。"
        )


@dataclass(frozen=True)
class Wanted:
    """What a collection shall be. ``subjects``: who is asked, in order; ``follows``: the earlier collection of the same form."""

    title: str
    due_at: datetime | None
    cols: tuple[Col, ...]
    subjects: tuple[int, ...]
    note: str = ""
    follows: Collection | None = None


def define(
    wanted: Wanted, actor: Actor, *, draft: Collection | None = None, unit: Unit | None = None
) -> Collection:
    """A new draft, or a draft changed. ``unit``: who collects, where the actor has no post.

    Raises FormRefused (places of the form → sentences), NotYourTurn, StaleState, Classified.
    """
    require_collect(actor)
    refuse_classified(wanted.title, wanted.note, *(col.name for col in wanted.cols))
    cols = _checked(wanted)
    unit = unit or Unit.objects.select_related("region").filter(pk=actor.unit_id).first()
    if unit is None:
        raise FormRefused({"title": "现在的岗位没有单位，不知道以哪个单位收表。请换一个岗位。"})
    asked = list(Subject.objects.filter(pk__in=wanted.subjects))
    order = {pk: at for at, pk in enumerate(wanted.subjects)}
    asked.sort(key=lambda one: order[one.pk])
    with writing(actor, f"{'改' if draft else '起草'}收表 {wanted.title}"[:200]):
        if draft is None:
            number = next_number(PREFIX, clock.today().year)
            collection = Collection(number=number, made_by=actor.name, made_at=clock.now())
        else:
            collection = Collection._base_manager.select_for_update().get(pk=draft.pk)
            if collection.state != Collection.State.DRAFT:
                raise StaleState(f"“{collection.title}”已经发出，列和单位不再改。要改请撤回后再收一次。")
        collection.title, collection.note = wanted.title, wanted.note
        assert wanted.due_at is not None
        collection.due_at, collection.columns = wanted.due_at, to_json(cols)
        collection.region_id, collection.unit, collection.follows = unit.region_id, unit, wanted.follows
        collection.save()
        _write_senders(collection, asked)
    return collection


def _checked(wanted: Wanted) -> tuple[Col, ...]:
    problems: dict[str, str] = {}
    if not wanted.title:
        problems["title"] = "没有写名称。写上收什么表，例如“三季度技术交易情况表”。"
    elif len(wanted.title) > LONGEST_TITLE:
        problems["title"] = f"名称有 {len(wanted.title)} 字，最多 {LONGEST_TITLE} 字。"
    if len(wanted.note) > LONGEST_NOTE:
        problems["note"] = f"填报说明有 {len(wanted.note)} 字，最多 {LONGEST_NOTE} 字。"
    if wanted.due_at is None:
        problems["due"] = "没有写截止时间，或写得读不懂。请选日期和时间。"
    elif wanted.due_at <= clock.now():
        problems["due"] = (
            f"截止时间 {wanted.due_at.astimezone(clock.TZ):%Y-%m-%d %H:%M} 已经过了。请选以后的时间。"
        )
    if not wanted.subjects:
        problems["subjects"] = "没有选填报单位。请勾上要报的县（市、区）或部门。"
    elif len(wanted.subjects) > MOST_SENDERS:
        problems["subjects"] = f"选了 {len(wanted.subjects)} 家，最多 {MOST_SENDERS} 家。"
    try:
        cols = settled(wanted.cols)
    except FormRefused as refusal:
        problems.update(refusal.problems)
        cols = ()
    if problems:
        raise FormRefused(problems)
    return cols


def _write_senders(collection: Collection, asked: Sequence[Subject]) -> None:
    held = {
        one.subject_id: one for one in Sender.objects.for_system("起草收表").filter(collection=collection)
    }
    wanted = {subject.pk for subject in asked}
    for subject, sender in held.items():
        if subject not in wanted:
            sender.delete()
    regions = Region.objects.in_bulk([one.pk for one in asked if one.kind == Subject.Kind.REGION])
    units = Unit.objects.select_related("region").in_bulk(
        [one.pk for one in asked if one.kind == Subject.Kind.UNIT]
    )
    answering = _answering(list(regions))
    taken = {one.code for one in held.values()}
    codes = (
        code for n in range(1, 10 * MOST_SENDERS) if (code := f"{collection.number}-{n:02d}") not in taken
    )
    for order, subject in enumerate(asked, 1):
        unit = units.get(subject.pk) or answering.get(subject.pk)
        region = regions.get(subject.pk) or (unit.region if unit is not None else collection.region)
        sender = held.get(subject.pk) or Sender(collection=collection, subject=subject, code=next(codes))
        sender.name, sender.region, sender.unit, sender.order = subject.name, region, unit, order
        sender.save()


def _answering(regions: Sequence[int]) -> dict[int, Unit]:
    """Region → the organisation whose people fill in for it: its own science bureau. One query."""
    rows = Unit.objects.filter(
        region__in=regions, posts__grants__role__in=[role.value for role in COUNTY_ROLES]
    ).distinct()
    found: dict[int, Unit] = {}
    for unit in rows.select_related("region").order_by("pk"):
        found.setdefault(unit.region_id, unit)
    left = [pk for pk in regions if pk not in found]
    for unit in Unit.objects.filter(region__in=left, parent=None).select_related("region").order_by("pk"):
        if unit.name.endswith(("科学技术局", "科技局")):
            found.setdefault(unit.region_id, unit)
    return found


def choosable(home: Region) -> dict[str, list[Subject]]:
    """Who may be asked, by group: the counties below, the departments and offices of the place itself. Two queries."""
    regions = Region.objects.filter(parent=home, valid_to=None).order_by("order", "code")
    units = Unit.objects.filter(region=home).select_related("parent").order_by("parent_id", "code")
    return {
        "县（市、区）": [one for one in regions if one.level != Region.Level.PROVINCE],
        "部门": [one for one in units if one.parent_id is None],
        "科室": [one for one in units if one.parent_id is not None],
    }  # fmt: skip


def again(collection: Collection, due_at: datetime | None = None) -> Wanted:
    """The same form once more: same columns, same senders, compared with this one."""
    subjects = Sender.objects.for_system("再收一次").filter(collection=collection).order_by("order")
    return Wanted(
        title=collection.title,
        due_at=due_at,
        cols=from_json(collection.columns),
        subjects=tuple(subjects.values_list("subject", flat=True)),
        note=collection.note,
        follows=collection,
    )


# ---- a blank workbook


def take_over(stream: BinaryIO, filename: str) -> tuple[str, tuple[Col, ...]]:
    """(title, columns) of a blank workbook: what its head says, kinds and units guessed, the first text as the key.

    Raises IntakeError (NoHead …), Classified.
    """
    check_received(stream, filename, accept=ACCEPTED, limits=LIMITS)
    with open_table(stream, filename, limits=LIMITS) as table:
        rows = [row for _, row in zip(range(40), table.rows(), strict=False)]
    for row in rows:
        refuse_classified(*(cell.text for cell in row.cells))
    at = _head(rows)
    if at is None:
        raise NoHead(filename)
    names = _names(rows, at)
    below = [row for row in rows[at + 1 :] if not is_column_numbers(row)]
    above = unit_above(rows[:at])
    cols = [
        _guessed(name, place, below, above if above in MONEY else "")
        for place, name in enumerate(names)
        if name and normal(name) not in IGNORED
    ]
    first = next((n for n, col in enumerate(cols) if not col.is_number), 0)
    found = [replace(col, is_key=n == first) for n, col in enumerate(cols)]
    titles = [next((c.text.strip() for c in row.cells if c.text.strip()), "") for row in rows[:at]]
    title = next((one for one in titles if len(one) > 3 and "单位" not in one[:4]), Path(filename).stem)
    return title[:LONGEST_TITLE], tuple(found)


def _head(rows: Sequence[Row]) -> int | None:
    """The row with the most different texts; the first such, but a second line of the head that tells more."""
    best, most = None, 1
    for at, row in enumerate(rows[:20]):
        if is_column_numbers(row) or any(cell.kind is Kind.NUMBER for cell in row.cells):
            continue
        telling = len({cell.text.strip() for cell in row.cells if cell.text.strip()})
        if telling > most:
            best, most = at, telling
    return best


def _names(rows: Sequence[Row], at: int) -> list[str]:
    """The names of the columns, an upper head before the lower one where it spans several."""
    upper = rows[at - 1].cells if at and len({c.text for c in rows[at - 1].cells if c.text}) > 1 else []
    names = []
    for place, cell in enumerate(rows[at].cells):
        name = "".join(cell.text.split())
        over = upper[place] if place < len(upper) else None
        if over is not None and over.merged and over.text.strip() and over.text.strip() != cell.text.strip():
            name = f"{''.join(over.text.split())}{name}"
        names.append(name)
    doubled = {name for name in names if names.count(name) > 1}
    return [f"{name}{n + 1}" if name in doubled else name for n, name in enumerate(names)]


def _guessed(head: str, place: int, below: Sequence[Row], above: str) -> Col:
    """A column from its head and what stands below; ``above``: the unit of money written above the table (单位：万元)."""
    name, unit = bare_name(head)
    held = [row.cells[place] for row in below if place < len(row.cells) and row.cells[place].text.strip()]
    number = (
        bool(unit) or name.endswith(_NUMBERS) or (bool(held) and all(c.kind is Kind.NUMBER for c in held))
    )
    if not number:
        return Col("", name)
    unit = unit or (above if name.endswith(_MONEY) else "")
    decimals = 2 if unit in (*MONEY, "%") or name.endswith(("额", "率", "占比", "比重", "经费")) else 0
    return Col("", name, "number", unit=unit, decimals=decimals)
