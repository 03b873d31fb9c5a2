"""The histogram of weights holds everybody, in steps beside the mean."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from koersvast.engine.weight_diagnostics import SPREAD_END, weight_spread


def test_weights_come_in_the_step_that_begins_with_them() -> None:
    found = weight_spread(np.array([0.5, 1.0, 1.0, 1.5]))
    counts = {one.lowest: one.respondents for one in found if one.respondents}
    assert counts == {0.5: 1, 1.0: 2, 1.5: 1}
    assert found[0].lowest == 0
    assert (found[-1].lowest, found[-1].highest) == (SPREAD_END, None)


def test_heavy_weights_come_in_the_last_step() -> None:
    found = weight_spread(np.array([0.1] * 99 + [1000.0]))
    assert (found[-1].respondents, found[0].respondents) == (1, 99)


@given(weights=arrays(np.float64, st.integers(1, 60), elements=st.floats(0.01, 1e6)))
def test_every_respondent_is_in_one_step_and_steps_join(weights: np.ndarray) -> None:
    found = weight_spread(weights)
    assert sum(one.respondents for one in found) == weights.size
    assert all(one.highest == other.lowest for one, other in pairwise(found))
