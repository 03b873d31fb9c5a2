"""Dalfsen (oefening): the plan of Dalfsen under an invented municipality, with two waves that nobody answered.

What is invented never comes to stand among the figures of the real municipality: it has one of its own.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.utils import timezone
from django_scopes import scope

from koersvast.access.models import Municipality
from koersvast.cli.installation import OPERATOR
from koersvast.cli.practice_files import write_practice_files
from koersvast.cli.ready import Refusal
from koersvast.indicators.changes import take_over
from koersvast.indicators.models import Delivery, Indicator, Source
from koersvast.policy.changes.packages import files_of, import_package
from koersvast.policy.practice_copy import practice_copy
from koersvast.surveys.changes.codebooks import carry_codebook, confirm_entry, confirm_sure_ones
from koersvast.surveys.changes.computing import compute_now, release
from koersvast.surveys.changes.files import receive_file
from koersvast.surveys.changes.links import decide_link, link_to_indicator, take_over_estimates
from koersvast.surveys.changes.waves import open_wave
from koersvast.surveys.changes.weights import choose_catalogue, choose_weighting, give_margins
from koersvast.surveys.codebook import Cut, Entry
from koersvast.surveys.keeping import last_day
from koersvast.surveys.models import CodebookEntry, Computation, IndicatorLink, Wave
from koersvast.surveys.practice_stories import FOR_INDICATORS, STORIES
from koersvast.surveys.practice_waves import Story, population_margins
from koersvast.surveys.wording.refusals import refusal

CODE, SLUG, NAME, HOUSE_COLOUR = "GM9990", "dalfsen-oefening", "Dalfsen (oefening)", "#4a3f8c"
SURVEY = "veiligheidsmonitor"
BACKGROUNDS = ("kern", "geslacht", "leeftijd", "opleiding")
MARGINS = ("kern", "geslacht*leeftijd")
POPULATION_SOURCE = "Oefenbevolking: alle aantallen zijn verzonnen"
SAME_QUESTIONS_FROM = date(2021, 1, 1)
POOLED_BECAUSE = (
    "Het burgerpanel en de steekproef zijn samengenomen, zoals in de uitkomsten die het plan van 2018 afdrukt. "
    "Het panel is geen kanssteekproef: de marges zijn daarom een ondergrens."
)
SAME_BECAUSE = "Oefening: de vragen zijn zo gemaakt dat zij meten wat het plan meet."


def load_practice_survey(demo: Path) -> Municipality:
    """Bring in the practice municipality with its plan and both waves, up to the verdicts."""
    municipality = load_practice_plan(demo)
    for wave in load_waves(municipality):
        publish(wave)
    return municipality


def load_practice_plan(demo: Path) -> Municipality:
    """Take in the demo's plan and figures as those of the practice municipality."""
    files = practice_copy(
        files_of(demo),
        code=CODE,
        slug=SLUG,
        name=NAME,
        house_colour=HOUSE_COLOUR,
        same_questions_from=SAME_QUESTIONS_FROM,
    )
    import_package(files, by=OPERATOR)
    return Municipality.objects.get(code=CODE)


def load_waves(municipality: Municipality, stories: Sequence[Story] = STORIES) -> list[Wave]:
    """Bring in the waves by the same doors as real ones, from the .sav file on."""
    with tempfile.TemporaryDirectory() as folder, scope(municipality=municipality):
        write_practice_files(Path(folder))
        waves: list[Wave] = []
        for story in stories:
            data = (Path(folder) / f"oefenmeting-{story.period}.sav").read_bytes()
            waves.append(_load(municipality, story, data, earlier=waves[-1] if waves else None))
        return waves


def _load(municipality: Municipality, story: Story, data: bytes, *, earlier: Wave | None) -> Wave:
    year, source = int(story.period), Source.objects.get(municipality=municipality, code=SURVEY)
    wave = open_wave(
        source,
        period=story.period,
        is_synthetic=True,
        held_from=date(year, 9, 11),
        held_until=date(year, 10, 29),
        population_nl=source.population,
        population_en="residents of the municipality of 18 years and over",
        population_size=story.population,
        age_from=18,
        frame_nl=source.frame,
        frame_en="a citizen panel, and a sample that was written to by post",
        mode_nl="burgerpanel en vragenlijst per post",
        mode_en="citizen panel and questionnaire by post",
        invited=story.invited,
        answered=story.respondents,
        languages=["nl"],
        note_nl="Oefenmeting: niemand heeft de vragen beantwoord. Alle antwoorden zijn verzonnen.",
        note_en="Practice wave: nobody answered the questions. All answers are invented.",
        by=OPERATOR,
    )
    name = f"oefenmeting-{story.period}.sav"
    receive_file(wave, data=data, file_name=name, keep_until=last_day(today=timezone.localdate()), by=OPERATOR)
    if earlier is not None:
        carry_codebook(wave, earlier=earlier, by=OPERATOR)
    _confirm_codebook(wave)
    for margin, people in population_margins(story).items():
        give_margins(
            wave, code=margin, people=people, source_text=POPULATION_SOURCE, as_of=date(year, 1, 1), by=OPERATOR
        )
    choose_weighting(
        wave,
        frame="pooled",
        method="rake",
        variance="calibrate",
        margins=MARGINS,
        statement=POOLED_BECAUSE,
        by=OPERATOR,
    )
    choose_catalogue(wave, backgrounds=BACKGROUNDS, by=OPERATOR)
    return wave


def publish(wave: Wave) -> Delivery:
    """Compute and release a prepared wave, and let its estimates become figures of the plan's indicators."""
    with scope(municipality=wave.municipality):
        computation = compute_now(wave, by=OPERATOR)
        if computation.state != Computation.State.DONE:
            raise Refusal(*(refusal(one["code"], one["values"]) for one in computation.problems))
        release(computation, by=OPERATOR)
        for (entry, cut), code in FOR_INDICATORS.items():
            link = link_to_indicator(
                wave, entry_code=entry, cut_code=cut, indicator=Indicator.objects.get(code=code), by=OPERATOR
            )
            decide_link(link, decision=IndicatorLink.Decision.SAME, note_nl=SAME_BECAUSE, by=OPERATOR)
        staged = take_over_estimates(wave, as_of=date(int(wave.period) + 1, 3, 1), by=OPERATOR)
        return take_over(staged, by=OPERATOR)


def _confirm_codebook(wave: Wave) -> None:
    """Confirm what is suggested, as a policy officer would after reading it."""
    confirm_sure_ones(wave, by=OPERATOR)
    for row in CodebookEntry.objects.filter(wave=wave, confirmed_at=None):
        confirm_entry(row, entry=_read_over(row.entry), by=OPERATOR)


def _read_over(entry: Entry) -> Entry:
    """The plan counts victims who did not report: that answer needs a name."""
    if entry.code != "aangifte" or entry.cut("nee") is not None:
        return entry
    silent = Cut(code="nee", text_nl="geen aangifte", text_en="did not report", answers=(2.0,))
    return replace(entry, cuts=(*entry.cuts, silent))
