"""Which measure of a wave is proposed for each indicator of its survey."""

from collections.abc import Sequence

from koersvast.indicators.models import Definition, Indicator
from koersvast.surveys.linking import Proposal, measure_key, propose, words_of
from koersvast.surveys.models import Wave
from koersvast.surveys.queries.links import links_before
from koersvast.surveys.queries.outcomes import Measure


def proposals(wave: Wave, indicators: Sequence[Indicator], measures: Sequence[Measure]) -> dict[int, Proposal]:
    """Return by primary key what is proposed; an indicator for which no measure in its unit is alike is left out.

    `indicators` with their definitions prefetched; `measures` those of the wave.
    """
    before = {link.indicator_id: measure_key(link.entry_code, link.cut_code) for link in links_before(wave)}
    found = {
        one.pk: propose(_said(one), _fitting(measures, one.unit), before=before.get(one.pk, "")) for one in indicators
    }
    return {number: proposal for number, proposal in found.items() if proposal is not None}


def _said(indicator: Indicator) -> str:
    newest: list[Definition] = list(indicator.definitions.all())[-1:]
    return " ".join([indicator.name_nl, *(f"{one.question} {one.answers_counted}" for one in newest)])


def _fitting(measures: Sequence[Measure], unit: str) -> dict[str, str]:
    return {
        measure_key(one.entry.code, one.cut_code): words_of(one.entry, one.cut_code)
        for one in measures
        if one.unit == unit
    }
