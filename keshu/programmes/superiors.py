"""The superior's 立项 document: its list is read, matched to what we forwarded, shown, and registered all or none."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import BinaryIO

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal.models import HistoryRow
from keshu.journal.writing import writing
from keshu.ledger.intake.heads import Column, Holds
from keshu.ledger.intake.reading import open_table
from keshu.ledger.numbering import next_number
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Application, Call
from keshu.programmes.moving import advance
from keshu.programmes.steps.who import STANDING
from keshu.terms.quantity import convert, read_number
from keshu.terms.text import clean_name

S = Application.State
COLUMNS = (
    Column("title", ("项目名称", "课题名称", "名称"), required=True),
    Column("unit", ("承担单位", "申报单位", "项目承担单位", "牵头单位", "单位名称", "单位"), required=True),
    Column(
        "granted",
        ("立项经费", "支持经费", "资助经费", "资助金额", "安排经费", "经费", "金额"),
        required=True,
        holds=Holds.NUMBER,
    ),
    Column("number", ("项目编号", "立项编号", "课题编号", "编号")),
)
#: The caption under which a superior's list is kept with its call.
LIST = "上级立项名单"
LONGEST = {"title": 120, "unit": 100, "number": 60}
_MARKS = re.compile(r"[\s“”\"'‘’《》〈〉（）()\[\]【】·•・\-—–－_,，.。、:：;；/]")


class Verdict(StrEnum):
    """What a row of the superior's list is to us."""

    FITS = "相符"
    STANDS = "已登记"
    TWICE = "重复"
    UNKNOWN = "未找到"
    UNREADABLE = "读不懂"


@dataclass(frozen=True)
class Line:
    """One row of the list. ``granted`` in 元. ``application``: what it fits; ``unit``: the organisation of that name, for 补登."""

    number: int
    title: str
    unit_name: str
    granted: Decimal | None
    superior_number: str
    verdict: Verdict
    why: str = ""
    application: Application | None = None
    unit: Unit | None = None

    @property
    def enterable(self) -> bool:
        """Whether it may be registered new (补登): nobody forwarded it here, its organisation is known, its money readable."""
        return self.verdict is Verdict.UNKNOWN and self.unit is not None and self.granted is not None


@dataclass(frozen=True)
class Preview:
    """What registering the list would do: its lines, and what we forwarded that is not on it."""

    lines: list[Line]
    absent: list[Application]
    notes: list[str]

    def having(self, verdict: Verdict) -> list[Line]:
        """The lines of one verdict."""
        return [line for line in self.lines if line.verdict is verdict]

    @property
    def refused(self) -> list[Line]:
        """The lines that stop the whole list: it is corrected and read again."""
        return [line for line in self.lines if line.verdict in (Verdict.TWICE, Verdict.UNREADABLE)]


@dataclass(frozen=True)
class _Read:
    number: int
    title: str
    unit: str
    granted: Decimal | None
    superior_number: str
    problem: str


def preview(call: Call, stream: BinaryIO, filename: str) -> Preview:
    """Read a superior's list and match it with what this call forwarded: exactly first, then without marks and spaces.

    Raises IntakeError when the file is no table or its head lacks title, organisation or amount.
    """
    rows, notes = _rows(stream, filename)
    held = list(
        Application.objects.for_system("上级立项名单")
        .filter(call=call, state__in=[S.FORWARDED, *STANDING])
        .select_related("unit", "region")
    )
    names = _names(held)
    loose: dict[tuple[str, str], list[Application]] = {}
    for row in held:
        for by in {_key(name) for name in names[row.pk]}:
            loose.setdefault((_key(row.title), by), []).append(row)
    units = {unit.name: unit for unit in Unit.objects.filter(name__in={row.unit for row in rows})}
    seen = Counter((_key(row.title), _key(row.unit)) for row in rows if not row.problem)
    lines = [_line(row, names, loose, units, seen) for row in rows]
    found = {line.application.pk for line in lines if line.application is not None}
    absent = [row for row in held if row.state == S.FORWARDED and row.pk not in found]
    return Preview(lines, absent, notes)


def _names(held: list[Application]) -> dict[int, set[str]]:
    """Application → every name its organisation had: a superior writes the name of the letter, after a renaming too. One query."""
    rows = HistoryRow.objects.filter(model=Unit._meta.label, object_pk__in={row.unit_id for row in held})
    known: dict[int, set[str]] = {}
    for pk, data in rows.values_list("object_pk", "data"):
        if data is not None:
            known.setdefault(pk, set()).add(str(data["name"]))
    return {row.pk: {str(row.unit or ""), *known.get(row.unit_id or 0, ())} for row in held}


def _line(
    row: _Read,
    names: dict[int, set[str]],
    loose: dict[tuple[str, str], list[Application]],
    units: dict[str, Unit],
    seen: Counter[tuple[str, str]],
) -> Line:
    key = (_key(row.title), _key(row.unit))
    verdict, why, fitting = Verdict.UNKNOWN, "", None
    if row.problem:
        verdict, why = Verdict.UNREADABLE, row.problem
    elif seen[key] > 1:
        verdict, why = Verdict.TWICE, f"名单里有 {seen[key]} 行是同一个项目"
    else:
        close = loose.get(key, [])
        exact = [held for held in close if held.title == row.title and row.unit in names[held.pk]]
        fitting = next((found[0] for found in (exact, close) if len(found) == 1), None)
        if fitting is None and len(close) > 1:
            verdict, why = Verdict.TWICE, f"本局推荐的有 {len(close)} 项都叫这个名称"
        elif fitting is not None and fitting.state == S.FORWARDED:
            verdict = Verdict.FITS
            why = "" if fitting.title == row.title else f"本局登记的是“{fitting.title}”"
        elif fitting is not None:
            verdict, why = Verdict.STANDS, f"{fitting.number} {fitting.get_state_display()}"
        elif row.unit not in units:
            why = "本局没有推荐，单位名录里也没有这个单位"
        else:
            why = "本局没有推荐，可以补登"
    return Line(
        number=row.number,
        title=row.title,
        unit_name=row.unit,
        granted=row.granted,
        superior_number=row.superior_number,
        verdict=verdict,
        why=why,
        application=fitting,
        unit=units.get(row.unit),
    )


