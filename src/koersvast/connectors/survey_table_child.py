"""The disposable child for survey files that are tables: `python -m koersvast.connectors.survey_table_child`."""

from dataclasses import replace
from typing import Any

from koersvast.connectors import workbook_child
from koersvast.connectors.codebook_tables import CodebookVariable, is_codebook_name, read_codebook
from koersvast.connectors.limesurvey import is_responses, is_structure, read_structure, survey_of_responses
from koersvast.connectors.sheets import MIB, Limits, refuse
from koersvast.connectors.survey_child import run
from koersvast.connectors.survey_limits import FoundSurvey, SurveyLimits
from koersvast.connectors.survey_tables import columns_of, survey_of, text_rows

_ZIP = b"PK\x03\x04"
_OF_WORKBOOKS = Limits(unpacked_bytes=400 * MIB, part_bytes=300 * MIB, cells=3_000_000)


def take_apart(request: dict[str, Any], pieces: list[bytes], limits: SurveyLimits) -> FoundSurvey:
    """Read the table of one request, with the codebook or structure that came beside it."""
    if request["kind"] == "xlsx":
        return _workbook(pieces[0], pieces[1:], limits)
    rows = text_rows(pieces[0], limits)
    columns = columns_of(rows, limits)
    del rows
    if pieces[1:] and is_structure(pieces[1]):
        return survey_of_responses(columns, read_structure(pieces[1]))
    if is_responses(list(columns)) and not pieces[1:]:
        return survey_of_responses(columns, None)
    return survey_of(columns, _codebook(pieces[1:], limits), kind_of_file="csv")


def _codebook(pieces: list[bytes], limits: SurveyLimits) -> dict[str, CodebookVariable]:
    """Read the codebook that came as a file of its own, if one came."""
    if not pieces:
        return {}
    if pieces[0].startswith(_ZIP):
        _, codes = _sheets(pieces[0], limits, only_codebook=True)
        return read_codebook(codes or [])
    return read_codebook(text_rows(pieces[0], limits))


def _workbook(data: bytes, others: list[bytes], limits: SurveyLimits) -> FoundSurvey:
    rows, codes = _sheets(data, limits)
    codebook = _codebook(others, limits) if others else read_codebook(codes) if codes else {}
    return survey_of(columns_of(rows, limits), codebook, kind_of_file="xlsx")


def _sheets(
    data: bytes, limits: SurveyLimits, *, only_codebook: bool = False
) -> tuple[list[list[str]], list[list[str]] | None]:
    """Return the rows of the first sheet with answers, and those of the sheet with the codebook where there is one."""
    allowed = replace(_OF_WORKBOOKS, file_bytes=limits.file_bytes, rows=limits.rows + 1, columns=limits.variables)
    first = workbook_child.take_apart(data, wanted="", limits=allowed)
    names = [first["sheet"], *first["other_sheets"]]
    codebook = next((name for name in [*names, *first["hidden_sheets"]] if is_codebook_name(name)), None)
    if only_codebook:
        codebook = codebook or first["sheet"]
    answers = next((name for name in names if name != codebook), None)
    if answers is None and not only_codebook:
        raise refuse("no_respondents")

    def rows_of(name: str) -> list[list[str]]:
        found = first if name == first["sheet"] else workbook_child.take_apart(data, wanted=name, limits=allowed)
        return [[_text(cell) for cell in row] for row in found["rows"]]

    return [] if only_codebook or answers is None else rows_of(answers), rows_of(codebook) if codebook else None


def _text(cell: list[Any] | None) -> str:
    """Return what a cell says as text; an error of a formula is no answer."""
    if cell is None or cell[0] in {"empty", "error"}:
        return ""
    return {True: "1", False: "0"}[cell[1]] if isinstance(cell[1], bool) else str(cell[1]).strip()


if __name__ == "__main__":
    run(take_apart)
