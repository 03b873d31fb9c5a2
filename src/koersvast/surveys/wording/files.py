"""Why a survey file is not read, in words: what is the matter and what to do. No sentence holds an answer."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koersvast.connectors.problems import Problem
from koersvast.indicators.wording import format_number, worded

MIB = 1024 * 1024
SENTENCES: Mapping[str, str | Promise] = {
    "M01": _("This is no survey file that can be read. Give SPSS (.sav, .zsav, .por), CSV, Excel or LimeSurvey."),
    "M02": _("The file is damaged or not what it says it is. Ask for the file again, or save it anew in SPSS."),
    "M03": _("The file has {found} answers; at most {limit} can be read. Take out columns that you do not need."),
    "M04": _("The file has {found} columns; at most {limit} can be read. Take out columns that you do not need."),
    "M05": _("The file has {found} respondents; at most {limit} can be read. Divide it."),
    "M06": _("The file has no respondents. Check whether the right file was saved."),
    "M07": _("The file has no columns. Check whether the right file was saved."),
    "M08": _("Two columns have the name “{variable}”. Give each its own name."),
    "M09": _("A column has no name. Give each column a name in the first line."),
    "M10": _("A line has {found} cells where {expected} are expected. Save the file anew as CSV or Excel."),
    "M11": _("In the column “{variable}” is a number that is none. Correct it in the file."),
    "M12": _("In the column “{variable}” is a day that cannot be. Correct it in the file."),
    "M13": _("In the column “{variable}” is an answer of more than {limit} letters. Take that column out."),
    "M14": _("The column “{variable}” has a label of more than {limit} letters, or too many labels. Shorten them."),
    "M15": _("The column “{heading}” is not in this file. Choose the same file again."),
    "M16": _("The file has a password. Save it without one; here it is encrypted at once."),
    "M17": _("In the column “{variable}” is a text where the codebook says numbers. Correct the file or the codebook."),
    "M18": _("In the column “{variable}” is a text where the codebook says days. Correct the file or the codebook."),
    "M19": _(
        "In the column “{variable}” numbers such as 1.244 can be read in two ways. Write them without a sign for "
        "thousands."
    ),
    "M20": _("The headings of the codebook are not known. See the guide for the headings that are."),
    "M21": _("The codebook has a column “{variable}” that is not in the file. Correct one of both."),
    "M22": _("The codebook has a code without a column in front. Fill in the name of the column."),
    "M23": _("In the codebook “{variable}” has a code that is no number, while the column has numbers."),
    "M24": _("In the codebook “{variable}” has the same code twice. Keep one."),
    "M25": _("The codebook says “{word}”, which is not known. Known are: {known}."),
    "M26": _("The codebook has no lines. Check whether the right file was saved."),
    "M27": _("The codebook says two things of “{variable}”. Keep one."),
    "M30": _("This is an SPSS syntax file (.sps) of LimeSurvey. Export the answers themselves as CSV as well."),
    "M31": _("This is no structure of a LimeSurvey survey. Export it as .lss."),
    "M32": _("The structure of LimeSurvey does not fit the answers, at “{variable}”. Export both anew together."),
    "M40": _("The file says who people are, in {count} columns: {columns}. Leave them out."),
}
_SIZES = {"limit", "found", "expected", "count"}


def file_sentence(found: Problem) -> str:
    """Return the sentence of a refused file with its place and code."""
    if found.code not in SENTENCES:
        known = worded(found.code, found.values, line=found.line, column=found.column)
        return f"{known.sentence} ({found.code})"
    shown = {
        key: format_number(value, 0) if key in _SIZES and isinstance(value, int | float) else value
        for key, value in found.values.items()
    }
    place = gettext("line {line}").format(line=found.line) + ": " if found.line else ""
    return f"{place}{str(SENTENCES[found.code]).format(**shown)} ({found.code})"
