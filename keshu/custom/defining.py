"""Defining a ledger: what a page or a file says becomes a definition with its measures counted, in one revision, or sentences."""

import hashlib

from django.db import IntegrityError

from keshu.custom.checking import DefinitionRefused, settled
from keshu.custom.columns import to_json
from keshu.custom.models import Definition
from keshu.custom.registering import register_of
from keshu.custom.wanted import Wanted, differences, wanted_of
from keshu.directory.actors import Actor, Can
from keshu.journal.rows import canonical
from keshu.journal.writing import writing
from keshu.ledger.registers import ChangeRefused, by_code, changed

__all__ = ("DefinitionRefused", "EditedMeanwhile", "MayNotDefine", "define")


class EditedMeanwhile(ValueError):
    """Somebody else saved the definition after this person had opened it."""

    def __init__(self, definition: Definition, said: str) -> None:
        self.definition = definition
        super().__init__(
            f"“{definition.name}”在您打开之后已经有人改过（现在是第 {definition.edition} 版：{said}）。您写的还在下面，没有丢；对照后再保存一次。"
        )


class MayNotDefine(PermissionError):
    """The post may not define ledgers."""


def define(wanted: Wanted, actor: Actor, *, seen: int | None = None) -> Definition:
    """Save a ledger: a new one when ``seen`` is None, else the one that was seen in this edition. One revision with its measures.

    Raises DefinitionRefused, EditedMeanwhile, MayNotDefine. What says the same as what stands takes no revision.
    """
    if not actor.can(Can.KEEP_LEDGERS) or not actor.sees_all:
        raise MayNotDefine(f"{actor.name}不能定义台账。请由本局管台账的岗位来定。")
    try:
        return _define(wanted, actor, seen)
    except IntegrityError as error:  # two people gave one code or one name at the same moment
        raise DefinitionRefused(
            {"code": f"代码“{wanted.code}”或名称“{wanted.name}”刚被别人用了。请刷新后换一个。"}
        ) from error


def _define(wanted: Wanted, actor: Actor, seen: int | None) -> Definition:
    what = "定义" if seen is None else "修改"
    with writing(actor, f"{what}台账 {wanted.name}"[:200]) as block:
        if seen is None:
            _refuse_taken(wanted)
            definition, before = Definition(code=wanted.code, first_name=wanted.name, edition=0), None
        else:
            definition = Definition._base_manager.select_for_update().get(code=wanted.code)
            before = wanted_of(definition)
            if definition.edition != seen:
                raise EditedMeanwhile(
                    definition, "、".join(differences(wanted, before)[:3]) or "和您写的相同"
                )
        now = settled(wanted, definition, before)
        if before == now:
            return definition
        _write(definition, now)
        definition.save()
        try:
            register = register_of(definition)
            changed(register, block)
        except ChangeRefused as refusal:
            raise DefinitionRefused({"measures": str(refusal)}) from refusal
    return definition


def _refuse_taken(wanted: Wanted) -> None:
    if by_code(wanted.code) is not None:
        raise DefinitionRefused({"code": f"代码“{wanted.code}”已经有一个台账在用。请换一个代码。"})


def _write(definition: Definition, now: Wanted) -> None:
    gone = {col.slot for col in definition.cols} - {col.slot for col in now.columns}
    gone |= {count.code for count in definition.counts} - {count.code for count in now.measures}
    definition.spent = sorted({*definition.spent, *gone})
    definition.name, definition.about, definition.prefix = now.name, now.about, now.prefix
    definition.columns = [to_json(col) for col in now.columns]
    definition.measures = [to_json(count) for count in now.measures]
    definition.key, definition.who = list(now.key), list(now.who)
    definition.counts_by, definition.unit_use = now.counts_by, now.unit_use
    definition.batch, definition.active = now.batch, now.active
    definition.edition += 1
    content = {
        name: value for name, value in definition.recorded_data().items() if name not in ("id", "digest")
    }
    definition.digest = hashlib.sha256(canonical(content).encode()).hexdigest()
