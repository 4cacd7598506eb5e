"""What becomes of a record of a custom ledger: 登记 → 核实, 退回, 作废. Who may follows from the definition."""

from typing import Any

from keshu.custom.models import CustomRecord, Definition
from keshu.directory.actors import Actor, Can
from keshu.procedure.moving import Procedure, Transition

S = CustomRecord.State


def enters(definition: Definition, actor: Actor) -> bool:
    """Whether the definition lets this post enter records at all."""
    if not definition.active:
        return False
    return (
        ("bureau" in definition.who and keeps(actor))
        or ("county" in definition.who and actor.is_county)
        or ("organisation" in definition.who and actor.can(Can.APPLY))
    )


def enters_for(definition: Definition, actor: Actor, region_id: int | None, unit_id: int | None) -> bool:
    """Whether this post may enter a record of a region and an organisation."""
    if not enters(definition, actor):
        return False
    if "bureau" in definition.who and keeps(actor):
        return actor.sees_all or region_id in actor.region_ids
    if actor.can(Can.APPLY):
        return unit_id in actor.unit_ids
    return region_id in actor.region_ids


def keeps(actor: Actor) -> bool:
    """Whether the post keeps ledgers for the house."""
    return actor.can(Can.KEEP_LEDGERS)


def may_correct(actor: Actor, record: CustomRecord) -> bool:
    """Whether the post may correct what a record says: as long as it has not been verified or struck."""
    return record.state == S.REGISTERED and enters_for(
        record.definition, actor, record.region_id, record.unit_id
    )


def _keeps(actor: Actor, record: Any) -> bool:
    return keeps(actor)


def _strikes(actor: Actor, record: Any) -> bool:
    return keeps(actor) or may_correct(actor, record)


PROCEDURE = Procedure(
    code="自定义台账",
    version="1",
    states={str(value): str(label) for value, label in S.choices},
    transitions=(
        Transition("verify", "核实", frozenset({str(S.REGISTERED)}), str(S.VERIFIED), _keeps),
        Transition(
            "reopen",
            "退回更正",
            frozenset({str(S.VERIFIED)}),
            str(S.REGISTERED),
            _keeps,
            note_required=True,
        ),
        Transition(
            "void",
            "作废",
            frozenset({str(S.REGISTERED), str(S.VERIFIED)}),
            str(S.VOID),
            _strikes,
            note_required=True,
            danger=True,
        ),
    ),
)
