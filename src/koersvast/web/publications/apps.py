"""Registers the app."""

from django.apps import AppConfig


class PublicationsPagesConfig(AppConfig):
    name = "koersvast.web.publications"
    label = "web_publications"
