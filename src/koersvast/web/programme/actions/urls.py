"""Addresses of actions in their views, under the slug of a municipality."""

from django.urls import path

from koersvast.web.programme.actions import views, writing

urlpatterns = [
    path("programma/", views.programme, name="programme"),
    path("programma/<slug:programme>/", views.programme, name="programme-table"),
    path("programma/<slug:programme>/doelen/", views.by_objective, name="programme-objectives"),
    path("programma/<slug:programme>/partners/", views.by_partner, name="programme-partners"),
    path("programma/<slug:programme>/afdelingen/", views.by_unit, name="programme-units"),
    path("programma/<slug:programme>/keten/", views.chain, name="programme-chain"),
    path("programma/<slug:programme>/3w/", views.three_w, name="programme-3w"),
    path("programma/<slug:programme>/acties/nieuw/", writing.action_new, name="action-new"),
    path("acties/<int:action>/", views.action, name="action"),
    path("acties/<int:action>/bewerken/", writing.action_edit, name="action-edit"),
    path("acties/<int:action>/evaluatie/", writing.action_evaluate, name="action-evaluate"),
    path("acties/<int:action>/verwijderen/", writing.action_remove, name="action-remove"),
    path("acties/<int:action>/voortgang/", views.action_report, name="action-report"),
]
