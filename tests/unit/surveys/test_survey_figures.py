"""Estimates on their way to indicators: linked, decided upon, staged, taken over."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django_scopes import scope

from koersvast.access import changes as access
from koersvast.access.models import Municipality
from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators.changes import redefine, register_indicator, take_over
from koersvast.indicators.models import Break, Indicator, Measurement, Observation
from koersvast.reference.models import Area, Theme
from koersvast.surveys import changes as surveys
from koersvast.surveys.changes import computing, links
from koersvast.surveys.changes.links import LinkRefused, TakeOverRefused
from koersvast.surveys.codebook import why_from_dict
from koersvast.surveys.models import Wave
from koersvast.surveys.queries.outcomes import totals_of
from tests import cast
from tests.unit.surveys.conftest import KEEP_UNTIL, SPEEDING, Done, answers, prepare_wave, register_survey, sav

pytestmark = pytest.mark.django_db
BY = cast.OPERATOR


@pytest.fixture(scope="module")
def practised(computed: Done, sav_bytes: bytes) -> Iterator[Done]:
    """The same wave in a municipality to practise with; its figures may go on."""
    place = access.register_municipality(code="GM9901", slug="oefendam", name="Oefendam", by=BY)
    with scope(municipality=place):
        wave = prepare_wave(register_survey(place), sav_bytes)
        computation = computing.compute_now(wave, by=BY)
        computing.release(computation, by=BY)
        yield Done(place, wave, computation)


def indicator(wave: Wave, *, code: str = "hard", unit: Unit = Unit.PERCENT, answers_counted: str = "") -> Indicator:
    """Register an indicator of speeding, with the definition that the plan uses."""
    made = register_indicator(
        wave.municipality, code=code, name_nl=code, name_en=code, theme=Theme.objects.order_by("pk")[0],
        perspective="subjective", unit=unit, direction=Direction.LOWER_IS_BETTER, source=wave.source, by=BY,
    )  # fmt: skip
    redefine(
        made, valid_from=date(2013, 1, 1), text_nl="Te hard rijden", question=SPEEDING,
        answers_counted=answers_counted or "komt wel eens voor", population="inwoners van 18 jaar en ouder", by=BY,
    )  # fmt: skip
    return made


def test_measure_that_is_the_registered_one_has_no_differences(practised: Done) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave)
        link = links.link_to_indicator(practised.wave, entry_code="hard", cut_code="komt_voor", indicator=target, by=BY)
        assert link.differences == []


def test_other_answers_are_a_difference_and_wait_for_a_person(practised: Done) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave, answers_counted="veel overlast")
        link = links.link_to_indicator(practised.wave, entry_code="hard", cut_code="komt_voor", indicator=target, by=BY)
        assert [why_from_dict(kept).code for kept in link.differences] == ["answers_differ"]
        with pytest.raises(TakeOverRefused) as refused:
            links.take_over_estimates(practised.wave, by=BY)
        assert refused.value.code == "undecided"


def test_decided_break_gives_a_new_definition_and_a_marked_break(practised: Done) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave, answers_counted="veel overlast")
        link = links.link_to_indicator(practised.wave, entry_code="hard", cut_code="komt_voor", indicator=target, by=BY)
        links.decide_link(link, decision="break", note_nl="De vraag telt nu elk voorkomen.", by=BY)
        assert list(target.definitions.values_list("number", "valid_from")) == [
            (1, date(2013, 1, 1)),
            (2, date(2017, 1, 1)),
        ]
        found = Break.objects.get(indicator=target)
        assert (found.on, found.kind) == (date(2017, 1, 1), "definition")


def next_wave(wave: Wave, sav: bytes) -> Wave:
    """The survey again, four years later, with its codebook confirmed."""
    again = surveys.open_wave(wave.source, period="2021", by=BY, is_synthetic=True, age_from=18, mode_nl=wave.mode_nl)
    surveys.receive_file(again, data=sav, file_name="again.sav", keep_until=KEEP_UNTIL, by=BY)
    for row in again.entries.all():
        surveys.confirm_entry(row, by=BY)
    return again


def test_next_wave_is_linked_as_before_with_what_was_decided_then(practised: Done, sav_bytes: bytes) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave, answers_counted="veel overlast")
        link = links.link_to_indicator(practised.wave, entry_code="hard", cut_code="komt_voor", indicator=target, by=BY)
        links.decide_link(link, decision="same", note_nl="Het plan bedoelt dit.", by=BY)
        again = next_wave(practised.wave, sav_bytes)
        [carried] = links.link_as_before(again, by=BY)
        assert (carried.entry_code, carried.cut_code, carried.indicator) == ("hard", "komt_voor", target)
        assert (carried.decision, carried.decision_note_nl) == ("same", "Het plan bedoelt dit.")
        assert links.link_as_before(again, by=BY) == []


def test_question_in_other_words_is_linked_as_before_and_waits(practised: Done, tmp_path: Path) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave)
        link = links.link_to_indicator(practised.wave, entry_code="hard", cut_code="komt_voor", indicator=target, by=BY)
        links.decide_link(link, decision="same", by=BY)
        reworded = answers(speeding_text="Rijdt men in uw straat wel eens te hard?")
        [carried] = links.link_as_before(next_wave(practised.wave, sav(reworded, tmp_path)), by=BY)
        assert carried.confirmed_at is None


def test_wave_without_one_before_it_is_linked_to_nothing(practised: Done) -> None:
    with scope(municipality=practised.municipality):
        assert links.link_as_before(practised.wave, by=BY) == []


def test_estimates_become_figures_with_margin_base_and_method(practised: Done) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave)
        link = links.link_to_indicator(practised.wave, entry_code="hard", cut_code="komt_voor", indicator=target, by=BY)
        links.decide_link(link, decision="same", by=BY)
        _know_the_area(practised.municipality)
        delivery = links.take_over_estimates(practised.wave, by=BY)
        assert (delivery.state, delivery.new, delivery.refused) == ("staged", 1, 0)
        assert not Observation.objects.exists()
        take_over(delivery, by=BY)
        figure, estimate = Observation.objects.get(), totals_of(practised.computation)["hard", "komt_voor"]
        assert estimate.amount is not None
        assert figure.amount == pytest.approx(Decimal(estimate.amount), abs=Decimal("0.000001"))
        assert (figure.standard_error, figure.low, figure.high) == (
            estimate.standard_error,
            estimate.low,
            estimate.high,
        )
        assert (figure.respondents, figure.design_effect) == (600, estimate.design_effect)
        held = Measurement.objects.get(source=practised.wave.source, period="2017")
        assert (held.invited, held.respondents, held.mode) == (1400, 600, "internet en papier")
        assert links.take_over_estimates(practised.wave, by=BY).pk == delivery.pk


def test_invented_answers_of_a_real_municipality_do_not_go_on(computed: Done) -> None:
    with pytest.raises(TakeOverRefused) as refused:
        links.take_over_estimates(computed.wave, by=BY)
    assert refused.value.code == "invented_answers"


def test_measure_in_another_unit_is_refused(practised: Done) -> None:
    with scope(municipality=practised.municipality):
        target = indicator(practised.wave, unit=Unit.SCALE_0_10)
        with pytest.raises(LinkRefused) as refused:
            links.link_to_indicator(practised.wave, entry_code="cijfer", cut_code="mean", indicator=target, by=BY)
        assert refused.value.values == {"measure": "mark_1_10", "indicator": "scale_0_10"}


def _know_the_area(place: Municipality) -> None:
    Area.objects.get_or_create(code=place.code, valid_from=2017, defaults={"name": place.name, "kind": "municipality"})
