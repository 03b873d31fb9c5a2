"""Addresses of actions in their views, under the slug of a municipality."""

from django.urls import path

from koersvast.web.programme.actions import downloads, programmes, several, views, writing

urlpatterns = [
    path("programma/", views.programme_of_today, name="programme"),
    path("programma/nieuw/", programmes.programme_new, name="programme-new"),
    path("programma/<slug:programme>/", views.programme, name="programme-table"),
    path("programma/<slug:programme>/doelen/", views.by_objective, name="programme-objectives"),
    path("programma/<slug:programme>/partners/", views.by_partner, name="programme-partners"),
    path("programma/<slug:programme>/afdelingen/", views.by_unit, name="programme-units"),
    path("programma/<slug:programme>/keten/", views.chain, name="programme-chain"),
    path("programma/<slug:programme>/3w/", views.three_w, name="programme-3w"),
    path("programma/<slug:programme>/3w/tabel.<slug:form>", downloads.three_w_file, name="programme-3w-file"),
    path("programma/<slug:programme>/tijdlijn/", views.timeline, name="programme-timeline"),
    path("programma/<slug:programme>/maand/", views.month, name="programme-month"),
    path("programma/<slug:programme>/bewerken/", programmes.programme_edit, name="programme-edit"),
    path("programma/<slug:programme>/vaststellen/", programmes.programme_adopt, name="programme-adopt"),
    path("programma/<slug:programme>/sluiten/", programmes.programme_close, name="programme-close"),
    path("programma/<slug:programme>/overnemen/", programmes.programme_copy, name="programme-copy"),
    path("programma/<slug:programme>/tegelijk/", several.bulk, name="programme-bulk"),
    path("programma/<slug:programme>/tegelijk/<int:bulk>/", several.bulk_change, name="bulk-change"),
    path("programma/<slug:programme>/acties/nieuw/", writing.action_new, name="action-new"),
    path("acties/<int:action>/", views.action, name="action"),
    path("acties/<int:action>/bewerken/", writing.action_edit, name="action-edit"),
    path("acties/<int:action>/evaluatie/", writing.action_evaluate, name="action-evaluate"),
    path("acties/<int:action>/verwijderen/", writing.action_remove, name="action-remove"),
    path("acties/<int:action>/voortgang/", views.action_report, name="action-report"),
]
