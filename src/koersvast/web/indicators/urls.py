"""Addresses of these pages."""

from django.urls import URLPattern, path

from koersvast.web.indicators.views import analysis, comparing, deliveries, downloads, indicator

urlpatterns: list[URLPattern] = [
    path("veiligheidsbeeld/", analysis.overview, name="analysis"),
    path("veiligheidsbeeld/cijfers.<slug:form>", downloads.analysis_data, name="analysis-data"),
    path("veiligheidsbeeld/<slug:field>/", analysis.field, name="analysis-field"),
    path("indicatoren/<slug:code>/", indicator.page, name="indicator"),
    path("indicatoren/<slug:code>/grafiek.json", indicator.chart, name="indicator-chart"),
    path("indicatoren/<slug:code>/cijfers.<slug:form>", downloads.indicator_data, name="indicator-data"),
    path("indicatoren/<slug:code>/vergelijken/", comparing.page, name="compare"),
    path("indicatoren/<slug:code>/vergelijken/<slug:picture>.json", comparing.chart, name="compare-chart"),
    path("indicatoren/<slug:code>/vergelijken/cijfers.<slug:form>", comparing.data, name="compare-data"),
    path("cijfers/", deliveries.overview, name="figures"),
    path("cijfers/sjabloon.<slug:form>", downloads.template, name="figures-template"),
    path("cijfers/<int:number>/", deliveries.delivery, name="delivery"),
    path("cijfers/<int:number>/kolommen/", deliveries.columns, name="delivery-columns"),
    path("cijfers/<int:number>/geweigerd.csv", downloads.refused_lines, name="delivery-refused"),
    path("cijfers/waarde/<int:number>/intrekken/", deliveries.withdraw, name="figure-withdraw"),
]
