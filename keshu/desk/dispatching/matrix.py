"""The dispatch matrix as HTML: built as strings, because a table of provinces has hundreds of cells.

Every text that comes from data passes through ``escape``; what is made here is markup and numbers.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from keshu.desk.dispatching import heads
from keshu.desk.dispatching.asking import door
from keshu.desk.dispatching.faces import Face, amount_text, called, need_text, not_single, reason
from keshu.desk.dispatching.sheet import Sheet
from keshu.desk.templatetags.keshu_ui import bar, fig, lamp, move, spark
from keshu.directory.models import Region
from keshu.figures.arithmetic.change import Change, change
from keshu.figures.arithmetic.ranking import mean
from keshu.figures.dispatch import Row
from keshu.figures.supposing import needed_for_next
from keshu.reports.heading import total_note
from keshu.terms.quantity import show_change, show_number

HUNDRED = Decimal(100)
RING = (
    '<span class="ks-lamp none"><svg viewBox="0 0 12 12" aria-hidden="true" focusable="false"><circle cx="6" cy="6" r="4.4" '
    'fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2 1.6"/></svg>'
)
MEAN = {"province": "省份均值", "city": "市州均值", "county": "县区均值", "town": "乡镇均值"}


def render(sheet: Sheet) -> SafeString:
    """``thead`` and ``tbody`` of the matrix."""
    return mark_safe(f"<thead>{heads.rows(sheet)}</thead><tbody>{''.join(body(sheet))}</tbody>")


# ---- rows -------------------------------------------------------------------------------------------------


def body(sheet: Sheet) -> Iterator[str]:
    """Ranked regions (in their classes), the parts beside them, the mean, the whole."""
    group = None
    for region in sheet.ranked:
        if sheet.asked.group and region.group != group:
            group = region.group
            yield _section(sheet, group)
        yield _line(sheet, region)
    for region in sheet.beside:
        yield _line(sheet, region)
    yield _mean(sheet)
    yield _whole(sheet)


def _section(sheet: Sheet, group: str) -> str:
    face = sheet.face
    members = [row for row in face.rows.values() if row.region.is_ranked and row.region.group == group]
    middle = mean(row.value for row in members)
    leader = next((called(row.region) for row in members if row.class_rank == 1), "")
    words = f"{escape(group or '未分类')} <span class='quiet'>共 {len(members)}"
    if middle is not None:
        words += f"，{escape(face.indicator.short_name)}均值 {face.text(middle)}，第 1 位 {escape(leader)}"
    span = len(sheet.columns) + 6
    return f'<tr class="section"><th class="place" scope="rowgroup" colspan="{span}">{words}</span></th></tr>'


def _line(sheet: Sheet, region: Region) -> str:
    whole = sheet.opens(region.pk)
    name = escape(called(region))
    if whole and region.is_ranked:
        query = sheet.asked.query(
            region=region.code,
            open="",
            sort="value",
            dir="",
            lamp="",
            group="",
            view="table",
            whatif="",
            diff="",
        )
        href = escape(door("desk:county", query))
        name = f'<a href="{href}">{name}</a>'
    cells = []
    for number, face in enumerate(sheet.columns):
        row = face.rows[region.pk]
        if number == sheet.opened:
            cells.append(_open_cells(sheet, face, row) if whole else _open_masked(face, row))
        else:
            cells.append(
                f'<td class="group col-more">{_closed(sheet, face, row) if whole else _closed_masked(face, row)}</td>'
            )
    return f'<tr><th class="place" scope="row">{name}</th>{"".join(cells)}</tr>'


def _figure(sheet: Sheet, face: Face, row: Row, text: str, classes: str = "") -> str:
    if not sheet.opens(row.region.pk):
        return f'<span class="{classes}">{text}</span>' if classes else text
    page, card = sheet.doors.figure(
        face.indicator.code, row.region.code, row.figure.period.code, _level(sheet, row)
    )
    return fig(text, page, card, classes)


def _level(sheet: Sheet, row: Row) -> str:
    """A whole opens to its parts, so the trace must know their level."""
    return sheet.table.level if row.region.pk == sheet.table.parent.pk else ""


def place_text(sheet: Sheet, face: Face, row: Row) -> str:
    """The place as shown in a cell: in its class where the table is grouped."""
    if not row.region.is_ranked:
        return "不排位"
    place = row.class_rank if sheet.asked.group and row.class_rank is not None else row.rank
    if place is None:
        return ""
    tied = "并列 " if row.tied and not sheet.asked.group else ""
    return f"{tied}{place}"


def _closed(sheet: Sheet, face: Face, row: Row) -> str:
    if not_single(row):
        return '<div class="quiet num">不单列</div>'
    if face.shows_amount(row):
        text, unit = amount_text(_numerator(row), face.numerator)
        return (
            f'<div class="ks-cell amount"><span class="v">{_figure(sheet, face, row, text)}<small>{unit}</small></span>'
            '<span class="r">不排位</span></div>'
        )
    if row.value is None:
        return _missing(sheet, face, row)
    turn = move(row.rank_change) if not sheet.asked.group else ""
    place = f'<span class="r">{place_text(sheet, face, row)} {turn}</span>'
    value = f'<span class="v">{_figure(sheet, face, row, face.text(row.value))}</span>'
    if face.fixed:
        return f'<div class="ks-cell fixed">{_reached(row)}{value}{place}{_also(face, row)}</div>'
    drawn = bar(_hundred(row.completion), _hundred(row.progress), row.lamp) if row.target is not None else ""
    return f'<div class="ks-cell">{lamp(row.lamp, word=False) or "<span></span>"}{value}{place}{drawn}</div>'


def _reached(row: Row) -> str:
    if row.met is None:
        return '<span class="reached"></span>'
    return '<span class="reached">已达</span>' if row.met else '<span class="reached no">未达</span>'


def _also(face: Face, row: Row) -> str:
    """Under a fixed figure: its first leading figure with its lamp, else its target."""
    if face.lead is None:
        return f'<span class="also">目标 {face.target(row)}</span>' if row.target is not None else ""
    lead = face.lead.rows.get(row.region.pk, face.lead.column.total_row)
    if lead is None or not_single(lead):
        return ""
    if lead.value is None:
        return f'<span class="also">先行{escape(reason(lead)[0])}</span>'
    unit = "%" if face.lead.unit == "%" else f" {escape(face.lead.unit)}"
    return f'<span class="also">{lamp(lead.lamp, word=False)} {face.lead.text(lead.value)}{unit}</span>'


def _missing(sheet: Sheet, face: Face, row: Row) -> str:
    """Shape, reason, and a way to what happens next."""
    word, detail = reason(row)
    page, _ = sheet.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
    words = f"{escape(detail)}" if detail else "看缺什么"
    link = f'<a href="{escape(page)}">{words}</a>' if sheet.opens(row.region.pk) else ""
    amount = face.amount_held(row)
    also = f'<span class="also">{escape(amount)}</span>' if amount else ""
    return f'<div class="ks-miss num">{RING}{escape(word)}</span>{link}{also}</div>'


def _closed_masked(face: Face, row: Row) -> str:
    """A county that only shows value and place."""
    if not_single(row):
        return '<div class="quiet num">不单列</div>'
    if face.shows_amount(row):
        return f'<div class="num">{_bare(face, row)}</div>'
    if row.value is None:
        return f'<div class="ks-miss num">{RING}{escape(reason(row)[0])}</span></div>'
    kind = " fixed" if face.fixed else ""
    return f'<div class="ks-cell{kind}"><span></span><span class="v">{face.text(row.value)}</span><span class="r">{_place(row)}</span></div>'


def _open_masked(face: Face, row: Row) -> str:
    if not_single(row):
        return '<td class="on group num quiet">不单列</td><td class="on" colspan="5"></td>'
    value = f'<b class="big">{face.text(row.value)}</b>' if row.value is not None else _bare(face, row)
    place = _place(row) if row.region.is_ranked else '<span class="quiet">不排位</span>'
    return (
        f'<td class="on group num">{value}</td><td class="on"></td><td class="on num"><b>{place}</b></td>'
        '<td class="on"></td><td class="on"></td><td class="on"></td>'
    )


def _bare(face: Face, row: Row) -> str:
    """A masked cell without a ratio: the amount of a part without denominator, or why there is nothing."""
    if face.shows_amount(row):
        text, unit = amount_text(_numerator(row), face.numerator)
        return f'<span class="two"><b>{text}</b><br><span class="unit">{escape(unit)}</span></span>'
    return f'<span class="quiet">{escape(reason(row)[0])}</span>'


def _place(row: Row) -> str:
    if not row.region.is_ranked:
        return "不排位"
    return "" if row.rank is None else f"{'并列 ' if row.tied else ''}{row.rank}"


def _open_cells(sheet: Sheet, face: Face, row: Row) -> str:
    if not_single(row):
        return '<td class="on group num quiet">不单列</td><td class="on" colspan="5"></td>'
    curve = spark(sheet.curves.get(row.region.pk, ()))
    if face.shows_amount(row):
        return _amount_cells(sheet, face, row, curve)
    if row.value is None:
        cell = f'<td class="on group" colspan="3">{_missing(sheet, face, row)}</td>'
        return f'{cell}<td class="on">{curve}</td><td class="on"></td><td class="on"></td>'
    value = _figure(sheet, face, row, face.text(row.value), "big")
    return (
        f'<td class="on group num">{value}</td><td class="on">{_barpair(face, row)}</td>'
        f'<td class="on num">{_open_place(sheet, row)}</td><td class="on">{curve}</td>'
        f'<td class="on num">{_compared(sheet, face, row)}</td><td class="on num">{_to_next(face, row)}</td>'
    )


def _open_place(sheet: Sheet, row: Row) -> str:
    if not row.region.is_ranked:
        return '<span class="quiet">不排位</span>'
    if sheet.asked.group and row.class_rank is not None:
        return f'<b>{row.class_rank}</b> <small class="quiet">共 {row.class_of}，全部 {row.rank}</small>'
    tied = "并列 " if row.tied else ""
    return f"<b>{tied}{row.rank}</b> {move(row.rank_change)}"


def _barpair(face: Face, row: Row) -> str:
    if not face.aimed:
        return f'<div class="num">{signed(face, row.gap_to_mean)}</div>'
    if row.target is None:
        return '<div class="num quiet">无目标</div>'
    target = f'<span class="unit">{face.target(row)}</span>'
    if face.fixed:
        word = "" if row.met is None else "已达" if row.met else "<b>未达</b>"
        return f'<div class="num">{word}<br>{target}</div>'
    done = f"{show_number(row.completion * HUNDRED, 1)}%" if row.completion is not None else ""
    return (
        f'<div class="ks-barpair"><span class="num">{done}<br>{target}</span>'
        f"<span>{lamp(row.lamp)}{bar(_hundred(row.completion), _hundred(row.progress), row.lamp)}</span></div>"
    )


def _compared(sheet: Sheet, face: Face, row: Row) -> str:
    if sheet.asked.compare == "mean":
        return signed(face, row.gap_to_mean)
    if sheet.asked.compare == "whole":
        return signed(face, row.gap_to_parent)
    if face.indicator.change_as_growth:
        return ""
    text = face.moved(row.change)
    if row.change.value is None:
        return f'<span class="quiet small">{escape(text)}</span>'
    return (
        f'{text}<sup title="两端取自不同的发布">*</sup>' if row.mixes and sheet.table.scheme.annual else text
    )


def signed(face: Face, gap: Decimal | None) -> str:
    """A distance with its sign in the column's unit; "" where there is none."""
    if gap is None:
        return ""
    if face.unit == face.indicator.unit or face.indicator.change_as_growth:
        return show_change(gap, face.places)
    return f"{'+' if gap > 0 else '−' if gap < 0 else '±'}{face.text(abs(gap))}"


