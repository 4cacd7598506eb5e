"""对表: the sheet as a grid, one cell at a time; suggestions that a clerk confirms; what moved in a changed form."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keshu.desk.filling.finding import REFUSALS, actor_of, form_of
from keshu.desk.filling.grid import draw
from keshu.desk.guard import needs
from keshu.directory.actors import Can
from keshu.figures.book import Book, UnknownName, book
from keshu.filling import drafting
from keshu.filling.drafting import Work, work_on
from keshu.filling.layout import LaidCell, NoSuchCell
from keshu.filling.mapping import (
    ASPECTS,
    CHANGE,
    FIGURE,
    HAND,
    KINDS,
    PERIOD,
    REMARK,
    RULES,
    BadMapping,
    MappedCell,
    thing_called,
)
from keshu.filling.suggesting import label_of, open_cells, same_column, suggested_for
from keshu.filling.working import changed_layout
from keshu.journal import moments
from keshu.reports.parsing import Thing
from keshu.terms import clock
from keshu.terms.text import clean_name, nearest

MARKS = {HAND: "手填", REMARK: "手填，可空", PERIOD: "期间"}


def _at(pk: int, key: str = "", sheet: int | None = None) -> str:
    pairs: dict[str, str] = {"cell": key} if key else {}
    if sheet:
        pairs["sheet"] = str(sheet)
    return f"{reverse('desk:filling_map', args=[pk])}{'?' if pairs else ''}{urlencode(pairs)}"


@require_GET
@needs(Can.FILL_FORMS)
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """The grid with what each cell means, and the panel of the cell that is chosen."""
    return _page(request, pk)


def _page(
    request: HttpRequest, pk: int, *, problem: str = "", typed: MappedCell | None = None, name: str = ""
) -> HttpResponse:
    form = form_of(request, pk)
    work = work_on(actor_of(request), form)
    definitions = book(moments.latest())
    chosen = _chosen(request, work)
    number = work.layout.place(chosen).sheet if chosen else _sheet_number(request, work)
    sheet = work.layout.sheet(number)

    def drawn(key: str, cell: LaidCell) -> dict[str, Any]:
        mapped = work.cells.get(key)
        if mapped is not None:
            kind = "suggested" if key in work.suggested else "mapped"
            return {
                "kind": kind,
                "text": _short(mapped, definitions),
                "href": _at(pk, key),
                "on": key == chosen,
            }
        if cell.formula:
            return {"kind": "formula", "text": f"={cell.formula}"[:30]}
        if cell.fillable:
            return {"kind": "open", "text": cell.text, "href": _at(pk, key), "on": key == chosen}
        return {"kind": "words", "text": cell.text}

    open_keys = {place.key for _, place in open_cells(work.layout)}
    context: dict[str, Any] = {
        "form": form,
        "work": work,
        "grid": draw(sheet, drawn),
        "sheets": [
            {"name": one.name, "href": _at(pk, sheet=one.number), "current": one.number == number}
            for one in work.layout.sheets
            if not one.hidden
        ],
        "mapped_count": len(work.cells) - len(work.suggested),
        "open_count": len(open_keys - work.cells.keys()),
        "change": changed_layout(form),
        "problem": problem,
        "crumbs": [
            {"label": "套表上报", "href": reverse("desk:filling_forms")},
            {"label": form.name, "href": reverse("desk:filling_form", args=[pk])},
            {"label": "对表"},
        ],
    }
    if chosen:
        context |= _panel(work, chosen, definitions, typed, name)
    return render(request, "filling/map.html", context, status=422 if problem else 200)


def _panel(work: Work, key: str, definitions: Book, typed: MappedCell | None, name: str) -> dict[str, Any]:
    """The form for one cell: what it means, what is suggested, or what was typed and refused."""
    place = work.layout.place(key)
    sheet = work.layout.sheet(place.sheet)
    root = definitions.regions.get(work.template.region_id)
    known = work.cells.get(key)
    cell = typed or known or suggested_for(work.layout, key, definitions, root)
    label = label_of(sheet, place.row, place.column)
    if cell is None:
        held = sheet.at(place.row, place.column)
        cell = MappedCell(
            key, code="", region=root.code if root else "", decimals=held.decimals or 0, label=label
        )
    regions = [definitions.regions[pk] for pk in definitions.below(root.pk)] if root else []
    levels = {root.level, *(r.level for r in definitions.children.get(root.pk, []))} if root else set()
    return {
        "cell": cell,
        "chosen": place,
        "label": cell.label or label,
        "is_suggestion": known is None and typed is None and bool(cell.code),
        "thing_name": name or _name(cell.code, definitions),
        "kinds": KINDS.items(),
        "aspects": ASPECTS.items(),
        "rules": RULES.items(),
        "regions": [(r.code, r.name) for r in regions if r.level in levels or r.code == cell.region],
        "names": sorted(
            {thing.name for thing in (*definitions.indicators.values(), *definitions.measures.values())}
        ),
        "known": known is not None,
        "unit_free": cell.aspect != CHANGE,
    }


def _name(code: str, definitions: Book) -> str:
    try:
        return thing_called(definitions, code).name if code else ""
    except UnknownName:
        return code


def _short(cell: MappedCell, definitions: Book) -> str:
    """In the cell of the grid: 技术合同成交额 累计 万元."""
    if cell.kind != FIGURE:
        return MARKS[cell.kind]
    try:
        thing: Thing = thing_called(definitions, cell.code)
    except UnknownName:
        return f"{cell.code}（已停用）"
    name = getattr(thing, "short_name", "") or thing.name
    parts = [name, RULES[cell.rule], ASPECTS[cell.aspect] if cell.aspect == CHANGE else "", cell.unit]
    return " ".join(filter(None, parts))


def _chosen(request: HttpRequest, work: Work) -> str:
    wanted = request.POST.get("cell") or request.GET.get("cell", "")
    if not wanted:
        return ""
    try:
        key = work.layout.place(wanted).key
    except NoSuchCell as error:
        raise Http404(str(error)) from error
    return key


def _sheet_number(request: HttpRequest, work: Work) -> int:
    text = request.GET.get("sheet", "")
    shown = [sheet.number for sheet in work.layout.sheets if not sheet.hidden] or [1]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else shown[0]
    return number if number in shown else shown[0]


@require_POST
@needs(Can.FILL_FORMS)
def map_cell(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one cell (or all of its column, each with the region of its row), or take it out; go on to the next open one."""
    form, actor = form_of(request, pk), actor_of(request)
    work = work_on(actor, form)
    key = _chosen(request, work)
    if not key:
        raise Http404("没有说是哪一格。")
    if request.POST.get("action") == "drop":
        drafting.drop_cell(actor, form, key)
        return redirect(_at(pk, key))
    name = request.POST.get("thing", "")
    typed = _typed(request, key, work)
    try:
        if typed.kind == FIGURE:
            typed = MappedCell.of({**typed.plain(), "code": _code(name)})
        drafting.put_cell(actor, form, typed)
        if request.POST.get("down") == "1":
            for cell in same_column(work.layout, typed, book(moments.latest()), form.region_id):
                drafting.put_cell(actor, form, cell)
    except REFUSALS as refusal:
        return _page(request, pk, problem=str(refusal), typed=typed, name=name)
    return redirect(_at(pk, _next(work_on(actor, form), key)))


