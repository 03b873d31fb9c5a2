"""From a wave to the indicators: which measure goes where, what a difference means, and the figures that go on."""

from datetime import date
from typing import Any

from django.utils import timezone

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Unit
from koersvast.indicators.changes import mark_break, redefine
from koersvast.indicators.changes.survey_deliveries import HeldMeasurement, SurveyFigure, stage_survey
from koersvast.indicators.models import Break, Definition, Delivery, Indicator
from koersvast.reference.models import Area
from koersvast.surveys.changes.waves import allow
from koersvast.surveys.codebook import (
    Entry,
    Why,
    answers_counted,
    composition_text,
    is_only_about_asking,
    why_from_dict,
)
from koersvast.surveys.models import CodebookEntry, Computation, IndicatorLink, SurveyEstimate, Wave
from koersvast.surveys.preparing import unit_of
from koersvast.surveys.queries.links import differences_of, links_before, still_decided
from koersvast.surveys.queries.outcomes import is_out_of_date, newest_computation, released_computation

FEW_ANSWERS = 5
# Remarks on figures are data of the municipality, and those are Dutch.
_OF_WHOM = {
    "everybody": "alle deelnemers",
    "sample": "alleen de steekproef",
    "panel": "alleen het panel",
    "pooled": "steekproef en panel samen",
}
_DEFAULT_NOTE_NL = "Steekproef met marges uit de weging; zie de verantwoording van de meting."


class LinkRefused(ValueError):
    """The measure cannot go to this indicator; `code` says why and `values` what.

    Codes: entry_not_confirmed (entry), no_such_measure (entry, cut), other_unit (measure, indicator), other_source
    (indicator), no_areas (background), no_definition (indicator).
    """

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(f"{code} {values}")
        self.code, self.values = code, values


