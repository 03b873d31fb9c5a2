"""Sources, measurements, indicators, definitions and breaks: what a figure means, before there is one."""

from datetime import date

from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators.models import Break, Definition, Indicator, Measurement, Source
from koersvast.reference import changes as reference
from koersvast.reference.models import Taxonomy, Theme


def load_reference(*, by: Actor) -> list[Taxonomy]:
    """Load the taxonomies and areas that come with the product; loading again changes nothing."""
    with audit.recorded(Event.TAXONOMY_LOADED, by=by) as record:
        taxonomies = reference.load_reference()
        record.detail = {"taxonomies": [one.code for one in taxonomies]}
    return taxonomies


def register_source(
    municipality: Municipality,
    *,
    code: str,
    name_nl: str,
    name_en: str,
    label_nl: str,
    label_en: str,
    kind: str,
    holder: str,
    by: Actor,
    population: str = "",
    frame: str = "",
    is_probability_sample: bool | None = None,
    interval_years: int = 1,
    licence: str = "",
    url: str = "",
    note_nl: str = "",
    note_en: str = "",
) -> Source:
    """Add a source, or bring what is known about it up to date; its code is its identity."""
    _allow(by, municipality)
    with audit.recorded(Event.SOURCE_REGISTERED, by=by, municipality=municipality) as record:
        source = Source.objects.filter(municipality=municipality, code=code).first()
        source = source or Source(municipality=municipality, code=code)
        source.name_nl, source.name_en = name_nl, name_en
        source.label_nl, source.label_en = label_nl, label_en
        source.kind, source.holder = kind, holder
        source.population, source.frame = population, frame
        source.is_probability_sample, source.interval_years = is_probability_sample, interval_years
        source.licence, source.url = licence, url
        source.note_nl, source.note_en = note_nl, note_en
        source.full_clean()
        source.save()
        record.subject, record.detail = source, {"code": code}
    return source


def plan_measurement(
    source: Source,
    *,
    period: str,
    by: Actor,
    is_planned: bool = False,
    invited: int | None = None,
    respondents: int | None = None,
    respondents_are_assumed: bool = False,
    design_effect: float = 1.0,
    mode: str = "",
    note: str = "",
) -> Measurement:
    """Record a survey wave, held or planned; the same period again brings it up to date."""
    _allow(by, source.municipality)
    Period.parse(period)
    with audit.recorded(Event.MEASUREMENT_PLANNED, by=by, municipality=source.municipality) as record:
        known = Measurement.objects.filter(source=source, period=period).first()
        measurement = known or Measurement(source=source, period=period)
        measurement.is_planned, measurement.invited = is_planned, invited
        measurement.respondents, measurement.respondents_are_assumed = respondents, respondents_are_assumed
        measurement.design_effect, measurement.mode, measurement.note = design_effect, mode, note
        measurement.full_clean()
        measurement.save()
        record.subject, record.detail = measurement, {"source": source.code, "period": period}
    return measurement


def register_indicator(
    municipality: Municipality,
    *,
    code: str,
    name_nl: str,
    name_en: str,
    theme: Theme,
    perspective: str,
    unit: Unit,
    direction: Direction,
    source: Source,
    by: Actor,
    position: int = 0,
    group_nl: str = "",
    group_en: str = "",
    table_number: str = "",
    discontinued_on: date | None = None,
    successor: Indicator | None = None,
) -> Indicator:
    """Add an indicator, or change its name and place; the unit of one that has figures does not change."""
    _allow(by, municipality)
    with audit.recorded(Event.INDICATOR_REGISTERED, by=by, municipality=municipality) as record:
        known = Indicator.objects.filter(municipality=municipality, code=code).first()
        if known and known.unit != unit and known.observations.exists():
            raise ValueError(f"{code} has figures in {known.unit}; register another indicator for {unit}.")
        indicator = known or Indicator(municipality=municipality, code=code)
        indicator.name_nl, indicator.name_en, indicator.theme = name_nl, name_en, theme
        indicator.perspective, indicator.unit, indicator.direction = perspective, unit.value, direction.value
        indicator.source, indicator.position, indicator.table_number = source, position, table_number
        indicator.group_nl, indicator.group_en = group_nl, group_en
        indicator.discontinued_on, indicator.successor = discontinued_on, successor
        indicator.full_clean()
        indicator.save()
        record.subject, record.detail = indicator, {"code": code}
    return indicator


def redefine(
    indicator: Indicator,
    *,
    text_nl: str,
    valid_from: date,
    by: Actor,
    number: int | None = None,
    text_en: str = "",
    question: str = "",
    answers_counted: str = "",
    population: str = "",
    composition: str = "",
    external_code: str = "",
    note_nl: str = "",
    note_en: str = "",
) -> Definition:
    """Give an indicator a definition: its first, or a new version from a day on.

    Figures stay with the definition under which they were measured. With the `number` of a known version its wording
    is brought up to date instead (a package that is imported again).
    """
    _allow(by, indicator.municipality)
    with audit.recorded(Event.INDICATOR_REDEFINED, by=by, municipality=indicator.municipality) as record:
        newest = Definition.objects.filter(indicator=indicator).order_by("-number").first()
        number = number or (newest.number + 1 if newest else 1)
        known = Definition.objects.filter(indicator=indicator, number=number).first()
        definition = known or Definition(indicator=indicator, number=number)
        definition.valid_from, definition.text_nl, definition.text_en = valid_from, text_nl, text_en
        definition.question, definition.answers_counted = question, answers_counted
        definition.population, definition.composition = population, composition
        definition.external_code, definition.note_nl, definition.note_en = external_code, note_nl, note_en
        definition.full_clean()
        definition.save()
        record.subject, record.detail = definition, {"indicator": indicator.code, "number": number}
    return definition


def mark_break(
    indicator: Indicator,
    *,
    on: date,
    kind: str,
    note_nl: str,
    by: Actor,
    note_en: str = "",
    factor: float | None = None,
    factor_se: float | None = None,
) -> Break:
    """Mark that figures from a day on do not mean the same; the same day and kind again brings it up to date."""
    _allow(by, indicator.municipality)
    with audit.recorded(Event.BREAK_MARKED, by=by, municipality=indicator.municipality) as record:
        known = Break.objects.filter(indicator=indicator, on=on, kind=kind).first()
        found = known or Break(indicator=indicator, on=on, kind=kind)
        found.note_nl, found.note_en, found.factor, found.factor_se = note_nl, note_en, factor, factor_se
        found.full_clean()
        found.save()
        record.subject, record.detail = found, {"indicator": indicator.code, "on": on.isoformat()}
    return found


def _allow(by: Actor, municipality: Municipality) -> None:
    authorise(by, Permission.FIGURES_IMPORT, municipality, on=timezone.localdate())
