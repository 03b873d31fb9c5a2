"""Target sets, decisions and drift in words."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from koersvast.engine.quantities import TargetKind, Unit
from koersvast.policy.models import CourseDecision
from koersvast.policy.wording import amounts


def kind_name(kind: TargetKind) -> str:
    """What kind of target it is."""
    return {
        TargetKind.LEVEL: _("to a value"),
        TargetKind.ABSOLUTE: _("by a number"),
        TargetKind.RELATIVE: _("by a percentage of the baseline"),
        TargetKind.POINTS: _("by percentage points"),
        TargetKind.KEEP: _("no worse than the baseline"),
        TargetKind.ZERO: _("to zero"),
    }[kind]


def stated(kind: TargetKind, change: Decimal | None, unit: Unit) -> str:
    """The change as it was decided: "−50 % of the baseline", "−6 percentage points"."""
    if change is None or kind in (TargetKind.LEVEL, TargetKind.KEEP, TargetKind.ZERO):
        return kind_name(kind)
    if kind is TargetKind.RELATIVE:
        sign = "−" if change < 0 else "+"
        share = amounts.amount(abs(change), Unit.PERCENT)
        return _("{percentage} of the baseline").format(percentage=f"{sign}{share}")
    return amounts.difference(change, unit)


def agreement_sentence(
    kind: TargetKind, change: Decimal | None, *, unit: Unit, baseline: str, period: str, final: str, year: int | None
) -> str:
    """One agreement in one sentence; what is not known is left out."""
    if year is None:
        return _("No value was filled in yet.")
    if not baseline:
        return _("To {final} in {year}; there is no baseline.").format(final=final, year=year)
    return _("From {baseline} ({period}) to {final} in {year}: {change}.").format(
        baseline=baseline, period=period, final=final, year=year, change=stated(kind, change, unit)
    )


def state_name(state: str) -> str:
    """Whether a version is a draft, counts, or was followed by another."""
    return {"draft": _("draft"), "adopted": _("adopted"), "superseded": _("superseded")}[state]


def decision_name(kind: str) -> str:
    """What kind of decision it is."""
    return {"adoption": _("adoption"), "revision": _("revision")}[kind]


def decided_on(when: date, *, is_assumed: bool) -> str:
    """The day of a decision; said when the document does not give it."""
    if is_assumed:
        return _("{day} (assumed: the document does not give the day)").format(day=amounts.day(when))
    return amounts.day(when)


def drift_sentence(
    *, title: str, document: str, year: int | None, claimed: str, agreed: str, difference: str, elsewhere: int | None
) -> str:
    """What a later document makes of an agreement. `elsewhere` is the year for which that value was agreed."""
    values = {"title": title, "document": document, "year": year or "", "claimed": claimed, "agreed": agreed}
    if not agreed:
        sentence = _("{document} names {claimed} for {title} in {year}; nothing was agreed for that year.")
        return _with_shift(sentence.format(**values), claimed=claimed, elsewhere=elsewhere)
    if not difference:
        return _("{document} names {claimed} for {title} in {year}, as agreed.").format(**values)
    sentence = _(
        "{document} names {claimed} for {title} in {year}; agreed was {agreed} ({difference}). No decision on that is "
        "known."
    ).format(**values, difference=difference)
    return _with_shift(sentence, claimed=claimed, elsewhere=elsewhere)


def _with_shift(sentence: str, *, claimed: str, elsewhere: int | None) -> str:
    if elsewhere is None:
        return sentence
    shifted = _("{claimed} was the agreement for {elsewhere}.").format(claimed=claimed, elsewhere=elsewhere)
    return f"{sentence} {shifted}"


def readings_sentences(*, points: str, relative: str, baseline: str, change: str) -> tuple[tuple[str, str], ...]:
    """Both meanings of a percentage, as (code, sentence)."""
    meant = [
        (
            "relative",
            _("As a percentage of the baseline: {change}% of {baseline} comes to {value}.").format(
                change=change, baseline=baseline, value=relative
            ),
        )
    ]
    if points:
        meant.insert(
            0,
            (
                "points",
                _("As percentage points: {baseline} and {change} percentage points comes to {value}.").format(
                    change=change, baseline=baseline, value=points
                ),
            ),
        )
    return tuple(meant)


def can_be_shown_sentence(chance: float, *, measured_in: str) -> str:
    """The planned measurement is precise enough."""
    if not measured_in:
        return _("If the change is really there, the figures show it with a chance of {chance}.").format(
            chance=amounts.probability(chance)
        )
    return _("If the change is really there, the measurement of {period} shows it with a chance of {chance}.").format(
        period=measured_in, chance=amounts.probability(chance)
    )


def missed_sentence(chance: float) -> str:
    """The other side of chance: a level exactly at the target can still miss it."""
    return _("If the level comes exactly at the target, a year still misses it with a chance of {chance}.").format(
        chance=amounts.probability(chance)
    )


def respondents_sentence(respondents: int) -> str:
    """How large the survey has to be."""
    return _("To show this change four times out of five the survey needs {respondents} respondents.").format(
        respondents=amounts.amount(respondents, Unit.COUNT)
    )


def assumed_respondents_sentence(respondents: int) -> str:
    """The size of the coming wave is not known yet."""
    return _("How many people will answer is not known; we count on as many as the last time: {respondents}.").format(
        respondents=amounts.amount(respondents, Unit.COUNT)
    )


def course_name(choice: str) -> str:
    """What was decided on the course of an objective, in two or three words."""
    return {
        CourseDecision.Choice.ADJUST_TARGET: _("Target adjusted"),
        CourseDecision.Choice.ADJUST_MEASURES: _("Measures adjusted"),
        CourseDecision.Choice.ACCEPT: _("Accepted as it is"),
        CourseDecision.Choice.SECURE: _("What works is secured"),
    }[CourseDecision.Choice(choice)]
