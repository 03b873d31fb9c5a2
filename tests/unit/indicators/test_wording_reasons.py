"""Every reason that a calculation on figures gives has a sentence, in both languages and without loose ends."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from koersvast.engine.quantities import Missing, Reason
from koersvast.indicators.wording import comparisons, reasons
from koersvast.indicators.wording.numbers import format_periods

ENGINE = Path(__file__).parents[3] / "src" / "koersvast" / "engine"
VALUES: dict[str, float | int | str] = {
    "amount": -3, "extra": "spark", "level": "buurt", "name": "kubus", "periods_a_year": 12, "version": 17,
    "absent": 2, "cautious_p_value": 0.08, "design_effect": 1.5, "earlier": 1, "events": 3.4, "factor": 1.1,
    "factor_se": 0.1, "inhabitants": 40, "kind": "mode", "kinds": "1.1.1, 1.2.3", "known": 12, "later": 2,
    "left_out": 1, "years": 9, "needed": 4, "note": "", "of": "2013, 2014", "on": "2021-01-01", "p_value": 0.03,
    "period": "2017", "periods": 4, "periods_known": 2, "periods_needed": 4, "phi": 2.1, "points": 3,
    "respondents": 1244, "share": 0.6, "source": "Voorbeeld", "start": "2021-07", "year": 2016, "years_ahead": 5,
    "years_known": 3,
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(reasons.SENTENCES))
def test_reason_is_a_whole_sentence_of_its_own_in_each_language(code: str) -> None:
    said = dict[str, str]()
    for language in ("nl", "en"):
        with translation.override(language):
            said[language] = reasons.reason_sentence(Reason(code=code, values=VALUES))
        assert said[language].endswith(".")
        assert "{" not in said[language]
    assert said["nl"] != said["en"]


def test_reason_of_every_calculation_on_figures_has_words() -> None:
    """Codes are read from the source: a new one without words shows here, not on a council's screen."""
    # Targets are refused in the words of a plan, one floor up; calculations on respondents speak in `surveys.wording`.
    elsewhere = ("targets.py", "wave_planning.py", "weighting.py")
    files = [
        path for path in ENGINE.glob("*.py") if path.name not in elsewhere and not path.name.startswith("disclosure")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    given = set(re.findall(r'(?:code=|_not_estimable\(\s*|code = )"([a-z_]+)"', text))
    given |= set(re.findall(r'else "([a-z]+_unknown)"', text)) | {missing.value for missing in Missing}
    assert len(given) > 70
    worded = {code for code in given if comparisons.knows_reason(Reason(code=code))} | set(reasons.SENTENCES)
    assert given - worded == set()


def test_years_and_numbers_within_a_reason_are_written_as_people_do() -> None:
    with translation.override("nl"):
        weights = reasons.reason_sentence(Reason(code="weights_are_a_judgement", values=VALUES))
        small = reasons.reason_sentence(Reason(code="too_small_to_colour", values={"inhabitants": 1240.0}))
        share = reasons.reason_sentence(Reason(code="one_kind_dominates", values=VALUES))
    assert weights.endswith("Voorbeeld, 2016.")
    assert "1.240 inwoners" in small
    assert "60\u00a0%" in share


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["2013", "2014", "2015"], "2013 tot en met 2015"),
        (["2013", "2014"], "2013, 2014"),
        (["2013", "2015", "2017"], "2013, 2015, 2017"),
        (["2019-Q1", "2019-Q2", "2019-Q3"], "2019-Q1, 2019-Q2, 2019-Q3"),
    ],
)
def test_years_that_follow_one_another_are_said_as_a_range(codes: list[str], said: str) -> None:
    with translation.override("nl"):
        assert format_periods(codes) == said
