"""Change and evidence for many series at once: every municipality, indicator and year in one pass.

The same methods as `trend` and `evidence`, on arrays of series x periods; both go through the same formulas in `counts`
and `dispersion`, and a property test holds them together to 1e-9. A value that is absent is nan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from koersvast.engine import counts, survey
from koersvast.engine.dispersion import Floats, Spread, estimable, fit_trend, spread_of
from koersvast.engine.evidence import Thresholds
from koersvast.engine.quantities import ChangeVerdict, EvidenceVerdict

CHANGE_VERDICTS = tuple(ChangeVerdict)
EVIDENCE_VERDICTS = tuple(EvidenceVerdict)
type Codes = NDArray[np.int8]
type Flags = NDArray[np.bool_]

_IMPROVED, _WORSENED = CHANGE_VERDICTS.index(ChangeVerdict.IMPROVED), CHANGE_VERDICTS.index(ChangeVerdict.WORSENED)
_NO_CHANGE = CHANGE_VERDICTS.index(ChangeVerdict.NO_DEMONSTRABLE_CHANGE)
_NOT_COMPARABLE = CHANGE_VERDICTS.index(ChangeVerdict.NOT_COMPARABLE)
_ON, _OFF = EVIDENCE_VERDICTS.index(EvidenceVerdict.ON_COURSE), EVIDENCE_VERDICTS.index(EvidenceVerdict.OFF_COURSE)
_CANNOT_TELL = EVIDENCE_VERDICTS.index(EvidenceVerdict.CANNOT_TELL)
_NOT_MEASURED = EVIDENCE_VERDICTS.index(EvidenceVerdict.NOT_MEASURED)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The change since the reference period, per series and period.

    `verdict` holds positions in CHANGE_VERDICTS; -1 where a figure is absent. The p values are nan where there is
    none; `cautious_p_value` belongs to an estimated dispersion (see `counts.CountChange`).
    """

    verdict: Codes
    p_value: Floats
    cautious_p_value: Floats
    ratio: Floats


@dataclass(frozen=True, kw_only=True)
class Evidences:
    """Attained and evidence against the agreed values, per series and period.

    `verdict` holds positions in EVIDENCE_VERDICTS; `attained` is 1, 0, or -1 where a figure or agreed value is absent.
    """

    verdict: Codes
    attained: Codes
    probability: Floats


@dataclass(frozen=True, kw_only=True)
class Dispersions:
    """The dispersion from the comparable periods before each period; no degrees of freedom means chance alone."""

    phi: Floats
    degrees_of_freedom: Floats


def dispersions(
    observed: Floats, *, middle_years: Floats, exposures: Floats, segments: Codes | None = None
) -> Dispersions:
    """Estimate the dispersion before each period, for all series. Shapes: series x periods; `middle_years` periods.

    `segments` numbers the stretches between breaks; only periods of the same stretch are comparable.
    """
    phi, df = np.zeros_like(observed), np.zeros_like(observed)
    observed = np.where(np.isfinite(exposures), observed, np.nan)
    for now in range(4, observed.shape[1]):
        earlier = observed[:, :now]
        if segments is not None:
            earlier = np.where(segments[:, :now] == segments[:, now, None], earlier, np.nan)
        fit = fit_trend(earlier, exposures=exposures[:, :now], middle_years=middle_years[:now])
        usable = estimable(fit, earlier)
        with np.errstate(divide="ignore", invalid="ignore"):
            phi[:, now] = np.where(usable, fit.pearson / fit.degrees_of_freedom, 0.0)
        df[:, now] = np.where(usable, fit.degrees_of_freedom, 0.0)
    return Dispersions(phi=phi, degrees_of_freedom=df)


