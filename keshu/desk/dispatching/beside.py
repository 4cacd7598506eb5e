"""What stands beside the matrix: the 先行 table, the list for a phone, the legend with its footnotes."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from keshu.desk.dispatching.faces import Face, amount_text, called, no_items, not_single, reason
from keshu.desk.dispatching.heads import whole_name
from keshu.desk.dispatching.matrix import HUNDRED, MEAN, RING, place_text
from keshu.desk.dispatching.sheet import Sheet
from keshu.desk.templatetags.keshu_ui import bar, fig, lamp, move
from keshu.figures.dispatch import Row
from keshu.reports.heading import inside_note
from keshu.rules.lamps import Lamp
from keshu.terms.quantity import show_number

# ---- 先行 -------------------------------------------------------------------------------------------------


def leading_table(sheet: Sheet) -> SafeString:
    """Regions as columns: what can still be moved this year, dated. Empty where the scheme has no leading indicators."""
    if not sheet.leading:
        return SafeString("")
    ranked = sorted(sheet.ranked, key=lambda region: region.order)
    heads = "".join(f'<th class="num" scope="col">{escape(called(region))}</th>' for region in ranked)
    parts = [r for r in sheet.beside if any(not not_single(face.rows[r.pk]) for face in sheet.leading)]
    beside = "".join(f'<th class="num group" scope="col">{escape(called(region))}</th>' for region in parts)
    rows = []
    for face in sheet.leading:
        total = face.column.total_row
        first = (
            f'<td class="num group">{_leading_cell(sheet, face, total)}</td>'
            if total is not None
            else '<td class="group"></td>'
        )
        cells = "".join(
            f'<td class="num">{_leading_cell(sheet, face, face.rows[region.pk])}</td>' for region in ranked
        )
        tail = "".join(
            f'<td class="num group">{_leading_cell(sheet, face, face.rows[region.pk])}</td>'
            for region in parts
        )
        leads = (
            sheet.table.reader.book.indicators.get(face.column.item.leads_id) if sheet.table.reader else None
        )  # type: ignore[arg-type]
        rows.append(
            f'<tr><th scope="row">{escape(face.indicator.short_name)} <span class="unit">{_leading_unit(face)}</span></th>'
            f'<td class="soft">{escape(leads.short_name) if leads else ""}</td><td class="soft">{escape(_reaches(face))}</td>{first}{cells}{tail}</tr>'
        )
    return mark_safe(
        '<thead><tr><th scope="col">先行指标</th><th scope="col">对着</th><th scope="col">数据到</th>'
        f'<th class="num group" scope="col">{whole_name(sheet)}</th>{heads}{beside}</tr></thead><tbody>{"".join(rows)}</tbody>'
    )


def _reaches(face: Face) -> str:
    """How far the data reach: as the scheme says, else the period of the figure."""
    if face.column.item.reference:
        return face.column.item.reference
    period = face.column.period
    return f"{period.end.month}月末" if face.indicator.period_rule == "stock" else period.short_label


def _leading_unit(face: Face) -> str:
    if face.indicator.change_as_growth:
        return "同比 %"
    if face.counted():
        sample = next(iter(face.rows.values()))
        measure = sample.figure.numerator.parts[0][0]
        return escape(
            f"{face.indicator.numerator_label} / {face.indicator.denominator_label} {measure.shown_unit}"
        )
    return escape(face.unit)


def _leading_cell(sheet: Sheet, face: Face, row: Row) -> str:
    if not_single(row):
        return '<span class="quiet">不单列</span>'
    text = _leading_text(face, row)
    opens = sheet.opens(row.region.pk)
    if not text:
        word, _ = reason(row)
        if nothing_due := no_items(face, row):
            return f'<span class="quiet">{escape(nothing_due)}</span>'
        return f'<span class="ks-miss">{RING}{escape(word)}</span></span>'
    if not opens:
        return text
    level = sheet.table.level if row.region.pk == sheet.table.parent.pk else ""
    page, card = sheet.doors.figure(face.indicator.code, row.region.code, row.figure.period.code, level)
    lit = lamp(row.lamp, word=False) if row.region.pk != sheet.table.parent.pk else ""
    return f"{lit}{fig(text, page, card)}"


def _leading_text(face: Face, row: Row) -> str:
    figure = row.figure
    if face.counted() and figure.denominator is not None and figure.value is not None:
        above, below = figure.numerator.value, figure.denominator.value
        return f"{show_number(above, 0)} / {show_number(below, 0)}"  # type: ignore[arg-type]
    return face.text(row.value) if row.value is not None else ""


# ---- phone ------------------------------------------------------------------------------------------------


def places(sheet: Sheet) -> SafeString:
    """One region per line: place, name, lamp, value, bar."""
    return mark_safe("".join(_phone_line(sheet, region.pk) for region in (*sheet.ranked, *sheet.beside)))


def _phone_line(sheet: Sheet, region_id: int) -> str:
    face = sheet.face
    row = face.rows[region_id]
    whole = sheet.opens(region_id)
    place = place_text(sheet, face, row)
    turn = move(row.rank_change) if whole and not sheet.asked.group else ""
    rank = (
        f'<span class="rk">{place}{turn}</span>'
        if row.rank
        else f'<span class="rk none">{place or "缺"}</span>'
    )
    lit = lamp(row.lamp) if whole and row.lamp is not None and row.value is not None else ""
    name = f"<span>{escape(called(row.region))} {lit}</span>"
    page, card = sheet.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
    if face.shows_amount(row):
        text, unit = amount_text(row.figure.numerator.value, face.numerator)  # type: ignore[arg-type]
    elif row.value is not None:
        text, unit = face.text(row.value), face.unit
    else:
        word = "不单列" if not_single(row) else reason(row)[0]
        return f'<li>{rank}{name}<span class="ks-miss">{RING}{escape(word)}</span></span></li>'
    value = fig(text, page, card) if whole else text
    done = ""
    if whole and face.fixed and row.met is not None:
        done = f'<span class="sub"><span></span><span class="nowrap">{"已达" if row.met else "未达"} 目标 {face.target(row)}</span></span>'
    elif whole and row.completion is not None:
        drawn = bar(
            row.completion * HUNDRED, None if row.progress is None else row.progress * HUNDRED, row.lamp
        )
        done = f'<span class="sub">{drawn}<span class="nowrap">完成 {show_number(row.completion * HUNDRED, 1)}%</span></span>'
    return (
        f'<li>{rank}{name}<span class="v">{value} <span class="unit">{escape(unit)}</span></span>{done}</li>'
    )


# ---- legend -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A lamp of the rule in the legend."""

    lamp: Lamp
    note: str


