"""Words that several chapters share: verdicts in a cell, and where figures come from."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.engine.quantities import ChangeVerdict, Direction, EvidenceVerdict
from koersvast.indicators.queries import Value
from koersvast.policy.wording import amounts
from koersvast.policy.wording.verdicts import verdict_name
from koersvast.publications.blocks import Cell, Status, Tone

EVIDENCE_TONES: Mapping[EvidenceVerdict, Tone] = {
    EvidenceVerdict.ON_COURSE: Tone.GOOD,
    EvidenceVerdict.OFF_COURSE: Tone.BAD,
    EvidenceVerdict.CANNOT_TELL: Tone.UNSURE,
    EvidenceVerdict.NOT_MEASURED: Tone.MISSING,
    EvidenceVerdict.NOT_COMPARABLE: Tone.NOT_COMPARABLE,
}
CHANGE_TONES: Mapping[ChangeVerdict, Tone] = {
    ChangeVerdict.IMPROVED: Tone.GOOD,
    ChangeVerdict.WORSENED: Tone.BAD,
    ChangeVerdict.NOT_COMPARABLE: Tone.NOT_COMPARABLE,
}


def sentence_case(text: str) -> str:
    """Begin with a capital and leave the rest alone."""
    return text[:1].upper() + text[1:]


def evidence_status(verdict: EvidenceVerdict) -> Status:
    return Status(EVIDENCE_TONES[verdict], verdict_name(verdict))


def attained_status(attained: bool | None) -> Status:
    if attained is None:
        return Status(Tone.MISSING, pgettext("report", "no figure"))
    return Status(Tone.GOOD, pgettext("report", "met")) if attained else Status(Tone.BAD, pgettext("report", "not met"))


def change_name(verdict: ChangeVerdict) -> str:
    return {
        ChangeVerdict.IMPROVED: pgettext("report", "improved"),
        ChangeVerdict.WORSENED: pgettext("report", "worsened"),
        ChangeVerdict.NO_DEMONSTRABLE_CHANGE: _("no demonstrable change"),
        ChangeVerdict.NOT_COMPARABLE: pgettext("report", "not comparable"),
    }[verdict]


def change_status(verdict: ChangeVerdict | None) -> Cell:
    """The verdict on a change, short enough for a column; empty where there is none.

    What chance can explain stands there as plain words, so that the eye finds what it cannot.
    """
    if verdict is None:
        return ""
    if verdict is ChangeVerdict.NO_DEMONSTRABLE_CHANGE:
        return pgettext("report", "not demonstrable")
    return Status(CHANGE_TONES[verdict], change_name(verdict))


def better(direction: Direction) -> str:
    return _("lower is better") if direction is Direction.LOWER_IS_BETTER else _("higher is better")


def origin(values: Iterable[tuple[str, Value]], *, known_on: date) -> str:
    """Say of which sources and days these figures are, and on what day that was known."""
    days: dict[str, set[date]] = {}
    for label, value in values:
        days.setdefault(label, set()).add(value.as_of)
    named = [
        _("{source}, figures of {days}").format(source=label, days=_span(sorted(found)))
        for label, found in days.items()
    ]
    return "; ".join([*named, _("as known on {day}").format(day=amounts.day(known_on))])


def _span(days: list[date]) -> str:
    if len(days) == 1:
        return amounts.day(days[0])
    return _("{first} to {last}").format(first=amounts.day(days[0]), last=amounts.day(days[-1]))
