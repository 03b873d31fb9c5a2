"""Turn the texts of a page into figures: numbers, and beside them the sign that stands where a number does not.

The untyped form of a table is the only one in which a withheld cell (".") differs from an empty one; the typed form has
null for both. Nothing here is ever zero unless a zero was written.
"""

import polars as pl

from koersvast.connectors.odata_json import check_bounds
from koersvast.connectors.open_tables import ATTRIBUTE, TOKENS, table_problem

# A number as these services write it: a point for decimals, no thousands sign. At most 15 digits are exact. Digits of
# other scripts are digits to "\d" and no number to anybody else.
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"


def with_amounts(lines: pl.DataFrame, measures: tuple[str, ...], *, table: str) -> pl.DataFrame:
    """Replace the text columns named by a Float64 column and one with what stood instead of a number.

    A text that is neither a number nor a known sign is refused.
    """
    for measure in measures:
        text = lines[measure].str.strip_chars()
        is_number = text.str.contains(_NUMBER).fill_null(value=False)
        strange = text.filter(~is_number & text.is_not_null() & ~text.is_in(sorted(TOKENS)))
        if len(strange):
            raise table_problem("cell_of_wrong_kind", table=table, field=measure, found=strange[0])
        amounts = text.set(~is_number, None).cast(pl.Float64)
        check_bounds(amounts, table=table)
        lines = lines.with_columns(
            amounts.alias(measure), text.set(is_number, None).str.to_lowercase().alias(measure + ATTRIBUTE)
        )
    return lines


def without_attributes(lines: pl.DataFrame, measures: tuple[str, ...]) -> pl.DataFrame:
    """Add the attribute columns of a form that has numbers and nulls only: all of them are null."""
    return lines.with_columns(pl.lit(None, dtype=pl.String).alias(measure + ATTRIBUTE) for measure in measures)
