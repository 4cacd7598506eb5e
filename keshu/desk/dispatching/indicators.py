"""指标: why it stands there, and what it takes."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from keshu.desk.dispatching import heading, lines
from keshu.desk.dispatching.asking import Asked, at, door
from keshu.desk.dispatching.beside import mean_name
from keshu.desk.dispatching.faces import Face, amount_text, called, not_single, reason
from keshu.desk.dispatching.sheet import REFUSALS, NothingHeld, Sheet, root_region, sheet
from keshu.desk.dispatching.whatif import forecast_words, need_row
from keshu.desk.guard import address, needs
from keshu.desk.orders.linking import issue_href
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.arithmetic import ranking
from keshu.figures.book import book
from keshu.figures.dispatch import Row
from keshu.figures.history import History, history, periods_of, read
from keshu.figures.models import Indicator, Standing
from keshu.figures.supposing import may_suppose
from keshu.figures.supposing import needs as needed
from keshu.journal import audit, moments
from keshu.journal.models import Revision
from keshu.reports.conclusions import moved
from keshu.reports.heading import formula_words
from keshu.reports.wording import minute_words, share
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import round_half_up, show_change, show_growth, show_number


@needs(Can.SEE_DISPATCH)
def indicator_page(request: HttpRequest) -> HttpResponse:
    """One indicator with one region as its subject."""
    asked = Asked.of(request.GET)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        asked = in_scheme(asked)
        question = asked.changed(
            open=asked.name, lamp="", group="", sort="value", view="table", whatif="", diff=""
        )
        found = sheet(question, actor, forecasts=True)
    except (*REFUSALS, NothingHeld) as refusal:
        raise Http404(str(refusal)) from refusal
    face = face_of(found, asked.name)
    row = subject_row(found, face, asked, actor)
    if not found.opens(row.region.pk):
        audit.note(
            actor, "拒绝", f"指标 {asked.name} {row.region.name}", outcome="拒绝", address=address(request)
        )
        raise PermissionDenied(
            f"{row.region.name}的{face.indicator.short_name}不归现在的岗位看。请规划科代查。"
        )
    told = {**context(found, face, row, asked), "order_href": issue_href(actor, found, face, row)}
    return render(request, "dispatching/indicator.html", told)


def in_scheme(asked: Asked) -> Asked:
    """The question with a scheme that has the indicator, where none is named: the house's own before official figures."""
    definitions = book(moments.read_as_of(asked.asof or None))
    indicator = definitions.indicator(asked.name)
    asked = asked.changed(name=indicator.code)
    if asked.scheme:
        return asked
    holding = {item.scheme_id for item in definitions.items if item.indicator_id == indicator.pk}
    annual_first = root_region() is None
    listed = [scheme for scheme in definitions.schemes.values() if scheme.pk in holding]
    listed.sort(key=lambda scheme: (scheme.annual != annual_first, scheme.pk))
    return asked.changed(scheme=listed[0].code) if listed else asked


def face_of(found: Sheet, name: str) -> Face:
    """The column of an indicator, own or leading, by code or name."""
    for face in (*found.columns, *found.leading):
        if name in (face.named.code, face.named.name, face.named.short_name, face.indicator.code, ""):
            return face
    raise Http404(f"方案“{found.table.scheme.name}”里没有指标“{name}”。")


def subject_row(found: Sheet, face: Face, asked: Asked, actor: Actor) -> Row:
    """The subject: as asked, else the reader's own county, else the last of the ranked."""
    listed = [row for row in face.rows.values() if row.region.is_ranked]
    if asked.subject:
        for row in face.rows.values():
            if asked.subject in (row.region.code, row.region.name, row.region.short_name):
                return row
        raise Http404(f"这张表里没有“{asked.subject}”。")
    own = [row for row in listed if row.region.pk in actor.region_ids]
    if own:
        return own[0]
    held = [row for row in listed if row.rank is not None]
    return max(held or listed, key=lambda row: row.rank or 0)


