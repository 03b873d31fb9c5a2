"""Addresses of the site itself, and the two pages of a municipality that belong to no domain."""

from django.urls import path

from koersvast.web import stylepage, themes
from koersvast.web.site import applications, views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("aanmelden/", views.sign_in, name="sign-in"),
    path("afmelden/", views.sign_out, name="sign-out"),
    path("aanmelden/als/", views.persona, name="persona"),
    path("taal/", views.set_language, name="set-language"),
    path("thema/<slug:slug>.css", themes.stylesheet, name="theme-css"),
    path("stijlgids/", stylepage.page, name="style-guide"),
    path("stijlgids/grafiek.json", stylepage.chart_specification, name="style-page-chart"),
    path("<slug:municipality>/", views.front_door, name="front-door"),
    path("<slug:municipality>/logboek/", views.audit_trail, name="audit-trail"),
    path("<slug:municipality>/instellingen/", views.settings_page, name="settings"),
    path("<slug:municipality>/toepassingen/", applications.applications, name="applications"),
    path("<slug:municipality>/toepassingen/<int:token>/intrekken/", applications.withdraw, name="application-withdraw"),
    path("<slug:municipality>/instellingen/kleur/", views.colour_preview, name="colour-preview"),
]
