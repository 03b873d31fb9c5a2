"""The one place where a figure, a unit, a margin or a day is written out."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koersvast.engine.quantities import Certainty, Method, Missing, Unit

NO_BREAK = "\u00a0"
MINUS = "−"


def language_now() -> str:
    """The language of the reader: nl or en."""
    return "en" if get_language() == "en" else "nl"


def format_number(value: Decimal | float | int, decimals: int, *, language: str = "") -> str:
    """Write a number: 1244 is "1.244" and 7.4 with one decimal is "7,4" in Dutch; halves are rounded away from zero."""
    places = max(0, decimals)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    text = format_decimal(abs(exact), format=pattern, locale=language or language_now(), decimal_quantization=True)
    is_nought = not any(digit in text for digit in "123456789")
    return f"{MINUS}{text}" if exact < 0 and not is_nought else str(text)


def format_amount(value: Decimal | float | int, unit: Unit, decimals: int, *, language: str = "") -> str:
    """Write a figure with the sign of its unit where it has one: "61 %", "€ 1.244", "7,4", "40"."""
    language = language or language_now()
    number = format_number(value, decimals, language=language)
    if unit is Unit.PERCENT:
        return f"{number}{NO_BREAK}%" if language == "nl" else f"{number}%"
    if unit is Unit.EURO:
        return f"€{NO_BREAK}{number}" if language == "nl" else f"€{number}"
    return number


def format_difference(value: float, unit: Unit, decimals: int) -> str:
    """Write a difference with its sign; of two percentages in percentage points."""
    number = format_number(value, decimals)
    signed = number if number.startswith(MINUS) or not any(d in number for d in "123456789") else f"+{number}"
    return _("{number} percentage points").format(number=signed) if unit is Unit.PERCENT else signed


def format_margin(low: float, high: float, unit: Unit, decimals: int) -> str:
    """Write the ends of an interval: "28,6 tot 54,5"."""
    ends = (format_number(end, max(1, decimals)) for end in (low, high))
    sign = f"{NO_BREAK}%" if unit is Unit.PERCENT and language_now() == "nl" else "%" if unit is Unit.PERCENT else ""
    return _("{low} to {high}").format(low=next(ends) + sign, high=next(ends) + sign)


def format_day(day: date) -> str:
    """Write a day in full: "1 maart 2018"."""
    return str(format_date(day, format="d MMMM y", locale=language_now()))


def format_periods(codes: list[str]) -> str:
    """Write periods: years that follow one another as "2013 to 2021", others one by one."""
    follow = all(code.isdigit() for code in codes) and [int(code) for code in codes] == list(
        range(int(codes[0]), int(codes[-1]) + 1)
    )
    if len(codes) > 2 and follow:
        return _("{first} to {last}").format(first=codes[0], last=codes[-1])
    return ", ".join(codes)


def format_moment(moment: datetime) -> str:
    """Write the local day and time of a moment: "1 maart 2018, 14:05"."""
    local = timezone.localtime(moment)
    return f"{format_day(local.date())}, {local:%H:%M}"


def unit_name(unit: Unit | str) -> str:
    """The unit as a column or an axis names it."""
    return {
        Unit.COUNT: _("number"),
        Unit.PERCENT: _("per cent"),
        Unit.SCALE_0_10: _("scale score, 0 to 10"),
        Unit.MARK_1_10: _("mark, 1 to 10"),
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


def certainty_name(certainty: Certainty) -> str:
    """How settled a figure is."""
    return {
        Certainty.PROVISIONAL: _("provisional"),
        Certainty.REVISED: _("revised"),
        Certainty.FINAL: _("final"),
    }[certainty]


def method_name(method: Method) -> str:
    """A method in words with its version; an unknown one by its own name."""
    names = {
        "count-change": _("Comparison of two counts (conditional binomial test, mid-p)"),
        "count-interval": _("Exact interval of a count (Garwood)"),
        "survey-difference": _("Difference of two survey shares"),
        "survey-mean": _("Difference of two survey means"),
        "survey-share": _("Interval of a survey share (Wilson)"),
        "published-margin": _("Margin as the source published it"),
        "standard-error-interval": _("Interval from the standard error"),
        "change-none": _("No calculation possible"),
        "place-comparison": _("A place beside all others, with the differences between places counted in"),
        "funnel": _("Funnel limits with the differences between places counted in"),
        "rank-interval": _("Rank with its interval, by simulation"),
        "peers": _("Nearest places by stated criteria"),
        "shrinkage-ml": _("Empirical Bayes with a gamma distribution (maximum likelihood)"),
        "shrinkage-moments": _("Empirical Bayes with a gamma distribution (moments)"),
        "control-chart": _("Control chart of months"),
        "break-test": _("Test for one break in level"),
        "monotone-trend": _("Test for a trend of one direction (Mann-Kendall, Sen)"),
        "regional-trend": _("Own change beside the change of the region"),
        "harm-index": _("Index of harm by published weights"),
    }
    return _("{name}, version {version}").format(name=names.get(method.name, method.name), version=method.version)


def margin_reason(code: str) -> str:
    """Why a figure has no margin; empty for a figure that has one."""
    return {
        "": "",
        "no_inhabitants": _("No margin: the number of inhabitants is not known."),
        "no_respondents": _("No margin: the number of respondents is not known."),
        "no_standard_error": _("No margin: the source gives no standard error for this score."),
        "no_margin_for_unit": _("No margin: none can be calculated for this unit."),
    }[code]