def context(found: Sheet, face: Face, row: Row, asked: Asked) -> dict[str, Any]:
    """What the page draws."""
    past = _past(found, face, row, asked)
    drawn = lines.Drawn(face, row, past, mean_name(found)) if past.points else None
    bars = face.fixed and not found.table.scheme.annual
    indicator = face.indicator
    return {
        "sheet": found,
        "face": face,
        "row": row,
        "asked": asked,
        "crumbs": [
            {"label": "调度", "href": Asked().address()},
            {"label": found.table.scheme.name, "href": found.asked.address()},
            {"label": indicator.short_name},
        ],
        "title": indicator.name,
        "small": " · ".join(
            part for part in (indicator.get_direction_display(), indicator.definition_label) if part
        ),
        "asof": _asof(found, face),
        "subjects": _subjects(found, face, row),
        "facts": _facts(found, face, row),
        "spans": _spans(found, face, row, asked) if not face.fixed and not found.table.scheme.annual else [],
        "trend": _trend(face, row, drawn, bars),
        "trend_note": _trend_note(face, asked, bars),
        "bump": drawn.bump() if drawn else None,
        "why": drawn.waterfall() if drawn else None,
        "why_said": _why(face, row),
        "split_method": _method(row),
        "needs": [need_row(found, face, need) for need in needed(found.table, row)]
        if may_suppose(row)
        else [],
        "suppose": found.asked.address(whatif=row.region.code, open=face.named.code)
        if may_suppose(row) and face in found.columns
        else None,
        "leads": _leads(found, face, row),
        "rank_moved": door(
            "desk:rank_moved",
            found.asked.query(
                name=face.named.code, subject=row.region.code, open="", whatif="", diff="", span="quarters"
            ),
        )
        if row.region.is_ranked
        else None,
        "standings": _standings(found, indicator, row.region),
        "definition": indicator,
        "formula": formula_words(indicator),
        "versions": definitions(indicator, found.table.revision),
        "exports": _exports(found, face),
    }


def _past(found: Sheet, face: Face, row: Row, asked: Asked) -> History:
    table = found.table
    assert table.reader is not None
    periods = periods_of(face.indicator, face.column.period, asked.span)
    regions = [region for region in table.regions if found.sight.shows(region)]
    read(
        table.reader, [(face.indicator, periods)], [*(region.pk for region in table.regions), table.parent.pk]
    )
    whole = history(table.reader, face.indicator, table.regions, table.parent, periods).held
    return History(whole.indicator, tuple(regions), whole.points)


def _asof(found: Sheet, face: Face) -> list[dict[str, Any]]:
    indicator = face.indicator
    items: list[dict[str, Any]] = [{"value": face.column.period.label}]
    if face.fixed and not found.table.scheme.annual:
        items.append({"value": "已定"})
    items.append({"label": "数据截至", "value": minute_words(found.table.as_of)})
    items.append(
        {
            "label": "口径",
            "value": indicator.definition_label,
            "note": indicator.doc_no,
            "href": "#definition",
        }
    )
    if indicator.office:
        items.append({"label": "责任科室", "value": indicator.office})
    day = clock.fixed_day()
    if day is not None:
        items.append({"label": "演示，今天定为", "value": day.isoformat(), "demo": True})
    return items


def _subjects(found: Sheet, face: Face, row: Row) -> list[dict[str, Any]]:
    """看 望岭县 ▾, 指标 ▾: both change the address only."""
    regions = [
        region for region in sorted(found.table.regions, key=lambda r: r.order) if found.opens(region.pk)
    ]
    see = {
        "label": "看",
        "value": called(row.region),
        "options": [
            {
                "label": called(region),
                "href": page(found, face.named.code, region.code),
                "current": region.pk == row.region.pk,
            }
            for region in regions
            if region.pk in face.rows
        ],
    }
    other = {
        "label": "指标",
        "value": face.indicator.short_name,
        "options": [
            {
                "label": one.named.short_name,
                "href": page(found, one.named.code, row.region.code),
                "current": one is face,
            }
            for one in (*found.columns, *found.leading)
        ],
    }
    return [see, other]


def page(found: Sheet, name: str, subject: str, span: str = "quarters") -> str:
    """The address of an indicator page of the same table."""
    return at(
        "desk:indicator",
        found.asked.query(name=name, subject=subject, span=span, open="", whatif="", diff=""),
    )


def _spans(found: Sheet, face: Face, row: Row, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "label": words,
            "href": page(found, face.named.code, row.region.code, span),
            "current": asked.span == span,
        }
        for span, words in (("quarters", "8 季"), ("years", "5 年"))
    ]


def _trend(face: Face, row: Row, drawn: lines.Drawn | None, bars: bool) -> dict[str, Any] | None:
    """The chart of the course, with what the year-end range rests on beneath it."""
    if drawn is None:
        return None
    chart = drawn.years() if bars else drawn.trend()
    ends = forecast_words(face, row)
    if ends and "range" in ends:
        chart["said"] = f"年末预计 {ends['range']}：{ends['basis']}。"
    return chart


