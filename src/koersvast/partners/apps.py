"""Registers the app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "koersvast.partners"
    label = "partners"
