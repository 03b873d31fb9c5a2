"""The door for tables: the bytes of a CSV, XLSX or ODS file become one sheet, or a problem.

What the bytes are decides how they are read; the name of a file is never believed.
"""

from dataclasses import dataclass

from koersvast.connectors.delimited import read_csv
from koersvast.connectors.problems import Problem
from koersvast.connectors.sheets import FileRefused, Limits, Sheet, refuse
from koersvast.connectors.workbooks import read_workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
# Kinds of file that would decode as text and then give a misleading message.
_NOT_TABLES = (
    b"%PDF",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"SQLite format",
    b"\x1f\x8b",
    b"$FL2",
    b"PK\x05",
)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A sheet with its remarks, or no sheet and the one problem that refused the file."""

    sheet: Sheet | None
    problems: tuple[Problem, ...]


def open_table(data: bytes, *, sheet: str = "", delimiter: str = "", limits: Limits | None = None) -> Opened:
    """Open a file of figures. Never raises for what is in the file; `sheet` names one of several sheets."""
    try:
        opened = _read(data, sheet=sheet, delimiter=delimiter, limits=limits or Limits())
    except FileRefused as refusal:
        return Opened(sheet=None, problems=(refusal.problem,))
    return Opened(sheet=opened, problems=opened.notes)


def _read(data: bytes, *, sheet: str, delimiter: str, limits: Limits) -> Sheet:
    if len(data) > limits.file_bytes:
        raise refuse("file_too_large", limit=limits.file_bytes, found=len(data))
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise refuse("empty_file")
    if data.startswith(_ZIP):
        return read_workbook(data, limits=limits, sheet=sheet)
    if data.startswith(_OLE):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise refuse("password") if is_encrypted else refuse("old_excel_format")
    if data.startswith(_NOT_TABLES) or data.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise refuse("unknown_kind_of_file")
    return read_csv(data, limits=limits, delimiter=delimiter)
