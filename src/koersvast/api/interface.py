"""The interface put together: routes, refusals, the OpenAPI document, and the header that names the version."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as Unreadable

from koersvast.access.conflicts import Changed
from koersvast.api.problems import VERSION, Refused, problem
from koersvast.api.routes import router

api = NinjaAPI(title="Koersvast", version=VERSION, docs_url=None, openapi_url="/openapi.json", urls_namespace="api-v1")
api.add_router("", router)


def _refuses(kind: type[Exception]) -> Callable[[Callable[[Any], HttpResponse]], None]:
    def decorate(answer: Callable[[Any], HttpResponse]) -> None:
        api.add_exception_handler(kind, lambda _request, error: answer(error))

    return decorate


@_refuses(Refused)
def _refused(error: Refused) -> HttpResponse:
    return problem(error.status, error.code, error.detail, headers=error.headers)


@_refuses(PermissionDenied)
def _denied(_error: PermissionDenied) -> HttpResponse:
    return problem(403, "scope_missing", "The token does not have the scope that this asks.")


@_refuses(Http404)
def _absent(_error: Http404) -> HttpResponse:
    return problem(404, "not_found", "There is nothing at this address.")


@_refuses(Changed)
def _changed(_error: Changed) -> HttpResponse:
    return problem(412, "changed", "It was changed in between. Fetch it again; nothing was written.")


@_refuses(Unreadable)
def _unreadable(error: Unreadable) -> HttpResponse:
    places = [{"place": [str(step) for step in one["loc"]], "code": one["type"]} for one in error.errors]
    return problem(422, "unreadable", "Something that was sent cannot be read; see errors.", errors=places)


@_refuses(HttpError)
def _broken(error: HttpError) -> HttpResponse:
    return problem(error.status_code, "not_json", "The body of the request is not JSON that can be read.")


@_refuses(ValidationError)
def _invalid(error: ValidationError) -> HttpResponse:
    codes = sorted({one.code or "invalid" for one in error.error_list} if hasattr(error, "error_list") else {"invalid"})
    return problem(422, codes[0], " ".join(error.messages))


def versioned(view: Callable[..., Any]) -> Callable[..., Any]:
    """Name the version of the interface in every answer, and let no cache keep it."""

    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            response = problem(405, "method_not_allowed", "This address does not take that method.",
                               headers={"Allow": response.headers.get("Allow", "")})  # fmt: skip
        response["API-Version"] = VERSION
        response.setdefault("Cache-Control", "no-store")
        return response

    answered.csrf_exempt = True  # type: ignore[attr-defined] # a token is not sent along by a browser by itself
    return answered
