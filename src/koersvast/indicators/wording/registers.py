"""Why a national table brought nothing or was put apart, and what a retrieval is doing: codes in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koersvast.indicators.wording.numbers import format_number
from koersvast.indicators.wording.problems import SENTENCES as PROBLEM_SENTENCES
from koersvast.indicators.wording.problems import worded

type Lazy = str | Promise
type Values = Mapping[str, str | int | float]

# What a retrieval is doing, by the code of its step.
STEPS: Mapping[str, Lazy] = {
    "": _("Waits for its turn"),
    "metadata": _("Asks what the table holds"),
    "pages": _("Fetches the figures"),
    "checking": _("Checks whether the table stayed the same meanwhile"),
    "done": _("Everything is fetched"),
    "reading": _("Reads the figures and holds them against the earlier ones"),
    "staging": _("Works out what changes for you"),
}

_PLAIN = {"year", "first", "last", "edition", "before_year", "after_year"}

SENTENCES: Mapping[str, Lazy] = {
    # Of a retrieval as a whole.
    "stopped_halfway": _(
        "The fetching stopped halfway: there was no sign of life for {minutes} minutes. Fetch the table "
        "again; it goes on from where it was."
    ),
    "went_wrong": _(
        "Something went wrong in Koersvast itself while table {table} was brought in. Nothing was taken over."
        " Tell your system administrator."
    ),
    "nothing_kept": _(
        "Of table {table} nothing is kept on this computer yet, so there is nothing to work from without internet."
    ),
    # Of a capture that cannot be read.
    "table_not_known": _("Table {table} is not known here."),
    "no_file_columns_known": _("For table {table} no file can be delivered: nobody has described its columns."),
    "capture_without_pages": _("Of table {table} no figures came in, only the description."),
    "not_a_csv_file": _(
        "The file {file} is not a CSV file that can be read ({problem}). Save it as CSV and deliver it again."
    ),
    "columns_not_recognised": _("The columns of {file} were not recognised: {found}. Expected were: {expected}."),
    "unknown_columns": _(
        "The file {file} has columns that this layout ({layout}) does not know: {columns}. Remove them, so "
        "that nothing is read wrongly."
    ),
    "area_not_understood": _("In {file} {count} codes of areas cannot be understood, such as “{found}”."),
    "area_name_not_known": _(
        "In {file} {count} names of municipalities are not known, such as “{found}”. Use the CBS code, such as GM0148."
    ),
    "kind_not_known": _("In {file} {count} kinds are not known, such as “{found}”."),
    "period_not_understood": _("In {file} {count} periods cannot be understood, such as “{found}”."),
    "status_not_known": _("In {file} {count} states of figures are not known, such as “{found}”."),
    "margin_not_known": _("In {file} {count} kinds of margin are not known, such as “{found}”."),
    "number_not_understood": _("In column {column} of {file} {count} cells are not a number, such as “{found}”."),
    "dimension_without_total": _(
        "Table {table} has a column {dimension} without a total, so it is not clear which figure is meant."
    ),
    "pages_unusable": _("The figures of table {table} cannot be used ({problem}: {said})."),
    "nothing_in_it": _("Table {table} holds no figures for what was asked."),
    "more_than_one_thing": _("Table {table} holds more than one thing under one name: {found}."),
    "too_many_cells": _(
        "Table {table} would have {found} cells; that is more than can be worked with at once. Choose fewer "
        "areas or kinds."
    ),
}


def retrieval_sentence(code: str, values: Values) -> str:
    """Why a retrieval failed or was put apart, in one sentence or two. An unknown code raises KeyError."""
    if code in PROBLEM_SENTENCES:
        said = worded(code, values)
        return f"{said.sentence} ({said.code})"
    return str(SENTENCES[code]).format(**{key: _shown(key, value) for key, value in values.items()})


def step_name(code: str) -> str:
    """What a retrieval is doing."""
    return str(STEPS.get(code, STEPS[""]))


def _shown(key: str, value: str | int | float) -> str:
    if isinstance(value, str) or key in _PLAIN:
        return str(value)
    whole = float(value).is_integer()
    return format_number(value, 0 if whole else 1)
