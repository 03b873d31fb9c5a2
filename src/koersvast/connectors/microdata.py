"""Answers of respondents as values: variables with their labels, one column each, and a container that keeps them.

Pure. Reading files is the work of `survey_files`. Nothing here says a cell's value in an error.
"""

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from koersvast.connectors.packed_columns import NO_DAY, pack, text_bytes, unpack

SYNTHETIC = "SYNTHETISCH"

Floats = npt.NDArray[np.float64]
Code = float | str


class BadMicrodata(ValueError):
    """Parts that do not fit together, or bytes that are no container; says which variable, never a value."""


class ValueKind(StrEnum):
    """What the cells of a variable are."""

    NUMBER = "number"
    TEXT = "text"
    DAY = "day"


class Level(StrEnum):
    """The level of measurement that the file names."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    SCALE = "scale"
    UNKNOWN = "unknown"


ARROW_TYPES: Mapping[ValueKind, Any] = MappingProxyType(
    {ValueKind.NUMBER: pa.float64(), ValueKind.TEXT: pa.string(), ValueKind.DAY: pa.date32()}
)


@dataclass(frozen=True, kw_only=True)
class MissingCodes:
    """Codes that stand for no answer: single ones, and ranges from lowest to highest (either may be infinite)."""

    values: tuple[Code, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if any(not low <= high for low, high in self.ranges):
            raise BadMicrodata("A range of missing codes runs from low to high.")

    def holds(self, code: Code) -> bool:
        """Whether a code stands for no answer."""
        in_a_range = not isinstance(code, str) and any(low <= code <= high for low, high in self.ranges)
        return in_a_range or code in self.values


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable. Keys of `value_labels` are floats for NUMBER and texts for TEXT; `decimals` is how it is shown."""

    name: str
    label: str = ""
    kind: ValueKind = ValueKind.NUMBER
    level: Level = Level.UNKNOWN
    value_labels: Mapping[Code, str] = MappingProxyType({})
    missing: MissingCodes = MissingCodes()
    decimals: int = 0

    def __post_init__(self) -> None:
        if not self.name or not 0 <= self.decimals <= 40:
            raise BadMicrodata("A variable has a name, and from 0 to 40 decimals.")
        if not all(map(self._is_code, [*self.value_labels, *self.missing.values])):
            raise BadMicrodata(f"{self.name}: codes are of the same kind as the variable.")
        if self.missing.ranges and self.kind is not ValueKind.NUMBER:
            raise BadMicrodata(f"{self.name}: only numbers have ranges of missing codes.")

    def _is_code(self, code: object) -> bool:
        if self.kind is ValueKind.TEXT:
            return isinstance(code, str)
        return self.kind is ValueKind.NUMBER and isinstance(code, float) and math.isfinite(code)


