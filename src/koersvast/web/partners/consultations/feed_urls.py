"""The address of a calendar, outside any municipality: its token says which one it is."""

from django.urls import path

from koersvast.web.partners.consultations import calendar

urlpatterns = [path("agenda/<str:token>.ics", calendar.feed, name="calendar-feed")]
