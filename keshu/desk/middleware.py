"""Who is acting in this request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Actor

POST_KEY = "employment"


class ActorMiddleware:
    """Puts ``request.actor`` on the request: the signed-in account in its chosen post, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _actor(request: HttpRequest) -> Actor | None:
        user = request.user
        if not user.is_authenticated:
            return None
        return actor_of(user, request.session.get(POST_KEY))
