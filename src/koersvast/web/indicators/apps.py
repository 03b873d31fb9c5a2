"""Registers the app."""

from django.apps import AppConfig


class IndicatorsPagesConfig(AppConfig):
    name = "koersvast.web.indicators"
    label = "web_indicators"
