"""Registers the app."""

from django.apps import AppConfig


class ProgrammePagesConfig(AppConfig):
    name = "koersvast.web.programme"
    label = "web_programme"
