"""Whole years made of months or quarters: a year of which one is absent is no year.

An outlook for a year follows yearly totals, so that the season has no part in the trend. See docs/methods/outlook.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Reading
from koersvast.engine.series import Series, events, events_per_unit


@dataclass(frozen=True, kw_only=True)
class YearTotals:
    """The totals of complete years, and the years of which something is absent or means something else."""

    readings: tuple[Reading, ...]
    incomplete: tuple[str, ...]


def year_totals(readings: Sequence[Reading]) -> YearTotals:
    """Add up months or quarters of counts (or rates with inhabitants) per calendar year; years stay as they are.

    A total is in the unit of its parts, has their mean number of inhabitants, and is provisional when one of them is.
    Parts of two sources, units or definitions make no total.
    """
    totals, incomplete = list[Reading](), list[str]()
    ordered = Series(readings=tuple(readings)).readings
    for year, group in groupby(ordered, key=lambda reading: reading.period.year):
        total = _total(tuple(group), Period.of_year(year))
        if total is None:
            incomplete.append(str(year))
        else:
            totals.append(total)
    return YearTotals(readings=tuple(totals), incomplete=tuple(incomplete))


def _total(parts: tuple[Reading, ...], year: Period) -> Reading | None:
    counted = [count for part in parts if (count := events(part)) is not None]
    follow = all(first.period.end == second.period.start for first, second in pairwise(parts))
    whole = parts[0].period.start == year.start and parts[-1].period.end == year.end and follow
    alike = len({(part.series, part.definition_version, part.unit) for part in parts}) == 1
    if len(counted) < len(parts) or not whole or not alike:
        return None
    people = [part.exposure for part in parts if part.exposure is not None]
    lived = sum(people) / len(people) if len(people) == len(parts) else None
    provisional = any(part.provisional for part in parts)
    total = replace(parts[0], period=year, value=0.0, exposure=lived, provisional=provisional)
    return replace(total, value=sum(counted) / events_per_unit(total))
