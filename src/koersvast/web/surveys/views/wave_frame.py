"""What every page of one wave has: the wave itself, the way back, the steps, and the banner of an invented one."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.surveys.models import Wave
from koersvast.surveys.queries import waves_of
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest
from koersvast.web.surveys.parts.steps import journey
from koersvast.web.surveys.parts.waves import synthetic_banner


def wave_or_404(request: TenantRequest, number: int) -> Wave:
    """Return the wave of this municipality with that number."""
    found = waves_of(request.entry.municipality).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def frame(wave: Wave, *, step: int = 0, label: str = "") -> dict[str, Any]:
    """Context of a page of a wave: `step` counts from 1; 0 is the page of the wave itself."""
    slug = wave.municipality.slug
    own = c.Link(label=name_of(wave), href=reverse("wave", args=[slug, wave.pk]))
    return {
        "wave": wave,
        "crumbs": [
            c.Link(label=_("Surveys"), href=reverse("surveys", args=[slug])),
            own,
            *([c.Link(label=label)] if label else []),
        ],
        "kicker": name_of(wave) if label else "",
        "banner": synthetic_banner(wave),
        "steps": journey(wave).stepper(step),
    }


def name_of(wave: Wave) -> str:
    """A wave by its survey and period: Buurtpeiling 2021."""
    return f"{wave.source.label} {wave.period}"
