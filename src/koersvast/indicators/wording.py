"""Numbers and sentences about figures: units, missing figures, changes, reasons, methods, import problems.

One place for how a number is written. Not pure: sentences go through gettext in the language of the reader.
"""

from decimal import Decimal

from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koersvast.engine.quantities import Missing, Unit

NO_BREAK = "\u00a0"


def language_now() -> str:
    """The language of the reader: nl or en."""
    return "en" if get_language() == "en" else "nl"


def format_number(value: Decimal | float | int, decimals: int, *, language: str = "") -> str:
    """Write a number: 1244 is "1.244" and 7.4 with one decimal is "7,4" in Dutch."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals > 0 else "")
    return str(format_decimal(value, format=pattern, locale=language or language_now()))


def format_amount(value: Decimal | float | int, unit: Unit, decimals: int, *, language: str = "") -> str:
    """Write a figure with the sign of its unit where it has one: "61 %", "€ 1.244", "7,4", "40"."""
    language = language or language_now()
    number = format_number(value, decimals, language=language)
    if unit is Unit.PERCENT:
        return f"{number}{NO_BREAK}%" if language == "nl" else f"{number}%"
    if unit is Unit.EURO:
        return f"€{NO_BREAK}{number}" if language == "nl" else f"€{number}"
    return number


def unit_name(unit: Unit | str) -> str:
    """The unit as a column or an axis names it."""
    return {
        Unit.COUNT: _("number"),
        Unit.PERCENT: _("per cent"),
        Unit.SCALE_0_10: _("scale score 0 to 10"),
        Unit.MARK_1_10: _("mark 1 to 10"),
        Unit.PER_1000: _("per 1,000 inhabitants"),
        Unit.PER_10000: _("per 10,000 inhabitants"),
        Unit.INDEX: _("index"),
        Unit.EURO: _("euro"),
    }[Unit(unit)]


def missing_name(missing: Missing | None) -> str:
    """Why a figure is absent, in a word or two for a table."""
    if missing is None:
        return ""
    return {
        Missing.NOT_MEASURED: _("not measured"),
        Missing.NOT_KNOWN: _("not known"),
        Missing.WITHHELD: _("withheld"),
    }[missing]
