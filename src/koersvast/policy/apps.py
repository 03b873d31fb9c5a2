"""Registers the app."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "koersvast.policy"
    label = "policy"
