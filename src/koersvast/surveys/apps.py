"""Registers the app."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "koersvast.surveys"
    label = "surveys"
