"""How often the interval of a share holds the truth: some 1,244 answers, stratified and raked, over and over.

`python -m benchmarks.survey_coverage` invents a municipality of 24,000 residents in six villages, draws a stratified
sample again and again, lets people answer as they would by age, rakes to age and sex, and holds every interval of
`engine.estimates.share` against the share of all residents. A small, seeded run is a test. The table is in
docs/methods/survey-simulation.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from koersvast.engine import estimates
from koersvast.engine.designs import Bools, CalibrationVariance, Design, Ints
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Estimate
from koersvast.engine.weighting import Margin, rake

VILLAGES = (9_000, 6_000, 4_000, 2_500, 1_500, 1_000)
INVITED = (1_000, 700, 450, 300, 250, 200)
# The chance to answer by age: the old answer most, as in any Dutch residents' survey.
RESPONSE = (0.27, 0.41, 0.59)
TIMES = 2_000
QUESTIONS = ("about 50 %", "about 20 %", "about 5 %", "about 1 %", "20 %, smallest village", "5 %, smallest village")


@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """Everybody: village, age class and sex (n,), and what they would answer (n, 4)."""

    village: Ints
    age: Ints
    sex: Ints
    answers: Bools


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Per question and way: how often the interval held the truth, was wholly below or above it, and its mean width."""

    question: str
    way: str
    held_percent: float
    below_percent: float
    above_percent: float
    width_points: float


def town(seed: int) -> Town:
    """A municipality in which age, sex and village all matter for what people answer."""
    draw = np.random.default_rng(seed)
    village = np.repeat(np.arange(len(VILLAGES)), VILLAGES)
    n = village.size
    age = np.minimum(2, np.searchsorted(np.array([0.28, 0.68]), draw.random(n) - 0.03 * (village == 5)))
    sex = draw.integers(0, 2, n)
    leaning = 0.7 * (age - 1) + 0.3 * sex - 0.12 * village
    answers = [draw.random(n) < 1 / (1 + np.exp(-(at + leaning))) for at in (0.1, -1.4, -3.1, -4.9)]
    return Town(village=village, age=age, sex=sex, answers=np.column_stack(answers))


def run(times: int = TIMES, *, seed: int = 1) -> list[Coverage]:
    """Draw so many samples and tell how the intervals did."""
    place, draw = town(seed), np.random.default_rng(seed + 1)
    asked = _asked(place)
    truths = [100 * answers[rows].mean() for answers, rows in asked]
    seen: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for _ in range(times):
        for question, way, found in _sampled(place, draw):
            if isinstance(found, Estimate) and found.low is not None and found.high is not None:
                seen.setdefault((question, way), []).append((found.low, found.high))
    return [
        _coverage(QUESTIONS[question], way, np.array(limits), truths[question])
        for (question, way), limits in seen.items()
    ]


def _asked(place: Town) -> list[tuple[Bools, Bools]]:
    everybody, smallest = np.ones(place.age.size, dtype=np.bool_), place.village == len(VILLAGES) - 1
    whole = [(place.answers[:, question], everybody) for question in range(4)]
    return [*whole, (place.answers[:, 1], smallest), (place.answers[:, 2], smallest)]


def _sampled(place: Town, draw: np.random.Generator) -> Iterator[tuple[int, str, object]]:
    ends = np.cumsum(VILLAGES)
    invited = np.concatenate(
        [
            draw.choice(np.arange(end - size, end), size=count, replace=False)
            for end, size, count in zip(ends, VILLAGES, INVITED, strict=True)
        ]
    )
    rows = invited[draw.random(invited.size) < np.array(RESPONSE)[place.age[invited]]]
    village = place.village[rows]
    answered = np.bincount(village, minlength=len(VILLAGES))
    base = (np.array(VILLAGES) / answered)[village]
    margins = [
        Margin(code=code, categories=own[rows], totals=np.bincount(own).astype(np.float64))
        for code, own in (("age", place.age), ("sex", place.sex), ("village", place.village))
    ]
    made = rake(base, margins)
    design = Design(
        weights=made.weights,
        strata=village,
        population=np.array(VILLAGES, dtype=np.float64)[village],
        calibration=made.calibration,
    )
    ways = {
        "raked, as rake": design,
        "raked, as calibrate": replace(
            design, calibration=replace(made.calibration, variance=CalibrationVariance.CALIBRATE)
        ),
        "weights taken as fixed": replace(design, calibration=None),
        "not raked": replace(design, weights=base, calibration=None),
    }
    for question, (answers, inside) in enumerate(_asked(place)):
        for way, one in ways.items():
            yield question, way, estimates.share(one, answers[rows], rows=inside[rows])


def _coverage(question: str, way: str, limits: Floats, truth: float) -> Coverage:
    below, above = limits[:, 1] < truth, limits[:, 0] > truth
    return Coverage(
        question=question,
        way=way,
        held_percent=100 * float((~below & ~above).mean()),
        below_percent=100 * float(below.mean()),
        above_percent=100 * float(above.mean()),
        width_points=float((limits[:, 1] - limits[:, 0]).mean()),
    )


def table(found: list[Coverage]) -> str:
    """The rows as the page shows them."""
    lines = ["| share | way | held | wholly below | wholly above | mean width |", "|---|---|--:|--:|--:|--:|"]
    lines += [
        f"| {one.question} | {one.way} | {one.held_percent:.1f} | {one.below_percent:.1f} | {one.above_percent:.1f} "
        f"| {one.width_points:.1f} |"
        for one in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(run()))