def _trend_note(face: Face, asked: Asked, bars: bool) -> str:
    if bars or face.column.period.kind == "year":
        return f"年度，{face.unit}"
    if face.indicator.period_rule == Indicator.PeriodRule.STOCK:
        return f"季末，{face.unit}"
    return f"{'全年' if asked.span == 'years' else '年初累计'}，{face.unit}"


def _facts(found: Sheet, face: Face, row: Row) -> list[dict[str, Any]]:
    """The strip: value, completion, place, change, gap to the mean and how it moved, what the year may end with."""
    href, card = found.doors.figure(face.indicator.code, row.region.code, row.figure.period.code)
    if not_single(row):
        return [{"label": "本期", "text": "不单列"}]
    amount = face.shows_amount(row)
    if amount:
        text, unit = amount_text(row.figure.numerator.value, face.numerator)  # type: ignore[arg-type]
    else:
        text, unit = (face.text(row.value), face.unit) if row.value is not None else (reason(row)[0], "")
    first = {
        "label": "本期",
        "text": text,
        "unit": unit,
        "href": href,
        "trace": card,
        "lamp": row.lamp,
        "big": True,
    }
    if amount:
        first["note"] = "没有分母，看额"
    return [first, *_measured(face, row), *_standing_facts(found, face, row), *_ends(face, row)]


def _measured(face: Face, row: Row) -> list[dict[str, Any]]:
    if row.target is None:
        done = {"label": "目标", "text": "没有定"}
    elif face.fixed:
        word = "已达" if row.met else "未达" if row.met is not None else "缺数"
        done = {"label": "达否", "text": word, "note": f"目标 {face.target(row)} {face.unit}"}
    else:
        done = {
            "label": "完成率",
            "text": share(row.completion) or "缺数",
            "note": f"目标 {face.target(row)} {face.unit}",
        }
    if face.indicator.change_as_growth:
        return [done]
    moved_text = face.moved(row.change)
    change: dict[str, Any] = {"label": "同比", "text": moved_text, "note": face.moved_unit}
    if row.change.value is None:
        change["note"] = ""
    if row.mixes:
        change["note"] += "，两端取自不同的发布"
    return [done, change]


def _standing_facts(found: Sheet, face: Face, row: Row) -> list[dict[str, Any]]:
    if not row.region.is_ranked:
        return [{"label": "位次", "rank": {"place": None, "none": "不排位"}}]
    missing = len(face.column.missing)
    place = {
        "label": "位次",
        "rank": {"place": row.rank, "tied": row.tied, "move": row.rank_change, "none": "缺数"},
        "note": f"共 {row.of} 个，缺 {missing} 个",
    }
    if row.gap_to_mean is None:
        return [place]
    note = face.moved_unit
    trend = gap_trend(face, row)
    return [
        place,
        {
            "label": f"距{mean_name(found)}",
            "text": show_change(row.gap_to_mean, face.places),
            "note": "，".join(p for p in (note, trend) if p),
        },
    ]


def gap_trend(face: Face, row: Row) -> str:
    """较去年同期拉大 0.12: how the distance to the mean moved since the same period of last year."""
    if face.indicator.change_as_growth or row.gap_to_mean is None or row.previous.value is None:
        return ""
    before = ranking.gap_to(
        row.previous.value, ranking.mean(r.previous.value for r in face.rows.values() if r.region.is_ranked)
    )
    if before is None:
        return ""
    moved_by = abs(row.gap_to_mean) - abs(before)
    if (row.gap_to_mean < 0) != (before < 0) and row.gap_to_mean != 0 and before != 0:
        return f"去年同期 {show_change(before, face.places)}"
    if moved_by == 0:
        return "与去年同期持平"
    word = "拉大" if moved_by > 0 else "缩小"
    if round_half_up(abs(moved_by), face.places) == 0:
        return f"较去年同期略有{word}"
    return f"较去年同期{word} {show_number(abs(moved_by), face.places)}"


def _ends(face: Face, row: Row) -> list[dict[str, Any]]:
    """年末预计, or for a fixed figure what can still be moved."""
    if face.fixed:
        return []
    ends = forecast_words(face, row)
    if ends is None:
        return []
    if "refused" in ends:
        return [{"label": "年末预计", "text": "不作预计", "note": ends["refused"]}]
    return [
        {"label": "年末预计", "text": f"{ends['low']}—{ends['high']}", "note": f"{face.unit}，依据在走势下面"}
    ]


