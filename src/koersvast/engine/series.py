"""A series of readings with its breaks, and which readings may be compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from koersvast.engine.dispersion import Dispersion, estimate_dispersion
from koersvast.engine.periods import Period
from koersvast.engine.quantities import BadValue, Break, Reading, Reason, Unit

PER = {Unit.PER_1000: 1000.0, Unit.PER_10000: 10000.0}


@dataclass(frozen=True, kw_only=True)
class Comparability:
    """Whether an earlier reading may be set beside a later one, and the conversion that it takes.

    `factor` multiplies the earlier value; `factor_cv` is the factor's relative standard error.
    """

    comparable: bool
    factor: float = 1.0
    factor_cv: float = 0.0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Series:
    """Readings of one indicator in one area as known on a day, with the breaks of that indicator.

    Readings are put in order of period; two readings of one period are an error (BadValue). `name` says which source
    or table it is.
    """

    readings: tuple[Reading, ...] = ()
    breaks: tuple[Break, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.readings, key=lambda reading: reading.period))
        codes = [reading.period.code for reading in ordered]
        if len(set(codes)) < len(codes):
            raise BadValue(f"Series {self.name!r} has two readings for one period: {', '.join(codes)}.")
        object.__setattr__(self, "readings", ordered)

    def at(self, period: Period) -> Reading | None:
        """The reading of exactly this period."""
        return next((reading for reading in self.readings if reading.period.code == period.code), None)

    def latest(self, *, until: Period | None = None) -> Reading | None:
        """The last reading (not after `until`)."""
        found = [r for r in self.readings if until is None or r.period.end <= until.end]
        return found[-1] if found else None

    def comparable_before(self, reading: Reading) -> tuple[Reading, ...]:
        """The earlier readings of the same series and definition, with no break in between."""
        return tuple(
            earlier
            for earlier in self.readings
            if earlier.period.end <= reading.period.start
            and (plain := comparability(earlier, reading, breaks=self.breaks)).comparable
            and plain.factor == 1.0
            and plain.factor_cv == 0.0
            and earlier.definition_version == reading.definition_version
        )


def comparability(earlier: Reading, later: Reading, *, breaks: Iterable[Break] = ()) -> Comparability:
    """Decide whether two readings may be compared; across a break only with its conversion factor."""
    refused = _difference_in_kind(earlier, later)
    if refused is not None:
        return Comparability(comparable=False, reasons=(refused,))
    crossed = [found for found in breaks if earlier.period.start < found.on < later.period.end]
    if not crossed and earlier.definition_version != later.definition_version:
        versions = {"earlier": earlier.definition_version, "later": later.definition_version}
        return Comparability(comparable=False, reasons=(Reason(code="definition_changed", values=versions),))
    factor, variance, reasons = 1.0, 0.0, list[Reason]()
    for found in crossed:
        values = {"on": found.on.isoformat(), "kind": found.kind, "note": found.note}
        if found.factor is None or _mixes(found, earlier) or _mixes(found, later):
            return Comparability(comparable=False, reasons=(Reason(code="break_between", values=values),))
        factor *= found.factor
        variance += ((found.factor_se or 0.0) / found.factor) ** 2
        code = "converted_across_break" if found.factor_se is not None else "converted_without_uncertainty"
        reasons.append(
            Reason(code=code, values={**values, "factor": found.factor, "factor_se": found.factor_se or 0.0})
        )
    return Comparability(comparable=True, factor=factor, factor_cv=variance**0.5, reasons=tuple(reasons))


def earlier_dispersion(series: Series, reading: Reading) -> Dispersion:
    """The dispersion from the comparable readings before this one; Poisson, with the reason, when too few."""
    earlier = [r for r in series.comparable_before(reading) if events(r) is not None]
    return dispersion_of(earlier)


def dispersion_of(readings: Iterable[Reading]) -> Dispersion:
    """The dispersion of comparable counts or rates around their own trend."""
    known = [(r, x) for r in readings if (x := events(r)) is not None]
    if not known:
        return estimate_dispersion([], middle_years=[])
    return estimate_dispersion(
        [x for _, x in known],
        middle_years=[r.period.middle_year for r, _ in known],
        exposures=exposures([r for r, _ in known]),
        periods=[r.period.code for r, _ in known],
    )


def events(reading: Reading) -> float | None:
    """The number of events behind a count or a rate; None when the unit has none or the inhabitants are unknown."""
    if reading.unit is Unit.COUNT:
        return reading.value
    if reading.unit in PER and reading.exposure is not None:
        return reading.value * reading.exposure / PER[reading.unit]
    return None


def events_per_unit(reading: Reading) -> float:
    """How many events one unit of the value stands for: 1 for a count, inhabitants / 1,000 for a rate per 1,000."""
    if reading.unit in PER and reading.exposure is not None:
        return reading.exposure / PER[reading.unit]
    return 1.0


def exposures(readings: Iterable[Reading]) -> list[float]:
    """Inhabitants x years per reading; years only, unless the inhabitants of all are known."""
    readings = list(readings)
    people = all(r.exposure is not None for r in readings)
    return [r.period.years * (r.exposure or 1.0) if people else r.period.years for r in readings]


def is_count_like(unit: Unit) -> bool:
    """Whether figures in this unit are made of separate events."""
    return unit is Unit.COUNT or unit in PER


def _difference_in_kind(earlier: Reading, later: Reading) -> Reason | None:
    if earlier.unit is not later.unit:
        return Reason(code="different_unit", values={"earlier": earlier.unit.value, "later": later.unit.value})
    if earlier.series != later.series:
        return Reason(code="different_series", values={"earlier": earlier.series, "later": later.series})
    if abs(earlier.period.years - later.period.years) > 1e-9:
        periods = {"earlier": earlier.period.code, "later": later.period.code}
        return Reason(code="different_period_length", values=periods)
    return None


def _mixes(found: Break, reading: Reading) -> bool:
    """Whether the break falls inside the reading's own period."""
    return reading.period.start < found.on < reading.period.end
