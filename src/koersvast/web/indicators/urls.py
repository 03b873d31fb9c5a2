"""Addresses of these pages."""

from django.urls import URLPattern, path

from koersvast.web.indicators.views import (
    analysis,
    comparing,
    deliveries,
    downloads,
    indicator,
    mapping,
    months,
    open_figures,
    revisions,
)

urlpatterns: list[URLPattern] = [
    path("veiligheidsbeeld/", analysis.overview, name="analysis"),
    path("veiligheidsbeeld/cijfers.<slug:form>", downloads.analysis_data, name="analysis-data"),
    path("veiligheidsbeeld/<slug:field>/", analysis.field, name="analysis-field"),
    path("indicatoren/<slug:code>/", indicator.page, name="indicator"),
    path("indicatoren/<slug:code>/grafiek.json", indicator.chart, name="indicator-chart"),
    path("indicatoren/<slug:code>/cijfers.<slug:form>", downloads.indicator_data, name="indicator-data"),
    path("indicatoren/<slug:code>/vergelijken/", comparing.page, name="compare"),
    path("indicatoren/<slug:code>/vergelijken/cijfers.<slug:form>", comparing.data, name="compare-data"),
    path("indicatoren/<slug:code>/maanden/", months.page, name="months"),
    path("indicatoren/<slug:code>/maanden/cijfers.<slug:form>", months.data, name="months-data"),
    path("indicatoren/<slug:code>/kaart/", mapping.page, name="map"),
    path("indicatoren/<slug:code>/kaart/cijfers.<slug:form>", mapping.data, name="map-data"),
    path("cijfers/", deliveries.overview, name="figures"),
    path("cijfers/sjabloon.<slug:form>", downloads.template, name="figures-template"),
    path("cijfers/<int:number>/", deliveries.delivery, name="delivery"),
    path("cijfers/<int:number>/kolommen/", deliveries.columns, name="delivery-columns"),
    path("cijfers/<int:number>/geweigerd.csv", downloads.refused_lines, name="delivery-refused"),
    path("cijfers/waarde/<int:number>/intrekken/", deliveries.withdraw, name="figure-withdraw"),
    path("open-cijfers/", open_figures.overview, name="open-figures"),
    path("open-cijfers/kiezen/", open_figures.choose, name="open-figures-choose"),
    path("open-cijfers/herzieningen/", revisions.overview, name="revisions"),
    path("open-cijfers/naast-elkaar/", revisions.compare, name="side-by-side"),
    path(
        "open-cijfers/naast-elkaar/<slug:code>/<slug:source>/<slug:other>/",
        revisions.explain,
        name="explain-difference",
    ),
    path("open-cijfers/tabel/<slug:table>/", open_figures.table, name="open-table"),
    path("open-cijfers/tabel/<slug:table>/ophalen/", open_figures.fetch, name="open-table-fetch"),
]
