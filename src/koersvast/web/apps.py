from django.apps import AppConfig
from django.db.models import fields
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """The frame of all pages: base templates, components, styles, translations."""

    name = "koersvast.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Name the empty choice of a list in our own words: Django has no Dutch for it yet."""
        fields.BLANK_CHOICE_LABEL = _("Choose")
