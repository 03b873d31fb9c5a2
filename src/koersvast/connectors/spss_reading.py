"""Take SPSS files apart with pyreadstat. Runs in the child only: damaged files do crash the C library beneath.

The file is given as an object that is read, so it needs no name on any disk. Codes that the file declares missing stay
values (`user_missing`), and dates are read as the seconds that the file holds.
"""

import contextlib
import io
import math
import re
import warnings
from typing import Any

import pyreadstat

from koersvast.connectors.sheets import refuse
from koersvast.connectors.spss_dictionary import ResponseSet, read_dictionary
from koersvast.connectors.survey_limits import FoundSurvey, FoundVariable, SurveyLimits

_DECIMALS = re.compile(r"\.(\d{1,2})$")
_FORMAT = re.compile(r"[A-Z]+")
# Formats whose number is a moment, in seconds since the first day of the Gregorian calendar, 1582-10-14.
_DAYS = {"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR", "DATETIME", "YMDHMS"}
_SECONDS_A_DAY, _GREGORIAN_TO_1970 = 86_400, 141_428
_LEVELS = {"nominal", "ordinal", "scale"}


def read_spss(data: bytes, *, kind: str, limits: SurveyLimits) -> FoundSurvey:
    """Read a "sav", "zsav" or "por" file."""
    warnings.simplefilter("ignore")
    cells, facts = _read(data, kind=kind, limits=limits)
    names = list(facts.column_names)
    found = [_variable(name, cells.pop(name), facts) for name in names]
    if len({len(variable.cells) for variable in found}) > 1:
        raise refuse("unreadable_survey_file", reason="damaged")
    dictionary = read_dictionary(data, encoding=facts.file_encoding or "")
    return FoundSurvey(
        kind_of_file=kind,
        variables=found,
        sets=_sets(dictionary.sets, found),
        file_label=facts.file_label or "",
        notes=list(facts.notes or []),
        weight=dictionary.weight if _is_number(dictionary.weight, found) else "",
    )


def _read(data: bytes, *, kind: str, limits: SurveyLimits) -> tuple[dict[str, list[Any]], Any]:
    """Read with the encoding that the file names; when its texts are not in that, as Windows-1252."""
    last = "damaged"
    for encoding in (None, "WINDOWS-1252") if kind != "por" else (None,):
        options: dict[str, Any] = {"output_format": "dict"}
        if kind != "por":
            options |= {"user_missing": True, "disable_datetime_conversion": True, "encoding": encoding}
        else:
            options |= {"disable_datetime_conversion": True}
        try:
            reader: Any = pyreadstat.read_por if kind == "por" else pyreadstat.read_sav
            if kind != "por":
                _, facts = reader(io.BytesIO(data), metadataonly=True, **options)
                limits.check_size(rows=facts.number_rows, variables=facts.number_columns)
            cells, facts = reader(io.BytesIO(data), **options)
            limits.check_size(rows=max(map(len, cells.values()), default=0), variables=len(facts.column_names))
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError, ValueError, OverflowError) as error:
            last = _reason(str(error))
            if last != "encoding":
                break
        else:
            return cells, facts
    raise refuse("unreadable_survey_file", reason=last)


def _reason(message: str) -> str:
    """Return a word for what the library says; its sentences are not passed on."""
    known = (("convert", "encoding"), ("encod", "encoding"), ("memory", "memory"), ("support", "unsupported"))
    return next((word for part, word in known if part in message.lower()), "damaged")


def _variable(name: str, cells: list[Any], facts: Any) -> FoundVariable:
    written = str(facts.original_variable_types.get(name) or "")
    decimals = _DECIMALS.search(written)
    found = FoundVariable(
        name=name,
        kind="text" if facts.readstat_variable_types.get(name) == "string" else "number",
        cells=cells,
        label=facts.column_names_to_labels.get(name) or "",
        level=level if (level := facts.variable_measure.get(name)) in _LEVELS else "unknown",
        decimals=min(int(decimals.group(1)), 16) if decimals else 0,
    )
    _add_missing(found, facts.missing_ranges.get(name) or [])
    labels = facts.variable_value_labels.get(name) or {}
    if found.kind == "text":
        found.labels = {str(code).rstrip(): label for code, label in labels.items()}
    else:
        found.labels = {float(code): label for code, label in labels.items() if _is_finite(code)}
        found.cells = [None if cell is None or math.isnan(cell) else float(cell) for cell in cells]
        format_name = _FORMAT.match(written)
        if format_name and format_name.group() in _DAYS:
            _as_days(found)
    return found


def _add_missing(found: FoundVariable, ranges: list[dict[str, Any]]) -> None:
    for given in ranges:
        low, high = given["lo"], given["hi"]
        if found.kind == "text":
            found.missing += [str(low).rstrip()]
        elif low == high and _is_finite(low):
            found.missing += [float(low)]
        elif low <= high:
            found.ranges += [(float(low), float(high))]


def _as_days(found: FoundVariable) -> None:
    """Turn seconds into days; a code declared missing is no day, and a day has no codes."""
    lows = [(code, code) for code in found.missing] + found.ranges
    found.cells = [
        None if cell is None or any(low <= cell <= high for low, high in lows) or not math.isfinite(cell)
        else math.floor(cell / _SECONDS_A_DAY) - _GREGORIAN_TO_1970
        for cell in found.cells
    ]  # fmt: skip
    found.kind, found.decimals, found.labels, found.missing, found.ranges = "day", 0, {}, [], []


def _is_finite(code: Any) -> bool:
    return isinstance(code, int | float) and math.isfinite(code)


def _is_number(name: str, found: list[FoundVariable]) -> bool:
    return any(variable.name == name and variable.kind == "number" for variable in found)


def _sets(sets: tuple[ResponseSet, ...], found: list[FoundVariable]) -> list[tuple[str, str, list[str], Any]]:
    """Keep the sets whose variables are all there and of one kind; the code for yes is of that kind."""
    kinds = {variable.name: variable.kind for variable in found}
    kept: dict[str, tuple[str, str, list[str], Any]] = {}
    for each in sets:
        of_members = {kinds.get(name) for name in each.variables}
        counted: Any = each.counted
        if counted is not None and of_members == {"number"}:
            with contextlib.suppress(ValueError):
                counted = float(counted.replace(",", "."))
        if (
            len(of_members) == 1
            and None not in of_members
            and not (of_members == {"number"} and isinstance(counted, str))
        ):
            kept[each.name] = (each.name, each.label, list(each.variables), counted)
    return list(kept.values())
