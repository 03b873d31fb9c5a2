"""Inhabitants on the borders of the counts, and the characteristics by which comparable municipalities are chosen.

The police count every year on the newest borders; CBS counts inhabitants on the borders of each year. Where a
municipality was put together since, its inhabitants are those of its parts together. Where a part of it came from
elsewhere, nobody can add that up: then there is no rate, and the reason is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from koersvast.engine.quantities import Reason
from koersvast.indicators.queries.borders import NOTHING_MOVED, Moves, moves
from koersvast.indicators.queries.national import Column, TableNote, column
from koersvast.registers.tables import TABLES

# A rate over a year wants the average of the year; the latest year has 1 January only.
MEASURES = ("inhabitants_average", "inhabitants_average_or_1_january", "inhabitants")


@dataclass(frozen=True, kw_only=True)
class People:
    """Inhabitants of all municipalities by year, on the borders of `edition` where that is asked."""

    columns: tuple[Column, ...]
    key_figures: tuple[Column, ...]
    is_of_period: bool
    edition: int | None = None
    moved: Moves = NOTHING_MOVED

    @property
    def note(self) -> TableNote:
        return self.columns[0].note

    def on_borders_of(self, edition: int) -> "People":
        """The same on the borders of one year; asks once what moved."""
        if not self.is_of_period:
            return replace(self, edition=edition)
        years = [int(code) for one in self.columns for code in one.periods if len(code) == 4]
        return replace(self, edition=edition, moved=moves(edition, years))

    def inhabitants(self, code: str, period: str) -> float | None:
        """Inhabitants of a municipality in the year of a period; None where they are not known on these borders."""
        parts = self._parts(code, int(period[:4]))
        if parts is None:
            return None
        used = self._column_of(period[:4])
        found = [used.amount(part, period[:4]) for part in parts] if used else []
        return None if not found or None in found else sum(one for one in found if one is not None)

    def refusal(self, code: str, year: int) -> Reason | None:
        """Why inhabitants cannot be put on these borders; None where they can."""
        if self._parts(code, year) is not None:
            return None
        return Reason(code="borders_differ", values={"year": year, "edition": self.edition or year})

    def reasons(self, code: str, year: int) -> tuple[Reason, ...]:
        """What was done to the inhabitants of one municipality."""
        parts = self._parts(code, year)
        if parts is None:
            return tuple(one for one in (self.refusal(code, year),) if one)
        if parts == (code,):
            return ()
        names = ", ".join(self.moved.names(parts))
        values: dict[str, float | int | str] = {"year": year, "edition": self.edition or year, "parts": names}
        return (Reason(code="inhabitants_added_up", values=values),)

    def characteristics(self, code: str, period: str) -> Mapping[str, float | None]:
        """Inhabitants of the year; density (a km2) and share of people of 15 to 25 of the nearest known year."""
        found: dict[str, float | None] = {"inhabitants": self.inhabitants(code, period)}
        nearest = sorted(self.key_figures, key=lambda one: abs(int(one.periods[0]) - int(period[:4])))
        by_measure = {name: self._nearest(nearest, name, code) for name in ("density", "aged_15_to_25", "inhabitants")}
        young, all_ages = by_measure["aged_15_to_25"], by_measure["inhabitants"]
        found["density"] = by_measure["density"]
        found["young"] = young / all_ages if young is not None and all_ages else None
        return found

    @staticmethod
    def _nearest(columns: list[Column], measure: str, code: str) -> float | None:
        for one in columns:
            if one.measure == measure:
                return one.amount(code, one.periods[0])
        return None

    def _parts(self, code: str, year: int) -> tuple[str, ...] | None:
        return self.moved.parts(code, year) if self.is_of_period else (code,)

    def _column_of(self, period: str) -> Column | None:
        """The measure of a year: the same for every municipality, so that none is favoured."""
        return next((one for one in self.columns if period in one.year_codes), None)


def people(table: str, *, known_on: date | None = None) -> People | None:
    """Inhabitants of all municipalities from a population table; None while it has not been fetched."""
    known = TABLES[table]
    found = (column(table, measure=name, known_on=known_on) for name in MEASURES if name in known.measure_of)
    columns = tuple(one for one in found if one is not None and one.amounts)
    if not columns:
        return None
    return People(columns=columns, key_figures=_key_figures(known_on), is_of_period=known.editions == "of_period")


def _key_figures(known_on: date | None) -> tuple[Column, ...]:
    """What the yearly tables of key figures tell of municipalities, as far as they have been fetched."""
    found = []
    for code, table in TABLES.items():
        if table.editions == "table" and "density" in table.measure_of:
            for measure in ("density", "aged_15_to_25", "inhabitants"):
                one = column(code, measure=measure, known_on=known_on)
                if one is not None and one.amounts:
                    found.append(one)
    return tuple(found)
