"""From a sheet and a mapping to readings: what each line says, checked as far as that needs no database.

Pure. Nothing is guessed silently: a line is read, read with a remark, or refused, and each has its code. Whether the
indicator exists and what its unit ought to be is for the floor above.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from koersvast.connectors.amounts import (
    Absent,
    Ambiguous,
    Amount,
    DecimalSign,
    MissingReason,
    Trouble,
    Unread,
    evidence,
    parse_amount,
    written,
)
from koersvast.connectors.figure_words import (
    FINAL_WORDS,
    PROVISIONAL_WORDS,
    Role,
    begins_or_ends_year,
    folded,
    heading_role,
    period_code,
    period_of_day,
    unit_code,
    written_day,
    year_typed_as_date,
)
from koersvast.connectors.mappings import BadMapping, Layout, Mapping, header_fingerprint, suggest_mapping
from koersvast.connectors.problems import Problem, problem
from koersvast.connectors.sheets import Cell, Kind, Sheet, column_letter

__all__ = [
    "BadMapping",
    "Figures",
    "Layout",
    "Mapping",
    "RawReading",
    "Role",
    "header_fingerprint",
    "read_figures",
    "suggest_mapping",
]

EARLIEST_YEAR = 1990
# The units in which a value cannot be below zero or beyond a bound: (lowest, highest, code when outside).
_BOUNDS: dict[str, tuple[int, int | None, str]] = {
    "percent": (0, 100, "percentage_outside_0_100"),
    "mark_1_10": (1, 10, "mark_outside_1_10"),
    "scale_0_10": (0, 10, "scale_outside_0_10"),
    "count": (0, None, "negative_amount"),
    "per_1000": (0, None, "negative_amount"),
    "per_10000": (0, None, "negative_amount"),
    "index": (0, None, "negative_amount"),
}


@dataclass(frozen=True, kw_only=True)
class RawReading:
    """One figure as a file gives it.

    `period` is a code: "2019", "2019-Q3" or "2019-07". Either `value` is a number (a percentage in per cent) or
    `missing` says why not. `unit` is a unit's code, absent when neither column, heading nor cell states one;
    `unit_text` is what was written. `line` and `column` are the place in Excel.
    """

    line: int
    column: str
    indicator: str
    period_text: str
    period: str
    amount_text: str
    value: Decimal | None
    missing: MissingReason | None
    provisional: bool = False
    unit_text: str = ""
    unit: str | None = None
    source: str = ""
    area: str = ""
    group: str = ""
    respondents: int | None = None
    margin: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The readings that may go on, and everything that was refused or is worth knowing, in the order of the file."""

    readings: tuple[RawReading, ...]
    problems: tuple[Problem, ...]

    @property
    def refusals(self) -> tuple[Problem, ...]:
        return tuple(found for found in self.problems if found.is_refusal)


def read_figures(sheet: Sheet, mapping: Mapping, *, latest_year: int, earliest_year: int = EARLIEST_YEAR) -> Figures:
    """Read every line of a sheet; `latest_year` is the last year that may have figures, which the caller knows."""
    if mapping.lacks:
        return _nothing(problem("mapping_does_not_fit", reason=f"no_{mapping.lacks[0].value}"))
    if max([*mapping.columns.values(), *dict(mapping.periods)], default=0) > sheet.width:
        return _nothing(problem("mapping_does_not_fit", reason="column_absent"))
    if mapping.header_row >= len(sheet.rows):
        return _nothing(problem("mapping_does_not_fit", reason="row_absent"))
    return _Reader(sheet, mapping, earliest_year, latest_year).run()


def _nothing(found: Problem) -> Figures:
    return Figures(readings=(), problems=(found,))


@dataclass
class _Entry:
    """One amount before it is read: its cell, its row's texts and its period."""

    amount: Cell
    texts: dict[Role, str]
    period: str
    period_text: str
    provisional: bool