class TakeOverRefused(Exception):
    """The estimates do not go on like this; `code` says why: invented_answers, not_computed, not_released,
    changed_since_released, undecided, no_links."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def link_to_indicator(
    wave: Wave, *, entry_code: str, cut_code: str, indicator: Indicator, by: Actor, areas: str = "", frame: str = ""
) -> IndicatorLink:
    """Say that a measure of this wave is that indicator; undecided until `decide_link`.

    `areas` is the code of a background whose groups are wijken or buurten: their estimates go along. Linking again
    replaces what was said before. Raises Denied or LinkRefused.
    """
    allow(by, wave.municipality)
    entry = _entry(wave, entry_code)
    _must_fit(entry, cut_code, indicator, wave, areas)
    with audit.recorded(Event.MEASURE_LINKED, by=by, municipality=wave.municipality) as record:
        link = IndicatorLink.objects.filter(wave=wave, indicator=indicator).first() or IndicatorLink(
            wave=wave, indicator=indicator
        )
        link.entry_code, link.cut_code, link.areas, link.frame = entry_code, cut_code, areas, frame
        link.differences = [why.as_dict() for why in differences_of(wave, entry, cut_code, indicator)]
        link.decision, link.confirmed_at, link.confirmed_by = "", None, ""
        link.decision_note_nl = link.decision_note_en = ""
        link.save()
        record.subject = link
        record.detail = {"measure": f"{entry_code}/{cut_code}", "indicator": indicator.code}
    return link


def link_as_before(wave: Wave, *, by: Actor) -> list[IndicatorLink]:
    """Link the measures of the wave before to the same indicators, where this wave has none for them yet.

    What a person decided then holds on where the measure did not change and nothing else differs; the other links wait.
    A measure that does not fit any more is left out. Raises Denied.
    """
    allow(by, wave.municipality)
    linked = set(IndicatorLink.objects.filter(wave=wave).values_list("indicator_id", flat=True))
    with audit.recorded(Event.MEASURE_LINKED, by=by, municipality=wave.municipality) as record:
        found = [_link_again(wave, one, by=by) for one in links_before(wave) if one.indicator_id not in linked]
        links = [link for link in found if link is not None]
        record.subject = wave
        record.detail = {
            "indicators": [link.indicator.code for link in links],
            "decided": sum(link.confirmed_at is not None for link in links),
        }
    return links


def _link_again(wave: Wave, before: IndicatorLink, *, by: Actor) -> IndicatorLink | None:
    same = {"entry_code": before.entry_code, "cut_code": before.cut_code, "areas": before.areas, "frame": before.frame}
    try:
        link = link_to_indicator(wave, indicator=before.indicator, by=by, **same)
    except LinkRefused:
        return None
    if not still_decided(link, before):
        return link
    notes = {"note_nl": before.decision_note_nl, "note_en": before.decision_note_en}
    is_same = before.decision == IndicatorLink.Decision.SAME
    return decide_link(link, decision=IndicatorLink.Decision.SAME, by=by, **(notes if is_same else {}))


def decide_link(
    link: IndicatorLink, *, decision: str, by: Actor, note_nl: str = "", note_en: str = ""
) -> IndicatorLink:
    """Say what the differences mean: the same measure, or a new definition with a break in the series.

    A break gives the indicator a new version of its definition and a marked break from the first day of the period.
    Raises Denied, or ValueError for a break without a note.
    """
    wave, indicator = link.wave, link.indicator
    allow(by, wave.municipality)
    if decision not in {IndicatorLink.Decision.SAME, IndicatorLink.Decision.BREAK}:
        raise ValueError(f"{decision} is no decision.")
    if decision == IndicatorLink.Decision.BREAK and not note_nl.strip():
        raise ValueError("A break says why.")
    with audit.recorded(Event.MEASURE_LINKED, by=by, municipality=wave.municipality) as record:
        if decision == IndicatorLink.Decision.BREAK:
            found = tuple(why_from_dict(kept) for kept in link.differences)
            _break_series(wave, indicator, _entry(wave, link.entry_code), link.cut_code, found, note_nl, note_en, by=by)
        link.decision, link.decision_note_nl, link.decision_note_en = decision, note_nl.strip(), note_en.strip()
        link.confirmed_at, link.confirmed_by = timezone.now(), audit.describe(by)
        link.full_clean()
        link.save()
        record.subject, record.detail = link, {"indicator": indicator.code, "decision": decision}
    return link


def unlink(link: IndicatorLink, *, by: Actor) -> None:
    """Take a link back; figures that went on stay. Raises Denied."""
    allow(by, link.wave.municipality)
    with audit.recorded(Event.MEASURE_UNLINKED, by=by, municipality=link.wave.municipality) as record:
        record.detail = {"measure": f"{link.entry_code}/{link.cut_code}", "indicator": link.indicator.code}
        link.delete()


def take_over_estimates(wave: Wave, *, by: Actor, as_of: date | None = None) -> Delivery:
    """Stage the published estimates of all linked measures as a delivery; a person confirms it as any delivery.

    Only what is published goes on: who sees indicators sees it, and the next computation is protected against it.

    `as_of` is the day on which they were known; without it the day of the computation. Raises Denied or
    TakeOverRefused.
    """
    allow(by, wave.municipality)
    if wave.is_synthetic and not wave.municipality.is_practice:
        raise TakeOverRefused("invented_answers")
    computation = released_computation(wave)
    if computation is None or computation.finished_at is None:
        if newest_computation(wave) is None:
            raise TakeOverRefused("not_computed")
        raise TakeOverRefused("not_released")
    if is_out_of_date(computation):
        raise TakeOverRefused("changed_since_released")
    links = list(IndicatorLink.objects.filter(wave=wave).select_related("indicator"))
    if not links:
        raise TakeOverRefused("no_links")
    if undecided := [link for link in links if link.confirmed_at is None]:
        raise TakeOverRefused("undecided", indicator=undecided[0].indicator.code)
    figures = [figure for link in links for figure in _figures(wave, computation, link)]
    with audit.recorded(Event.DELIVERY_STAGED, by=by, municipality=wave.municipality):
        delivery = stage_survey(
            wave.source,
            figures=figures,
            measurement=_measurement(wave, computation),
            as_of=as_of or timezone.localdate(computation.finished_at),
            file_name=f"{wave.source.code} {wave.period}",
            by=by,
            note_nl=_DEFAULT_NOTE_NL,
            note_en="Sample with margins that account for the weighting; see the method statement of the wave.",
        )
        IndicatorLink.objects.filter(pk__in=[link.pk for link in links]).update(delivery=delivery)
    return delivery


def _entry(wave: Wave, code: str) -> Entry:
    row = CodebookEntry.objects.filter(wave=wave, code=code).exclude(confirmed_at=None).first()
    if row is None:
        raise LinkRefused("entry_not_confirmed", entry=code)
    return row.entry


def _must_fit(entry: Entry, cut_code: str, indicator: Indicator, wave: Wave, areas: str) -> None:
    is_mean = entry.has_mean and cut_code == "mean"
    if not entry.is_estimated or not (is_mean or entry.cut(cut_code)):
        raise LinkRefused("no_such_measure", entry=entry.code, cut=cut_code)
    unit = unit_of(entry, cut_code)
    if unit != indicator.unit:
        raise LinkRefused("other_unit", measure=unit, indicator=indicator.unit)
    if indicator.source_id != wave.source_id:
        raise LinkRefused("other_source", indicator=indicator.code)
    if not Definition.objects.filter(indicator=indicator).exists():
        raise LinkRefused("no_definition", indicator=indicator.code)
    if areas and _entry(wave, areas).area_kind is None:
        raise LinkRefused("no_areas", background=areas)


def _break_series(
    wave: Wave,
    indicator: Indicator,
    entry: Entry,
    cut_code: str,
    found: tuple[Why, ...],
    note_nl: str,
    note_en: str,
    *,
    by: Actor,
) -> None:
    start = Period.parse(wave.period).start
    about_asking = bool(found) and is_only_about_asking(found)
    if not about_asking:
        last = Definition.objects.filter(indicator=indicator).order_by("-number").first()
        assert last is not None  # noqa: S101 linking asked for it
        redefine(
            indicator,
            number=last.number if last.valid_from == start else None,
            valid_from=start,
            text_nl=last.text_nl,
            text_en=last.text_en,
            question=entry.text_nl,
            answers_counted=answers_counted(entry, cut_code)[:200],
            population=wave.population_nl,
            composition=composition_text(entry.composition),
            note_nl=note_nl.strip(),
            note_en=note_en.strip(),
            by=by,
        )
    kind = Break.Kind.MODE if about_asking else Break.Kind.DEFINITION
    mark_break(indicator, on=start, kind=kind, note_nl=note_nl.strip(), note_en=note_en.strip(), by=by)


def _figures(wave: Wave, computation: Computation, link: IndicatorLink) -> list[SurveyFigure]:
    rows = SurveyEstimate.objects.filter(
        computation=computation,
        frame=link.frame or computation.frames[0],
        entry_code=link.entry_code,
        cut_code=link.cut_code,
    )
    codes = {"": wave.municipality.code} | _area_codes(computation, link.areas)
    wanted = rows.filter(background__in=["", link.areas] if link.areas else [""])
    return [_figure(row, codes[row.category], link) for row in wanted if row.category in codes]


def _area_codes(computation: Computation, background: str) -> dict[str, str]:
    """The areas of the groups of a background that the register knows; a kern without a code goes nowhere."""
    found = {
        group["code"]: group["area_code"]
        for banner in computation.layout["banners"]
        if banner["code"] == background
        for group in banner["categories"]
        if group["area_code"]
    }
    known = set(Area.objects.filter(code__in=found.values()).values_list("code", flat=True))
    return {group: code for group, code in found.items() if code in known}


def _figure(row: SurveyEstimate, area: str, link: IndicatorLink) -> SurveyFigure:
    return SurveyFigure(
        indicator=link.indicator.code,
        area=area,
        amount=row.amount,
        standard_error=None if _rests_on_few(row) else row.standard_error,
        low=row.low,
        high=row.high,
        respondents=row.respondents,
        design_effect=row.design_effect,
        note=f"Geschat uit de enquête, {_OF_WHOM[row.frame]}: {link.entry_code}/{link.cut_code} ({row.method}).",
    )


def _rests_on_few(row: SurveyEstimate) -> bool:
    """Whether a share stands for fewer than five answers either way, such as none at all.

    Its error says little then (at 0 % it is nought), so verdicts take their rule for few answers, which starts from the
    respondents and the design effect.
    """
    if row.unit != Unit.PERCENT or row.amount is None:
        return False
    effective = row.effective_respondents or row.respondents or 0
    return min(row.amount, 100 - row.amount) / 100 * effective < FEW_ANSWERS


def _measurement(wave: Wave, computation: Computation) -> HeldMeasurement:
    found: dict[str, Any] = computation.diagnostics[computation.frames[0]]
    return HeldMeasurement(
        period=wave.period,
        invited=wave.invited,
        respondents=int(found["respondents"]),
        design_effect=float(found["design_effect"]),
        mode=wave.mode_nl[:120],
        note=wave.note_nl,
    )
