"""What is wrong with a file of figures, or worth knowing: per code what it is and what to do about it.

Codes beginning with F come from reading the file, I (refused) and W (warning) from holding it against the register; N
comes from fetching, T from reading open tables and G from reading borders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koersvast.engine.quantities import Missing, Unit
from koersvast.indicators.wording.borders import BORDER_SENTENCES
from koersvast.indicators.wording.fetching import FETCH_SENTENCES, FETCH_WORDS
from koersvast.indicators.wording.numbers import format_day, format_number, missing_name, unit_name
from koersvast.indicators.wording.tables import TABLE_SENTENCES, TABLE_WORDS

type Values = Mapping[str, str | int | float]
type Lazy = str | Promise

_UNITS = {"unit", "registered", "cell_unit"}
_DAYS = {"as_of", "known_as_of", "on"}
_BYTES = {("F04", "limit"), ("F04", "found"), ("F05", "limit"), ("F05", "found"), ("N35", "limit"), ("N36", "limit")}
_PLAIN = {"line", "year", "earliest", "latest", "first_line", "other_line", "status", "port"}
MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Worded:
    """A problem in words: its code, the place a user finds in Excel, what is the matter and what to do."""

    code: str
    place: str
    text: str
    remedy: str

    @property
    def sentence(self) -> str:
        """Everything in one line."""
        return " ".join(part for part in (f"{self.place}:" if self.place else "", self.text, self.remedy) if part)


def worded(code: str, values: Values, *, line: int | None = None, column: str | None = None) -> Worded:
    """Word one problem. An unknown code raises KeyError."""
    text, remedy = SENTENCES[code]
    shown = {key: _shown(code, key, value) for key, value in values.items()}
    if code == "I01" and shown["alike"]:
        remedy = _("Do you mean {alike}? Then use that name in the file, or add the indicator first.")
    return Worded(
        code=code, place=_place(line, column), text=str(text).format(**shown), remedy=str(remedy).format(**shown)
    )


def _place(line: int | None, column: str | None) -> str:
    if line is None:
        return ""
    if column:
        return gettext("Line {line}, column {column}").format(line=line, column=column)
    return gettext("Line {line}").format(line=line)


def _shown(code: str, key: str, value: str | int | float) -> str:
    """A value as it stands in a sentence: units and days in words, sizes in megabytes, numbers in the reader's way."""
    if key in _UNITS and value in set(Unit):
        return unit_name(str(value))
    if key in _DAYS:
        return format_day(date.fromisoformat(str(value)))
    if (code, key) in _BYTES:
        return f"{format_number(float(value) / MIB, 1)} MB"
    if key == "missing":
        return missing_name(Missing(str(value)))
    if key in {"reason", "decimal", "by"}:
        return str(WORDS.get(str(value), value))
    if key == "times":
        return _times(float(value))
    if isinstance(value, float):
        return format_number(value, 0 if value.is_integer() else 1)
    if isinstance(value, int) and key not in _PLAIN:
        return format_number(value, 0)
    return str(value)


def _times(ratio: float) -> str:
    """How many times as large or as small: 1000 is "1.000 times as large", .001 is "1.000 times as small"."""
    if ratio >= 1:
        return gettext("{times} times as large").format(times=format_number(ratio, 0))
    return gettext("{times} times as small").format(times=format_number(1 / ratio, 0))


# Words for the values that are codes themselves.
WORDS: Mapping[str, Lazy] = {
    **TABLE_WORDS,
    **FETCH_WORDS,
    "comma": _("a comma"),
    "point": _("a point"),
    "column": _("the other figures in the column"),
    "unit": _("the unit"),
    "brackets": _("it stands between brackets"),
    "range": _("it is a range"),
    "approximate": _("it is an approximation"),
    "several_numbers": _("it holds several numbers"),
    "too_long": _("it has too many digits"),
    "grouping": _("its points and commas are not those of a number"),
    "words": _("it holds words"),
    "against_sign": _("its decimal sign is another one"),
    "quote_not_closed": _("a quotation mark is opened and not closed"),
    "text_after_quote": _("text follows a closing quotation mark"),
    "no_indicator": _("no column holds the indicator"),
    "no_period": _("no column holds the period"),
    "no_value": _("no column holds the figure"),
    "column_absent": _("a column does not exist in this file"),
    "row_absent": _("there are no lines below the headings"),
    "other_header_below": _("further down stand other headings"),
}

_OPEN_AND_SAVE = _("Open the file in Excel or LibreOffice, save it again as XLSX, ODS or CSV and upload that file.")
_CORRECT = _("Correct the cell and upload the file again.")
_CHECK = _("Check whether that is right.")
_NOTHING = _("You need not do anything.")
_SMALLER = _("Divide the file into smaller files, or leave out sheets that hold no figures.")

SENTENCES: Mapping[str, tuple[Lazy, Lazy]] = {
    **TABLE_SENTENCES,
    **BORDER_SENTENCES,
    **FETCH_SENTENCES,
    "F01": (_("The file is damaged or incomplete and cannot be read."), _OPEN_AND_SAVE),
    "F02": (_("This is not a table. Only CSV, XLSX and ODS files can be read."), _OPEN_AND_SAVE),
    "F03": (_("The file is empty."), _("Choose the file that holds the figures.")),
    "F04": (_("The file is {found}; at most {limit} is allowed."), _SMALLER),
    "F05": (_("Unpacked the file is larger than {limit}."), _SMALLER),
    "F06": (_("The file consists of {found} parts; at most {limit} are allowed."), _OPEN_AND_SAVE),
    "F07": (_("A part of the file ({part}) is not safe to open."), _OPEN_AND_SAVE),
    "F08": (_("The file holds macros."), _("Save the file without macros as XLSX and upload that file.")),
    "F09": (_("The file is protected by a password."), _("Take the password off the file and upload it again.")),
    "F10": (_("This is an old Excel file (XLS)."), _("Save it in Excel as XLSX and upload that file.")),
    "F11": (_("Reading took longer than {limit} seconds and was stopped."), _SMALLER),
    "F12": (_("The file has more than {limit} cells."), _SMALLER),
    "F13": (_("The file has {found} columns; at most {limit} are allowed."), _SMALLER),
    "F14": (_("There is no sheet named {sheet}."), _("Choose another sheet, or rename the sheet in the file.")),
    "F15": (_("No sheet in sight holds data."), _("Make the sheet with the figures visible and save the file.")),
    "F16": (_("From character {position} on the text cannot be read."), _("Save the file as CSV UTF-8 or as XLSX.")),
    "F17": (_("At character {position} the file holds a sign that no text file has."), _OPEN_AND_SAVE),
    "F18": (_("The quotation marks do not fit: {reason}."), _("Correct the line, or save the file as XLSX.")),
    "F19": (_("A cell holds more than {limit} characters."), _("Shorten the text in that cell.")),
    "F20": (_("The file has the old Windows character set and was read as such."), _("Check names with accents.")),
    "F21": (
        _("The sheet has merged cells: {ranges}."),
        _("A merged heading counts for each of its columns. A figure in merged cells is refused."),
    ),
    "F22": (
        _("{count} formulas have no stored result: {formulas}."),
        _("Open the file in Excel, let it calculate, and save it."),
    ),
    "F23": (_("Hidden sheets were left out: {sheets}."), _CHECK),
    "F24": (_("The sheet {used} was read; these were not: {sheets}."), _("Upload the other sheets one by one.")),
    "F25": (_("{count} hidden rows were read along: {rows}."), _CHECK),
    "F26": (_("The file refers to other files ({part}). These are not opened."), _NOTHING),
    "F27": (_("{count} cells hold an error: {cells}."), _CORRECT),
    "F28": (_("{count} numbers are stored as text and were read as numbers."), _NOTHING),
    "F29": (_("This line has {found} filled columns; the headings have {columns}."), _CHECK),
    "F30": (_("The columns do not fit this file: {reason}."), _("Say again which column is what.")),
    "F31": (_("No figures were found below the headings."), _("Check whether the right row of headings was chosen.")),
    "F32": (
        _("The headings were not recognised."),
        _("Use a template, or say which column holds the indicator, the period and the figure."),
    ),
    "F40": (_("The name of the indicator is missing."), _CORRECT),
    "F41": (_("The period is missing."), _CORRECT),
    "F42": (
        _("“{period}” is not a period."),
        _("Write a year (2019), a quarter (2019-Q3) or a month (2019-07)."),
    ),
    "F43": (
        _("The year {year} cannot be right; figures are expected from {earliest} to {latest}."),
        _("Correct the year, or the day on which the source gave these figures."),
    ),
    "F44": (_("The year {year} stood in a cell for dates (shown as {shown}) and was read as a year."), _CHECK),
    "F45": (_("The period {period} was taken from a date ({shown})."), _CHECK),
    "F46": (
        _("“{unit}” is not a known unit."),
        _("Write number, %, mark, scale score, per 1,000 or per 10,000 inhabitants, index or euro."),
    ),
    "F47": (_("The unit says {unit}, but the cell itself is in {cell_unit}."), _CORRECT),
    "F48": (_("This line has no figures (“{text}”) and was left out."), _NOTHING),
    "F49": (_("“{respondents}” is not a number of respondents."), _CORRECT),
    "F50": (_("“{margin}” is not a margin."), _CORRECT),
    "F60": (_("“{amount}” is not a number: {reason}."), _CORRECT),
    "F61": (
        _("“{amount}” can be read in two ways: {as_comma} or {as_point}."),
        _("Write it without thousands sign, or say which decimal sign the file uses."),
    ),
    "F62": (_("“{amount}” was read as {read_as}, because of {by}."), _CHECK),
    "F63": (_("“{amount}” does not fit the rest of the column, where the decimal sign is {decimal}."), _CORRECT),
    "F64": (_("The cell holds an error: {error}."), _CORRECT),
    "F65": (
        _("The formula {formula} has no stored result."),
        _("Open the file in Excel, let it calculate, and save it."),
    ),
    "F66": (_("The cell holds a date ({amount}) instead of a figure."), _("Excel may have made a date of a number.")),
    "F67": (_("The cell holds true or false instead of a figure."), _CORRECT),
    "F68": (
        _("This cell is merged with {anchor}, so it is not clear to which line the figure belongs."),
        _("Undo the merging in the file."),
    ),
    "F69": (_("{amount} per cent cannot be: a percentage lies between 0 and 100."), _CORRECT),
    "F70": (_("{amount} is below zero; that cannot be for the unit {unit}."), _CORRECT),
    "F71": (_("{amount} is not a whole number, and a count is."), _CORRECT),
    "F72": (_("{amount} is not a mark between 1 and 10."), _CORRECT),
    "F73": (_("{amount} is not a score between 0 and 10."), _CORRECT),
    "F74": (_("“{amount}” was read as: {missing}."), _NOTHING),
    "F75": (_("“{amount}” was read as: withheld by the source."), _NOTHING),
    "F76": (_("{amount} is provisional and will be shown as such."), _NOTHING),
    "F77": (
        _("The percentages of {indicator} are all at most 1 (the largest is {largest})."),
        _("If 0.61 means 61 per cent, correct the file first."),
    ),
    "F78": (_("The dash was read as: not known. It does not count as zero."), _("Write 0 if zero is meant.")),
    "F80": (_("{indicator} in {period} stands in the file twice with the same figure; it counts once."), _NOTHING),
    "F81": (
        _("{indicator} in {period} has another figure in line {other_line}: {other_amount}."),
        _("Leave one of the two lines in the file."),
    ),
    "F82": (_("The period {period} stands in columns {columns} with the same figures; it counts once."), _NOTHING),
    "F83": (
        _("The period {period} has another figure in column {other_column}: {other_amount}."),
        _("Leave one of the two columns in the file."),
    ),
    "I01": (
        _("The indicator “{indicator}” is not in the register."),
        _("Use the name or the code of the register, or add the indicator first."),
    ),
    "I02": (
        _("“{indicator}” is the name of several indicators: {codes}."),
        _("Write the code of the indicator instead of its name."),
    ),
    "I03": (
        _("The file gives this figure in the unit {unit}, but the register has {registered}."),
        _("Convert the figures, or check whether this is the right indicator."),
    ),
    "I04": (_("The source “{source}” is not in the register."), _("Use the name or the code of a known source.")),
    "I05": (
        _("This line names the source “{source}”, but you chose the source {delivered} for the whole file."),
        _("Upload the file without choosing a source, or divide it by source."),
    ),
    "I06": (_("The area “{area}” is not in the register."), _("Use the CBS code of the area, such as GM0148.")),
    "I07": (
        _("The period {period} had not begun on {as_of}, the day on which the source gave these figures."),
        _("Correct the period or the day."),
    ),
    "I08": (_("“{amount}” is not possible in the unit {unit} of this indicator."), _CORRECT),
    "I09": (_("“{amount}” is not a whole number, but this indicator counts cases."), _CORRECT),
    "I10": (
        _("For {as_of} another figure is known already: {known}."),
        _("Give the day on which the source gave this file, or withdraw the known figure first."),
    ),
    "I11": (
        _("For the same figure in {period} line {other_line} says something else."),
        _("Leave one of the two lines in the file."),
    ),
    "I12": (_("The indicator {indicator} has no definition yet."), _("Give it a definition first.")),
    "W01": (_("This figure is {times} compared with what is usual for this series (about {usual})."), _CHECK),
    "W02": (
        _("The file brings nothing new: figures are known up to {last}. It may be last year's file."),
        _("Check whether you chose the right file."),
    ),
    "W03": (
        _("The file changes {changed} of the {known} figures that are known."),
        _("Check whether the file is about the right municipality and the columns are right."),
    ),
    "W04": (
        _("A newer figure, of {known_as_of}, is known. This one, of {as_of}, is kept as an earlier version."),
        _NOTHING,
    ),
    "W05": (_("The known figure is final and this one is provisional."), _CHECK),
    "W06": (_("The period {period} was not over yet on {as_of}."), _("Check whether the figure covers all of it.")),
    "W07": (_("This indicator was discontinued on {on}."), _CHECK),
    "W08": (
        _("The number of respondents in {period} is not known, so no margin can be given."),
        _("Add the survey of that year, or a column with respondents."),
    ),
    "W09": (_("A figure was known ({known}) and now there is none."), _CHECK),
    "W10": (_("The same figure stands in line {other_line} too; it counts once."), _NOTHING),
    "W11": (_("Exactly this file was taken over before, with the day {as_of}."), _CHECK),
    "W12": (
        _(
            "Table {table} gives this figure no longer. From {as_of} on it counts as not known; "
            "the old one stays readable."
        ),
        _CHECK,
    ),
    "W13": (
        _("The area {area} does not exist on the borders of {year}. Its earlier figures stay readable."),
        _NOTHING,
    ),
    "W14": (
        _(
            "For {figures} figures the number of inhabitants on the same borders is not known (table {table}), "
            "so no number per 1,000 inhabitants can be given."
        ),
        _("Fetch the population table as well."),
    ),
    "W15": (
        _("{areas} areas of the table are not in the list of areas, such as {example}. Their figures are left out."),
        _("Add the districts and neighbourhoods of this year first."),
    ),
    "W16": (
        _("This is the first time that figures of table {table} come in for one or more indicators."),
        _("Look at the figures once; what comes later without surprises is then taken over by itself."),
    ),
    "W17": (_("Table {table} gives {figures} figures no longer that were known."), _CHECK),
    "W18": (_("You asked to look at every delivery of this table first."), _CHECK),
    "W19": (
        _(
            "Somebody brought in figures of {tables} as a file, or let them count after they were put apart. Such "
            "figures never change yours without you."
        ),
        _CHECK,
    ),
}
