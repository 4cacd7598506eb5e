"""How a role is given: one administrator asks, another approves, and only then the grant exists (GB/T 22239-2019, 管理用户权限分离)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from keshu.directory.actors import COUNTY_ROLES, Actor, Can, Role
from keshu.directory.models import Employment, GrantRequest, Region, RoleGrant
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, Procedure, Step, Transition, move
from keshu.terms import clock


@dataclass(frozen=True)
class Wish:
    """What is asked for: a role for a post, over a region (a county's roles; empty means the region of the unit), for a time."""

    employment: Employment
    role: Role
    region: Region | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    reason: str = ""


def _decides(actor: Actor, request: Any) -> bool:
    return actor.can(Can.GRANT_ROLES)


def _asked(actor: Actor, request: Any) -> bool:
    return actor.person_id is not None and actor.person_id == request.asked_person_id


def _another_person(request: Any, actor: Actor) -> str | None:
    if actor.person_id is None or actor.person_id == request.asked_person_id:
        return "申请和批准不能是同一个人。请另一位安全管理员批准。"
    if actor.person_id == request.employment.person_id:
        return "不能批准给自己的授权。请另一位安全管理员批准。"
    return None


def _fits(request: Any, actor: Actor) -> str | None:
    return _grant(request).conflict() or None


def _grant(request: Any) -> RoleGrant:
    return RoleGrant(
        employment=request.employment,
        role=request.role,
        region=request.region,
        valid_from=max(request.valid_from, clock.today()),
        valid_to=request.valid_to,
        granted_by=request.asked_by,
    )


def _approve(request: Any, step: Step) -> None:
    grant = _grant(request)
    grant.approved_by = step.actor.name
    try:
        grant.save()
    except ValidationError as refusal:
        raise MoveRefused(" ".join(refusal.messages)) from refusal
    request.grant = grant
    _decided(request, step)


def _decided(request: Any, step: Step) -> None:
    request.decided_by, request.decided_at, request.decision = step.actor.name, clock.now(), step.note[:200]


ASKED = frozenset({str(GrantRequest.State.ASKED)})
GRANTING = Procedure(
    code="授权",
    version="1",
    states={value: str(label) for value, label in GrantRequest._meta.get_field("state").flatchoices},
    transitions=(
        Transition(
            "approve",
            "批准授权",
            ASKED,
            "approved",
            _decides,
            needs=(_another_person, _fits),
            effect=_approve,
        ),
        Transition("refuse", "不批准", ASKED, "refused", _decides, effect=_decided, note_required=True),
        Transition("take_back", "收回申请", ASKED, "taken_back", _asked, effect=_decided),
    ),
)


def ask(actor: Actor, wish: Wish) -> GrantRequest:
    """Ask for a role. Raises NotYourTurn without the capability 管账号, MoveRefused when the role cannot be given like this."""
    if not actor.can(Can.MANAGE_ACCOUNTS):
        raise NotYourTurn(f"{actor.name} 不能申请授权。授权由系统管理员申请、安全管理员批准。")
    if not wish.reason.strip():
        raise MoveRefused("申请授权要写明事由，例如哪份文件定的岗。")
    if actor.person_id == wish.employment.person_id:
        raise MoveRefused("不能给自己申请授权。请另一位系统管理员申请。")
    start = wish.valid_from or clock.today()
    if wish.valid_to is not None and wish.valid_to < start:
        raise MoveRefused(f"止期 {wish.valid_to} 早于起期 {start}。请改其中一个。")
    if not wish.employment.in_force():
        raise MoveRefused(f"{wish.employment.person.name} 现在不任这个岗位，不能在上面授权。请先登记任职。")
    if wish.region is not None and wish.role not in COUNTY_ROLES:
        raise MoveRefused("地区范围只用于县(市、区)局的角色，市局和管理员的角色不带范围。请把范围留空。")
    request = GrantRequest(
        employment=wish.employment,
        role=wish.role.value,
        region=wish.region,
        valid_from=start,
        valid_to=wish.valid_to,
        reason=wish.reason.strip()[:200],
        asked_by=actor.name,
        asked_person_id=actor.person_id,
        asked_at=clock.now(),
    )
    held = RoleGrant.objects.filter(employment=wish.employment, role=wish.role.value, region=wish.region)
    if any(grant.in_force() for grant in held):
        raise MoveRefused(f"{request} 已经有了，不用再申请。")
    waiting = GrantRequest.objects.filter(
        employment=wish.employment, role=wish.role.value, region=wish.region, state=GrantRequest.State.ASKED
    )
    if waiting.exists():
        raise MoveRefused(f"{request} 已经申请过，正等安全管理员批准。")
    conflict = _grant(request).conflict()
    if conflict:
        raise MoveRefused(conflict)
    with writing(actor, f"申请授权 {request}"):
        request.save()
    return request


def decide(
    request: GrantRequest, action: str, actor: Actor, *, note: str = "", expected: str | None = None
) -> GrantRequest:
    """Approve, refuse or take back a request (``approve``, ``refuse``, ``take_back``). Raises MoveRefused, StaleState, NotYourTurn."""
    return move(request, action, actor, procedure=GRANTING, note=note, expected=expected)


def withdraw(grant: RoleGrant, actor: Actor, reason: str) -> RoleGrant:
    """End a grant at once; taking power away needs one person and a reason. Raises NotYourTurn, MoveRefused."""
    if not actor.can(Can.GRANT_ROLES):
        raise NotYourTurn(f"{actor.name} 不能撤回授权。请安全管理员办理。")
    if not reason.strip():
        raise MoveRefused("撤回授权要写明原因。")
    with writing(
        actor, f"撤回授权 {grant.employment.person.name} {grant.get_role_display()}：{reason.strip()}"
    ):
        fresh = RoleGrant._base_manager.select_for_update().get(pk=grant.pk)
        if fresh.withdrawn_on is not None:
            raise MoveRefused(f"这项授权 {fresh.withdrawn_on} 已由 {fresh.withdrawn_by} 撤回。")
        fresh.withdrawn_on, fresh.withdrawn_by = clock.today(), actor.name
        fresh.save()
    return fresh
