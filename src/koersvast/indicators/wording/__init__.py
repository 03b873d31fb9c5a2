"""Numbers and sentences about figures, in the language of the reader and in plain words.

`numbers` writes figures, units and days; `verdicts` words a change; `problems` words what is wrong with a file. Codes
and values come from below; nothing here calculates.
"""

from koersvast.indicators.wording.numbers import (
    NO_BREAK,
    certainty_name,
    format_amount,
    format_day,
    format_difference,
    format_margin,
    format_moment,
    format_number,
    language_now,
    margin_reason,
    method_name,
    missing_name,
    unit_name,
)
from koersvast.indicators.wording.problems import Worded, worded
from koersvast.indicators.wording.verdicts import change_sentence, how_often

__all__ = [
    "NO_BREAK",
    "Worded",
    "certainty_name",
    "change_sentence",
    "format_amount",
    "format_day",
    "format_difference",
    "format_margin",
    "format_moment",
    "format_number",
    "how_often",
    "language_now",
    "margin_reason",
    "method_name",
    "missing_name",
    "unit_name",
    "worded",
]
