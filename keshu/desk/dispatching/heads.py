"""The heads of the matrix as HTML: names and periods, what stands in the cells, sorting as links."""

from django.utils.html import escape

from keshu.desk.dispatching.asking import door
from keshu.desk.dispatching.faces import Face
from keshu.desk.dispatching.sheet import Sheet, direction
from keshu.desk.templatetags.keshu_ui import sort_mark
from keshu.figures.arithmetic.change import PERCENT, POINTS

COMPARED = {"year": "同比", "mean": "距均值"}
PLACE = {"province": "省（区、市）", "city": "市（州）", "county": "县（市、区）", "town": "乡（镇、街道）"}


def whole_name(sheet: Sheet) -> str:
    """全市, 全国, 全县: what the last row is called."""
    return {"nation": "全国", "province": "全省", "city": "全市", "county": "全县"}.get(
        sheet.table.parent.level, "合计"
    )


def rows(sheet: Sheet) -> str:
    """Two rows: names and periods, then what stands in the cells."""
    upper = [
        f'<th class="place" rowspan="2" scope="col"{_sorted(sheet, "region")}>{_sort(sheet, "region", PLACE[sheet.table.level])}</th>'
    ]
    lower = []
    for number, face in enumerate(sheet.columns):
        if number == sheet.opened:
            upper.append(_open_head(sheet, face))
            lower.append(_open_subheads(sheet, face))
        else:
            upper.append(_closed_head(sheet, face))
            lower.append(f'<th class="num group col-more" scope="col">{_closed_words(face)}</th>')
    return f"<tr>{''.join(upper)}</tr><tr>{''.join(lower)}</tr>"


def _period_words(sheet: Sheet, face: Face) -> str:
    period = face.column.period
    if face.fixed and not sheet.table.scheme.annual:
        return f"{period.label} <b>已定</b>"
    if period.kind == "year":
        return period.label
    if face.indicator.period_rule == "stock":
        return f"{period.end.month}月末"
    return escape(period.short_label)


def _closed_head(sheet: Sheet, face: Face) -> str:
    href = escape(sheet.asked.address(open=face.named.code, sort="value", dir=""))
    name = face.named.short_name if not face.instead else face.indicator.short_name
    return (
        f'<th class="num group col-more" scope="col"><a id="col-{face.named.code}" href="{href}" hx-get="{href}" data-column '
        f'aria-expanded="false">{escape(name)}</a><small>{_period_words(sheet, face)} · {escape(face.unit)}</small></th>'
    )


def _closed_words(face: Face) -> str:
    if face.fixed and face.lead:
        growth = "同比" if face.lead.indicator.change_as_growth else ""
        return f"先行：{escape(face.lead.indicator.short_name)}{growth}"
    return "数值 · 位次 · 目标" if face.fixed and face.aimed else "数值 · 位次"


def _open_head(sheet: Sheet, face: Face) -> str:
    indicator = face.indicator
    label = f" · {escape(indicator.definition_label)}" if indicator.definition_label else ""
    stands = f"，没有分母，代替{escape(face.instead.short_name)}" if face.instead else ""
    href = door("desk:indicator", sheet.asked.query(name=indicator.code, whatif="", diff="", view="table"))
    code = face.named.code
    return (
        f'<th class="on group" colspan="6" scope="colgroup"><a id="col-{code}" href="{escape(href)}" data-column '
        f'aria-expanded="true" title="看这个指标的走势和差距">{escape(indicator.name)}</a> <span class="unit">{escape(face.unit)}</span>'
        f" <small>{_period_words(sheet, face)}{label}{stands}</small></th>"
    )


def _open_subheads(sheet: Sheet, face: Face) -> str:
    fixed = "距均值" if not face.aimed else "达否 · 目标" if face.fixed else "完成率 · 目标"
    spark_words = "近12年" if face.column.period.kind == "year" else "近12月"
    return (
        f'<th class="on group num" scope="col"{_sorted(sheet, "value")}>{_sort(sheet, "value", "数值", "s")}</th>'
        f'<th class="on num" scope="col"{_sorted(sheet, "completion")}>{_sort(sheet, "completion", fixed)}</th>'
        f'<th class="on num" scope="col"{_sorted(sheet, "rank")}>{_sort(sheet, "rank", "位次")}</th>'
        f'<th class="on" scope="col">{spark_words}</th>'
        f'<th class="on num" scope="col"{_sorted(sheet, "change")}>'
        f"{_sort(sheet, 'change', f'{_compared_words(sheet)}（{escape(_compared_unit(sheet, face))}）')}</th>"
        '<th class="on num" scope="col">距上一位</th>'
    )


def _compared_words(sheet: Sheet) -> str:
    return COMPARED.get(sheet.asked.compare) or f"距{whole_name(sheet)}"


def _compared_unit(sheet: Sheet, face: Face) -> str:
    if sheet.asked.compare == "year" or face.indicator.change_as_growth:
        return face.moved_unit
    return POINTS if face.unit == PERCENT else face.unit


def _sorted(sheet: Sheet, key: str) -> str:
    if sheet.asked.sort != key:
        return ""
    return ' aria-sort="descending"' if direction(sheet) == "desc" else ' aria-sort="ascending"'


def _sort(sheet: Sheet, key: str, words: str, shortcut: str = "") -> str:
    on = sheet.asked.sort == key
    turned = ("asc" if direction(sheet) == "desc" else "desc") if on else ""
    href = escape(sheet.asked.address(sort=key, dir=turned))
    pressed = f' data-key="{shortcut}" data-key-label="换排序"' if shortcut else ""
    mark = (
        sort_mark(("descending" if direction(sheet) == "desc" else "ascending") if on else None) if on else ""
    )
    return f'<a class="ks-sort" id="sort-{key}" href="{href}" hx-get="{href}"{pressed}>{words}{mark}</a>'
