"""Our own numbers for the spec tables of estimates from respondents."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from koersvast.engine import estimates, quantiles, replicates, survey_tests
from koersvast.engine.association import Association, Statistic, association
from koersvast.engine.designs import BadDesign, Bools, Calibration, CalibrationVariance, Design, Ints, LonelyCluster
from koersvast.engine.dispersion import Floats
from koersvast.engine.estimates import Estimate, Linear
from koersvast.engine.quantities import Correction
from tests.unit.engine.survey_samples import COMMITTED_SEED, ours, samples

type Answer = Sequence[float | str | None]


def _floats(text: str) -> Floats:
    return np.array([float(part) for part in text.split()])


def _ints(text: str) -> Ints | None:
    return None if text == "-" else np.array([int(part) for part in text.split()])


def _design(
    weights: str, strata: str, clusters: str = "-", population: str = "-", lonely: str = "refuse", margin: str = "-"
) -> Design:
    fitted, category = _floats(weights), _ints(margin)
    return Design(
        weights=fitted,
        strata=_ints(strata),
        clusters=_ints(clusters),
        population=None if population == "-" else _floats(population),
        lonely=LonelyCluster(lonely),
        calibration=None
        if category is None
        else Calibration(base_weights=fitted, margins=(category,), variance=CalibrationVariance.CALIBRATE),
    )


def _total(*given: str) -> Answer:
    values, *parts = given
    design = _design(*parts)
    try:
        found = estimates.total(design, _floats(values))
    except BadDesign as refused:
        return float(design.weights @ _floats(values)), refused.code, design.degrees_of_freedom()
    assert isinstance(found, Estimate)
    return found.value, found.standard_error, found.degrees_of_freedom


def _sample(yes: str, weights: str, of: str) -> tuple[Design, Bools]:
    """`yes` of `of` respondents said yes; those with an even number weigh the second of the weights."""
    light, heavy = _floats(weights)
    count = int(of)
    return Design(weights=np.where(np.arange(count) % 2 == 0, light, heavy)), np.arange(count) < int(yes)


def _share(yes: str, of: str, weights: str) -> Answer:
    found = estimates.share(*_sample(yes, weights, of))
    assert isinstance(found, Estimate)
    return (
        found.value,
        found.standard_error,
        found.low,
        found.high,
        found.design_effect,
        found.kish_design_effect,
        found.effective_respondents,
        found.interval.value,
    )


def _quantile(values: str, weights: str, percent: str, rule: str) -> Answer:
    found = quantiles.quantile(
        Design(weights=_floats(weights)), _floats(values), float(percent), rule=quantiles.QuantileRule(rule)
    )
    assert isinstance(found, Estimate)
    return found.value, found.low, found.high


def _replicates(values: str, strata: str, population: str) -> Answer:
    numbers = _floats(values)
    design = _design(" ".join("1" for _ in numbers), strata, population=population)
    drawn = replicates.jackknife(design)
    linear = estimates.mean(design, numbers)
    assert isinstance(linear, Estimate)
    return float(drawn.size), float(drawn.standard_errors(drawn.means(numbers[:, None]))[0]), linear.standard_error


def _association(table: str, weight: str, statistic: str) -> Answer:
    counts = np.array([[int(cell) for cell in row.split()] for row in table.split(" / ")])
    first, second = (np.repeat(part.ravel(), counts.ravel()) for part in np.indices(counts.shape))
    weights = np.where((first == 0) & (second == 0), float(weight), 1.0)
    found = association(Design(weights=weights), first, second, statistic=Statistic(statistic))
    assert isinstance(found, Association)
    return found.statistic, found.degrees, found.denominator_degrees, found.p_value


def _adjusted(p_values: str, correction: str) -> Answer:
    found = survey_tests.adjusted(list(_floats(p_values)), Correction(correction))
    return (" ".join(f"{one:.3f}" for one in found),)


def _ranking(respondents: str, named: str) -> Answer:
    """Every answer by people of its own, so that the covariance is that of one choice each."""
    design, end = Design(weights=np.ones(int(respondents))), 0
    parts = []
    for count in _floats(named):
        who = np.arange(int(respondents))
        part = estimates.linear_share(design, (who >= end) & (who < end + count))
        assert isinstance(part, Linear)
        parts.append(part)
        end += int(count)
    ranked = survey_tests.ranking(design, parts)
    places = (str(one.first) if one.first == one.last else f"{one.first}-{one.last}" for one in ranked)
    return (" ".join(places),)


@cache
def _reference(name: str) -> dict[str, float]:
    return next(ours(sample) for sample in samples(COMMITTED_SEED) if sample.name == name)


def _design_of_r(name: str, what: str) -> Answer:
    return (_reference(name)[what],)


RESPONDENTS: dict[str, Callable[..., Answer]] = {
    "reference-r-survey": _design_of_r,
    "survey-association": _association,
    "survey-correction": _adjusted,
    "survey-estimate": _share,
    "survey-quantile": _quantile,
    "survey-ranking": _ranking,
    "survey-replicates": _replicates,
    "survey-total": _total,
}
