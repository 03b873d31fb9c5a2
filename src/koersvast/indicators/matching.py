"""From raw readings to lines that say what a file would change: matched to the register, or refused with a code.

Pure: no database, no clock. Matching forgives capitals and spacing and never guesses: a name that fits two
indicators, or none, is refused. Sentences for the codes are in `wording`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from statistics import median
from types import MappingProxyType

from koersvast.connectors.amounts import plain, written
from koersvast.connectors.figure_words import folded
from koersvast.connectors.figures import RawReading
from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import BadValue, Certainty, Missing, Reading, Unit

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
# Only of a national table: a figure that was there and that the newest vintage gives no longer.
WITHDRAWN = "withdrawn"

# Refusals (I) and warnings (W) of this floor, with the keys of their values. The file's own codes (F) are below.
CODES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "I01": ("unknown_indicator", ("indicator", "alike")),
        "I02": ("several_indicators", ("indicator", "codes")),
        "I03": ("other_unit", ("unit", "registered")),
        "I04": ("unknown_source", ("source",)),
        "I05": ("other_source_than_delivery", ("source", "delivered")),
        "I06": ("unknown_area", ("area",)),
        "I07": ("period_has_not_begun", ("period", "as_of")),
        "I08": ("impossible_value", ("amount", "unit")),
        "I09": ("fraction_of_a_count", ("amount",)),
        "I10": ("same_day_other_value", ("as_of", "known")),
        "I11": ("two_values_in_file", ("period", "other_line")),
        "I12": ("no_definition", ("indicator",)),
        "W01": ("jump", ("times", "usual")),
        "W02": ("nothing_newer", ("last",)),
        "W03": ("many_changed", ("changed", "known")),
        "W04": ("older_than_known", ("as_of", "known_as_of")),
        "W05": ("provisional_after_final", ()),
        "W06": ("period_not_over", ("period", "as_of")),
        "W07": ("discontinued", ("on",)),
        "W08": ("no_respondents", ("period",)),
        "W09": ("number_disappears", ("known",)),
        "W10": ("repeated_line", ("other_line",)),
        "W11": ("bytes_seen_before", ("as_of",)),
        # Of national tables.
        "W12": ("given_no_longer", ("table", "as_of")),
        "W13": ("area_gone", ("area", "year")),
        "W14": ("no_inhabitants", ("figures", "table")),
        "W15": ("areas_not_known", ("areas", "example")),
        "W16": ("first_delivery", ("table",)),
        "W17": ("some_withdrawn", ("figures", "table")),
        "W18": ("asked_to_wait", ()),
        "W19": ("brought_in_by_hand", ("tables",)),
    }
)
_CODE_OF = {name: code for code, (name, _) in CODES.items()}
_JUMP = 50
_TRAILING_NOUGHTS = re.compile(r"[.,](0{1,2})\D*\Z")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An indicator as the register has it: what it may be called in a file and what its figures must be."""

    code: str
    names: tuple[str, ...]
    unit: Unit
    source: str
    definitions: tuple[tuple[int, date], ...]
    discontinued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The register of a municipality. `sources` and `areas` give the code for each name that they go by.

    `surveys` are the codes of sources that are surveys, `waves` their measurements with a known number of respondents.
    """

    indicators: tuple[Listed, ...]
    sources: Mapping[str, str]
    areas: Mapping[str, str]
    own_area: str
    surveys: frozenset[str] = frozenset()
    waves: frozenset[tuple[str, str]] = frozenset()

    def named(self, text: str, *, source: str) -> tuple[Listed, ...]:
        """The indicators that go by this name; when several do, those of this source."""
        wanted = bare(text)
        found = tuple(one for one in self.indicators if wanted in one.names)
        of_source = tuple(one for one in found if one.source == source)
        return of_source if len(found) > 1 and of_source else found


@dataclass(frozen=True, kw_only=True)
class Key:
    """Which figure: codes of indicator, source and area, number of the definition, code of the period."""

    indicator: str
    definition: int
    source: str
    area: str
    period: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """A vintage in the register."""

    amount: Decimal | None
    missing: Missing | None
    certainty: Certainty
    as_of: date
    decimals: int = 0

    def says_the_same(self, line: "Line") -> bool:
        return (self.amount, self.missing, self.certainty) == (line.amount, line.missing, line.certainty)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A refusal or a warning: its code and the values in it."""

    code: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one figure of the file would do. A refused line has `refusal`; any line may have warnings.

    `edition` is the year of the borders on which it was counted, absent when those of its own period hold;
    `exposure` the inhabitants on the same borders.
    """

    line: int | None
    column: str
    label: str
    period: str
    amount_text: str
    outcome: str = NEW
    key: Key | None = None
    amount: Decimal | None = None
    missing: Missing | None = None
    decimals: int = 0
    certainty: Certainty = Certainty.FINAL
    respondents: int | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    design_effect: float | None = None
    note: str = ""
    edition: int | None = None
    exposure: float | None = None
    old: Known | None = None
    refusal: Remark | None = None
    warnings: tuple[Remark, ...] = ()


class _Refused(Exception):
    def __init__(self, name: str, **values: str | int | float) -> None:
        super().__init__(name)
        self.remark = remark(name, **values)


def remark(name: str, **values: str | int | float) -> Remark:
    """Make a remark by the name of its outcome; its values must be those of the table."""
    code = _CODE_OF[name]
    if set(values) != set(CODES[code][1]):
        raise ValueError(f"{code} wants the values {CODES[code][1]}, not {tuple(values)}.")
    return Remark(code=code, values=values)


def bare(text: str) -> str:
    """Return a name for comparing: small letters, single spaces, none around slashes, commas and brackets."""
    return re.sub(r"\s*([/,()])\s*", r"\1", folded(text).replace("’", "'")).strip(" :*")


def match(
    readings: Iterable[RawReading], catalogue: Catalogue, *, as_of: date, delivered_source: str = ""
) -> tuple[Line, ...]:
    """Match every reading to the register; what does not fit is refused. Nothing is compared with known figures yet."""
    lines: list[Line] = []
    places: dict[Key, int] = {}
    for reading in readings:
        line = _matched(reading, catalogue, as_of=as_of, delivered_source=delivered_source)
        place = places.get(line.key) if line.key else None
        if line.key is None or place is None:
            if line.key is not None:
                places[line.key] = len(lines)
            lines.append(line)
        elif (line.amount, line.missing) == (lines[place].amount, lines[place].missing):
            again = remark("repeated_line", other_line=line.line or 0)
            lines[place] = replace(lines[place], warnings=(*lines[place].warnings, again))
        else:
            refusal = remark("two_values_in_file", period=line.period, other_line=lines[place].line or 0)
            lines.append(replace(line, outcome=REFUSED, refusal=refusal, key=None))
    return tuple(lines)


def compare(
    lines: Iterable[Line], known: Mapping[Key, Sequence[Known]], *, as_of: date, usual: Mapping[Key, float]
) -> tuple[Line, ...]:
    """Say for each matched line whether it is new, changes a known figure or says the same.

    `known` has the standing vintages of each figure in order of as-of day; `usual` the middle of the known figures of
    each line's series, where there are any.
    """
    return tuple(
        line if line.outcome == REFUSED else _compared(line, known, as_of=as_of, usual=usual) for line in lines
    )


def about_the_file(lines: Sequence[Line], *, last_known_period: str, bytes_seen: date | None) -> tuple[Remark, ...]:
    """Warnings about a file as a whole: last year's file again, or a shift that changes most of what is known."""
    read = [line for line in lines if line.outcome != REFUSED]
    found: list[Remark] = []
    if bytes_seen:
        found.append(remark("bytes_seen_before", as_of=bytes_seen.isoformat()))
    counts = {name: sum(line.outcome == name for line in read) for name in (NEW, CHANGED, SAME)}
    if read and not counts[NEW] and last_known_period and max(line.period for line in read) <= last_known_period:
        found.append(remark("nothing_newer", last=last_known_period))
    compared = counts[CHANGED] + counts[SAME]
    if counts[CHANGED] >= 5 and 2 * counts[CHANGED] > compared:
        found.append(remark("many_changed", changed=counts[CHANGED], known=compared))
    return tuple(found)


