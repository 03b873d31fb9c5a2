"""The hundred respondents of docs/methods/raking.md, and our own weights for them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from koersvast.engine import weighting
from koersvast.engine.cell_fitting import Distance
from koersvast.engine.dispersion import Floats
from koersvast.engine.weight_diagnostics import diagnose
from koersvast.engine.weighting import Limits, Margin

type Answer = Sequence[float | str | None]

_RESPONDENTS = (8, 15, 22, 12, 20, 23)
_FIRST = np.cumsum((0, *_RESPONDENTS))[:6]
_BASE = np.full(100, 30.0)
_SEX = Margin(code="sex", categories=np.repeat([0, 0, 0, 1, 1, 1], _RESPONDENTS), totals=np.array([1480.0, 1520.0]))
_AGE = Margin(code="age", categories=np.repeat([0, 1, 2] * 2, _RESPONDENTS), totals=np.array([900.0, 1150.0, 950.0]))
_BOUNDS = (0.65, 1.69)


def _raked() -> Floats:
    return weighting.rake(_BASE, (_SEX, _AGE)).weights


def _calibrated(distance: Distance, bounds: tuple[float, float] | None = None) -> Floats:
    return weighting.calibrate(_BASE, (_SEX, _AGE), distance=distance, bounds=bounds).weights


_WEIGHTS: Mapping[str, Callable[[], Floats]] = {
    "postStratify(d, ~age, ages)": lambda: weighting.post_stratify(_BASE, _AGE).weights,
    "rake(d, list(~sex, ~age), list(sexes, ages))": _raked,
    "calibrate(d, ~sex+age, totals, calfun='raking')": lambda: _calibrated(Distance.RAKING),
    "calibrate(d, ~sex+age, totals, calfun='linear')": lambda: _calibrated(Distance.LINEAR),
    "calibrate(d, ~sex+age, totals, calfun='linear', bounds=c(.65,1.69))": lambda: _calibrated(
        Distance.LINEAR, _BOUNDS
    ),
    "calibrate(d, ~sex+age, totals, calfun='raking', bounds=c(.65,1.69))": lambda: _calibrated(
        Distance.RAKING, _BOUNDS
    ),
    "calibrate(d, ~sex+age, totals, calfun='logit', bounds=c(.5,2))": lambda: _calibrated(Distance.LOGIT, (0.5, 2.0)),
    "trimWeights(rake(...), upper=40)": lambda: (
        weighting.trim_weights(_raked(), Limits(highest=40), strict=False).weights
    ),
    "trimWeights(rake(...), upper=40, lower=24, strict=TRUE)": lambda: (
        weighting.trim_weights(_raked(), Limits(lowest=24, highest=40)).weights
    ),
}


def _weights(call: str) -> Answer:
    return [float(weight) for weight in _WEIGHTS[call]()[_FIRST]]


def _trimmed_while_raking(highest: str) -> Answer:
    trim = None if highest == "-" else Limits(highest=float(highest))
    made = weighting.rake(_BASE, (_SEX, _AGE), trim=trim)
    return [*(float(weight) for weight in made.weights[_FIRST]), made.diagnostics.design_effect]


def _kish(weights: str) -> Answer:
    groups = [part.split(" x ") for part in weights.split(", ")]
    every = np.concatenate([np.full(int(count), float(weight)) for count, weight in groups])
    found = diagnose(every, base_weights=every)
    return found.design_effect, found.effective_respondents, found.ratio, found.top_percent_share


WEIGHTING: Mapping[str, Callable[..., Answer]] = {
    "kish": _kish,
    "raking-trimmed": _trimmed_while_raking,
    "weighting-r": _weights,
}
