"""The interface put together: routes, refusals, the OpenAPI document, and the header that names the version."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as Unreadable

from koersvast.access.conflicts import Changed
from koersvast.access.decisions import AccessDecision
from koersvast.access.permissions import Permission
from koersvast.api.entering import door
from koersvast.api.problems import VERSION, Refused, problem
from koersvast.api.routes import router

logger = logging.getLogger(__name__)
api = NinjaAPI(title="Koersvast", version=VERSION, docs_url=None, openapi_url="/openapi.json", urls_namespace="api-v1")
api.add_router("", router)
for _place in router.path_operations.values():
    for _operation in _place.operations:
        _operation.auth_callbacks = [door(getattr(_operation.view_func, "needed"))]  # noqa: B009 every one says it


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


@_refuses(Exception)
def _failed(error: Exception) -> HttpResponse:
    logger.exception("api", exc_info=error)
    return problem(500, "failed", "Something went wrong on our side. Nothing was written; try again later.")


def decision_of(pattern: str) -> AccessDecision:
    """What is asked at an address: for each method the scope of its operation."""
    return AccessDecision(methods=_methods()[pattern])


def _methods() -> Mapping[str, Mapping[str, Permission]]:
    found: dict[str, dict[str, Permission]] = {}
    for place, view in router.path_operations.items():
        pattern = place.strip("/").replace("{", "<").replace("}", ">")
        found[pattern] = {
            method: getattr(operation.view_func, "needed")  # noqa: B009 every operation says it
            for operation in view.operations
            for method in operation.methods
        }
    return found


def versioned(view: Callable[..., Any], decision: AccessDecision) -> Callable[..., Any]:
    """Name the version of the interface in every answer, and let no cache keep it."""

    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            headers = {"Allow": response.headers.get("Allow", ", ".join(decision.methods))}
            response = problem(405, "method_not_allowed", "This address does not take that method.", headers=headers)
        return _marked(response)

    answered.csrf_exempt = True  # type: ignore[attr-defined] # a token is not sent along by a browser by itself
    answered.access_decision = decision  # type: ignore[attr-defined] # the gate test asks it
    return answered


def _marked(response: HttpResponse) -> HttpResponse:
    response["API-Version"] = VERSION
    response.setdefault("Cache-Control", "no-store")
    return response


def document() -> str:
    """The OpenAPI document, the same every time: refusals as problems, and a token at every address."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    found["security"] = [{"token": []}]
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for operations in found["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "application/json" in answer.get("content", {}):
                    answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
    return json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def openapi(_request: HttpRequest) -> HttpResponse:
    """The document that describes this interface; it holds nothing of anybody."""
    response = HttpResponse(document(), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return _marked(response)


def unknown(_request: HttpRequest, **_rest: str) -> HttpResponse:
    """An address that does not exist here; it is not repeated."""
    return _marked(problem(404, "not_found", "There is nothing at this address."))


for _view in (openapi, unknown):
    _view.csrf_exempt = True  # type: ignore[attr-defined] # both write nothing
    _view.access_decision = AccessDecision(methods={"GET": "public"})  # type: ignore[attr-defined] # as above
