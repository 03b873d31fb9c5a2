"""Registers the wiring's own checks."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from koersvast.project.checks import database_is_safe, microdata_can_be_opened, triggers_are_laid


class ProjectConfig(AppConfig):
    name = "koersvast.project"
    label = "project"

    def ready(self) -> None:
        register(database_is_safe, Tags.database)
        register(triggers_are_laid, Tags.database)
        register(microdata_can_be_opened, Tags.security)
