"""Advice while a target is typed: both readings, whether it can be seen, the baseline, and chance."""

import pytest
from django.utils import translation

from koersvast.engine.quantities import TargetKind
from koersvast.policy.queries.advice import Advice, advice
from tests.unit.policy.town import TODAY, Town

pytestmark = pytest.mark.django_db


def of_burglary(town: Town, **more: object) -> Advice:
    given: dict[str, object] = {
        "kind": TargetKind.RELATIVE, "stated_change": -50.0, "baseline": 40.0, "baseline_period": "2017",
        "values": {2022: 20.0}, "baseline_source": town.police, "today": TODAY, **more,
    }  # fmt: skip
    with translation.override("en"):
        return advice(town.burglary_objective, **given)  # type: ignore[arg-type]


def of_nuisance(town: Town, **more: object) -> Advice:
    given: dict[str, object] = {
        "kind": TargetKind.POINTS, "stated_change": -4.0, "baseline": 24.0, "baseline_period": "2017",
        "values": {2021: 20.0}, "today": TODAY, **more,
    }  # fmt: skip
    with translation.override("en"):
        return advice(town.nuisance_objective, **given)  # type: ignore[arg-type]


def codes(found: Advice) -> set[str]:
    return {line.code for line in found.lines}


def test_lowest_baseline_is_named_with_the_mean_of_its_years(town: Town) -> None:
    [line] = [line for line in of_burglary(town).lines if line.code == "baseline_is_lowest"]
    assert "40" in line.sentence
    assert "58" in line.sentence
    assert line.tone == "warning"


def test_first_year_s_target_that_chance_alone_meets_is_named(town: Town) -> None:
    found = of_burglary(town, kind=TargetKind.LEVEL, stated_change=None, values={2019: 35.0})
    assert found.chance_met_if_unchanged == pytest.approx(0.24, abs=0.005)
    assert "met_by_chance" in codes(found)


def test_change_that_the_survey_hardly_shows_is_named_with_its_power(town: Town) -> None:
    found = of_nuisance(town)
    assert found.power == pytest.approx(0.67, abs=0.005)
    assert {"change_too_small_to_show", "respondents_as_last_time"} <= codes(found)
    assert any("67%" in line.sentence for line in found.lines)


def test_both_readings_of_a_percentage_are_given_whichever_was_chosen(town: Town) -> None:
    for kind in (TargetKind.POINTS, TargetKind.RELATIVE):
        found = of_nuisance(town, kind=kind)
        assert [line.code for line in found.readings] == ["points", "relative"]
        assert "20%" in found.readings[0].sentence
        assert "23.04%" in found.readings[1].sentence


def test_count_has_one_reading_only(town: Town) -> None:
    assert [line.code for line in of_burglary(town).readings] == ["relative"]


def test_survey_that_is_not_planned_before_the_target_is_named(town: Town) -> None:
    assert "no_measurement_before_target" in codes(of_nuisance(town, values={2019: 20.0}))


def test_clear_change_is_good_news(town: Town) -> None:
    found = of_nuisance(town, stated_change=-10.0, values={2021: 14.0})
    assert "change_can_be_shown" in codes(found)


@pytest.mark.parametrize(
    "more",
    [
        {"stated_change": None, "values": {}},
        {"baseline": None, "baseline_period": ""},
        {"baseline_period": "vorig jaar"},
        {"baseline": 400.0},
        {"kind": TargetKind.KEEP, "stated_change": None},
        {"kind": TargetKind.ZERO, "stated_change": None, "values": {2021: 0.0}},
    ],
)
def test_half_filled_form_gets_what_can_be_said_already(town: Town, more: dict[str, object]) -> None:
    for found in (of_nuisance(town, **more), of_burglary(town, **more)):
        assert all(line.sentence and "{" not in line.sentence for line in (*found.lines, *found.readings))
