"""Guards of views: who may come in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from keshu.directory.actors import Can
from keshu.journal import audit

View = Callable[..., HttpResponse]


def needs(*capabilities: Can) -> Callable[[View], View]:
    """A view for actors that hold at least one of the capabilities; others get 403 and an audit entry."""

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = request.actor  # type: ignore[attr-defined]
            if not any(actor.can(capability) for capability in capabilities):
                names = "、".join(capability.value for capability in capabilities)
                audit.note(
                    actor,
                    "拒绝",
                    request.path,
                    outcome="拒绝",
                    address=address(request),
                    detail={"要": names},
                )
                raise PermissionDenied(
                    f"这一页要有“{names}”的权限，现在的岗位没有。请找安全管理员授权，或换一个岗位。"
                )
            return view(request, *args, **kwargs)

        guarded.capabilities = capabilities  # type: ignore[attr-defined]
        return guarded

    return decorate


def address(request: HttpRequest) -> str:
    """The address a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
