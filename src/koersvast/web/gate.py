"""The gate in front of every page: who may come in, for which municipality, with what method.

Each view carries its decision: `public`, `signed_in` or `permitted`. A view without one is refused by a test that
walks every address. A municipality that is not there and one that is somebody else's look the same: 404.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_scopes import scope

from koersvast.access.decisions import AccessDecision
from koersvast.access.models import Municipality, User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise, current_memberships, permissions_of

type Next = Callable[[HttpRequest], HttpResponseBase]
SIGNED_OUT = "signed_out_of_demo"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a permitted visitor carries along: who, where, what they may do."""

    user: User
    municipality: Municipality
    permissions: frozenset[Permission]


class TenantRequest(HttpRequest):
    """A request that passed the gate of a municipality."""

    entry: Entry


def public[**P](
    *methods: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let anyone in, with these methods only."""
    return _decide(dict.fromkeys(methods, "public"), _let_in)


def signed_in[**P](
    *methods: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in whoever is signed in, with these methods only."""
    return _decide(dict.fromkeys(methods, "signed in"), _let_in_known)


def permitted(
    **methods: Permission,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in who holds the permission that the method asks, within the scope of the municipality in the address.

    right:  @permitted(GET=Permission.PLAN_VIEW, POST=Permission.PLAN_EDIT)
    wrong:  a check of roles inside the view
    """
    return _decide(dict(methods), _let_in_permitted)


def _decide(
    methods: Mapping[str, Permission | str], let_in: Callable[..., HttpResponseBase]
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method not in methods:
                return HttpResponseNotAllowed(sorted(methods))
            return let_in(view, request, methods[method], *args, **kwargs)

        gate.access_decision = AccessDecision(methods=methods)  # type: ignore[attr-defined] # read by the house test
        return gate

    return decorate


def _let_in(view: Callable[..., HttpResponseBase], request: HttpRequest, _: str, *a: Any, **k: Any) -> HttpResponseBase:
    return view(request, *a, **k)


def _let_in_known(
    view: Callable[..., HttpResponseBase], request: HttpRequest, _: str, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return view(request, *args, **kwargs)


def _let_in_permitted(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    action: Permission,
    /,  # an address may have parts of the same names
    *args: Any,
    municipality: str,
    **kwargs: Any,
) -> HttpResponseBase:
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    today = timezone.localdate()
    membership = current_memberships(user, on=today).filter(municipality__slug=municipality).first()
    if membership is None:
        raise Http404
    authorise(user, action, membership.municipality, on=today)
    held = permissions_of(user, membership.municipality, on=today)
    request.entry = Entry(user=user, municipality=membership.municipality, permissions=held)  # type: ignore[attr-defined] # TenantRequest
    with scope(municipality=membership.municipality):
        return view(request, *args, **kwargs)


class DemoSignIn:
    """In the demo, whoever visits from this machine is the policy officer, until they sign out.

    The demo runs on loopback hosts only (settings refuse otherwise), and only demo personas are ever signed in so. A
    `Host` of localhost is easily written from elsewhere, so the connection itself has to come from this machine too.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            settings.DEMO
            and is_from_this_machine(request)
            and not request.user.is_authenticated
            and not request.session.get(SIGNED_OUT)
        ):
            officer = User.objects.filter(is_demo_persona=True, is_active=True).order_by("pk").first()
            if officer:
                login(request, officer, backend="koersvast.access.backends.EmailBackend")
        return self.get_response(request)


def is_from_this_machine(request: HttpRequest) -> bool:
    """Whether the visitor sits at this machine: a connection from loopback that no proxy passed on."""
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"))
    return request.META.get("REMOTE_ADDR", "") in {"127.0.0.1", "::1"} and not passed_on


class BodyLimit:
    """Refuses a request that is larger than any upload, before anybody reads it: also from who is not signed in.

    An upload somewhat over its limit still gets through to its form, which says what to do.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        size = str(request.META.get("CONTENT_LENGTH") or "0")
        if not size.isdecimal() or int(size) > 2 * settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig
        return self.get_response(request)


class NeverStore:
    """Answers to a signed-in visitor are kept by no cache, unless the view itself says how long."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


def must_hold(entry: Entry, action: Permission) -> None:
    """Refuse a part of a page that asks more than the page itself."""
    if action not in entry.permissions:
        raise PermissionDenied
