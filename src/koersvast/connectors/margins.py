"""Bring a value and the two ends of its margin onto one line, whichever of two forms a table has them in.

Sample surveys (the Veiligheidsmonitor among them) give margins as a dimension with the members MW00000 (value),
MOG0095 (lower end) and MBG0095 (upper end of the 95 per cent interval), so three lines per figure; other tables give
the ends as measures of their own, whose titles say "ondergrens" and "bovengrens".
"""

import re
from dataclasses import dataclass

import polars as pl

from koersvast.connectors.open_tables import (
    ATTRIBUTE,
    HIGH,
    LOW,
    MARGIN_HIGH,
    MARGIN_LOW,
    MARGIN_VALUE,
    ColumnMissing,
    Measure,
    TableDescription,
    folded,
    table_problem,
)
from koersvast.connectors.problems import problem

_LOW_WORD = re.compile(r"\bondergrens\b|\blower (bound|limit)\b", re.IGNORECASE)
_HIGH_WORD = re.compile(r"\bbovengrens\b|\bupper (bound|limit)\b", re.IGNORECASE)
# What may stand round those words without being part of what is measured.
_ROUND_IT = re.compile(r"\d+\s*%|\b(\w*betrouwbaarheids)?-?(interval|marges?)\b|\bwaarde\b|\bvan\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measure with the measures that hold the ends of its margin, where the table has them so."""

    measure: Measure
    low: Measure | None = None
    high: Measure | None = None


def figures_of(description: TableDescription) -> tuple[Figure, ...]:
    """Tell the measures that are figures from those that are the end of another's margin; raises ColumnMissing."""
    values = [m for m in description.measures if not (_LOW_WORD.search(m.title) or _HIGH_WORD.search(m.title))]
    lows = _ends(description, values, _LOW_WORD)
    highs = _ends(description, values, _HIGH_WORD)
    return tuple(Figure(measure=m, low=lows.get(m.key), high=highs.get(m.key)) for m in values)


def _ends(description: TableDescription, values: list[Measure], word: re.Pattern[str]) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for end in description.measures:
        if not word.search(end.title):
            continue
        near = [m for m in values if m.group == end.group]
        same = [m for m in near if _bare(m.title) == _bare(word.sub("", end.title))]
        fits = same or (near if len(near) == 1 else [])
        if len(fits) != 1 or fits[0].key in found:
            titles = "; ".join(m.full_title for m in values)
            raise ColumnMissing(
                problem("column_missing", table=description.table, asked=end.full_title, found=titles),
            )
        found[fits[0].key] = end
    return found


def _bare(title: str) -> str:
    return folded(_ROUND_IT.sub("", title))


def with_margins(lines: pl.DataFrame, description: TableDescription) -> pl.DataFrame:
    """Return a line per figure: its members without the margin dimension, and per figure its value, attribute and ends.

    The columns of figure `m` are `m`, `m__attribute`, `m__low` and `m__high`; a table without margins has null ends.
    Raises TableProblem (value_outside_margin) where an end lies on the wrong side of its value.
    """
    figures = figures_of(description)
    margin = description.role("margin")
    keys = [dimension.key for dimension in description.dimensions if dimension.role != "margin"]
    found = _from_dimension(lines, margin.key, keys, figures, description) if margin else _from_measures(lines, figures)
    names = [name for figure in figures for name in _columns(figure.measure.key)]
    found = found.select(*keys, *names)
    for figure in figures:
        _check(found, figure.measure.key, keys, description.table)
    return found


def _columns(key: str) -> tuple[str, ...]:
    return key, key + ATTRIBUTE, key + LOW, key + HIGH


def _from_dimension(
    lines: pl.DataFrame, margin: str, keys: list[str], figures: tuple[Figure, ...], description: TableDescription
) -> pl.DataFrame:
    strange = lines.filter(~pl.col(margin).is_in([MARGIN_VALUE, MARGIN_LOW, MARGIN_HIGH]))
    if strange.height:
        raise table_problem("not_in_table", table=description.table, asked=strange[margin][0])
    measures = [figure.measure.key for figure in figures]
    found = lines.select(keys).unique(maintain_order=True)
    values = [column for measure in measures for column in (measure, measure + ATTRIBUTE)]
    for member, end, columns in (
        (MARGIN_VALUE, "", values),
        (MARGIN_LOW, LOW, measures),
        (MARGIN_HIGH, HIGH, measures),
    ):
        part = lines.filter(pl.col(margin) == member).select(*keys, *(pl.col(c).alias(c + end) for c in columns))
        twice = part.filter(part.select(keys).is_duplicated())
        if twice.height:
            raise table_problem("cell_twice", table=description.table, key=" ".join(twice.select(keys).row(0)))
        found = found.join(part, on=keys, how="left", maintain_order="left", validate="1:1")
    return found


def _from_measures(lines: pl.DataFrame, figures: tuple[Figure, ...]) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.Float64)
    return lines.with_columns(
        (pl.col(end.key) if end else nothing).alias(figure.measure.key + suffix)
        for figure in figures
        for end, suffix in ((figure.low, LOW), (figure.high, HIGH))
    )


def _check(found: pl.DataFrame, measure: str, keys: list[str], table: str) -> None:
    value = pl.col(measure)
    outside = found.filter((pl.col(measure + LOW) > value) | (pl.col(measure + HIGH) < value))
    if outside.height:
        place = " ".join(outside.select(keys).row(0))
        raise table_problem("value_outside_margin", table=table, field=measure, key=place)