def middle(amounts: Iterable[Decimal | None]) -> float | None:
    """The median of the amounts that are there."""
    present = [float(amount) for amount in amounts if amount is not None]
    return median(present) if present else None


def _matched(reading: RawReading, catalogue: Catalogue, *, as_of: date, delivered_source: str) -> Line:
    line = Line(
        line=reading.line,
        column=reading.column,
        label=reading.indicator,
        period=reading.period,
        amount_text=reading.amount_text,
        amount=reading.value,
        missing=Missing(reading.missing.value) if reading.missing else None,
        certainty=Certainty.PROVISIONAL if reading.provisional else Certainty.FINAL,
        respondents=reading.respondents,
        note=reading.note[:300],
    )
    try:
        source = _source(reading, catalogue, delivered=delivered_source)
        listed = _indicator(reading, catalogue, source=source)
        period = _period(reading, as_of=as_of)
        _check_value(reading, listed, period)
        key = Key(
            indicator=listed.code,
            definition=_definition(listed, period),
            source=source or listed.source,
            area=_area(reading, catalogue),
            period=period.code,
        )
    except _Refused as refused:
        return replace(line, outcome=REFUSED, refusal=refused.remark)
    low, high = _published_margin(reading, listed.unit)
    decimals = _decimals(reading, listed.unit)
    warnings = _remarks_on(listed, key, period, reading, catalogue, as_of=as_of)
    return replace(line, key=key, low=low, high=high, decimals=decimals, warnings=warnings)