def _rows(stream: BinaryIO, filename: str) -> tuple[list[_Read], list[str]]:
    with open_table(stream, filename, columns=COLUMNS) as table:
        assert table.head is not None
        unit = table.head.unit_of("granted")
        found = []
        for row in table.body():
            cells = table.head.pick(row)
            texts = {name: cells[name].text.strip() for name in cells}
            title, by, money = (texts.get(name, "") for name in ("title", "unit", "granted"))
            if not by and clean_name(title) in ("合计", "总计", "小计", ""):
                continue
            granted, problem = _granted(money, unit)
            if not title or not by:
                problem = "项目名称或承担单位空着"
            for name, most in LONGEST.items():
                if len(texts.get(name, "")) > most:
                    problem = f"{COLUMNS[list(LONGEST).index(name)].name}超过 {most} 字"
            problem = next((cell.problem for cell in cells.values() if cell.problem), "") or problem
            found.append(_Read(row.number, title, by, granted, texts.get("number", ""), problem))
        return found, table.notes


def _granted(text: str, unit: str) -> tuple[Decimal | None, str]:
    if not unit:
        return None, "表里没有写经费的单位，请在表头写“（万元）”或“（元）”"
    try:
        yuan = convert(read_number(text), unit, "元")
    except ValueError as problem:
        return None, f"经费“{text}”不是数：{problem}"
    if yuan <= 0 or yuan != yuan.quantize(Decimal("0.01")):
        return None, f"经费“{text}”{unit}不是到分的正数"
    return yuan, ""


def _key(text: str) -> str:
    """A name without marks and spaces, for the second look."""
    return _MARKS.sub("", clean_name(text)).casefold()


@dataclass(frozen=True)
class Registered:
    """How many were approved, entered new, and marked as not chosen."""

    approved: int
    entered: int
    passed_over: int


def register(
    call: Call,
    seen: Preview,
    actor: Actor,
    *,
    doc_no: str,
    on: date,
    enter: Collection[int] = (),
    pass_over: bool = False,
) -> Registered:
    """Register the list, all or none: what fits is approved, the chosen unknown rows (``enter``: row numbers) are entered new,
    and with ``pass_over`` what we forwarded and the list does not name is marked as not chosen.

    Raises NotYourTurn, MoveRefused.
    """
    if not actor.can(Can.HANDLE_PROGRAMMES):
        raise NotYourTurn(f"{actor.name} 不能登记上级立项。请由业务科室办理。")
    if not doc_no.strip():
        raise MoveRefused("立项文号没有填。请照上级文件填写。")
    if seen.refused:
        rows = "、".join(str(line.number) for line in seen.refused[:10])
        raise MoveRefused(f"第 {rows} 行重复或读不懂。改好名单再传，现在一项也没有登记。")
    unknown = [line for line in seen.lines if line.number in set(enter)]
    if bad := [line for line in unknown if not line.enterable]:
        raise MoveRefused(f"第 {bad[0].number} 行不能补登：{bad[0].why}。")
    fitting = seen.having(Verdict.FITS)
    if not fitting and not unknown and not (pass_over and seen.absent):
        raise MoveRefused("这份名单没有可登记的项目。")
    doc_no = doc_no.strip()[:100]
    with writing(actor, f"登记上级立项 {call} {doc_no}"):
        # Two clerks who register the same list go one after the other: nothing is entered twice.
        Call._base_manager.select_for_update().get(pk=call.pk)
        for line in fitting:
            given = {"doc_no": doc_no, "on": on, "granted": line.granted, "number": line.superior_number}
            advance(_held(line.application), "approve_above", actor, given=given)
        for line in unknown:
            _enter(call, line, doc_no, on)
        absent = seen.absent if pass_over else []
        for row in absent:
            advance(row, "refuse_above", actor, note=f"未列入 {doc_no}")
    return Registered(len(fitting), len(unknown), len(absent))


def _held(application: Application | None) -> Application:
    assert application is not None
    return application


def _enter(call: Call, line: Line, doc_no: str, on: date) -> None:
    """补登: a project of the superior's that did not go through this house."""
    assert line.unit is not None
    held = Application.objects.for_system("补登").filter(call=call, title=line.title, unit=line.unit)
    if held.filter(state__in=[S.FORWARDED, *STANDING]).exists():
        raise MoveRefused(f"第 {line.number} 行“{line.title}”已经登记了。请重新打开名单再看。")
    Application(
        call=call,
        number=next_number("XM", call.year),
        title=line.title,
        year=call.year,
        level=call.level,
        field=call.field,
        unit=line.unit,
        region_id=line.unit.region_id,
        granted=line.granted,
        superior_number=line.superior_number,
        decided_doc=doc_no,
        approved_on=on,
        counts_on=on,
        state=S.APPROVED,
        source=f"上级立项文件补登 {doc_no}"[:200],
    ).save()
