"""The page of the next wave: what the plan asks of it, what each way of inviting gives, and what cannot be."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from koersvast.access.models import Municipality, User
from koersvast.indicators.models import Indicator, Source
from koersvast.policy.queries.wishes import wished_changes
from koersvast.surveys.models import Computation, IndicatorLink, PopulationMargin, SurveyEstimate, Wave
from koersvast.surveys.queries.next_wave import Expected, choices_of, next_wave
from tests import cast
from tests.pages.surveys.computed import THEN, computed_wave, release

pytestmark = pytest.mark.django_db
type SignIn = Callable[[User], Client]
# People and respondents by kern; the answers of the smallest are too few to be shown.
KERNEN = {"a": (14_000, 620), "b": (7_000, 600), "c": (60, None)}


def said(answer: Any) -> str:
    """The words of a page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def held(demo_rows: None) -> tuple[Municipality, Wave, Computation]:
    """A wave of the survey that judges the plan of the demo, with its outcomes by kern."""
    town = Municipality.objects.get(slug="dalfsen")
    with scope(municipality=town):
        wave, computation = computed_wave(town, cast.person("Anouk Planner", "policy_officer", town))
        wave.source = Source.objects.get(code="veiligheidsmonitor")
        wave.save()
        computation.diagnostics["everybody"]["respondents"] = 1244
        computation.layout["banners"][0]["area_kind"] = "kern"
        computation.save()
        for code, (people, size) in KERNEN.items():
            PopulationMargin.objects.create(
                wave=wave, code="kern", category=code, people=people, source_text="verzonnen", as_of=date(2017, 1, 1),
                given_at=THEN, given_by="Anouk",
            )  # fmt: skip
            if size:
                SurveyEstimate.objects.create(
                    computation=computation, entry_code="rijden", cut_code="veel", frame="everybody", unit="percent",
                    background="kern", category=code, amount=60.0, standard_error=2.0, low=56.0, high=64.0,
                    respondents=size, effective_respondents=size / 1.2, design_effect=1.2,
                )  # fmt: skip
        IndicatorLink.objects.create(
            wave=wave, entry_code="rijden", cut_code="veel", indicator=Indicator.objects.get(code="te-hard-rijden")
        )
        release(wave, computation)
    return town, wave, computation


@pytest.fixture
def visitor(held: tuple[Municipality, Wave, Computation], signed_in: SignIn) -> Client:
    """A council member of the town."""
    return signed_in(cast.person("Raadslid Planner", "council_member", held[0]))


def here(wave: Wave) -> str:
    return f"/dalfsen/enquetes/{wave.pk}/volgende-meting/"


def test_wishes_of_the_plan_are_those_of_the_survey_with_baseline_and_target(
    held: tuple[Municipality, Wave, Computation],
) -> None:
    town, _wave, computation = held
    with scope(municipality=town):
        wished = wished_changes(town, after=2017)
        choices = choices_of(computation, wished)
        speeding = next(
            one for one in wished if one.objective_code == "te-hard-rijden" and one.year == choices.years[0]
        )
    assert "woninginbraken" in {one.objective_code for one in wished}
    assert "woninginbraken" not in dict(choices.objectives)
    assert (speeding.baseline, speeding.baseline_period) == (61.0, "2017")
    assert all(one.year > 2017 for one in wished)


def test_baseline_is_that_of_the_wave_it_was_measured_in(held: tuple[Municipality, Wave, Computation]) -> None:
    town, _wave, computation = held
    with scope(municipality=town):
        plan = next_wave(computation, wished_changes(town, after=2017), Expected(response=0.4, design_effect=1.2))
    need = next(one for one in plan.needs if one.wished.objective_code == "te-hard-rijden")
    assert need.baseline_respondents == 1244
    assert need.requirement is not None
    assert need.requirement.wish.baseline_design_effect == pytest.approx(1.2)


def test_same_invitations_everywhere_help_the_small_kern_and_cost_the_whole(
    held: tuple[Municipality, Wave, Computation],
) -> None:
    town, _wave, computation = held
    with scope(municipality=town):
        plan = next_wave(
            computation, wished_changes(town, after=2017), Expected(response=0.4, design_effect=1.2, invitations=3000)
        )
    proportional, between, equal = (way.plan for way in plan.ways)
    assert {proportional.invited, between.invited, equal.invited} == {3000}
    assert proportional.design_effect < between.design_effect < equal.design_effect
    assert (proportional.margin_at_half_points or 0) < (equal.margin_at_half_points or 0)
    small = [next(area for area in one.areas if area.code == "c") for one in (proportional, equal)]
    assert small[0].invited < small[1].invited == 60
    assert small[1].everybody


def test_kern_that_is_too_small_for_the_change_is_named_with_what_to_do(
    held: tuple[Municipality, Wave, Computation], visitor: Client
) -> None:
    page = said(visitor.get(here(held[1]), {"doel": "te-hard-rijden"}))
    assert re.search(r"Gehucht\. Hiervoor zijn [\d.]+ deelnemers nodig\. Er wonen 60 mensen", page)


def test_page_gives_the_answer_three_ways_and_a_drawing_with_its_table(
    held: tuple[Municipality, Wave, Computation], visitor: Client
) -> None:
    answer = visitor.get(here(held[1]), {"uitnodigingen": "3000", "respons": "40", "ontwerpeffect": "1.2"})
    page = said(answer)
    assert answer.status_code == 200
    assert "3.000 1.200 1.000" in page
    for words in ("Naar inwoners", "Ertussenin", "Overal hetzelfde aantal", "Meer deelnemers, kleinere marge"):
        assert words in page, words
    assert "Marges bij een aantal deelnemers" in page


def test_response_that_cannot_be_is_refused_in_place(
    held: tuple[Municipality, Wave, Computation], visitor: Client
) -> None:
    answer = visitor.get(here(held[1]), {"respons": "0"})
    assert answer.status_code == 422
    assert "Naar inwoners" not in said(answer)


def test_more_response_takes_fewer_invitations(held: tuple[Municipality, Wave, Computation]) -> None:
    town, _wave, computation = held
    with scope(municipality=town):
        wished = wished_changes(town, after=2017)
        few, many = (
            next_wave(computation, wished, Expected(response=response, design_effect=1.2)).needs[0].requirement
            for response in (0.2, 0.4)
        )
    assert few is not None
    assert many is not None
    assert few.respondents == many.respondents
    assert few.invitations is not None
    assert many.invitations is not None
    assert few.invitations == pytest.approx(2 * many.invitations, abs=1)


def test_wave_of_another_town_has_no_next_wave(
    held: tuple[Municipality, Wave, Computation], karim: User, signed_in: SignIn
) -> None:
    assert signed_in(karim).get(f"/raalte/enquetes/{held[1].pk}/volgende-meting/").status_code == 404
