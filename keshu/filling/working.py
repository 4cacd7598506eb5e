"""Filling a form for a period: computed as of a revision, completed by hand, checked, exported, and noted as sent."""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from keshu.directory.actors import Actor
from keshu.figures.book import UnknownName, book
from keshu.filling.checks import Check, checks_of, is_open
from keshu.filling.composing import Sheet, compose, digest, laid_out
from keshu.filling.computing import FILLED, MISSING, STATES, TYPED, CellValue, compute
from keshu.filling.following import Change, follow
from keshu.filling.layout import Layout
from keshu.filling.mapping import BY_HAND, CHANGE, FIGURE, MappedCell, cells_of, may_fill, thing_called
from keshu.filling.models import Filled, FormTemplate
from keshu.filling.models import Mapping as KeptMapping
from keshu.filling.receiving import latest_blank
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.intake.uploads import safe_name, store
from keshu.reports.issuing import Leaving, Typed, Warning, earlier_different, record_issue
from keshu.reports.models import Composed, Issued
from keshu.terms import clock
from keshu.terms.period import Period

KINDS = {
    FormTemplate.Frequency.MONTH: "month",
    FormTemplate.Frequency.QUARTER: "quarter",
    FormTemplate.Frequency.HALF: "half",
    FormTemplate.Frequency.YEAR: "year",
}
EXAMPLES = {"month": "2026-09", "quarter": "2026Q3", "half": "2026H1", "year": "2026"}


class NotMapped(ValueError):
    """A form without a confirmed mapping."""


class LayoutChanged(ValueError):
    """The newest blank differs from the one that was mapped."""


class OtherPeriod(ValueError):
    """A period that the form is not filled for."""


class Stopped(ValueError):
    """A form that is no longer sent."""


class AlreadySent(ValueError):
    """What has been sent does not change."""


class ChecksOpen(ValueError):
    """Findings that nobody has said anything to."""


class NotExported(ValueError):
    """A form that was never exported as it stands."""


# ---- what is there ------------------------------------------------------------------------------------------


def latest_mapping(template: FormTemplate) -> KeptMapping | None:
    """The newest confirmed mapping."""
    rows = KeptMapping.objects.for_system("套表的对应，已按范围取").filter(template=template)
    return rows.select_related("blank").order_by("-number").first()


def changed_layout(template: FormTemplate) -> Change | None:
    """What became of the mapping in a newest blank with another layout; None while the mapping fits."""
    mapping, blank = latest_mapping(template), latest_blank(template)
    if mapping is None or mapping.blank.fingerprint == blank.fingerprint:
        return None
    return follow(cells_of(mapping), mapping.sums, Layout.of(mapping.blank.layout), Layout.of(blank.layout))


def values_of(filled: Filled) -> list[CellValue]:
    """The cells of a filling."""
    return [CellValue.of(kept) for kept in filled.cells]


def sheet_of(filled: Filled) -> Sheet:
    """The form as it would leave now."""
    return laid_out(Layout.of(filled.blank.layout), values_of(filled), filled.template.missing_text)


def period_of(template: FormTemplate, text: str) -> Period:
    """The period that was typed. OtherPeriod where the form is filled for another kind of period; UnreadablePeriod."""
    period = Period.parse(text, default_year=clock.today().year)
    kind = KINDS[FormTemplate.Frequency(template.frequency)]
    if period.kind != kind:
        raise OtherPeriod(
            f"“{template}”是{template.get_frequency_display()}，不能填 {period.label}。请写 {EXAMPLES[kind]} 这样的期间。"
        )
    return period


