"""Signing in and out, one's own password, post and print size. What matters for security leaves an audit entry."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from keshu.demo import people
from keshu.desk import limits, shell
from keshu.desk.guard import address
from keshu.desk.middleware import POST_KEY
from keshu.directory.accounts import actor_of, posts
from keshu.directory.actors import ROLE_NAMES, Role
from keshu.directory.models import Account
from keshu.home import today_file
from keshu.journal import audit


@method_decorator(limits.limited(limits.SIGN_IN), name="dispatch")
class SignIn(auth_views.LoginView):
    """登录: five wrong passwords for one account from one address lock it for half an hour (axes)."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_accounts=demo_accounts(), **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        account = form.get_user()
        audit.note(actor_of(account), "登录", account.username, address=address(self.request))
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        named = str(form.data.get("username", ""))[:40]
        kind = "锁定" if getattr(self.request, "axes_locked_out", False) else "登录失败"
        audit.note(None, kind, named, outcome="拒绝", address=address(self.request))
        return super().form_invalid(form)


class SignOut(auth_views.LogoutView):
    """退出, by a form only."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        answer = super().post(request, *args, **kwargs)
        if actor is not None:
            audit.note(actor, "退出", actor.name, address=address(request))
        return answer


def demo_accounts() -> list[dict[str, str]]:
    """The accounts that a demonstration shows on its sign-in page: role, username, password; none in a real house.

    Only a demonstration has a fixed today, and only its own accounts are shown, as long as they are in use.
    """
    if not today_file(settings.HOME).exists():
        return []
    rows = people.stated()["people"]
    used = set(
        Account.objects.filter(username__in=[row["username"] for row in rows], is_active=True).values_list(
            "username", flat=True
        )
    )
    return [
        {
            "role": "、".join(ROLE_NAMES[Role(post["role"])] for post in row["posts"]),
            "username": row["username"],
            "password": people.PASSWORD,
        }
        for row in rows
        if row["username"] in used
    ]


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Send the actor to where its role lands; an account without a role is told whom to ask."""
    opened = shell.landing(request.actor, shell.last_scheme(request))  # type: ignore[attr-defined]
    return redirect(opened) if opened else render(request, "people/no_role.html")


@sensitive_post_parameters()
@never_cache
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """改口令: of one's own account; the other sessions of the account end with it."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["old_password"] == form.cleaned_data["new_password1"]:
            form.add_error("new_password1", "新口令和原来的一样，换一个。")
        else:
            account = form.save(commit=False)
            account.must_change = False
            account.save(update_fields=["password", "must_change"])
            update_session_auth_hash(request, account)
            audit.note(request.actor, "改口令", account.username, address=address(request))  # type: ignore[attr-defined]
            messages.success(request, "口令已改，别处登录的已退出。")
            return redirect("desk:landing")
    context = {"form": form, "crumbs": [{"label": "改口令"}], "must_change": request.user.must_change}
    return render(request, "people/password.html", context, status=200 if request.method == "GET" else 422)


@require_POST
@login_required
def switch_post(request: HttpRequest) -> HttpResponse:
    """换岗位: another post of the same person; what may be seen changes at once."""
    wanted = request.POST.get("post", "")
    held = {str(row.pk): row for row in posts(request.user)}
    if wanted not in held:
        messages.error(request, "没有换成：现在不任这个岗位。")
        return redirect("desk:landing")
    request.session[POST_KEY] = held[wanted].pk
    actor = actor_of(request.user, held[wanted].pk)
    audit.note(actor, "换岗位", actor.post, address=address(request))
    return redirect("desk:landing")


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """大字版 on and off: kept on the account, by a cookie for those who have not signed in."""
    large = request.POST.get("mode") == "elder"
    answer = HttpResponseRedirect(_back(request))
    if request.user.is_authenticated:
        request.user.elder = large
        request.user.save(update_fields=["elder"])
    elif large:
        answer.set_cookie(
            shell.MODE_COOKIE,
            "elder",
            max_age=shell.YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        answer.delete_cookie(shell.MODE_COOKIE)
    return answer


@require_POST
@login_required
def keepalive(request: HttpRequest) -> HttpResponse:
    """接着用: any request renews the session, this one does nothing else."""
    return HttpResponse(status=204)


def _back(request: HttpRequest) -> str:
    """The page the form stood on, when it is ours; else the front page."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and safe else "/"
