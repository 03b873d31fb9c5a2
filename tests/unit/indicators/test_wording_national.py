"""What is said when a national question cannot be answered, or a series has no trend."""

import pytest
from django.utils import translation

from koersvast.engine.quantities import Reason
from koersvast.engine.trends_batch import REASONS
from koersvast.indicators.wording.reasons import reason_sentence

PROBLEMS: dict[str, dict[str, str | int | float]] = {
    "amount_below_nought": {"amount": -3},
    "amount_too_large": {"amount": 3_000_000_000},
    "cell_twice": {"level": "wijk"},
    "cube_absent": {},
    "cube_damaged": {"level": "buurt"},
    "cube_name": {"name": "a/b"},
    "engine_unknown": {"name": "abacus", "known": "duckdb, polars"},
    "java_missing": {"version": "17"},
    "people_of_several_kinds": {"kinds": 3},
    "span_not_in_cube": {"periods_a_year": 12},
    "spark_missing": {"extra": "spark"},
}


@pytest.mark.parametrize(("code", "values"), [*PROBLEMS.items(), *((code, {}) for code in REASONS)])
def test_code_of_a_national_question_has_a_sentence_in_both_languages(
    code: str, values: dict[str, str | int | float]
) -> None:
    said = {}
    for language in ("en", "nl"):
        with translation.override(language):
            said[language] = reason_sentence(Reason(code=code, values=values))
    assert said["en"] != said["nl"]
    for sentence in said.values():
        assert sentence.endswith(".")
        assert "{" not in sentence


def test_values_stand_in_the_sentence() -> None:
    with translation.override("nl"):
        said = reason_sentence(Reason(code="amount_too_large", values=PROBLEMS["amount_too_large"]))
    assert "3.000.000.000" in said
