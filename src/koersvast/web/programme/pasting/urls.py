"""Addresses of pasting a table, known measures, under the slug of a municipality."""

from django.urls import path

from koersvast.web.programme.pasting import measures, views

urlpatterns = [
    path("programma/<slug:programme>/maatregelen/", measures.measures, name="programme-measures"),
    path("programma/<slug:programme>/plakken/", views.paste, name="paste"),
    path("programma/<slug:programme>/plakken/<int:table>/", views.preview, name="paste-preview"),
    path("programma/<slug:programme>/plakken/<int:table>/kolommen/", views.columns, name="paste-columns"),
    path("programma/<slug:programme>/plakken/<int:table>/vragen/", views.questions, name="paste-questions"),
]
