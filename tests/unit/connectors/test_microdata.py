"""Microdata keep themselves whole, and their container gives back exactly what went in."""

import math
import random
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.connectors.microdata import (
    ARROW_TYPES,
    BadMicrodata,
    Level,
    Microdata,
    MissingCodes,
    MultipleResponseSet,
    ValueKind,
    Variable,
    from_bytes,
    to_bytes,
)

CELLS: dict[ValueKind, st.SearchStrategy[Any]] = {
    ValueKind.NUMBER: st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ValueKind.TEXT: st.none() | st.text(st.characters(codec="utf-8"), max_size=12),
    ValueKind.DAY: st.none() | st.dates(min_value=date(1583, 1, 1), max_value=date(2600, 1, 1)),
}


def small(**changes: Any) -> Microdata:
    parts: dict[str, Any] = {
        "variables": (
            Variable(
                name="v1", label="Onveilig", value_labels={1.0: "Ja", 9.0: "Weet niet"},
                missing=MissingCodes(values=(9.0,), ranges=((97.0, math.inf),)), level=Level.ORDINAL,
            ),
            Variable(name="kern", kind=ValueKind.TEXT, value_labels={"L": "Lemelerveld"}),
            Variable(name="dag", kind=ValueKind.DAY),
        ),
        "sets": (MultipleResponseSet(name="$m", label="", variables=("v1",), counted=1.0),),
        "table": pa.table(
            {
                "v1": pa.array([1.0, None, 9.0, 98.0]),
                "kern": pa.array(["L", "Ommerkanaal ë", None, ""]),
                "dag": pa.array([date(2017, 9, 1), None, date(1582, 10, 15), date(2021, 1, 1)]),
            }
        ),
        "kind_of_file": "sav",
        "notes": ("een", "twee"),
        "weight_variable": "v1",
    }  # fmt: skip
    return Microdata(**(parts | changes))


def same(first: Microdata, second: Microdata) -> bool:
    kept = ("variables", "sets", "kind_of_file", "file_label", "notes", "weight_variable", "rows")
    equal = all(getattr(first, name) == getattr(second, name) for name in kept)
    return equal and bool(first.table.equals(second.table))


@st.composite
def microdata(draw: st.DrawFn) -> Microdata:
    kinds = draw(st.lists(st.sampled_from(ValueKind), max_size=5))
    rows = draw(st.integers(0, 6)) if kinds else 0
    variables, columns = [], {}
    for number, kind in enumerate(kinds):
        cells = CELLS[kind].filter(lambda cell: cell is not None)
        codes = draw(st.lists(cells, max_size=3, unique=True)) if kind is not ValueKind.DAY else []
        name = f"v{number}"
        variables.append(
            Variable(
                name=name, label=draw(st.text(st.characters(codec="utf-8"), max_size=9)), kind=kind,
                value_labels=dict.fromkeys(codes, "é"), missing=MissingCodes(values=tuple(codes[:1])),
                decimals=draw(st.integers(0, 16)), level=draw(st.sampled_from(Level)),
            )
        )  # fmt: skip
        cells_of_rows = draw(st.lists(CELLS[kind], min_size=rows, max_size=rows))
        columns[name] = pa.array(cells_of_rows, type=ARROW_TYPES[kind])
    return Microdata(variables=tuple(variables), table=pa.table(columns), kind_of_file="csv", file_label="ü")


@given(microdata())
def test_container_gives_back_what_went_in(found: Microdata) -> None:
    assert same(from_bytes(to_bytes(found)), found)


def test_damaged_container_is_refused_or_whole_and_never_anything_else() -> None:
    chance, data, read = random.Random(7), to_bytes(small()), 0  # noqa: S311 (a repeatable series, no secret)
    for _ in range(1_500):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 6))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)) :]
        try:
            found = from_bytes(bytes(damaged))
        except BadMicrodata:
            continue
        read += 1
        found.table.validate(full=True)
        assert np.isfinite(found.numbers("v1")[~np.isnan(found.numbers("v1"))]).all() if "v1" in found.table else True
    assert read > 50


def test_numbers_keep_missing_codes_and_answers_do_not() -> None:
    found = small()
    assert np.array_equal(found.numbers("v1"), [1, math.nan, 9, 98], equal_nan=True)
    assert np.array_equal(found.answers("v1"), [1, math.nan, math.nan, math.nan], equal_nan=True)
    assert found.texts("kern") == ["L", "Ommerkanaal ë", None, ""]
    assert found.variable("v1").missing.holds(1e9)
    assert not found.variable("v1").missing.holds(96.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"weight_variable": "kern"},
        {"weight_variable": "w"},
        {"sets": (MultipleResponseSet(name="$m", label="", variables=("q",), counted=1.0),)},
        {"sets": (MultipleResponseSet(name="$m", label="", variables=()),)},
        {"table": pa.table({"v1": pa.array([1.0])})},
        {"table": pa.table({"v1": ["1"], "kern": ["a"], "dag": pa.array([date(2017, 9, 1)])})},
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadMicrodata):
        small(**changes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value_labels": {"1": "Ja"}},
        {"value_labels": {math.nan: "Ja"}},
        {"missing": MissingCodes(values=("x",))},
        {"name": ""},
        {"decimals": 99},
        {"kind": ValueKind.TEXT, "missing": MissingCodes(ranges=((1.0, 2.0),))},
        {"kind": ValueKind.DAY, "value_labels": {1.0: "Ja"}},
    ],
)
def test_variable_with_codes_of_another_kind_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadMicrodata):
        Variable(**({"name": "v1"} | wrong))


@pytest.mark.parametrize(("label", "notes", "expected"), [
    ("SYNTHETISCH demo", (), True), ("", ("  SYNTHETISCH: niemand",), True), ("niet SYNTHETISCH", ("x",), False),
])  # fmt: skip
def test_file_that_says_nobody_answered_it_is_synthetic(label: str, notes: tuple[str, ...], expected: bool) -> None:
    assert small(file_label=label, notes=notes).is_synthetic is expected
