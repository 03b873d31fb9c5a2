"""Addresses of consultations, meetings, calendars, under the slug of a municipality."""

from django.urls import URLPattern, path

from koersvast.web.partners.consultations import calendar, lists, meeting, minutes, own, tables

MEETING = "overleggen/<slug:consultation>/<int:meeting>/"

OFFICER: list[URLPattern] = [
    path("overleggen/", tables.overview, name="consultations"),
    path("overleggen/nieuw/", tables.new, name="consultation-new"),
    path("overleggen/wie-zit-waar/", tables.seats, name="consultation-seats"),
    path("overleggen/kalender/", lists.month, name="meetings"),
    path("overleggen/actiepunten/", lists.follow_ups, name="follow-ups"),
    path("overleggen/actiepunten/<int:follow_up>/", lists.settle, name="follow-up"),
    path("overleggen/besluiten/", lists.decisions, name="meeting-decisions"),
    path("overleggen/<slug:consultation>/", tables.page, name="consultation"),
    path("overleggen/<slug:consultation>/wijzigen/", tables.edit, name="consultation-edit"),
    path("overleggen/<slug:consultation>/plannen/", tables.plan, name="consultation-plan"),
    path("overleggen/<slug:consultation>/vergadering/", meeting.new, name="meeting-new"),
    path(MEETING, meeting.page, name="meeting"),
    path(f"{MEETING}wijzigen/", meeting.edit, name="meeting-edit"),
    path(f"{MEETING}afzeggen/", meeting.cancel, name="meeting-cancel"),
    path(f"{MEETING}agenda/", minutes.agenda, name="meeting-agenda"),
    path(f"{MEETING}agenda/<int:item>/", minutes.item, name="agenda-item"),
    path(f"{MEETING}besluiten/", minutes.decision, name="meeting-decision-new"),
    path(f"{MEETING}besluiten/<int:entry>/", minutes.decision, name="meeting-decision"),
    path(f"{MEETING}actiepunten/", minutes.follow_up, name="follow-up-new"),
    path(f"{MEETING}actiepunten/<int:follow_up>/", minutes.follow_up, name="follow-up-edit"),
    path(f"{MEETING}samenvatting/", minutes.summary, name="meeting-summary"),
    path(f"{MEETING}uitnodiging.ics", calendar.invitation, name="meeting-invitation"),
    path(f"{MEETING}bestand/<slug:document>.<slug:fmt>", meeting.document, name="meeting-document"),
]
OWN: list[URLPattern] = [
    path("mijn-overleggen/", own.page, name="own-consultations"),
    path("mijn-overleggen/agenda/", own.subscriptions, name="calendar-feeds"),
    path("mijn-overleggen/agenda/<int:entry>/", own.revoke, name="calendar-feed-revoke"),
    path("mijn-overleggen/<int:meeting>/", own.meeting, name="own-meeting"),
]
urlpatterns = [*OFFICER, *OWN]
