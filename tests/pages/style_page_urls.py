"""Addresses for the tests of the style page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from koersvast.web import stylepage


def nowhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("style/", stylepage.page, name="style-page"),
    path("style/chart.json", stylepage.chart_specification, name="style-page-chart"),
    path("language/", nowhere, name="set-language"),
    path("sign-in/", nowhere, name="sign-in"),
]
