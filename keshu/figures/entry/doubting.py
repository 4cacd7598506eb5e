"""填报有误: a note that a figure seems wrong, written by the county or the city, answered by the other side, settled by who raised it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from keshu.directory.actors import Actor, Can
from keshu.figures.entry.adjusting import ADJUSTED
from keshu.figures.entry.models import Adjustment, Cell, Doubt, FormRow, Sheet
from keshu.figures.entry.recording import ORIGIN
from keshu.journal.writing import writing
from keshu.procedure.models import Move
from keshu.procedure.moving import Procedure, Step, Transition, move
from keshu.terms import clock

D = Doubt.State
MOST = 200
COUNTY = (Can.FILL_MONTH, Can.REVIEW_MONTH, Can.SIGN_MONTH)


class BadDoubt(ValueError):
    """The note cannot be written; the message says what to do."""


def is_city(actor: Actor) -> bool:
    """Whether the actor speaks for the city that verifies."""
    return actor.can(Can.VERIFY_MONTH)


def may_doubt(actor: Actor, sheet: Sheet) -> bool:
    """Whether the actor may write a note on the sheet: its county's people, or the city."""
    scope = actor.sees_all or sheet.region_id in actor.region_ids
    return bool(sheet.pk) and scope and (is_city(actor) or any(actor.can(one) for one in COUNTY))


def write_doubt(sheet: Sheet, row: FormRow | None, text: str, actor: Actor) -> Doubt:
    """Write 填报有误 about one row (None: the whole month) as the sheet stands. Nothing else changes. Raises BadDoubt."""
    if not may_doubt(actor, sheet):
        raise BadDoubt(
            f"{actor.name} 不能在这张表上写填报有误。请由{sheet.region.short_name}或市局的人来写。"
        )
    words = " ".join(text.split())
    if not words:
        raise BadDoubt("填报有误要写明哪里有误：应是多少，依据什么。")
    if len(words) > MOST:
        raise BadDoubt(f"写了 {len(words)} 个字，最多 {MOST} 个。写短一点，长的附在佐证里。")
    if row is not None and row.form_id != sheet.form_id:
        raise BadDoubt(f"这张表没有“{row.label}”。选表里的一行，或选整张表。")
    with writing(actor, f"填报有误 {sheet}"):
        doubt = Doubt(
            sheet=sheet,
            row=row,
            seen=_seen(sheet, row),
            text=words,
            by_city=is_city(actor),
            asked_by=actor.name,
            asked_at=clock.now(),
        )
        doubt.save()
    return doubt


def _seen(sheet: Sheet, row: FormRow | None) -> str:
    """What stood in the row when the note was written."""
    cell = Cell._base_manager.filter(sheet=sheet, row=row).first() if row is not None else None
    return (cell.text or cell.absence) if cell else ""


def _in_scope(actor: Actor, doubt: Any) -> bool:
    return may_doubt(actor, doubt.sheet)


def _raised_it(actor: Actor, doubt: Any) -> bool:
    """The side that wrote the note; the city may close a county's note as well."""
    return _in_scope(actor, doubt) and (is_city(actor) or not doubt.by_city)


def _answered(doubt: Any, step: Step) -> None:
    doubt.answer, doubt.answered_by = step.note.strip()[:MOST], step.actor.name


def _settled(doubt: Any, step: Step) -> None:
    doubt.settled_by = step.actor.name


DOUBTING = Procedure(
    code="doubt",
    version="1",
    states=dict(D.choices),
    transitions=(
        Transition(
            "answer", "答复", frozenset({str(D.OPEN)}), str(D.ANSWERED), _in_scope, (), _answered, True
        ),
        Transition(
            "ask_again", "再问", frozenset({str(D.ANSWERED)}), str(D.OPEN), _raised_it, note_required=True
        ),
        Transition(
            "settle",
            "销号",
            frozenset({str(D.OPEN), str(D.ANSWERED)}),
            str(D.SETTLED),
            _raised_it,
            (),
            _settled,
        ),
    ),
)


def act_on(doubt: Doubt, action: str, actor: Actor, note: str = "", *, expected: str | None = None) -> Doubt:
    """答复, 再问 or 销号. Raises MoveRefused (also where words are missing), NotYourTurn, StaleState."""
    done = move(doubt, action, actor, procedure=DOUBTING, note=note, expected=expected)
    assert isinstance(done, Doubt)
    return done


def doubts_of(sheets: Iterable[Sheet]) -> list[Doubt]:
    """Every note on the sheets, settled ones included, oldest first, with row and sheet. One query."""
    known = [sheet.pk for sheet in sheets if sheet.pk]
    if not known:
        return []
    rows = Doubt.objects.for_system("填报页").filter(sheet_id__in=known)
    return list(rows.select_related("row", "sheet__region", "sheet__form").order_by("asked_at", "pk"))


def told_of(doubts: Iterable[Doubt]) -> dict[int, list[Move]]:
    """What was said and done about each note, oldest first. One query."""
    found: dict[int, list[Move]] = {doubt.pk: [] for doubt in doubts}
    for entry in Move.objects.filter(model=Doubt._meta.label, object_pk__in=list(found)).order_by("pk"):
        found[entry.object_pk].append(entry)
    return found


def waits_for(actor: Actor) -> Q:
    """The notes that wait for this person's side, as a condition on Doubt: unanswered ones of the other side, answered ones
    of the own. A county's note on a month that has not left the county waits for its clerk."""
    if is_city(actor):
        return Q(by_city=False, state=D.OPEN, sheet__reported_at__isnull=False) | Q(
            by_city=True, state=D.ANSWERED
        )
    if actor.can(Can.FILL_MONTH):
        return (
            Q(by_city=True, state=D.OPEN)
            | Q(by_city=False, state=D.OPEN, sheet__reported_at__isnull=True)
            | Q(by_city=False, state=D.ANSWERED)
        )
    return Q(pk__in=[])


def behind(actor: Actor, origin: str, origin_pk: int | None, measure_pk: int) -> tuple[Sheet, FormRow] | None:
    """The sheet and row that a recorded value came from (``origin`` sheet or adjustment), where the actor may write a note on
    it; None otherwise."""
    if origin == ADJUSTED:
        asked = Adjustment.objects.visible_to(actor).select_related("row").filter(pk=origin_pk).first()
        if asked is None:
            return None
        found = {"form": asked.row.form_id, "region": asked.region_id, "period": asked.period}
    elif origin == ORIGIN:
        found = {"pk": origin_pk}
    else:
        return None
    sheet = Sheet.objects.visible_to(actor).select_related("form", "region").filter(**found).first()
    row = FormRow.objects.filter(form=sheet.form_id, measure=measure_pk).first() if sheet else None
    return (sheet, row) if sheet is not None and row is not None and may_doubt(actor, sheet) else None


def about(doubt: Doubt) -> str:
    """What the note is about: the row with the figure that stood there, or the whole month."""
    if doubt.row is None:
        return "整张表"
    return f"{doubt.row.name} {doubt.seen}".strip()
