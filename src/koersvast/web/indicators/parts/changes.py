"""A change verdict on a page: its badge, its sentence, and the numbers behind it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from koersvast.engine.dispersion import DispersionBasis
from koersvast.engine.quantities import Unit
from koersvast.engine.trend import Change
from koersvast.indicators import wording
from koersvast.policy.wording.reasons import reason_sentence
from koersvast.web import components as c


@dataclass(frozen=True, kw_only=True)
class ChangeAccount:
    """Everything behind one verdict, for a `<details>`."""

    id: str
    name: str
    badge: c.Badge
    sentence: str
    facts: list[tuple[str, str]]
    reasons: list[str]


def account(code: str, name: str, change: Change, *, decimals: int) -> ChangeAccount:
    """Return the verdict with its numbers: before and after, difference, p value, dispersion, method, reasons."""
    return ChangeAccount(
        id=code,
        name=name,
        badge=c.change_badge(change.verdict),
        sentence=wording.change_sentence(name, change, decimals=decimals),
        facts=_facts(change, decimals),
        reasons=[reason_sentence(reason, unit=change.later.unit) for reason in change.reasons],
    )


def p_value_text(p_value: float) -> str:
    """A p value with three decimals: "0,003", or "< 0,001"."""
    if p_value < 0.001:
        return f"< {wording.format_number(0.001, 3)}"
    return wording.format_number(p_value, 3)


def _facts(change: Change, decimals: int) -> list[tuple[str, str]]:
    unit = change.later.unit
    facts = [
        (_("Before"), _with_period(change.earlier.value, change.earlier.period.code, unit, decimals)),
        (_("After"), _with_period(change.later.value, change.later.period.code, unit, decimals)),
    ]
    if change.earlier_converted is not None and change.earlier_converted != change.earlier.value:
        facts.append((_("Before, converted"), wording.format_amount(change.earlier_converted, unit, max(1, decimals))))
    if change.difference is not None:
        facts.append((_("Difference"), wording.format_difference(change.difference, unit, decimals)))
    if change.low is not None and change.high is not None:
        facts.append((_("95% interval of the difference"), _between(change.low, change.high, unit, decimals)))
    if change.ratio is not None:
        facts.append((_("Later against earlier"), _ratio(change)))
    if change.p_value is not None:
        facts.append((_("p value (two-sided)"), p_value_text(change.p_value)))
    if change.dispersion.basis is DispersionBasis.EARLIER_PERIODS:
        facts.append((_("Scatter against chance"), wording.format_number(change.dispersion.phi, 1)))
    facts.append((_("Method"), wording.method_name(change.method)))
    return facts


def _with_period(value: float, period: str, unit: Unit, decimals: int) -> str:
    return _("{amount} in {period}").format(amount=wording.format_amount(value, unit, decimals), period=period)


def _between(low: float, high: float, unit: Unit, decimals: int) -> str:
    ends = (wording.format_difference(end, unit, max(1, decimals)) for end in (low, high))
    return _("{low} to {high}").format(low=next(ends), high=next(ends))


def _ratio(change: Change) -> str:
    ratio = wording.format_number(change.ratio or 0, 2)
    if change.ratio_low is None or change.ratio_high is None:
        return ratio
    return _("{ratio} times ({low} to {high})").format(
        ratio=ratio, low=wording.format_number(change.ratio_low, 2), high=wording.format_number(change.ratio_high, 2)
    )
