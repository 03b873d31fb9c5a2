"""Addresses under /api/v1, without a slash at the end."""

from django.urls import path

from koersvast.api.interface import api, versioned

app_name = "api-v1"
urlpatterns = [
    path(str(one.pattern), versioned(one.callback), name=one.name) for one in api.urls[0] if one.name != "api-root"
]
