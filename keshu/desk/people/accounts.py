"""组织 and 账号: units, accounts and posts, for the system administrator."""

from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keshu.desk import typed
from keshu.desk.guard import address, needs
from keshu.directory import opening
from keshu.directory.accounts import posts
from keshu.directory.actors import ROLE_NAMES, Can
from keshu.directory.models import Account, Region, Unit
from keshu.directory.privacy import masked_phone
from keshu.journal import audit
from keshu.journal.writing import writing
from keshu.terms.text import clean_name

PER_PAGE = 50


@require_GET
@needs(Can.MANAGE_ACCOUNTS)
def accounts(request: HttpRequest) -> HttpResponse:
    """账号: everyone who can sign in, with posts, roles and state."""
    wanted = request.GET.get("q", "").strip()
    rows = Account.objects.select_related("person").order_by("username")
    if wanted:
        rows = rows.filter(username__icontains=wanted) | rows.filter(person__name__icontains=wanted)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    locked = _locked()
    context = {
        "page": page,
        "rows": [_row(account, locked) for account in page],
        "q": wanted,
        "page_href_prefix": f"?q={wanted}&page=",
        "crumbs": [{"label": "账号"}],
        "actions": [
            {"label": "建账号", "href": reverse("desk:account_new"), "icon": "plus", "primary": True}
        ],
    }
    return render(request, "people/accounts.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Can.MANAGE_ACCOUNTS)
def account_new(request: HttpRequest) -> HttpResponse:
    """建账号: the first password is shown once, on the answer to this form."""
    problem = ""
    if request.method == "POST":
        unit = Unit.objects.filter(pk=typed.key(request.POST.get("unit"))).first()
        try:
            if unit is None:
                raise opening.AccountRefused("先选单位。没有这个单位的，到“组织”里登记。")
            wanted = opening.NewAccount(
                username=request.POST.get("username", ""),
                name=request.POST.get("name", ""),
                unit=unit,
                title=request.POST.get("title", ""),
                phone=request.POST.get("phone", ""),
            )
            account, first = opening.open_account(request.actor, wanted)  # type: ignore[attr-defined]
        except opening.AccountRefused as refusal:
            problem = str(refusal)
        else:
            _noted(request, "建账号", account, {"单位": unit.name})
            return _once(request, account, first)
    context = {
        "problem": problem,
        "typed": request.POST,
        "units": _units(),
        "crumbs": [{"label": "账号", "href": reverse("desk:accounts")}, {"label": "建账号"}],
    }
    return render(request, "people/account_new.html", context, status=422 if problem else 200)


@require_GET
@needs(Can.MANAGE_ACCOUNTS)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its person, posts, roles, state, and what can be done with it."""
    return _account_page(request, _found(pk))


@never_cache
@require_POST
@needs(Can.MANAGE_ACCOUNTS)
def account_act(request: HttpRequest, pk: int) -> HttpResponse:
    """启用, 停用, 解锁, 重设口令, 加岗位, 看电话全文: each leaves an audit entry."""
    found = _found(pk)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        messages.error(request, "没有做：不认得这一步。请刷新再试。")
        return redirect("desk:account", pk)
    try:
        return act(request, found)
    except opening.AccountRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:account", pk)


def _switch(active: bool) -> Any:
    def act(request: HttpRequest, found: Account) -> HttpResponse:
        opening.set_active(request.actor, found, active)  # type: ignore[attr-defined]
        _noted(request, "启用账号" if active else "停用账号", found)
        return redirect("desk:account", found.pk)

    return act


def _unlock(request: HttpRequest, found: Account) -> HttpResponse:
    forget_failures(username=found.username)
    _noted(request, "解锁账号", found)
    messages.success(request, f"已解锁 {found.username}，可以马上登录。")
    return redirect("desk:account", found.pk)


def _reset(request: HttpRequest, found: Account) -> HttpResponse:
    first = opening.reset_password(request.actor, found)  # type: ignore[attr-defined]
    forget_failures(username=found.username)
    _noted(request, "重设口令", found)
    return _once(request, found, first)


def _post(request: HttpRequest, found: Account) -> HttpResponse:
    unit = Unit.objects.filter(pk=typed.key(request.POST.get("unit"))).first()
    if unit is None:
        raise opening.AccountRefused("先选单位。")
    opening.add_post(request.actor, found.person, unit, request.POST.get("title", ""))  # type: ignore[attr-defined]
    _noted(request, "登记任职", found, {"单位": unit.name})
    return redirect("desk:account", found.pk)


def _phone(request: HttpRequest, found: Account) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise opening.AccountRefused("看电话全文要写明为什么看，会留下记录。")
    _noted(request, "看全文", found, {"看什么": "电话", "事由": reason[:100]})
    return _account_page(request, found, phone=found.person.phone or "没有登记")


ACTS = {
    "enable": _switch(True),
    "disable": _switch(False),
    "unlock": _unlock,
    "reset": _reset,
    "post": _post,
    "phone": _phone,
}


@require_http_methods(["GET", "POST"])
@needs(Can.MANAGE_ACCOUNTS)
def units(request: HttpRequest) -> HttpResponse:
    """组织: the units of this house, and registering another."""
    problem = ""
    if request.method == "POST":
        problem = _new_unit(request)
        if not problem:
            return redirect("desk:units")
    context = {
        "units": _units(),
        "regions": Region.objects.exclude(level=Region.Level.NATION).order_by("level", "code"),
        "problem": problem,
        "typed": request.POST,
        "crumbs": [{"label": "组织"}],
    }
    return render(request, "people/units.html", context, status=422 if problem else 200)


def _new_unit(request: HttpRequest) -> str:
    name, code = clean_name(request.POST.get("name", "")), request.POST.get("code", "").strip()
    region = Region.objects.filter(pk=typed.key(request.POST.get("region"))).first()
    parent = Unit.objects.filter(pk=typed.key(request.POST.get("parent"))).first()
    if not name or not code or region is None:
        return "名称、代码、地区都要填。代码可用统一社会信用代码，科室用单位代码加序号。"
    if Unit.objects.filter(code=code).exists() or Region.objects.filter(code=code).exists():
        return f"代码“{code}”已经有了。换一个。"
    if Unit.objects.filter(name=name, region=region).exists():
        return f"{region} 已有“{name}”，不用再登记。"
    with writing(request.actor, f"登记单位 {name}"):  # type: ignore[attr-defined]
        Unit(
            code=code[:30],
            name=name[:100],
            region=region,
            parent=parent,
            has_account=request.POST.get("has_account") == "1",
        ).save()
    audit.note(request.actor, "登记单位", name, address=address(request))  # type: ignore[attr-defined]
    return ""


def _units() -> list[Unit]:
    return list(Unit.objects.select_related("region", "parent").order_by("region__code", "code"))


def _found(pk: int) -> Account:
    return get_object_or_404(Account.objects.select_related("person"), pk=pk)


def _locked() -> set[str]:
    """User names that too many wrong passwords have locked for now."""
    limit = settings.AXES_FAILURE_LIMIT
    return set(
        AccessAttempt.objects.filter(failures_since_start__gte=limit).values_list("username", flat=True)
    )


def _row(found: Account, locked: set[str]) -> dict[str, Any]:
    state, tone = ("启用", "ok") if found.is_active else ("停用", "")
    if found.is_active and found.username in locked:
        state, tone = "已锁定", "late"
    elif found.is_active and found.must_change:
        state, tone = "须改口令", "slow"
    return {
        "account": found,
        "posts": [f"{post.unit.name} {post.title}" for post in posts(found)],
        "roles": [ROLE_NAMES[role] for role in sorted(opening.roles_of(found.person))],
        "phone": masked_phone(found.person.phone),
        "state": state,
        "tone": tone,
        "locked": found.username in locked,
    }


def _account_page(request: HttpRequest, found: Account, phone: str = "") -> HttpResponse:
    context = {
        "row": _row(found, _locked()),
        "held": posts(found),
        "phone": phone,
        "units": _units(),
        "crumbs": [{"label": "账号", "href": reverse("desk:accounts")}, {"label": found.username}],
    }
    return render(request, "people/account.html", context)


def _once(request: HttpRequest, found: Account, first: str) -> HttpResponse:
    """The page that shows a first password; it is kept nowhere and not shown again."""
    context = {
        "account": found,
        "first": first,
        "crumbs": [{"label": "账号", "href": reverse("desk:accounts")}, {"label": found.username}],
    }
    answer = render(request, "people/first_password.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _noted(request: HttpRequest, kind: str, found: Account, detail: dict[str, str] | None = None) -> None:
    target = f"{found.username} {found.person.name}"
    audit.note(request.actor, kind, target, address=address(request), detail=detail)  # type: ignore[attr-defined]
