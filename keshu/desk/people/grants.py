"""权限: roles asked for by the system administrator and decided by the security administrator."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from keshu.desk import typed
from keshu.desk.guard import address, needs
from keshu.directory.actors import COUNTY_ROLES, ROLE_NAMES, Can, Role
from keshu.directory.models import Employment, GrantRequest, Region, RoleGrant
from keshu.journal import audit
from keshu.procedure import granting
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock

DECIDED_SHOWN = 30
WORDS = {"approve": "批准授权", "refuse": "不批准授权", "take_back": "收回申请"}


@require_GET
@needs(Can.GRANT_ROLES, Can.MANAGE_ACCOUNTS)
def grants(request: HttpRequest) -> HttpResponse:
    """权限: what waits, what holds today, what was decided."""
    actor = request.actor  # type: ignore[attr-defined]
    asked = GrantRequest.objects.select_related("employment__person", "employment__unit", "region").order_by(
        "-pk"
    )
    held = RoleGrant.objects.select_related("employment__person", "employment__unit__region", "region")
    posts = Employment.objects.select_related("person", "unit").order_by("unit__code", "person__name")
    today = clock.today()
    context = {
        "waiting": list(asked.filter(state=GrantRequest.State.ASKED)),
        "decided": list(asked.exclude(state=GrantRequest.State.ASKED)[:DECIDED_SHOWN]),
        "held": [row for row in held.order_by("employment__unit__code", "pk") if row.in_force()],
        "decides": actor.can(Can.GRANT_ROLES),
        "asks": actor.can(Can.MANAGE_ACCOUNTS),
        "posts": [row for row in posts if row.in_force()],
        "roles": [{"code": role.value, "name": name} for role, name in ROLE_NAMES.items()],
        "regions": Region.objects.filter(level__in=_levels()).order_by("code"),
        "today": today,
        "crumbs": [{"label": "权限"}],
    }
    return render(request, "people/grants.html", context)


@require_POST
@needs(Can.MANAGE_ACCOUNTS)
def grant_ask(request: HttpRequest) -> HttpResponse:
    """申请授权."""
    form = request.POST
    post = Employment.objects.filter(pk=typed.key(form.get("post"))).select_related("person", "unit").first()
    role = next((role for role in Role if role.value == form.get("role")), None)
    if post is None or role is None:
        messages.error(request, "没有申请：先选岗位和角色。")
        return redirect("desk:grants")
    region = Region.objects.filter(pk=typed.key(form.get("region"))).first() if role in COUNTY_ROLES else None
    try:
        wish = granting.Wish(
            post,
            role,
            region,
            typed.day(form.get("valid_from")),
            typed.day(form.get("valid_to")),
            form.get("reason", ""),
        )
        asked = granting.ask(request.actor, wish)  # type: ignore[attr-defined]
    except (MoveRefused, NotYourTurn, typed.UnreadableField) as refusal:
        messages.error(request, str(refusal))
    else:
        _noted(request, "申请授权", asked)
        messages.success(request, f"已申请：{asked}，等安全管理员批准。")
    return redirect("desk:grants")


@require_POST
@needs(Can.GRANT_ROLES, Can.MANAGE_ACCOUNTS)
def grant_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """批准, 不批准 (with a reason), or 收回 by the one who asked."""
    asked = get_object_or_404(GrantRequest.objects.select_related("employment__person"), pk=pk)
    action, note = request.POST.get("action", ""), request.POST.get("note", "")
    try:
        decided = granting.decide(asked, action, request.actor, note=note)  # type: ignore[attr-defined]
    except (MoveRefused, NotYourTurn) as refusal:
        audit.note(
            request.actor,  # type: ignore[attr-defined]
            WORDS.get(action, "授权"),
            str(asked),
            outcome="拒绝",
            address=address(request),
            detail={"原因": str(refusal)},
        )
        messages.error(request, str(refusal))
    else:
        _noted(request, WORDS[action], decided)
        messages.success(request, f"{decided}：{decided.get_state_display()}。")
    return redirect("desk:grants")


@require_POST
@needs(Can.GRANT_ROLES)
def grant_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回授权: at once, with a reason."""
    grant = get_object_or_404(RoleGrant.objects.select_related("employment__person"), pk=pk)
    reason = request.POST.get("reason", "")
    target = f"{grant.employment.person.name} {grant.get_role_display()}"
    try:
        granting.withdraw(grant, request.actor, reason)  # type: ignore[attr-defined]
    except (MoveRefused, NotYourTurn) as refusal:
        messages.error(request, str(refusal))
    else:
        audit.note(
            request.actor,  # type: ignore[attr-defined]
            "撤回授权",
            target,
            address=address(request),
            detail={"原因": reason[:100]},
        )
        messages.success(request, f"已撤回：{target}，从下一次打开页面起无效。")
    return redirect("desk:grants")


def _levels() -> list[str]:
    return [Region.Level.CITY, Region.Level.COUNTY, Region.Level.TOWN]


def _noted(request: HttpRequest, kind: str, asked: GrantRequest) -> None:
    detail = {"岗位": str(asked.employment.unit), "事由": asked.reason, "意见": asked.decision}
    audit.note(request.actor, kind, str(asked), address=address(request), detail=detail)  # type: ignore[attr-defined]
