"""Registers the app."""

from django.apps import AppConfig


class SurveysPagesConfig(AppConfig):
    name = "koersvast.web.surveys"
    label = "web_surveys"
