"""Registers the app, and lays the audit triggers once tables exist."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from koersvast.access.triggers import lay_triggers


class AccessConfig(AppConfig):
    name = "koersvast.access"
    label = "access"

    def ready(self) -> None:
        # A framework hook, not glue between packages: triggers must follow every migration.
        post_migrate.connect(lay_triggers, dispatch_uid="access.lay_triggers")
