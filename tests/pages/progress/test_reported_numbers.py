"""The number in a report is read as people here write it, and refused when it is none."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from koersvast.web.programme.progress.cards import reported_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [("12", "12"), ("12,5", "12.5"), ("12.5", "12.5"), ("1.250", "1250"), ("1250,75", "1250.75"), ("0", "0")],
)
def test_number_with_comma_or_point_is_the_number_that_was_meant(typed: str, number: str) -> None:
    with translation.override("nl"):
        assert reported_number(typed) == Decimal(number)


def test_nothing_typed_is_no_number() -> None:
    assert reported_number("") is None


@pytest.mark.parametrize("typed", ["veel", "NaN", "Infinity", "-3", "1e400", "12,345", "99999999999999"])
def test_what_is_no_count_is_refused(typed: str) -> None:
    with translation.override("nl"), pytest.raises(ValidationError):
        reported_number(typed)
