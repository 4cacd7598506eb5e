"""What limits an application: amounts, own funds, how many per organisation and leader, how many compete in one direction.

The form's pre-check shows every rule with the fact it found; the step ``submit`` refuses by the same rules.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from keshu.programmes.models import Application, Call, LeadKind
from keshu.programmes.overdue import overdue_of
from keshu.programmes.steps.who import STANDING
from keshu.rules.dated import NoRuleInForce, in_force
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.quantity import wan
from keshu.terms.text import clean_name

S = Application.State
#: Approved and not closed: what a leader still has to bring to its end.
UNFINISHED = frozenset(str(state) for state in (S.APPROVED, S.RUNNING, S.ACCEPTING, S.FAILED))
#: States in which an application is valid in the competition of its direction: its formality check is passed.
VALID = (
    frozenset(str(state) for state in (S.ADMITTED, S.REVIEWED, S.NOT_CHOSEN, S.NOTICE, S.OBJECTED)) | STANDING
)


@dataclass(frozen=True)
class Check:
    """One rule of the pre-check: what it asks, whether it holds, the fact it found; ``refusal`` is the sentence of a refusal."""

    rule: str
    holds: bool
    fact: str
    field: str = ""
    refusal: str = ""

    @property
    def problem(self) -> str:
        """What is said when it does not hold."""
        return self.refusal or f"{self.rule}：{self.fact or '没有'}。"


@dataclass(frozen=True)
class Sought:
    """What is applied for, whether it is still a draft or an application already. Money in 元."""

    call: Call
    unit_id: int
    leader: str = ""
    asked: Decimal | None = None
    own_funds: Decimal | None = None
    lead_kind: str = ""
    pk: int | None = None

    @classmethod
    def of(cls, application: Application) -> "Sought":
        """What an application seeks."""
        return cls(
            call=application.call,
            unit_id=application.unit_id or 0,
            leader=application.leader,
            asked=application.asked,
            own_funds=application.own_funds,
            lead_kind=application.lead_kind,
            pk=application.pk,
        )


def rule(kind: str, code: str) -> Rule | None:
    """The dated rule in force today; None where a house has none: then nothing is asked."""
    try:
        return in_force(kind, code, clock.today())
    except NoRuleInForce:
        return None


def checks(sought: Sought) -> list[Check]:
    """Every limit that can be judged already, in the order in which a clerk reads them."""
    found = [
        _most_each(sought),
        _own_funds(sought),
        _per_unit(sought),
        *_per_leader(sought),
        _overdue(sought),
    ]
    return [check for check in found if check is not None]


def _most_each(sought: Sought) -> Check | None:
    most, asked = sought.call.most_each, sought.asked
    if most is None or asked is None:
        return None
    return Check(
        f"不超过单项最高 {wan(most)} 万元",
        asked <= most,
        f"申请 {wan(asked)} 万元",
        "asked",
        f"申请 {wan(asked)} 万元，超过单项最高 {wan(most)} 万元。",
    )


def _own_funds(sought: Sought) -> Check | None:
    """自筹 as a share of 申请 + 自筹; the guide names the least by the kind of organisation that leads."""
    least = sought.call.own_funds.get(sought.lead_kind or str(LeadKind.OTHER))
    if not least or sought.asked is None or sought.own_funds is None:
        return None
    total = sought.asked + sought.own_funds
    need = sought.asked * Decimal(least) / (100 - Decimal(least)) if Decimal(least) < 100 else total
    who = LeadKind(sought.lead_kind or str(LeadKind.OTHER)).label
    return Check(
        f"{who}牵头的自筹不低于申请加自筹的 {least}%",
        sought.own_funds * 100 >= Decimal(least) * total,
        f"申请 {wan(sought.asked)}、自筹 {wan(sought.own_funds)} 万元，自筹至少 {wan(_up_to_cent(need))} 万元",
        "own_funds",
    )


def _up_to_cent(value: Decimal) -> Decimal:
    cents = (value * 100).to_integral_value(rounding="ROUND_CEILING")
    return cents / 100


def _per_unit(sought: Sought) -> Check | None:
    call = sought.call
    if call.most_per_unit is None:
        return None
    count = sent_by(sought.unit_id, call, besides=sought.pk)
    return Check(
        f"每个单位最多 {call.most_per_unit} 项",
        count < call.most_per_unit,
        f"已报 {count} 项",
        refusal=f"本单位已报 {count} 项，“{call}”每个单位最多 {call.most_per_unit} 项。",
    )


def sent_by(unit: int, call: Call, *, besides: int | None) -> int:
    """How many applications of a unit to a call count against its limit; drafts and refused ones do not."""
    sent = Application.objects.for_system("限项").filter(call=call, unit_id=unit)
    return sent.exclude(state__in=[S.DRAFT, S.REFUSED]).exclude(pk=besides).count()


def _per_leader(sought: Sought) -> list[Check]:
    """A leader is known by name within the organisation; the numbers stand in the dated rule ``application-leader``."""
    found = rule(Rule.Kind.LIMIT, "application-leader")
    if found is None or not sought.leader.strip():
        return []
    # Spaces and full-width letters make no other person: names are compared in their one spelling.
    name = clean_name(sought.leader)
    rows = Application.objects.for_system("负责人限项").filter(unit_id=sought.unit_id).exclude(pk=sought.pk)
    theirs = [
        (year, state)
        for leader, year, state in rows.values_list("leader", "year", "state")
        if clean_name(leader) == name
    ]
    out = (S.DRAFT, S.REFUSED, S.NOT_CHOSEN)
    sent = sum(year == sought.call.year and state not in out for year, state in theirs)
    held = sum(state in UNFINISHED for _, state in theirs)
    most, most_held = found.data["applied"], found.data["unfinished"]
    return [
        Check(
            f"负责人同一年度最多申报 {most} 项（{found.source_mark}）",
            sent < most,
            f"{sought.leader} 已报 {sent} 项",
            "leader",
        ),
        Check(
            f"负责人没有 {most_held} 项以上未验收的项目（{found.source_mark}）",
            held < most_held,
            f"{sought.leader} 未验收 {held} 项",
            "leader",
        ),
    ]


def _overdue(sought: Sought) -> Check:
    late = sum(row.pk != sought.pk for row in overdue_of(sought.unit_id))
    return Check("没有逾期未验收的项目", late == 0, f"逾期 {late} 项" if late else "没有")


@dataclass(frozen=True)
class Direction:
    """One direction of a call: how many valid applications compete in it, and how many the rule asks for."""

    name: str
    valid: int
    least: int

    @property
    def enough(self) -> bool:
        """Whether it may be reviewed."""
        return self.valid >= self.least


def directions(call: Call) -> list[Direction]:
    """How many valid applications each direction has, against the rule ``application-competition``; empty without one."""
    found = rule(Rule.Kind.LIMIT, "application-competition")
    if found is None or call.is_above:
        return []
    rows = Application.objects.for_system("竞争性").filter(call=call, state__in=VALID)
    counted = Counter(rows.values_list("accepted_kind", flat=True))
    names = [*call.kinds, *sorted(set(counted) - set(call.kinds))] or [""]
    return [Direction(name, counted.get(name, 0), int(found.data["least"])) for name in names]
