"""Registers the app."""

from django.apps import AppConfig


class PartnersPagesConfig(AppConfig):
    name = "koersvast.web.partners"
    label = "web_partners"
