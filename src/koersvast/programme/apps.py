"""Registers the app."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    name = "koersvast.programme"
    label = "programme"
