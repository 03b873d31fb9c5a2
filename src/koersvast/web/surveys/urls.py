"""Addresses of these pages."""

from django.urls import URLPattern, path

from koersvast.web.surveys.views import (
    codebook,
    computing,
    files,
    linking,
    next_wave,
    outcomes,
    population,
    table_book,
    waves,
    weighting,
)

PREPARING: list[URLPattern] = [
    path("enquetes/", waves.overview, name="surveys"),
    path("enquetes/nieuw/", waves.new, name="wave-new"),
    path("enquetes/<int:wave>/", waves.page, name="wave"),
    path("enquetes/<int:wave>/gegevens/", waves.facts, name="wave-facts"),
    path("enquetes/<int:wave>/bestand/", files.page, name="wave-file"),
    path("enquetes/<int:wave>/bestand/vernietigen/", files.destroy, name="wave-file-destroy"),
    path("enquetes/<int:wave>/codeboek/", codebook.overview, name="codebook"),
    path("enquetes/<int:wave>/codeboek/<slug:code>/", codebook.entry, name="codebook-entry"),
    path("enquetes/<int:wave>/weging/", weighting.page, name="weighting"),
    path("enquetes/<int:wave>/weging/bevolking/<str:code>/", weighting.margin, name="margin"),
    path("enquetes/<int:wave>/weging/bevolking/<str:code>/cbs/", population.page, name="margin-population"),
    path("enquetes/<int:wave>/berekenen/", computing.ask, name="computing"),
    path("enquetes/<int:wave>/berekenen/<int:number>/", computing.follow, name="computation"),
    path("enquetes/<int:wave>/publiceren/", computing.release, name="survey-release"),
    path("enquetes/<int:wave>/indicatoren/", linking.page, name="survey-links"),
    path("enquetes/<int:wave>/indicatoren/<slug:code>/", linking.decide, name="survey-link"),
]
OUTCOMES: list[URLPattern] = [
    path("enquetes/<int:wave>/uitkomsten/", outcomes.page, name="survey-outcomes"),
    path("enquetes/<int:wave>/uitkomsten/<slug:code>/", outcomes.question, name="survey-question"),
    path("enquetes/<int:wave>/metingen-naast-elkaar/", outcomes.waves, name="survey-waves"),
    path("enquetes/<int:wave>/steekproef-en-panel/", outcomes.frames, name="survey-frames"),
    path("enquetes/<int:wave>/volgende-meting/", next_wave.page, name="next-wave"),
    path("enquetes/<int:wave>/tabellenboek/", table_book.page, name="table-book"),
    path("enquetes/<int:wave>/tabellenboek/bestand.<slug:form>", table_book.file, name="table-book-file"),
    path("enquetes/<int:wave>/verantwoording/", table_book.method, name="method-statement"),
    path(
        "enquetes/<int:wave>/verantwoording/bestand.<slug:form>", table_book.method_file, name="method-statement-file"
    ),
]

urlpatterns = [*PREPARING, *OUTCOMES]
