"""Inhabitants for a rate: of the same area, of the same year, and on which borders they were counted.

Two counts exist: 1 January and the average of the year. A rate over a year takes the average where there is one. A
month takes its year's. What was taken is said, always.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from koersvast.engine.quantities import Certainty, Reason
from koersvast.registers.codes import Level, is_span, length_of, level_of, year_of
from koersvast.registers.store import RegisterStore
from koersvast.registers.vintages import Cell

_KEY_FIGURES = ("84799NED", "85984NED", "86165NED")
_REGIONAL = (
    ("70072ned", "inhabitants_average"),
    ("03759ned", "inhabitants_average"),
    ("70072ned", "inhabitants_average_or_1_january"),
    ("70072ned", "inhabitants"),
    ("03759ned", "inhabitants"),
)
# In the tables of the police the country is NL00 or NL01.
_COUNTRY_CODES = ("NL01", "NL00")


@dataclass(frozen=True, kw_only=True)
class Denominator:
    """Inhabitants of an area in the year of a period; None with reasons when they are not known.

    `when` says what was counted ("1 January", "average of the year"). `edition_year` is the year of the borders that
    the inhabitants stand on. Reasons: year_used_for_month, borders_differ (events, inhabitants), no_inhabitants,
    population_not_loaded, period_is_a_span.
    """

    area: str
    period: str
    inhabitants: float | None
    measure: str = ""
    when: str = ""
    table: str = ""
    vintage: int | None = None
    edition_year: int | None = None
    certainty: Certainty = Certainty.FINAL
    reasons: tuple[Reason, ...] = ()


def denominator(
    store: RegisterStore,
    area: str,
    period: str,
    *,
    events_edition_year: int | None = None,
    table: str = "",
    known_on: date | None = None,
) -> Denominator:
    """Find the inhabitants that belong under a count of `area` in `period`.

    `events_edition_year` is the year of the borders on which the events were counted; `table` names the one
    population table to use instead of the usual order.
    """
    if is_span(period):
        return _none(area, period, Reason(code="period_is_a_span", values={"period": period}))
    for code, measure in _sources(area, period, table, store):
        cell = _cell(store, code, area, measure, period, known_on)
        if cell is not None and cell.amount:
            return _found(store, cell, code, area, period, events_edition_year)
    loaded = any(store.latest(code, known_on=known_on) for code, _ in _sources(area, period, table, store))
    code = "no_inhabitants" if loaded else "population_not_loaded"
    return _none(area, period, Reason(code=code, values={"area": area, "year": year_of(period)}))


def _none(area: str, period: str, reason: Reason) -> Denominator:
    return Denominator(area=area, period=period, inhabitants=None, reasons=(reason,))


def _sources(area: str, period: str, table: str, store: RegisterStore) -> Iterator[tuple[str, str]]:
    key_figures = [(code, "inhabitants") for code in _KEY_FIGURES if store.tables[code].year == year_of(period)]
    level = level_of(area)
    usual = [*_REGIONAL, *key_figures] if level not in {Level.WIJK, Level.BUURT} else key_figures
    if level is Level.COUNTRY:
        usual.append(("83474NED", "inhabitants"))
    if table:
        usual = [(table, measure.code) for measure in store.tables[table].measures if measure.when]
    yield from usual


def _cell(store: RegisterStore, table: str, area: str, measure: str, period: str, known_on: date | None) -> Cell | None:
    areas = _COUNTRY_CODES if area in _COUNTRY_CODES else (area,)
    found = store.cells(table, areas=areas, measure=measure, periods=[period[:4]], known_on=known_on)
    return found[0] if found else None


def _found(
    store: RegisterStore, cell: Cell, table: str, area: str, period: str, events_edition_year: int | None
) -> Denominator:
    known, year = store.tables[table], year_of(period)
    edition = store.vintage(table, cell.vintage).edition_year or year
    reasons: list[Reason] = []
    if length_of(period) != "year":
        reasons.append(Reason(code="year_used_for_month", values={"period": period, "year": year}))
    if events_edition_year is not None and events_edition_year != edition:
        values = {"events": events_edition_year, "inhabitants": edition}
        reasons.append(Reason(code="borders_differ", values=values))
    return Denominator(
        area=area,
        period=period,
        inhabitants=cell.amount,
        measure=cell.measure,
        when=known.measure_of[cell.measure].when,
        table=table,
        vintage=cell.vintage,
        edition_year=edition,
        certainty=cell.certainty,
        reasons=tuple(reasons),
    )
