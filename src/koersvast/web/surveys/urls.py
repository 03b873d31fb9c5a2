"""Addresses of these pages."""

from django.urls import URLPattern, path

from koersvast.web.surveys.views import codebook, files, waves

PREPARING: list[URLPattern] = [
    path("enquetes/", waves.overview, name="surveys"),
    path("enquetes/nieuw/", waves.new, name="wave-new"),
    path("enquetes/<int:wave>/", waves.page, name="wave"),
    path("enquetes/<int:wave>/gegevens/", waves.facts, name="wave-facts"),
    path("enquetes/<int:wave>/bestand/", files.page, name="wave-file"),
    path("enquetes/<int:wave>/bestand/vernietigen/", files.destroy, name="wave-file-destroy"),
    path("enquetes/<int:wave>/codeboek/", codebook.overview, name="codebook"),
    path("enquetes/<int:wave>/codeboek/<slug:code>/", codebook.entry, name="codebook-entry"),
]
OUTCOMES: list[URLPattern] = []

urlpatterns = [*PREPARING, *OUTCOMES]
