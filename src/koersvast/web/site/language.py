"""The language of the screens: what the person chose, else what this browser chose, else Dutch.

The browser's own preference does not count: a Dutch municipality reads Dutch until somebody switches.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from koersvast.access.models import User

LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


class ReaderLanguage:
    """Activates the language of whoever reads. Comes after the middleware that knows the person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response


def language_of(request: HttpRequest) -> str:
    """Return `nl` or `en`."""
    if isinstance(request.user, User):
        chosen = request.user.language
    else:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE
