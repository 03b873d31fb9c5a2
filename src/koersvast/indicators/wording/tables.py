"""What is wrong with an open table that a source gave: per code what it is and what to do about it (codes T)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Lazy = str | Promise

_LATER = _("Nothing was taken over; the last good figures stay. Try again later.")
_TELL = _(
    "Nothing was taken over; the last good figures stay. If this happens again, tell your system administrator: the "
    "source may have changed its table."
)
_ASK = _("Choose an area, kind and year that the table has.")

TABLE_WORDS: Mapping[str, Lazy] = {
    "markup": _("it is a web page or a document, not figures"),
    "empty": _("it is empty"),
    "cut_off": _("it stops halfway"),
    "no_json": _("its form is damaged"),
    "no_object": _("its form is another one than that of a table"),
    "no_list": _("it holds no lines"),
    "no_pages": _("no page was received"),
    "no_TableInfos": _("the description of the table is absent"),
    "no_DataProperties": _("the list of columns is absent or damaged"),
    "no_Properties": _("the description of the table is absent"),
    "no_Dimensions": _("the list of columns is absent or damaged"),
    "no_MeasureCodes": _("the list of columns is absent or damaged"),
}

TABLE_SENTENCES: Mapping[str, tuple[Lazy, Lazy]] = {
    "T01": (_("The answer of the source for table {table} cannot be used: {reason}."), _LATER),
    "T02": (
        _("From byte {position} on the answer for table {table} is not in the character set that was agreed."),
        _TELL,
    ),
    "T03": (_("The source refused table {table} and said: “{message}”."), _LATER),
    "T04": (_("In the answer for table {table} the name {twice} stands twice in one line."), _TELL),
    "T05": (_("The answer for table {table} is nested too deeply to be a table."), _TELL),
    "T06": (_("The answer for table {table} holds instructions of its own. These are never carried out."), _TELL),
    "T07": (_("Table {table} was asked for and the source gave table {found}."), _TELL),
    "T08": (_("The answer for table {table} holds more than {limit} values; no table has so many on a page."), _TELL),
    "T10": (
        _("Table {table} has no column “{asked}”. It has: {found}."),
        _("The source may have renamed the column. Ask your system administrator to adjust the table's description."),
    ),
    "T11": (
        _("Table {table} has several columns that could be “{asked}”: {found}."),
        _("Ask your system administrator to add the heading above the column to the table's description."),
    ),
    "T12": (_("On a page of table {table} the column {field} is absent."), _TELL),
    "T13": (
        _("“{period}” is not a year, quarter or month."),
        _("Figures of such a period are left out; they cannot be compared with those of a year."),
    ),
    "T14": (_("Table {table} does not have: {asked}."), _ASK),
    "T15": (_("In a list of table {table} the code {key} stands twice."), _TELL),
    "T20": (
        _("In table {table}, column {field}, stands “{found}” where a figure or text of another kind belongs."),
        _TELL,
    ),
    "T21": (_("In table {table}, column {field}, stands the number {found}. That cannot be."), _TELL),
    "T22": (_("Table {table} has a line of which the column {field} is empty."), _TELL),
    "T23": (
        _("Table {table} gave the same figure twice: {key}."),
        _("The table may have changed while it was fetched. Fetch it again."),
    ),
    "T25": (
        _("In table {table}, column {field}, a number stands where the source says there is none ({attribute})."),
        _TELL,
    ),
    "T30": (_("Table {table} refers to a next page elsewhere: {address}. It was not fetched."), _TELL),
}
