"""Addresses of choosing priorities, under the slug of a municipality."""

from django.urls import path

from koersvast.web.policy.prioritising import deciding, lists, scoring, views

ROUND = "prioriteren/<slug:prioritising>/"
urlpatterns = [
    path("prioriteren/", views.overview, name="prioritisings"),
    path("prioriteren/nieuw/", lists.new, name="prioritising-new"),
    path("prioriteren/mijn/", scoring.mine, name="prioritising-mine"),
    path(ROUND, views.one, name="prioritising"),
    path(ROUND + "bewerken/", lists.edit, name="prioritising-edit"),
    path(ROUND + "opties/", lists.options, name="prioritising-options"),
    path(ROUND + "criteria/", lists.criteria, name="prioritising-criteria"),
    path(ROUND + "partijen/", lists.parties, name="prioritising-parties"),
    path(ROUND + "cijfers/", views.figures, name="prioritising-figures"),
    path(ROUND + "sluiten/", views.close, name="prioritising-close"),
    path(ROUND + "besluit/", deciding.decide, name="prioritising-decide"),
    path(ROUND + "scoren/<slug:party>/", scoring.party_page, name="prioritising-score"),
    path(ROUND + "scoren/<slug:party>/inleveren/", scoring.finish, name="prioritising-finish"),
    path(ROUND + "scoren/<slug:party>/<slug:option>/", scoring.option_page, name="prioritising-option"),
]
