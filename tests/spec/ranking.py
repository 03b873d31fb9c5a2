"""The calculation behind the spec table of priorities."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from koersvast.engine.ranking import Scores, acceptability, places, possible_places, weighted_means

type Answer = Sequence[float | str | None]
NONE = float("nan")
# Parties by options (A to D) by criteria (volume, weight 2, and harm, weight 1); one party has no opinion on one harm.
SCORES = Scores(
    points=np.array(
        [
            [[9, 6], [6, 8], [3, 5], [2, 1]],
            [[8, 7], [7, 8], [5, NONE], [2, 3]],
            [[5, 4], [9, 9], [4, 6], [1, 2]],
        ],
        dtype=np.float64,
    ),
    criterion_weights=(2.0, 1.0),
    party_weights=(1.0, 1.0, 1.0),
)


def _priority_stability(option: str) -> Answer:
    at = "ABCD".index(option)
    means = [float(mean) for mean in weighted_means(SCORES)]
    place, possible = places(means)[at], possible_places(SCORES)[at]
    assert place
    assert possible
    return means[at], place.first, possible.first, possible.last, acceptability(SCORES).shares[at][0]


RANKING: Mapping[str, Callable[..., Answer]] = {"priority-stability": _priority_stability}
