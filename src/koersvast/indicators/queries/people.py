"""Inhabitants on the borders of the counts, and the characteristics by which comparable municipalities are chosen.

The police count every year on the newest borders; CBS counts inhabitants on the borders of each year. Where a
municipality was put together since, its inhabitants are those of its parts together. Where nobody can add that up,
there is no rate, and the reason is said. Every judgement of borders is that of `reference.borders`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from koersvast.engine.quantities import Reason
from koersvast.indicators.queries.national import Column, TableNote, column
from koersvast.reference.borders import BorderBook, BorderJudgement, CannotConvert
from koersvast.reference.borders import Reason as BorderReason
from koersvast.reference.models import Area
from koersvast.reference.queries import border_book
from koersvast.registers.tables import TABLES

# A rate over a year wants the average of the year; the latest year has 1 January only.
MEASURES = ("inhabitants_average", "inhabitants_average_or_1_january", "inhabitants")
_MUNICIPALITY = Area.Kind.MUNICIPALITY.value


@dataclass(frozen=True, kw_only=True)
class Borders:
    """The borders on which was counted, and how those of other years relate to them.

    `edition` is never later than the newest list of municipalities that is held: what changed after it is not known,
    and `is_newest_known` then says so.
    """

    book: BorderBook
    edition: int
    is_newest_known: bool
    judged: dict[tuple[str, int], BorderJudgement | None] = field(default_factory=dict)

    @cached_property
    def _last(self) -> int:
        return max(self.book.listed.get(_MUNICIPALITY, ()), default=self.edition)

    @cached_property
    def _touched(self) -> frozenset[str]:
        return frozenset(code for one in self.book.changes for code in (one.from_code, one.into_code))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(one.code for one in self.book.editions)

    def judgement(self, code: str, year: int) -> BorderJudgement | None:
        """How the borders of a year relate to those of the edition; None where they are the same without question."""
        year = min(year, self._last)
        if year == self.edition or (code in self._known and code not in self._touched and self._has(year)):
            return None
        if (code, year) not in self.judged:
            self.judged[code, year] = self.book.compare(code, self.edition, year)
        return self.judged[code, year]

    def _has(self, year: int) -> bool:
        return year in self.book.listed.get(_MUNICIPALITY, ())


def borders_of(counted: Column) -> Borders:
    """The borders on which a table counts, as far as the newest list of municipalities goes."""
    book = border_book(_MUNICIPALITY)
    wanted = counted.edition
    last = max(book.listed.get(_MUNICIPALITY, ()), default=wanted)
    return Borders(book=book, edition=min(wanted, last), is_newest_known=wanted > last)


@dataclass(frozen=True, kw_only=True)
class People:
    """Inhabitants of all municipalities by year, on the borders of the counts once `on` gave those."""

    columns: tuple[Column, ...]
    key_figures: tuple[Column, ...]
    is_of_period: bool
    borders: Borders | None = None

    @property
    def note(self) -> TableNote:
        return self.columns[0].note

    def on(self, borders: Borders) -> "People":
        """The same on these borders."""
        return replace(self, borders=borders)

    def inhabitants(self, code: str, period: str) -> float | None:
        """Inhabitants of a municipality in the year of a period; None where they are not known on these borders."""
        year = period[:4]
        used = self._column_of(year)
        if used is None:
            return None
        judgement = self._judgement(code, int(year))
        if judgement is None or (judgement.same and judgement.conversion is None):
            return used.amount(code, year)
        if judgement.conversion is None or judgement.later != self._edition:
            return None
        found = {part.code: used.amount(part.code, year) for part in judgement.conversion.parts}
        try:
            return judgement.conversion.apply({part: one for part, one in found.items() if one is not None})
        except CannotConvert:
            return None

    def refusal(self, code: str, year: int) -> Reason | None:
        """Why inhabitants cannot be put on these borders; None where they can."""
        judgement = self._judgement(code, year)
        if judgement is None or judgement.same:
            return None
        if judgement.conversion is not None and judgement.later == self._edition:
            return None
        known = {BorderReason.YEAR_NOT_LISTED, BorderReason.NO_SUCH_AREA, BorderReason.NOT_SAID_WHETHER_CHANGED}
        code_of_reason = "borders_not_known" if known & set(judgement.reasons) else "borders_differ"
        return Reason(code=code_of_reason, values={"year": year, "edition": self._edition})

    def reasons(self, code: str, year: int, *, names: Mapping[str, str]) -> tuple[Reason, ...]:
        """What was done to the inhabitants of one municipality, in codes and values."""
        found = list[Reason]()
        if self.borders and self.borders.is_newest_known:
            found.append(Reason(code="borders_taken_as_known", values={"edition": self._edition}))
        judgement = self._judgement(code, year)
        if refused := self.refusal(code, year):
            return (*found, refused)
        if judgement is None or judgement.conversion is None or judgement.same:
            return tuple(found)
        parts = ", ".join(names.get(part.code, part.code) for part in judgement.conversion.parts)
        values: dict[str, float | int | str] = {"year": year, "edition": self._edition, "parts": parts}
        how = "inhabitants_added_up" if judgement.conversion.is_exact else "inhabitants_by_shares"
        return (*found, Reason(code=how, values=values))

    def characteristics(self, code: str, period: str) -> Mapping[str, float | None]:
        """Inhabitants of the year; density (a km2) and share of people of 15 to 25 of the nearest known year."""
        young, all_ages = self._nearest("aged_15_to_25", code, period), self._nearest("inhabitants", code, period)
        return {
            "inhabitants": self.inhabitants(code, period),
            "density": self._nearest("density", code, period),
            "young": young / all_ages if young is not None and all_ages else None,
        }

    def _nearest(self, measure: str, code: str, period: str) -> float | None:
        """A key figure of the year nearest to the period, the same year for every municipality."""
        of_measure = [one for one in self.key_figures if one.measure == measure]
        if not of_measure:
            return None
        nearest = min(of_measure, key=lambda one: abs(int(one.periods[0]) - int(period[:4])))
        return nearest.amount(code, nearest.periods[0])

    @property
    def _edition(self) -> int:
        return self.borders.edition if self.borders else 0

    def _judgement(self, code: str, year: int) -> BorderJudgement | None:
        if self.borders is None or not self.is_of_period:
            return None
        return self.borders.judgement(code, year)

    def _column_of(self, year: str) -> Column | None:
        """The measure of a year: the same for every municipality, so that none is favoured."""
        return next((one for one in self.columns if year in one.year_codes), None)


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
