"""Template tags that pages share: an icon, and a verdict as a badge."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from koersvast.web import components

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css_class: str = "") -> SafeString:
    """An icon of `static/koersvast/icons.svg`; without a label it is decoration and hidden from screen readers.

    Wrong: an icon alone that carries meaning.  Right: an icon with words beside it, or with `label`.
    """
    href = f"{static('koersvast/icons.svg')}#{name}"
    classes = f"kv-icon {css_class}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href)


@register.inclusion_tag("web/components/badge.html")
def evidence_badge(verdict: str, small: bool = False) -> dict[str, object]:
    """The badge of an evidence verdict (`EvidenceVerdict` or its value)."""
    return {"badge": components.evidence_badge(verdict), "small": small}


@register.inclusion_tag("web/components/badge.html")
def change_badge(verdict: str, small: bool = False) -> dict[str, object]:
    """The badge of a change verdict (`ChangeVerdict` or its value)."""
    return {"badge": components.change_badge(verdict), "small": small}


@register.inclusion_tag("web/components/badge.html")
def attained_badge(attained: bool | None, small: bool = False) -> dict[str, object]:
    """The badge of the formal fact: attained, not attained, or no figure yet."""
    return {"badge": components.attained_badge(attained), "small": small}
