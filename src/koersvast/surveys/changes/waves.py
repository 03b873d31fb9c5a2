"""A wave is opened, told about, and removed."""

from datetime import date
from typing import Any

from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import Period
from koersvast.indicators.models import Source
from koersvast.surveys.models import Catalogue, Wave

# What a person may tell about a wave; all of it ends up in the method statement.
FACTS = frozenset(
    {
        "held_from", "held_until", "population_nl", "population_en", "population_size", "age_from", "frame_nl",
        "frame_en", "mode_nl", "mode_en", "invited", "reached", "answered", "languages", "note_nl", "note_en",
    }
)  # fmt: skip


class NoSurvey(ValueError):
    """The source is a registration; only a survey has waves."""


def allow(by: Actor, municipality: Municipality) -> None:
    """Let through who may work on surveys; raises Denied."""
    authorise(by, Permission.SURVEY_MANAGE, municipality, on=timezone.localdate())


def open_wave(
    source: Source, *, period: str, by: Actor, is_synthetic: bool = False, held_from: date | None = None, **facts: Any
) -> Wave:
    """Open a wave of a survey; the same period again gives the wave that is there, brought up to date.

    `facts` are those of FACTS. Raises Denied, NoSurvey, BadPeriod, ValidationError, or TypeError for an unknown fact.
    """
    allow(by, source.municipality)
    if source.kind != Source.Kind.SURVEY:
        raise NoSurvey(source.code)
    code = Period.parse(period).code
    with audit.recorded(Event.WAVE_OPENED, by=by, municipality=source.municipality) as record:
        wave = Wave.objects.filter(source=source, period=code).first() or Wave(
            source=source, period=code, municipality=source.municipality, opened_at=timezone.now(),
            opened_by=audit.describe(by), is_synthetic=is_synthetic,
        )  # fmt: skip
        _tell(wave, facts | ({"held_from": held_from} if held_from else {}))
        Catalogue.objects.get_or_create(wave=wave)
        record.subject, record.detail = wave, {"source": source.code, "period": code}
    return wave


def change_wave(wave: Wave, *, by: Actor, **facts: Any) -> Wave:
    """Tell more about a wave; what is not named stays. Raises Denied, ValidationError or TypeError."""
    allow(by, wave.municipality)
    with audit.recorded(Event.WAVE_CHANGED, by=by, municipality=wave.municipality) as record:
        wave = Wave.objects.select_for_update().get(pk=wave.pk)
        _tell(wave, facts)
        record.subject, record.detail = wave, {"told": sorted(facts)}
    return wave


def _tell(wave: Wave, facts: dict[str, Any]) -> None:
    if strange := set(facts) - FACTS:
        raise TypeError(f"A wave has no {', '.join(sorted(strange))}.")
    for name, said in facts.items():
        setattr(wave, name, said)
    wave.full_clean()
    wave.save()