def _source(reading: RawReading, catalogue: Catalogue, *, delivered: str) -> str:
    """The code of the source that the line or the delivery names; empty when neither does."""
    if not reading.source.strip():
        return delivered
    named = catalogue.sources.get(bare(reading.source))
    if named is None:
        raise _Refused("unknown_source", source=reading.source)
    if delivered and named != delivered:
        raise _Refused("other_source_than_delivery", source=reading.source, delivered=delivered)
    return named


def _indicator(reading: RawReading, catalogue: Catalogue, *, source: str) -> Listed:
    found = catalogue.named(reading.indicator, source=source)
    if len(found) > 1:
        raise _Refused("several_indicators", indicator=reading.indicator, codes=", ".join(one.code for one in found))
    if not found:
        names = {name: one.code for one in catalogue.indicators for name in one.names}
        alike = get_close_matches(bare(reading.indicator), names, n=1, cutoff=0.75)
        raise _Refused("unknown_indicator", indicator=reading.indicator, alike=names[alike[0]] if alike else "")
    listed = found[0]
    if reading.unit and reading.unit != listed.unit.value:
        raise _Refused("other_unit", unit=reading.unit, registered=listed.unit.value)
    return listed


def _area(reading: RawReading, catalogue: Catalogue) -> str:
    if not reading.area.strip():
        return catalogue.own_area
    found = catalogue.areas.get(bare(reading.area))
    if not found:
        raise _Refused("unknown_area", area=reading.area)
    return found


def _period(reading: RawReading, *, as_of: date) -> Period:
    try:
        period = Period.parse(reading.period)
    except BadPeriod:
        raise _Refused("period_has_not_begun", period=reading.period, as_of=as_of.isoformat()) from None
    if period.start > as_of:
        raise _Refused("period_has_not_begun", period=reading.period, as_of=as_of.isoformat())
    return period


def _definition(listed: Listed, period: Period) -> int:
    """The definition that held when the period began; before the first definition, the first one."""
    if not listed.definitions:
        raise _Refused("no_definition", indicator=listed.code)
    held = [number for number, since in listed.definitions if since <= period.start]
    return max(held) if held else min(number for number, _ in listed.definitions)


