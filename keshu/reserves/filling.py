"""Filling in: what somebody types is a draft until it is handed in; each library says what it asks and what a sheet becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.drafts import Draft
from keshu.ledger.records import Record
from keshu.procedure.asking import Ask, MoveRefused, read
from keshu.procedure.moving import NotYourTurn
from keshu.programmes.limits import Check
from keshu.programmes.questions import NoSuchQuestion, TooLong
from keshu.terms import clock
from keshu.terms.quantity import wan

LONG, SHORT = 1000, 120


@dataclass(frozen=True)
class Question(Ask):
    """One question of a sheet: an Ask with the most characters it takes."""

    most: int = SHORT


@dataclass(frozen=True)
class Typed:
    """A draft as it stands: the answers that can be read, by name, and every check in the order of the sheet."""

    given: dict[str, Any]
    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        """What still stands in the way."""
        return [check for check in self.checks if not check.holds]


Questions = Sequence[Question]
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """The sheet of one library. ``code`` is its register's.

    ``asks``: the questions for who writes. ``may``: who writes. ``begins``: what is known before anybody types, by the record
    that the sheet is about (0: none). ``checks``: rules over what could be read. ``build``: the record a sheet becomes; it is
    saved, and a record that came back is handed in again. ``model``: of its records. ``again``: states in which a record may be written again.
    ``sealed``: nobody else may read what is handed in, so that not even the history's reason names it.
    """

    code: str
    name: str
    verb: str
    model: type[Record]
    asks: Callable[[Actor], Questions]
    may: Callable[[Actor], bool]
    build: Callable[[Draft, Given, Actor], Record]
    begins: Callable[[Actor, int], Mapping[str, str]] = lambda actor, about: {}
    checks: Callable[[Draft, Given, Actor], list[Check]] = lambda draft, given, actor: []
    again: frozenset[str] = field(default_factory=frozenset)
    hint: str = ""
    sealed: bool = False


def drafts(actor: Actor, *codes: str) -> models.QuerySet[Draft]:
    """The sheets that the actor's own organisation is writing, of some libraries. Who sees all records sees nobody's drafts."""
    return Draft.objects.visible_to(actor).filter(unit_id__in=actor.unit_ids, register__in=codes)


def begin(form: Form, actor: Actor, about: int = 0) -> Draft:
    """A new draft of a sheet. Raises NotYourTurn for who may not write it, MoveRefused when what it is about takes none."""
    _require(form, actor)
    return Draft.objects.create(
        register=form.code,
        unit_id=actor.unit_id,
        about=about,
        content={"year": str(clock.today().year), **form.begins(actor, about)},
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def reopen(form: Form, actor: Actor, record: Record) -> Draft:
    """The draft of a record that came back, with what stands in it. Raises NotYourTurn, MoveRefused."""
    _require(form, actor)
    if record.state not in form.again:
        raise MoveRefused(f"“{record}”现在不能改。退回以后才能改了再报。")
    held = drafts(actor, form.code).filter(record_pk=record.pk).first()
    return held or Draft.objects.create(
        register=form.code,
        unit_id=actor.unit_id,
        about=0,
        record_pk=record.pk,
        content=texts_of(record, form.asks(actor)),
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def _require(form: Form, actor: Actor) -> None:
    if not form.may(actor) or actor.unit_id is None:
        raise NotYourTurn(f"{actor.name} 不能{form.verb}。请用有这一步权限的账号登录。")


def texts_of(record: Record, asks: Questions) -> dict[str, str]:
    """What a record says, as it would be typed."""
    found = {}
    for ask in asks:
        value = str(record.unit or getattr(record, "holder", "")) if ask.name == UNIT else None
        if value is None:
            value = getattr(record, ask.name, "")
        if ask.kind == "money":
            found[ask.name] = "" if value is None else wan(value)
        elif ask.kind == "flag":
            found[ask.name] = "1" if value else ""
        else:
            found[ask.name] = "" if value is None else str(value)
    return found


def cleaned(form: Form, actor: Actor, name: str, text: str) -> str:
    """The text of a question as it may be kept. Raises NoSuchQuestion, TooLong, Classified; what cannot be read is kept and checked later."""
    question = next((ask for ask in form.asks(actor) if ask.name == name), None)
    if question is None:
        raise NoSuchQuestion(f"{form.name}没有“{name}”这一项。")
    if len(text) > question.most:
        raise TooLong(f"{question.label}写了 {len(text)} 字，最多 {question.most} 字。多出的没有存，请删减。")
    refuse_classified(text)
    return text


def typed(form: Form, draft: Draft, actor: Actor) -> Typed:
    """The answers of a draft that can be read, and every check with what it found."""
    given: dict[str, Any] = {}
    checks: list[Check] = []
    for ask in form.asks(actor):
        text = str(draft.content.get(ask.name, "")).strip()
        if not text and ask.kind != "flag":
            if ask.required:
                checks.append(Check(f"{ask.label}已填", False, "", ask.name))
            continue
        try:
            given.update(read((ask,), {ask.name: text}, None))
        except MoveRefused as problem:
            checks.append(Check(f"{ask.label}读得懂", False, str(problem), ask.name))
            continue
        if ask.required and ask.kind != "flag":
            checks.append(Check(f"{ask.label}已填", True, "", ask.name))
    return Typed(given, [*checks, *form.checks(draft, given, actor)])


def hand_in(form: Form, draft: Draft, actor: Actor) -> Record:
    """The draft becomes a record, in one transaction; the draft goes. Raises MoveRefused, NotYourTurn."""
    _require(form, actor)
    title = "" if form.sealed else draft.content.get("title", "")
    with writing(actor, f"{form.verb} {title}".strip()):
        locked = Draft._base_manager.select_for_update().filter(pk=draft.pk).first()
        if locked is None:
            raise MoveRefused("这一份已经报出。请到台账里看。")
        found = typed(form, locked, actor)
        if found.failed:
            rules = "；".join(check.rule for check in found.failed)
            raise MoveRefused(f"还差 {len(found.failed)} 处，请做到：{rules}。")
        record = form.build(locked, found.given, actor)
        locked.delete()
    return record


def fill(record: Record, asks: Questions, given: Given) -> None:
    """Put the answers into the fields of their names; what was left empty is empty."""
    for ask in asks:
        if ask.name == UNIT:
            continue
        column = record._meta.get_field(ask.name)
        empty = "" if isinstance(column, (models.CharField, models.TextField)) else None
        setattr(record, ask.name, given.get(ask.name, False if ask.kind == "flag" else empty))


def written(model: type[Record], draft: Draft) -> Any:
    """The record that a draft writes again, locked; None for a new one."""
    if draft.record_pk is None:
        return None
    return model._base_manager.select_for_update().get(pk=draft.record_pk)


#: The question in which who writes for others names the organisation.
UNIT = "unit_name"


def for_others(actor: Actor) -> bool:
    """Whether the actor writes for an organisation that is not its own: the county, the office."""
    return not actor.can(Can.APPLY)


def unit_question(actor: Actor, label: str) -> tuple[Question, ...]:
    """The question for the organisation, asked only of who writes for others."""
    if not for_others(actor):
        return ()
    return (Question(UNIT, label, hint="写全称；没有建档的也照写", most=100),)


def place(record: Any, given: Given, actor: Actor) -> None:
    """Whose record it is: the writer's own organisation, or the named one, found by its full name among those the writer answers for.

    One that is not in the directory stays as text in ``holder``; the record then lies in the writer's region.
    """
    if not for_others(actor):
        record.unit_id, record.region_id = actor.unit_id, actor.region_id
        return
    name = str(given.get(UNIT, "")).strip()
    units = Unit.objects.filter(name=name)
    if not actor.sees_all:
        units = units.filter(region_id__in=actor.region_ids)
    unit = units.first()
    record.unit = unit
    record.holder = "" if unit else name
    record.region_id = unit.region_id if unit else actor.region_id
