"""Values, differences, probabilities and days as text. Percent and percentage points are never one word."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from django.utils.translation import gettext as _

from koersvast.engine.quantities import Direction, Unit
from koersvast.indicators.wording import format_amount, format_number, language_now

CLOSE_TO_CERTAIN = 0.995


def decimals_of(value: Decimal | float, *, at_most: int = 2) -> int:
    """How many decimals a value needs: 20 none, 7.4 one."""
    exact = Decimal(str(round(value, at_most))).normalize()
    exponent = exact.as_tuple().exponent
    return max(0, min(at_most, -exponent)) if isinstance(exponent, int) else 0


def amount(value: Decimal | float | None, unit: Unit, *, decimals: int | None = None) -> str:
    """Write a value in its unit; an absent one is an empty text."""
    if value is None:
        return ""
    return format_amount(value, unit, decimals_of(value) if decimals is None else decimals)


def estimate(value: float, unit: Unit) -> str:
    """Write a computed value, which is never exact: one decimal, for counts from ten on none."""
    return format_amount(value, unit, 0 if unit is Unit.COUNT and abs(value) >= 10 else 1)


def bound(value: Decimal | float, unit: Unit, direction: Direction) -> str:
    """Write what was agreed: "25 or less", "23 % or more"."""
    text = amount(value, unit)
    if direction is Direction.LOWER_IS_BETTER:
        return text if value == 0 else _("{amount} or less").format(amount=text)
    return _("{amount} or more").format(amount=text)


def difference(value: Decimal | float, unit: Unit) -> str:
    """Write a change with its sign: "+5", "−4 percentage points"."""
    if unit is Unit.PERCENT:
        return _("{number} percentage points").format(number=signed(value))
    return f"{'−' if value < 0 else '+'}{amount(abs(float(value)), unit)}"


def signed(value: Decimal | float) -> str:
    """Write a bare number with its sign: "−6"."""
    size = abs(float(value))
    return f"{'−' if value < 0 else '+'}{format_number(size, decimals_of(size))}"


def signed_percentage(share: float) -> str:
    """Write a change of a share of 1 with its sign: "−66 %"."""
    return f"{'−' if share < 0 else '+'}{percentage(abs(share))}"


def number(value: float) -> str:
    """Write a bare number with the decimals that it needs."""
    return format_number(value, decimals_of(value))


def percentage(share: float, *, decimals: int = 0) -> str:
    """Write a share between 0 and 1 as a percentage."""
    return format_amount(100 * share, Unit.PERCENT, decimals)


def probability(chance: float | None, *, limits: tuple[float, ...] = ()) -> str:
    """Write a chance between 0 and 1 in words that do not promise certainty; empty when there is none.

    Rounding never carries a chance over one of the `limits` that decide its verdict.
    """
    if chance is None:
        return ""
    if chance > CLOSE_TO_CERTAIN:
        return _("more than {percentage}").format(percentage=percentage(0.99))
    if chance < 1 - CLOSE_TO_CERTAIN:
        return _("less than {percentage}").format(percentage=percentage(0.01))
    rounded = round(chance, 2)
    if any((rounded >= limit) != (chance >= limit) or (rounded <= limit) != (chance <= limit) for limit in limits):
        return percentage(chance, decimals=1)
    return percentage(rounded)


def interval(low: float | None, high: float | None, unit: Unit) -> str:
    """Write the limits of an interval in one precision, that of the upper one; empty when one is unknown."""
    if low is None or high is None:
        return ""
    lowest, highest = limits(low, high, unit)
    return _("{low} to {high}").format(low=lowest, high=highest)


def limits(low: float, high: float, unit: Unit) -> tuple[str, str]:
    """Write two computed values that stand side by side in one precision: that of the higher one."""
    decimals = 0 if unit is Unit.COUNT and high >= 10 else 1
    return format_amount(low, unit, decimals), format_amount(high, unit, decimals)


def day(when: date) -> str:
    """Write a day: 17 december 2018."""
    return str(format_date(when, format="d MMMM yyyy", locale=language_now()))


def listing(parts: list[str]) -> str:
    """Write a list as people say it: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return _("{first} and {last}").format(first=", ".join(parts[:-1]), last=parts[-1])
