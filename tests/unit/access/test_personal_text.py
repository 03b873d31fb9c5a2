"""Data of a person in a free text: what is found, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koersvast.access.personal_text import kinds_in, passes_eleven_test, personal_parts

# All invented: numbers that pass the tests of their form and belong to nobody.
FOUND = [
    ("email", "Mail naar j.de-vries+buurt@voorbeeld.nl over de avond."),
    ("email", "anna@sub.voorbeeld.example"),
    ("phone", "Bel 0612345678."),
    ("phone", "06-12345678"),
    ("phone", "06 12 34 56 78"),
    ("phone", "+31 6 12345678"),
    ("phone", "0031612345678"),
    ("phone", "+31 (0)38 1234567"),
    ("phone", "(0529) 12 34 56"),
    ("phone", "0529-123456, na zes uur"),
    ("bsn", "BSN 123456782"),
    ("bsn", "1112.22.333"),
    ("bsn", "(111222333)"),
    ("bsn", "123 456 782"),
    ("iban", "NL91ABNA0417164300"),
    ("iban", "NL91 ABNA 0417 1643 00 OP NAAM VAN"),
    ("iban", "BE68539007547034"),
]
PUBLIC = [
    "Melden kan op 0900-8844.",
    "Bel 0900 8844, of anoniem 0800-7000; bij spoed 112.",
    "0800 1234567 is gratis, 088-1234567 ook een dienst",
    "14 0529",
    "In 2019-2022 daalde het van 1.244 naar 1.013.",
    "Op 12-03-2024 en 12.03.2024 om 19.30 uur",
    "€ 123456782 begroot",
    "€ 123.456.782,00",
    "123456782 euro",
    "artikel 38b, eerste lid, Politiewet 2012; artikelen 172a en 151d Gemeentewet",
    "47022NED, 85146NED en taakveld 1.2",
    "CVDR697025/1",
    "zaak 2024-000123",
    "0,0612345678",
    "1234567890123",
    "NL2024 en NL91ABNA0417164301",
    "www.voorbeeld.nl/mijn-buurt en @gemeente",
    "8 tot 10 avonden in 5 kernen voor 28.500 inwoners",
    "GM0148, BU01480101, 7711 GA",
    "",
]


@pytest.mark.parametrize(("kind", "text"), FOUND)
def test_data_of_a_person_is_found(kind: str, text: str) -> None:
    assert kinds_in(text) == (kind,)


@pytest.mark.parametrize("text", PUBLIC)
def test_amounts_days_articles_and_public_numbers_are_let_through(text: str) -> None:
    assert kinds_in(text) == ()


def test_parts_say_where_they_stand() -> None:
    text = "Bel 06-12345678 of mail a@b.nl"
    assert [(part.kind, text[part.start : part.end]) for part in personal_parts(text)] == [
        ("phone", "06-12345678"),
        ("email", "a@b.nl"),
    ]


def eleven(first_eight: int) -> str | None:
    """The number with these eight digits that passes the test, worked out the other way round."""
    digits = f"{first_eight:08d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
    return f"{digits}{rest}" if rest < 10 else None


@given(st.integers(1, 99_999_999))
def test_every_number_that_passes_the_eleven_test_is_found_and_its_neighbour_is_not(first_eight: int) -> None:
    number = eleven(first_eight)
    if number is None:
        return
    assert passes_eleven_test(number)
    assert "bsn" in kinds_in(f"nr {number}.") or "phone" in kinds_in(f"nr {number}.")
    neighbour = f"{number[:8]}{(int(number[8]) + 1) % 10}"
    assert not passes_eleven_test(neighbour)
    assert "bsn" not in kinds_in(f"nr {neighbour}.")


@given(st.integers(10_000_000, 99_999_999), st.sampled_from(["", " ", "-", ". "]), st.text("abc .,;", max_size=8))
def test_every_mobile_number_is_found_however_it_is_written(number: int, gap: str, around: str) -> None:
    text = f"{around} 06{gap}{number} {around}"
    assert "phone" in kinds_in(text)


@given(st.text())
def test_any_text_is_read_and_its_parts_lie_within_it(text: str) -> None:
    for part in personal_parts(text):
        assert 0 <= part.start < part.end <= len(text)


@given(st.integers(0, 9_999_999), st.integers(0, 99))
def test_amounts_in_euros_are_never_taken_for_a_person(euro: int, cents: int) -> None:
    dotted = f"{euro:,}".replace(",", ".")
    assert kinds_in(f"€ {dotted},{cents:02d} en € {euro} en {euro} euro") == ()
