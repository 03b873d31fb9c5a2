"""What can be wrong with, or worth knowing about, a file of figures or the fetching of one: one table of codes.

Pure. The floor above turns a code and its values into a sentence; nothing here is meant to be read by a user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

LONGEST_QUOTE = 200


class Severity(StrEnum):
    """Whether the file, sheet, line or cell is left out, or read and remarked upon."""

    REFUSED = "refused"
    NOTED = "noted"


@dataclass(frozen=True)
class Outcome:
    """One row of the code table: a stable name, its severity and the keys that `Problem.values` then has."""

    name: str
    severity: Severity
    values: tuple[str, ...] = ()


def _refused(name: str, *values: str) -> Outcome:
    return Outcome(name, Severity.REFUSED, values)


def _noted(name: str, *values: str) -> Outcome:
    return Outcome(name, Severity.NOTED, values)


CODES: Mapping[str, Outcome] = MappingProxyType(
    {
        # The file as a whole.
        "F01": _refused("unreadable_file", "reason"),
        "F02": _refused("unknown_kind_of_file"),
        "F03": _refused("empty_file"),
        "F04": _refused("file_too_large", "limit", "found"),
        "F05": _refused("unpacks_too_large", "limit", "found"),
        "F06": _refused("too_many_parts", "limit", "found"),
        "F07": _refused("unsafe_part", "part", "reason"),
        "F08": _refused("macros", "part"),
        "F09": _refused("password"),
        "F10": _refused("old_excel_format"),
        "F11": _refused("took_too_long", "limit"),
        "F12": _refused("too_many_cells", "limit", "found"),
        "F13": _refused("too_many_columns", "limit", "found"),
        "F14": _refused("no_such_sheet", "sheet"),
        "F15": _refused("no_visible_data"),
        # The text of a CSV file.
        "F16": _refused("undecodable_text", "position"),
        "F17": _refused("nul_byte", "position"),
        "F18": _refused("bad_quoting", "reason"),
        "F19": _refused("field_too_long", "limit"),
        "F20": _noted("read_as_cp1252"),
        # The sheet.
        "F21": _noted("merged_cells", "ranges", "count"),
        "F22": _noted("formula_without_value", "formulas", "count"),
        "F23": _noted("hidden_sheets", "sheets"),
        "F24": _noted("other_sheets", "used", "sheets"),
        "F25": _noted("hidden_rows", "rows", "count"),
        "F26": _noted("links_to_other_files", "part"),
        "F27": _noted("error_cells", "cells", "count"),
        "F28": _noted("numbers_stored_as_text", "count"),
        "F29": _noted("row_longer_than_header", "columns", "found"),
        # The mapping.
        "F30": _refused("mapping_does_not_fit", "reason"),
        "F31": _refused("no_figures_found"),
        "F32": _refused("header_not_recognised"),
        # The line.
        "F40": _refused("empty_indicator"),
        "F41": _refused("empty_period"),
        "F42": _refused("unknown_period", "period"),
        "F43": _refused("impossible_year", "year", "earliest", "latest"),
        "F44": _noted("year_from_date_cell", "year", "shown"),
        "F45": _noted("period_from_date", "period", "shown"),
        "F46": _refused("unknown_unit", "unit"),
        "F47": _refused("unit_contradicts_cell", "unit", "cell_unit"),
        "F48": _noted("row_without_figures", "text"),
        "F49": _refused("respondents_not_a_count", "respondents"),
        "F50": _refused("margin_not_a_number", "margin"),
        # The amount.
        "F60": _refused("not_a_number", "amount", "reason"),
        "F61": _refused("ambiguous_number", "amount", "as_comma", "as_point"),
        "F62": _noted("ambiguity_decided", "amount", "read_as", "by"),
        "F63": _refused("against_decimal_sign", "amount", "decimal"),
        "F64": _refused("error_in_cell", "error"),
        "F65": _refused("formula_without_value_in_figure", "formula"),
        "F66": _refused("date_as_amount", "amount"),
        "F67": _refused("truth_value_as_amount", "amount"),
        "F68": _refused("amount_from_merged_cell", "anchor"),
        "F69": _refused("percentage_outside_0_100", "amount"),
        "F70": _refused("negative_amount", "amount", "unit"),
        "F71": _refused("fractional_count", "amount"),
        "F72": _refused("mark_outside_1_10", "amount"),
        "F73": _refused("scale_outside_0_10", "amount"),
        "F74": _noted("missing_value", "amount", "missing"),
        "F75": _noted("withheld_value", "amount"),
        "F76": _noted("provisional_value", "amount"),
        "F77": _noted("percentages_look_like_fractions", "indicator", "largest"),
        "F78": _noted("dash_read_as_missing", "amount"),
        # Lines against one another.
        "F80": _noted("duplicate_same_value", "first_line", "indicator", "period"),
        "F81": _refused("duplicate_other_value", "other_line", "other_amount", "indicator", "period"),
        "F82": _noted("repeated_column_agrees", "period", "columns", "count"),
        "F83": _refused("repeated_column_differs", "period", "other_column", "other_amount"),
        # Borders: the file as a whole, then its areas.
        "G01": _refused("borders_too_large", "limit", "found"),
        "G02": _refused("borders_not_json", "position"),
        "G03": _refused("not_borders", "found"),
        "G04": _refused("too_many_areas", "limit", "found"),
        "G05": _refused("too_many_points", "limit"),
        "G06": _refused("borders_too_deep"),
        "G07": _refused("no_areas"),
        "G10": _refused("area_without_code", "number"),
        "G11": _refused("unknown_area_code", "area"),
        "G12": _refused("area_twice", "area"),
        "G13": _refused("not_an_area", "area", "found"),
        "G14": _refused("ring_not_closed", "area"),
        "G15": _refused("ring_without_area", "area"),
        "G16": _refused("not_a_coordinate", "area"),
        "G17": _refused("outside_the_netherlands", "area"),
        # Survey files; none of these ever has the value of a respondent's cell among its values.
        "M01": _refused("unknown_kind_of_survey_file"),
        "M02": _refused("unreadable_survey_file", "reason"),
        "M03": _refused("too_many_answers", "limit", "found"),
        "M04": _refused("too_many_variables", "limit", "found"),
        "M05": _refused("too_many_respondents", "limit", "found"),
        "M06": _refused("no_respondents"),
        "M07": _refused("no_variables"),
        "M08": _refused("name_twice_in_survey", "variable"),
        "M09": _refused("empty_heading"),
        "M10": _refused("line_of_other_length", "found", "expected"),
        "M11": _refused("number_not_finite", "variable"),
        "M12": _refused("day_out_of_range", "variable"),
        "M13": _refused("answer_too_long", "variable", "limit"),
        "M14": _refused("label_too_long", "variable", "limit"),
        "M15": _refused("unknown_column_to_drop", "heading"),
        "M16": _refused("survey_file_password"),
        "M17": _refused("cell_not_a_number", "variable"),
        "M18": _refused("cell_not_a_day", "variable"),
        "M19": _refused("number_in_two_ways", "variable"),
        # Survey files: the codebook beside one.
        "M20": _refused("codebook_headings_unknown"),
        "M21": _refused("codebook_variable_not_in_file", "variable"),
        "M22": _refused("codebook_code_without_variable"),
        "M23": _refused("codebook_code_not_a_number", "variable"),
        "M24": _refused("codebook_code_twice", "variable"),
        "M25": _refused("codebook_word_unknown", "word", "known"),
        "M26": _refused("codebook_without_lines"),
        "M27": _refused("codebook_says_two_things", "variable"),
        # Survey files: LimeSurvey.
        "M30": _refused("syntax_file_instead_of_answers"),
        "M31": _refused("not_a_limesurvey_structure"),
        "M32": _refused("structure_does_not_fit", "variable"),
        # Survey files: what must not come in.
        "M40": _refused("personal_columns", "columns", "count"),
        # Fetching: the address. `host` is a host name; an address with a user name or password in it is never quoted.
        "N01": _refused("malformed_address", "reason"),
        "N02": _refused("scheme_not_allowed", "scheme"),
        "N03": _refused("userinfo_in_address"),
        "N04": _refused("port_not_allowed", "host", "port"),
        "N05": _refused("host_not_allowed", "host"),
        "N06": _refused("odd_host_spelling", "host"),
        "N07": _refused("host_not_found", "host"),
        "N08": _refused("address_not_public", "host", "address"),
        "N09": _refused("too_many_redirects", "host", "limit"),
        "N10": _refused("redirect_without_address", "host"),
        # Fetching: the connection.
        "N20": _refused("no_connection", "host"),
        "N21": _refused("connection_broken", "host"),
        "N22": _refused("certificate_refused", "host", "reason"),
        "N23": _refused("answer_too_slow", "host", "limit"),
        "N24": _refused("answer_incomplete", "host"),
        "N25": _refused("not_http", "host"),
        "N26": _refused("host_resting", "host", "seconds"),
        "N27": _refused("proxy_refused", "host"),
        # Fetching: what the answer says of itself.
        "N30": _refused("status_refused", "host", "status"),
        "N31": _refused("not_at_source", "host", "status"),
        "N32": _refused("source_failing", "host", "status"),
        "N33": _refused("asked_to_wait", "host", "seconds"),
        "N34": _refused("too_many_records", "host"),
        "N35": _refused("answer_too_large", "host", "limit"),
        "N36": _refused("answer_unpacks_too_large", "host", "limit"),
        "N37": _refused("unknown_packing", "host", "packing"),
        "N38": _refused("damaged_packing", "host"),
        "N39": _refused("page_instead_of_figures", "host"),
        "N40": _refused("unexpected_kind", "host", "kind"),
        "N41": _refused("unexpected_characters", "host", "charset"),
        "N42": _refused("empty_answer", "host"),
        # Fetching: a table in pages.
        "N50": _refused("changed_meanwhile", "table", "before", "after"),
        "N51": _refused("page_repeated", "table"),
        "N52": _refused("pages_in_a_circle", "table"),
        "N53": _refused("rows_disagree", "table", "announced", "found"),
        "N54": _refused("part_is_full", "table", "limit"),
        "N55": _refused("unreadable_page", "table", "reason"),
        "N56": _refused("no_rows", "table"),
        "N57": _refused("too_many_pages", "table", "limit"),
        "N58": _refused("next_page_elsewhere", "table"),
        "N59": _refused("damaged_capture", "capture"),
        "N60": _refused("already_fetching", "journal"),
        # Open tables: what came is no answer of a table service.
        "T01": _refused("not_an_answer", "table", "reason"),
        "T02": _refused("answer_undecodable", "table", "position"),
        "T03": _refused("service_says_no", "table", "message"),
        "T04": _refused("name_twice", "table", "twice"),
        "T05": _refused("too_deep", "table"),
        "T06": _refused("declarations_in_answer", "table"),
        "T07": _refused("not_this_table", "table", "found"),
        "T08": _refused("too_many_values", "table", "limit"),
        # Open tables: columns, members and periods.
        "T10": _refused("column_missing", "table", "asked", "found"),
        "T11": _refused("column_ambiguous", "table", "asked", "found"),
        "T12": _refused("column_not_on_page", "table", "field"),
        "T13": _refused("unknown_period_key", "period"),
        "T14": _refused("not_in_table", "table", "asked"),
        "T15": _refused("key_twice", "table", "key"),
        # Open tables: the cells.
        "T20": _refused("cell_of_wrong_kind", "table", "field", "found"),
        "T21": _refused("number_out_of_bounds", "table", "field", "found"),
        "T22": _refused("line_without_key", "table", "field"),
        "T23": _refused("cell_twice", "table", "key"),
        "T25": _refused("value_against_attribute", "table", "field", "attribute"),
        # Open tables: the address of the next page.
        "T30": _refused("next_page_strange", "table", "address"),
    }
)

CODE_OF: Mapping[str, str] = MappingProxyType({outcome.name: code for code, outcome in CODES.items()})


@dataclass(frozen=True)
class Problem:
    """A refusal or a remark, with the place that a user finds in Excel.

    `line` counts from 1, `column` is a letter ("B"), `value` is the offending text (shortened); all three are absent
    when the problem is about the file as a whole.
    """

    code: str
    line: int | None = None
    column: str | None = None
    value: str = ""
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = CODES[self.code].values
        if set(self.values) != set(wanted):
            raise ValueError(f"{self.code} wants the values {wanted}, not {tuple(self.values)}.")

    @property
    def name(self) -> str:
        return CODES[self.code].name

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity

    @property
    def is_refusal(self) -> bool:
        return self.severity is Severity.REFUSED


class FetchProblem(Exception):
    """Something could not be fetched, or what came may not be used; `problem` says what by its code and values."""

    def __init__(self, found: Problem) -> None:
        super().__init__(f"{found.code} {found.name} {dict(found.values)}")
        self.problem = found


def problem(
    name: str, *, line: int | None = None, column: str | None = None, value: str = "", **values: str | int | float
) -> Problem:
    """Make a Problem by the name of its outcome; texts from the file are shortened."""
    short = {key: _shortened(item) if isinstance(item, str) else item for key, item in values.items()}
    return Problem(CODE_OF[name], line, column, _shortened(value), short)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