class _Refused(Exception):
    """One line or cell is left out; the problem says why."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def _refuse(name: str, cell: Cell, **values: str | int | float) -> _Refused:
    return _Refused(_at(name, cell, **values))


def _at(name: str, cell: Cell, **values: str | int | float) -> Problem:
    return problem(name, line=cell.row, column=column_letter(cell.column), value=cell.text, **values)


@dataclass
class _Reader:
    """One reading of one sheet: gathers entries, finds the decimal sign, then reads the amounts."""

    sheet: Sheet
    mapping: Mapping
    earliest: int
    latest: int
    problems: list[Problem] = field(default_factory=list)
    said_once: set[str] = field(default_factory=set)
    yearly: bool = False
    group: str = ""

    def run(self) -> Figures:
        self.yearly = all(begins_or_ends_year(day) for day in self._period_days())
        entries = list(self._entries())
        signs = self._signs(entries)
        found = [r for entry in entries if (r := self._reading(entry, signs)) is not None]
        if self.mapping.layout is Layout.WIDE:
            found = self._merge_repeated_columns(found)
        found = self._refuse_contradictions(found)
        self._remark_on_fractions(found)
        if not found and not any(p.is_refusal for p in self.problems):
            self.problems.append(problem("no_figures_found"))
        ordered = sorted(self.problems, key=lambda p: (p.line or 0, len(p.column or ""), p.column or ""))
        return Figures(readings=tuple(found), problems=tuple(ordered))

    # --- gathering

    def _rows(self) -> Iterator[tuple[Cell, ...]]:
        for row in self.sheet.rows[self.mapping.header_row :]:
            if any(not cell.is_empty for cell in row):
                yield row

    def _entries(self) -> Iterator[_Entry]:
        gather = self._long if self.mapping.layout is Layout.LONG else self._wide
        for row in self._rows():
            try:
                yield from gather(row)
            except _Refused as refusal:
                self.problems.append(refusal.problem)

    def _long(self, row: tuple[Cell, ...]) -> Iterator[_Entry]:
        texts, amount = self._texts(row), self._cell(row, Role.VALUE)
        period_cell = self._cell(row, Role.PERIOD)
        if amount.is_empty and (period_cell.is_empty or self._is_across(period_cell)):
            self._remark(problem("row_without_figures", line=row[0].row, text=self._row_text(row)))
            return
        self._check_indicator(row, texts)
        period, provisional = self._period(period_cell, self.mapping.fixed.get(Role.PERIOD, ""))
        yield _Entry(amount, texts, period, texts.get(Role.PERIOD, ""), provisional)

    def _wide(self, row: tuple[Cell, ...]) -> Iterator[_Entry]:
        if self._is_header_again(row):
            return
        texts = self._texts(row)
        amounts = [(row[column - 1], text) for column, text in self.mapping.periods]
        filled = [(cell, text) for cell, text in amounts if not cell.is_empty and not self._is_across(cell)]
        if not filled:
            self._start_group(row, texts)
            return
        self._check_indicator(row, texts)
        for cell, period_text in filled:
            try:
                period, provisional = self._period(cell, period_text, of_heading=True)
            except _Refused as refusal:
                self.problems.append(refusal.problem)
                continue
            yield _Entry(cell, texts, period, period_text, provisional)

    def _start_group(self, row: tuple[Cell, ...], texts: dict[Role, str]) -> None:
        """A row of the wide layout without figures heads the rows below it, unless it names a source of its own."""
        if not texts.get(Role.SOURCE) or Role.SOURCE in self.mapping.fixed:
            self.group = self._row_text(row).strip(" :")
        self._remark(problem("row_without_figures", line=row[0].row, text=self._row_text(row)))

    def _is_header_again(self, row: tuple[Cell, ...]) -> bool:
        """A header that returns with the same periods is skipped; with other periods it changes the table."""
        if heading_role(self._cell(row, Role.INDICATOR).text) is not Role.INDICATOR:
            return False
        header = self.sheet.rows[self.mapping.header_row - 1] if self.mapping.header_row else ()
        if any(row[c - 1].text != header[c - 1].text for c, _ in self.mapping.periods if header):
            raise _refuse("mapping_does_not_fit", row[0], reason="other_header_below")
        return True

    def _texts(self, row: tuple[Cell, ...]) -> dict[Role, str]:
        texts = dict(self.mapping.fixed)
        for role, column in self.mapping.columns.items():
            cell = row[column - 1]
            if not self._is_across(cell) and (cell.text or role not in texts):
                texts[role] = cell.text
        if self.group and not texts.get(Role.GROUP):
            texts[Role.GROUP] = self.group
        return texts

    def _cell(self, row: tuple[Cell, ...], role: Role) -> Cell:
        column = self.mapping.columns.get(role)
        return row[column - 1] if column else Cell(row=row[0].row, column=1)

    @staticmethod
    def _is_across(cell: Cell) -> bool:
        """A cell merged sideways belongs to the column it started in."""
        return bool(cell.merged_from) and not cell.merged_from.startswith(column_letter(cell.column))

    def _row_text(self, row: tuple[Cell, ...]) -> str:
        return " ".join(cell.text for cell in row if cell.text and not cell.merged_from)

    def _check_indicator(self, row: tuple[Cell, ...], texts: dict[Role, str]) -> None:
        if not texts.get(Role.INDICATOR, "").strip():
            raise _refuse("empty_indicator", self._cell(row, Role.INDICATOR))

    # --- periods

    def _period_days(self) -> Iterator[date]:
        column = self.mapping.columns.get(Role.PERIOD)
        for row in self._rows() if column else ():
            cell = row[(column or 1) - 1]
            day = cell.day or written_day(cell.text)
            if day and not year_typed_as_date(day, earliest=self.earliest, latest=self.latest):
                yield day

    def _period(self, cell: Cell, stated: str, *, of_heading: bool = False) -> tuple[str, bool]:
        """Return the code of a period and its provisional mark; a heading's period is stated, not in the cell."""
        text = stated if of_heading or (stated and cell.is_empty) else cell.text
        day = None if of_heading else cell.day or written_day(text)
        if not text:
            raise _refuse("empty_period", cell)
        if day:
            return self._period_of_day(cell, day), False
        if (not of_heading and cell.percent) or not (found := period_code(text)):
            raise _refuse("unknown_period", cell, period=text)
        self._check_year(cell, int(found[0][:4]))
        return found

    def _period_of_day(self, cell: Cell, day: date) -> str:
        year = year_typed_as_date(day, earliest=self.earliest, latest=self.latest)
        if year:
            self._remark(_at("year_from_date_cell", cell, year=year, shown=cell.text))
            return str(year)
        self._check_year(cell, day.year)
        code = period_of_day(day, yearly=self.yearly)
        if not code:
            raise _refuse("unknown_period", cell, period=cell.text)
        self._remark_once("period_from_date", _at("period_from_date", cell, period=code, shown=cell.text))
        return code

    def _check_year(self, cell: Cell, year: int) -> None:
        if not self.earliest <= year <= self.latest:
            raise _refuse("impossible_year", cell, year=year, earliest=self.earliest, latest=self.latest)

    # --- amounts

    def _signs(self, entries: Iterable[_Entry]) -> dict[int, DecimalSign | None]:
        """Find the decimal sign of each amount column: what a person said, else the column, else all columns."""
        texts: dict[int, list[str]] = defaultdict(list)
        for entry in entries:
            if entry.amount.kind is Kind.TEXT:
                texts[entry.amount.column].append(entry.amount.text)
        whole = evidence(text for column in texts.values() for text in column)
        return {c: self.mapping.decimal or evidence(column) or whole for c, column in texts.items()}

    def _reading(self, entry: _Entry, signs: dict[int, DecimalSign | None]) -> RawReading | None:
        try:
            return self._read(entry, signs.get(entry.amount.column))
        except _Refused as refusal:
            self.problems.append(refusal.problem)
            return None

    def _read(self, entry: _Entry, sign: DecimalSign | None) -> RawReading:
        cell, texts = entry.amount, entry.texts
        stated = self._stated_unit(entry)
        parsed = self._parsed(cell, sign)
        if isinstance(parsed, Ambiguous):
            parsed = self._decided(cell, parsed, sign, stated)
        reading = RawReading(
            line=cell.row,
            column=column_letter(cell.column),
            indicator=texts[Role.INDICATOR].strip(),
            period_text=entry.period_text,
            period=entry.period,
            amount_text=cell.text,
            value=None,
            missing=None,
            provisional=entry.provisional or self._is_marked_provisional(entry),
            unit_text=texts.get(Role.UNIT, ""),
            unit=stated,
            source=texts.get(Role.SOURCE, ""),
            area=texts.get(Role.AREA, ""),
            group=texts.get(Role.GROUP, ""),
            respondents=self._respondents(entry, sign),
            margin=self._margin(entry, sign),
            note=texts.get(Role.NOTE, ""),
        )
        if isinstance(parsed, Absent):
            self._remark(self._absence(cell, parsed))
            return replace(reading, missing=parsed.reason)
        reading = replace(
            reading,
            value=parsed.number,
            unit=self._unit(cell, stated, parsed),
            provisional=reading.provisional or parsed.provisional,
        )
        self._check_bounds(cell, reading)
        if reading.provisional:
            self._remark(_at("provisional_value", cell, amount=cell.text))
        return reading

    def _parsed(self, cell: Cell, sign: DecimalSign | None) -> Amount | Absent | Ambiguous:
        """Turn a cell into an amount, a reason why there is none, or two readings."""
        if cell.merged_from and not cell.is_empty:
            raise _refuse("amount_from_merged_cell", cell, anchor=cell.merged_from)
        if cell.kind is Kind.NUMBER and cell.number is not None:
            return Amount(number=cell.number, percent=cell.percent)
        if cell.kind is Kind.ERROR:
            raise _refuse("error_in_cell", cell, error=cell.text)
        if cell.kind is Kind.EMPTY and cell.formula:
            raise _refuse("formula_without_value_in_figure", cell, formula=cell.formula)
        if cell.kind is Kind.DATE:
            raise _refuse("date_as_amount", cell, amount=cell.text)
        if cell.kind is Kind.BOOL:
            raise _refuse("truth_value_as_amount", cell, amount=cell.text)
        parsed = parse_amount(cell.text, sign=self.mapping.decimal)
        if isinstance(parsed, Unread):
            if parsed.trouble is Trouble.AGAINST_SIGN and sign:
                raise _refuse("against_decimal_sign", cell, amount=cell.text, decimal=sign.value)
            raise _refuse("not_a_number", cell, amount=cell.text, reason=parsed.trouble.value)
        return parsed

    def _decided(self, cell: Cell, found: Ambiguous, sign: DecimalSign | None, unit: str | None) -> Amount:
        """Let the column decide between two readings, else the unit; refuse when neither can."""
        by = "column"
        if not sign:
            by = "unit"
            unit = unit or ("percent" if found.percent else None)
            fits = [s for s in DecimalSign if _fits(found.decided(s).number, unit)]
            sign = fits[0] if len(fits) == 1 and unit else None
        if not sign:
            both = {"as_comma": written(found.as_comma), "as_point": written(found.as_point)}
            raise _refuse("ambiguous_number", cell, amount=cell.text, **both)
        amount = found.decided(sign)
        remark = _at("ambiguity_decided", cell, amount=cell.text, read_as=written(amount.number), by=by)
        # What a whole column has shown is said once; what one line's unit has shown is said at that line.
        self._remark_once(f"{by}{cell.column if by == 'column' else cell.address}", remark)
        return amount

    def _absence(self, cell: Cell, found: Absent) -> Problem:
        if found.reason is MissingReason.WITHHELD:
            return _at("withheld_value", cell, amount=cell.text)
        if found.word and not found.word.strip("-−–—"):
            return _at("dash_read_as_missing", cell, amount=cell.text)
        return _at("missing_value", cell, amount=cell.text, missing=found.reason.value)

    # --- units and bounds

    def _stated_unit(self, entry: _Entry) -> str | None:
        text = entry.texts.get(Role.UNIT, "")
        if not text.strip():
            return "percent" if folded(entry.texts[Role.INDICATOR]).endswith(("(%)", "(in %)")) else None
        code = unit_code(text)
        if not code:
            column = self.mapping.columns.get(Role.UNIT, entry.amount.column)
            raise _refuse("unknown_unit", self.sheet.cell(entry.amount.row, column), unit=text)
        return code

    @staticmethod
    def _unit(cell: Cell, stated: str | None, amount: Amount) -> str | None:
        shown = "percent" if amount.percent else "euro" if amount.euro else None
        if stated and shown and stated != shown:
            raise _refuse("unit_contradicts_cell", cell, unit=stated, cell_unit=shown)
        return stated or shown

    @staticmethod
    def _check_bounds(cell: Cell, reading: RawReading) -> None:
        value, unit = reading.value, reading.unit
        if value is None or unit not in _BOUNDS:
            return
        lowest, highest, name = _BOUNDS[unit]
        if value < lowest or (highest is not None and value > highest):
            extra = {"unit": unit} if name == "negative_amount" else {}
            raise _refuse(name, cell, amount=written(value), **extra)
        if unit == "count" and value != value.to_integral_value():
            raise _refuse("fractional_count", cell, amount=written(value))

    # --- what stands beside the amount

    def _respondents(self, entry: _Entry, sign: DecimalSign | None) -> int | None:
        cell = self._beside(entry, Role.RESPONDENTS)
        found = self._number_beside(cell, entry.texts.get(Role.RESPONDENTS, ""), sign, whole=True)
        if found is None:
            return None
        if isinstance(found, Unread) or found < 1 or found != found.to_integral_value():
            raise _refuse("respondents_not_a_count", cell, respondents=cell.text)
        return int(found)

    def _margin(self, entry: _Entry, sign: DecimalSign | None) -> Decimal | None:
        cell = self._beside(entry, Role.MARGIN)
        found = self._number_beside(cell, entry.texts.get(Role.MARGIN, "").lstrip("±+- "), sign, whole=False)
        if isinstance(found, Unread):
            raise _refuse("margin_not_a_number", cell, margin=cell.text)
        return found

    def _beside(self, entry: _Entry, role: Role) -> Cell:
        return self.sheet.cell(entry.amount.row, self.mapping.columns.get(role, entry.amount.column))

    @staticmethod
    def _number_beside(cell: Cell, text: str, sign: DecimalSign | None, *, whole: bool) -> Decimal | Unread | None:
        if not text:
            return None
        if cell.kind is Kind.NUMBER and cell.text == text:
            return cell.number
        parsed = parse_amount(text, sign=sign)
        if isinstance(parsed, Ambiguous):
            readings = [n for n in (parsed.as_comma, parsed.as_point) if n == n.to_integral_value()]
            return readings[0] if whole and len(readings) == 1 else Unread(trouble=Trouble.GROUPING)
        if isinstance(parsed, Amount):
            return parsed.number
        return parsed if isinstance(parsed, Unread) else None

    def _is_marked_provisional(self, entry: _Entry) -> bool:
        text = folded(entry.texts.get(Role.PROVISIONAL, ""))
        return text in PROVISIONAL_WORDS and text not in FINAL_WORDS

    # --- lines against one another

    def _merge_repeated_columns(self, found: list[RawReading]) -> list[RawReading]:
        """A period that stands in two columns must say the same in both; it then counts once."""
        kept: dict[tuple[int, str], RawReading] = {}
        agreeing: dict[tuple[str, str], list[RawReading]] = defaultdict(list)
        differing: set[tuple[int, str]] = set()
        for reading in found:
            key = (reading.line, reading.period)
            first = kept.setdefault(key, reading)
            if first is reading:
                continue
            if _says_the_same(first, reading):
                agreeing[reading.period, f"{first.column}, {reading.column}"].append(reading)
            else:
                differing.add(key)
                self.problems += [_differs(first, reading), _differs(reading, first)]
        for (period, columns), readings in agreeing.items():
            place = readings[0]
            self._remark(
                problem(
                    "repeated_column_agrees",
                    line=place.line,
                    column=place.column,
                    period=period,
                    columns=columns,
                    count=len(readings),
                )
            )
        return [reading for key, reading in kept.items() if key not in differing]

    def _refuse_contradictions(self, found: list[RawReading]) -> list[RawReading]:
        """The same figure twice counts once; two values for one figure are both refused, as neither can be trusted."""
        by_key: dict[tuple[str, ...], list[RawReading]] = defaultdict(list)
        for reading in found:
            by_key[folded(reading.indicator), reading.period, folded(reading.area), folded(reading.source)].append(
                reading
            )
        kept = []
        for same in by_key.values():
            first, *later = same
            others = [reading for reading in later if not _says_the_same(first, reading)]
            if others:
                self.problems += [_contradicts(first, others[0])]
                self.problems += [_contradicts(reading, first) for reading in later]
                continue
            kept.append(first)
            self.problems += [_repeats(reading, first) for reading in later]
        return sorted(kept, key=lambda reading: (reading.line, len(reading.column), reading.column))

    def _remark_on_fractions(self, found: list[RawReading]) -> None:
        """Percentages that are all at most 1 may be shares of 1 that lost their percent sign."""
        by_indicator: dict[str, list[RawReading]] = defaultdict(list)
        for reading in found:
            if reading.unit == "percent" and reading.value is not None and "%" not in reading.amount_text:
                by_indicator[reading.indicator].append(reading)
        for indicator, readings in by_indicator.items():
            largest = max(reading.value or Decimal(0) for reading in readings)
            if Decimal(0) < largest <= 1 and any((r.value or 0) % 1 for r in readings):
                values = {"indicator": indicator, "largest": written(largest)}
                place = readings[0]
                self._remark(problem("percentages_look_like_fractions", line=place.line, column=place.column, **values))

    def _remark(self, found: Problem) -> None:
        self.problems.append(found)

    def _remark_once(self, key: str, found: Problem) -> None:
        if key not in self.said_once:
            self.said_once.add(key)
            self.problems.append(found)


