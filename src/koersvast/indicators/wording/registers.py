"""Why a national table brought nothing or was put apart, and what a retrieval is doing: codes in words."""

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koersvast.indicators.wording.numbers import format_day, format_number
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

# A value that is empty stands for all of them.
_ALL: Mapping[str, Lazy] = {"kind": _("all kinds,"), "period": _("all periods")}
_DAYS = {"on", "modified", "held"}
_PLAIN = {"year", "number", "first", "last", "edition", "before_year", "after_year"}

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
    "kind_dropped": _(
        "Table {table} has these kinds no longer: {kinds}. Everything else came in. Of figures that are made of these"
        " kinds the last good ones stay, with their date. Choose whether you still want to follow them, and ask whoever"
        " maintains Koersvast here for a version that knows what took their place."
    ),
    "nothing_kept": _(
        "Of table {table} nothing is kept on this computer yet, so there is nothing to work from without internet."
    ),
    # Of a capture that cannot be read.
    "table_not_known": _("Table {table} is not known here."),
    "no_file_columns_known": _("For table {table} no file can be delivered: nobody has described its columns."),
    "capture_without_pages": _("Of table {table} no figures came in, only the description."),
    "capture_damaged": _("What was kept of table {table} is damaged or gone. Fetch the table again."),
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
    # Of a delivery that is held against itself and against the version before.
    "area_not_in_edition": _("{count} areas are not in the list of the table itself: {areas}."),
    "kind_not_listed": _("{count} kinds are not in the list of the table itself: {kinds}."),
    "period_not_listed": _("{count} periods are not in the list of the table itself: {periods}."),
    "margin_not_listed": _("{count} kinds of margin are not known and were left out: {margins}."),
    "period_left_out": _("The period {period} cannot be understood and was left out."),
    "measure_absent": _("The column “{measure}” is not in the table."),
    "cells_twice": _("{count} figures stand in the table twice."),
    "cells_twice_different": _("{count} figures stand in the table twice, with different values."),
    "zeros_filled": _("{count} absent figures count as nought, as the table itself says."),
    "withheld_with_number": _("{count} figures that should be withheld have a number."),
    "value_outside_margin": _("{count} figures lie outside their own margin."),
    "negative_amounts": _("{count} figures are below zero."),
    "future_period": _("There are figures for {period}, which had not begun on {on}."),
    "all_zero": _("All {count} figures are nought."),
    "no_numbers": _("None of the {count} cells holds a number."),
    "kind_without_rows": _(
        "{count} times the country has no figure of a kind in a period. Nothing is read as nought there: {kinds}."
    ),
    "period_without_rows": _("For {period} there is not a single figure."),
    "newest_period_without_rows": _("For the newest period, {period}, there is no figure yet."),
    "period_gap": _("Between {after} and {before} periods are missing."),
    "period_repeats": _("The figures of {period} are the same as those of {earlier}, cell by cell."),
    "period_out_of_line": _("The figures of {period} ({total}) are far from what is usual ({usual})."),
    "kind_out_of_line": _("Of kind {kind} the figure of {period} ({total}) is far from what is usual ({usual})."),
    "kinds_over_total": _(
        "In {count} of {compared} places the kinds together are more than the total, such as {example}."
    ),
    "some_kinds_over_total": _(
        "In {count} of {compared} places the kinds together are a little more than the total, such as {example}."
    ),
    "parts_over_municipality": _(
        "In {count} of {compared} places the areas within a municipality ({level}) are more than the "
        "municipality itself."
    ),
    "some_parts_over_municipality": _(
        "In {count} of {compared} places the areas within a municipality ({level}) are a little more than the"
        " municipality itself."
    ),
    "country_differs": _(
        "In {period} the figure of the country ({country}) is not the sum of its municipalities ({municipalities})."
    ),
    "same_as_earlier_vintage": _(
        "These are exactly the figures of version {number}, which was replaced since. It may be an old file."
    ),
    "older_than_held": _("The source says that these figures are of {modified}; what is held is of {held}."),
    "period_vanished": _("{count} periods that were there are gone: {periods}."),
    "kind_vanished": _("{count} kinds that were there are gone: {kinds}."),
    "fewer_areas": _("There are far fewer areas ({level}): {now} instead of {before}."),
    "some_areas_gone": _("There are fewer areas ({level}): {now} instead of {before}."),
    "fewer_numbers": _("There are far fewer figures: {now} instead of {before}."),
    "scaled": _("The figures are {factor} times what they were ({kind} {period}): together {now} instead of {before}."),
    "jumped": _("The figures jump ({kind} {period}): together {now} instead of {before}."),
    "shifted": _("The figures changed more than usual ({kind} {period}): together {now} instead of {before}."),
    "area_jumped": _("The figures of {area} in {year} jump: {now} instead of {before}."),
    "kinds_exchanged": _("Kind {kind} now has the figures that kind {like} had. The codes may have shifted."),
    "periods_moved": _("{period} now has the figures that {like} had. The periods may have shifted."),
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
    if value == "" and key in _ALL:
        return str(_ALL[key])
    if key in _DAYS:
        return format_day(date.fromisoformat(str(value)[:10]))
    if isinstance(value, str) or key in _PLAIN:
        return str(value)
    whole = float(value).is_integer()
    return format_number(value, 0 if whole else 1)
