"""What a survey file may cost, and the plain forms in which a child tells what it found.

Pure; standard library only, because the child should start fast.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from koersvast.connectors.packed_columns import day_bytes, number_bytes, pack, text_bytes
from koersvast.connectors.sheets import MIB, refuse

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LINES = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, counted from 1970-01-01


@dataclass(frozen=True, kw_only=True)
class SurveyLimits:
    """Sizes in bytes, times in seconds, lengths in characters."""

    file_bytes: int = 100 * MIB
    rows: int = 250_000
    variables: int = 3_000
    cells: int = 8_000_000
    text_length: int = 32_767
    label_length: int = 4_000
    labels: int = 200_000
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 50
    timeout_seconds: float = 60.0
    answer_bytes: int = 512 * MIB

    def check_size(self, *, rows: int, variables: int) -> None:
        """Refuse a file that is too large, or that holds no answers."""
        if not variables:
            raise refuse("no_variables")
        if not rows:
            raise refuse("no_respondents")
        if variables > self.variables:
            raise refuse("too_many_variables", limit=self.variables, found=variables)
        if rows > self.rows:
            raise refuse("too_many_respondents", limit=self.rows, found=rows)
        if rows * variables > self.cells:
            raise refuse("too_many_answers", limit=self.cells, found=rows * variables)


@dataclass(kw_only=True)
class FoundVariable:
    """A variable as a file tells it, with its column: floats, texts or days since 1970-01-01, or nothing."""

    name: str
    kind: str
    cells: list[Any]
    label: str = ""
    level: str = "unknown"
    decimals: int = 0
    labels: dict[Any, str] = field(default_factory=dict)
    missing: list[Any] = field(default_factory=list)
    ranges: list[tuple[float, float]] = field(default_factory=list)


@dataclass(kw_only=True)
class FoundSurvey:
    """A survey file as it tells itself; `sets` are name, label, variables and the code for yes."""

    kind_of_file: str
    variables: list[FoundVariable]
    sets: list[tuple[str, str, list[str], Any]] = field(default_factory=list)
    file_label: str = ""
    notes: list[str] = field(default_factory=list)
    weight: str = ""

    def without(self, names: Iterable[str]) -> None:
        """Take variables out, so that they never leave the child; refuses a name that is not there."""
        dropped = set(names)
        if unknown := sorted(dropped - {found.name for found in self.variables}):
            raise refuse("unknown_column_to_drop", heading=unknown[0])
        self.variables = [found for found in self.variables if found.name not in dropped]
        self.sets = [
            (name, label, left, counted)
            for name, label, members, counted in self.sets
            if (left := [member for member in members if member not in dropped])
        ]
        if self.weight in dropped:
            self.weight = ""

    def packed(self) -> bytes:
        """Return the container that `microdata.from_bytes` reads; the columns are emptied while it is made."""
        rows = len(self.variables[0].cells)
        header = {
            "rows": rows,
            "variables": [_described(found) for found in self.variables],
            "sets": [[clean(name), clean(label), members, counted] for name, label, members, counted in self.sets],
            "kind_of_file": self.kind_of_file,
            "file_label": clean(self.file_label),
            "notes": [line for note in self.notes if (line := clean(note))],
            "weight_variable": self.weight,
        }
        return pack(header, [_packed_column(found) for found in self.variables])


def clean(text: str) -> str:
    """Return a name or label on one line, without signs that steer a screen."""
    return _CONTROL.sub("", _LINES.sub(" ", text)).strip()


def clean_cell(text: str) -> str | None:
    """Return an answer without signs that steer a screen; an empty one is no answer."""
    return _CONTROL.sub("", text).strip() or None


def has_control_signs(text: str) -> bool:
    """Whether a text holds a sign that steers a screen."""
    return _CONTROL.search(text) is not None


def _clean_code(code: Any) -> Any:
    return (clean_cell(code) or "") if isinstance(code, str) else code


def _described(found: FoundVariable) -> dict[str, Any]:
    return {
        "name": found.name,
        "label": clean(found.label),
        "kind": found.kind,
        "level": found.level,
        "value_labels": [[_clean_code(code), clean(label)] for code, label in found.labels.items()],
        "missing": list(map(_clean_code, found.missing)),
        "ranges": [list(pair) for pair in found.ranges],
        "decimals": found.decimals,
    }


def _packed_column(found: FoundVariable) -> bytes:
    cells, found.cells = found.cells, []
    if found.kind == "text":
        return text_bytes(None if cell is None else clean_cell(cell) for cell in cells)
    if found.kind == "day":
        if any(day is not None and not _FIRST_DAY <= day <= _LAST_DAY for day in cells):
            raise refuse("day_out_of_range", variable=found.name)
        return day_bytes(cells)
    if any(number is not None and math.isinf(number) for number in cells):
        raise refuse("number_not_finite", variable=found.name)
    return number_bytes(cells)
