"""The invented waves: the same each time, declared, and in step with the printed figures that they stand for."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from koersvast.connectors.microdata import Microdata, to_bytes
from koersvast.surveys.codebook.entries import Entry, Kind
from koersvast.surveys.codebook.suggesting import suggest
from koersvast.surveys.practice_stories import FOR_INDICATORS, STORIES, WAVE_2017, WAVE_2021
from koersvast.surveys.practice_waves import DONT_KNOW, Story, population_margins, practice_wave

PRINTED = Path(__file__).parents[3] / "demo/deliveries/1-plan-tabellen-2-tot-5-veiligheidsmonitor.csv"
STORY = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.period)


def printed_2017() -> dict[str, str]:
    with PRINTED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return {row["indicator"]: row["waarde"].replace(",", ".") for row in rows if row["jaar"] == "2017"}


@STORY
def test_wave_made_twice_is_the_same_bytes(story: Story) -> None:
    assert to_bytes(practice_wave(story)) == to_bytes(practice_wave(story))


@STORY
def test_wave_says_of_itself_that_nobody_answered_it(story: Story) -> None:
    assert practice_wave(story).is_synthetic


@STORY
def test_population_adds_up_to_the_same_people_by_every_margin(story: Story) -> None:
    assert {sum(counts.values()) for counts in population_margins(story).values()} == {story.population}


@STORY
def test_nobody_names_more_than_three_problems(story: Story) -> None:
    wave = practice_wave(story)
    named = sum((wave.numbers(name) for name in wave.sets[0].variables), start=np.zeros(wave.rows))
    assert named.max() <= 3


@STORY
def test_who_was_not_asked_has_no_answer(story: Story) -> None:
    wave = practice_wave(story)
    for name in (one.name for one in story.nuisance if one.bothered is not None):
        asked = wave.numbers(f"{name}_komt_voor") == 1
        assert (~np.isnan(wave.numbers(f"{name}_overlast")) == asked).all()


def test_every_indicator_of_the_plan_has_its_measure() -> None:
    assert set(FOR_INDICATORS.values()) == set(printed_2017())


@pytest.mark.parametrize(("measure", "indicator"), FOR_INDICATORS.items(), ids=str)
def test_weighted_outcome_of_2017_is_the_printed_figure(measure: tuple[str, str], indicator: str) -> None:
    """By hand, without the engine: weights by raking here, a share as a sum over a sum."""
    wave, weights, entries = wave_by_hand()
    value = outcome_by_hand(wave, entries[measure[0]], measure[1], weights)
    figure = printed_2017()[indicator]
    assert f"{value:.{len(figure.partition('.')[2])}f}" == figure


@cache
def wave_by_hand() -> tuple[Microdata, np.ndarray, dict[str, Entry]]:
    wave = practice_wave(WAVE_2017)
    return wave, raked_by_hand(wave, WAVE_2017), {one.entry.code: one.entry for one in suggest(wave)}


def raked_by_hand(wave: Microdata, story: Story) -> np.ndarray:
    weights = np.ones(wave.rows)
    for _ in range(200):
        for crossing, counts in population_margins(story).items():
            first, _, second = crossing.partition("*")
            codes = wave.numbers(first).astype(int) - 1
            if second:
                codes = codes * 4 + wave.numbers(second).astype(int) - 1
            held = np.bincount(codes, weights=weights)
            weights = weights * (np.array(list(counts.values())) / held)[codes]
    return weights


def outcome_by_hand(wave: Microdata, entry: Entry, cut: str, weights: np.ndarray) -> float:
    if entry.kind is Kind.COMPOSITE:
        return score_by_hand(wave, entry, weights)
    if entry.kind is Kind.MARK:
        return float(np.average(wave.numbers(entry.variables[0]), weights=weights))
    if entry.kind is Kind.MULTIPLE:
        name = next(one.answers[0] for one in entry.cuts if one.code == cut)
        return 100 * float(weights[wave.numbers(str(name)) == 1].sum() / weights.sum())
    answers = wave.numbers(entry.variables[0])
    counted = [2.0] if cut == "nee" else next(one.answers for one in entry.cuts if one.code == cut)
    in_base = ~np.isnan(answers) & (answers != DONT_KNOW)
    if entry.base is not None and entry.base.others_count:
        in_base |= np.isnan(answers)
    return 100 * float(weights[in_base & np.isin(answers, counted)].sum() / weights[in_base].sum())


def score_by_hand(wave: Microdata, entry: Entry, weights: np.ndarray) -> float:
    assert entry.composition is not None
    columns = []
    for item in entry.composition.items:
        points = np.where(wave.numbers(item) == DONT_KNOW, np.nan, wave.numbers(item) - 1)
        columns.append(4 - points if item in entry.composition.reversed_items else points)
    points = np.column_stack(columns)
    enough = (~np.isnan(points)).sum(axis=1) >= entry.composition.least_answered
    return float(np.average(2.5 * np.nanmean(points[enough], axis=1), weights=weights[enough]))


def test_codebook_of_the_first_wave_fits_the_second_and_tells_what_was_asked_otherwise() -> None:
    first = [one.entry for one in suggest(practice_wave(WAVE_2017))]
    second = suggest(practice_wave(WAVE_2021), first, earlier_period="2017")
    assert [one.entry.code for one in second if one.changed] == ["onveilig_station"]
