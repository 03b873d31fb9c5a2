"""Every address and method has an access decision; nobody forgot one."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from koersvast.access.decisions import AccessDecision
from koersvast.access.permissions import Permission

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
WITHOUT_ACCOUNT = {
    "sign-in",
    "sign-out",
    "set-language",
    "theme-css",
    "health",
    "style-guide",
    "style-page-chart",
    "persona",
    "home",
    "calendar-feed",
    "reporting",
    "reporting-link",
    "openapi-json",
    "unknown",
}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, address)
        else:
            yield address, entry


ALL = sorted(routes(), key=lambda route: route[0])


@pytest.mark.parametrize(("address", "route"), ALL, ids=[address for address, _ in ALL])
def test_route_and_each_method_has_a_decision(address: str, route: URLPattern) -> None:
    decision = getattr(route.callback, "access_decision", None)
    assert isinstance(decision, AccessDecision), f"{address} has no access decision"
    assert decision.methods
    assert set(decision.methods) <= METHODS
    for method, needed in decision.methods.items():
        assert isinstance(needed, Permission) or needed in {"public", "signed in"}, f"{method} {address}"


@pytest.mark.parametrize(("address", "route"), ALL, ids=[address for address, _ in ALL])
def test_page_of_a_municipality_asks_a_permission(address: str, route: URLPattern) -> None:
    decision = route.callback.access_decision  # type: ignore[attr-defined] # asked above
    asks = all(isinstance(needed, Permission) for needed in decision.methods.values())
    assert asks == (address.startswith(("<slug:municipality>/", "api/v1/")) and route.name not in WITHOUT_ACCOUNT)
    if not asks:
        assert route.name in WITHOUT_ACCOUNT


def test_writing_asks_more_than_reading() -> None:
    readers = {Permission.FIGURES_VIEW, Permission.PLAN_VIEW, Permission.SURVEY_VIEW, Permission.AUDIT_VIEW}
    for address, route in ALL:
        needed = route.callback.access_decision.methods.get("POST")  # type: ignore[attr-defined] # asked above
        assert needed not in readers or route.name == "target-advice", address
