"""The sheet of a need."""

from keshu.directory.actors import Actor, Can
from keshu.ledger.drafts import Draft
from keshu.ledger.numbering import next_number
from keshu.ledger.records import Record
from keshu.programmes.limits import Check
from keshu.programmes.models import Field
from keshu.reserves.challenging import step
from keshu.reserves.filling import (
    LONG,
    UNIT,
    Form,
    Given,
    Question,
    fill,
    for_others,
    place,
    unit_question,
    written,
)
from keshu.reserves.models import Need
from keshu.reserves.weighing import terms
from keshu.terms import clock


def _asks(actor: Actor) -> tuple[Question, ...]:
    return (
        *unit_question(actor, "出题方"),
        Question("title", "需求名称"),
        Question("field", "领域", "choice", choices=Field.choices),
        Question("year", "年度", "number", most=4),
        Question("problem", "要解决的问题", "long", most=LONG),
        Question("indicators", "技术指标", "long", most=LONG, hint="写得能测、能比：指标、现状、目标、单位"),
        Question("months", "完成时限（月）", "number", most=3),
        Question("budget", "总投入", "money", most=15),
        Question("bounty", "榜金", "money", most=15, hint="付给揭榜方的现金"),
        Question("support", "申请财政支持", "money", required=False, most=15),
        Question("property_terms", "知识产权约定", "long", most=500),
        Question("conditions", "对揭榜方的要求", "long", required=False, most=500),
        Question("show_name", "公开本单位名称", "flag"),
        Question("contact", "联系人", required=False, most=40),
        Question("phone", "联系电话", required=False, hint="别人看到的是中间四位打星号的", most=20),
    )


def _checks(draft: Draft, given: Given, actor: Actor) -> list[Check]:
    return terms(given.get("budget"), given.get("bounty"), given.get("support"), given.get("months"))


def _build(draft: Draft, given: Given, actor: Actor) -> Record:
    need: Need | None = written(Need, draft)
    came_back = need is not None
    if need is None:
        need = Need(state=Need.State.SUBMITTED, submitted_on=clock.today(), source="网上填报")
        place(need, given, actor)
    fill(need, _asks(actor), given)
    if not need.number:
        need.number = next_number("XQ", clock.today().year)
    need.save()
    return step(need, "resubmit", actor) if came_back else need


def _begins(actor: Actor, about: int) -> dict[str, str]:
    return {"show_name": "1"}


def _owned(draft: Draft, given: Given, actor: Actor) -> list[Check]:
    """Who puts a need up pays for it and signs: it has to be in the directory."""
    found = _checks(draft, given, actor)
    if for_others(actor) and given.get(UNIT):
        probe = Need()
        place(probe, given, actor)
        found.append(Check("出题方已建档", probe.unit_id is not None, f"“{given[UNIT]}”", UNIT))
    return found


FORM = Form(
    code="needs",
    name="技术需求",
    verb="提出技术需求",
    model=Need,
    asks=_asks,
    may=lambda actor: any(actor.can(c) for c in (Can.APPLY, Can.RECOMMEND, Can.HANDLE_PROGRAMMES)),
    build=_build,
    begins=_begins,
    checks=_owned,
    again=frozenset({str(Need.State.RETURNED)}),
    hint="想公开找人攻关的难题；论证通过后发榜",
)