@dataclass(frozen=True, kw_only=True)
class MultipleResponseSet:
    """Variables that together are one question; `counted` is the code for yes, absent when each holds a category."""

    name: str
    label: str
    variables: tuple[str, ...]
    counted: Code | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Microdata:
    """The rows of a survey file. `table` has one column for each variable, in their order and under their names.

    Columns are float64 (finite), string or date32; null is system-missing. Codes that the respondent's file declares
    missing stay in the column: `Variable.missing` names them.
    """

    variables: tuple[Variable, ...]
    sets: tuple[MultipleResponseSet, ...] = ()
    table: Any
    kind_of_file: str
    file_label: str = ""
    notes: tuple[str, ...] = ()
    weight_variable: str = ""

    def __post_init__(self) -> None:
        names = [variable.name for variable in self.variables]
        if len(set(names)) < len(names) or self.table.column_names != names:
            raise BadMicrodata("Every variable has one column of its own, in the same order.")
        for variable in self.variables:
            if self.table.schema.field(variable.name).type != ARROW_TYPES[variable.kind]:
                raise BadMicrodata(f"{variable.name}: the column is of another kind than the variable.")
        _check_sets(self.sets, set(names))
        if self.weight_variable and self.variable(self.weight_variable).kind is not ValueKind.NUMBER:
            raise BadMicrodata("A weight is a number.")

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def is_synthetic(self) -> bool:
        """Whether the file says of itself that nobody answered it: its label or a note starts with SYNTHETISCH."""
        return any(text.lstrip().startswith(SYNTHETIC) for text in (self.file_label, *self.notes))

    @cached_property
    def _by_name(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in self.variables}

    def variable(self, name: str) -> Variable:
        """Return a variable by name; raises BadMicrodata for one that is not there."""
        try:
            return self._by_name[name]
        except KeyError:
            raise BadMicrodata("There is no variable of that name.") from None

    def numbers(self, name: str) -> Floats:
        """Return a NUMBER column, (rows,), with nan for system-missing; missing codes are still in it."""
        if self.variable(name).kind is not ValueKind.NUMBER:
            raise BadMicrodata(f"{name}: not a number.")
        return _numbers_of(self.table.column(name).combine_chunks())

    def answers(self, name: str) -> Floats:
        """Return a NUMBER column, (rows,), with nan for system-missing and for every missing code."""
        numbers = self.numbers(name).copy()
        missing = self.variable(name).missing
        absent = np.isin(numbers, [code for code in missing.values if not isinstance(code, str)])
        for low, high in missing.ranges:
            absent |= (numbers >= low) & (numbers <= high)
        numbers[absent] = np.nan
        return numbers

    def texts(self, name: str) -> list[str | None]:
        """Return a TEXT column; an empty text is None."""
        if self.variable(name).kind is not ValueKind.TEXT:
            raise BadMicrodata(f"{name}: not a text.")
        return list(self.table.column(name).to_pylist())


def _numbers_of(column: Any) -> Floats:
    """Return a float64 array of Arrow, nan where it is null; Arrow's own conversion imports pandas where that is."""
    known, values = column.buffers()
    if values is None:
        return np.full(len(column), np.nan)
    numbers = np.frombuffer(values, dtype=np.float64, count=len(column), offset=8 * column.offset)
    if known is None or not column.null_count:
        return numbers
    bits = np.unpackbits(np.frombuffer(known, dtype=np.uint8), bitorder="little")
    return np.where(bits[column.offset : column.offset + len(column)], numbers, np.nan)


def _check_sets(sets: tuple[MultipleResponseSet, ...], names: set[str]) -> None:
    if len({found.name for found in sets}) < len(sets):
        raise BadMicrodata("Two sets have the same name.")
    for found in sets:
        if not found.variables or not set(found.variables) <= names:
            raise BadMicrodata(f"{found.name}: a set names variables that are there.")


def to_bytes(microdata: Microdata) -> bytes:
    """Return a container (`packed_columns`) that `from_bytes` reads back without loss."""
    columns = [_column_bytes(microdata.table.column(v.name), v.kind) for v in microdata.variables]
    return pack(
        {
            "rows": microdata.rows,
            "variables": [_variable_as_dict(v) for v in microdata.variables],
            "sets": [[s.name, s.label, list(s.variables), s.counted] for s in microdata.sets],
            "kind_of_file": microdata.kind_of_file,
            "file_label": microdata.file_label,
            "notes": list(microdata.notes),
            "weight_variable": microdata.weight_variable,
        },
        columns,
    )


def from_bytes(data: bytes | memoryview) -> Microdata:
    """Read what `to_bytes` made; raises BadMicrodata for anything else, and never says what was in it."""
    try:
        return _from_header(*unpack(data))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        raise BadMicrodata("The container of microdata is damaged.") from None


def _from_header(header: dict[str, Any], parts: list[memoryview]) -> Microdata:
    rows = _count(header["rows"])
    variables = tuple(map(_variable_from, header["variables"]))
    columns = [_column_from(part, v.kind, rows) for part, v in zip(parts, variables, strict=True)]
    return Microdata(
        variables=variables,
        sets=tuple(_set_from(found) for found in header["sets"]),
        table=pa.table(columns, names=[v.name for v in variables]),
        kind_of_file=_text(header["kind_of_file"]),
        file_label=_text(header["file_label"]),
        notes=tuple(map(_text, header["notes"])),
        weight_variable=_text(header["weight_variable"]),
    )


