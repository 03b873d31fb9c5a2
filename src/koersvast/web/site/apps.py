"""Registers the app."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class SitePagesConfig(AppConfig):
    name = "koersvast.web.site"
    label = "web_site"

    def ready(self) -> None:
        # Django would write the moment of signing in to the person's row: a write outside the named changes, and a
        # fact about a person that nothing needs.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
