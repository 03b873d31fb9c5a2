"""Addresses of progress by page, phone and link, under the slug of a municipality."""

from django.urls import path

from koersvast.web.programme.progress import mail, meeting, views

urlpatterns = [
    path("mijn/", views.mine, name="mine"),
    path("meldlinks/", views.people, name="reporting-people"),
    path("meldlinks/weekmail/", mail.weekly_mail, name="weekly-mail"),
    path("meldlinks/<int:contact>/", views.links, name="reporting-links"),
    path("overleggen/<slug:consultation>/<int:meeting>/voortgang/", meeting.at_table, name="meeting-progress"),
]
