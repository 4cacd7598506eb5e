"""The questions of an application form: which a call asks, what may be answered, and the answers as values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from keshu.directory.actors import Role
from keshu.directory.models import RoleGrant, Unit
from keshu.ledger.classified import refuse_classified
from keshu.programmes import limits
from keshu.programmes.models import Call, LeadKind
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.quantity import read_wan

Kind = Literal["text", "long", "money", "choice", "flag"]
COMMITMENT = "application-commitment"


@dataclass(frozen=True)
class Asked:
    """One question of the form: what the applicant sees beside it, how long it may be, from what to choose."""

    name: str
    label: str
    most: int
    kind: Kind = "text"
    hint: str = ""
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def long(self) -> bool:
        """Whether it is written in several lines."""
        return self.kind == "long"


class NoSuchQuestion(LookupError):
    """A field that the form does not have."""


class TooLong(ValueError):
    """A text longer than the form takes, or an answer that cannot be chosen."""


def questions(call: Call) -> tuple[Asked, ...]:
    """What a call asks, in the order of the form. A superior's call asks only what is needed to recommend."""
    found = [Asked("title", "项目名称", 120), Asked("leader", "负责人", 40)]
    if call.own_funds:
        found.append(Asked("lead_kind", "牵头单位类型", 12, "choice", choices=tuple(LeadKind.choices)))
    if call.kinds:
        kinds = tuple((kind, kind) for kind in call.kinds)
        found.append(Asked("accepted_kind", "申报方向", 60, "choice", choices=kinds))
    found.append(Asked("asked", "申请经费（万元）", 15, "money", "写万元，可带两位小数"))
    if call.own_funds or call.is_above:
        found.append(
            Asked("own_funds", "自筹经费（万元）", 15, "money", "没有的写 0", required=bool(call.own_funds))
        )
    if not call.is_above:
        found.append(Asked("summary", "研究内容", 1000, "long", "任务书的研究内容不超过 1000 字"))
        found.append(Asked("goals", "考核指标", 1000, "long", "验收时逐条对照，写得能数、能量"))
    found.append(
        Asked(
            "recommender",
            "推荐单位",
            12,
            "choice",
            "空着的由所在县(市、区)科技局推荐",
            required=False,
            choices=tuple((str(unit.pk), unit.name) for unit in recommenders()),
        )
    )
    if commitment()[0]:
        found.append(Asked("commitment", "承诺", 1, "flag"))
    return tuple(found)


def recommenders() -> list[Unit]:
    """Organisations that recommend besides the bureaus of the counties: those where somebody holds the role 推荐单位 today."""
    grants = RoleGrant.objects.filter(role=Role.RECOMMENDER.value, withdrawn_on__isnull=True)
    held = grants.select_related("employment__unit")
    units = {grant.employment.unit for grant in held if _runs(grant, clock.today())}
    return sorted(units, key=lambda unit: unit.name)


def _runs(grant: RoleGrant, today: date) -> bool:
    return grant.valid_from <= today and (grant.valid_to is None or today <= grant.valid_to)


def commitment() -> tuple[str, list[str]]:
    """(version, the lines of the 承诺书) in force today; ("", []) where a house has none."""
    found = limits.rule(Rule.Kind.LIMIT, COMMITMENT)
    if found is None:
        return "", []
    return f"{found.data['version']} {found.valid_from.isoformat()}", list(found.data["text"])


def cleaned(asked: tuple[Asked, ...], name: str, text: str) -> str:
    """The text of a field as it may be kept. Raises NoSuchQuestion, TooLong, Classified; a wrong number is kept and checked later."""
    question = next((one for one in asked if one.name == name), None)
    if question is None:
        raise NoSuchQuestion(f"申报书没有“{name}”这一项。")
    if len(text) > question.most:
        raise TooLong(f"{question.label}写了 {len(text)} 字，最多 {question.most} 字。多出的没有存，请删减。")
    if question.kind == "choice" and text and text not in dict(question.choices):
        raise TooLong(f"{question.label}请从列出的里面选。")
    refuse_classified(text)
    return text


def money(content: dict[str, Any], name: str) -> Decimal | None:
    """An amount of a draft in 元; None where nothing that can be read was typed."""
    return read_wan(str(content.get(name, "")))
