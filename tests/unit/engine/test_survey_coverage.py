"""A small, seeded run of the simulation of survey shares: intervals do what docs/methods/survey-simulation.md says."""

import pytest

from benchmarks.survey_coverage import QUESTIONS, Coverage, run, table

SMALL = 80


@pytest.fixture(scope="module")
def outcomes() -> list[Coverage]:
    return run(SMALL, seed=1)


def _of(outcomes: list[Coverage], way: str) -> dict[str, Coverage]:
    return {found.question: found for found in outcomes if found.way == way}


def test_intervals_of_raked_shares_hold_the_truth_in_nineteen_of_twenty_samples(outcomes: list[Coverage]) -> None:
    for way in ("raked, as rake", "raked, as calibrate"):
        found = _of(outcomes, way)
        assert set(found) == set(QUESTIONS)
        assert sum(one.held_percent for one in found.values()) / len(found) == pytest.approx(95.5, abs=3)
        # 80 samples at 95 %: below 85 % happens by chance less than once in a thousand.
        assert all(one.held_percent >= 85 for one in found.values()), found


def test_weights_taken_as_fixed_give_wider_intervals_than_raking_counted(outcomes: list[Coverage]) -> None:
    fixed, counted = _of(outcomes, "weights taken as fixed"), _of(outcomes, "raked, as calibrate")
    assert fixed["about 50 %"].width_points > 1.03 * counted["about 50 %"].width_points


def test_without_raking_the_answers_of_the_old_are_taken_for_all(outcomes: list[Coverage]) -> None:
    assert _of(outcomes, "not raked")["about 50 %"].above_percent > 50


def test_table_shows_every_question_and_way(outcomes: list[Coverage]) -> None:
    shown = table(outcomes)
    assert len(shown.splitlines()) == 2 + len(QUESTIONS) * 4
    assert all(f"| {question} |" in shown for question in QUESTIONS)
