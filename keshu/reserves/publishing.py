"""政策与表格下载: what the bureau publishes, abolishes and takes down, and its sheet."""

from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import evidence_of
from keshu.ledger.numbering import next_number
from keshu.ledger.records import Record
from keshu.procedure.moving import Ask, MoveRefused, Procedure, Step, Transition, move
from keshu.programmes.limits import Check
from keshu.programmes.steps.who import at
from keshu.reserves.filling import LONG, Form, Given, Question, fill, written
from keshu.reserves.models import Publication
from keshu.terms import clock

S = Publication.State
#: What anybody may see: an abolished document stays, marked.
SHOWN = (S.PUBLISHED, S.ABOLISHED)


def keeps(actor: Actor, record: Any) -> bool:
    """Who looks after the public documents."""
    return actor.can(Can.KEEP_LEDGERS)


def _says_something(record: Any, actor: Actor) -> str | None:
    if record.summary.strip() or evidence_of(record):
        return None
    return "还没有文件，也没有说明。先添加文件再公开。"


def _publish(record: Any, step: Step) -> None:
    record.published_on = record.counts_on = clock.today()
    if not record.number:
        record.number = next_number("ZC", clock.today().year)


def _abolish(record: Any, step: Step) -> None:
    if step.given["on"] > clock.today():
        raise MoveRefused(f"废止日期 {step.given['on']} 还没到。到那天再办。")
    record.abolished_on, record.abolished_by = step.given["on"], step.given["by"]


PROCEDURE = Procedure(
    code="公开文件",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition(
            "publish", "公开", at(S.DRAFT), str(S.PUBLISHED), keeps, needs=(_says_something,), effect=_publish
        ),
        Transition(
            "abolish",
            "标为已废止",
            at(S.PUBLISHED),
            str(S.ABOLISHED),
            keeps,
            effect=_abolish,
            asks=(Ask("by", "废止依据（文号或标题）"), Ask("on", "废止日期", "date")),
        ),
        Transition(
            "take_down",
            "撤下",
            at(S.PUBLISHED, S.ABOLISHED),
            str(S.TAKEN_DOWN),
            keeps,
            note_required=True,
            danger=True,
        ),
        Transition("correct", "改了再公开", at(S.TAKEN_DOWN), str(S.DRAFT), keeps),
    ),
)


def step(
    publication: Record, action: str, actor: Actor, *, note: str = "", given: Given | None = None
) -> Publication:
    """One step of a document. Raises MoveRefused, StaleState, NotYourTurn."""
    return move(publication, action, actor, procedure=PROCEDURE, note=note, given=given)


def _asks(actor: Actor) -> tuple[Question, ...]:
    return (
        Question("title", "标题", most=160),
        Question("category", "类别", "choice", choices=Publication.Category.choices),
        Question("doc_no", "文号", required=False, most=100),
        Question("issuer", "发布机关", required=False, most=100),
        Question("dated", "成文日期", "date", most=10, hint="写成 2026-05-31"),
        Question("valid_until", "有效期至", "date", required=False, most=10, hint="没有写明的空着"),
        Question("summary", "说明", "long", required=False, most=LONG),
    )


def _checks(draft: Draft, given: Given, actor: Actor) -> list[Check]:
    if "dated" not in given or "valid_until" not in given:
        return []
    holds = given["valid_until"] >= given["dated"]
    return [
        Check("有效期不早于成文日期", holds, f"{given['dated']} 至 {given['valid_until']}", "valid_until")
    ]


def _build(draft: Draft, given: Given, actor: Actor) -> Record:
    publication: Publication | None = written(Publication, draft)
    if publication is None:
        publication = Publication(state=S.DRAFT, region_id=actor.region_id, source="本局公开")
    elif publication.state != S.DRAFT:
        raise MoveRefused(f"“{publication}”已经是{publication.get_state_display()}，起草时才能改。")
    fill(publication, _asks(actor), given)
    publication.save()
    return publication


FORM = Form(
    code="publications",
    name="公开文件",
    verb="起草公开文件",
    model=Publication,
    asks=_asks,
    may=lambda actor: actor.can(Can.KEEP_LEDGERS),
    build=_build,
    checks=_checks,
    again=frozenset({str(S.DRAFT)}),
    hint="公开后人人能在“政策与表格下载”里查到",
)
