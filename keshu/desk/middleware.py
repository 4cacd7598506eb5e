"""Who is acting in this request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keshu.desk.shell import remember_scheme
from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor

POST_KEY = "employment"


class ActorMiddleware:
    """Puts ``request.actor`` on the request: the signed-in account in its chosen post, or None.

    An account whose password was set by somebody else gets no further than the page where it sets its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        if request.user.is_authenticated and request.user.must_change and not self._may_pass(request.path):
            return redirect("desk:password")
        answer = self.get_response(request)
        remember_scheme(request, answer)
        return answer

    @staticmethod
    def _may_pass(path: str) -> bool:
        return path in {
            reverse(name) for name in ("desk:password", "desk:elder", "desk:keepalive", "logout", "login")
        }

    @staticmethod
    def _actor(request: HttpRequest) -> Actor | None:
        user = request.user
        if not user.is_authenticated:
            return None
        return actor_of(user, request.session.get(POST_KEY))
