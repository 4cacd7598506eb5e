"""任务书: the goals with their promised values, the stages and the budget that a project is held to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.procedure.moving import NotYourTurn
from keshu.programmes.dating import ruled
from keshu.programmes.models import Application, Goal, Phase
from keshu.terms.quantity import plain, wan

S = Application.State
MOST_ROWS = 30
#: A goal ends where a value ends and the next clause begins.
_CLAUSE = re.compile(r"[；;。\n]+")
_COMMA = re.compile(r"[，,、]")
_VALUE = re.compile(
    r"(?:[≥≤＞＜><=±]=?|不少于|不低于|不高于|不超过|不大于|不小于|达到|至少|达)?\s*[±+-]?\d.*$"
)


class ContractStands(ValueError):
    """A signed contract is not rewritten; what has to change is asked for."""


class ContractBroken(ValueError):
    """A contract whose rows or amounts cannot stand; the message names the row and the value."""


@dataclass(frozen=True)
class Band:
    """One step of the indirect-cost ladder: the part of the base in it, the rate, and the amount (all 元)."""

    part: Decimal
    rate: Decimal
    amount: Decimal


def indirect_cost_bands(direct: Decimal, equipment: Decimal, rule: Mapping[str, Any]) -> list[Band]:
    """How the limit of the indirect cost comes about, step by step; the rule's ``bands`` hold ``to`` (元) and ``rate``.

    The base is the direct cost less the purchase of equipment (国办发〔2021〕32号); each part of it has its own rate.
    """
    base = max(direct - equipment, Decimal(0))
    found: list[Band] = []
    below = Decimal(0)
    for band in rule["bands"]:
        top = Decimal(band["to"]) if "to" in band else base
        part = min(base, top) - below
        if part <= 0:
            break
        rate = Decimal(band["rate"])
        found.append(Band(part, rate, part * rate))
        below = top
    return found


def indirect_cost_limit(direct: Decimal, equipment: Decimal, rule: Mapping[str, Any]) -> Decimal:
    """The most indirect cost (元, exact) that the ladder allows for a direct cost with its equipment (both 元).

    1,500 万元 with 300 万元 of equipment: 500×30% + 500×25% + 200×20% = 315 万元.
    """
    return sum((band.amount for band in indirect_cost_bands(direct, equipment, rule)), Decimal(0))


def told_ladder(bands: Sequence[Band]) -> str:
    """The arithmetic as a clerk checks it: 500×30% + 500×25% + 200×20%, in 万元."""
    return " + ".join(f"{wan(band.part)}×{plain(band.rate * 100)}%" for band in bands)


def split_goals(text: str) -> list[tuple[str, str]]:
    """(goal, promised value) of each clause of an application's 考核指标; the value is empty where none is written.

    形成样机 1 台套，申请发明专利 2 件 → (形成样机, 1 台套), (申请发明专利, 2 件). A comma parts two goals only where both hold a figure.
    """
    found: list[tuple[str, str]] = []
    for clause in _CLAUSE.split(text):
        for piece in _joined(_COMMA.split(clause)):
            goal = _numbered(piece)
            if not goal:
                continue
            value = _VALUE.search(goal)
            named = goal[: value.start()].strip(" 　:：") if value else goal
            found.append((named or goal, value[0].strip() if value and named else ""))
    return found[:MOST_ROWS]


def _joined(pieces: Sequence[str]) -> list[str]:
    """Pieces between commas, those without a figure joined to the one before."""
    found: list[str] = []
    for piece in pieces:
        if found and not re.search(r"\d", piece):
            found[-1] = f"{found[-1]}，{piece}"
        else:
            found.append(piece)
    return found


def _numbered(piece: str) -> str:
    """A goal without the number that stands before it."""
    return re.sub(r"^\s*(?:\d{1,2}\s*[.．、)）](?!\d)|[（(]\s*\d{1,2}\s*[）)]|[①-⑳])\s*", "", piece).strip()


@dataclass(frozen=True)
class Contract:
    """What the contract form holds. Goals are (text, promised value), stages (until, task); money in 元."""

    goals: Sequence[tuple[str, str]]
    stages: Sequence[tuple[date, str]] = ()
    direct_cost: Decimal | None = None
    equipment_cost: Decimal | None = None
    indirect_cost: Decimal | None = None
    own_funds: Decimal | None = None


def may_write(application: Application, actor: Actor) -> bool:
    """The project's organisation and the office write the contract, until it is signed."""
    own = actor.can(Can.APPLY) and application.unit_id in actor.unit_ids
    return application.state == S.APPROVED and (own or actor.can(Can.HANDLE_PROGRAMMES))


