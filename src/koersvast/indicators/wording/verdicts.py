"""A change in one or two plain sentences: what it was, what it became, and whether chance can explain it."""

from django.utils.translation import gettext as _

from koersvast.engine.quantities import ChangeVerdict, Unit
from koersvast.engine.series import is_count_like
from koersvast.engine.trend import Change
from koersvast.indicators.wording.numbers import format_amount, format_number


def change_sentence(name: str, change: Change, *, decimals: int) -> str:
    """Word a change verdict with its numbers, such as "Woninginbraken: van 71 in 2014 naar 40 in 2017. …".

    A p value is worded as what it is: how often such a difference comes about while nothing changed. It is never
    called the chance that the change is a coincidence.
    """
    unit = change.later.unit
    facts = _("{name}: from {earlier} in {first} to {later} in {last}.").format(
        name=name,
        earlier=format_amount(change.earlier.value, unit, decimals),
        first=change.earlier.period.code,
        later=format_amount(change.later.value, unit, decimals),
        last=change.later.period.code,
    )
    return f"{facts} {_verdict(change, unit)}"


def _verdict(change: Change, unit: Unit) -> str:
    if change.verdict is ChangeVerdict.NOT_COMPARABLE:
        return _("These figures cannot be compared.")
    if change.p_value is None:
        return _("Whether this is a real change cannot be said, because the margin is not known.")
    chance = _chance(change.p_value, unit)
    if change.verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE:
        return _("That is no demonstrable change. {chance}").format(chance=chance)
    # Per inhabitant a number can fall while it rises by itself; the verdict is about the former.
    fell = (change.difference or 0) < 0 if change.ratio is None else change.ratio < 1
    if change.verdict is ChangeVerdict.IMPROVED:
        fall = _("That is a demonstrable fall, so an improvement.")
        rise = _("That is a demonstrable rise, so an improvement.")
    else:
        fall = _("That is a demonstrable fall, so a worsening.")
        rise = _("That is a demonstrable rise, so a worsening.")
    return f"{fall if fell else rise} {chance}"


def _chance(p_value: float, unit: Unit) -> str:
    if is_count_like(unit):
        sentence = _("If the risk had stayed the same, a difference this large or larger would occur in {often} cases.")
    else:
        sentence = _("If nothing had changed, a difference this large or larger would occur in {often} surveys.")
    return sentence.format(often=how_often(p_value))


def how_often(p_value: float) -> str:
    """A chance as a natural frequency: .0032 is "3 of 1,000", .63 is "63 of 100"."""
    if p_value < 0.001:
        return _("fewer than {number} of {total}").format(number=1, total=format_number(1000, 0))
    thousandths = round(1000 * p_value)
    if p_value >= 0.1 or thousandths % 10 == 0:
        return _("{number} of {total}").format(number=min(100, round(100 * p_value)), total=100)
    return _("{number} of {total}").format(number=thousandths, total=format_number(1000, 0))
