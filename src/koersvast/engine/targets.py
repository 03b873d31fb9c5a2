"""What a target asks for: the agreed value that follows from its kind, its amount and the baseline."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from koersvast.engine.quantities import Direction, Method, TargetKind, Unit

METHOD = Method(name="targets", version="1")


class BadTarget(ValueError):
    """A target that means nothing: points for a count, no baseline, a share outside 0 to 100 %."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class PercentReadings:
    """The two things that "changed by so many percent" can mean; `points` is None when the figure is no share."""

    relative: float
    points: float | None
    method: Method = METHOD

    @property
    def is_ambiguous(self) -> bool:
        """Whether both readings exist and differ."""
        return self.points is not None and abs(self.points - self.relative) > 1e-9


def agreed_value(kind: TargetKind, *, unit: Unit, amount: float | None = None, baseline: float | None = None) -> float:
    """The value agreed, in the unit of the indicator; raises BadTarget with a code.

    `amount` is the level itself, or the signed change: -20 (absolute), -50 (relative, in percent), -6 (points).
    """
    if kind is TargetKind.ZERO:
        return 0.0
    if kind is TargetKind.LEVEL:
        return _possible(_needed(amount, "amount_missing"), unit)
    base = _needed(baseline, "baseline_missing")
    if kind is TargetKind.KEEP:
        return _possible(base, unit)
    change = _needed(amount, "amount_missing")
    if kind is TargetKind.RELATIVE:
        return _possible(base * (1 + change / 100), unit)
    if kind is TargetKind.POINTS and unit is not Unit.PERCENT:
        raise BadTarget("points_need_a_share")
    return _possible(base + change, unit)


def both_readings(baseline: float, *, percent: float, unit: Unit) -> PercentReadings:
    """What a change of `percent` (signed) means either way: 61 % with -6 is 55.0 by points and 57.34 relatively."""
    points = round(baseline + percent, 9) if unit is Unit.PERCENT else None
    return PercentReadings(relative=round(baseline * (1 + percent / 100), 9), points=points)


def is_attained(observed: float, *, agreed: float, direction: Direction, decimals: int | None = None) -> bool:
    """Whether a registered figure meets the agreed value; equal is enough.

    With `decimals` both are rounded half up to the precision in which the figure is registered.
    """
    have, want = (_registered(value, decimals) for value in (observed, agreed))
    return have <= want if direction is Direction.LOWER_IS_BETTER else have >= want


def is_stricter(first: float, *, than: float, direction: Direction) -> bool:
    """Whether the first value asks more than the second."""
    return first < than if direction is Direction.LOWER_IS_BETTER else first > than


def _registered(value: float, decimals: int | None) -> Decimal:
    # Nine decimals take away what binary fractions add: 61 x 0.9 is not quite 54.9.
    exact = Decimal(repr(value)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return exact if decimals is None else exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _needed(value: float | None, code: str) -> float:
    if value is None:
        raise BadTarget(code)
    return value


def _possible(value: float, unit: Unit) -> float:
    signed = unit in (Unit.INDEX, Unit.EURO)
    if value < 0 and not signed:
        raise BadTarget("agreed_value_below_zero")
    if unit is Unit.PERCENT and value > 100:
        raise BadTarget("agreed_value_above_hundred")
    return round(value, 9)
