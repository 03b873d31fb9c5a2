"""The calculations behind the spec tables of trends."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from koersvast.engine.trends_batch import REASONS, poisson_trends, scattered_trends

type Answer = Sequence[float | str | None]


def _trends(values: str) -> Answer:
    counts = np.array([[float(part) for part in values.split(",")]])
    years = np.arange(counts.shape[1], dtype=np.float64)
    plain, scattered = (fit(counts, middle_years=years) for fit in (poisson_trends, scattered_trends))
    if plain.why[0]:
        return *[None] * 5, REASONS[plain.why[0]]
    numbers = (plain.slope, plain.slope_error, scattered.slope, scattered.slope_error, scattered.alpha)
    return *[float(number[0]) for number in numbers], REASONS[scattered.why[0]]


TRENDS: Mapping[str, Callable[..., Answer]] = {"trends-batch": _trends}
