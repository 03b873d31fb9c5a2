"""Registers the app."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "koersvast.indicators"
    label = "indicators"
