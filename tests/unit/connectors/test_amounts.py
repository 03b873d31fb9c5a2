"""Amounts as Dutch offices write them: every outcome stated, nothing guessed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from koersvast.connectors.amounts import (
    MISSING_WORDS,
    Absent,
    Ambiguous,
    Amount,
    DecimalSign,
    MissingReason,
    Trouble,
    Unread,
    evidence,
    parse_amount,
    written,
)
from koersvast.engine.quantities import Missing

NUMBERS = st.decimals(min_value=-999_999_999, max_value=999_999_999, places=3, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40", "40"),
        ("0", "0"),
        ("7,4", "7.4"),
        ("7.4", "7.4"),
        ("0.125", "0.125"),
        ("12.345,6", "12345.6"),
        ("12,345.6", "12345.6"),
        ("1.244.000", "1244000"),
        ("1244.123", "1244.123"),
        ("1 244", "1244"),
        ("1\u00a0244", "1244"),
        ("1\u202f244,5", "1244.5"),
        ("−5", "-5"),
        ("-5", "-5"),
        ("+5", "5"),
        ("  61 ", "61"),
        ("-0", "0"),
    ],
)
def test_amount_with_one_reading_is_that_number(text: str, number: Any) -> None:
    parsed = parse_amount(text)
    assert isinstance(parsed, Amount)
    assert parsed.number == Decimal(number)


@pytest.mark.parametrize(("text", "comma", "point"), [("1.244", "1244", "1.244"), ("1,244", "1.244", "1244")])
def test_amount_with_two_readings_is_not_guessed(text: str, comma: str, point: str) -> None:
    assert parse_amount(text) == Ambiguous(as_comma=Decimal(comma), as_point=Decimal(point))
    for sign, number in ((DecimalSign.COMMA, comma), (DecimalSign.POINT, point)):
        parsed = parse_amount(text, sign=sign)
        assert isinstance(parsed, Amount)
        assert parsed.number == Decimal(number)


@pytest.mark.parametrize("text", ["61 %", "61%", "61 procent", "61\u00a0%", "61,0%"])
def test_percentage_is_in_per_cent(text: str) -> None:
    parsed = parse_amount(text)
    assert isinstance(parsed, Amount)
    assert parsed.number == 61
    assert parsed.percent


@pytest.mark.parametrize("text", ["40*", "40 *", "40**", "61%*", "61* %"])
def test_star_behind_an_amount_marks_it_provisional(text: str) -> None:
    parsed = parse_amount(text)
    assert isinstance(parsed, Amount)
    assert parsed.provisional


def test_euro_sign_is_remembered() -> None:
    parsed = parse_amount("€ 12.500,00")
    assert isinstance(parsed, Amount)
    assert parsed.number == 12500
    assert parsed.euro


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("(5)", Trouble.BRACKETS),
        ("5-10", Trouble.RANGE),
        ("5 t/m 10", Trouble.RANGE),
        ("ca. 40", Trouble.APPROXIMATE),
        (">5", Trouble.APPROXIMATE),
        ("40 (2018: 31)", Trouble.SEVERAL_NUMBERS),
        ("veel", Trouble.WORDS),
        ("1.2.3", Trouble.GROUPING),
        ("12.34.567", Trouble.GROUPING),
        ("1,2,3", Trouble.GROUPING),
        ("1234567890123456", Trouble.TOO_LONG),
        ("1e5", Trouble.SEVERAL_NUMBERS),
        ("٣", Trouble.WORDS),
        ("5-", Trouble.WORDS),
        ("5%%", Trouble.WORDS),
        ("%", Trouble.WORDS),
        ("€ 5 %", Trouble.WORDS),
    ],
)
def test_text_that_is_no_amount_says_what_is_wrong(text: str, trouble: Trouble) -> None:
    assert parse_amount(text) == Unread(trouble=trouble)


@pytest.mark.parametrize("text", ["", "n.b.", "N.B.", "nnb", "onbekend", "-", "–", ".", " "])
def test_missing_word_is_not_known_and_never_zero(text: str) -> None:
    parsed = parse_amount(text)
    assert isinstance(parsed, Absent)
    assert parsed.reason is MissingReason.NOT_KNOWN


@pytest.mark.parametrize("text", ["x", "X", "geheim", "<5", "< 10"])
def test_withheld_is_not_missing(text: str) -> None:
    assert parse_amount(text) == Absent(reason=MissingReason.WITHHELD, word=text)


def test_reasons_are_those_of_the_calculations() -> None:
    assert {reason.value for reason in MissingReason} == {reason.value for reason in Missing}
    assert all(parse_amount(word) for word in MISSING_WORDS)


def test_text_against_the_stated_sign_is_refused() -> None:
    assert parse_amount("7.4", sign=DecimalSign.COMMA) == Unread(trouble=Trouble.AGAINST_SIGN)


def test_column_with_one_proof_has_that_sign_and_with_both_has_none() -> None:
    assert evidence(["1.244", "7,4", "n.b."]) is DecimalSign.COMMA
    assert evidence(["1,244", "12.5"]) is DecimalSign.POINT
    assert evidence(["7,4", "7.4"]) is None
    assert evidence(["1.244", "12"]) is None


@given(NUMBERS, st.sampled_from(DecimalSign), st.booleans())
@example(Decimal(1244), DecimalSign.COMMA, True)
def test_written_number_reads_back_exactly_when_the_sign_is_known(
    number: Any, sign: DecimalSign, grouped: bool
) -> None:
    parsed = parse_amount(written(number, sign=sign, grouped=grouped), sign=sign)
    assert isinstance(parsed, Amount)
    assert parsed.number == number


@given(NUMBERS, st.sampled_from(DecimalSign), st.booleans())
def test_written_number_is_never_read_as_another_without_knowing_the_sign(
    number: Any, sign: DecimalSign, grouped: bool
) -> None:
    parsed = parse_amount(written(number, sign=sign, grouped=grouped))
    if isinstance(parsed, Ambiguous):
        assert number in (parsed.as_comma, parsed.as_point)
    else:
        assert isinstance(parsed, Amount)
        assert parsed.number == number


@given(st.text(max_size=30) | st.text(alphabet="0123456789.,-+ %*€()<x\u00a0", max_size=15))
def test_any_text_has_an_outcome(text: str) -> None:
    for sign in (None, *DecimalSign):
        parsed = parse_amount(text, sign=sign)
        if isinstance(parsed, Amount):
            assert parsed.number.is_finite()
            assert any(digit in text for digit in "0123456789")
