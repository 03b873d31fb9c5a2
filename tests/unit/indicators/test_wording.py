"""Numbers are written the Dutch way in one place, and every code has a sentence in both languages."""

import string
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from koersvast.connectors.problems import CODES as FILE_CODES
from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, Method, Reading, Unit
from koersvast.engine.trend import judge_change
from koersvast.indicators import wording
from koersvast.indicators.matching import CODES as REGISTER_CODES
from koersvast.indicators.wording.problems import SENTENCES, WORDS

VALUES: dict[str, tuple[str, ...]] = {
    # The sentences for survey files (M) are those of the surveys, a floor higher.
    **{code: outcome.values for code, outcome in FILE_CODES.items() if not code.startswith("M")},
    **{code: values for code, (_, values) in REGISTER_CODES.items()},
}


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "dutch", "english"),
    [
        (61, Unit.PERCENT, 0, "61\u00a0%", "61%"),
        (7.4, Unit.MARK_1_10, 1, "7,4", "7.4"),
        (Decimal(7), Unit.SCALE_0_10, 1, "7,0", "7.0"),
        (1244, Unit.COUNT, 0, "1.244", "1,244"),
        (12500, Unit.EURO, 0, "€\u00a012.500", "€12,500"),
        (-4, Unit.INDEX, 0, "−4", "−4"),
        (Decimal("-0.2"), Unit.INDEX, 0, "0", "0"),
    ],
)
def test_amount_is_written_as_the_reader_expects(
    value: Decimal | float, unit: Unit, decimals: int, dutch: str, english: str
) -> None:
    assert wording.format_amount(value, unit, decimals, language="nl") == dutch
    assert wording.format_amount(value, unit, decimals, language="en") == english


def test_difference_of_percentages_is_in_points() -> None:
    with override("nl"):
        assert wording.format_difference(-2.0, Unit.PERCENT, 0) == "−2 procentpunt"
        assert wording.format_difference(31, Unit.COUNT, 0) == "+31"


def test_table_of_sentences_is_complete() -> None:
    assert set(SENTENCES) == set(VALUES)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", sorted(VALUES))
def test_sentence_of_a_code_uses_only_values_that_it_has(code: str, language: str) -> None:
    with override(language):
        for part in SENTENCES[code]:
            used = {name for _, name, _, _ in string.Formatter().parse(str(part)) if name}
            assert used <= set(VALUES[code])
        sample: dict[str, Any] = {
            name: "2018-03-01" if name in {"as_of", "known_as_of", "on"} else 2 for name in VALUES[code]
        }
        sample |= {"missing": "not_known"} if "missing" in sample else {}
        made = wording.worded(code, sample, line=7, column="C")
        assert "{" not in made.sentence
        assert made.place == {"nl": "Regel 7, kolom C", "en": "Line 7, column C"}[language]
        assert made.text.endswith(".")


def test_word_for_a_reason_is_dutch_in_a_dutch_sentence() -> None:
    with override("en"):
        english = {code: str(word) for code, word in WORDS.items()}
    with override("nl"):
        assert [code for code, word in WORDS.items() if str(word) == english[code]] == []


def change_between(earlier: int, later: int, *, unit: Unit = Unit.COUNT, n: int | None = None) -> Any:
    first, last = (
        Reading(period=Period.parse(code), value=value, unit=unit, respondents=n)
        for code, value in (("2014", earlier), ("2017", later))
    )
    return judge_change(first, last, direction=Direction.LOWER_IS_BETTER)


def test_fall_is_worded_with_how_often_chance_would_do_it() -> None:
    with override("nl"):
        said = wording.change_sentence("Woninginbraken", change_between(71, 40), decimals=0)
    assert said == (
        "Woninginbraken: van 71 in 2014 naar 40 in 2017. Dat is een aantoonbare daling, dus een verbetering. "
        "Bij een gelijk gebleven risico komt een verschil van deze grootte of meer in 3 van de 1.000 gevallen voor."
    )


def test_noise_is_not_called_a_change() -> None:
    with override("nl"):
        said = wording.change_sentence("Geluidsoverlast", change_between(76, 82), decimals=0)
    assert "Dat is geen aantoonbare verandering." in said
    assert "63 van de 100 gevallen" in said


def test_survey_change_speaks_of_surveys() -> None:
    with override("nl"):
        said = wording.change_sentence("Te hard rijden", change_between(63, 61, unit=Unit.PERCENT, n=1244), decimals=0)
    assert "van 63\u00a0% in 2014 naar 61\u00a0% in 2017" in said
    assert "30 van de 100 enquêtes" in said


def test_change_without_margin_is_left_open() -> None:
    with override("nl"):
        said = wording.change_sentence("Te hard rijden", change_between(63, 61, unit=Unit.PERCENT), decimals=0)
    assert said.endswith("Of dit een echte verandering is, is niet te zeggen, omdat de marge niet bekend is.")


@pytest.mark.parametrize(
    ("p_value", "words"),
    [(0.00001, "minder dan 1 van de 1.000"), (0.0032, "3 van de 1.000"), (0.05, "5 van de 100"), (0.3, "30 van de 100"),
     (0.0499, "5 van de 100"), (0.999, "100 van de 100")],
)  # fmt: skip
def test_chance_is_a_natural_frequency(p_value: float, words: str) -> None:
    with override("nl"):
        assert wording.how_often(p_value) == words


def test_method_has_a_name_and_a_version() -> None:
    with override("nl"):
        assert wording.method_name(Method(name="survey-share", version="1")).endswith("(Wilson), versie 1")
        assert wording.format_day(date(2018, 3, 1)) == "1 maart 2018"