def _variable_as_dict(variable: Variable) -> dict[str, Any]:
    return {
        "name": variable.name,
        "label": variable.label,
        "kind": variable.kind.value,
        "level": variable.level.value,
        "value_labels": [list(pair) for pair in variable.value_labels.items()],
        "missing": list(variable.missing.values),
        "ranges": [list(pair) for pair in variable.missing.ranges],
        "decimals": variable.decimals,
    }


def _variable_from(found: dict[str, Any]) -> Variable:
    labels = {_code(code): _text(label) for code, label in found["value_labels"]}
    if len(labels) < len(found["value_labels"]):
        raise BadMicrodata("A code has two labels.")
    return Variable(
        name=_text(found["name"]),
        label=_text(found["label"]),
        kind=ValueKind(found["kind"]),
        level=Level(found["level"]),
        value_labels=MappingProxyType(labels),
        missing=MissingCodes(
            values=tuple(map(_code, found["missing"])),
            ranges=tuple((float(low), float(high)) for low, high in found["ranges"]),
        ),
        decimals=_count(found["decimals"]),
    )


def _set_from(found: list[Any]) -> MultipleResponseSet:
    name, label, variables, counted = found
    return MultipleResponseSet(
        name=_text(name), label=_text(label), variables=tuple(map(_text, variables)),
        counted=None if counted is None else _code(counted),
    )  # fmt: skip


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise BadMicrodata("A text was expected.")
    return found


def _count(found: object) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise BadMicrodata("A count was expected.")
    return found


def _code(found: object) -> Code:
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise BadMicrodata("A code is a number or a text.")
    return found if isinstance(found, str) else float(found)


def _column_bytes(column: Any, kind: ValueKind) -> bytes:
    if kind is ValueKind.NUMBER:
        return np.asarray(column.fill_null(math.nan).to_numpy(), dtype="<f8").tobytes()
    if kind is ValueKind.DAY:
        return np.asarray(column.cast(pa.int32()).fill_null(NO_DAY).to_numpy(), dtype="<i4").tobytes()
    return text_bytes(column.to_pylist())


def _column_from(part: memoryview, kind: ValueKind, rows: int) -> Any:
    if kind is ValueKind.TEXT:
        return pa.array(list(_texts_from(part, rows)), type=pa.string())
    width = 8 if kind is ValueKind.NUMBER else 4
    if len(part) != rows * width:
        raise BadMicrodata("A column has another number of rows.")
    if kind is ValueKind.DAY:
        days = np.frombuffer(part, dtype="<i4").astype(np.int32)
        return pa.array(days, mask=days == NO_DAY).cast(pa.date32())
    numbers = np.frombuffer(part, dtype="<f8")
    if not numbers.flags.aligned or sys.byteorder == "big":
        numbers = numbers.astype(np.float64)
    if np.isinf(numbers).any():
        raise BadMicrodata("A number is not finite.")
    # From buffers: no copy of the largest thing in memory, and `pa.array` imports pandas wherever that is installed.
    known = pa.py_buffer(np.packbits(~np.isnan(numbers), bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.float64(), rows, [known, pa.py_buffer(numbers)])


def _texts_from(part: memoryview, rows: int) -> Iterator[str | None]:
    if len(part) < rows * 4:
        raise BadMicrodata("A column has another number of rows.")
    lengths = np.frombuffer(part[: rows * 4], dtype="<i4").astype(np.int64)
    if (lengths < -1).any() or rows * 4 + int(lengths.clip(0).sum()) != len(part):
        raise BadMicrodata("The texts are not as long as they say.")
    place = rows * 4
    for length in lengths.tolist():
        yield None if length < 0 else str(part[place : place + length], "utf-8")
        place += max(length, 0)
