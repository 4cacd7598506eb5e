"""A mapping while it is being made: kept on the server cell by cell, without a revision, until it is confirmed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keshu.directory.actors import Actor
from keshu.directory.models import Unit
from keshu.figures.book import book
from keshu.filling.layout import Layout
from keshu.filling.mapping import BadMapping, MappedCell, cells_of, checked, confirm_mapping, may_fill
from keshu.filling.models import Blank, FormTemplate
from keshu.filling.models import Mapping as KeptMapping
from keshu.filling.receiving import latest_blank
from keshu.filling.relations import read_relations
from keshu.filling.suggesting import suggest, suggest_sums
from keshu.filling.working import changed_layout, latest_mapping
from keshu.journal import moments
from keshu.ledger.drafts import Draft, keep_many
from keshu.terms import clock

REGISTER = "filling"
_CELL, _SUMS, _BLANK = "cell:", "sums", "blank"


class NotConfirmed(ValueError):
    """Suggestions that nobody has confirmed."""


@dataclass
class Work:
    """A mapping as it stands on the page: cells by key, which of them are only suggested, the relations, and whether anything was
    changed since the last confirmed one."""

    template: FormTemplate
    blank: Blank
    layout: Layout
    cells: dict[str, MappedCell]
    suggested: set[str]
    sums: str
    begun: bool


def work_on(actor: Actor, template: FormTemplate) -> Work:
    """The mapping being made of the newest blank; without a draft the confirmed one where it fits. Nothing is written."""
    blank = latest_blank(template)
    layout = Layout.of(blank.layout)
    draft = _draft(actor, template)
    if draft is not None and draft.content.get(_BLANK) == str(blank.pk):
        cells, suggested = {}, set()
        for name, text in draft.content.items():
            if name.startswith(_CELL) and text:
                kept = json.loads(text)
                cell = MappedCell.of(kept)
                cells[cell.key] = cell
                if kept.get("suggested"):
                    suggested.add(cell.key)
        return Work(template, blank, layout, cells, suggested, str(draft.content.get(_SUMS, "")), True)
    mapping = latest_mapping(template)
    if mapping is not None and mapping.blank.fingerprint == blank.fingerprint:
        held = {cell.key: cell for cell in cells_of(mapping)}
        return Work(template, blank, layout, held, set(), "\n".join(mapping.sums), False)
    return Work(template, blank, layout, {}, set(), "", False)


def put_cell(actor: Actor, template: FormTemplate, cell: MappedCell) -> MappedCell:
    """Keep one cell in the draft, looked through. Raises MayNotFill, BadMapping."""
    may_fill(actor)
    work = work_on(actor, template)
    made = checked(cell, work.layout, book(moments.latest()))
    _keep(actor, work, {_CELL + made.key: _text(made)})
    return made


def drop_cell(actor: Actor, template: FormTemplate, key: str) -> None:
    """Take a cell out of the draft."""
    may_fill(actor)
    work = work_on(actor, template)
    _keep(actor, work, {_CELL + work.layout.place(key).key: ""})


def put_sums(actor: Actor, template: FormTemplate, text: str) -> None:
    """Keep the relations as typed."""
    may_fill(actor)
    _keep(actor, work_on(actor, template), {_SUMS: text[:5000]})


def put_suggestions(actor: Actor, template: FormTemplate) -> int:
    """Suggest a meaning for every open cell that has none yet; how many were found."""
    may_fill(actor)
    work = work_on(actor, template)
    definitions = book(moments.latest())
    root = definitions.regions.get(template.region_id)
    found = [cell for cell in suggest(work.layout, definitions, root) if cell.key not in work.cells]
    fit: list[MappedCell] = []
    for cell in found:
        try:
            fit.append(checked(cell, work.layout, definitions))
        except BadMapping:
            continue
    texts = {_CELL + cell.key: _text(cell, suggested=True) for cell in fit}
    if not work.sums.strip():
        lines = suggest_sums(work.layout, [*work.cells.values(), *fit], definitions)
        texts[_SUMS] = "\n".join(lines)
    _keep(actor, work, texts)
    return len(fit)


def take_over(actor: Actor, template: FormTemplate) -> int:
    """Move the cells of the confirmed mapping to where their heads stand in the newest blank, as suggestions; how many."""
    may_fill(actor)
    change = changed_layout(template)
    if change is None:
        return 0
    work = work_on(actor, template)
    texts = {
        _CELL + cell.key: _text(cell, suggested=True) for cell in change.cells if cell.key not in work.cells
    }
    if not work.sums.strip():
        texts[_SUMS] = "\n".join(change.sums)
    _keep(actor, work, texts)
    return sum(name.startswith(_CELL) for name in texts)


def confirm_suggestions(actor: Actor, template: FormTemplate) -> int:
    """A clerk has looked at all suggestions and says that they are right; how many."""
    may_fill(actor)
    work = work_on(actor, template)
    _keep(actor, work, {_CELL + key: _text(work.cells[key]) for key in work.suggested})
    return len(work.suggested)


def confirm(actor: Actor, template: FormTemplate) -> KeptMapping:
    """记下对应: the draft becomes the next version of the mapping. Raises MayNotFill, NotConfirmed, BadMapping,
    UnreadableRelation."""
    may_fill(actor)
    work = work_on(actor, template)
    if work.suggested:
        raise NotConfirmed(
            f"还有 {len(work.suggested)} 格只是建议，没有人确认。逐格看过改好，或按“确认建议”，再记下。"
        )
    lines = work.sums.splitlines()
    read_relations(lines, work.layout)
    mapping = confirm_mapping(actor, work.blank, work.cells.values(), lines)
    give_up(actor, template)
    return mapping


def give_up(actor: Actor, template: FormTemplate) -> None:
    """Throw the draft away; the confirmed mapping stays."""
    may_fill(actor)
    draft = _draft(actor, template)
    if draft is not None:
        draft.delete()


def _draft(actor: Actor, template: FormTemplate) -> Draft | None:
    rows = Draft.objects.for_system("本单位正在对的表").filter(register=REGISTER, about=template.pk)
    return rows.filter(unit_id=_unit(actor)).order_by("pk").first()


def _unit(actor: Actor) -> int | None:
    """The bureau of the actor's post: everybody in it works on one draft."""
    unit = Unit.objects.select_related("parent").filter(pk=actor.unit_id).first()
    while unit is not None and unit.parent is not None:
        unit = unit.parent
    return unit.pk if unit is not None else actor.unit_id


def _keep(actor: Actor, work: Work, texts: Mapping[str, str]) -> None:
    """Keep fields; the first one begins the draft with what is confirmed already."""
    draft = _draft(actor, work.template)
    base: dict[str, str] = {}
    if not work.begun:
        if draft is not None:  # of an earlier blank
            draft.delete()
        draft = Draft(
            register=REGISTER,
            unit_id=_unit(actor),
            about=work.template.pk,
            saved_at=clock.now(),
            saved_by=actor.name,
        )
        draft.save()
        base = {_BLANK: str(work.blank.pk), _SUMS: work.sums} | _texts(work.cells.values())
    assert draft is not None
    keep_many(draft, {**base, **texts}, actor.name)


def _texts(cells: Iterable[MappedCell]) -> dict[str, str]:
    return {_CELL + cell.key: _text(cell) for cell in cells}


def _text(cell: MappedCell, *, suggested: bool = False) -> str:
    return json.dumps({**cell.plain(), "suggested": suggested}, ensure_ascii=False)