def _to_next(face: Face, row: Row) -> str:
    """The distance to the next place, and the numerator that is missing to it."""
    if not row.region.is_ranked or row.rank is None:
        return ""
    if row.gap_to_next is None:
        return '<span class="quiet">居首</span>' if row.rank == 1 else ""
    gap = (
        face.text(row.gap_to_next)
        if not face.indicator.change_as_growth
        else show_number(row.gap_to_next, face.places)
    )
    missing = needed_for_next(row) if row.figure.is_ratio else None
    if missing is None or face.fixed:
        return gap
    text, unit = need_text(missing, face.numerator)
    return f'<span class="two">{gap}<br><span class="unit">{text} {escape(unit)}</span></span>'


def _amount_cells(sheet: Sheet, face: Face, row: Row, curve: str) -> str:
    """A part without denominator: its amount, and the growth of it."""
    text, unit = amount_text(_numerator(row), face.numerator)
    moved = change(row.figure.numerator.value, row.previous.numerator.value, False)
    return (
        f'<td class="on group num"><span class="two"><b>{_figure(sheet, face, row, text)}</b><br><span class="unit">{escape(unit)}</span></span></td>'
        f'<td class="on">{_amount_bar(face, row)}</td><td class="on num"><span class="quiet">不排位</span></td>'
        f'<td class="on">{curve}</td>'
        f'<td class="on num">{_growth(moved)}</td><td class="on num"><span class="quiet">没有分母，看额</span></td>'
    )


