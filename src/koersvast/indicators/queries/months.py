"""The months of one municipality against what is to be expected, with the phases that persons set."""

from dataclasses import dataclass
from datetime import date, datetime

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Break, Reading, Reason, Unit
from koersvast.engine.seasonal import ControlChart, Phase, control_chart
from koersvast.indicators.feeds import Feed
from koersvast.indicators.models import ControlPhase, Indicator
from koersvast.indicators.queries.comparing import NoComparison, feed_of
from koersvast.indicators.queries.national import Column, TableNote, column
from koersvast.indicators.queries.people import People, borders_of, people
from koersvast.reference.models import Area


@dataclass(frozen=True, kw_only=True)
class SetPhase:
    """A phase that a person set: when, why, who (empty when that account is gone)."""

    number: int
    starts: str
    reason: str
    by: str
    set_at: datetime


@dataclass(frozen=True, kw_only=True)
class MonthlyPicture:
    """All months of one municipality with limits and signals.

    `population` is None when inhabitants are not known of every year: then growth is not counted in, and the chart
    says so. `absent` are months without a figure, with the reason that the table gives.
    """

    name: str
    feed: Feed
    area: Area
    figures: TableNote
    population: TableNote | None
    chart: ControlChart
    months: tuple[str, ...]
    absent: tuple[str, ...]
    phases: tuple[SetPhase, ...]
    breaks: tuple[Break, ...]


def monthly(indicator: Indicator, *, area: Area, known_on: date | None = None) -> MonthlyPicture | NoComparison:
    """Return the months of an indicator whose feed has a monthly table."""
    feed = feed_of(indicator)
    if feed is None:
        return NoComparison(reason=Reason(code="no_feed"))
    if not feed.monthly_table:
        return NoComparison(reason=Reason(code="not_monthly"), feed=feed)
    counted = column(feed.monthly_table, measure=feed.measure, kinds=feed.kinds, known_on=known_on)
    if counted is None:
        return NoComparison(reason=Reason(code="no_vintage", values={"table": feed.monthly_table}), feed=feed)
    months = counted.months(area.code)
    if not months:
        return NoComparison(reason=Reason(code="area_not_in_table", values={"area": area.name}), feed=feed)
    lived = people(feed.population_table, known_on=known_on) if feed.population_table else None
    lived = lived.on(borders_of(counted)) if lived else None
    phases = phases_of(indicator, area_code=area.code)
    breaks = tuple(Break(on=one.on, kind=one.kind, note=one.note.nl) for one in feed.breaks)
    readings = _readings(counted, lived, area.code, months)
    return MonthlyPicture(
        name=indicator.name,
        feed=feed,
        area=area,
        figures=counted.note,
        population=lived.note if lived and any(one.exposure for one in readings) else None,
        chart=control_chart(readings, phases=[_phase(one) for one in phases], breaks=breaks),
        months=months,
        absent=tuple(code for code in months if counted.amount(area.code, code) is None),
        phases=phases,
        breaks=breaks,
    )


def phases_of(indicator: Indicator, *, area_code: str) -> tuple[SetPhase, ...]:
    """The phases that stand, oldest first."""
    found = ControlPhase.objects.filter(indicator=indicator, area_code=area_code, ended_at=None)
    return tuple(
        SetPhase(
            number=one.pk,
            starts=one.starts,
            reason=one.reason,
            by=one.set_by.name if one.set_by else "",
            set_at=one.set_at,
        )
        for one in found.select_related("set_by").order_by("starts")
    )


def _phase(one: SetPhase) -> Phase:
    return Phase(start=Period.parse(one.starts), reason=one.reason, by=one.by or "-")


def _readings(counted: Column, lived: People | None, code: str, months: tuple[str, ...]) -> list[Reading]:
    """The months with a figure. Inhabitants count only when they are known of every year, so that no month is odd."""
    people_by_year = {month[:4]: lived.inhabitants(code, month) if lived else None for month in months}
    all_known = all(people_by_year.values())
    found = []
    for month in months:
        amount = counted.amount(code, month)
        if amount is not None:
            found.append(
                Reading(
                    period=Period.parse(month),
                    value=amount,
                    unit=Unit.COUNT,
                    exposure=people_by_year[month[:4]] if all_known else None,
                    provisional=(code, month) in counted.provisional,
                    series=counted.note.table,
                )
            )
    return found
