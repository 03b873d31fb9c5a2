"""Registers the app."""

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    name = "koersvast.publications"
    label = "publications"