def _check_value(reading: RawReading, listed: Listed, period: Period) -> None:
    if reading.value is None:
        return
    if listed.unit is Unit.COUNT and reading.value != reading.value.to_integral_value():
        raise _Refused("fraction_of_a_count", amount=reading.amount_text)
    try:
        Reading(period=period, value=float(reading.value), unit=listed.unit)
    except BadValue:
        raise _Refused("impossible_value", amount=reading.amount_text, unit=listed.unit.value) from None


def _published_margin(reading: RawReading, unit: Unit) -> tuple[float | None, float | None]:
    """The ends of the interval that the source published as a half-width."""
    if reading.margin is None or reading.value is None:
        return None, None
    low, high = float(reading.value - reading.margin), float(reading.value + reading.margin)
    return (max(0.0, low), min(100.0, high)) if unit is Unit.PERCENT else (low, high)


def _decimals(reading: RawReading, unit: Unit) -> int:
    """How many decimals were delivered: 7,0 has one although it is a whole number; marks always have one."""
    if reading.value is None:
        return 0
    exponent = reading.value.as_tuple().exponent
    shown = max(0, -exponent) if isinstance(exponent, int) else 0
    if not shown and (noughts := _TRAILING_NOUGHTS.search(reading.amount_text)):
        shown = len(noughts[1])
    return max(shown, 1) if unit in {Unit.MARK_1_10, Unit.SCALE_0_10} else 0 if unit is Unit.COUNT else min(shown, 6)


def _remarks_on(
    listed: Listed, key: Key, period: Period, reading: RawReading, catalogue: Catalogue, *, as_of: date
) -> tuple[Remark, ...]:
    found = []
    if period.end > as_of and reading.value is not None:
        found.append(remark("period_not_over", period=period.code, as_of=as_of.isoformat()))
    if listed.discontinued_on and period.start >= listed.discontinued_on:
        found.append(remark("discontinued", on=listed.discontinued_on.isoformat()))
    unsure = key.source in catalogue.surveys and (key.source, period.code) not in catalogue.waves
    if unsure and listed.unit is Unit.PERCENT and reading.respondents is None and reading.margin is None:
        found.append(remark("no_respondents", period=period.code))
    return tuple(found)


def _compared(line: Line, known: Mapping[Key, Sequence[Known]], *, as_of: date, usual: Mapping[Key, float]) -> Line:
    if line.key is None or line.outcome == REFUSED:
        return line
    vintages = known.get(line.key, ())
    until = [one for one in vintages if one.as_of <= as_of]
    old = until[-1] if until else None
    warnings = [*line.warnings, *_jump(line, usual.get(line.key))]
    if old is not None and old.says_the_same(line):
        return replace(line, outcome=SAME, old=old, warnings=tuple(line.warnings))
    if old is not None and old.as_of == as_of:
        known_text = _in_words(old.amount) if old.amount is not None else str(old.missing)
        refusal = remark("same_day_other_value", as_of=as_of.isoformat(), known=known_text)
        return replace(line, outcome=REFUSED, refusal=refusal, old=old)
    if vintages and vintages[-1].as_of > as_of:
        newest = vintages[-1].as_of.isoformat()
        warnings.append(remark("older_than_known", as_of=as_of.isoformat(), known_as_of=newest))
    if old is not None:
        if old.certainty is Certainty.FINAL and line.certainty is Certainty.PROVISIONAL:
            warnings.append(remark("provisional_after_final"))
        if old.amount is not None and line.amount is None:
            warnings.append(remark("number_disappears", known=_in_words(old.amount)))
    return replace(line, outcome=CHANGED if old else NEW, old=old, warnings=tuple(warnings))


def _in_words(amount: Decimal) -> str:
    """An amount without the noughts that a database adds."""
    return written(plain(amount))


def _jump(line: Line, usual: float | None) -> tuple[Remark, ...]:
    """A figure that is fifty times as large or small as its series usually is looks like a slip of a unit."""
    if not usual or not line.amount:
        return ()
    times = float(line.amount) / usual
    if 1 / _JUMP < times < _JUMP:
        return ()
    return (remark("jump", times=round(times, 4), usual=round(usual, 4)),)