def write_contract(application: Application, contract: Contract, actor: Actor) -> Application:
    """Write goals, stages and budget in place of those before. Raises ContractStands, NotYourTurn, ContractBroken, Classified."""
    _examine(contract)
    with writing(actor, f"写任务书 {application}"):
        locked = Application._base_manager.select_for_update().get(pk=application.pk)
        if locked.state != S.APPROVED:
            raise ContractStands(
                f"任务书已经签订，现在是“{locked.get_state_display()}”。要改内容、指标或经费，请提变更申请。"
            )
        if not may_write(locked, actor):
            raise NotYourTurn(f"{actor.name} 不能写这份任务书。请由承担单位或业务科室填写。")
        for name in ("direct_cost", "equipment_cost", "indirect_cost", "own_funds"):
            setattr(locked, name, getattr(contract, name))
        locked.save()
        for old in (*goals_of(locked), *phases_of(locked)):
            old.delete()
        for order, (text, promised) in enumerate(contract.goals, 1):
            Goal(application=locked, order=order, text=text.strip(), promised=promised.strip()).save()
        for order, (until, task) in enumerate(contract.stages, 1):
            Phase(application=locked, order=order, until=until, task=task.strip()).save()
    return locked


def _examine(contract: Contract) -> None:
    if not contract.goals:
        raise ContractBroken("任务书至少要有一条考核指标。请逐条填写，或从申报书拆出来。")
    if len(contract.goals) > MOST_ROWS:
        raise ContractBroken(f"写了 {len(contract.goals)} 条指标，最多 {MOST_ROWS} 条。请合并后再存。")
    for number, (text, promised) in enumerate(contract.goals, 1):
        if not text.strip():
            raise ContractBroken(f"第 {number} 条指标没有写内容。补上，或删去这一行。")
        if not promised.strip():
            raise ContractBroken(
                f"第 {number} 条“{text.strip()[:20]}”没有约定值。写上验收时能对照的数或结果。"
            )
        _fits(f"第 {number} 条指标", text, 200)
        _fits(f"第 {number} 条的约定值", promised, 60)
    for number, (_, task) in enumerate(contract.stages, 1):
        _fits(f"第 {number} 阶段的任务", task, 200)
    days = [until for until, _ in contract.stages]
    if days != sorted(days):
        raise ContractBroken("阶段的截止日期要一个比一个晚。请调整顺序。")
    _afford(contract)


def _fits(what: str, text: str, most: int) -> None:
    refuse_classified(text)
    if len(text.strip()) > most:
        raise ContractBroken(f"{what}写了 {len(text.strip())} 字，最多 {most} 字。请删减。")


def _afford(contract: Contract) -> None:
    direct, equipment, indirect = contract.direct_cost, contract.equipment_cost, contract.indirect_cost
    if equipment is not None and (direct is None or equipment > direct):
        whole = "没有填" if direct is None else f"{wan(direct)} 万元"
        raise ContractBroken(f"设备购置费 {wan(equipment)} 万元包含在直接费用里，直接费用{whole}。请改。")
    if indirect is None:
        return
    if direct is None:
        raise ContractBroken("填了间接费用，没有填直接费用，算不出上限。请补上直接费用。")
    bands = indirect_cost_bands(direct, equipment or Decimal(0), ruled("rate", "indirect-cost"))
    most = sum((band.amount for band in bands), Decimal(0))
    if indirect > most:
        raise ContractBroken(
            f"间接费用 {wan(indirect)} 万元，超过上限 {wan(most)} 万元（{told_ladder(bands) or 0}）。请调减。"
        )


def goals_of(application: Application) -> list[Goal]:
    """The goals of a project's contract in order. Ask only for a project that the reader may see."""
    return list(Goal.objects.for_system("任务书").filter(application=application).order_by("order"))


def phases_of(application: Application) -> list[Phase]:
    """The stages of a project's contract in order. Ask only for a project that the reader may see."""
    return list(Phase.objects.for_system("任务书").filter(application=application).order_by("order"))
