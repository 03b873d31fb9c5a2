from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """The frame of all pages: base templates, components, styles, translations."""

    name = "koersvast.web"
    label = "web"
    verbose_name = _("Pages")
