"""Addresses of the calendar, under the slug of a municipality."""

from django.urls import URLPattern, path

from koersvast.web.programme.calendar import views

urlpatterns: list[URLPattern] = [
    path("kalender/", views.overview, name="calendar"),
    path("kalender/melden/", views.mark, name="calendar-mark"),
    path("kalender/nieuw/", views.new, name="calendar-new"),
    path("kalender/<int:calendar_entry>/", views.edit, name="calendar-edit"),
    path("kalender/<int:calendar_entry>/weghalen/", views.remove, name="calendar-remove"),
]