def legend(sheet: Sheet) -> dict[str, object]:
    """Lamps of the rule in their words, the tick, the moves."""
    return {
        "lamps": _lamps(sheet),
        "tick": "竖线 = 应到进度" if sheet.lit else "",
        "moves": "比去年同期位次" if not sheet.asked.group else "",
        "notes": notes(sheet),
    }


def _lamps(sheet: Sheet) -> list[Shown]:
    rule = sheet.table.lamp_rule
    if rule is None or not sheet.lit:
        return []
    found = []
    worse: dict[str, object] | None = None
    for band in rule.data.get("bands", []):
        lit = Lamp(band["level"], band["word"], band["shape"], band["colour"], "")
        clause = next(iter(band.get("when") or []), None)
        found.insert(0, Shown(lit, _said(clause, worse)))
        worse = clause
    missing = rule.data.get("missing")
    if missing:
        found.append(
            Shown(
                Lamp(missing["level"], missing["word"], missing["shape"], missing["colour"], ""),
                "不排位、不当 0",
            )
        )
    return found


#: condition → (what is compared, in words; whether it is an upper limit)
LIMITS = {"pace_below": "应到的", "completion_below": "目标的"}


def _said(clause: dict[str, object] | None, worse: dict[str, object] | None) -> str:
    """What a band stands for in short, from its own limit and that of the band below it: 应到的 90%—100%.

    Only limits of one kind can be read together; anything else is left to the rule itself.
    """
    for name, what in LIMITS.items():
        upper = _percent(clause[name]) if clause and set(clause) == {name} else ""
        lower = _percent(worse[name]) if worse and set(worse) == {name} else ""
        if upper and lower:
            return f"{what} {lower}—{upper}"
        if upper and worse is None:
            return f"不到{what} {upper}"
        if lower and clause is None:
            return f"达到{what} {lower}"
    return ""


def _percent(value: object) -> str:
    return f"{show_number(HUNDRED * Decimal(str(value)), 1).removesuffix('.0')}%"


def notes(sheet: Sheet) -> list[str]:
    """Footnotes: from which releases both ends of a change come, what a plan says, what is masked."""
    found = []
    if sheet.table.scheme.annual:
        found.append(ends(sheet))
    face = sheet.face
    if face.column.plan is not None and face.column.progress is not None:
        due = show_number(face.column.progress * HUNDRED, 1)
        found.append(f"{face.indicator.short_name}的竖线按{face.column.plan.name} {due}%")
    found.append(inside_note(sheet.table))
    if sheet.sight.value_and_rank:
        found.append("别的地区只公布数值和位次")
    if sheet.sight.said:
        found.append(sheet.sight.said)
    return [note for note in found if note]


def ends(sheet: Sheet) -> str:
    """Which releases the two ends of the open column's change come from; says when they mix, and names those of the whole where it
    has a published figure of its own: 2023's +0.09 rests on the revised 2022, +0.11 on the first one.
    """
    face, reader = sheet.face, sheet.table.reader
    assert reader is not None
    now, before, mixed = set(), set(), 0
    for row in face.rows.values():
        now |= row.figure.numerator.releases
        before |= row.previous.numerator.releases
        mixed += bool(row.mixes)
    if not now or not before:
        return ""
    period, earlier = face.column.period, face.column.period.previous_year()
    said = f"同比两端：{period.label}取自{_names(reader, now)}；{earlier.label}取自{_names(reader, before)}"
    if mixed:
        said += f"；其中 {mixed} 个地区两端取自不同的发布，标 *"
    whole = face.column.total_row
    if whole is not None and whole.change.value is not None:
        own, own_before = whole.figure.numerator.releases, whole.previous.numerator.releases
        if own and own_before and not (own <= now and own_before <= before):
            said += (
                f"；{whole_name(sheet)}的{period.label}取自{_names(reader, own)}，"
                f"{earlier.label}取自{_names(reader, own_before)}"
            )
    return said


def _names(reader, releases) -> str:  # type: ignore[no-untyped-def]
    names = sorted({str(reader.release(pk)) for pk in releases})
    return "、".join(f"《{name}》" for name in names[:2]) + (
        f"等 {len(names)} 个发布" if len(names) > 2 else ""
    )


def mean_name(sheet: Sheet) -> str:
    """县区均值, 省份均值 …"""
    return MEAN[sheet.table.level]
