"""Registers the app."""

from django.apps import AppConfig


class PolicyPagesConfig(AppConfig):
    name = "koersvast.web.policy"
    label = "web_policy"
