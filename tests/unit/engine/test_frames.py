"""A sample and a panel are held against each other by design, and taken together only with a statement."""

import numpy as np
import pytest

from koersvast.engine.designs import Design
from koersvast.engine.estimates import Estimate, share
from koersvast.engine.frames import AskedInBoth, PoolingStatement, compare_frames, pool
from koersvast.engine.quantities import BadValue, Missing
from koersvast.engine.weight_diagnostics import kish_design_effect
from koersvast.engine.weighting import Margin, rake

SAYS = PoolingStatement(statement="The panel was drawn from the same register.")


def _frame(seed: int, n: int, *, yes: float) -> tuple[Design, np.ndarray]:
    rng = np.random.default_rng(seed)
    age = rng.choice(3, n, p=(0.2, 0.3, 0.5))
    margin = Margin(code="age", categories=age, totals=np.array([9000.0, 8000.0, 7000.0]))
    made = rake(np.ones(n), [margin])
    return Design(weights=made.weights, calibration=made.calibration), rng.random(n) < yes


def test_frames_that_answer_alike_are_not_told_apart_and_those_that_do_not_are() -> None:
    sample, unsafe = _frame(1, 900, yes=0.3)
    panel, of_panel = _frame(2, 500, yes=0.3)
    _, engaged = _frame(3, 900, yes=0.3)
    _, more = _frame(4, 500, yes=0.6)
    alike, other = compare_frames(
        sample,
        panel,
        [
            AskedInBoth(code="unsafe", first_yes=unsafe, second_yes=of_panel),
            AskedInBoth(code="reports", first_yes=engaged, second_yes=more),
        ],
    )
    assert (alike.differs, other.differs) == (False, True)
    assert other.difference is not None
    assert alike.difference is not None
    assert alike.adjusted_p_value == pytest.approx(alike.difference.p_value)
    assert other.adjusted_p_value == pytest.approx(min(1, 2 * other.difference.p_value))
    first, second = share(sample, engaged), share(panel, more)
    assert isinstance(first, Estimate)
    assert isinstance(second, Estimate)
    assert other.difference.difference == pytest.approx(second.value - first.value)
    assert other.difference.standard_error == pytest.approx(np.hypot(first.standard_error, second.standard_error))


def test_question_that_a_frame_was_not_asked_has_no_difference() -> None:
    sample, unsafe = _frame(1, 300, yes=0.3)
    panel, of_panel = _frame(2, 200, yes=0.3)
    nobody = np.zeros(200, dtype=np.bool_)
    [found] = compare_frames(
        sample, panel, [AskedInBoth(code="a", first_yes=unsafe, second_yes=of_panel, second_rows=nobody)]
    )
    assert isinstance(found.second, Missing)
    assert (found.difference, found.adjusted_p_value, found.differs) == (None, None, False)


def test_pooled_weights_still_add_up_to_the_population_and_carry_their_statement() -> None:
    sample, panel = _frame(1, 900, yes=0.3)[0].weights, _frame(2, 500, yes=0.3)[0].weights
    found = pool(sample, panel, statement=SAYS)
    assert found.weights.size == 1400
    assert found.weights.sum() == pytest.approx(24_000)
    sizes = [weights.size / kish_design_effect(weights) for weights in (sample, panel)]
    assert found.first_share == pytest.approx(sizes[0] / sum(sizes))
    assert found.statement is SAYS
    assert pool(sample, panel, statement=SAYS, first_share=0.8).weights[:900].sum() == pytest.approx(0.8 * 24_000)


def test_frames_are_not_pooled_without_a_statement_or_to_two_populations() -> None:
    with pytest.raises(BadValue):
        PoolingStatement(statement="  ")
    with pytest.raises(BadValue, match="other"):
        pool(np.ones(10), np.ones(5), statement=SAYS)
    with pytest.raises(BadValue, match="share"):
        pool(np.ones(10), np.ones(10), statement=SAYS, first_share=1.0)
