"""What a visitor sees when something cannot be shown: a whole page, or a fragment where htmx asked for one."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

log = logging.getLogger("koersvast.web")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 Django's signature
    """400: the request was not understood."""
    return _shown(request, 400)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 Django's signature
    """403: the visitor's role does not have this permission."""
    return _shown(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 Django's signature
    """404: nothing is here, or it is another municipality's: the two look the same."""
    return _shown(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Rendered without the request, since that may be what broke; the number stands in the log."""
    number = secrets.token_hex(4)
    log.error("Report %s: %s %s", number, request.method, request.resolver_match and request.resolver_match.route)
    return HttpResponseServerError(render_to_string("500.html", {"request_id": number, "product_name": "Koersvast"}))


def _shown(request: HttpRequest, status: int) -> HttpResponse:
    if getattr(request, "htmx", False):
        return render(request, "web/components/error.html", {"code": str(status)}, status=status)
    return render(request, f"{status}.html", status=status)