def change_of_counts(
    observed: Floats,
    *,
    exposures: Floats,
    dispersion: Dispersions,
    lower_is_better: Flags,
    reference: int = 0,
    segments: Codes | None = None,
    significance: float = 0.05,
) -> Changes:
    """Judge each period against the reference period (its position). Shapes: series x periods; flags per series.

    A figure without its exposure counts as absent.
    """
    first, first_exposure = observed[:, reference, None], exposures[:, reference, None]
    share = exposures / (exposures + first_exposure)
    known = np.isfinite(observed) & np.isfinite(first) & np.isfinite(share)
    score = np.full_like(observed, np.nan)
    score[known] = counts.split_score(
        np.broadcast_to(first, observed.shape)[known], observed[known], later_share=share[known]
    )
    p_value = counts.widened_p_value(score, phi=dispersion.phi)
    cautious = np.full_like(observed, np.nan)
    estimated = known & (dispersion.degrees_of_freedom > 0)
    cautious[estimated] = counts.cautious_p_value(
        score[estimated], phi=dispersion.phi[estimated], degrees_of_freedom=dispersion.degrees_of_freedom[estimated]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (observed / exposures) / (first / first_exposure)
    better = np.where(lower_is_better[:, None], ratio < 1, ratio > 1)
    verdict = np.where(better, _IMPROVED, _WORSENED)
    verdict = np.where((p_value >= significance) | (ratio == 1), _NO_CHANGE, verdict)
    comparable = np.ones_like(known) if segments is None else segments == segments[:, reference, None]
    verdict = np.where(comparable, verdict, _NOT_COMPARABLE)
    verdict = np.where(known, verdict, -1)
    told = known & comparable
    return Changes(
        verdict=verdict.astype(np.int8),
        p_value=np.where(told, p_value, np.nan),
        cautious_p_value=np.where(told, cautious, np.nan),
        ratio=np.where(told, ratio, np.nan),
    )


def evidence_of_counts(
    observed: Floats,
    *,
    agreed: Floats,
    dispersion: Dispersions,
    lower_is_better: Flags,
    thresholds: Thresholds | None = None,
) -> Evidences:
    """Weigh counts against agreed counts. Shapes: series x periods; flags per series."""
    asked = np.isfinite(observed) & np.isfinite(agreed)
    positive = asked & (agreed > 0)
    at_most = np.full_like(observed, np.nan)
    plain, widen = positive & (dispersion.degrees_of_freedom <= 0), positive & (dispersion.degrees_of_freedom > 0)
    at_most[plain] = special.gammainc(observed[plain] + 0.5, agreed[plain])
    at_most[widen] = counts.level_probability(agreed[widen], observed[widen], spread=_spread(dispersion, widen))
    # An agreed nought: one event disproves it, no count proves it, and every level is at or above it.
    nought = asked & (agreed <= 0)
    at_most[nought & (observed > 0)] = 0.0
    lower = np.broadcast_to(lower_is_better[:, None], observed.shape)
    probability = np.where(lower, at_most, np.where(nought, 1.0, 1 - at_most))
    return _weighed(observed, agreed, probability, lower, thresholds or Thresholds())


def change_of_shares(
    percent: Floats,
    *,
    effective_respondents: Floats,
    lower_is_better: Flags,
    reference: int = 0,
    segments: Codes | None = None,
    significance: float = 0.05,
) -> Changes:
    """Judge shares of independent waves against the reference wave. `ratio` is later over earlier share."""
    first, first_effective = percent[:, reference, None], effective_respondents[:, reference, None]
    difference, error = survey.difference_of_shares(first, first_effective, percent, effective_respondents)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(difference) / error
        ratio = percent / first
    p_value = np.where(difference == 0, 1.0, 2 * special.ndtr(-z))
    known = np.isfinite(error) & np.isfinite(difference)
    better = np.where(lower_is_better[:, None], percent < first, percent > first)
    verdict = np.where(
        (p_value >= significance) | (difference == 0), _NO_CHANGE, np.where(better, _IMPROVED, _WORSENED)
    )
    comparable = np.ones_like(known) if segments is None else segments == segments[:, reference, None]
    verdict = np.where(known, np.where(comparable, verdict, _NOT_COMPARABLE), -1)
    return Changes(
        verdict=verdict.astype(np.int8),
        p_value=np.where(known & comparable, p_value, np.nan),
        cautious_p_value=np.full_like(p_value, np.nan),
        ratio=np.where(known & comparable, ratio, np.nan),
    )


def evidence_of_shares(
    percent: Floats,
    *,
    effective_respondents: Floats,
    agreed: Floats,
    lower_is_better: Flags,
    thresholds: Thresholds | None = None,
) -> Evidences:
    """Weigh shares against agreed shares (percent). Shapes: series x periods; flags per series."""
    yes = percent / 100 * effective_respondents
    at_most = special.betainc(yes + 0.5, effective_respondents - yes + 0.5, np.clip(agreed / 100, 0, 1))
    lower = np.broadcast_to(lower_is_better[:, None], percent.shape)
    probability = np.where(lower, at_most, 1 - at_most)
    at_bound = np.where(lower, (percent <= 0) & (agreed <= 0), (percent >= 100) & (agreed >= 100))
    probability = np.where(at_bound, np.nan, probability)
    return _weighed(percent, agreed, probability, lower, thresholds or Thresholds())


def _spread(dispersion: Dispersions, where: Flags) -> Spread:
    return spread_of(dispersion.phi[where], degrees_of_freedom=dispersion.degrees_of_freedom[where])


def _weighed(observed: Floats, agreed: Floats, probability: Floats, lower: Flags, thresholds: Thresholds) -> Evidences:
    asked = np.isfinite(observed) & np.isfinite(agreed)
    with np.errstate(invalid="ignore"):
        verdict = np.where(probability >= thresholds.on_course, _ON, _CANNOT_TELL)
        verdict = np.where(probability <= thresholds.off_course, _OFF, verdict)
        meets = np.where(lower, observed <= agreed + 1e-9, observed >= agreed - 1e-9)
    return Evidences(
        verdict=np.where(asked, verdict, _NOT_MEASURED).astype(np.int8),
        attained=np.where(asked, meets, -1).astype(np.int8),
        probability=np.where(asked, probability, np.nan),
    )
