"""Addresses of these pages."""

from django.urls import URLPattern, path

from koersvast.web.surveys.views import waves

PREPARING: list[URLPattern] = [
    path("enquetes/", waves.overview, name="surveys"),
    path("enquetes/nieuw/", waves.new, name="wave-new"),
    path("enquetes/<int:wave>/", waves.page, name="wave"),
    path("enquetes/<int:wave>/gegevens/", waves.facts, name="wave-facts"),
]
OUTCOMES: list[URLPattern] = []

urlpatterns = [*PREPARING, *OUTCOMES]
