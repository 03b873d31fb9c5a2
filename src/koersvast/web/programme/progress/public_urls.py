"""Addresses for who has no account: reporting by a link. The link says which municipality it is of."""

from django.urls import path

from koersvast.web.programme.progress import reporting

urlpatterns = [
    path("melden/", reporting.page, name="reporting"),
    path("melden/<str:token>/", reporting.enter, name="reporting-link"),
]
