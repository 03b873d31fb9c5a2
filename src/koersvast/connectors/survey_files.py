"""The door for survey files: the bytes of SPSS, CSV, XLSX or LimeSurvey become microdata, or one refusal.

Nothing is parsed here. A child that ends afterwards takes the file apart, without network, files or much memory; this
side checks whatever it says, and never repeats a respondent's answer in an error.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict

import pyarrow as pa
import pyarrow.compute as pc

from koersvast.connectors.confinement import ask
from koersvast.connectors.microdata import BadMicrodata, Microdata, ValueKind, from_bytes
from koersvast.connectors.problems import CODE_OF, CODES, problem
from koersvast.connectors.sheets import FileRefused, refuse
from koersvast.connectors.survey_limits import SurveyLimits, has_control_signs

_SPSS_CHILD = "koersvast.connectors.spss_child"
_TABLE_CHILD = "koersvast.connectors.survey_table_child"
_CONTROL_IN_TEXT = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_ENCRYPTED = (b"ENCRYPTEDSAV", b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV")
_POR = b"SPSS PORT FILE"
_BEGINNINGS = {b"$FL2": "sav", b"$FL3": "zsav", b"PK\x03\x04": "xlsx"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SYNTAX = re.compile(
    rb"^\s*(?:GET DATA|DATA LIST|SET UNICODE|VARIABLE LABELS|data <- read)\b", re.MULTILINE | re.IGNORECASE
)
_NOT_TEXT = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"SQLite format", b"\x1f\x8b", b"PK")
_OTHER_ENDINGS = frozenset(
    {"sav", "zsav", "por", "xlsx", "dta", "sas7bdat", "rds", "rdata", "lss", "lsa", "json", "xml"}
)


def read_survey_file(
    data: bytes,
    *,
    file_name: str,
    codebook: bytes | None = None,
    codebook_name: str = "",
    drop_columns: Iterable[str] = (),
    limits: SurveyLimits | None = None,
) -> Microdata:
    """Read a survey file and check all of it; raises FileRefused with the problem.

    What the bytes are decides how they are read; `file_name` decides only between kinds that look alike. Columns in
    `drop_columns` are taken out inside the child and never arrive here.
    """
    limits = limits or SurveyLimits()
    pieces = (data,) if codebook is None else (data, codebook)
    if codebook is not None and (not codebook.strip() or codebook_name.lower().endswith((".sav", ".pdf", ".docx"))):
        raise refuse("codebook_headings_unknown")
    if (size := max(map(len, pieces))) > limits.file_bytes:
        raise refuse("file_too_large", limit=limits.file_bytes, found=size)
    kind = kind_of_survey_file(data, file_name=file_name)
    request = {
        "kind": kind,
        "limits": asdict(limits),
        "sizes": list(map(len, pieces)),
        "drop_columns": list(drop_columns),
    }
    child = _SPSS_CHILD if kind in {"sav", "zsav", "por"} else _TABLE_CHILD
    answer, ended = ask(child, request, pieces, costs=limits)
    return checked(answer, ended, limits)


def kind_of_survey_file(data: bytes, *, file_name: str = "") -> str:
    """Return "sav", "zsav", "por", "xlsx" or "csv" by the bytes; raises FileRefused for what is none of these."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise refuse("empty_file")
    if data.startswith(_ENCRYPTED):
        raise refuse("survey_file_password")
    if known := next((kind for begin, kind in _BEGINNINGS.items() if data.startswith(begin)), ""):
        return known
    if _POR in data[:1000].replace(b"\r", b"").replace(b"\n", b""):
        return "por"
    if data.startswith(_OLE):
        raise refuse("password" if "EncryptedPackage".encode("utf-16-le") in data else "old_excel_format")
    ending = file_name.lower().rpartition(".")[2]
    if ending in {"sps", "dat", "r"} or _SYNTAX.search(data[:4000]):
        raise refuse("syntax_file_instead_of_answers")
    if data.startswith(_NOT_TEXT) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or ending in _OTHER_ENDINGS:
        raise refuse("unknown_kind_of_survey_file")
    return "csv"


def checked(answer: bytes, ended: int, limits: SurveyLimits) -> Microdata:
    """Hold the answer of a child against everything it must be; raises FileRefused."""
    if len(answer) < 4 or ended:
        raise refuse("unreadable_survey_file", reason="child_ended")
    start = 4 + int.from_bytes(answer[:4], "big")
    try:
        header = json.loads(answer[4:start])
        if "problem" in header:
            name, line, column, values = header["problem"]
            CODES[CODE_OF[name]]
            found = problem(str(name), line=line and int(line), column=column and str(column), **values)
            raise FileRefused(found)
        microdata = from_bytes(memoryview(answer)[start:])
        _check(microdata, limits)
    except (BadMicrodata, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise refuse("unreadable_survey_file", reason="nonsense") from None
    return microdata


def _check(microdata: Microdata, limits: SurveyLimits) -> None:
    limits.check_size(rows=microdata.rows, variables=len(microdata.variables))
    microdata.table.validate(full=True)
    if sum(len(variable.value_labels) for variable in microdata.variables) > limits.labels:
        raise refuse("label_too_long", variable=microdata.variables[0].name, limit=limits.labels)
    for variable in microdata.variables:
        words = [variable.name, variable.label, *variable.value_labels.values()]
        if any(len(word) > limits.label_length for word in words):
            raise refuse("label_too_long", variable=variable.name, limit=limits.label_length)
        codes = [code for code in [*variable.value_labels, *variable.missing.values] if isinstance(code, str)]
        if any(map(has_control_signs, [*words, *codes])) or variable.name != variable.name.strip():
            raise BadMicrodata("A name or label has control characters.")
        if variable.kind is ValueKind.TEXT:
            _check_texts(microdata.table.column(variable.name), variable.name, limits)
    said = [microdata.file_label, *microdata.notes, *(word for s in microdata.sets for word in (s.name, s.label))]
    if any(map(has_control_signs, said)) or any(len(word) > limits.label_length for word in said):
        raise BadMicrodata("A note or label has control characters or is too long.")


def _check_texts(column: pa.ChunkedArray, name: str, limits: SurveyLimits) -> None:
    if (pc.max(pc.utf8_length(column)).as_py() or 0) > limits.text_length:
        raise refuse("answer_too_long", variable=name, limit=limits.text_length)
    if pc.any(pc.match_substring_regex(column, _CONTROL_IN_TEXT)).as_py():
        raise BadMicrodata("An answer has control characters.")