def _fits(number: Decimal, unit: str | None) -> bool:
    if unit not in _BOUNDS:
        return True
    lowest, highest, _ = _BOUNDS[unit]
    is_whole = number == number.to_integral_value()
    return number >= lowest and (highest is None or number <= highest) and (unit != "count" or is_whole)


def _says_the_same(one: RawReading, other: RawReading) -> bool:
    return (one.value, one.missing, one.unit) == (other.value, other.missing, other.unit)


def _differs(reading: RawReading, other: RawReading) -> Problem:
    values = {"period": reading.period, "other_column": other.column, "other_amount": other.amount_text}
    return problem(
        "repeated_column_differs", line=reading.line, column=reading.column, value=reading.amount_text, **values
    )


def _contradicts(reading: RawReading, other: RawReading) -> Problem:
    return problem(
        "duplicate_other_value",
        line=reading.line,
        column=reading.column,
        value=reading.amount_text,
        other_line=other.line,
        other_amount=other.amount_text,
        indicator=reading.indicator,
        period=reading.period,
    )


def _repeats(reading: RawReading, first: RawReading) -> Problem:
    return problem(
        "duplicate_same_value",
        line=reading.line,
        column=reading.column,
        value=reading.amount_text,
        first_line=first.line,
        indicator=reading.indicator,
        period=reading.period,
    )
