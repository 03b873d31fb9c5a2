"""Which moments a plan looks back on, which year a review speaks of, and what it keeps of the figures. Pure.

A review never calculates: it takes the standing of an objective as it was known on a day, lets the year of its own
period speak, and keeps the whole of it, so that it reads the same for ever.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, EvidenceVerdict, Unit
from koersvast.policy.queries.standing import Attention, Moment, ObjectiveStanding, Outlook, SeriesPoint

type Kind = Literal["quarter", "year", "midterm", "final"]
KINDS: tuple[Kind, ...] = ("quarter", "year", "midterm", "final")
# Figures of a year are in when 90 days have gone by; a quarter is looked at in the month after it.
YEAR_DAY = (4, 1)
QUARTER_DAY = 15


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A moment to look back: over which period, and on which day."""

    kind: Kind
    period: str
    planned_on: date


def suggestions(first_year: int, last_year: int) -> list[Suggestion]:
    """Return the moments of a plan in order of their day.

    Three quarters of every year; the fourth is part of the year. The year halfway is the midterm review, from three
    years on; the last year is the final one.
    """
    middle = first_year + (last_year - first_year + 1) // 2 - 1 if last_year - first_year >= 2 else None
    found = []
    for year in range(first_year, last_year + 1):
        found += [_quarter(year, number) for number in (1, 2, 3)]
        kind: Kind = "final" if year == last_year else "midterm" if year == middle else "year"
        found.append(Suggestion(kind=kind, period=str(year), planned_on=date(year + 1, *YEAR_DAY)))
    return sorted(found, key=lambda one: (one.planned_on, one.kind))


def _quarter(year: int, number: int) -> Suggestion:
    return Suggestion(
        kind="quarter", period=f"{year}-Q{number}", planned_on=date(year, 3 * number + 1, QUARTER_DAY)
    )  # fmt: skip


def speaking_of(line: ObjectiveStanding, period: str) -> ObjectiveStanding:
    """Let the year of the review speak: the last agreed year up to it whose figure is in, or should be.

    Before the first of those, the first agreed year speaks, as not due yet.
    """
    if not line.path:
        return line
    year = Period.parse(period).year
    places = [place for place, moment in enumerate(line.path) if moment.is_due and moment.year <= year]
    speaks = places[-1] if places else 0
    path = tuple(replace(moment, is_headline=place == speaks) for place, moment in enumerate(line.path))
    headline = path[speaks]
    return replace(line, path=path, headline=headline, sentence=headline.sentence, reasons=headline.reasons)


def needs_reason(line: ObjectiveStanding) -> bool:
    """Whether the review must say why: off course, not comparable, or not measured while the figure was due."""
    if line.headline is None:
        return False
    if line.evidence is EvidenceVerdict.NOT_MEASURED:
        return line.headline.is_due
    return line.evidence in (EvidenceVerdict.OFF_COURSE, EvidenceVerdict.NOT_COMPARABLE)


def kept(line: ObjectiveStanding) -> dict[str, Any]:
    """Return the standing as values that JSON can hold."""
    return asdict(line)


def standing_from(values: Mapping[str, Any]) -> ObjectiveStanding:
    """Return the standing that was kept; raises KeyError or TypeError when it is not one."""
    path = tuple(_moment(one) for one in values["path"])
    outlook, unit, direction = values["outlook"], values["unit"], values["direction"]
    more = {
        "unit": Unit(unit) if unit else None,
        "direction": Direction(direction) if direction else None,
        "path": path,
        "headline": next((moment for moment in path if moment.is_headline), None),
        "outlook": Outlook(**outlook) if outlook else None,
        "reasons": tuple(values["reasons"]),
        "series": tuple(SeriesPoint(**point) for point in values["series"]),
        "attention": tuple(Attention(**one) for one in values["attention"]),
    }
    return ObjectiveStanding(**{**values, **more})


def _moment(values: Mapping[str, Any]) -> Moment:
    more = {
        "evidence": EvidenceVerdict(values["evidence"]),
        "reasons": tuple(values["reasons"]),
        "reason_codes": tuple(values["reason_codes"]),
    }
    return Moment(**{**values, **more})


def differs(then: ObjectiveStanding, now: ObjectiveStanding) -> bool:
    """Whether what is known today tells another story of the same year: figure, agreed value, verdict or chance."""
    return _gist(then) != _gist(now)


def _gist(line: ObjectiveStanding) -> tuple[object, ...]:
    head = line.headline
    if head is None:
        return (None,)
    return head.period, head.observed_text, head.agreed_text, head.evidence, head.attained, head.probability_text