def _amount_bar(face: Face, row: Row) -> str:
    """Completion of an amount against a target of that amount; nothing where none was set."""
    if row.amount is None or row.target is None or row.completion is None:
        return ""
    text, unit = amount_text(row.target.low, face.numerator)
    done = f"{show_number(row.completion * HUNDRED, 1)}%"
    return (
        f'<div class="ks-barpair"><span class="num">{done}<br><span class="unit">{text} {escape(unit)}</span></span>'
        f"<span>{lamp(row.lamp)}{bar(_hundred(row.completion), _hundred(row.progress), row.lamp)}</span></div>"
    )


def _growth(moved: Change) -> str:
    if moved.value is None:
        return f'<span class="quiet small">{escape(moved.reason or "")}</span>'
    return f"{show_change(moved.value, 1)}%"


def _numerator(row: Row) -> Decimal:
    assert row.figure.numerator.value is not None
    return row.figure.numerator.value


def _hundred(share: Decimal | None) -> Decimal | None:
    return None if share is None else share * HUNDRED


# ---- sums -------------------------------------------------------------------------------------------------


def _mean(sheet: Sheet) -> str:
    cells = []
    for number, face in enumerate(sheet.columns):
        mean = face.column.mean
        text = face.text(mean) if mean is not None else ""
        if number == sheet.opened:
            note = f"{face.column.of} 个{heads.PLACE[sheet.table.level]}简单平均，只用于比较" if text else ""
            if any(not region.is_ranked for region in sheet.table.regions):
                note += "，不含市本级和功能区" if note else ""
            missing = len(face.column.missing)
            if text and missing:
                note += f"；缺 {missing} 个"
            cells.append(
                f'<td class="on group num">{text}</td><td class="on quiet small" colspan="5">{note}</td>'
            )
        else:
            cells.append(
                f'<td class="group col-more"><div class="ks-cell{" fixed" if face.fixed else ""}"><span></span><span class="v">{text}</span></div></td>'
            )
    return f'<tr class="sum sum-first"><th class="place" scope="row">{MEAN[sheet.table.level]}</th>{"".join(cells)}</tr>'


