"""Two waves side by side: compared where they measured the same, with the reason where they did not."""

import pytest

from koersvast.engine.quantities import ChangeVerdict
from koersvast.publications.survey_outcomes import measures_by
from koersvast.publications.survey_queries import method_facts
from koersvast.surveys.changes import computing
from koersvast.surveys.models import Computation
from koersvast.surveys.queries.comparing import Compared, compare_waves
from koersvast.surveys.queries.planning import planning_inputs
from tests import cast
from tests.unit.surveys.conftest import Done, answers, prepare_wave, sav

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def later(computed: Done, tmp_path_factory: pytest.TempPathFactory) -> Computation:
    """The next wave: other people, and one question worded otherwise."""
    data = sav(answers(seed=9, speeding_text="Rijdt men bij u te hard?"), tmp_path_factory.mktemp("later"))
    wave = prepare_wave(computed.wave.source, data, period="2021")
    return computing.compute_now(wave, by=cast.OPERATOR)


def found(computed: Done, later: Computation) -> dict[tuple[str, str], Compared]:
    return {(one.entry.code, one.cut_code): one for one in compare_waves(computed.computation, later)}


def test_same_measure_is_compared_with_its_margin(computed: Done, later: Computation) -> None:
    one = found(computed, later)["cijfer", "mean"]
    assert one.why_not == ()
    assert one.earlier is not None
    assert one.difference is not None
    assert one.later.amount is not None
    assert one.earlier.amount is not None
    assert one.difference.difference == pytest.approx(one.later.amount - one.earlier.amount)
    # Both are drawn from the same chance, so that a demonstrable change would be the exception.
    assert one.verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE


def test_reworded_question_is_not_compared_and_says_why(computed: Done, later: Computation) -> None:
    one = found(computed, later)["hard", "komt_voor"]
    assert (one.verdict, one.difference) == (ChangeVerdict.NOT_COMPARABLE, None)
    assert [why.code for why in one.why_not] == ["text_changed"]


def test_method_facts_tell_frames_margins_and_rules(computed: Done) -> None:
    facts = method_facts(computed.computation)
    assert sum(facts.answered_by_frame.values()) == 600
    assert [one.title for one in facts.margins] == ["in welke kern woont u?", "geslacht"]
    assert facts.is_calibrated
    assert facts.design_effect is not None
    # Half-width of 50 % of 600 respondents with Kish's design effect.
    assert facts.typical_margin_points == pytest.approx(98 * (facts.design_effect / 600) ** 0.5, rel=1e-4)


def test_planning_starts_from_the_respondents_of_each_kern(computed: Done) -> None:
    inputs = planning_inputs(computed.computation)
    assert inputs.response == pytest.approx(600 / 1400)
    sizes = [area.respondents for area in inputs.areas["kern"]]
    assert all(size is not None for size in sizes)
    assert sum(size or 0 for size in sizes) == 600


def test_answers_counted_together_are_shown_for_everybody_and_each_group(computed: Done) -> None:
    kept = {one.counted: one.groups for one in measures_by(computed.computation, "hard_mate", background="kern")}
    assert list(kept) == ["een beetje tot veel"]
    groups = kept["een beetje tot veel"]
    assert set(groups) == {"", "1", "2"}
    shown = [one.shown for one in groups.values()]
    assert all(one is not None for one in shown)
    amounts = sorted(one.amount for one in shown if one is not None)
    # Everybody is a mean of the two kernen, so it lies between them.
    assert amounts[1] == groups[""].shown.amount if groups[""].shown else False


def test_question_of_which_each_answer_stands_alone_has_no_such_measure(computed: Done) -> None:
    assert measures_by(computed.computation, "hard", background="kern") == []
    assert measures_by(computed.computation, "is_not_there", background="kern") == []
