"""The probability that the underlying level is at or beyond an agreed value, given one figure.

A registered figure meets a value or does not: that is arithmetic. Whether the level behind it does is a probability,
and this module gives it for counts and rates (gamma; negative binomial when they scatter more than chance), shares
(beta with the effective number of respondents) and estimates with a standard error (normal). See
docs/methods/evidence.md; Jeffreys (1946) for the halves that are added.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from koersvast.engine import counts, survey
from koersvast.engine.dispersion import POISSON, Dispersion
from koersvast.engine.quantities import Direction, EvidenceVerdict, Method, Reading, Reason, Unit
from koersvast.engine.series import events, events_per_unit, is_count_like

COUNT = Method(name="evidence-count", version="1")
SHARE = Method(name="evidence-share", version="1")
ESTIMATE = Method(name="evidence-estimate", version="1")
NONE = Method(name="evidence-none", version="1")


class BadThresholds(ValueError):
    """Thresholds that do not satisfy 0 < off course < on course < 1."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From which probability a figure counts as on course, and until which as off course; a municipality's setting."""

    on_course: float = 0.90
    off_course: float = 0.10

    def __post_init__(self) -> None:
        if not 0 < self.off_course < self.on_course < 1:
            raise BadThresholds(f"off course {self.off_course}, on course {self.on_course}")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one figure says about the level behind it.

    `probability` is None when it cannot be computed (`reasons` says why). `low` and `high` limit the level with 95 %
    confidence, in the unit of the figure.
    """

    probability: float | None
    low: float | None
    high: float | None
    dispersion: Dispersion
    reasons: tuple[Reason, ...]
    method: Method


def weigh(
    reading: Reading,
    *,
    agreed: float,
    direction: Direction,
    dispersion: Dispersion = POISSON,
    variance_factor_cv: float = 0.0,
) -> Evidence:
    """Weigh a figure against an agreed value in the same unit.

    `variance_factor_cv` is the relative standard error of a conversion factor in the agreed value.
    """
    if is_count_like(reading.unit):
        return _weigh_count(reading, agreed, direction, dispersion, variance_factor_cv)
    error = standard_error(reading)
    if error is None:
        code = "respondents_unknown" if reading.unit is Unit.PERCENT else "margin_unknown"
        return Evidence(
            probability=None,
            low=None,
            high=None,
            dispersion=POISSON,
            reasons=(Reason(code=code), *reading_reasons(reading)),
            method=NONE,
        )
    if reading.unit is Unit.PERCENT and variance_factor_cv == 0:
        return _weigh_share(reading, agreed, direction)
    return _weigh_estimate(reading, agreed, direction, float(np.hypot(error, variance_factor_cv * agreed)))


def verdict_of(probability: float | None, thresholds: Thresholds) -> EvidenceVerdict:
    """On course from the upper threshold, off course until the lower one, else it cannot be told yet."""
    if probability is None:
        return EvidenceVerdict.CANNOT_TELL
    if probability >= thresholds.on_course:
        return EvidenceVerdict.ON_COURSE
    if probability <= thresholds.off_course:
        return EvidenceVerdict.OFF_COURSE
    return EvidenceVerdict.CANNOT_TELL


def standard_error(reading: Reading) -> float | None:
    """The standard error of an estimate in its own unit, as published or from the respondents; None when unknown."""
    if reading.standard_error is not None:
        return reading.standard_error
    if reading.unit is Unit.PERCENT and reading.respondents is not None:
        return survey.share_error_points(
            reading.value, respondents=reading.respondents, design_effect=reading.design_effect
        )
    return None


def effective_respondents(reading: Reading) -> float | None:
    """The effective sample behind a share: from its standard error, else from its respondents; None when unknown."""
    if reading.standard_error and 0 < reading.value < 100:
        return survey.effective_from_error(reading.value, standard_error_points=reading.standard_error)
    if reading.respondents is None:
        return None
    return survey.effective_respondents(reading.respondents, design_effect=reading.design_effect)


def reading_reasons(reading: Reading) -> tuple[Reason, ...]:
    """What a reader has to know about the figure itself."""
    reasons = list[Reason]()
    if reading.provisional:
        reasons.append(Reason(code="provisional_figure", values={"period": reading.period.code}))
    from_respondents = reading.unit is Unit.PERCENT and reading.standard_error is None
    if from_respondents and reading.respondents is not None:
        if reading.respondents_assumed:
            values: dict[str, float | int | str] = {"period": reading.period.code, "respondents": reading.respondents}
            reasons.append(Reason(code="respondents_assumed", values=values))
        if reading.design_effect == 1.0:
            reasons.append(Reason(code="margin_is_lower_bound", values={"design_effect": 1.0}))
        else:
            reasons.append(Reason(code="design_effect_used", values={"design_effect": reading.design_effect}))
    return tuple(reasons)


def dispersion_reasons(dispersion: Dispersion) -> tuple[Reason, ...]:
    """Which dispersion was used, or why none could be estimated."""
    if dispersion.reason is not None:
        return (dispersion.reason,)
    if dispersion.degrees_of_freedom is None:
        return ()
    values: dict[str, float | int | str] = {
        "phi": dispersion.phi,
        "periods": len(dispersion.periods),
        "of": ", ".join(dispersion.periods),
    }
    return (Reason(code="dispersion_estimated", values=values),)


def _weigh_count(
    reading: Reading, agreed: float, direction: Direction, dispersion: Dispersion, factor_cv: float
) -> Evidence:
    count, reasons = events(reading), reading_reasons(reading)
    if count is None:
        missing = Reason(code="inhabitants_unknown", values={"period": reading.period.code})
        return Evidence(
            probability=None, low=None, high=None, dispersion=POISSON, reasons=(missing, *reasons), method=NONE
        )
    scale = events_per_unit(reading)
    widened = _with_factor(dispersion, expected=agreed * scale, factor_cv=factor_cv)
    # The limits are those of the level itself; an uncertain factor is in the agreed value, not in the figure.
    interval = counts.count_interval(count, dispersion=dispersion)
    reasons = (*dispersion_reasons(dispersion), *reasons)
    if agreed <= 0:
        probability: float | None = _probability_of_zero(count, direction)
        reasons = (Reason(code="zero_cannot_be_shown"), *reasons) if probability is None else reasons
    else:
        at_most = float(
            counts.level_probability(np.float64(agreed * scale), np.float64(count), spread=widened.spread())
        )
        probability = _beyond(at_most, direction)
    return Evidence(
        probability=probability,
        low=interval.low / scale,
        high=interval.high / scale,
        dispersion=dispersion,
        reasons=reasons,
        method=COUNT,
    )


def _probability_of_zero(count: float, direction: Direction) -> float | None:
    """No count proves a level of nought; one event disproves it. Any level is at or above nought."""
    if direction is Direction.HIGHER_IS_BETTER:
        return 1.0
    return None if count == 0 else 0.0


def _with_factor(dispersion: Dispersion, *, expected: float, factor_cv: float) -> Dispersion:
    if factor_cv == 0:
        return dispersion
    more = factor_cv**2 * expected
    return Dispersion(
        phi=dispersion.used + more, basis=dispersion.basis, degrees_of_freedom=dispersion.degrees_of_freedom
    )


def _weigh_share(reading: Reading, agreed: float, direction: Direction) -> Evidence:
    n = effective_respondents(reading)
    if n is None:
        return _weigh_estimate(reading, agreed, direction, reading.standard_error or 0.0)
    yes = reading.value / 100 * n
    at_most = float(special.betainc(yes + 0.5, n - yes + 0.5, min(1.0, max(0.0, agreed / 100))))
    limits = survey.wilson(reading.value, respondents=n)
    unprovable = _at_bound(reading.value, agreed, direction)
    return Evidence(
        probability=None if unprovable else _beyond(at_most, direction),
        low=limits.low,
        high=limits.high,
        dispersion=POISSON,
        reasons=(*([Reason(code="bound_cannot_be_shown")] if unprovable else []), *reading_reasons(reading)),
        method=SHARE,
    )


def _at_bound(percent: float, agreed: float, direction: Direction) -> bool:
    """Nobody (or everybody) in the sample, and just that was agreed: met, but no sample proves it of all."""
    if direction is Direction.LOWER_IS_BETTER:
        return percent <= 0 and agreed <= 0
    return percent >= 100 and agreed >= 100


def _weigh_estimate(reading: Reading, agreed: float, direction: Direction, error: float) -> Evidence:
    gap = agreed - reading.value
    at_most = float(special.ndtr(gap / error)) if error > 0 else float(gap >= 0)
    probability = _beyond(at_most, direction) if error > 0 or gap != 0 else 1.0
    margin = float(special.ndtri(0.975)) * (standard_error(reading) or 0.0)
    return Evidence(
        probability=probability,
        low=reading.value - margin,
        high=reading.value + margin,
        dispersion=POISSON,
        reasons=reading_reasons(reading),
        method=ESTIMATE,
    )


def _beyond(at_most: float, direction: Direction) -> float:
    return at_most if direction is Direction.LOWER_IS_BETTER else 1 - at_most
