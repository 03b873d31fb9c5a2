"""How a measure of a wave stands to the definition of an indicator."""

from koersvast.engine.periods import Period
from koersvast.indicators.models import Definition, Indicator, Measurement
from koersvast.surveys.codebook import Entry, Registered, Told, Why, differences, measure_differences
from koersvast.surveys.models import CodebookEntry, IndicatorLink, Wave


def differences_of(wave: Wave, entry: Entry, cut_code: str, indicator: Indicator) -> tuple[Why, ...]:
    """What differs between a measure and the definition that holds in the period of the wave, and the wave before."""
    return differences(entry, cut_code, told_of(wave), registered(wave, indicator))


def told_of(wave: Wave) -> Told:
    """Who a wave speaks of and how they were asked, as it is compared."""
    return Told(population=wave.population_nl, age_from=wave.age_from, mode=wave.mode_nl, frame=wave.frame_nl)


def registered(wave: Wave, indicator: Indicator) -> Registered:
    """The definition that holds when the period of the wave begins (else the first), and how it was held before."""
    listed = list(Definition.objects.filter(indicator=indicator).order_by("number"))
    held = [one for one in listed if one.valid_from <= Period.parse(wave.period).start]
    found = held[-1] if held else listed[0] if listed else Definition()
    before = Measurement.objects.filter(source=indicator.source, period__lt=wave.period, is_planned=False).last()
    earlier = Wave.objects.filter(source=indicator.source, period__lt=wave.period).order_by("period").last()
    mode = before.mode if before else ""
    return Registered(
        question=found.question,
        answers_counted=found.answers_counted,
        composition=found.composition,
        told=Told(
            population=found.population, mode=mode, frame=earlier.frame_nl if earlier else indicator.source.frame
        ),
    )


def links_before(wave: Wave) -> list[IndicatorLink]:
    """The confirmed links of the newest earlier wave of the same survey that has any."""
    earlier = IndicatorLink.objects.filter(wave__source=wave.source, wave__period__lt=wave.period)
    held = earlier.exclude(confirmed_at=None).select_related("indicator", "wave").order_by("-wave__period", "pk")
    listed = list(held)
    return [link for link in listed if link.wave_id == listed[0].wave_id]


def still_decided(link: IndicatorLink, before: IndicatorLink) -> bool:
    """Whether what was decided of a measure in an earlier wave tells all that differs now."""
    rows = [
        CodebookEntry.objects.filter(wave=one.wave_id, code=one.entry_code, confirmed_at__isnull=False).first()
        for one in (before, link)
    ]
    then, now = [row.entry if row else None for row in rows]
    if then is None or now is None or measure_differences(then, now, link.cut_code):
        return False
    known = before.differences if before.decision == IndicatorLink.Decision.SAME else []
    return all(found in known for found in link.differences)
