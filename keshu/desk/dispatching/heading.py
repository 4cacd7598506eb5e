"""The top of a dispatch page: 时点条, filters, the acts at the right, all as links."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from keshu.desk.dispatching.asking import Asked, at, door
from keshu.desk.dispatching.sheet import Sheet
from keshu.directory.actors import Actor, Can
from keshu.figures.supposing import may_suppose
from keshu.reports.heading import VINTAGES
from keshu.reports.wording import minute_words, share
from keshu.terms import clock

MENU_PERIODS = 24
SORTS = {"value": "数值", "rank": "位次", "completion": "完成率", "change": "变化", "region": "地区顺序"}
COMPARES = {"year": "去年同期", "mean": "均值", "whole": "合计"}
LEVELS = {"late": "滞后", "slow": "偏慢", "near": "临近", "ok": "正常", "none": "缺数"}


def asof(sheet: Sheet) -> list[dict[str, Any]]:
    """Period, 序时进度, as-of, lamp rule, 已报 n/m, how many are 已定, vintage, the fixed day of a demonstration."""
    table = sheet.table
    items: list[dict[str, Any]] = [{"value": table.period.label}]
    if table.period.kind != "year":
        items.append({"label": "序时进度", "value": share(table.period.elapsed_share())})
    items.append({"label": "数据截至", "value": minute_words(table.as_of)})
    current = sheet.current
    if table.lamp_rule is not None and sheet.lit:
        rule = table.lamp_rule
        items.append(
            {"label": "亮灯规则", "value": rule.name, "note": rule.doc_no or rule.source_mark, "wide": True}
        )
    if current:
        held = sum(1 for row in current if row.value is not None)
        items.append({"label": "已报", "value": str(held), "note": f"/ {len(current)}", "wide": True})
    fixed = [face for face in sheet.columns if face.fixed]
    if fixed and not table.scheme.annual:
        years = "、".join(sorted({face.column.period.label for face in fixed}))
        items.append(
            {"label": f"{years}已定", "value": str(len(fixed)), "note": "项，不套序时", "wide": True}
        )
    if table.vintage != "latest":
        items.append({"label": "取数", "value": VINTAGES[table.vintage]})
    day = clock.fixed_day()
    if day is not None:
        items.append({"label": "演示，今天定为", "value": day.isoformat(), "demo": True})
    return items


def filters(sheet: Sheet) -> list[dict[str, Any]]:
    """The chips: 方案, 期间, 比较, 分组, 灯, 取数, 时点. Each option is a link."""
    asked = sheet.asked

    def chip(label: str, field: str, options: dict[str, str], on: bool = False) -> dict[str, Any]:
        value = getattr(asked, field)
        return {
            "label": label,
            "value": options.get(value, value),
            "on": on,
            "options": [
                {"label": words, "href": asked.address(**{field: key}), "current": key == value}
                for key, words in options.items()
            ],
        }

    periods = {period.code: period.label for period in sheet.periods[:MENU_PERIODS]}
    periods.setdefault(sheet.table.period.code, sheet.table.period.label)
    found = [chip("期间", "period", periods, True)]
    if len(sheet.schemes) > 1:
        names = {scheme.code: scheme.name for scheme in sheet.schemes}
        found.insert(0, _other_scheme(sheet, names))
    found.append(chip("比较", "compare", COMPARES))
    if any(region.group for region in sheet.table.regions):
        found.append(chip("分组", "group", {"": "不分", "class": "按类"}, bool(asked.group)))
    if sheet.lit:
        words = {"": "全部", **_words(sheet)}
        found.append(chip("灯", "lamp", words, bool(asked.lamp)))
    if sheet.table.scheme.annual or asked.vintage != "latest":
        found.append(
            chip("取数", "vintage", {"latest": "修订后", "first": "首次发布"}, asked.vintage != "latest")
        )
    found.append(_moment(sheet))
    return found


def _other_scheme(sheet: Sheet, names: dict[str, str]) -> dict[str, Any]:
    """Another scheme has other indicators, periods and levels: nothing else is carried along."""
    return {
        "label": "方案",
        "value": names[sheet.asked.scheme],
        "options": [
            {
                "label": name,
                "href": at("desk:dispatch", urlencode({"scheme": code})),
                "current": code == sheet.asked.scheme,
            }
            for code, name in names.items()
        ],
    }


def _words(sheet: Sheet) -> dict[str, str]:
    """The lamps that are lit, in the words of the rule, the worst first."""
    order = list(LEVELS)
    lit = {row.lamp.level: row.lamp.word for row in sheet.current if row.lamp is not None}
    return {level: lit[level] for level in sorted(lit, key=order.index)}


def _moment(sheet: Sheet) -> dict[str, Any]:
    asked = sheet.asked
    today = clock.today()
    first = today.replace(day=1)
    options = [{"label": "现在", "href": asked.address(asof=""), "current": not asked.asof}]
    if asked.asof:
        options.append({"label": f"{asked.asof} 的表", "href": asked.address(), "current": True})
    previous = first - timedelta(days=1)
    for day, words in ((today - timedelta(days=7), "一周前"), (previous, "上月末")):
        options.append(
            {
                "label": f"{words} {day.isoformat()}",
                "href": asked.address(asof=day.isoformat()),
                "current": False,
            }
        )
    return {
        "label": "时点",
        "value": asked.asof or "现在",
        "on": bool(asked.asof),
        "options": options,
        "extra": _moment_form(sheet),
    }


def _moment_form(sheet: Sheet) -> SafeString:
    """A field for any other moment; the rest of the address travels along hidden."""
    hidden = format_html_join(
        "",
        '<input type="hidden" name="{}" value="{}">',
        parse_qsl(sheet.asked.query(asof="", diff="", whatif="")),
    )
    return format_html(
        '<form class="ks-moment" method="get" action="{}">{}<label for="asof-at">别的时点</label>'
        '<input class="ks-input sm" id="asof-at" name="asof" value="{}" placeholder="2026-10-05 09:30" autocomplete="off">'
        '<button class="ks-btn sm" type="submit">看当时</button></form>',
        at("desk:dispatch"),
        hidden,
        sheet.asked.asof,
    )


def views(sheet: Sheet) -> list[dict[str, Any]]:
    """表 图 地图 of the same period and column."""
    return [
        {"label": words, "href": sheet.asked.address(view=view), "current": sheet.asked.view == view}
        for view, words in (("table", "表"), ("chart", "图"), ("map", "地图"))
    ]


def suppose_address(sheet: Sheet) -> str | None:
    """Where 测算 opens: for the last of the regions that may be moved; None for a column that is already fixed."""
    if sheet.table.scheme.annual:
        return None
    movable = [
        row
        for row in sheet.face.rows.values()
        if sheet.opens(row.region.pk) and row.region.is_ranked and may_suppose(row)
    ]
    if not movable:
        return None
    last = max(movable, key=lambda row: row.rank or 0)
    return sheet.asked.address(whatif=last.region.code)


def kept(asked: Asked) -> dict[str, str]:
    """What of an address another room needs to make the same table."""
    pairs = {
        "scheme": asked.scheme,
        "period": asked.period,
        "level": asked.level,
        "region": asked.region,
        "asof": asked.asof,
        "vintage": asked.vintage if asked.vintage != "latest" else "",
    }
    return {key: value for key, value in pairs.items() if value}


def exports(sheet: Sheet) -> list[dict[str, str]]:
    """Word, Excel and CSV of this very table, where the house has them."""
    return export_links({**kept(sheet.asked), "open": sheet.asked.open})


def export_links(pairs: dict[str, str]) -> list[dict[str, str]]:
    """The export in each form."""
    found = []
    for kind, words in (("docx", "Word"), ("xlsx", "Excel"), ("csv", "CSV")):
        href = door("desk:export_dispatch", urlencode({**pairs, "format": kind}))
        if href:
            found.append({"label": words, "href": href})
    return found


def briefing(sheet: Sheet, actor: Actor) -> str | None:
    """Where the briefing is composed, for those who compose."""
    return door("desk:briefing", urlencode(kept(sheet.asked))) if actor.can(Can.COMPOSE) else None
