"""A margin that somebody brings is read as it was meant, or refused with the line."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from koersvast.registers.given_margins import read_given_margin


def test_margin_with_heading_and_total_is_read_without_them() -> None:
    found = read_given_margin(b"leeftijd;aantal\n18-34;5.120\n35-64;11.003\n65+;6.400\nTotaal;22.523\n")
    assert (found.categories, found.totals) == (("18-34", "35-64", "65+"), (5120, 11003, 6400))
    assert [(remark.code, remark.values["line"]) for remark in found.remarks] == [
        ("heading_left_out", 1),
        ("total_left_out", 5),
    ]


def test_margin_in_a_workbook_is_read_without_a_heading() -> None:
    book = Workbook()
    assert book.active is not None
    for row in (("man", 10_250), ("vrouw", 10_433.5)):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    found = read_given_margin(data.getvalue())
    assert (found.categories, found.totals, found.remarks) == (("man", "vrouw"), (10_250, 10_433.5), ())


def test_total_that_is_not_the_sum_is_remarked() -> None:
    found = read_given_margin(b"man;10\nvrouw;12\ntotaal;30\n")
    assert found.is_read
    assert [(remark.code, dict(remark.values)) for remark in found.remarks] == [
        ("total_differs", {"line": 3, "total": 30, "sum": 22})
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("man;10\nman;12\n", "category_twice", 2),
        ("man;10\n;12\n", "category_empty", 2),
        ("man;10\nvrouw;veel\n", "not_a_count", 2),
        ("man;10\nvrouw;-3\n", "negative_count", 2),
        ("man;10\nvrouw;\n", "not_a_count", 2),
        ("man;10\nvrouw;51 %\n", "not_a_count", 2),
    ],
)
def test_line_that_cannot_be_read_refuses_the_margin(text: str, code: str, line: int) -> None:
    found = read_given_margin(text.encode())
    assert not found.is_read
    assert [(reason.code, reason.values["line"]) for reason in found.reasons] == [(code, line)]


def test_file_that_is_no_table_is_refused_by_its_kind() -> None:
    found = read_given_margin(b"%PDF-1.7 nothing")
    assert not found.is_read
    assert [problem.code for problem in found.refused] == ["F02"]


def test_file_of_one_column_is_refused() -> None:
    assert [reason.code for reason in read_given_margin(b"man\nvrouw\n").reasons] == ["two_columns_needed"]


@given(st.binary(max_size=200))
def test_any_bytes_give_a_margin_or_a_reason(data: bytes) -> None:
    found = read_given_margin(data)
    assert found.is_read or found.refused or found.reasons
    assert len(found.categories) == len(found.totals)