def newest_period(template: FormTemplate) -> Period:
    """The last period of the form's kind that is over."""
    today = clock.today()
    size = {"month": 1, "quarter": 3, "half": 6, "year": 12}[
        KINDS[FormTemplate.Frequency(template.frequency)]
    ]
    year, part = divmod((today.year * 12 + today.month - 1) // size - 1, 12 // size)
    return Period.months(year, part * size + 1, part * size + size)


def earlier(filled: Filled, actor: Actor) -> Filled | None:
    """The newest filling of an earlier period of the same form, the sent one before others."""
    rows = Filled.objects.visible_to(actor).filter(template=filled.template).exclude(period=filled.period)
    before = [row for row in rows.order_by("pk") if row.stretch < filled.stretch]
    return max(before, key=lambda row: (row.stretch, bool(row.issued_id), row.pk), default=None)


def same_cell(one: CellValue) -> tuple[str, ...]:
    """What names a cell in every period: figure, region, aspect, period rule; of a typed one its heads."""
    cell = one.cell
    if cell.kind == FIGURE:
        return (cell.code, cell.region, cell.aspect, cell.rule)
    return (cell.kind, cell.label or cell.key)


def fillings(template: FormTemplate, actor: Actor) -> QuerySet[Filled]:
    """What was filled of a form, newest first."""
    rows = Filled.objects.visible_to(actor).filter(template=template)
    return rows.select_related("issued", "copy", "mapping").order_by("-pk")


# ---- filling ------------------------------------------------------------------------------------------------


def fill_period(actor: Actor, template: FormTemplate, text: str, *, as_of: str | None = None) -> Filled:
    """Fill the form for a period as of a moment or revision; an unsent filling of the period is computed anew.

    Raises MayNotFill, Stopped, NotMapped, LayoutChanged, OtherPeriod, UnreadablePeriod, UnknownRevision.
    """
    may_fill(actor)
    if template.stopped:
        raise Stopped(f"“{template}”已经不再报。要报先把它改回在报。")
    mapping = latest_mapping(template)
    if mapping is None:
        raise NotMapped(f"“{template}”还没有对表。先对表：把每一格对上一个数或手填，再填。")
    blank = latest_blank(template)
    _refuse_changed(template)
    period = period_of(template, text)
    revision = moments.read_as_of(as_of)
    with writing(actor, f"填表：{template} {period.label}"):
        rows = Filled._base_manager.select_for_update().filter(template=template, period=period.code)
        open_one = rows.filter(issued=None).order_by("-pk").first()
        filled = open_one or Filled(template=template, period=period.code)
        typed: dict[str, str] = {}
        if open_one is not None and open_one.blank.fingerprint == blank.fingerprint:
            typed = {value.cell.key: value.text for value in values_of(open_one) if value.state == TYPED}
        filled.mapping, filled.blank = mapping, blank
        _computed(filled, actor, cells_of(mapping), typed, revision)
        filled.save()
    return filled


def _refuse_changed(template: FormTemplate) -> None:
    change = changed_layout(template)
    if change is None:
        return
    told = [*change.new, *(f"{cell.label or cell.key}：{why}" for cell, why in change.lost)]
    moved = sum(not one.stays for one in change.moved)
    if moved:
        told.append(f"{moved} 格挪了位置")
    more = f"等 {len(told)} 处" if len(told) > 3 else ""
    raise LayoutChanged(
        f"空表的版式和对表时不一样：{'；'.join(told[:3]) or '表头文字改了'}{more}。先在“对表”里确认新的对应，再填。"
    )


def _computed(
    filled: Filled, actor: Actor, cells: Iterable[MappedCell], typed: Mapping[str, str], revision: int
) -> None:
    values = compute(cells, filled.stretch, typed, revision)
    filled.cells = [value.plain() for value in values]
    filled.revision = revision
    filled.filled_by, filled.filled_at = actor.name, clock.now()
    filled.copy, filled.note = None, ""


def type_in(actor: Actor, filled: Filled, typed: Mapping[str, str]) -> Filled:
    """Keep what was typed by hand (by key); a blank takes it out again. Raises MayNotFill, AlreadySent, Classified."""
    may_fill(actor)
    refuse_classified(*typed.values())
    with writing(actor, f"手填：{filled}"):
        locked = _unsent(filled)
        held = {value.cell.key: value.text for value in values_of(locked) if value.state == TYPED}
        values = values_of(locked)
        hand = {value.cell.key for value in values if value.cell.kind in BY_HAND}
        held |= {key: text for key, text in typed.items() if key in hand}
        period = locked.stretch
        fresh = {
            value.cell.key: value
            for value in compute(
                [v.cell for v in values if v.cell.key in hand], period, held, locked.revision
            )
        }
        made = [fresh.get(value.cell.key, value).plain() for value in values]
        if made != locked.cells:
            locked.cells, locked.copy = made, None
            locked.filled_by, locked.filled_at = actor.name, clock.now()
            locked.save()
    return locked


def _unsent(filled: Filled) -> Filled:
    """The filling, locked. AlreadySent."""
    rows = Filled._base_manager.select_for_update(of=("self",)).select_related("template", "blank", "mapping")
    locked = rows.get(pk=filled.pk)
    if locked.issued_id is not None:
        raise AlreadySent(f"{locked} 已经记下已报，不再改。数有变化的，再填一次这一期，另报更正。")
    return locked


def moved_since(filled: Filled) -> list[CellValue]:
    """The cells whose figure is another one now than when the form was filled."""
    latest = moments.latest()
    if latest == filled.revision:
        return []
    values = [value for value in values_of(filled) if value.cell.kind == FIGURE]
    fresh = compute([value.cell for value in values], filled.stretch, {}, latest)
    return [
        now
        for was, now in zip(values, fresh, strict=True)
        if (was.written, was.missing) != (now.written, now.missing)
    ]


# ---- leaving ------------------------------------------------------------------------------------------------


def check(actor: Actor, filled: Filled, warnings: Iterable[Warning] | None = None) -> list[Check]:
    """校核: what stands against sending the form as it is, the worst first. ``warnings``: what left otherwise before, if known."""
    if warnings is None:
        warnings = changed(actor, filled)
    return checks_of(filled, values_of(filled), sheet_of(filled), warnings)


def changed(actor: Actor, filled: Filled) -> list[Warning]:
    """The figures of a filling that left before with another value, to whomever."""
    return earlier_different(actor, leaving(filled))


def leaving(filled: Filled) -> list[Leaving]:
    """The figures of a filling as 报出数台账 keeps them: in the unit and the decimals of the form."""
    definitions = book(filled.revision)
    found = []
    for value in values_of(filled):
        cell = value.cell
        if cell.kind != FIGURE or cell.aspect == CHANGE or not value.subject_id:
            continue
        try:
            thing = thing_called(definitions, cell.code)
        except UnknownName:
            continue
        found.append(
            Leaving(
                thing,
                value.subject_id,
                value.region_name,
                Period.parse(value.period),
                value.value,
                value.missing,
                filled.revision,
                label=getattr(thing, "definition_label", "") or f"{getattr(thing, 'authority', '')}口径",
                unit=cell.unit,
                places=cell.decimals,
            )
        )
    return found


def typed_figures(filled: Filled) -> list[Typed]:
    """What a filling says besides the house's figures: numbers typed by hand, and growth."""
    found = []
    for value in values_of(filled):
        by_hand = value.state == TYPED and value.written is not None
        if by_hand or (value.state == FILLED and value.cell.aspect == CHANGE):
            found.append(
                Typed(
                    name=(value.name or value.cell.key) + ("（手填）" if by_hand else ""),
                    subject_id=value.subject_id or filled.template.region_id,
                    period=Period.parse(value.period),
                    text=value.text or value.said,
                    unit=value.cell.unit,
                    value=value.written,
                    places=None if by_hand else value.cell.decimals,
                )
            )
    return found


def export(actor: Actor, filled: Filled, *, note: str = "") -> Filled:
    """Compose the file, keep it by its content and tie it to the filling.

    Raises MayNotFill, AlreadySent, BlankLost; ChecksOpen where something stands against it and ``note`` says nothing to that.
    """
    may_fill(actor)
    refuse_classified(note)
    with writing(actor, f"导出套表：{filled}"):
        locked = _unsent(filled)
        sheet = sheet_of(locked)
        found = checks_of(locked, values_of(locked), sheet, changed(actor, locked))
        stands = [one for one in found if is_open(one)]
        if stands and not note.strip():
            raise ChecksOpen(
                f"校核有 {len(stands)} 处要说明：{stands[0].what}。改好，或在下面写明原因，再导出。"
            )
        content = compose(locked.blank, sheet)
        kept = store(io.BytesIO(content), Path(settings.MEDIA_ROOT))
        name = safe_name(f"{locked.template.name}_{locked.stretch.label}.{locked.blank.kind}")
        made = Composed(
            kind=Composed.Kind.FORM,
            title=f"{locked.template.name}（{locked.stretch.label}）"[:200],
            scheme="",
            period=locked.period,
            level="",
            region=locked.template.region,
            revision=locked.revision,
            figures_sha256=digest(values_of(locked)),
            sha256=kept.sha256,
            size=kept.size,
            file_name=name,
            made_by=actor.name,
            made_at=clock.now(),
        )
        made.save()
        locked.copy, locked.note = made, " ".join(note.split())[:200]
        locked.save()
    return locked


def record_sent(
    actor: Actor, filled: Filled, *, receiver: str = "", purpose: str = "", known: bool = False
) -> Issued:
    """记下已报: every figure goes into 报出数台账, with the exported copy. The filling never changes after that.

    Raises MayNotFill, AlreadySent, NotExported, NobodyNamed, MayNotGive; ChecksOpen where figures left before with another
    value and nobody says ``known``.
    """
    may_fill(actor)
    with writing(actor, f"记下已报：{filled}"):
        locked = _unsent(filled)
        if locked.copy_id is None:
            raise NotExported(f"{locked} 还没有导出，或导出以后又改过。先导出上报的文件，报了再记。")
        warnings = earlier_different(actor, leaving(locked), explain=False)
        if warnings and not known:
            raise ChecksOpen(f"有 {len(warnings)} 个数和以前报出的不一样。看过原因，勾上“知道了”再记。")
        issued = record_issue(
            actor,
            leaving(locked),
            receiver=receiver or locked.template.receiver,
            purpose=purpose or f"套表上报：{locked.template.name}",
            channel=str(Issued.Channel.FORM),
            sentence=said(locked),
            revision=locked.revision,
            region=locked.template.region,
            composed=locked.copy,
            typed=typed_figures(locked),
        )
        locked.issued = issued
        locked.save()
    return issued


def said(filled: Filled) -> str:
    """《县区科技统计月报》2026年9月：填 23 格，手填 2 格，缺 1 格。"""
    counts = filled.counts
    parts = [f"{STATES[state]} {counts[state]} 格" for state in (FILLED, TYPED, MISSING) if counts.get(state)]
    note = f"说明：{filled.note}。" if filled.note else ""
    return f"《{filled.template.name}》{filled.stretch.label}：{'，'.join(parts)}。{note}"
