"""Forms in the markup of the NL Design System.

Django fills in `aria-invalid` and `aria-describedby`; the templates under `nlds/` add the classes, the hint, the
error and the mark of what is optional. Widgets keep Django's own templates, with our class names on the element.
"""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString, mark_safe

CLASSES = {
    "django/forms/widgets/textarea.html": "utrecht-textarea utrecht-textarea--html-textarea",
    "django/forms/widgets/select.html": "utrecht-select utrecht-select--html-select",
    "django/forms/widgets/checkbox.html": "utrecht-checkbox utrecht-checkbox--html-input",
    "django/forms/widgets/file.html": "kv-file",
    "django/forms/widgets/clearable_file_input.html": "kv-file",
    "django/forms/widgets/radio_option.html": "utrecht-radio-button utrecht-radio-button--html-input",
    "django/forms/widgets/checkbox_option.html": "utrecht-checkbox utrecht-checkbox--html-input",
}
TEXTBOX = "utrecht-textbox utrecht-textbox--html-input"
TEXTBOX_WIDGETS = {
    f"django/forms/widgets/{kind}.html"
    for kind in (
        "text",
        "number",
        "email",
        "url",
        "password",
        "date",
        "datetime",
        "time",
        "input",
        "search",
        "color",
        "tel",
    )
}


class NLDesignSystemRenderer(TemplatesSetting):
    """`FORM_RENDERER` of the project; needs `django.forms` and `koersvast.web` among the installed apps."""

    form_template_name = "nlds/form.html"
    formset_template_name = "nlds/formset.html"
    field_template_name = "nlds/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        widget = context.get("widget")
        if widget is not None:
            _add_classes(widget, template_name)
        return mark_safe(super().render(template_name, context, request))  # noqa: S308 - rendered by our own templates


def _add_classes(widget: dict[str, Any], template_name: str) -> None:
    """Put the design system's class in front of the classes that the form gave itself; options get theirs too."""
    for _group, options, _index in widget.get("optgroups") or ():
        for option in options:
            _add_class(option["attrs"], CLASSES.get(option["template_name"], ""))
    for part in widget.get("subwidgets") or ():
        _add_classes(part, part["template_name"])
    wanted = TEXTBOX if template_name in TEXTBOX_WIDGETS else CLASSES.get(template_name, "")
    _add_class(widget["attrs"], wanted)


def _add_class(attrs: dict[str, Any], wanted: str) -> None:
    own = attrs.get("class", "")
    if wanted and wanted not in own:
        attrs["class"] = f"{wanted} {own}".strip()