def _why(face: Face, row: Row) -> str:
    """One sentence with both growth rates; for an amount its growth; else why nothing can be said."""
    if row.figure.denominator is not None:
        said = moved(row)
        if said:
            return f"{said}。"
        missing = row.split.reason if row.split else ""
        return f"{missing or '缺一期数'}，变化无从分解。"
    if row.value is None:
        return f"{row.missing}，没有变化可说。"
    now, before = row.figure.value, row.previous.value
    if before is None:
        return "去年同期没有数，没有变化可说。"
    if face.indicator.unit == "分":
        return f"得分由省里通报，本系统不代算，只能看到由 {face.text(before)} 变为 {face.text(now)}。"
    name = face.numerator.name
    then, today = (" ".join(amount_text(value, face.numerator)) for value in (before, now))  # type: ignore[arg-type]
    return f"{name}没有分母：去年同期 {then}，本期 {today}，{show_growth(now, before)}。"


def _method(row: Row) -> str:
    names = {"log_mean_divisia": "对数平均迪氏分解（LMDI）", "shapley": "两因素平均（Shapley）"}
    return names.get(row.split.method or "", "") if row.split else ""


def _leads(found: Sheet, face: Face, row: Row) -> list[dict[str, Any]]:
    """The leading figures of this indicator for the subject: what can still be moved this year."""
    rows = []
    for lead in found.leading:
        one = lead.rows.get(row.region.pk)
        if one is None or lead.column.item.leads_id != face.named.pk or not_single(one):
            continue
        page_href, card = found.doors.figure(lead.indicator.code, row.region.code, one.figure.period.code)
        rows.append(
            {
                "name": lead.indicator.short_name,
                "href": page(found, lead.indicator.code, row.region.code),
                "unit": lead.unit,
                "text": lead.text(one.value) if one.value is not None else "",
                "missing": reason(one)[0] if one.value is None else "",
                "figure": page_href,
                "card": card,
                "target": lead.target(one),
                "lamp": one.lamp,
                "until": lead.column.item.reference or lead.column.period.label,
            }
        )
    return rows


def _standings(found: Sheet, indicator: Indicator, region: Region) -> list[dict[str, Any]]:
    """Ranks, means and scores that somebody else published, newest first; never mixed with computed ones."""
    subjects = {region.pk, found.table.parent.pk}
    listed = [
        s
        for s in Standing.as_of(found.table.revision)
        if s.indicator_id == indicator.pk and s.subject_id in subjects
    ]
    names = {region.pk: called(region), found.table.parent.pk: called(found.table.parent)}
    rows = []
    for one in sorted(listed, key=lambda s: (s.period, s.kind), reverse=True):
        value = (
            show_number(one.value, 0)
            if one.kind == Standing.Kind.RANK
            else show_number(one.value, indicator.decimals)
        )
        text = f"第 {value} 位" if one.kind == Standing.Kind.RANK else value
        rows.append(
            {
                "who": names[one.subject_id],
                "period": Period.parse(one.period).label,
                "kind": Standing.Kind(one.kind).label,
                "text": text,
                "of": f"共 {one.population} 个" if one.population else "",
                "exclusions": one.exclusions,
                "assessor": one.assessor,
                "doc_no": one.doc_no,
                "released_on": one.released_on,
            }
        )
    return rows


def definitions(indicator: Indicator, revision: int) -> list[dict[str, Any]]:
    """The versions of a definition up to a revision, newest first; saves that changed nothing in it are passed over."""
    rows = list(indicator.history().filter(revision__lte=revision).values_list("revision", "data"))
    moments = Revision.objects.in_bulk([number for number, _ in rows])
    found: list[dict[str, Any]] = []
    last: tuple[Any, ...] | None = None
    for number, data in rows:
        if data is None:
            continue
        words = tuple(
            data.get(key, "") for key in ("definition", "formula", "definition_label", "doc_no", "unit")
        )
        if words != last:
            revised = moments.get(number)
            found.append(
                {
                    "number": number,
                    "definition": words[0],
                    "formula": words[1],
                    "label": words[2],
                    "doc_no": words[3],
                    "at": minute_words(revised.at.astimezone(clock.TZ)) if revised else "",
                    "who": revised.actor_name if revised else "",
                }
            )
        last = words
    return found[::-1]


def _exports(found: Sheet, face: Face) -> list[dict[str, str]]:
    return heading.export_links({**heading.kept(found.asked), "open": face.named.code})