def _whole(sheet: Sheet) -> str:
    cells = []
    for number, face in enumerate(sheet.columns):
        row = face.column.total_row
        if number == sheet.opened:
            cells.append(_whole_open(sheet, face, row))
            continue
        note = _left_out(face)
        if row is None or row.value is None:
            cells.append(
                f'<td class="group col-more"><div class="num quiet">{escape(reason(row)[0]) if row else ""}</div></td>'
            )
            continue
        lead = _also(face, row).replace('class="also">', 'class="also">先行 ', 1) if face.lead else ""
        extra = lead or (f'<span class="also">{escape(note)}</span>' if note else "")
        cells.append(
            f'<td class="group col-more"><div class="ks-cell{" fixed" if face.fixed else ""}"><span></span>'
            f'<span class="v">{_figure(sheet, face, row, face.text(row.value))}</span><span class="r"></span>{extra}</div></td>'
        )
    return (
        f'<tr class="sum"><th class="place" scope="row">{heads.whole_name(sheet)}</th>{"".join(cells)}</tr>'
    )


def _left_out(face: Face) -> str:
    """What the figure of the whole leaves out; nothing where it is the published figure of the whole."""
    note = total_note(face.column)
    return "，".join(part for part in note.split("，") if part.startswith("未含"))


def _whole_open(sheet: Sheet, face: Face, row: Row | None) -> str:
    if row is None or row.value is None:
        word = escape(reason(row)[0]) if row else ""
        return f'<td class="on group num quiet">{word}</td><td class="on" colspan="5"></td>'
    note = "，".join(part for part in total_note(face.column).split("，") if part[:1] in "含未本")
    compared = _compared(sheet, face, row) if sheet.asked.compare == "year" else ""
    return (
        f'<td class="on group num">{_figure(sheet, face, row, face.text(row.value), "big")}</td>'
        f'<td class="on">{_barpair(face, row) if row.target is not None else ""}</td>'
        f'<td class="on num"></td><td class="on">{spark(sheet.curves.get(row.region.pk, ()))}</td>'
        f'<td class="on num">{compared}</td><td class="on quiet small wraps">{escape(note)}</td>'
    )
