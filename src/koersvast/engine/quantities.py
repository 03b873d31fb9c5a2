"""The plain values that calculations take and return: units, readings, breaks, reasons, methods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import isfinite
from types import MappingProxyType

from koersvast.engine.periods import Period


class Unit(StrEnum):
    """What a figure counts in. The two ten-point units differ: a scale score is computed, a mark is given."""

    COUNT = "count"
    PERCENT = "percent"
    SCALE_0_10 = "scale_0_10"
    MARK_1_10 = "mark_1_10"
    PER_1000 = "per_1000"
    PER_10000 = "per_10000"
    INDEX = "index"
    EURO = "euro"


class Direction(StrEnum):
    """Which way is better; belongs to the indicator."""

    LOWER_IS_BETTER = "lower"
    HIGHER_IS_BETTER = "higher"


class Missing(StrEnum):
    """Why a figure is absent."""

    NOT_MEASURED = "not_measured"
    NOT_KNOWN = "not_known"
    WITHHELD = "withheld"


class Certainty(StrEnum):
    """How settled a delivered figure is."""

    PROVISIONAL = "provisional"
    REVISED = "revised"
    FINAL = "final"


type Attained = bool | None
"""Whether the registered figure meets the agreed value; None when there is no figure to compare."""


class TargetKind(StrEnum):
    """How a target is worded: to 20, minus 20, minus 50 %, minus 6 percentage points, no worse than, none."""

    LEVEL = "level"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    POINTS = "points"
    KEEP = "keep"
    ZERO = "zero"


class EvidenceVerdict(StrEnum):
    """What the figures say about the underlying level and an agreed value."""

    ON_COURSE = "on_course"
    OFF_COURSE = "off_course"
    CANNOT_TELL = "cannot_tell_yet"
    NOT_MEASURED = "not_measured"
    NOT_COMPARABLE = "not_comparable"


class ChangeVerdict(StrEnum):
    """What the figures say about the change since a reference period."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    NO_DEMONSTRABLE_CHANGE = "no_demonstrable_change"
    NOT_COMPARABLE = "not_comparable"


class Correction(StrEnum):
    """How p values of many comparisons are adjusted, as R's `p.adjust`.

    HOLM and BONFERRONI keep the chance of even one false difference; BENJAMINI_HOCHBERG the share of false ones.
    """

    NONE = "none"
    BONFERRONI = "bonferroni"
    HOLM = "holm"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"


class BadValue(ValueError):
    """A figure that cannot be: not finite, a share above 100 %, a negative count, a design effect of nought."""


_HIGHEST = {
    Unit.PERCENT: 100.0,
    Unit.SCALE_0_10: 10.0,
    Unit.MARK_1_10: 10.0,
    Unit.PER_1000: 1e6,
    Unit.PER_10000: 1e7,
}
_LOWEST = {Unit.MARK_1_10: 1.0, Unit.INDEX: float("-inf"), Unit.EURO: float("-inf")}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One registered or estimated figure for one period.

    `exposure` is the number of inhabitants that a count or rate belongs to. `standard_error` is in the unit of the
    value (percentage points for a share). `design_effect` only matters while the standard error is unknown. `series`
    names the source and table that the figure comes from: figures of two series are never compared silently.
    """

    period: Period
    value: float
    unit: Unit
    respondents: int | None = None
    respondents_assumed: bool = False
    design_effect: float = 1.0
    standard_error: float | None = None
    exposure: float | None = None
    provisional: bool = False
    series: str = ""
    definition_version: int = 1

    def __post_init__(self) -> None:
        lowest, highest = _LOWEST.get(self.unit, 0.0), _HIGHEST.get(self.unit, float("inf"))
        if not isfinite(self.value) or not lowest <= self.value <= highest:
            raise BadValue(f"{self.period}: {self.value} is not a possible value in {self.unit}.")
        if self.respondents is not None and self.respondents < 1:
            raise BadValue(f"{self.period}: {self.respondents} respondents.")
        if not isfinite(self.design_effect) or self.design_effect <= 0:
            raise BadValue(f"{self.period}: a design effect of {self.design_effect}.")
        if self.standard_error is not None and not 0 <= self.standard_error < float("inf"):
            raise BadValue(f"{self.period}: a standard error of {self.standard_error}.")
        if self.exposure is not None and not 0 < self.exposure < float("inf"):
            raise BadValue(f"{self.period}: an exposure of {self.exposure} inhabitants.")


@dataclass(frozen=True, kw_only=True)
class Break:
    """The day from which readings no longer mean the same.

    `kind` is definition, registration, mode or boundary. `factor` turns a value from before the break into one from
    after it (value after = factor × value before); `factor_se` is the standard error of that factor.
    """

    on: date
    kind: str
    note: str = ""
    factor: float | None = None
    factor_se: float | None = None

    def __post_init__(self) -> None:
        if self.factor is not None and not 0 < self.factor < float("inf"):
            raise BadValue(f"Break on {self.on}: a factor of {self.factor}.")
        if self.factor_se is not None and not 0 <= self.factor_se < float("inf"):
            raise BadValue(f"Break on {self.on}: a standard error of {self.factor_se} for the factor.")


def _no_values() -> Mapping[str, float | int | str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a judgement is what it is: a code and the numbers in it. A floor above makes a sentence of it."""

    code: str
    values: Mapping[str, float | int | str] = field(default_factory=_no_values)


@dataclass(frozen=True, kw_only=True)
class Method:
    """The name and version of the method that gave a number; `docs/methods/README.md` names its page."""

    name: str
    version: str
