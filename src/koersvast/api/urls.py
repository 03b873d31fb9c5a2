"""Addresses under /api/v1, without a slash at the end."""

from django.urls import URLPattern, path

from koersvast.api.interface import api, decision_of, openapi, unknown, versioned

app_name = "api-v1"
urlpatterns = [
    *(
        path(str(one.pattern), versioned(one.callback, decision_of(str(one.pattern))), name=one.name)
        for one in api.urls[0]
        if isinstance(one, URLPattern) and one.name not in {"api-root", "openapi-json"}
    ),
    path("openapi.json", openapi, name="openapi-json"),
    path("<path:rest>", unknown, name="unknown"),
]
