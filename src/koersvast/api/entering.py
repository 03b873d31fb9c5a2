"""Who comes in: an application with a token and a scope. A session of a person is not looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django_scopes import scope

from koersvast.access.attempts import address_of, attempt
from koersvast.access.audit import Application
from koersvast.access.changes import note_use
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import application_of, authorise
from koersvast.api.problems import Refused


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The application that asks, and the one municipality that its token is for."""

    application: Application
    municipality: Municipality


class CalledRequest(HttpRequest):
    """A request that came in with a token that counts."""

    caller: Caller


def let_in(request: HttpRequest) -> Caller:
    """Return who asks; raise `Refused` with 401 when no token counts, 429 after too many wrong ones."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    today = timezone.localdate()
    found = application_of(token.strip(), on=today) if kind.lower() == "bearer" else None
    if found is None:
        _count_wrong_token(request)
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "token_missing_or_unknown",
            "Give a token that counts in the header Authorization: Bearer.", {"WWW-Authenticate": "Bearer"},
        )  # fmt: skip
    application, municipality = found
    note_use(application, on=today)
    return Caller(application=application, municipality=municipality)


def _count_wrong_token(request: HttpRequest) -> None:
    if "Authorization" in request.headers and not attempt(account="api", address=address_of(request)):
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS, "too_many_wrong_tokens", "Wait a quarter of an hour.", {"Retry-After": "900"}
        )


def door(needed: Permission) -> Callable[[CalledRequest], bool]:
    """Let in who has this scope, before anything that was sent is read."""

    def let_through(request: CalledRequest) -> bool:
        request.caller = let_in(request)
        authorise(request.caller.application, needed, request.caller.municipality, on=timezone.localdate())
        return True

    return let_through


def asks(needed: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say which scope an operation asks, and let it look at the municipality of the token alone."""

    def decorate(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def entered(request: Any, *args: Any, **kwargs: Any) -> Any:
            caller: Caller = request.caller
            with scope(municipality=caller.municipality):
                return operation(request, *args, **kwargs)

        entered.needed = needed  # type: ignore[attr-defined] # the matrix reads it
        return entered

    return decorate