def _typed(request: HttpRequest, key: str, work: Work) -> MappedCell:
    given = request.POST
    decimals = given.get("decimals", "")
    place = work.layout.place(key)
    label = label_of(work.layout.sheet(place.sheet), place.row, place.column)
    return MappedCell(
        key,
        given.get("kind", ""),
        "",
        given.get("region", ""),
        given.get("aspect", "value"),
        given.get("rule", ""),
        given.get("unit", ""),
        int(decimals) if decimals.isascii() and decimals.isdigit() and len(decimals) < 3 else 2,
        " ".join(given.get("label", "").split()) or label,
    )


def _code(name: str) -> str:
    """The code of the figure that was typed or chosen. BadMapping with the nearest names."""
    definitions = book(moments.latest())
    wanted = clean_name(name)
    for thing in (*definitions.indicators.values(), *definitions.measures.values()):
        if wanted in (clean_name(thing.name), thing.code):
            return thing.code
    try:
        return thing_called(definitions, name).code
    except UnknownName as error:
        names = [t.name for t in (*definitions.indicators.values(), *definitions.measures.values())]
        near = nearest(name, names) if wanted else []
        hint = f"是不是 {'、'.join(near)}？" if near else "请从列表里选一个指标。"
        raise BadMapping(f"没有叫“{name[:30]}”的指标。{hint}") from error


def _next(work: Work, key: str) -> str:
    """The next open cell behind this one that means nothing yet; the same one where all do."""
    keys = [place.key for _, place in open_cells(work.layout)]
    behind = keys[keys.index(key) + 1 :] if key in keys else keys
    return next((one for one in behind if one not in work.cells), key)


@require_POST
@needs(Can.FILL_FORMS)
def map_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Suggest, move over, confirm the suggestions, keep the relations, confirm the whole, or give the draft up."""
    form, actor = form_of(request, pk), actor_of(request)
    action = request.POST.get("action", "")
    try:
        if "sums" in request.POST:
            drafting.put_sums(actor, form, request.POST["sums"])
        if action == "suggest":
            found = drafting.put_suggestions(actor, form)
            said = (
                f"按表头认出 {found} 格，虚线框的是建议，看过再确认。"
                if found
                else "没有从表头认出新的格，请逐格对。"
            )
            messages.success(request, said)
        elif action == "follow":
            found = drafting.take_over(actor, form)
            messages.success(request, f"已把 {found} 格挪到新版式里，看过再确认。")
        elif action == "agree":
            drafting.confirm_suggestions(actor, form)
        elif action == "give_up":
            drafting.give_up(actor, form)
        elif action == "confirm":
            made = drafting.confirm(actor, form)
            messages.success(
                request,
                f"已记下第 {made.number} 版对应 {clock.now().astimezone(clock.TZ):%H:%M:%S}，可以填这一期了。",
            )
            return redirect("desk:filling_form", pk=pk)
    except REFUSALS as refusal:
        return _page(request, pk, problem=str(refusal))
    return redirect(_at(pk, sheet=_sheet_number(request, work_on(actor, form))))
