"""Registers the app."""

from django.apps import AppConfig


class SitePagesConfig(AppConfig):
    name = "koersvast.web.site"
    label = "web_site"
